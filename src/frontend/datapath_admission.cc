// How clients are refused: what admission decided, as they see it.
#include "frontend/datapath.h"

namespace dotkeep::frontend {

using admission::Action;
using admission::Reason;

void DataPath::count_admitted(const Client& client, const admission::Decision& decision) {
  if (ledger_ != nullptr) ledger_->passed(client.listener);
  if (decision.cookie) ++counters_->verified;
}

bool DataPath::carry_out(const admission::Decision& decision,
                         const std::expected<dns::Query, dns::Rejection>& message,
                         const Client& client, std::size_t query_size) {
  switch (decision.action) {
    case Action::reject:
      return reject(message.error(), client, query_size);
    case Action::truncate:
      turn_away(*message, client, dns::Rcode::noerror, decision.reason);
      return true;
    case Action::bad_cookie:
      turn_away(*message, client, dns::Rcode::badcookie, decision.reason);
      return true;
    case Action::refuse:
      refuse(*message, client, dns::Rcode::refused, decision.reason);
      return true;
    case Action::local:
      counters_->refuse(transport_of(client), decision.reason);
      if (ledger_ != nullptr) ledger_->answered_here(client.listener, decision.reason);
      return answer_here(*message, client, decision.special);
    case Action::silence:
    case Action::pass:
      break;
  }
  count_refusal(client, decision.reason);
  return false;
}

void DataPath::count_refusal(const Client& client, Reason reason) {
  counters_->refuse(transport_of(client), reason);
  if (ledger_ != nullptr) ledger_->refused(client.listener, reason, client.ip);
}

bool DataPath::answer_here(const dns::Query& query, const Client& client,
                           const admission::SpecialName& special) {
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return false;
  admission::LocalRecords memory;
  const dns::Reply reply = admission::answer_special(query.question, special, memory);
  const dns::Ede why = admission::explain(Reason::special_name);
  dns::ResponseOptions options = options_for(query, client);
  options.edes = {&why, 1};
  outlet_->commit_response(client, dns::render_response(query, reply, options, out));
  return true;
}

bool DataPath::reject(const dns::Rejection& rejection, const Client& client,
                      std::size_t query_size) {
  ++counters_->rejections[static_cast<std::size_t>(rejection.kind)];
  if (ledger_ != nullptr) ledger_->rejected(client.listener, rejection.kind);
  if (rejection.silent()) return false;
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return false;
  const std::size_t size = dns::render_rejection(rejection, transport_of(client), query_size, out);
  if (size == 0) return false;
  outlet_->commit_response(client, size);
  return true;
}

void DataPath::refuse(const dns::Query& query, const Client& client, dns::Rcode rcode,
                      Reason reason) {
  count_refusal(client, reason);
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return;
  const dns::Ede ede = admission::explain(reason);
  dns::ResponseOptions options = options_for(query, client);
  options.edes = {&ede, 1};
  // Who may be forged gets no octet more than it sent; but for an answer that was fetched, and is
  // withheld, its reason is the point.
  options.spare = !client.proven && reason != Reason::rebinding;
  outlet_->commit_response(client, dns::render_error(query, rcode, options, out));
}

void DataPath::turn_away(const dns::Query& query, const Client& client, dns::Rcode rcode,
                         Reason reason) {
  count_refusal(client, reason);
  const MutableOctets out = outlet_->begin_response(client);
  if (out.empty()) return;
  // No EDE: not an octet more than what may have been forged.
  dns::ResponseOptions options;
  options.transport = transport_of(client);
  options.truncate = rcode == dns::Rcode::noerror;
  if (rcode == dns::Rcode::badcookie) options.cookie = admission_->cookie_for(client.ip, query);
  outlet_->commit_response(client, dns::render_error(query, rcode, options, out));
}

void DataPath::refuse_all(PendingQuery& pending, Reason reason, Time now) {
  while (!pending.waiting.empty()) {
    const Waiter& waiter = waiters_.first(pending.waiting);
    refuse(waiter.query, waiter.client, dns::Rcode::refused, reason);
    admission_->error_answer({waiter.client.ip, transport_of(waiter.client)}, waiter.client.proven,
                             now);
    clients_.remove(waiter.client.ip);
    waiters_.leave(pending.waiting);
  }
}

}  // namespace dotkeep::frontend

// One message of a client through every rule of admission: a response is never answered, a refusal
// over UDP is no longer than its query, and what is answered here is in the zone that it names.
#include "admission/admission.h"

#include <array>

#include "admission/rebinding.h"
#include "dns/render.h"
#include "fuzz.h"

namespace {

using namespace dotkeep;  // NOLINT(google-build-using-namespace)
using admission::Action;

std::array<admission::RateTable::Word, 64> words;  // few, so that they are crowded
std::atomic<std::uint64_t> unverified;
std::atomic<std::uint64_t> flood_until;

admission::Admission& subject() {
  static admission::Admission made = [] {
    admission::Settings settings;
    settings.rate = 5;
    settings.burst = 5;
    settings.slip = 2;
    settings.cookies = admission::Cookies::require_under_attack;
    settings.flood = 1000;
    return admission::Admission({words, {1, 2}, {3, 4}, {}, &unverified, &flood_until}, settings);
  }();
  return made;
}

void check_here(const dns::Query& query, const admission::SpecialName& special) {
  admission::LocalRecords memory;
  const dns::Reply reply = admission::answer_special(query.question, special, memory);
  FUZZ_CHECK(reply.answers + reply.authorities == 1);
  dns::RecordReader records(reply.packed);
  const auto record = records.next();
  FUZZ_CHECK(record && !records.next());
  FUZZ_CHECK(query.question.name.is_within(dns::Name::trusted(record->owner)));
  FUZZ_CHECK(reply.rcode == dns::Rcode::noerror || record->type == dns::Type::SOA);
  // It is as private as it looks: only localhost has addresses.
  FUZZ_CHECK(!admission::has_private_address(reply) ||
             special.special == admission::Special::localhost);
  std::array<std::uint8_t, dns::kUdpPayload> out{};
  const std::size_t size = dns::render_response(query, reply, {}, out);
  FUZZ_CHECK(size >= dns::kHeaderSize &&
             size <= dns::response_limit(query.edns, dns::Transport::udp));
}

void check_turned_away(const dns::Query& query, const admission::Decision& decision,
                       std::size_t query_size) {
  std::array<std::uint8_t, dns::kUdpPayload> out{};
  dns::ResponseOptions options;
  const bool cookie = decision.action == Action::bad_cookie;
  options.truncate = !cookie;
  if (cookie) options.cookie = subject().cookie_for(IpAddress{}, query);
  const auto rcode = cookie ? dns::Rcode::badcookie : dns::Rcode::noerror;
  const std::size_t size = dns::render_error(query, rcode, options, out);
  FUZZ_CHECK(size != 0 && size <= query_size);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Time now{std::chrono::hours(1)};
  static std::uint8_t host = 0;
  now += std::chrono::milliseconds(1);
  const Octets octets(data, size);
  const auto message = dns::parse_query(octets);
  IpAddress client;
  client.octets = {10, 0, 0, ++host};
  for (const auto transport : {dns::Transport::udp, dns::Transport::tcp}) {
    const auto decision = subject().decide({client, transport, host % 8 == 0}, message, size, now);
    if (!message && message.error().silent()) FUZZ_CHECK(decision.action == Action::reject);
    FUZZ_CHECK(message || decision.action == Action::reject || decision.action == Action::silence);
    FUZZ_CHECK(
        !(decision.action == Action::silence && transport == dns::Transport::tcp && message));
    if (decision.action == Action::local) check_here(*message, decision.special);
    if (decision.action == Action::truncate || decision.action == Action::bad_cookie) {
      FUZZ_CHECK(transport == dns::Transport::udp);
      check_turned_away(*message, decision, size);
    }
    if (decision.action == Action::pass) {
      static_cast<void>(
          subject().decide_miss({client, transport}, message->question.name, decision.proven, now));
      subject().no_such_name(message->question.name, std::nullopt, now);
      subject().error_answer({client, transport}, decision.proven, now);
    }
  }
  return 0;
}

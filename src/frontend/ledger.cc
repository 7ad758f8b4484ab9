#include "frontend/ledger.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <span>
#include <string>

#include "base/log.h"

namespace dotkeep::frontend {
namespace {

// Leading bits of an address that a log may keep.
constexpr unsigned kShown4 = 16;
constexpr unsigned kShown6 = 32;

std::string text_of(const IpAddress& ip) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  ::inet_ntop(ip.family == 4 ? AF_INET : AF_INET6, ip.octets.data(), text.data(), text.size());
  return text.data();
}

std::string text_of(const admission::Place& place) {
  const std::string ip = text_of(place.ip);
  return (place.ip.family == 4 ? ip : "[" + ip + "]") + ":" + std::to_string(place.port);
}

void put(std::span<char> field, std::string_view text) {
  std::ranges::fill(field, '\0');
  std::memcpy(field.data(), text.data(), std::min(text.size(), field.size() - 1));
}

}  // namespace

Ledger::Ledger(ipc::CounterPage& page, const std::vector<Listening>& listeners)
    : page_(&page), sketch_(page), before_(page.refused) {
  page.verdict_names = {};
  put(page.verdict_names[0], "passed");
  for (std::size_t i = 0; i < admission::kReasons; ++i) {
    put(page.verdict_names[kFirstReason + i],
        "refused." + std::string(to_string(static_cast<admission::Reason>(i))));
  }
  for (std::size_t i = 0; i < dns::kRejectionKinds; ++i) {
    put(page.verdict_names[kFirstRejection + i],
        "rejected." + std::string(dns::to_string(static_cast<dns::RejectionKind>(i))));
  }
  page.verdicts = kVerdicts;
  for (std::size_t i = 0; i < ipc::kCountedListeners; ++i) {
    ipc::ListenerCounts& counts = page.listeners[i];
    const bool is_one = i < listeners.size() && listeners[i].at.port != 0;
    const bool shared = i + 1 == ipc::kCountedListeners && i + 1 < listeners.size();
    put(counts.at, shared ? "others" : is_one ? text_of(listeners[i].at) : "");
    counts.tcp = is_one && !shared && listeners[i].tcp ? 1 : 0;
  }
}

void Ledger::refused(std::size_t listener, admission::Reason reason, const IpAddress& client) {
  answered_here(listener, reason);
  ++since_[static_cast<std::size_t>(reason)];
  sketch_.count(client);
}

void Ledger::answered_here(std::size_t listener, admission::Reason reason) {
  ++values(listener)[kFirstReason + static_cast<std::size_t>(reason)];
}

void Ledger::rejected(std::size_t listener, dns::RejectionKind kind) {
  ++values(listener)[kFirstRejection + static_cast<std::size_t>(kind)];
}

bool Ledger::take_summary(Time now, Summary& summary) {
  const bool first = last_line_ == Time::min();
  if (!first && now - last_line_ < kSummaryEvery) return false;
  summary = {};
  summary.refused = std::accumulate(since_.begin(), since_.end(), std::uint64_t{0});
  if (summary.refused == 0) return false;
  const auto most = std::ranges::max_element(since_);
  summary.most = static_cast<admission::Reason>(most - since_.begin());
  summary.of_most = *most;
  summary.seconds =
      first ? 0
            : static_cast<std::uint64_t>(
                  std::chrono::duration_cast<std::chrono::seconds>(now - last_line_).count());
  // Of each prefix, how often since the last line; one that has come since may owe its count to
  // those whose place it has.
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < page_->refused.size(); ++i) {
    const ipc::RefusedPrefix& entry = page_->refused[i];
    const ipc::RefusedPrefix& old = before_[i];
    const bool same = entry.family == old.family && entry.address == old.address;
    const std::uint64_t since = entry.count - (same ? old.count : entry.error);
    if (entry.family == 0 || since <= largest) continue;
    largest = since;
    summary.prefix = entry;
  }
  before_ = page_->refused;
  since_ = {};
  last_line_ = now;
  return true;
}

void log_summary(const Ledger::Summary& s) {
  const bool v4 = s.prefix.family == 4;
  const unsigned shown = std::min<unsigned>(s.prefix.length, v4 ? kShown4 : kShown6);
  const std::string prefix =
      s.prefix.family == 0 ? std::string("?")
                           : text_of(IpAddress{s.prefix.family, s.prefix.address}.prefix(shown)) +
                                 "/" + std::to_string(shown);
  log::info("clients were refused", {{"queries", s.refused},
                                     {"seconds", s.seconds},
                                     {"most_for", to_string(s.most)},
                                     {"of_these", s.of_most},
                                     {"most_from", prefix}});
}

}  // namespace dotkeep::frontend

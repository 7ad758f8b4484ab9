#include "upstream/table.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/random.h"
#include "base/siphash.h"
#include "upstream/queries.h"

namespace dotkeep::upstream {
namespace {

tls::PostQuantum post_quantum(config::PostQuantum value) {
  switch (value) {
    case config::PostQuantum::require:
      return tls::PostQuantum::require;
    case config::PostQuantum::off:
      return tls::PostQuantum::off;
    case config::PostQuantum::prefer:
      break;
  }
  return tls::PostQuantum::prefer;
}

tls::Identity identity_of(const config::Upstream& upstream, tls::ClockTrust* clock) {
  const bool report = upstream.pin_mode == config::PinMode::report;
  const bool require = upstream.ocsp == config::Ocsp::require;
  return {upstream.name,
          upstream.pins,
          post_quantum(upstream.post_quantum),
          report ? tls::PinMode::report : tls::PinMode::enforce,
          require ? tls::Ocsp::require : tls::Ocsp::must_staple,
          clock};
}

bool same(const Entry& a, const Entry& b) {
  const config::Upstream& u = a.upstream;
  const config::Upstream& v = b.upstream;
  // With pins alone no anchor is looked at.
  const bool same_trust = u.name.empty() || a.trust->digest == b.trust->digest;
  return u.endpoint == v.endpoint && u.name == v.name && u.pins == v.pins &&
         u.post_quantum == v.post_quantum && u.pin_mode == v.pin_mode && u.ocsp == v.ocsp &&
         a.identity.clock == b.identity.clock && same_trust;
}

}  // namespace

std::uint64_t digest_of(std::string_view ca_pem) {
  static const SipKey key = [] {
    Random random;
    return SipKey{random.u64(), random.u64()};
  }();
  return siphash(key, Octets(reinterpret_cast<const std::uint8_t*>(ca_pem.data()), ca_pem.size()));
}

std::expected<std::shared_ptr<const Trust>, std::string> make_trust(std::string_view ca_pem,
                                                                    std::uint64_t digest) {
  auto context = tls::Context::create(ca_pem);
  if (!context) return std::unexpected(context.error());
  return std::make_shared<const Trust>(Trust{std::move(*context), digest});
}

Table make_table(const config::Config& config, const std::shared_ptr<const Trust>& trust,
                 tls::ClockTrust* clock) {
  Table table;
  if (config.tls.clock == config::Clock::trusted) clock = nullptr;
  for (const config::Upstream& upstream : config.upstreams) {
    table.push_back(std::make_shared<const Entry>(
        Entry{upstream, upstream.endpoint.to_text(), identity_of(upstream, clock), trust,
              std::make_shared<Tickets>(), std::make_shared<PinSeen>()}));
  }
  return table;
}

std::vector<std::uint8_t> kept(const Table& before, const Table& now) {
  std::vector<std::uint8_t> numbers(now.size(), kNoServer);
  std::array<bool, config::kMaxUpstreams> taken{};
  for (std::size_t i = 0; i < now.size(); ++i) {
    for (std::size_t j = 0; j < before.size(); ++j) {
      if (taken[j] || !same(*before[j], *now[i])) continue;
      taken[j] = true;
      numbers[i] = static_cast<std::uint8_t>(j);
      break;
    }
  }
  return numbers;
}

std::vector<Standing> standings(const Table& table) {
  std::vector<Standing> list;
  for (const auto& entry : table) {
    list.push_back({static_cast<std::uint16_t>(entry->upstream.weight),
                    static_cast<std::uint8_t>(entry->upstream.priority)});
  }
  return list;
}

void pass_on_tickets(const Table& before, const std::vector<std::uint8_t>& kept, Table& now) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (kept[i] == kNoServer) continue;
    Entry entry = *now[i];
    entry.tickets = before[kept[i]]->tickets;
    entry.pin_seen = before[kept[i]]->pin_seen;
    now[i] = std::make_shared<const Entry>(std::move(entry));
  }
}

}  // namespace dotkeep::upstream

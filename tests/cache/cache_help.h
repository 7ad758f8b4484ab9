// Questions and replies for tests of the cache.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cache/answer.h"
#include "cache/cache.h"
#include "cache/file.h"
#include "dns/reply.h"
#include "tests/dns/reply_message.h"

namespace dotkeep::cache::testing {

using dns::testing::ReplyMessage;

inline constexpr SipKey kSecret{3, 4};
inline constexpr Seconds kStart = kSecondsOffset + 1000;

inline dns::Question question(std::string_view name, dns::Type type = dns::Type::A) {
  return {dns::Name::from_text(name).value(), type};
}
inline Key key(std::string_view name, dns::Type type = dns::Type::A) {
  return {question(name, type), false, false};
}

// What a policy without objections says.
inline const File::Allows kAll = [](const auto&, const auto&) { return true; };

struct Kitchen {
  explicit Kitchen(std::size_t octets = 1 << 20, const Limits& with = {})
      : limits(with), cache(octets, limits, kSecret) {}

  // What upstreams say, checked as the frontend does it.
  Packed pack(const ReplyMessage& message) {
    const Bytes octets = message.bytes();
    const auto reply = dns::check_reply(message.asked, octets, *scratch).value();
    return packer.pack(message.asked.question, reply, limits).value();
  }
  void store(const ReplyMessage& message, Seconds now = kStart) {
    const Packed packed = pack(message);
    cache.store({message.asked.question, message.asked.dnssec_ok, message.asked.checking_disabled},
                packed, now);
  }
  void store_a(const std::string& name, std::uint32_t ttl = 300, Seconds now = kStart) {
    store(ReplyMessage(name).a(name, ttl), now);
  }
  // The answer to a client, or nothing.
  Bytes ask(std::string_view name, Seconds now = kStart, dns::Type type = dns::Type::A) {
    const Found found = cache.find(key(name, type), Moment(now));
    if (found.state == State::none) return {};
    dns::Query query;
    query.question = question(name, type);
    dns::ResponseOptions options;
    options.transport = dns::Transport::tcp;
    Bytes out(65535);
    out.resize(cache.render(found, now, query, options, out));
    return out;
  }

  Limits limits;
  Cache cache;
  Packer packer;
  dns::ReplyScratchPtr scratch = dns::make_reply_scratch();
};

}  // namespace dotkeep::cache::testing

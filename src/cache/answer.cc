#include "cache/answer.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "dns/edns.h"
#include "dns/header.h"

namespace dotkeep::cache {
namespace {

std::size_t opt_size(const dns::ClientEdns& edns, const dns::ResponseOptions& options) {
  std::size_t size = dns::kOptSize;
  if (options.cookie) size += dns::kOptionHeaderSize + options.cookie->size;
  if (options.keepalive && edns.asks_keepalive) size += dns::kOptionHeaderSize + 2;
  return size;
}

std::uint32_t load_u32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

void write_ttls(const Value& value, const Aged& aged, MutableOctets body) {
  for (std::size_t i = 0; i + 1 < value.ttls.size(); i += 2) {
    const auto at = static_cast<std::size_t>(value.ttls[i] << 8 | value.ttls[i + 1]);
    if (at + 4 > body.size()) return;
    const Seconds whole = load_u32(&body[at]);
    const Seconds left = aged.stale ? kStaleTtl : whole - std::min(whole, aged.age);
    body[at] = static_cast<std::uint8_t>(left >> 24);
    body[at + 1] = static_cast<std::uint8_t>(left >> 16);
    body[at + 2] = static_cast<std::uint8_t>(left >> 8);
    body[at + 3] = static_cast<std::uint8_t>(left);
  }
}

// What lies in a record from its TTL to the end of an address.
std::size_t block_size(dns::Type type) {
  return 6 + (type == dns::Type::A ? 4U : 16U);
}

// Whether the record whose TTL is at `at` in the body is of the type that was asked, as it should
// be.
bool is_address(Octets body, std::size_t at, dns::Type type) {
  if (at < 4 || at + block_size(type) > body.size()) return false;
  const auto number = static_cast<std::uint16_t>(type);
  return body[at - 4] == number >> 8 && body[at - 3] == (number & 0xff) && body[at + 4] == 0 &&
         body[at + 5] == block_size(type) - 6;
}

std::size_t ttl_at(const Value& value, std::size_t record) {
  return static_cast<std::size_t>(value.ttls[2 * record] << 8 | value.ttls[2 * record + 1]);
}

// The addresses in `body`, a copy of the value's: each record gets TTL and RDATA of the one that is
// `turn` places further. All are equally long, so nothing else moves and no pointer changes.
void rotate(const Value& value, dns::Type type, std::uint32_t turn, MutableOctets body) {
  if (type != dns::Type::A && type != dns::Type::AAAA) return;
  std::size_t addresses = 0;
  for (std::size_t i = 0; i < value.answers; ++i) {
    if (is_address(value.body, ttl_at(value, i), type)) ++addresses;
  }
  if (addresses < 2) return;
  std::size_t from = 0;  // walks ahead of `to`, and goes round
  const auto next_address = [&](std::size_t record) {
    while (!is_address(value.body, ttl_at(value, record % value.answers), type)) ++record;
    return record;
  };
  for (std::size_t left = turn % addresses; left > 0; --left) from = next_address(from) + 1;
  for (std::size_t to = 0; addresses > 0; --addresses, ++to, ++from) {
    to = next_address(to);
    from = next_address(from);
    const Octets block = value.body.subspan(ttl_at(value, from % value.answers), block_size(type));
    std::memcpy(&body[ttl_at(value, to)], block.data(), block.size());
  }
}

dns::Header header_for(const dns::Query& query, const Value& value, bool stale, bool whole) {
  const bool understands_ad = query.authentic_data || (query.edns && query.edns->dnssec_ok);
  return {.id = query.id,
          .flags = static_cast<std::uint16_t>(
              dns::kFlagResponse | dns::kFlagRecursionAvailable | dns::rcode_bits(value.rcode) |
              dns::flag_if(query.recursion_desired, dns::kFlagRecursionDesired) |
              dns::flag_if(query.checking_disabled, dns::kFlagCheckingDisabled) |
              dns::flag_if(!whole, dns::kFlagTruncated) |
              dns::flag_if(whole && !stale && value.authentic && understands_ad,
                           dns::kFlagAuthenticData)),
          .questions = 1,
          .answers = whole ? value.answers : std::uint16_t{0},
          .authorities = whole ? value.authorities : std::uint16_t{0},
          .additionals = static_cast<std::uint16_t>(query.edns ? 1 : 0)};
}

}  // namespace

std::size_t render_answer(const dns::Query& query, const Value& value, const Aged& aged,
                          const dns::ResponseOptions& options, MutableOctets out) {
  const std::size_t limit =
      std::min(out.size(), dns::response_limit(query.edns, options.transport));
  const std::size_t question = dns::kHeaderSize + query.question.name.size() + 4;
  const std::size_t reserved = query.edns ? opt_size(*query.edns, options) : 0;
  const bool whole = !options.truncate && question + value.body.size() + reserved <= limit;

  Writer message(out.first(limit));
  header_for(query, value, aged.stale, whole).write(message);
  dns::write_question(message, query.question);
  if (whole) {
    message.octets(value.body);
    if (message.ok()) {
      const MutableOctets body = out.subspan(question, value.body.size());
      if (aged.turn != 0) rotate(value, query.question.type, aged.turn, body);
      write_ttls(value, aged, body);
    }
  }
  if (query.edns && value.ede_count == 0) {  // without their memory, which would be zeroed first
    dns::write_client_opt(message, *query.edns, value.rcode, options, {}, limit);
  } else if (query.edns) {
    std::array<dns::Ede, dns::kMaxEdes> edes;
    const std::size_t count = value.read_edes(edes);
    dns::write_client_opt(message, *query.edns, value.rcode, options, std::span(edes).first(count),
                          limit);
  }
  return message.ok() ? message.size() : 0;
}

}  // namespace dotkeep::cache

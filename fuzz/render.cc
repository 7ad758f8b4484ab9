// What check_reply believes and render_response writes is believed again, and is the same: nothing
// is lost or gained on the way to a client, and our compressor writes what our parser reads.
#include "dns/render.h"

#include <algorithm>
#include <array>
#include <vector>

#include "dns/name_view.h"
#include "dns/rdata.h"
#include "fuzz.h"

namespace dotkeep::dns {
namespace {

// Octet for octet, but for the case of names that the compressor may have taken from elsewhere.
void check_same(Octets first, Octets second) {
  RecordReader a(first);
  RecordReader b(second);
  for (;;) {
    const auto left = a.next();
    const auto right = b.next();
    FUZZ_CHECK(left.has_value() == right.has_value());
    if (!left) return;
    FUZZ_CHECK(same_name(left->owner, right->owner));
    FUZZ_CHECK(left->type == right->type && left->ttl == right->ttl);
    std::array<std::uint8_t, kMaxCompressible> space_a{};
    std::array<std::uint8_t, kMaxCompressible> space_b{};
    FUZZ_CHECK(std::ranges::equal(fold_names(form_of(left->type), left->rdata, space_a),
                                  fold_names(form_of(right->type), right->rdata, space_b)));
  }
}

void run(const std::uint8_t* data, std::size_t size) {
  static const ReplyScratchPtr scratch = make_reply_scratch();
  static const ReplyScratchPtr again = make_reply_scratch();
  static std::array<std::uint8_t, kMaxMessage> out;
  static std::array<std::uint8_t, kMaxMessage> out_again;
  if (size < 1 + kHeaderSize) return;
  const Octets message(data + 1, size - 1);
  Asked asked;
  asked.id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
  asked.dnssec_ok = (data[0] & 1) != 0;
  Reader reader(message.subspan(kHeaderSize));
  Query query;
  if (const auto name = Name::parse(reader)) query.question.name = *name;
  if (const auto type = reader.u16()) query.question.type = static_cast<Type>(*type);
  asked.question = {query.question.name.lower(), query.question.type};
  query.id = asked.id;
  query.authentic_data = true;
  if ((data[0] & 2) != 0) {
    query.edns.emplace();
    query.edns->payload = 1232;
    query.edns->dnssec_ok = asked.dnssec_ok;
  }

  const auto reply = check_reply(asked, message, *scratch);
  if (!reply) return;
  const ResponseOptions over_tcp{
      .transport = Transport::tcp, .edes = {}, .keepalive = {}, .cookie = {}};
  const std::size_t written = render_response(query, *reply, over_tcp, out);
  FUZZ_CHECK(written >= kHeaderSize);
  const Octets rendered = Octets(out).first(written);
  if ((rendered[2] & 2) != 0) return;  // a reply that 64 KiB cannot hold with our compression
  const auto second = check_reply(asked, rendered, *again);
  FUZZ_CHECK(second.has_value());
  FUZZ_CHECK(second->rcode == reply->rcode && second->answers == reply->answers &&
             second->authorities == reply->authorities &&
             second->authentic_data == reply->authentic_data);
  check_same(reply->packed, second->packed);
  if (query.edns) FUZZ_CHECK(second->ede_count == reply->ede_count);
  FUZZ_CHECK(render_response(query, *second, over_tcp, out_again) == written);
  FUZZ_CHECK(std::ranges::equal(rendered, Octets(out_again).first(written)));

  // Whatever the limit, it is kept, and the message is whole or says that it is cut.
  const std::size_t limit = 12 + 300 + data[0];
  const ResponseOptions over_udp{.edes = {}, .keepalive = {}, .cookie = {}};
  const std::size_t small = render_response(query, *reply, over_udp, std::span(out).first(limit));
  FUZZ_CHECK(small <= limit && small >= kHeaderSize);
  const auto third = check_reply(asked, Octets(out).first(small), *again);
  FUZZ_CHECK(third || third.error() == ReplyFault::truncated_flag);
}

}  // namespace
}  // namespace dotkeep::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dotkeep::dns::run(data, size);
  return 0;
}

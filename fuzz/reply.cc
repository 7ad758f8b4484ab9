// check_reply on anything. The question is taken from the message itself so that what follows is
// reached; the first octet chooses what else was asked.
#include "dns/reply.h"

#include <algorithm>

#include "dns/name_view.h"
#include "fuzz.h"

namespace dotkeep::dns {
namespace {

// Everything that was kept is well formed, owned by someone plausible and counted.
void check(const Asked& asked, const Reply& reply) {
  FUZZ_CHECK(reply.rcode == Rcode::noerror || reply.rcode == Rcode::nxdomain ||
             reply.rcode == Rcode::yxdomain);
  FUZZ_CHECK(reply.packed.size() <= kMaxPacked);
  FUZZ_CHECK(reply.ede_count <= kMaxEdes);
  RecordReader records(reply.packed);
  int count = 0;
  bool answers_question = false;
  bool has_dname = false;
  while (const auto record = records.next()) {
    const bool is_answer = count < reply.answers;
    ++count;
    FUZZ_CHECK(record->ttl <= kMaxTtl);
    FUZZ_CHECK(record->owner.size() <= kMaxName);
    has_dname |= is_answer && record->type == Type::DNAME;
    answers_question |= is_answer && record->type == asked.question.type;
    if (is_answer || record->type == asked.question.type) continue;
    FUZZ_CHECK(record->type == Type::SOA || asked.dnssec_ok);
  }
  FUZZ_CHECK(count == reply.answers + reply.authorities);
  if (reply.rcode == Rcode::noerror) FUZZ_CHECK(answers_question || reply.authorities > 0);
  if (reply.rcode == Rcode::yxdomain) FUZZ_CHECK(has_dname);
}

void run(const std::uint8_t* data, std::size_t size) {
  static const ReplyScratchPtr scratch = make_reply_scratch();
  if (size < 1 + kHeaderSize) return;
  const Octets message(data + 1, size - 1);
  Asked asked;
  asked.id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
  asked.dnssec_ok = (data[0] & 1) != 0;
  Reader reader(message.subspan(kHeaderSize));
  if (const auto name = Name::parse(reader)) asked.question.name = name->lower();
  if (const auto type = reader.u16()) asked.question.type = static_cast<Type>(*type);
  if (const auto reply = check_reply(asked, message, *scratch)) check(asked, *reply);
}

}  // namespace
}  // namespace dotkeep::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dotkeep::dns::run(data, size);
  return 0;
}

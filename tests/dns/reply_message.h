// Replies put together record by record, true or false, for the tests of check_reply.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/reply.h"
#include "tests/base/hex.h"

namespace dotkeep::dns::testing {

inline Bytes operator+(Bytes a, const Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline Bytes hex(std::string_view digits) {
  return from_hex(digits);
}

inline Bytes u16(unsigned value) {
  return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

inline Bytes u32(std::uint32_t value) {
  return u16(value >> 16) + u16(value & 0xffff);
}

inline Bytes text(std::string_view characters) {
  return {characters.begin(), characters.end()};
}

// A name in uncompressed wire form.
inline Bytes name(std::string_view presentation) {
  const Name parsed = Name::from_text(presentation).value();
  return {parsed.wire().begin(), parsed.wire().end()};
}

inline Bytes pointer(unsigned offset) {
  return u16(0xc000 | offset);
}

inline Bytes soa(std::string_view mname = "ns.example.") {
  return name(mname) + name("hostmaster.example.") + u32(1) + u32(2) + u32(3) + u32(4) + u32(300);
}

inline Bytes rrsig(Type covered, std::string_view signer) {
  return u16(static_cast<unsigned>(covered)) + hex("0d02 00000e10 70000000 60000000 1234") +
         name(signer) + Bytes(64, 0x5a);
}

// "A" and "NSEC" exist, as a bitmap.
inline Bytes nsec(std::string_view next) {
  return name(next) + hex("0006 4000000000 01");
}

enum class In : std::uint8_t { answer, authority, additional };

// One reply to one question. Without more it is NOERROR with nothing in it.
class ReplyMessage {
 public:
  explicit ReplyMessage(std::string_view question, Type type = Type::A) {
    asked.id = 0x1234;
    asked.question.name = Name::from_text(question).value();
    asked.question.type = type;
  }

  ReplyMessage& add(In section, const Bytes& owner, Type type, const Bytes& rdata,
                    std::uint32_t ttl = 300, unsigned record_class = 1) {
    ++counts[static_cast<std::size_t>(section)];
    records = records + owner + u16(static_cast<unsigned>(type)) + u16(record_class) + u32(ttl) +
              u16(static_cast<unsigned>(rdata.size())) + rdata;
    return *this;
  }
  ReplyMessage& answer(std::string_view owner, Type type, const Bytes& rdata,
                       std::uint32_t ttl = 300) {
    return add(In::answer, name(owner), type, rdata, ttl);
  }
  ReplyMessage& authority(std::string_view owner, Type type, const Bytes& rdata,
                          std::uint32_t ttl = 300) {
    return add(In::authority, name(owner), type, rdata, ttl);
  }
  ReplyMessage& opt(const Bytes& options = {}, std::uint32_t ttl = 0) {
    return add(In::additional, {0}, Type::OPT, options, ttl, 1232);
  }
  ReplyMessage& cname(std::string_view owner, std::string_view target) {
    return answer(owner, Type::CNAME, name(target));
  }
  ReplyMessage& a(std::string_view owner, std::uint32_t ttl = 300) {
    return answer(owner, Type::A, hex("c0000201"), ttl);
  }
  ReplyMessage& dnssec() {
    asked.dnssec_ok = true;
    return *this;
  }
  ReplyMessage& rcode(unsigned value) {
    flags = static_cast<std::uint16_t>((flags & ~15U) | value);
    return *this;
  }

  [[nodiscard]] Bytes bytes() const {
    const Name& asked_name = asked.question.name;
    return u16(id) + u16(flags) + u16(questions) + u16(counts[0]) + u16(counts[1]) +
           u16(counts[2]) + Bytes(asked_name.wire().begin(), asked_name.wire().end()) +
           u16(static_cast<unsigned>(asked.question.type)) + u16(1) + records + tail;
  }

  Asked asked;
  std::uint16_t id = 0x1234;
  std::uint16_t flags = 0x8180;  // QR, RD, RA
  unsigned questions = 1;
  unsigned counts[3] = {0, 0, 0};
  Bytes records;
  Bytes tail;
};

// check_reply with memory of its own, and what came of it in words: one line a record,
// "owner type ttl rdata-octets", authority after "--".
class Checker {
 public:
  std::expected<Reply, ReplyFault> check(const ReplyMessage& message) {
    bytes_ = message.bytes();
    return check_reply(message.asked, bytes_, *scratch);
  }

  // ReplyFault's name, or the records kept.
  std::string outcome(const ReplyMessage& message) {
    const auto reply = check(message);
    return reply ? lines(*reply) : to_string(reply.error());
  }

  static std::string lines(const Reply& reply) {
    std::string all;
    RecordReader records(reply.packed);
    for (unsigned i = 0; const auto record = records.next(); ++i) {
      if (i == reply.answers) all += "-- ";
      char space[1024];
      all += std::string(Name::trusted(record->owner).to_text(space)) + " " +
             std::to_string(static_cast<unsigned>(record->type)) + " ";
    }
    if (!all.empty()) all.pop_back();
    return all;
  }

  ReplyScratchPtr scratch = make_reply_scratch();

 private:
  Bytes bytes_;
};

}  // namespace dotkeep::dns::testing

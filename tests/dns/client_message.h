// Messages as clients send them, piece by piece, so that a test changes only what it is about.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dns/name.h"
#include "dns/types.h"
#include "tests/base/hex.h"

namespace dotkeep::dns {

inline Name name(std::string_view text) {
  return Name::from_text(text).value();
}

inline std::string text(const Name& name) {
  std::array<char, 1024> buffer{};
  return std::string(name.to_text(buffer));
}

inline void append(Bytes& bytes, Octets more) {
  bytes.insert(bytes.end(), more.begin(), more.end());
}
inline void append_u16(Bytes& bytes, std::size_t value) {
  bytes.push_back(static_cast<std::uint8_t>(value >> 8));
  bytes.push_back(static_cast<std::uint8_t>(value));
}

// An EDNS option from its data in hex.
inline Bytes option(EdnsOption code, std::string_view data_hex) {
  const Bytes data = from_hex(data_hex);
  Bytes bytes;
  append_u16(bytes, static_cast<std::uint16_t>(code));
  append_u16(bytes, data.size());
  append(bytes, data);
  return bytes;
}

struct ClientMessage {
  std::uint16_t id = 0xabcd;
  std::uint16_t flags = 0x0100;  // RD
  int qdcount = 1;
  int ancount = 0;
  int nscount = 0;
  int arcount = -1;  // -1: as many as `additional` was given
  Bytes question = from_hex("03777777 076578616d706c65 00 0001 0001");  // www.example A IN
  Bytes additional;
  int records = 0;

  // One more record behind the question.
  ClientMessage& add_record(Octets owner, Type type, std::uint16_t record_class, std::uint32_t ttl,
                            Octets rdata) {
    append(additional, owner);
    append_u16(additional, static_cast<std::uint16_t>(type));
    append_u16(additional, record_class);
    append_u16(additional, ttl >> 16);
    append_u16(additional, ttl & 0xffff);
    append_u16(additional, rdata.size());
    append(additional, rdata);
    ++records;
    return *this;
  }

  ClientMessage& add_opt(Octets options = {}, std::uint16_t payload = 1232, std::uint32_t ttl = 0) {
    return add_record(from_hex("00"), Type::OPT, payload, ttl, options);
  }

  ClientMessage& ask(const Name& asked, Type type, std::uint16_t question_class = kClassIn) {
    question.assign(asked.wire().begin(), asked.wire().end());
    append_u16(question, static_cast<std::uint16_t>(type));
    append_u16(question, question_class);
    return *this;
  }

  [[nodiscard]] Bytes octets() const {
    Bytes bytes;
    append_u16(bytes, id);
    append_u16(bytes, flags);
    append_u16(bytes, static_cast<std::size_t>(qdcount));
    append_u16(bytes, static_cast<std::size_t>(ancount));
    append_u16(bytes, static_cast<std::size_t>(nscount));
    append_u16(bytes, static_cast<std::size_t>(arcount < 0 ? records : arcount));
    append(bytes, question);
    append(bytes, additional);
    return bytes;
  }
};

}  // namespace dotkeep::dns

// Replies for reply_bench: honest ones, and the worst of 64 KiB that we know to make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dns/name.h"
#include "dns/reply.h"

namespace dotkeep::dns::bench {

using Bytes = std::vector<std::uint8_t>;

// A reply of at most 64 KiB put together from octets.
class Builder {
 public:
  explicit Builder(Type type = Type::A, std::string_view question = "www.example.") {
    asked.question.name = Name::from_text(question).value();
    asked.question.type = type;
    asked.dnssec_ok = true;
    bytes = {0, 0, 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0};
    put(asked.question.name.wire());
    u16(static_cast<unsigned>(type));
    u16(1);
  }

  void put(dotkeep::Octets octets) { bytes.insert(bytes.end(), octets.begin(), octets.end()); }
  void u8(std::size_t value) { bytes.push_back(static_cast<std::uint8_t>(value)); }
  void u16(std::size_t value) {
    u8(value >> 8);
    u8(value);
  }
  void pointer(std::size_t at) { u16(0xc000 | at); }
  void name(std::string_view text) { put(Name::from_text(text).value().wire()); }
  void fixed(Type type, std::size_t rdata_size) {
    u16(static_cast<std::size_t>(type));
    u16(1);
    u16(0);
    u16(300);
    u16(rdata_size);
  }
  // Counts a record in the given section: 0 answer, 1 authority, 2 additional.
  void count(std::size_t section) {
    std::uint8_t* field = &bytes[6 + 2 * section];
    if (++field[1] == 0) ++field[0];
    ++records;
  }
  [[nodiscard]] bool has_room(std::size_t octets) const {
    return bytes.size() + octets <= kMaxMessage && records < kMaxRecords;
  }
  void a(std::size_t number) {
    fixed(Type::A, 4);
    u16(number >> 16);
    u16(number);
  }
  // As many CNAMEs as a chain may have, from `from` on, `next(i, name)` being where each leads, and
  // an address at their end.
  void longest_chain(std::string from, const auto& next) {
    for (int i = 0; i < kMaxChain; ++i) {
      const std::string to = next(i, from);
      name(from);
      fixed(Type::CNAME, Name::from_text(to).value().size());
      name(to);
      count(0);
      from = to;
    }
    name(from);
    a(1);
    count(0);
  }

  Asked asked;
  Bytes bytes;
  std::size_t records = 0;
};

inline constexpr std::size_t kQuestionAt = kHeaderSize;

inline Builder typical() {
  Builder b;
  for (std::size_t i = 0; i < 2; ++i) {
    b.pointer(kQuestionAt);
    b.a(i);
    b.count(0);
  }
  return b;
}

inline Builder typical_chain() {
  Builder b;
  b.pointer(kQuestionAt);
  b.fixed(Type::CNAME, 6);
  const std::size_t target = b.bytes.size();
  b.put(Bytes{3, 'c', 'd', 'n'});
  b.pointer(kQuestionAt + 4);
  b.count(0);
  for (std::size_t i = 0; i < 4; ++i) {
    b.pointer(target);
    b.a(i);
    b.count(0);
  }
  return b;
}

inline Builder typical_negative() {
  Builder b;
  b.pointer(kQuestionAt + 4);
  b.fixed(Type::SOA, 33);
  b.put(Bytes{2, 'n', 's'});
  b.pointer(kQuestionAt + 4);
  b.put(Bytes{5, 'a', 'd', 'm', 'i', 'n'});
  b.pointer(kQuestionAt + 4);
  b.put(Bytes(20, 1));
  b.count(1);
  return b;
}

inline Builder many_distinct_a(std::size_t most = kMaxRecords) {
  Builder b;
  while (b.has_room(16) && b.records < most) {
    b.pointer(kQuestionAt);
    b.a(b.records);
    b.count(0);
  }
  return b;
}

inline Builder many_equal_a() {
  Builder b;
  while (b.has_room(16)) {
    b.pointer(kQuestionAt);
    b.a(7);
    b.count(0);
  }
  return b;
}

// Owners of one label each and all different: the table of owners is as full as it gets.
inline Builder many_owners() {
  Builder b;
  while (b.has_room(22)) {
    b.u8(3);
    b.put(Bytes{static_cast<std::uint8_t>('a' + b.records % 26),
                static_cast<std::uint8_t>('a' + b.records / 26 % 26),
                static_cast<std::uint8_t>('a' + b.records / 676)});
    b.u8(0);
    b.a(1);
    b.count(0);
  }
  return b;
}

// An RRset of names that have little in common.
inline Builder many_names() {
  Builder b(Type::NS);
  while (b.has_room(30) && b.records < 2500) {
    const std::string number = std::to_string(b.records);
    std::string target = "ns";
    target.append(number).append(".x").append(number).append(".");
    b.pointer(kQuestionAt);
    b.fixed(Type::NS, target.size() + 1);
    b.name(target);
    b.count(0);
  }
  return b;
}

// Each name one label in front of the name before: as many pointers as labels.
inline Builder pointer_ladders(std::size_t section) {
  Builder b;
  std::size_t last = kQuestionAt;
  std::size_t depth = 0;
  while (b.has_room(18) && b.bytes.size() < 0x3f00) {
    const std::size_t at = b.bytes.size();
    b.put(Bytes{1, 'a'});
    b.pointer(depth == 0 ? kQuestionAt : last);
    depth = depth == 118 ? 0 : depth + 1;
    last = at;
    b.a(b.records);
    b.count(section);
  }
  while (b.has_room(16)) {
    b.pointer(last);
    b.a(b.records);
    b.count(section);
  }
  return b;
}

// Pointers to pointers to pointers, as long as they may be, ending in the root.
inline Builder bare_pointers() {
  Builder b;
  b.fixed(Type::A, 0);  // taken back: only to lie at a known place
  b.bytes.resize(b.bytes.size() - 10);
  b.u8(0);
  b.fixed(Type::NULL_, 18);
  const std::size_t first = b.bytes.size();
  b.put(Bytes{0, 0});
  for (std::size_t i = 0; i < 8; ++i) b.pointer(i == 0 ? first : first + 2 * i);
  b.count(2);
  for (std::size_t i = 0; b.has_room(16); ++i) {
    b.pointer(first + 14 + 2 * (i % 2));
    b.a(1);
    b.count(2);
  }
  return b;
}

// SOAs whose two names are ladders' tops: most octets written for octets read.
inline Builder soas_of_long_names() {
  Builder b(Type::SOA);
  b.u8(0);
  b.fixed(Type::CNAME, 255);
  const std::size_t top = b.bytes.size();
  for (int i = 0; i < 127; ++i) b.put(Bytes{1, 'x'});
  b.u8(0);
  b.count(0);
  while (b.has_room(36)) {
    b.pointer(kQuestionAt);
    b.fixed(Type::SOA, 24);
    b.pointer(top);
    b.pointer(top);
    b.u16(0);
    b.u16(b.records);
    b.put(Bytes(16, 0));
    b.count(0);
  }
  return b;
}

inline Builder many_strings() {
  Builder b(Type::TXT);
  b.pointer(kQuestionAt);
  const std::size_t size = kMaxMessage - b.bytes.size() - 10;
  b.fixed(Type::TXT, size);
  b.put(Bytes(size, 0));
  b.count(0);
  return b;
}

inline Builder many_params() {
  Builder b(Type::HTTPS);
  b.pointer(kQuestionAt);
  const std::size_t keys = 16000;
  b.fixed(Type::HTTPS, 3 + 4 * keys);
  b.put(Bytes{0, 1, 0});
  for (std::size_t i = 0; i < keys; ++i) {
    b.u16(100 + i);
    b.u16(0);
  }
  b.count(0);
  return b;
}

inline Builder longest_chain_among_dnames() {
  Builder b;
  // The chain's names are of 120 labels, and a DNAME elsewhere makes every suffix be looked for.
  std::string tail;
  for (int i = 0; i < 118; ++i) tail += "x.";
  b.longest_chain("www.example.", [&](int i, const std::string& /*from*/) {
    return std::string(1, static_cast<char>('a' + i)) + ".y." + tail;
  });
  while (b.has_room(22)) {
    b.put(Bytes{3, static_cast<std::uint8_t>('a' + b.records % 26),
                static_cast<std::uint8_t>('a' + b.records / 26 % 26),
                static_cast<std::uint8_t>('a' + b.records / 676), 0});
    b.fixed(Type::DNAME, 1);
    b.u8(0);
    b.count(0);
  }
  return b;
}

// Authority full of signed denials, none of which is about what was asked.
inline Builder many_proofs() {
  Builder b;
  b.pointer(kQuestionAt);
  b.a(1);
  b.count(0);
  while (b.has_room(60)) {
    b.put(Bytes{2, 'n', static_cast<std::uint8_t>('a' + b.records % 26)});
    b.pointer(kQuestionAt + 4);
    b.fixed(Type::NSEC, 1);
    b.u8(0);
    b.count(1);
    b.put(Bytes{2, 'n', static_cast<std::uint8_t>('a' + b.records % 26)});
    b.pointer(kQuestionAt + 4);
    b.fixed(Type::RRSIG, 20);
    b.u16(47);
    b.put(Bytes(18, 0));
    b.count(1);
  }
  return b;
}

// SOAs of other zones, each to be held against the name.
inline Builder many_wrong_soas() {
  Builder b;
  while (b.has_room(38)) {
    b.put(Bytes{3, 'w', 'w', 'x'});
    b.pointer(kQuestionAt + 4);
    b.fixed(Type::SOA, 22);
    b.put(Bytes(22, 0));
    b.count(1);
  }
  return b;
}

inline Builder many_edes() {
  Builder b;
  b.pointer(kQuestionAt);
  b.a(1);
  b.count(0);
  b.u8(0);
  const std::size_t text = (65000 / kMaxEdes) - 6;
  b.fixed(Type::OPT, kMaxEdes * (text + 6));
  b.bytes[b.bytes.size() - 10 + 4] = 0;  // TTL: extended RCODE, version, flags
  for (std::size_t i = 4; i < 8; ++i) b.bytes[b.bytes.size() - 10 + i] = 0;
  for (std::size_t i = 0; i < kMaxEdes; ++i) {
    b.u16(15);
    b.u16(text + 2);
    b.u16(0);
    b.put(Bytes(text, 0xc2));
  }
  b.count(2);
  return b;
}

}  // namespace dotkeep::dns::bench

// Replies of 64 KiB whose names are made to be compared with each other: what would cost a square
// if a label were looked at again for each label in front of it, or a record for each step of a
// chain.
#pragma once

#include <string>

#include "reply_messages.h"

namespace dotkeep::dns::bench {

namespace detail {

inline std::string labels(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "x.";
  return text;
}

// A label of three letters that no other number has.
inline Bytes letters(std::size_t number) {
  return {3, static_cast<std::uint8_t>('a' + number % 26),
          static_cast<std::uint8_t>('a' + number / 26 % 26),
          static_cast<std::uint8_t>('a' + number / 676)};
}

}  // namespace detail

// An RRset of names of 126 labels that differ in the first: each is held against those before it,
// from its end.
inline Builder names_in_common() {
  Builder b(Type::NS, "y.");
  const Name common = Name::from_text(detail::labels(125)).value();
  while (b.has_room(16 + common.size())) {
    b.pointer(kQuestionAt);
    b.fixed(Type::NS, 4 + common.size());
    b.put(detail::letters(b.records));
    b.put(common.wire());
    b.count(0);
  }
  return b;
}

// The same with two names to a record, the second of them the first.
inline Builder pairs_in_common() {
  Builder b(Type::MINFO, "y.");
  const Name common = Name::from_text(detail::labels(125)).value();
  while (b.has_room(18 + common.size())) {
    b.pointer(kQuestionAt);
    b.fixed(Type::MINFO, 6 + common.size());
    const std::size_t at = b.bytes.size();
    b.put(detail::letters(b.records));
    b.put(common.wire());
    b.pointer(at < 0x4000 ? at : kQuestionAt);
    b.count(0);
  }
  return b;
}

// "y DNAME a.y" some 3,700 times, and the CNAMEs that it gives, as many as a chain may have: each
// step is below the DNAMEs again.
inline Builder a_dname_over_and_over() {
  Builder b(Type::A, "x.y.");
  b.longest_chain("x.y.",
                  [](int /*i*/, const std::string& from) { return "x.a." + from.substr(2); });
  while (b.has_room(17)) {
    b.pointer(kQuestionAt + 2);
    b.fixed(Type::DNAME, 5);
    b.put(Bytes{1, 'a', 1, 'y', 0});
    b.count(0);
  }
  return b;
}

// SOAs of a zone that a name of 127 labels is not in: each takes a step for each label.
inline Builder soas_beside_a_long_name() {
  Builder b(Type::A, detail::labels(127));
  std::size_t zone = 0;
  while (b.has_room(36)) {
    if (zone == 0) {
      zone = b.bytes.size();
      b.put(Bytes{1, 'z', 0});
    } else {
      b.pointer(zone);
    }
    b.fixed(Type::SOA, 22);
    b.put(Bytes(22, 0));
    b.count(1);
  }
  return b;
}

}  // namespace dotkeep::dns::bench

#include "dns/expand.h"

#include <cstring>

namespace dotkeep::dns {
namespace {

constexpr std::uint8_t kPointer = 0xc0;

}  // namespace

std::expected<void, ReplyFault> expand_name(Octets message, std::size_t at, std::size_t end,
                                            Pointers pointers, ExpandedName& name) {
  const auto fault = [](ReplyFault what) { return std::unexpected(what); };
  name.size = 0;
  name.after = 0;
  std::size_t run = at;      // where the labels being read began
  std::size_t expanded = 0;  // octets of all labels read
  int bare = 0;
  // Labels are copied a run at a time: what lies between two pointers is one piece.
  const auto copy_run = [&] {
    std::memcpy(name.octets.data() + name.size, message.data() + run, at - run);
    name.size = expanded;
  };
  for (;;) {
    if (at >= end) return fault(name.after == 0 ? ReplyFault::cut_short : ReplyFault::bad_name);
    const std::size_t length = message[at];
    if (length >= kPointer) {
      if (pointers == Pointers::refuse) return fault(ReplyFault::bad_name);
      if (at + 2 > end)
        return fault(name.after == 0 ? ReplyFault::cut_short : ReplyFault::bad_name);
      const std::size_t target = (length - kPointer) << 8 | message[at + 1];
      if (target >= run || target < kHeaderSize) return fault(ReplyFault::bad_name);
      if (name.after == 0) {
        name.after = at + 2;
      } else if (at == run && ++bare > kMaxBarePointers) {
        return fault(ReplyFault::bad_name);
      }
      copy_run();
      end = run;  // what was written before was whole before
      at = run = target;
      continue;
    }
    if (length > kMaxLabel) return fault(ReplyFault::bad_name);
    const std::size_t octets = length + 1;
    if (expanded + octets > kMaxName) return fault(ReplyFault::bad_name);
    if (octets > end - at) {
      return fault(name.after == 0 ? ReplyFault::cut_short : ReplyFault::bad_name);
    }
    expanded += octets;
    at += octets;
    if (length == 0) break;
  }
  copy_run();
  if (name.after == 0) name.after = at;
  return {};
}

}  // namespace dotkeep::dns

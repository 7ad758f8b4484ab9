// DNS messages out of a stream (RFC 1035 section 4.2.2: two octets of length before each), however
// the stream was cut into pieces.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>

#include "base/bytes.h"

namespace dotkeep::upstream {

// Shorter than a header: not DNS, and the stream is out of step.
inline constexpr std::size_t kMinMessage = 12;

enum class FrameFault : std::uint8_t { none, too_short, no_memory };

// Holds at most one incomplete message. Messages that lie whole in a piece are not copied.
class FrameReader {
 public:
  // Calls `on_message(MutableOctets)` for each message that `piece` completes; when it returns
  // false the rest is dropped. After a fault nothing more may be fed until clear().
  template <typename OnMessage>
  [[nodiscard]] FrameFault feed(MutableOctets piece, OnMessage on_message) {
    while (!piece.empty()) {
      if (held_ == 0 && piece.size() >= 2) {
        const std::size_t size = length(piece.data());
        if (size < kMinMessage) return FrameFault::too_short;
        if (piece.size() >= 2 + size) {
          if (!on_message(piece.subspan(2, size))) return FrameFault::none;
          piece = piece.subspan(2 + size);
          continue;
        }
      }
      if (const FrameFault fault = hold(piece); fault != FrameFault::none) return fault;
      if (held_ < 2 || held_ < 2 + length(buffer_.get())) continue;
      const std::size_t size = held_ - 2;
      held_ = 0;
      if (!on_message(MutableOctets(buffer_.get() + 2, size))) return FrameFault::none;
    }
    return FrameFault::none;
  }

  // Octets of an incomplete message.
  [[nodiscard]] std::size_t held() const { return held_; }
  void clear() { held_ = 0; }

 private:
  static constexpr std::size_t kCapacity = 2 + 65535;

  [[nodiscard]] static std::size_t length(const std::uint8_t* at) {
    return static_cast<std::size_t>(at[0] << 8 | at[1]);
  }

  // Moves octets from `piece` into the buffer: up to the length field's end, else up to the
  // message's end.
  FrameFault hold(MutableOctets& piece) {
    if (!buffer_) buffer_.reset(new (std::nothrow) std::uint8_t[kCapacity]);
    if (!buffer_) return FrameFault::no_memory;
    const std::size_t wanted = held_ < 2 ? 2 : 2 + length(buffer_.get());
    const std::size_t count = std::min(wanted - held_, piece.size());
    std::memcpy(buffer_.get() + held_, piece.data(), count);
    held_ += count;
    piece = piece.subspan(count);
    const bool just_learned = wanted == 2 && held_ == 2;
    if (just_learned && length(buffer_.get()) < kMinMessage) return FrameFault::too_short;
    return FrameFault::none;
  }

  std::unique_ptr<std::uint8_t[]> buffer_;
  std::size_t held_ = 0;
};

}  // namespace dotkeep::upstream

// The certificates that a server presented, kept beyond wolfSSL's own buffer.
#pragma once

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "tls/path.h"

namespace dotkeep::tls {

class PresentedOctets {
 public:
  // At most kMaxPresented. False for want of memory: then there is none.
  [[nodiscard]] bool copy(std::span<const Octets> list) {
    std::size_t total = 0;
    for (const Octets der : list) total += der.size();
    octets_.reset(static_cast<std::uint8_t*>(std::malloc(total + 1)));
    count_ = 0;
    if (!octets_) return false;
    std::uint8_t* out = octets_.get();
    for (const Octets der : list) {
      std::memcpy(out, der.data(), der.size());
      views_[count_++] = {out, der.size()};
      out += der.size();
    }
    return true;
  }

  [[nodiscard]] std::span<const Octets> list() const { return std::span(views_).first(count_); }
  [[nodiscard]] Octets first() const { return count_ == 0 ? Octets{} : views_[0]; }
  [[nodiscard]] std::size_t size() const {
    std::size_t total = 0;
    for (const Octets der : list()) total += der.size();
    return total;
  }

 private:
  struct Free {
    void operator()(std::uint8_t* block) const { std::free(block); }
  };
  std::unique_ptr<std::uint8_t, Free> octets_;
  std::array<Octets, kMaxPresented> views_;
  std::size_t count_ = 0;
};

}  // namespace dotkeep::tls

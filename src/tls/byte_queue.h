// Octets in, octets out, in order: what waits between wolfSSL and the socket.
#pragma once

#include <cstdlib>
#include <cstring>

#include "base/bytes.h"

namespace dotkeep::tls {

// Grows by doubling up to what its user allows; an append that finds no memory changes nothing.
// Once empty it gives back all but a small buffer, so an idle session stays small.
class ByteQueue {
 public:
  ByteQueue() = default;
  ByteQueue(const ByteQueue&) = delete;
  ByteQueue& operator=(const ByteQueue&) = delete;
  ~ByteQueue() { std::free(data_); }

  [[nodiscard]] std::size_t size() const { return end_ - begin_; }
  [[nodiscard]] bool empty() const { return begin_ == end_; }
  [[nodiscard]] Octets view() const { return {data_ + begin_, size()}; }

  [[nodiscard]] bool append(Octets octets) {
    if (octets.empty()) return true;
    if (!make_room(octets.size())) return false;
    std::memcpy(data_ + end_, octets.data(), octets.size());
    end_ += octets.size();
    return true;
  }

  void consume(std::size_t count) {
    begin_ += count < size() ? count : size();
    if (empty()) clear();
  }

  // Keeps only the last `count` octets.
  void keep_last(std::size_t count) { consume(size() - (count < size() ? count : size())); }

  void clear() {
    begin_ = end_ = 0;
    if (capacity_ > kKept) {
      std::free(data_);
      data_ = nullptr;
      capacity_ = 0;
    }
  }

 private:
  static constexpr std::size_t kKept = 4096;

  bool make_room(std::size_t count) {
    if (count <= capacity_ - end_) return true;
    if (begin_ != 0) {
      std::memmove(data_, data_ + begin_, size());
      end_ -= begin_;
      begin_ = 0;
    }
    if (count <= capacity_ - end_) return true;
    std::size_t wanted = capacity_ == 0 ? kKept : capacity_ * 2;
    if (wanted < end_ + count) wanted = end_ + count;
    void* grown = std::realloc(data_, wanted);
    if (grown == nullptr) return false;
    data_ = static_cast<std::uint8_t*>(grown);
    capacity_ = wanted;
    return true;
  }

  std::uint8_t* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace dotkeep::tls

#include "frontend/tcp_client.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <new>

namespace dotkeep::frontend {
namespace {

constexpr std::size_t kMaxVectors = 16;  // chunks in one sendmsg

}  // namespace

Duration tcp_idle_time(std::size_t open, std::size_t capacity) {
  const std::size_t half = capacity / 2;
  if (open <= half) return kTcpIdleTime;
  const auto left = static_cast<std::int64_t>(capacity - std::min(open, capacity));
  return kTcpLeastIdleTime +
         (kTcpIdleTime - kTcpLeastIdleTime) * left /
             static_cast<std::int64_t>(std::max<std::size_t>(capacity - half, 1));
}

bool OutQueue::push(Octets octets) {
  void* memory = std::malloc(sizeof(Chunk) + octets.size());
  if (memory == nullptr) return false;
  Chunk* chunk = new (memory) Chunk{nullptr, octets.size(), 0};
  std::memcpy(chunk->octets(), octets.data(), octets.size());
  (last_ != nullptr ? last_->next : first_) = chunk;
  last_ = chunk;
  size_ += octets.size();
  held_ += cost(octets.size());
  return true;
}

bool OutQueue::send(int fd) {
  while (first_ != nullptr) {
    std::array<iovec, kMaxVectors> vectors{};
    std::size_t count = 0;
    for (Chunk* c = first_; c != nullptr && count < kMaxVectors; c = c->next) {
      vectors[count++] = {c->octets() + c->sent, c->size - c->sent};
    }
    msghdr header{};
    header.msg_iov = vectors.data();
    header.msg_iovlen = count;
    const ssize_t n = ::sendmsg(fd, &header, MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      return errno == EAGAIN || errno == ENOBUFS;
    }
    std::size_t sent = static_cast<std::size_t>(n);
    size_ -= sent;
    while (sent != 0) {
      const std::size_t of_first = std::min(sent, first_->size - first_->sent);
      first_->sent += of_first;
      sent -= of_first;
      if (first_->sent == first_->size) drop_first();
    }
  }
  return true;
}

void OutQueue::drop_first() {
  Chunk* chunk = first_;
  first_ = chunk->next;
  if (first_ == nullptr) last_ = nullptr;
  held_ -= cost(chunk->size);
  std::free(chunk);
}

void OutQueue::clear() {
  while (first_ != nullptr) drop_first();
  size_ = 0;
}

TcpClient::Frame TcpClient::frame(Octets& message) const {
  Reader reader(Octets(in).first(in_size));
  const auto size = reader.u16();
  if (!size) return Frame::partial;
  if (*size > kMaxTcpQuery) return Frame::too_long;
  const auto octets = reader.take(*size);
  if (!octets) return Frame::partial;
  message = *octets;
  return Frame::whole;
}

void TcpClient::drop_frame(std::size_t message_size) {
  const std::size_t size = 2 + message_size;
  in_size -= size;
  std::memmove(in.data(), in.data() + size, in_size);
}

TcpClient::Overdue TcpClient::overdue(Time now, Duration idle_time) const {
  if (message_begun != Time::max() && now - message_begun > kTcpMessageTime) return Overdue::slow;
  if (out.size() != 0) return now - last_progress > kTcpWriteTime ? Overdue::slow : Overdue::no;
  if (!spoke) idle_time = std::min(idle_time, kTcpFirstTime);
  if (in_flight == 0 && now - last_active > idle_time) return Overdue::idle;
  return Overdue::no;
}

}  // namespace dotkeep::frontend

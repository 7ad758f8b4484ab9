#include "ipc/channel.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace dotkeep::ipc {
namespace {

// A peer that always has more to say must not keep the turn from ending.
constexpr int kMaxRecordsPerTurn = 4;
// A peer whose turns make so little is not ahead of us: nothing waits behind such a record, as a
// rule, and to ask would cost each turn of a quiet wall a system call. What does wait is seen in
// the next turn.
constexpr ssize_t kBusyRecord = 2048;

// Takes the descriptors out of a received message; closes those beyond kMaxPassed. False: there
// were some.
bool take_descriptors(msghdr& header, Passed& passed) {
  bool within = true;
  for (cmsghdr* c = CMSG_FIRSTHDR(&header); c != nullptr; c = CMSG_NXTHDR(&header, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(c) + i * sizeof(int), sizeof number);
      Fd fd(number);
      if (passed.count < passed.fds.size()) {
        passed.fds[passed.count++] = std::move(fd);
      } else {
        within = false;
      }
    }
  }
  return within;
}

}  // namespace

Channel::Channel(Loop& loop, std::size_t backlog, Handlers handlers)
    : loop_(&loop),
      handlers_(std::move(handlers)),
      incoming_(std::make_unique<std::uint8_t[]>(kMaxRecord)),
      records_(backlog) {
  for (Record& record : records_) record.octets = std::make_unique<std::uint8_t[]>(kMaxRecord);
}

void Channel::open(Fd fd) {
  watch_ = std::make_unique<Watch>(*loop_, std::move(fd));
  first_ = 0;
  waiting_ = 0;
  waiting_writable_ = false;
  wait_readable();
}

void Channel::wait_readable() {
  watch_->when_readable([this] { read_records(); });
}

void Channel::wait_writable() {
  if (waiting_writable_) return;
  waiting_writable_ = true;
  watch_->when_writable([this] {
    waiting_writable_ = false;
    flush();
    if (has_room() && on_room) on_room();
  });
}

void Channel::read_records() {
  for (int i = 0; i < kMaxRecordsPerTurn; ++i) {
    if (!read_record()) break;
  }
  if (is_open()) wait_readable();
}

bool Channel::read_record() {
  iovec buffer{incoming_.get(), kMaxRecord};
  // Room for one descriptor more than any record may carry, so that a breach is seen as one.
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * (kMaxPassed + 1))> control{};
  msghdr header{};
  header.msg_iov = &buffer;
  header.msg_iovlen = 1;
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  const ssize_t size = ::recvmsg(watch_->fd(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (size < 0) {
    if (errno == EINTR) return true;
    if (errno != EAGAIN) end(ChannelEnd::peer_gone);
    return false;
  }
  Passed passed;
  const bool within = take_descriptors(header, passed);
  if (size == 0) {
    end(ChannelEnd::peer_gone);
    return false;
  }
  if (!within || (header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 ||
      !handlers_.on_record(Octets(incoming_.get(), static_cast<std::size_t>(size)), passed)) {
    end(ChannelEnd::breach);
    return false;
  }
  return is_open() && size >= kBusyRecord;
}

Channel::Sent Channel::send_record(Octets record, int fd) {
  iovec buffer{const_cast<std::uint8_t*>(record.data()), record.size()};  // sendmsg only reads it
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr header{};
  header.msg_iov = &buffer;
  header.msg_iovlen = 1;
  if (fd >= 0) {
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    cmsghdr* c = CMSG_FIRSTHDR(&header);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(c), &fd, sizeof fd);
  }
  // The supervisor made the socket non-blocking; MSG_NOSIGNAL is the only flag that the policy lets
  // through.
  while (::sendmsg(watch_->fd(), &header, MSG_NOSIGNAL) < 0) {
    if (errno == EINTR) continue;
    return errno == EAGAIN || errno == ENOBUFS ? Sent::later : Sent::never;
  }
  return Sent::whole;
}

void Channel::flush() {
  while (is_open() && waiting_ != 0) {
    const Record& record = records_[first_];
    switch (send_record(Octets(record.octets.get(), record.size), -1)) {
      case Sent::whole:
        first_ = (first_ + 1) % records_.size();
        --waiting_;
        break;
      case Sent::later:
        wait_writable();
        return;
      case Sent::never:  // the reading side learns of the end by itself
        waiting_ = 0;
        return;
    }
  }
}

void Channel::end(ChannelEnd how) {
  watch_.reset();
  waiting_ = 0;
  handlers_.on_end(how);
}

}  // namespace dotkeep::ipc

// The cheapest UDP service there is: what comes is sent back, 64 datagrams a call. What it costs is
// the floor under anything that answers over UDP.
//   bench_echo PORT
#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace {

constexpr std::size_t kBatch = 64;

struct Slot {
  std::array<std::uint8_t, 2048> octets;
  sockaddr_in from;
  iovec vector;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || ::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    std::perror("bind");
    return 71;
  }
  static std::array<Slot, kBatch> slots;
  std::array<mmsghdr, kBatch> messages{};
  for (;;) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      slots[i].vector = {slots[i].octets.data(), slots[i].octets.size()};
      msghdr& header = messages[i].msg_hdr;
      header.msg_iov = &slots[i].vector;
      header.msg_iovlen = 1;
      header.msg_name = &slots[i].from;
      header.msg_namelen = sizeof slots[i].from;
    }
    const int got = ::recvmmsg(fd, messages.data(), kBatch, MSG_WAITFORONE, nullptr);
    for (std::size_t i = 0; got > 0 && i < static_cast<std::size_t>(got); ++i) {
      slots[i].vector.iov_len = messages[i].msg_len;
    }
    if (got > 0) ::sendmmsg(fd, messages.data(), static_cast<unsigned>(got), 0);
  }
}

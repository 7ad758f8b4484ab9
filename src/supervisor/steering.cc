#include "supervisor/steering.h"

#include <linux/filter.h>
#include <sys/socket.h>

#include <array>

namespace dotkeep::supervisor {
namespace {

// The question's name begins at octet 12 of the payload; its first eight octets tell names apart
// well enough. Setting bit 5 makes letters lower case (and leaves names equal that were equal).
constexpr std::uint32_t kFirst = 12;
constexpr std::uint32_t kSecond = 16;
constexpr std::uint32_t kCaseBits = 0x20202020;
constexpr std::uint32_t kMultiplier = 0x9e3779b1;  // 2^32 over the golden ratio, odd

}  // namespace

bool steer_by_name(int socket, std::uint32_t sockets) {
  std::array<sock_filter, 14> program = {{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
               kFirst),  // a datagram too short for the load goes to socket 0
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, kCaseBits),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, kMultiplier),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, kSecond),
      BPF_STMT(BPF_ALU | BPF_OR | BPF_K, kCaseBits),
      BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, kMultiplier),
      BPF_STMT(BPF_MISC | BPF_TAX, 0),
      BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 16),
      BPF_STMT(BPF_ALU | BPF_XOR | BPF_X, 0),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, sockets),
      BPF_STMT(BPF_RET | BPF_A, 0),
      BPF_STMT(BPF_RET | BPF_K, 0),
  }};
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return ::setsockopt(socket, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &filter, sizeof filter) == 0;
}

std::uint32_t steered_to(const std::uint8_t* payload, std::uint32_t size, std::uint32_t sockets) {
  if (size < kSecond + 4) return 0;
  const auto load = [payload](std::uint32_t at) {
    return static_cast<std::uint32_t>(payload[at]) << 24 |
           static_cast<std::uint32_t>(payload[at + 1]) << 16 |
           static_cast<std::uint32_t>(payload[at + 2]) << 8 | payload[at + 3];
  };
  const std::uint32_t hash =
      (((load(kFirst) | kCaseBits) * kMultiplier) ^ (load(kSecond) | kCaseBits)) * kMultiplier;
  return (hash >> 16 ^ hash) % sockets;
}

}  // namespace dotkeep::supervisor

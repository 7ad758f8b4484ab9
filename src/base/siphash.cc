#include "base/siphash.h"

#include <bit>
#include <cstring>

namespace dotkeep {
namespace {

struct State {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

// What is left behind `whole` octets, fewer than eight, as the low octets of a word. One load
// where there are enough octets before them: a loop over what is left costs as much as a word of
// hashing.
std::uint64_t tail_of(Octets data, std::size_t whole) {
  const std::size_t left = data.size() - whole;
  std::uint64_t tail = 0;
  if (left == 0) return tail;
  if (whole != 0) {
    std::memcpy(&tail, data.data() + data.size() - 8, 8);
    return tail >> (64 - 8 * left);
  }
  if (left == 4) {  // an IPv4 address
    std::uint32_t word = 0;
    std::memcpy(&word, data.data(), 4);
    return word;
  }
  for (std::size_t i = 0; i < left; ++i) tail |= static_cast<std::uint64_t>(data[i]) << (8 * i);
  return tail;
}

}  // namespace

std::uint64_t siphash(const SipKey& key, Octets data) {
  static_assert(std::endian::native == std::endian::little, "words are loaded as they lie");
  State s{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU, key[0] ^ 0x6c7967656e657261U,
          key[1] ^ 0x7465646279746573U};
  const std::size_t whole = data.size() / 8 * 8;
  for (std::size_t i = 0; i < whole; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data() + i, 8);
    s.absorb(word);
  }
  s.absorb(static_cast<std::uint64_t>(data.size()) << 56 | tail_of(data, whole));
  s.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) s.round();
  return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

}  // namespace dotkeep

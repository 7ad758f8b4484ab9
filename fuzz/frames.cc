// DNS messages out of what a server's TLS session carries, cut into any pieces: the same messages,
// and the same fault at the same place, as when it is read in one go.
// Input: number of piece sizes (4 bits), that many sizes (0 stands for 16384), then the stream.
#include "upstream/frames.h"

#include <algorithm>
#include <vector>

#include "fuzz.h"

namespace {

using namespace dotkeep;
using upstream::FrameFault;
using upstream::FrameReader;

struct Outcome {
  std::vector<std::vector<std::uint8_t>> messages;
  bool fault = false;
  std::size_t left = 0;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// By the words of RFC 1035 section 4.2.2.
Outcome expected(Octets stream) {
  Outcome outcome;
  while (stream.size() >= 2) {
    const std::size_t size = static_cast<std::size_t>(stream[0]) * 256 + stream[1];
    if (size < upstream::kMinMessage) {
      outcome.fault = true;
      return outcome;
    }
    if (stream.size() - 2 < size) break;
    const Octets message = stream.subspan(2, size);
    outcome.messages.emplace_back(message.begin(), message.end());
    stream = stream.subspan(2 + size);
  }
  outcome.left = stream.size();
  return outcome;
}

Outcome in_pieces(Octets stream, Octets sizes) {
  FrameReader reader;
  Outcome outcome;
  for (std::size_t i = 0; !stream.empty(); ++i) {
    const std::size_t wanted = sizes.empty() ? stream.size() : sizes[i % sizes.size()];
    const Octets piece = stream.first(std::min(wanted == 0 ? 16384 : wanted, stream.size()));
    stream = stream.subspan(piece.size());
    std::vector<std::uint8_t> octets(piece.begin(), piece.end());  // of its own: ASan sees its end
    const FrameFault fault = reader.feed(octets, [&](MutableOctets message) {
      outcome.messages.emplace_back(message.begin(), message.end());
      return true;
    });
    if (fault != FrameFault::none) {
      outcome.fault = true;
      return outcome;
    }
  }
  outcome.left = reader.held();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Octets input(data + 1, size - 1);
  const std::size_t count = std::min<std::size_t>(data[0] % 16, input.size());
  const Octets stream = input.subspan(count);
  FUZZ_CHECK(in_pieces(stream, input.first(count)) == expected(stream));
  return 0;
}

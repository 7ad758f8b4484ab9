// The fixed 12 octets at the front of every message (RFC 1035 section 4.1.1; AD and CD: RFC 4035
// section 3), and the octets of a question.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "dns/name.h"
#include "dns/query.h"
#include "dns/types.h"

namespace dotkeep::dns {

// Bits of the second 16-bit word.
inline constexpr std::uint16_t kFlagResponse = 0x8000;            // QR
inline constexpr std::uint16_t kFlagAuthoritative = 0x0400;       // AA
inline constexpr std::uint16_t kFlagTruncated = 0x0200;           // TC
inline constexpr std::uint16_t kFlagRecursionDesired = 0x0100;    // RD
inline constexpr std::uint16_t kFlagRecursionAvailable = 0x0080;  // RA
inline constexpr std::uint16_t kFlagAuthenticData = 0x0020;       // AD
inline constexpr std::uint16_t kFlagCheckingDisabled = 0x0010;    // CD

struct Header {
  std::uint16_t id = 0;
  std::uint16_t flags = 0;        // QR, opcode, flags and RCODE as they lie in the message
  std::uint16_t questions = 0;    // QDCOUNT
  std::uint16_t answers = 0;      // ANCOUNT
  std::uint16_t authorities = 0;  // NSCOUNT
  std::uint16_t additionals = 0;  // ARCOUNT

  [[nodiscard]] bool has(std::uint16_t flag) const { return (flags & flag) != 0; }
  [[nodiscard]] bool is_response() const { return has(kFlagResponse); }
  [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>((flags >> 11) & 0x0f); }
  // The four bits of the header; an OPT's eight go above them (RFC 6891 section 6.1.3).
  [[nodiscard]] std::uint16_t rcode_bits() const { return flags & 0x0f; }

  // The header at the front of `reader`; nothing, and the cursor unmoved, under 12 octets.
  [[nodiscard]] static std::optional<Header> parse(Reader& reader);

  void write(Writer& out) const;
};

// `flag` when `on`, else nothing: for building Header::flags.
[[nodiscard]] constexpr std::uint16_t flag_if(bool on, std::uint16_t flag) {
  return on ? flag : std::uint16_t{0};
}

// The bits of an opcode, and of an RCODE's low half, where Header::flags has them.
[[nodiscard]] constexpr std::uint16_t opcode_bits(Opcode opcode) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(opcode) << 11);
}
[[nodiscard]] constexpr std::uint16_t rcode_bits(Rcode rcode) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(rcode) & 0x0f);
}

// Name, type and class, uncompressed: always the first thing after a header of ours, so a
// question's name lies at kHeaderSize.
void write_question(Writer& out, const Question& question, std::uint16_t question_class = kClassIn);

}  // namespace dotkeep::dns

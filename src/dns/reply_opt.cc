// The OPT of a reply: extended RCODE, Extended DNS Errors, keepalive.
#include "dns/edns.h"
#include "dns/reply_parse.h"

namespace dotkeep::dns {
namespace {

// A well-formed UTF-8 sequence at the front of `text`: how long it is and what it says; a length of
// 0 where there is none (RFC 3629 section 4).
struct Character {
  std::size_t size = 0;
  std::uint32_t code = 0;
};

Character decode(Octets text) {
  const std::uint8_t lead = text[0];
  if (lead < 0x80) return {1, lead};
  const std::size_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  if (lead < 0xc2 || lead > 0xf4 || size > text.size()) return {};
  std::uint32_t code = lead & (0x7fU >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((text[i] & 0xc0) != 0x80) return {};
    code = code << 6 | (text[i] & 0x3fU);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return {};
  return {size, code};
}

// Controls of C0 and C1, line and paragraph separators, marks and overrides of direction, the BOM.
bool is_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff;
}

}  // namespace

void clean_text(Octets text, Ede& ede) {
  ede.text_size = 0;
  while (!text.empty()) {
    const Character character = decode(text);
    const std::size_t step = character.size == 0 ? 1 : character.size;
    if (character.size != 0 && !is_control(character.code)) {
      if (ede.text_size + step > ede.text.size()) return;
      for (std::size_t i = 0; i < step; ++i) ede.text[ede.text_size++] = static_cast<char>(text[i]);
    }
    text = text.subspan(step);
  }
}

std::expected<void, ReplyFault> parse_reply_opt(std::uint16_t record_class, std::uint32_t ttl,
                                                Octets rdata, ReplyScratch& scratch) {
  const auto invalid = std::unexpected(ReplyFault::opt_invalid);
  const Opt opt = Opt::from_fields(record_class, ttl, rdata);
  if (scratch.has_opt || opt.version != 0) return invalid;
  scratch.has_opt = true;
  scratch.extended_rcode = opt.extended_rcode;
  OptionReader options(opt.options);
  while (const auto option = options.next()) {
    Reader data(option->data);
    if (option->code == EdnsOption::tcp_keepalive) {
      scratch.keepalive = data.u16();
      if (!scratch.keepalive || !data.empty()) return invalid;
    } else if (option->code == EdnsOption::extended_error) {
      const auto code = data.u16();
      if (!code) return invalid;
      if (scratch.ede_count == kMaxEdes) continue;
      Ede& ede = scratch.edes[scratch.ede_count++];
      ede.code = static_cast<ExtendedError>(*code);
      clean_text(data.rest(), ede);
    }
  }
  if (options.malformed()) return invalid;
  return {};
}

}  // namespace dotkeep::dns

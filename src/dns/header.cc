#include "dns/header.h"

namespace dotkeep::dns {

std::optional<Header> Header::parse(Reader& reader) {
  const auto octets = reader.take(kHeaderSize);
  if (!octets) return std::nullopt;
  const auto word = [octets](std::size_t i) {
    return static_cast<std::uint16_t>((*octets)[2 * i] << 8 | (*octets)[2 * i + 1]);
  };
  return Header{word(0), word(1), word(2), word(3), word(4), word(5)};
}

void Header::write(Writer& out) const {
  out.u16(id);
  out.u16(flags);
  out.u16(questions);
  out.u16(answers);
  out.u16(authorities);
  out.u16(additionals);
}

void write_question(Writer& out, const Question& question, std::uint16_t question_class) {
  out.octets(question.name.wire());
  out.u16(static_cast<std::uint16_t>(question.type));
  out.u16(question_class);
}

}  // namespace dotkeep::dns

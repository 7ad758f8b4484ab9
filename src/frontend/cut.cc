#include "frontend/cut.h"

#include <optional>

#include "dns/header.h"

namespace dotkeep::frontend {

std::size_t cut_to_question(MutableOctets response) {
  Reader reader(response);
  std::optional<dns::Header> header = dns::Header::parse(reader);
  if (!header || !header->is_response() || header->questions > 1) return 0;
  std::size_t size = dns::kHeaderSize;
  if (header->questions == 1) {
    const auto name = dns::Name::parse(reader);
    if (!name || !reader.take(4)) return 0;
    size += name->size() + 4;
  }
  if (size >= response.size()) return 0;
  header->flags |= dns::kFlagTruncated;
  header->answers = header->authorities = header->additionals = 0;
  Writer writer(response);
  header->write(writer);
  return size;
}

}  // namespace dotkeep::frontend

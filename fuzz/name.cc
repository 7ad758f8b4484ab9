// Names from wire form and from text: what is taken survives the way to the other form and back.
#include "dns/name.h"

#include <array>
#include <string_view>

#include "fuzz.h"

namespace {

using dotkeep::Octets;
using dotkeep::Reader;
using dotkeep::dns::Name;

bool same_octets(Octets a, Octets b) {
  return std::string_view(reinterpret_cast<const char*>(a.data()), a.size()) ==
         std::string_view(reinterpret_cast<const char*>(b.data()), b.size());
}

void check(const Name& name) {
  FUZZ_CHECK(name.size() >= 1 && name.size() <= dotkeep::dns::kMaxName);
  Reader reader(name.wire());
  const auto again = Name::parse(reader);
  FUZZ_CHECK(again && reader.empty() && same_octets(again->wire(), name.wire()));

  std::array<char, 1024> buffer{};
  const std::string_view text = name.to_text(buffer);
  for (const char c : text) FUZZ_CHECK(c > ' ' && c < 0x7f);
  const auto back = Name::from_text(text);
  FUZZ_CHECK(back && same_octets(back->wire(), name.wire()));

  const Name lower = name.lower();
  FUZZ_CHECK(lower.same_as(name) && name.same_as(lower));
  FUZZ_CHECK(same_octets(lower.lower().wire(), lower.wire()));
  int labels = 0;
  for (Name up = name; !up.is_root(); up = up.parent()) {
    ++labels;
    FUZZ_CHECK(lower.is_within(up) && up.is_within(Name()));
    FUZZ_CHECK(up.same_as(name) == (up.size() == name.size()));
  }
  FUZZ_CHECK(labels == name.labels());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Reader reader(Octets(data, size));
  if (const auto name = Name::parse(reader)) {
    FUZZ_CHECK(reader.offset() == name->size());
    FUZZ_CHECK(same_octets(name->wire(), Octets(data, name->size())));
    check(*name);
  } else {
    FUZZ_CHECK(reader.offset() == 0);
  }
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto name = Name::from_text(text)) check(*name);
  return 0;
}

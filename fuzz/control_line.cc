// A line of whoever may write to the control socket. There is one form of each command: what parses
// is the line that says it.
#include "control/control_line.h"

#include <array>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dotkeep::control;
  const std::string_view line(reinterpret_cast<const char*>(data), size);
  const auto command = parse_control_line(line);
  if (!command) return 0;
  FUZZ_CHECK(size <= kMaxLine);
  std::array<char, kMaxLine> out{};
  const std::string_view again(out.data(), control_line(*command, out));
  FUZZ_CHECK(again == line);
  FUZZ_CHECK(parse_control_line(again) == command);
  return 0;
}

// The cache against a simple model of it, through steps that the input chooses.
#include <memory>

#include "cache_model_run.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dotkeep::cache;
  const auto run = std::make_unique<model::Run>([](bool holds, const char* what) {
    if (!holds) static_cast<void>(std::fprintf(stderr, "differs: %s\n", what));
    FUZZ_CHECK(holds);
  });
  std::size_t at = 0;
  const auto next = [&](std::uint32_t below) {
    std::uint32_t number = 0;
    for (int i = 0; i < (below > 256 ? 2 : 1) && at < size; ++i) number = number << 8 | data[at++];
    return number % below;
  };
  while (at < size) run->step(next);
  return 0;
}

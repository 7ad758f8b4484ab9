// What every fuzz target includes: the entry point's shape and a check that holds in every build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// A property. When it does not hold the target aborts, and libFuzzer keeps the input.
#define FUZZ_CHECK(condition)                                                                  \
  do {                                                                                         \
    if (!(condition)) {                                                                        \
      static_cast<void>(                                                                       \
          std::fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #condition)); \
      std::abort();                                                                            \
    }                                                                                          \
  } while (false)

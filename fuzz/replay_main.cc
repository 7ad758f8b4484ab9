// Runs a fuzz target over every file of the folders given, so that seeds are ordinary tests too.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "fuzz.h"

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::vector<char> content{std::istreambuf_iterator<char>(in), {}};
      std::vector<std::uint8_t> octets(content.begin(), content.end());
      LLVMFuzzerTestOneInput(octets.data(), octets.size());
      ++count;
    }
  }
  std::printf("%zu seeds\n", count);
  return count == 0 ? 1 : 0;  // a target without seeds is a mistake
}

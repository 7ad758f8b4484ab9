// dotkeep-escape [-v | -l]: lets a stand-in in each room attempt to get out, and says how many
// attempts were denied. Exit 0: all of them. -l only lists them, with their numbers. The stand-ins
// lie in ../libexec/dotkeep beside the folder of this program.
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "escape/start.h"

namespace {

using namespace dotkeep::escape;

constexpr Program kPrograms[] = {{kFrontend, "frontend"},   {kUpstream, "upstream"},
                                 {kConnector, "connector"}, {kControl, "control"},
                                 {kProbe, "probe"},         {kHealth, "health"}};
constexpr std::size_t kLeast = 40;  // fewer and the list is not what it says

std::string program_folder() {
  std::array<char, 4096> self{};
  const ssize_t size = ::readlink("/proc/self/exe", self.data(), self.size() - 1);
  std::string path(self.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  for (int up = 0; up < 2; ++up) path.resize(std::min(path.rfind('/'), path.size()));
  return path + "/libexec/dotkeep";
}

const char* words(Ending ending) {
  switch (ending) {
    case Ending::killed_by_filter:
      return "denied: killed by the filter";
    case Ending::killed:
      return "denied: killed by a fault";
    case Ending::refused:
      return "denied: an error";
    case Ending::succeeded:
      return "SUCCEEDED";
    case Ending::no_such_attempt:
      return "no such attempt";
    case Ending::not_tried:
      return "NOT TRIED";
  }
  return "?";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::strcmp(argv[1], "-l") == 0) {
    for (std::size_t number = 0; attempt(number) != nullptr; ++number) {
      std::printf("%zu %s\n", number, attempt(number)->name);
    }
    return 0;
  }
  const bool verbose = argc == 2 && std::strcmp(argv[1], "-v") == 0;
  const std::string folder = program_folder();
  Surroundings surroundings;
  bool all_well = true;
  for (const Program& program : kPrograms) {
    // One beyond the last: the stand-in runs, sealed, and finds nothing to try.
    if (surroundings.make(program, 100000, true, folder) != Ending::no_such_attempt) {
      std::printf("%-10s its stand-in did not run: is it started as the product is?\n",
                  program.name);
      all_well = false;
      continue;
    }
    std::size_t tried = 0;
    std::size_t denied = 0;
    std::size_t matters = 0;
    for (std::size_t number = 0; attempt(number) != nullptr; ++number) {
      if ((attempt(number)->job & program.room) != 0) continue;
      const Ending ending = surroundings.make(program, number, true, folder);
      const Ending outside = surroundings.make(program, number, false, folder);
      const bool was_denied = ending == Ending::killed_by_filter || ending == Ending::killed ||
                              ending == Ending::refused;
      ++tried;
      denied += was_denied ? 1 : 0;
      matters += outside == Ending::succeeded ? 1 : 0;
      if (verbose || !was_denied) {
        std::printf("%-10s %-55s %s%s\n", program.name, attempt(number)->name, words(ending),
                    outside == Ending::succeeded ? "" : " (and not possible outside)");
      }
    }
    std::printf(
        "%-10s denied %zu of %zu (%zu of them an unsealed process of the same account can do)\n",
        program.name, denied, tried, matters);
    all_well = all_well && denied == tried && matters >= kLeast;
  }
  return all_well ? 0 : 1;
}

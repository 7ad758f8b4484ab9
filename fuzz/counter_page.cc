// Pages that a taken process could write: the first octet chooses which of the three, the rest is
// the page, zeros behind it. What comes of it can be rendered, and the rendering is text that ends
// its lines.
#include <array>
#include <cstring>
#include <memory>

#include "control/render.h"
#include "fuzz.h"

namespace {

using namespace dotkeep;

struct World {
  ipc::ProcessPage processes{};
  ipc::UpstreamPage servers{};
  ipc::CounterPage counters{};
};

void check(const control::Text& text, bool one_line) {
  FUZZ_CHECK(text.ok());
  FUZZ_CHECK(text.view().ends_with('\n'));
  for (const char c : text.view()) FUZZ_CHECK(c == '\n' || (c >= ' ' && c < 0x7f));
  if (one_line) FUZZ_CHECK(text.view().find('\n') == text.size() - 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  static World world;
  static control::Observer observer(
      control::Pages{&world.processes, &world.servers, {&world.counters}});
  std::memset(static_cast<void*>(&world), 0, sizeof world);
  std::array<std::pair<void*, std::size_t>, 3> pages = {{{&world.processes, sizeof world.processes},
                                                         {&world.servers, sizeof world.servers},
                                                         {&world.counters, sizeof world.counters}}};
  const auto [page, room] = pages[data[0] % 3];
  std::memcpy(page, data + 1, std::min(room, size - 1));

  control::Tally tally;
  const control::Snapshot& snapshot = observer.look(Time(Duration(1'000'000'000)), tally);
  FUZZ_CHECK(snapshot.processes.size() <= ipc::kMaxProcesses);
  FUZZ_CHECK(snapshot.servers.size() <= ipc::kMaxServers);
  FUZZ_CHECK(snapshot.frontends[0].all.size() <= ipc::kMaxCounters);
  static std::vector<char> out(control::rendered_size(1, ipc::kMaxServers));
  control::Text text(out);
  control::render_metrics(snapshot, text);
  check(text, false);
  text.clear();
  control::render_status(snapshot, true, text);
  check(text, false);
  text.clear();
  control::render_status_json(snapshot, false, text);
  check(text, true);
  return 0;
}

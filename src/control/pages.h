// The pages of other processes, read as octets that their writer may change at any time and may
// have been taken over: first copied, word by word, then the copy is parsed, and nothing in it is
// believed but its numbers.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "ipc/counter_page.h"
#include "ipc/process_page.h"
#include "ipc/upstream_page.h"

namespace dotkeep::control {

// One number with its name, "what.kind": [a-z0-9_] and printable ASCII. Views into the copy.
struct Counted {
  std::string_view what;
  std::string_view kind;  // may be empty
  std::uint64_t value = 0;
};

// What became of messages and connections at a listener. Views into the copy.
struct ListenerVerdicts {
  std::string_view at;
  bool tcp = false;
  std::vector<Counted> counts;  // those that are not 0; memory for kMaxVerdicts taken beforehand
};

struct Counts {
  std::vector<Counted> all;                 // kMaxCounters at most; its memory is taken beforehand
  std::vector<ListenerVerdicts> listeners;  // kCountedListeners; those without a name are none
  std::vector<ipc::RefusedPrefix> refused;
};

struct Server {
  std::string_view id;
  std::string_view address;
  ipc::ServerRow const* row = nullptr;
  std::vector<Counted> counts;
};

// What a page said: false, and nothing in `out`, when it breaks its form.
[[nodiscard]] bool parse_counters(const ipc::CounterPage& copy, Counts& out);
[[nodiscard]] bool parse_servers(const ipc::UpstreamPage& copy, std::vector<Server>& out);
// How many rows the page has; 0 when it breaks its form.
[[nodiscard]] std::size_t parse_processes(const ipc::ProcessPage& copy);

// The text of a field with zeros behind it.
[[nodiscard]] inline std::string_view text_of(std::span<const char> field) {
  const std::string_view all(field.data(), field.size());
  return all.substr(0, all.find('\0'));
}

// Copies a page while its owner writes it. Where the page has a `version`, parts that it covers may
// be torn when this is false.
bool copy_page(const ipc::CounterPage& page, ipc::CounterPage& copy);
bool copy_page(const ipc::UpstreamPage& page, ipc::UpstreamPage& copy);
bool copy_page(const ipc::ProcessPage& page, ipc::ProcessPage& copy);

}  // namespace dotkeep::control

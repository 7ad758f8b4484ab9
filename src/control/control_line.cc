#include "control/control_line.h"

#include <algorithm>

#include "control/text.h"

namespace dotkeep::control {
namespace {

using Scope = ipc::Flush::Scope;

// What stands before the first single space; the rest stays in `line`.
std::string_view take_word(std::string_view& line) {
  const std::size_t space = line.find(' ');
  const std::string_view word = line.substr(0, space);
  line.remove_prefix(space == std::string_view::npos ? line.size() : space + 1);
  return word;
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= ipc::kMaxFlushName &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

}  // namespace

std::optional<Command> parse_control_line(std::string_view line) {
  if (line.empty() || line.back() == ' ') return std::nullopt;
  Command command;
  const std::string_view verb = take_word(line);
  if (verb == "status") {
    for (bool* const option : {&command.json, &command.addresses}) {
      const std::string_view rest = line;
      const std::string_view word = take_word(line);
      *option = word == (option == &command.json ? "json" : "addresses");
      if (!*option) line = rest;
    }
    return line.empty() ? std::optional(command) : std::nullopt;
  }
  command.kind = Command::Kind::flush;
  if (verb == "flush-suffix") {
    command.scope = Scope::suffix;
  } else if (verb != "flush") {
    return std::nullopt;
  } else if (!line.empty()) {
    command.scope = Scope::name;
  } else {
    return command;
  }
  command.name = line;
  return is_name(line) ? std::optional(command) : std::nullopt;
}

std::size_t control_line(const Command& command, std::span<char> out) {
  Text text(out);
  if (command.kind == Command::Kind::status) {
    text.raw("status").raw(command.json ? " json" : "").raw(command.addresses ? " addresses" : "");
    return text.size();
  }
  text.raw(command.scope == Scope::suffix ? "flush-suffix" : "flush");
  if (command.scope != Scope::all) text.raw(" ").raw(command.name);
  return text.size();
}

}  // namespace dotkeep::control

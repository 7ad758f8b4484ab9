// Events, one line each on standard error: `time level process event key=value ...` as text, or one
// JSON object. Values are escaped, so no octet of a stranger's can forge a line or move a
// terminal's cursor. One write(2) per line; a full or closed standard error loses the line, never
// blocks the program (the descriptor is what the operator gave; nothing is buffered).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <type_traits>

namespace dotkeep::log {

enum class Level : std::uint8_t { error, warning, info, debug };
enum class Format : std::uint8_t { text, json };

// One field: a key that we chose and a value, either text (escaped, at most 256 octets of it kept)
// or a number.
struct Field {
  Field(std::string_view k, std::string_view v) : key(k), text(v) {}
  Field(std::string_view k, const char* v) : key(k), text(v) {}
  template <typename Integer>
    requires std::is_integral_v<Integer>
  Field(std::string_view k, Integer v)
      : key(k), number(static_cast<std::int64_t>(v)), is_number(true) {}

  std::string_view key;
  std::string_view text;
  std::int64_t number = 0;
  bool is_number = false;
};

// A line never exceeds this, its newline included: it stays one atomic write to a pipe (PIPE_BUF is
// 4096) and one journal entry. Fields that do not fit are left out and the line ends in cut=1.
inline constexpr std::size_t kMaxLine = 2048;
inline constexpr std::size_t kMaxValue = 256;

// Says who speaks ("frontend[0]") and what is written. Call once, before the first event. `process`
// must outlive the program.
void set_up(std::string_view process, Level level, Format format);

[[nodiscard]] bool enabled(Level level);

// `event` is a short phrase in plain words ("upstream is down"), the same for every such event.
void write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

inline void error(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::error, event, fields);
}
inline void warning(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::warning, event, fields);
}
inline void info(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::info, event, fields);
}
inline void debug(std::string_view event, std::initializer_list<Field> fields = {}) {
  write(Level::debug, event, fields);
}

// The line that `write` would put out, without the time, into `out`; its length, newline included.
// 0 when `out` cannot hold even a line without fields.
std::size_t render(std::span<char> out, std::string_view process, Level level, Format format,
                   std::string_view event, std::span<const Field> fields);

}  // namespace dotkeep::log

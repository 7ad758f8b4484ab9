#include "base/log.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "base/log_line.h"

namespace dotkeep::log {
namespace {

// Process-wide on purpose: a program speaks with one voice, and is single-threaded.
struct Voice {
  std::string_view process = "dotkeep";
  Level level = Level::info;
  Format format = Format::text;
};
Voice voice;

constexpr std::size_t kMaxProcess = 64;

std::string_view to_string(Level level) {
  switch (level) {
    case Level::error:
      return "error";
    case Level::warning:
      return "warning";
    case Level::info:
      return "info";
    case Level::debug:
      break;
  }
  return "debug";
}

void put_padded(Line& line, unsigned value, std::size_t width) {
  std::array<char, 8> digits{};
  for (std::size_t i = width; i-- > 0; value /= 10) digits[i] = static_cast<char>('0' + value % 10);
  line.raw({digits.data(), width});
}

// RFC 3339 in UTC, to the millisecond. Not gmtime_r: that reads /etc/localtime, which a sealed
// worker may not open.
void put_time(Line& line, std::chrono::system_clock::time_point now) {
  namespace chrono = std::chrono;
  const auto day = chrono::floor<chrono::days>(now);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss time(chrono::floor<chrono::milliseconds>(now - day));
  put_padded(line, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  line.put('-');
  put_padded(line, static_cast<unsigned>(date.month()), 2);
  line.put('-');
  put_padded(line, static_cast<unsigned>(date.day()), 2);
  line.put('T');
  put_padded(line, static_cast<unsigned>(time.hours().count()), 2);
  line.put(':');
  put_padded(line, static_cast<unsigned>(time.minutes().count()), 2);
  line.put(':');
  put_padded(line, static_cast<unsigned>(time.seconds().count()), 2);
  line.put('.');
  put_padded(line, static_cast<unsigned>(time.subseconds().count()), 3);
  line.put('Z');
}

void put_number(Line& line, std::int64_t number) {
  std::array<char, 24> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  line.raw({digits.data(), static_cast<std::size_t>(end - digits.data())});
}

void put_head(Line& line, std::string_view process, Level level, Format format,
              std::string_view event) {
  if (format == Format::json) {
    line.raw("\"level\":\"");
    line.raw(to_string(level));
    line.raw("\",\"process\":");
    line.json(process.substr(0, kMaxProcess));
    line.raw(",\"event\":");
    line.json(event.substr(0, kMaxValue / 2));
  } else {
    line.raw(to_string(level));
    line.put(' ');
    line.text(process.substr(0, kMaxProcess));
    line.raw(": ");
    line.text(event.substr(0, kMaxValue / 2));
  }
}

void put_field(Line& line, Format format, const Field& field) {
  const std::string_view key = field.key.substr(0, kMaxProcess);
  const std::string_view value = field.text.substr(0, kMaxValue);
  if (format == Format::json) {
    line.put(',');
    line.json(key);
    line.put(':');
  } else {
    line.put(' ');
    line.text(key);
    line.put('=');
  }
  if (field.is_number) {
    put_number(line, field.number);
  } else if (format == Format::json) {
    line.json(value);
  } else {
    line.value(value);
  }
}

// The line from its level to its newline.
bool put_rest(Line& line, std::string_view process, Level level, Format format,
              std::string_view event, std::span<const Field> fields) {
  const std::string_view cut = format == Format::json ? ",\"cut\":1}\n" : " cut=1\n";
  const std::string_view end = format == Format::json ? "}\n" : "\n";
  if (!line.reserve(cut.size())) return false;
  put_head(line, process, level, format, event);
  if (!line.ok()) return false;
  for (const Field& field : fields) {
    const std::size_t before = line.size();
    put_field(line, format, field);
    if (line.ok()) continue;
    line.rewind(before);
    line.finish(cut);
    return true;
  }
  line.finish(end);
  return true;
}

}  // namespace

void set_up(std::string_view process, Level level, Format format) {
  voice = {process, level, format};
}

bool enabled(Level level) {
  return level <= voice.level;
}

void write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!enabled(level)) return;
  const int saved = errno;
  std::array<char, kMaxLine> out{};
  Line line(out);
  line.raw(voice.format == Format::json ? "{\"time\":\"" : "");
  put_time(line, std::chrono::system_clock::now());
  line.raw(voice.format == Format::json ? "\"," : " ");
  if (put_rest(line, voice.process, level, voice.format, event, {fields.begin(), fields.size()})) {
    // A line that cannot be written is lost: there is nowhere to report it and no right to wait.
    [[maybe_unused]] const ssize_t ignored = ::write(STDERR_FILENO, out.data(), line.size());
  }
  errno = saved;
}

std::size_t render(std::span<char> out, std::string_view process, Level level, Format format,
                   std::string_view event, std::span<const Field> fields) {
  Line line(out.first(std::min(out.size(), kMaxLine)));
  if (format == Format::json) line.put('{');
  return put_rest(line, process, level, format, event, fields) ? line.size() : 0;
}

}  // namespace dotkeep::log

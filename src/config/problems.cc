#include "config/problems.h"

#include <cstddef>
#include <map>

namespace dotkeep::config {
namespace {

constexpr std::size_t kMaxQuoted = 80;  // one terminal line

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (const char octet : text) {
    if (octet >= ' ' && octet <= '~') {
      out += octet;
    } else {
      const auto value = static_cast<unsigned char>(octet);
      out += "\\x";
      out += kHex[value >> 4];
      out += kHex[value & 0xfU];
    }
  }
  return out;
}

std::string quoted(std::string_view text) {
  return "'" + printable(text.substr(0, kMaxQuoted)) + (text.size() > kMaxQuoted ? "...'" : "'");
}

std::vector<Problem> Problems::take(bool warnings) const {
  // Equal lines keep their order. Not std::stable_sort: clang takes libstdc++ 12's for deprecated.
  std::multimap<std::uint32_t, const Problem*> by_line;
  for (const Problem& problem : list_) {
    // Line 0 wraps to the end.
    if (problem.warning == warnings) by_line.emplace(problem.line - 1U, &problem);
  }
  std::vector<Problem> out;
  out.reserve(by_line.size());
  for (const auto& [line, problem] : by_line) out.push_back(*problem);
  return out;
}

std::string Problem::to_text(std::string_view file) const {
  std::string out;
  // A problem of the command line names its option and no file.
  if (!key.starts_with("--")) {
    out += file;
    if (line != 0) out += ":" + std::to_string(line);
    out += ": ";
  }
  if (warning) out += "warning: ";
  if (!key.empty()) out += key + ": ";
  return out + message;
}

}  // namespace dotkeep::config

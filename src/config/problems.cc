#include "config/problems.h"

#include <algorithm>
#include <cstddef>

namespace dotkeep::config {
namespace {

constexpr std::size_t kMaxQuoted = 80;  // one terminal line

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  for (const char octet : text.substr(0, kMaxQuoted)) {
    if (octet >= ' ' && octet <= '~') {
      out += octet;
    } else {
      const auto value = static_cast<unsigned char>(octet);
      out += "\\x";
      out += kHex[value >> 4];
      out += kHex[value & 0xfU];
    }
  }
  if (text.size() > kMaxQuoted) out += "...";
  out += '\'';
  return out;
}

std::vector<Problem> Problems::take(bool warnings) const {
  std::vector<Problem> out;
  std::ranges::copy_if(list_, std::back_inserter(out),
                       [&](const Problem& problem) { return problem.warning == warnings; });
  // 0 - 1 wraps to the end.
  std::ranges::stable_sort(out, {}, [](const Problem& problem) { return problem.line - 1U; });
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

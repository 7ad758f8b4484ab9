#include "config/prescan.h"

#include <cstddef>
#include <cstdint>
#include <string>

#include "config/value.h"

namespace dotkeep::config {
namespace {

// The lexical state that decides where strings and comments are. Strings end with their line, since
// multi-line ones are refused; an unclosed one is left for the library to report.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {
    constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // an editor's, at the start only
    if (text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }

  std::optional<Problem> run() {
    for (; at_ < text_.size(); ++at_) {
      switch (text_[at_]) {
        case '\n':
          ++line_;
          dots_ = 0;
          break;
        case '#':
          skip_to_end_of_line();
          break;
        case '"':
        case '\'':
          if (text_.substr(at_, 3) == std::string(3, text_[at_])) {
            return problem("a multi-line string; write the text in one line, in single quotes");
          }
          skip_string(text_[at_]);
          break;
        case '.':
          if (++dots_ > kMaxDots) return problem("more dots outside quotes than any key has");
          break;
        case '[':
        case '{':
          if (++depth_ > kMaxNesting) return problem("nested deeper than any value here");
          break;
        case ']':
        case '}':
          if (depth_ > 0) --depth_;
          break;
        default:
          // Not TOML anyway, and the library's tables of Unicode have holes that it runs into.
          if (static_cast<unsigned char>(text_[at_]) >= 0x80) {
            return problem("an octet beyond ASCII outside quotes and comments");
          }
          break;
      }
    }
    return std::nullopt;
  }

 private:
  [[nodiscard]] Problem problem(std::string message) const {
    return {false, line_, "", std::move(message)};
  }

  // Leaves the cursor on the octet before the line feed, so that run() sees it.
  void skip_to_end_of_line() {
    while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
  }

  void skip_string(char quote) {
    while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') {
      ++at_;
      if (text_[at_] == quote) return;
      // In a basic string a backslash takes the next octet with it, but never a line feed.
      const bool escape = quote == '"' && text_[at_] == '\\';
      if (escape && at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t dots_ = 0;
  std::size_t depth_ = 0;
};

}  // namespace

std::optional<Problem> prescan(std::string_view text) {
  if (text.size() > kMaxFileOctets) {
    return Problem{false, 0, "",
                   "has " + std::to_string(text.size()) + " octets; at most " +
                       std::to_string(kMaxFileOctets) + " are read"};
  }
  return Scanner(text).run();
}

}  // namespace dotkeep::config

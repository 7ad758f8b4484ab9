#include "policyc/parse.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "policyc/allow_line.h"
#include "policyc/symbols.h"
#include "policyc/syscalls.h"
#include "policyc/tokens.h"

namespace dotkeep::policyc {
namespace {

constexpr std::string_view kReasonMark = " : ";

std::string_view trim(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  text.remove_suffix(text.size() - std::min(text.find_last_not_of(' ') + 1, text.size()));
  return text;
}

bool is_printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

class Parser {
 public:
  void feed(std::string_view raw) {
    ++number_;
    if (raw.size() > kMaxLine) return fail("longer than 300 characters");
    if (!is_printable(raw)) return fail("only printable ASCII and spaces are allowed");
    const std::string_view line = trim(raw);
    if (line.empty() || line.front() == '#') return;
    if (section_title(line)) return;
    const std::size_t mark = line.find(kReasonMark);
    if (mark == std::string_view::npos) return fail("no reason: a line ends in ' : why'");
    const std::string_view reason = trim(line.substr(mark + kReasonMark.size()));
    if (reason.empty()) return fail("no reason: a line ends in ' : why'");
    Tokens tokens(line.substr(0, mark));
    statement(tokens, reason);
  }

  std::expected<Document, std::vector<Problem>> finish() {
    if (document_.name.empty() && problems_.empty()) {
      problems_.push_back({0, "no 'room NAME : what it is for'"});
    }
    if (!problems_.empty()) return std::unexpected(std::move(problems_));
    return std::move(document_);
  }

 private:
  void fail(std::string message) { problems_.push_back({number_, std::move(message)}); }

  bool section_title(std::string_view line) {
    if (line == "start:") {
      section_ = Section::start;
    } else if (line == "bounds:") {
      section_ = Section::bounds;
    } else if (line == "run:") {
      section_ = Section::run;
    } else {
      return false;
    }
    if (document_.name.empty()) fail("'room NAME : what it is for' comes first");
    return true;
  }

  void statement(Tokens& tokens, std::string_view reason) {
    const std::string_view word = tokens.next();
    if (word == "room" || word == "overlay") return title(word, tokens, reason);
    if (word == "inherit") return inherit(tokens, reason);
    if (!section_) return fail("before any of 'start:', 'bounds:', 'run:'");
    const bool bounds = section_ == Section::bounds;
    if (word == "allow" && !bounds) return allow(tokens, reason);
    if (word == "answer" && section_ == Section::run) return answer(tokens, reason);
    if (word == "limit" && bounds) return limit(tokens, reason);
    if (word == "landlock" && bounds) return landlock(tokens, reason);
    if (word == "layer" && bounds) return layer(tokens, reason);
    fail("'" + std::string(word) + "' is no line of this section");
  }

  void title(std::string_view word, Tokens& tokens, std::string_view reason) {
    const std::string_view name = tokens.next();
    if (!is_name(name) || !tokens.done()) return fail("the name of a room is one plain word");
    if (!document_.name.empty()) return fail("a file has one room");
    document_.overlay = word == "overlay";
    document_.name = name;
    document_.reason = reason;
  }

  void inherit(Tokens& tokens, std::string_view reason) {
    if (document_.name.empty() || section_ || !document_.inherits.empty()) {
      return fail("'inherit' comes once, after the room's name and before its sections");
    }
    while (!tokens.done()) {
      const std::string_view room = tokens.next();
      if (!is_name(room) || document_.inherits.size() == kMaxInherits ||
          std::ranges::find(document_.inherits, room) != document_.inherits.end()) {
        return fail("'inherit' wants different names of rooms");
      }
      document_.inherits.emplace_back(room);
    }
    if (document_.inherits.empty()) return fail("'inherit' wants names of rooms");
    document_.inherit_reason = reason;
  }

  void allow(Tokens& tokens, std::string_view reason) {
    Allow allow;
    allow.section = *section_;
    allow.reason = reason;
    allow.line = number_;
    std::string error;
    if (!read_allow(tokens, allow, error)) return fail(std::move(error));
    document_.allows.push_back(std::move(allow));
  }

  void answer(Tokens& tokens, std::string_view reason) {
    Answer answer;
    answer.reason = reason;
    answer.line = number_;
    answer.name = tokens.next();
    answer.error.text = tokens.next();
    if (find_syscall(answer.name) == nullptr) {
      return fail("unknown system call '" + answer.name + "'");
    }
    const auto error = answer.error.text == "0" ? 0 : find_error(answer.error.text);
    if (!error || !tokens.done()) return fail("'answer NAME' wants the name of one error, or 0");
    answer.error.number = *error;
    document_.answers.push_back(std::move(answer));
  }

  void limit(Tokens& tokens, std::string_view reason) {
    Limit limit;
    limit.reason = reason;
    limit.line = number_;
    limit.name = tokens.next();
    const auto resource = find_resource(limit.name);
    if (!resource) return fail("unknown resource '" + limit.name + "'");
    limit.resource = *resource;
    const std::string_view value = tokens.next();
    const char* const begin = value.data();
    const char* const end = begin + value.size();
    const auto [stop, error] = std::from_chars(begin, end, limit.value);
    if (value.empty() || error != std::errc() || stop != end || !tokens.done()) {
      return fail("'limit' wants one number");
    }
    document_.limits.push_back(std::move(limit));
  }

  void landlock(Tokens& tokens, std::string_view reason) {
    const std::string_view what = tokens.next();
    if ((what != "files" && what != "network" && what != "scopes") || !tokens.done()) {
      return fail("'landlock' wants one of files, network, scopes");
    }
    document_.landlocks.push_back({std::string(what), std::string(reason), number_});
  }

  void layer(Tokens& tokens, std::string_view reason) {
    const std::string_view what = tokens.next();
    if (std::ranges::find(kLayers, what) == std::end(kLayers) || !tokens.done()) {
      return fail("'layer' wants one of namespaces, empty_network, empty_root, memory_locked");
    }
    document_.layers.push_back({std::string(what), std::string(reason), number_});
  }

  std::size_t number_ = 0;
  std::optional<Section> section_;
  Document document_;
  std::vector<Problem> problems_;
};

}  // namespace

std::expected<Document, std::vector<Problem>> parse(std::string_view text) {
  std::vector<Problem> whole;
  if (text.size() > kMaxText) whole.push_back({0, "larger than 256 KiB"});
  if (static_cast<std::size_t>(std::ranges::count(text, '\n')) > kMaxLines) {
    whole.push_back({0, "more than 2000 lines"});
  }
  if (!whole.empty()) return std::unexpected(std::move(whole));
  Parser parser;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    parser.feed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parser.finish();
}

}  // namespace dotkeep::policyc

// A policy file as data: what one room may do, line by line, each with its reason.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dotkeep::policyc {

// `start`: from exec until the seal; a room's own filter never allows it, the supervisor's does,
// because filters are inherited. `bounds`: what besides seccomp the seal puts in force. `run`: what
// is allowed once sealed.
enum class Section : std::uint8_t { start, bounds, run };

// Symbols or numbers joined by '|', with what they come to.
struct Value {
  std::string text;
  std::uint64_t number = 0;
  friend bool operator==(const Value& a, const Value& b) { return a.number == b.number; }
};

// There is no "!=", "<" or ">": an allow line with one is a deny list in disguise.
enum class Operator : std::uint8_t {
  equals,  // ARG == VALUE
  one_of,  // ARG in {VALUE, VALUE}
  masked,  // ARG & MASK == VALUE
  within,  // ARG within VALUE: no bit but those
};

struct Condition {
  std::string argument;
  Operator op = Operator::equals;
  Value mask;                 // masked only
  std::vector<Value> values;  // one, but for one_of
  friend bool operator==(const Condition&, const Condition&) = default;
};

// `allow NAME [or NAME]... [where-present] [where CONDITION [and CONDITION]...] : REASON`
struct Allow {
  Section section = Section::run;
  std::vector<std::string> names;  // the first that the target architecture has is the one
  bool where_present = false;      // the target may lack them all
  std::vector<Condition> conditions;
  std::string reason;
  std::size_t line = 0;
  std::string from;  // the room that it was inherited from; empty: this one
};

// `answer NAME ERRNO : REASON`: the call does nothing and returns that error, or 0.
struct Answer {
  std::string name;
  Value error;
  std::string reason;
  std::size_t line = 0;
};

// `limit NAME VALUE : REASON`: soft and hard, for good.
struct Limit {
  std::string name;  // "NPROC"
  int resource = 0;  // RLIMIT_NPROC
  std::uint64_t value = 0;
  std::string reason;
  std::size_t line = 0;
};

// `landlock files|network|scopes : REASON`
struct Landlock {
  std::string what;
  std::string reason;
  std::size_t line = 0;
};

// `layer NAME : REASON`: one of kLayers, which the room can have and must have where it is
// required.
struct Layer {
  std::string what;
  std::string reason;
  std::size_t line = 0;
};
inline constexpr std::string_view kLayers[] = {"namespaces", "empty_network", "empty_root",
                                               "memory_locked"};

struct Document {
  bool overlay = false;  // `overlay NAME : ...` instead of `room NAME : ...`
  std::string name;
  std::string reason;                 // what the room is for
  std::vector<std::string> inherits;  // rooms whose start and run lines are allowed too
  std::string inherit_reason;
  std::vector<Allow> allows;  // in the order of the file, which is the filter's order
  std::vector<Answer> answers;
  std::vector<Limit> limits;
  std::vector<Landlock> landlocks;
  std::vector<Layer> layers;
};

struct Problem {
  std::size_t line = 0;  // 1-based; 0: the file as a whole
  std::string message;
  // "FILE:12: unknown system call 'opne'"
  [[nodiscard]] std::string to_text(std::string_view file) const;
};

// The text of one line or of the whole, in the one canonical form; parsing it gives the same
// document again, but for comments and line numbers.
[[nodiscard]] std::string to_text(const Condition& condition);
[[nodiscard]] std::string to_text(const Allow& allow);
[[nodiscard]] std::string to_text(const Document& document);

}  // namespace dotkeep::policyc

// What is wrong with a configuration, gathered while it is read, so that the operator sees all of
// it at once.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config.h"

namespace dotkeep::config {

// `text` with octets that are not printable ASCII as \xHH: safe on a terminal and in a log.
[[nodiscard]] std::string printable(std::string_view text);
// The same in single quotes, cut after 80 octets.
[[nodiscard]] std::string quoted(std::string_view text);

class Problems {
 public:
  void error(std::uint32_t line, std::string key, std::string message) {
    errors_ = true;
    list_.push_back({false, line, std::move(key), std::move(message)});
  }
  void warning(std::uint32_t line, std::string key, std::string message) {
    list_.push_back({true, line, std::move(key), std::move(message)});
  }
  [[nodiscard]] bool any_errors() const { return errors_; }
  // All of one kind, by line; what has no line (the whole file, the command line) comes last.
  [[nodiscard]] std::vector<Problem> errors() const { return take(false); }
  [[nodiscard]] std::vector<Problem> warnings() const { return take(true); }

 private:
  [[nodiscard]] std::vector<Problem> take(bool warnings) const;

  std::vector<Problem> list_;
  bool errors_ = false;
};

}  // namespace dotkeep::config

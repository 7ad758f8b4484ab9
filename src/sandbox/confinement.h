// What is put around a worker before it begins, by who starts it: a process cannot make these for
// itself without rights that it never has. The worker is told in a word, so that its log and
// [sandbox] require know.
#pragma once

#include <string>
#include <string_view>

namespace dotkeep::sandbox {

struct Confinement {
  bool namespaces = false;     // user, mount, process, IPC, host name and control group namespaces
  bool empty_network = false;  // a network namespace without an interface that is up
  bool empty_root = false;     // a root folder in which nothing is and nothing can be made

  friend bool operator==(const Confinement&, const Confinement&) = default;

  // "namespaces+network+root", "none"; for the worker's last argument.
  [[nodiscard]] std::string to_word() const;
  // What is not in the word, or not known, is not in force.
  [[nodiscard]] static Confinement from_word(std::string_view word);
};

}  // namespace dotkeep::sandbox

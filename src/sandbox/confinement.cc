#include "sandbox/confinement.h"

#include <algorithm>

namespace dotkeep::sandbox {

std::string Confinement::to_word() const {
  std::string word;
  const auto add = [&](bool in_force, std::string_view name) {
    if (!in_force) return;
    if (!word.empty()) word += '+';
    word += name;
  };
  add(namespaces, "namespaces");
  add(empty_network, "network");
  add(empty_root, "root");
  return word.empty() ? "none" : word;
}

Confinement Confinement::from_word(std::string_view word) {
  Confinement confinement;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find('+'), word.size());
    const std::string_view name = word.substr(0, end);
    if (name == "namespaces") confinement.namespaces = true;
    if (name == "network") confinement.empty_network = true;
    if (name == "root") confinement.empty_root = true;
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return confinement;
}

}  // namespace dotkeep::sandbox

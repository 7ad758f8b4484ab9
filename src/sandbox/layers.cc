#include "sandbox/layers.h"

#include <algorithm>
#include <array>

namespace dotkeep::sandbox {
namespace {

struct Named {
  std::string_view name;
  bool Layers::* flag;
};

constexpr std::array<Named, 16> kNamed = {{
    {"no_new_privs", &Layers::no_new_privs},
    {"capabilities", &Layers::capabilities},
    {"seccomp", &Layers::seccomp},
    {"landlock_files", &Layers::landlock_files},
    {"landlock_network", &Layers::landlock_network},
    {"landlock_scopes", &Layers::landlock_scopes},
    {"mdwe", &Layers::mdwe},
    {"not_dumpable", &Layers::not_dumpable},
    {"descriptors", &Layers::descriptors},
    {"no_memory", &Layers::no_memory},
    {"mseal", &Layers::mseal},
    {"namespaces", &Layers::namespaces},
    {"empty_network", &Layers::empty_network},
    {"empty_root", &Layers::empty_root},
    {"memory_locked", &Layers::memory_locked},
    {"speculation", &Layers::speculation},
}};

// What may be required: all of the above but "speculation", for what a kernel says of it differs by
// processor and its own settings more than by what is in force.
constexpr std::array<std::string_view, 16> kRequirable = {
    "no_new_privs",   "capabilities",     "seccomp",         "landlock",
    "landlock_files", "landlock_network", "landlock_scopes", "mdwe",
    "not_dumpable",   "descriptors",      "no_memory",       "mseal",
    "namespaces",     "empty_network",    "empty_root",      "memory_locked"};

// All that a process of this policy can have.
Layers possible(const Policy& policy) {
  Layers layers;
  for (const Named& named : kNamed) layers.*(named.flag) = true;
  layers.landlock_files = policy.landlock_files;
  layers.landlock_network = policy.landlock_network;
  layers.landlock_scopes = policy.landlock_scopes;
  layers.no_memory = policy.no_memory;
  layers.namespaces = policy.namespaces;
  layers.empty_network = policy.empty_network;
  layers.empty_root = policy.empty_root;
  layers.memory_locked = policy.memory_locked;
  return layers;
}

bool is_requirable(std::string_view name) {
  return std::ranges::find(kRequirable, name) != kRequirable.end();
}

}  // namespace

bool Layers::has(std::string_view layer) const {
  if (layer == "landlock") return landlock_files && landlock_network && landlock_scopes;
  const auto* const found = std::find_if(kNamed.begin(), kNamed.end(),
                                         [&](const Named& named) { return named.name == layer; });
  return found != kNamed.end() && this->*(found->flag);
}

std::string Layers::to_text() const {
  std::string text;
  for (const Named& named : kNamed) {
    if (!(this->*(named.flag))) continue;
    if (!text.empty()) text += ' ';
    text += named.name;
  }
  if (landlock_abi > 0) text += " landlock_abi=" + std::to_string(landlock_abi);
  return text;
}

std::span<const std::string_view> layer_names() {
  return kRequirable;
}

std::optional<std::string_view> missing_layer(const Layers& layers, const Policy& policy,
                                              std::span<const std::string> require) {
  const Layers can = possible(policy);
  for (const std::string& name : require) {
    if (name != "all") {
      if (!is_requirable(name) || (can.has(name) && !layers.has(name))) return name;
      continue;
    }
    const auto* const missing = std::ranges::find_if(
        kRequirable, [&](std::string_view each) { return can.has(each) && !layers.has(each); });
    if (missing != kRequirable.end()) return *missing;
  }
  return std::nullopt;
}

}  // namespace dotkeep::sandbox

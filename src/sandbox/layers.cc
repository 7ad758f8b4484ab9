#include "sandbox/layers.h"

#include <algorithm>
#include <array>

namespace dotkeep::sandbox {
namespace {

struct Named {
  std::string_view name;
  bool Layers::* flag;
};

constexpr std::array<Named, 10> kNamed = {{
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
}};

// What may be required: all of the above but "no_memory", which not every process can have.
constexpr std::array<std::string_view, 10> kRequirable = {
    "no_new_privs",     "capabilities",    "seccomp", "landlock",     "landlock_files",
    "landlock_network", "landlock_scopes", "mdwe",    "not_dumpable", "descriptors"};

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

std::optional<std::string_view> missing_layer(const Layers& layers,
                                              std::span<const std::string> require) {
  for (const std::string& name : require) {
    if (name != "all") {
      if (!layers.has(name)) return name;
      continue;
    }
    const auto* const missing = std::ranges::find_if_not(
        kRequirable, [&](std::string_view each) { return layers.has(each); });
    if (missing != kRequirable.end()) return *missing;
  }
  return std::nullopt;
}

}  // namespace dotkeep::sandbox

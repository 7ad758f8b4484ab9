#include "policyc/emit.h"

#include <algorithm>
#include <array>

namespace dotkeep::policyc {
namespace {

constexpr std::string_view kHead = "// Made by policyc; the policy file is what to edit.\n";

std::string constant_name(std::string room) {
  if (!room.empty() && room[0] >= 'a' && room[0] <= 'z') {
    room[0] = static_cast<char>(room[0] - 'a' + 'A');
  }
  return "k" + room;
}

std::string_view yes_no(bool value) {
  return value ? "true" : "false";
}

bool has_landlock(const Document& document, std::string_view what) {
  return std::ranges::any_of(document.landlocks, [&](const Landlock& l) { return l.what == what; });
}

bool has_layer(const Document& document, std::string_view what) {
  return std::ranges::any_of(document.layers, [&](const Layer& l) { return l.what == what; });
}

// Nothing that gets memory from the kernel, or changes what it may be used for, is allowed.
bool no_memory(const Target& target) {
  constexpr std::array<std::string_view, 5> kMemory = {"brk", "madvise", "mmap", "mprotect",
                                                       "mremap"};
  return std::ranges::none_of(target.rules, [&](const Rule& rule) {
    return std::ranges::find(kMemory, rule.syscall) != kMemory.end();
  });
}

std::string quoted_lines(std::string_view text) {
  std::string literal;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    literal += "    \"";
    for (const char c : text.substr(0, end)) {
      if (c == '"' || c == '\\') literal += '\\';
      literal += c;
    }
    literal += "\\n\"\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return literal;
}

}  // namespace

std::string emit_policy(const Document& document, const Target& target,
                        std::span<const sock_filter> program, bool overlay) {
  std::string out(kHead);
  out += "#include \"policy/policies.h\"\n\nnamespace dotkeep::policy {\nnamespace {\n\n";
  out += "constexpr sock_filter kProgram[] = {\n";
  for (const sock_filter& i : program) {
    out += "    {" + std::to_string(i.code) + ", " + std::to_string(i.jt) + ", " +
           std::to_string(i.jf) + ", " + std::to_string(i.k) + "U},\n";
  }
  out += "};\n";
  if (!document.limits.empty()) {
    out += "constexpr sandbox::Rlimit kRlimits[] = {\n";
    for (const Limit& limit : document.limits) {
      out += "    {" + std::to_string(limit.resource) + ", " + std::to_string(limit.value) +
             "U},  // " + limit.name + "\n";
    }
    out += "};\n";
  }
  out += "\n}  // namespace\n\nconstinit const sandbox::Policy " + constant_name(document.name);
  out += " = {\n    .room = \"" + document.name + "\",\n    .filter = kProgram,\n";
  out += "    .allowed_syscalls = " + std::to_string(target.allowed_syscalls()) + ",\n";
  out += document.limits.empty() ? "    .rlimits = {},\n" : "    .rlimits = kRlimits,\n";
  for (const std::string_view what : {"files", "network", "scopes"}) {
    out += "    .landlock_";
    out += what;
    out += " = ";
    // A sanitizer's programs load shared libraries, before and after their parent's seal.
    out += yes_no(has_landlock(document, what) && !(overlay && what == "files"));
    out += ",\n";
  }
  for (const std::string_view what : kLayers) {
    out += "    .";
    out += what;
    out += " = ";
    // A sanitizer's shadow is more than may be locked.
    out += yes_no(has_layer(document, what) && !(overlay && what == "memory_locked"));
    out += ",\n";
  }
  out += "    .no_memory = ";
  out += yes_no(no_memory(target));
  out += ",\n    .overlay = ";
  out += yes_no(overlay);
  out += ",\n};\n\n}  // namespace dotkeep::policy\n";
  return out;
}

std::string emit_texts(std::span<const RoomText> rooms, std::uint32_t architecture) {
  std::string out(kHead);
  out +=
      "#include \"policy/texts.h\"\n#include \"policy/syscall_names.h\"\n\nnamespace "
      "dotkeep::policy {\nnamespace {\n\n";
  out += "constexpr Text kTexts[] = {\n";
  for (const RoomText& room : rooms) {
    Document document = room.document;
    for (Allow& allow : document.allows) {
      if (!allow.from.empty()) allow.reason += " [" + allow.from + "]";
    }
    out += "    {\"" + document.name + "\",\n" + quoted_lines(to_text(document)) + "    , " +
           std::to_string(room.allowed_syscalls);
    for (const std::string_view what : {"namespaces", "empty_network", "empty_root"}) {
      out += ", ";
      out += yes_no(has_layer(document, what));
    }
    out += "},\n";
  }
  out += "};\n\nconstexpr std::string_view kNames[] = {\n";
  for (const std::string& name : syscall_names(architecture)) out += "    \"" + name + "\",\n";
  out += "};\n\n}  // namespace\n\nstd::span<const Text> texts() {\n  return kTexts;\n}\n\n";
  out += "std::string_view syscall_name(int number) {\n";
  out += "  const auto at = static_cast<std::size_t>(number);\n";
  out += "  if (number < 0 || at >= std::size(kNames) || kNames[at].empty()) return \"unknown\";\n";
  out += "  return kNames[at];\n}\n\n";
  out += "}  // namespace dotkeep::policy\n";
  return out;
}

}  // namespace dotkeep::policyc

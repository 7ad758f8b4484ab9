#include <span>

#include "config/slot.h"
#include "config/units.h"

namespace dotkeep::config {
namespace {

// One item stays on its line, several get a line each: lines stay short whatever the list.
std::string list_text(const std::vector<std::string>& items) {
  if (items.empty()) return "[]";
  if (items.size() == 1) return "[" + items.front() + "]";
  std::string out = "[\n";
  for (const std::string& item : items) out += "  " + item + ",\n";
  return out + "]";
}

std::string words_text(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += toml_quoted(words[i]);
  }
  return out;
}

class ToText {
 public:
  explicit ToText(const Key& key) : key_(key) {}

  std::string operator()(const std::string* text) const { return toml_quoted(*text); }
  std::string operator()(const std::uint32_t* number) const { return std::to_string(*number); }
  std::string operator()(const std::uint64_t* size) const { return toml_quoted(size_text(*size)); }
  std::string operator()(const Duration* time) const { return toml_quoted(duration_text(*time)); }
  std::string operator()(const bool* on) const { return toml_quoted(key_.words[*on ? 1 : 0]); }
  std::string operator()(const std::uint8_t* word) const { return toml_quoted(key_.words[*word]); }
  std::string operator()(const Endpoint* endpoint) const {
    return toml_quoted(endpoint->to_text());
  }
  std::string operator()(const std::vector<Prefix>* prefixes) const {
    std::vector<std::string> items;
    for (const Prefix& prefix : *prefixes) items.push_back(toml_quoted(prefix.to_text()));
    return list_text(items);
  }
  std::string operator()(const std::vector<Pin>* pins) const {
    std::vector<std::string> items;
    for (const Pin& pin : *pins) items.push_back(toml_quoted(pin_text(pin)));
    return list_text(items);
  }
  std::string operator()(const std::vector<std::string>* texts) const {
    std::vector<std::string> items;
    for (const std::string& text : *texts) items.push_back(toml_quoted(text));
    return list_text(items);
  }
  std::string operator()(const Listen* listen) const {
    if (listen->udp && listen->tcp) return R"(["udp", "tcp"])";
    return listen->udp ? R"(["udp"])" : R"(["tcp"])";
  }

 private:
  const Key& key_;
};

class ToKind {
 public:
  explicit ToKind(const Key& key) : key_(key) {}

  std::string operator()(const std::string* /*text*/) const { return "text"; }
  std::string operator()(const std::uint32_t* /*number*/) const { return "a whole number"; }
  std::string operator()(const std::uint64_t* /*size*/) const {
    return "a size with its unit, such as \"64MiB\"";
  }
  std::string operator()(const Duration* /*time*/) const {
    return "a time with its unit, such as \"5s\"";
  }
  std::string operator()(const bool* /*on*/) const { return words_text(key_.words); }
  std::string operator()(const std::uint8_t* /*word*/) const { return words_text(key_.words); }
  std::string operator()(const Endpoint* /*endpoint*/) const {
    return "an address and port, such as \"192.0.2.1:" + std::to_string(key_.port) + "\"";
  }
  std::string operator()(const std::vector<Prefix>* /*prefixes*/) const {
    return "a list of prefixes, such as [\"10.0.0.0/8\"]";
  }
  std::string operator()(const std::vector<Pin>* /*pins*/) const {
    return "a list of pins in base64";
  }
  std::string operator()(const std::vector<std::string>* /*texts*/) const {
    return key_.words.empty() ? "a list of texts" : "a list of " + words_text(key_.words);
  }
  std::string operator()(const Listen* /*listen*/) const {
    return "a list of " + words_text(key_.words);
  }

 private:
  const Key& key_;
};

}  // namespace

std::string toml_quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char octet : text) {
    const auto value = static_cast<unsigned char>(octet);
    if (octet == '"' || octet == '\\') {
      out += '\\';
      out += octet;
    } else if (value < 0x20 || value == 0x7f) {
      out += "\\u00";
      out += kHex[value >> 4];
      out += kHex[value & 0xfU];
    } else {
      out += octet;
    }
  }
  return out + "\"";
}

std::string slot_text(const Row& row) {
  return std::visit(ToText(*row.key), row.slot);
}

std::string kind_text(const Row& row) {
  return std::visit(ToKind(*row.key), row.slot);
}

}  // namespace dotkeep::config

#include "tls/text.h"

#include <arpa/inet.h>

#include <array>
#include <string_view>

#include "tls/host_name.h"

namespace dotkeep::tls {

namespace {

constexpr std::size_t kMaxAttributes = 16;  // shown; a Name may have more

struct AttributeName {
  std::array<std::uint8_t, 3> oid;
  const char* text;
};
constexpr AttributeName kAttributeNames[] = {
    {{0x55, 0x04, 0x03}, "CN"}, {{0x55, 0x04, 0x06}, "C"}, {{0x55, 0x04, 0x07}, "L"},
    {{0x55, 0x04, 0x08}, "ST"}, {{0x55, 0x04, 0x0a}, "O"}, {{0x55, 0x04, 0x0b}, "OU"},
    {{0x55, 0x04, 0x05}, "SN"},
};
constexpr std::uint8_t kDomainComponent[] = {0x09, 0x92, 0x26, 0x89, 0x93,
                                             0xf2, 0x2c, 0x64, 0x01, 0x19};

const char* attribute_name(Octets oid) {
  for (const auto& attribute : kAttributeNames) {
    if (same_octets(oid, attribute.oid)) return attribute.text;
  }
  return same_octets(oid, kDomainComponent) ? "DC" : "OID";
}

void append_value(std::string& text, Octets value) {
  constexpr std::string_view special = ",+\"\\<>;=";
  for (const char c : clean_text(value)) {
    if (special.find(c) != std::string_view::npos) append_text(text, "\\");
    append_text(text, {&c, 1});
  }
}

void append_attribute(std::string& text, Der attribute) {
  const auto oid = attribute.get(Tag::oid);
  const auto value = attribute.any();
  if (!oid || !value) return;
  if (!text.empty()) append_text(text, ",");
  append_text(text, attribute_name(*oid));
  append_text(text, "=");
  append_value(text, value->content);
}

}  // namespace

std::string clean_text(Octets octets) {
  std::string text;
  for (const std::uint8_t octet : octets.first(std::min(octets.size(), kMaxText))) {
    text.push_back(octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '?');
  }
  return text;
}

void append_text(std::string& text, std::string_view more) {
  if (text.size() < kMaxText) text.append(more.substr(0, kMaxText - text.size()));
}

std::string name_text(Octets name) {
  std::string text;
  Der outer(name);
  auto names = outer.enter(Tag::sequence);
  std::array<Octets, kMaxAttributes> attributes;
  std::size_t count = 0;
  while (names && !names->empty()) {
    auto set = names->enter(Tag::set);
    if (!set) break;
    while (count < attributes.size()) {
      const auto attribute = set->get(Tag::sequence);
      if (!attribute) break;
      attributes[count++] = *attribute;
    }
  }
  while (count > 0) append_attribute(text, Der(attributes[--count]));
  return text;
}

std::string san_text(const Certificate& certificate) {
  std::string text;
  if (!certificate.extensions.san) return text;
  Der names = *certificate.extensions.san;
  while (const auto name = next_general_name(names)) {
    if (text.size() >= kMaxText) break;
    std::string one;
    if (name->form == NameForm::dns) {
      one = clean_text(name->content);
    } else if (name->form == NameForm::ip) {
      char buffer[INET6_ADDRSTRLEN] = {};
      const bool v4 = name->content.size() == 4;
      if (!v4 && name->content.size() != 16) continue;
      inet_ntop(v4 ? AF_INET : AF_INET6, name->content.data(), buffer, sizeof buffer);
      one = buffer;
    } else {
      continue;
    }
    if (!text.empty()) append_text(text, ", ");
    append_text(text, one);
  }
  return text;
}

}  // namespace dotkeep::tls

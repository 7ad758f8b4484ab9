#include "tls/host_name.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>

namespace dotkeep::tls {

namespace {

constexpr std::size_t kMaxHostName = 253;
constexpr std::size_t kMaxLabel = 63;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool label_character(char c) {
  const char l = lower(c);
  return (l >= 'a' && l <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

}  // namespace

std::optional<IpLiteral> ip_literal(std::string_view text) {
  char buffer[INET6_ADDRSTRLEN + 1];
  if (text.empty() || text.size() >= sizeof buffer) return std::nullopt;
  std::memcpy(buffer, text.data(), text.size());
  buffer[text.size()] = '\0';
  if (std::strlen(buffer) != text.size()) return std::nullopt;
  IpLiteral literal;
  if (inet_pton(AF_INET, buffer, literal.octets.data()) == 1) {
    literal.size = 4;
  } else if (inet_pton(AF_INET6, buffer, literal.octets.data()) == 1) {
    literal.size = 16;
  } else {
    return std::nullopt;
  }
  return literal;
}

bool host_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxHostName) return false;
  std::size_t label = 0;
  for (const char c : text) {
    if (c == '.') {
      if (label == 0) return false;
      label = 0;
    } else if (!label_character(c) || ++label > kMaxLabel) {
      return false;
    }
  }
  return label != 0;
}

bool covers(Octets dns_name, std::string_view host) {
  const std::string_view pattern = as_text(dns_name);
  if (!pattern.starts_with("*.")) return host_name(pattern) && same_text(pattern, host);
  const std::string_view base = pattern.substr(1);  // ".example.net"
  if (!host_name(base.substr(1)) || base.find('.', 1) == std::string_view::npos) return false;
  const std::size_t dot = host.find('.');
  return dot != std::string_view::npos && dot > 0 && same_text(host.substr(dot), base);
}

bool covers(const Certificate& certificate, std::string_view name) {
  if (!certificate.extensions.san) return false;
  const auto ip = ip_literal(name);
  if (!ip && !host_name(name)) return false;
  Der names = *certificate.extensions.san;
  while (const auto san = next_general_name(names)) {
    if (ip ? san->form == NameForm::ip && same_octets(san->content, ip->view())
           : san->form == NameForm::dns && covers(san->content, name)) {
      return true;
    }
  }
  return false;
}

bool presentable(Octets dns_name) {
  std::string_view text = as_text(dns_name);
  if (text.starts_with("*.")) text.remove_prefix(2);
  return host_name(text);
}

std::string_view as_text(Octets octets) {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

bool same_text(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace dotkeep::tls

#include "config/names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

#include "config/config.h"
#include "config/problems.h"

namespace dotkeep::config {
namespace {

constexpr std::uint16_t kMetricsPort = 9153;  // what CoreDNS's exporter made customary

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

void make_lower(std::string& text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
}

std::string found(const std::string& text) {
  return "is " + quoted(text);
}

Complaint check_label(const std::string& text, std::string_view label, bool underscores) {
  if (label.empty()) return found(text) + ", which has an empty label";
  if (label.size() > kMaxLabelText) {
    return found(text) + ", which has a label of " + std::to_string(label.size()) +
           " octets; at most 63 are allowed";
  }
  for (const char c : label) {
    if (is_alphanumeric(c) || c == '-' || (underscores && c == '_')) continue;
    return found(text) + ", which has " + quoted({&c, 1}) +
           " in it; a name is letters, digits, hyphens and dots (others as xn--...)";
  }
  if (label.front() == '-' || label.back() == '-') {
    return found(text) + ", where a label begins or ends with a hyphen";
  }
  return std::nullopt;
}

Complaint check_labels(const std::string& text, bool underscores) {
  if (text.size() > kMaxNameText) {
    return found(text) + ", a name of " + std::to_string(text.size()) +
           " octets; at most 253 are allowed";
  }
  std::string_view rest = text;
  while (true) {
    const std::size_t dot = rest.find('.');
    if (auto complaint = check_label(text, rest.substr(0, dot), underscores)) return complaint;
    if (dot == std::string_view::npos) return std::nullopt;
    rest.remove_prefix(dot + 1);
  }
}

// Writes an IP literal in its one canonical spelling.
bool normalise_literal(std::string& text) {
  std::array<std::uint8_t, 16> octets{};
  std::array<char, INET6_ADDRSTRLEN> canonical{};
  const int family = text.contains(':') ? AF_INET6 : AF_INET;
  if (text.contains('\0') || inet_pton(family, text.c_str(), octets.data()) != 1) return false;
  text = inet_ntop(family, octets.data(), canonical.data(), canonical.size());
  return true;
}

}  // namespace

Complaint check_server_name(std::string& text) {
  if (text.empty()) return "is empty; leave it out when pins alone decide";
  if (normalise_literal(text)) return std::nullopt;
  if (text.ends_with('.')) return found(text) + "; write the name without the final dot";
  if (auto complaint = check_labels(text, false)) return complaint;
  const std::size_t last = text.rfind('.') == std::string_view::npos ? 0 : text.rfind('.') + 1;
  if (std::all_of(text.begin() + static_cast<std::ptrdiff_t>(last), text.end(), is_digit)) {
    return found(text) + ", which is neither a name nor an IP address";
  }
  make_lower(text);
  return std::nullopt;
}

Complaint check_domain(std::string& text) {
  if (text.ends_with('.')) text.pop_back();
  if (text.empty())
    return "is empty or the root; what no route takes goes to every upstream anyway";
  if (auto complaint = check_labels(text, true)) return complaint;
  make_lower(text);
  return std::nullopt;
}

Complaint check_id(std::string& text) {
  const bool ok =
      !text.empty() && text.size() <= kMaxIdText && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
      });
  if (ok) return std::nullopt;
  return found(text) + "; an id is 1 to 63 letters, digits, '-', '_' and '.'";
}

Complaint check_user(std::string& text) {
  if (text.empty()) return "is empty; name the unprivileged account that dotkeep runs as";
  if (text == "root" || std::ranges::all_of(text, [](char c) { return c == '0'; })) {
    return found(text) + "; dotkeep does not run as root: name an unprivileged account";
  }
  // "65532:65532", as containers name who they run as.
  const std::size_t colon = text.find(':');
  const auto number = [](std::string_view part) {
    return !part.empty() && part.size() <= 10 &&
           std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; }) &&
           !std::ranges::all_of(part, [](char c) { return c == '0'; });
  };
  if (colon != std::string::npos && number(std::string_view(text).substr(0, colon)) &&
      number(std::string_view(text).substr(colon + 1))) {
    return std::nullopt;
  }
  const bool ok =
      text.size() <= kMaxUserText && text.front() != '-' && std::ranges::all_of(text, [](char c) {
        return is_alphanumeric(c) || c == '-' || c == '_' || c == '.';
      });
  if (ok) return std::nullopt;
  return found(text) + ", not the name of an account (1 to 32 letters, digits, '-', '_' and '.')";
}

Complaint check_path(std::string& text) {
  if (text.empty()) return std::nullopt;
  if (text.contains('\0')) return found(text) + ", which has an octet 0 in it";
  if (text.front() != '/') return found(text) + "; write an absolute path, beginning with '/'";
  if (text.size() <= kMaxPathText) return std::nullopt;
  return found(text) + ", a path of more than 4095 octets";
}

Complaint check_control_socket(std::string& text) {
  if (const auto wrong = check_path(text)) return wrong;
  if (text.size() <= kMaxSocketPath) return std::nullopt;
  return "is longer than the " + std::to_string(kMaxSocketPath) +
         " octets that the path of a Unix socket may have";
}

Complaint check_metrics_listen(std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto endpoint = parse_endpoint(text, kMetricsPort);
  if (!endpoint) return endpoint.error();
  text = endpoint->to_text();
  return std::nullopt;
}

}  // namespace dotkeep::config

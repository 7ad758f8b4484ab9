#include "supervisor/cookie_secrets.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <optional>

#include "ipc/shared_limits.h"
#include "supervisor/operators_file.h"

namespace dotkeep::supervisor {
namespace {

constexpr std::size_t kSecretDigits = 32;
constexpr std::size_t kMaxFile = 4096;  // two secrets and a comment

std::optional<unsigned> digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<SipKey> secret_of(std::string_view line) {
  if (line.size() != kSecretDigits) return std::nullopt;
  std::array<std::uint8_t, kSecretDigits / 2> octets{};
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto value = digit(line[i]);
    if (!value) return std::nullopt;
    octets[i / 2] = static_cast<std::uint8_t>(unsigned{octets[i / 2]} << 4 | *value);
  }
  SipKey key{};
  static_assert(sizeof key == sizeof octets);
  std::memcpy(key.data(), octets.data(), sizeof key);
  return key;
}

}  // namespace

std::expected<std::vector<SipKey>, std::string> parse_cookie_secrets(std::string_view text) {
  std::vector<SipKey> secrets;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto secret = secret_of(line);
    if (!secret) {
      return std::unexpected(fmt::format("line {} is not 32 hexadecimal digits", number));
    }
    secrets.push_back(*secret);
  }
  if (secrets.empty() || secrets.size() > ipc::kGivenSecrets) {
    return std::unexpected(
        fmt::format("has {} secrets; write one or two, each on a line", secrets.size()));
  }
  return secrets;
}

std::expected<std::vector<SipKey>, std::string> read_cookie_secrets(const std::string& path) {
  if (path.empty()) return {};
  auto text = read_operators_file(path, kMaxFile);
  if (!text) {
    return std::unexpected(fmt::format("limits.cookie_secret_file {}: {}", path, text.error().why));
  }
  auto secrets = parse_cookie_secrets(*text);
  ::explicit_bzero(text->data(), text->size());
  if (!secrets) {
    return std::unexpected(fmt::format("limits.cookie_secret_file {}: {}", path, secrets.error()));
  }
  return secrets;
}

}  // namespace dotkeep::supervisor

// The operator's secrets of DNS cookies (limits.cookie_secret_file).
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/siphash.h"

namespace dotkeep::supervisor {

// One or two lines of 32 hexadecimal digits: 16 octets as RFC 9018 section 5 shares them between
// servers. Empty lines and lines that begin with # are skipped. The error is a sentence's end and
// never repeats what the file says.
[[nodiscard]] std::expected<std::vector<SipKey>, std::string> parse_cookie_secrets(
    std::string_view text);

// Those of the file at `path`, which is read before privileges are given up; none for no path.
[[nodiscard]] std::expected<std::vector<SipKey>, std::string> read_cookie_secrets(
    const std::string& path);

}  // namespace dotkeep::supervisor

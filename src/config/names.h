// What a piece of text in the configuration must look like. Each takes the text, puts it into the
// one spelling that is kept, and returns what is wrong with it: the end of a sentence ("is ..."),
// or nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace dotkeep::config {

using Complaint = std::optional<std::string>;

inline constexpr std::size_t kMaxNameText = 253;   // RFC 1035 section 2.3.4: 255 octets on the wire
inline constexpr std::size_t kMaxLabelText = 63;   // RFC 1035 section 2.3.4
inline constexpr std::size_t kMaxIdText = 63;      // one word in a log line and on a wall
inline constexpr std::size_t kMaxUserText = 32;    // useradd(8)
inline constexpr std::size_t kMaxPathText = 4095;  // PATH_MAX less the final zero

inline constexpr std::size_t kMaxSocketPath = 107;  // sockaddr_un less the final zero

// A host name (letters, digits, hyphens; RFC 1123 section 2.1), made lower case, or an IP literal.
[[nodiscard]] Complaint check_server_name(std::string& text);
// A domain that a route takes: as a host name, underscores allowed, the final dot dropped.
[[nodiscard]] Complaint check_domain(std::string& text);
[[nodiscard]] Complaint check_id(std::string& text);
[[nodiscard]] Complaint check_user(std::string& text);
// An absolute path, or nothing.
[[nodiscard]] Complaint check_path(std::string& text);
// An absolute path that a Unix socket can have, or nothing.
[[nodiscard]] Complaint check_control_socket(std::string& text);
// ADDR:PORT, or nothing.
[[nodiscard]] Complaint check_metrics_listen(std::string& text);

}  // namespace dotkeep::config

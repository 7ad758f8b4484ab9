// The request of a scraper, as much of HTTP/1.1 (RFC 9112) as one needs: GET or HEAD of a path,
// header fields that are looked at for their form only, no content.
//
// Octets are judged from left to right, so that the verdict on a beginning is the verdict on
// whatever follows it: what is refused is refused at the first octet that is wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dotkeep::control {

inline constexpr std::size_t kMaxRequest = 4096;  // a scraper's has some 300
inline constexpr std::size_t kMaxFields = 64;

enum class HttpStatus : std::uint16_t {
  incomplete = 0,  // so far so good
  ok = 200,
  bad_request = 400,
  method_not_allowed = 405,
  too_large = 431,
  version_not_supported = 505,
};

struct HttpRequest {
  HttpStatus status = HttpStatus::incomplete;
  bool head = false;
  std::string_view path;  // without the query; a view into what was parsed
  std::size_t size = 0;   // when ok: octets of the request; what follows is another one
};

// Cost: linear in the size.
[[nodiscard]] HttpRequest parse_http_request(std::string_view octets);

}  // namespace dotkeep::control

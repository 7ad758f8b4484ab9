#include "control/http_request.h"

#include <algorithm>

namespace dotkeep::control {
namespace {

bool is_token(char c) {  // RFC 9110 section 5.6.2
  const bool alphanumeric =
      (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return alphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_graphic(char c) {
  return c > ' ' && c < 0x7f;
}

// Of a line that is not over yet, too: no control character but a tab.
bool may_stand_in_line(char c) {
  return c == '\t' || (c >= ' ' && c != 0x7f) || static_cast<unsigned char>(c) >= 0x80;
}

bool same_word(std::string_view a, std::string_view lower) {
  return std::ranges::equal(a, lower, [](char x, char y) {
    return (x >= 'A' && x <= 'Z' ? static_cast<char>(x | 0x20) : x) == y;
  });
}

HttpStatus request_line(std::string_view line, HttpRequest& request) {
  const std::size_t first = line.find(' ');
  const std::size_t second = first == std::string_view::npos ? first : line.find(' ', first + 1);
  if (second == std::string_view::npos) return HttpStatus::bad_request;
  const std::string_view method = line.substr(0, first);
  const std::string_view target = line.substr(first + 1, second - first - 1);
  const std::string_view version = line.substr(second + 1);
  if (method.empty() || !std::ranges::all_of(method, is_token)) return HttpStatus::bad_request;
  if (target.empty() || target[0] != '/' || !std::ranges::all_of(target, is_graphic)) {
    return HttpStatus::bad_request;
  }
  if (version.size() != 8 || !version.starts_with("HTTP/") || version[6] != '.') {
    return HttpStatus::bad_request;
  }
  if (version != "HTTP/1.1" && version != "HTTP/1.0") return HttpStatus::version_not_supported;
  if (method != "GET" && method != "HEAD") return HttpStatus::method_not_allowed;
  request.head = method == "HEAD";
  request.path = target.substr(0, target.find('?'));
  return HttpStatus::incomplete;
}

HttpStatus field_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return HttpStatus::bad_request;
  const std::string_view name = line.substr(0, colon);
  // A space before the colon and a folded line are how requests are smuggled (RFC 9112 section
  // 5.1).
  if (!std::ranges::all_of(name, is_token)) return HttpStatus::bad_request;
  // What is asked for here has no content; what came as content would be read as a request.
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  if (same_word(name, "transfer-encoding")) return HttpStatus::bad_request;
  if (same_word(name, "content-length") && value != "0") return HttpStatus::bad_request;
  return HttpStatus::incomplete;
}

}  // namespace

HttpRequest parse_http_request(std::string_view octets) {
  HttpRequest request;
  std::size_t begin = 0;  // of the line
  std::size_t lines = 0;
  const auto refused = [](HttpStatus status) { return HttpRequest{status, false, {}, 0}; };
  for (std::size_t i = 0; i < octets.size(); ++i) {
    if (i == kMaxRequest) return refused(HttpStatus::too_large);
    const bool after_cr = i > begin && octets[i - 1] == '\r';
    if (after_cr != (octets[i] == '\n')) return refused(HttpStatus::bad_request);
    if (octets[i] == '\r') continue;
    if (octets[i] != '\n') {
      if (!may_stand_in_line(octets[i])) return refused(HttpStatus::bad_request);
      continue;
    }
    const std::string_view line = octets.substr(begin, i - 1 - begin);
    begin = i + 1;
    if (line.empty() && lines != 0) {
      request.status = HttpStatus::ok;
      request.size = begin;
      return request;
    }
    if (lines > kMaxFields) return refused(HttpStatus::too_large);
    const HttpStatus status = lines++ == 0 ? request_line(line, request) : field_line(line);
    if (status != HttpStatus::incomplete) return refused(status);
  }
  return {};
}

}  // namespace dotkeep::control

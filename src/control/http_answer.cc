#include "control/http_answer.h"

namespace dotkeep::control {
namespace {

std::string_view reason(unsigned status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Internal Server Error";
  }
}

void put(unsigned status, bool head, std::string_view type, std::string_view body, Text& out) {
  out.raw("HTTP/1.1 ").number(status).raw(" ").raw(reason(status));
  out.raw("\r\nContent-Type: ").raw(type).raw("\r\nContent-Length: ").number(body.size());
  if (status == 405) out.raw("\r\nAllow: GET, HEAD");
  out.raw(
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: "
      "close\r\n\r\n");
  if (!head) out.raw(body);
}

}  // namespace

void http_answer(unsigned status, bool head, const Text& body, Text& out) {
  if (!body.ok()) return http_error(500, head, out);
  const std::string_view type =
      status == 200 ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain; charset=utf-8";
  put(status, head, type, body.view(), out);
}

void http_error(unsigned status, bool head, Text& out) {
  std::array<char, 64> octets{};
  Text body(octets);
  body.number(status).raw(" ").raw(reason(status)).raw("\n");
  put(status, head, "text/plain; charset=utf-8", body.view(), out);
}

}  // namespace dotkeep::control

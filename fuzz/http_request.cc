// What anybody who reaches the metrics socket can send. The verdict on a beginning is the verdict
// on whatever follows, and what is taken for a request is one.
#include "control/http_request.h"

#include <string_view>

#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dotkeep::control;
  const std::string_view whole(reinterpret_cast<const char*>(data), size);
  const HttpRequest request = parse_http_request(whole);
  if (request.status == HttpStatus::incomplete) {
    FUZZ_CHECK(size <= kMaxRequest);
  } else if (request.status == HttpStatus::ok) {
    FUZZ_CHECK(request.size <= size && request.size <= kMaxRequest);
    FUZZ_CHECK(whole.substr(0, request.size).ends_with("\r\n\r\n"));
    FUZZ_CHECK(!request.path.empty() && request.path[0] == '/');
    FUZZ_CHECK(whole.substr(0, request.size).find(request.path) != std::string_view::npos);
    FUZZ_CHECK(parse_http_request(whole.substr(0, request.size)).size == request.size);
    FUZZ_CHECK(parse_http_request(whole.substr(0, request.size - 1)).status ==
               HttpStatus::incomplete);
  }
  // Some beginnings; all of them would make long inputs slow.
  for (std::size_t cut = 0; cut < size; cut += 1 + size / 32) {
    const HttpRequest beginning = parse_http_request(whole.substr(0, cut));
    if (beginning.status == HttpStatus::incomplete) continue;
    FUZZ_CHECK(beginning.status == request.status && beginning.size == request.size);
    FUZZ_CHECK(beginning.path == request.path && beginning.head == request.head);
  }
  return 0;
}

#include "control/http_request.h"

#include <gtest/gtest.h>

#include <string>

namespace dotkeep::control {
namespace {

using enum HttpStatus;

const std::string kGet = "GET /metrics HTTP/1.1\r\nHost: a:9153\r\n\r\n";

HttpStatus status(const std::string& text) {
  return parse_http_request(text).status;
}

TEST(HttpRequest, IsTakenWhenItIsWhole) {
  for (std::size_t size = 0; size < kGet.size(); ++size) {
    EXPECT_EQ(status(kGet.substr(0, size)), incomplete) << size;
  }
  const auto request = parse_http_request(kGet);
  EXPECT_EQ(request.status, ok);
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_FALSE(request.head);
  EXPECT_EQ(request.size, kGet.size());
}

TEST(HttpRequest, SaysWhatFollowsItIsNotItsOwn) {
  const std::string both = kGet + "GET /other HTTP/1.1\r\n\r\n";
  const auto request = parse_http_request(both);
  EXPECT_EQ(request.path, "/metrics");
  EXPECT_EQ(request.size, kGet.size());
}

TEST(HttpRequest, KnowsHeadAndTheOlderVersion) {
  const std::string text = "HEAD /healthz?full=1 HTTP/1.0\r\n\r\n";
  const auto request = parse_http_request(text);
  EXPECT_EQ(request.status, ok);
  EXPECT_TRUE(request.head);
  EXPECT_EQ(request.path, "/healthz");
}

struct Refused {
  const char* text;
  HttpStatus status;
};

TEST(HttpRequest, RefusesAtTheFirstOctetThatIsWrong) {
  const Refused all[] = {
      {"\n", bad_request},
      {"\r\r", bad_request},
      {"\r\n", bad_request},
      {"GET /metrics HTTP/1.1\n", bad_request},
      {"GET /metrics\r\n", bad_request},
      {"GET  /metrics HTTP/1.1\r\n", bad_request},
      {"GET metrics HTTP/1.1\r\n", bad_request},
      {"GET http://a/metrics HTTP/1.1\r\n", bad_request},
      {"GET /metrics HTTP/1.1 \r\n", bad_request},
      {"GET /\xc3\xa4 HTTP/1.1\r\n", bad_request},
      {"G(T /metrics HTTP/1.1\r\n", bad_request},
      {"GET /metrics http/1.1\r\n", bad_request},
      {"GET /metrics HTTP/2.0\r\n", version_not_supported},
      {"POST /metrics HTTP/1.1\r\n", method_not_allowed},
      {"GET /metrics HTTP/1.1\r\n: a\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\nHost\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\nHost : a\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\nA: b\r\n folded\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\nTransfer-encoding: chunked\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\nContent-Length: 5\r\n", bad_request},
      {"GET /metrics HTTP/1.1\r\ncontent-length:\t0\r\n\r\n", ok},
      {"\x16\x03\x01", bad_request},
  };
  for (const Refused& each : all) EXPECT_EQ(status(each.text), each.status) << each.text;
}

TEST(HttpRequest, HasBounds) {
  const std::string line = "GET /" + std::string(kMaxRequest, 'a');
  EXPECT_EQ(status(line.substr(0, kMaxRequest)), incomplete);
  EXPECT_EQ(status(line), too_large);
  std::string fields = "GET / HTTP/1.1\r\n";
  for (std::size_t i = 0; i < kMaxFields; ++i) fields += "a:b\r\n";
  EXPECT_EQ(status(fields + "\r\n"), ok);
  EXPECT_EQ(status(fields + "a:b\r\n"), too_large);
}

}  // namespace
}  // namespace dotkeep::control

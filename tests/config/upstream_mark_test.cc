#include "config/upstream_mark.h"

#include <gtest/gtest.h>

namespace dotkeep::config {
namespace {

Config two() {
  Config config = defaults();
  config.upstreams.push_back({"a", *parse_endpoint("192.0.2.1", 853), "a.example", {Pin{1}}});
  config.upstreams.push_back({"b", *parse_endpoint("192.0.2.2", 853), "b.example", {}});
  return config;
}

TEST(UpstreamMark, IsTheSameWhereTheUpstreamsAre) {
  Config other = two();
  other.log.queries = true;
  other.routes.push_back({"corp.example", {1}});
  EXPECT_EQ(upstream_mark(two()), upstream_mark(other));
}

TEST(UpstreamMark, ChangesWithEveryPartOfAnUpstreamAndWithTheOrder) {
  const std::uint32_t mark = upstream_mark(two());
  Config other = two();
  std::swap(other.upstreams[0], other.upstreams[1]);
  EXPECT_NE(upstream_mark(other), mark);
  other = two();
  other.upstreams.pop_back();
  EXPECT_NE(upstream_mark(other), mark);
  other = two();
  other.upstreams[0].endpoint.port = 8853;
  EXPECT_NE(upstream_mark(other), mark);
  other = two();
  other.upstreams[1].name = "c.example";
  EXPECT_NE(upstream_mark(other), mark);
  other = two();
  other.upstreams[0].pins[0] = Pin{2};
  EXPECT_NE(upstream_mark(other), mark);
  other = two();
  other.upstreams[1].post_quantum = PostQuantum::require;
  EXPECT_NE(upstream_mark(other), mark);
}

}  // namespace
}  // namespace dotkeep::config

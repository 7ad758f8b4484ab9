#include "frontend/routing.h"

#include <gtest/gtest.h>

#include "tests/dns/client_message.h"

namespace dotkeep::frontend {
namespace {

config::Config with(std::size_t upstreams, std::vector<config::Route> routes) {
  config::Config config = config::defaults();
  config.upstreams.resize(upstreams);
  config.routes = std::move(routes);
  return config;
}

TEST(Routing, WithoutRoutesEverybodyServes) {
  const Routing routing(with(3, {}));
  EXPECT_EQ(routing.upstreams_for(dns::name("www.example")), 0b111U);
  EXPECT_EQ(routing.upstreams_for(dns::Name()), 0b111U);
}

TEST(Routing, SixtyFourUpstreamsFit) {
  const Routing routing(with(64, {{"corp.example", {63}}}));
  EXPECT_EQ(routing.upstreams_for(dns::name("corp.example")), 1ULL << 63);
  EXPECT_EQ(routing.upstreams_for(dns::name("example")), ~0ULL >> 1);
}

TEST(Routing, ARouteIsForItsDomainAndAllBelow) {
  const Routing routing(with(3, {{"corp.example", {1, 2}}}));
  EXPECT_EQ(routing.upstreams_for(dns::name("corp.example")), 0b110U);
  EXPECT_EQ(routing.upstreams_for(dns::name("a.b.CORP.example")), 0b110U);
  EXPECT_EQ(routing.upstreams_for(dns::name("xcorp.example")), 0b001U);
  EXPECT_EQ(routing.upstreams_for(dns::name("example")), 0b001U);
}

TEST(Routing, TheLongestDomainDecides) {
  for (const bool longest_first : {true, false}) {
    std::vector<config::Route> routes = {{"a.corp.example", {0}}, {"corp.example", {1}}};
    if (!longest_first) std::swap(routes[0], routes[1]);
    const Routing routing(with(3, routes));
    EXPECT_EQ(routing.upstreams_for(dns::name("x.a.corp.example")), 0b001U);
    EXPECT_EQ(routing.upstreams_for(dns::name("b.corp.example")), 0b010U);
    EXPECT_EQ(routing.upstreams_for(dns::name("example")), 0b100U);
  }
}

TEST(Routing, WhereEveryUpstreamHasARouteTheRestHasNobody) {
  const Routing routing(with(1, {{"corp.example", {0}}}));
  EXPECT_EQ(routing.upstreams_for(dns::name("www.example")), 0U);
}

}  // namespace
}  // namespace dotkeep::frontend

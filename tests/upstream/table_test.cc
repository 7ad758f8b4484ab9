#include "upstream/table.h"

#include <gtest/gtest.h>

#include "upstream/queries.h"

namespace dotkeep::upstream {
namespace {

constexpr std::uint8_t kNew = kNoServer;
using Numbers = std::vector<std::uint8_t>;

class TableTest : public testing::Test {
 protected:
  static config::Upstream upstream(std::uint8_t last, std::string name) {
    config::Upstream made;
    made.id = "u" + std::to_string(last);
    made.endpoint = {4, {192, 0, 2, last}, 853};
    made.name = std::move(name);
    return made;
  }
  static Table table(std::vector<config::Upstream> upstreams,
                     const std::shared_ptr<const Trust>& trust) {
    config::Config config;
    config.upstreams = std::move(upstreams);
    return make_table(config, trust);
  }
  static std::shared_ptr<const Trust> trust(std::uint64_t digest) {
    auto made = make_trust("", digest);
    EXPECT_TRUE(made);
    return made ? *made : nullptr;
  }

  const std::shared_ptr<const Trust> trust_ = trust(1);
  const config::Upstream a_ = upstream(1, "a.example");
  const config::Upstream b_ = upstream(2, "b.example");
};

TEST_F(TableTest, TheSameServersAreKeptInAnyOrder) {
  EXPECT_EQ(kept(table({a_, b_}, trust_), table({b_, upstream(3, "c.example"), a_}, trust_)),
            (Numbers{1, kNew, 0}));
}

TEST_F(TableTest, AnIdIsOnlyAName) {
  config::Upstream renamed = a_;
  renamed.id = "other";
  EXPECT_EQ(kept(table({a_}, trust_), table({renamed}, trust_)), Numbers{0});
}

TEST_F(TableTest, WhateverProvesTheServerMakesItAnother) {
  std::vector<config::Upstream> changed(6, a_);
  changed[0].endpoint.port = 8853;
  changed[1].name = "c.example";
  changed[2].pins.push_back({1});
  changed[3].post_quantum = config::PostQuantum::require;
  changed[4].pin_mode = config::PinMode::report;
  changed[5].ocsp = config::Ocsp::require;
  EXPECT_EQ(kept(table({a_}, trust_), table(changed, trust_)), Numbers(6, kNew));
}

TEST_F(TableTest, OtherTrustAnchorsChangeAllButThePinned) {
  config::Upstream pinned = upstream(3, "");
  pinned.pins.push_back({7});
  EXPECT_EQ(kept(table({a_, pinned}, trust_), table({a_, pinned}, trust(2))), (Numbers{kNew, 1}));
}

TEST_F(TableTest, NothingIsKeptTwice) {
  EXPECT_EQ(kept(table({a_}, trust_), table({a_, a_}, trust_)), (Numbers{0, kNew}));
}

TEST_F(TableTest, TheIdentityIsTheConfigured) {
  config::Upstream upstream = a_;
  upstream.pins.push_back({9});
  upstream.post_quantum = config::PostQuantum::require;
  const Table made = table({upstream}, trust_);
  EXPECT_EQ(made[0]->identity.name, "a.example");
  EXPECT_EQ(made[0]->identity.pins, upstream.pins);
  EXPECT_EQ(made[0]->identity.post_quantum, tls::PostQuantum::require);
  EXPECT_EQ(made[0]->address, "192.0.2.1:853");
}

TEST_F(TableTest, ADigestTellsTextsApart) {
  EXPECT_EQ(digest_of("one"), digest_of("one"));
  EXPECT_NE(digest_of("one"), digest_of("two"));
}

TEST_F(TableTest, TicketsGoToTheSameServerAndProofOnly) {
  const Table before = table({a_, b_}, trust_);
  Table now = table({b_, upstream(3, "c.example"), a_}, trust_);
  pass_on_tickets(before, kept(before, now), now);
  EXPECT_EQ(now[0]->tickets, before[1]->tickets);
  EXPECT_EQ(now[2]->tickets, before[0]->tickets);
  EXPECT_NE(now[1]->tickets, before[0]->tickets);
  Table renewed = table({a_}, trust(2));  // other anchors
  pass_on_tickets(before, kept(before, renewed), renewed);
  EXPECT_NE(renewed[0]->tickets, before[0]->tickets);
}

}  // namespace
}  // namespace dotkeep::upstream

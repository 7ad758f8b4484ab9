// The order of decide(): where several rules would apply, the first decides. And what is asked
// after the cache had nothing.
#include <gtest/gtest.h>

#include <string>

#include "tests/admission/world.h"

namespace dotkeep::admission {
namespace {

// --- the order

TEST(Order, NothingIsCountedAgainstTheSourceOfAResponse) {
  World world;
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(world.decide(kResponse).action, Action::reject);
  world.spend(kQuery, 5);
}

TEST(Order, TheRateComesBeforeWhatIsAsked) {
  World world;
  world.spend(kQuery, 5);
  EXPECT_EQ(world.decide(kTransfer).reason, Reason::client_rate);
  EXPECT_EQ(world.decide(kTransfer).action, Action::silence);  // a rejection never slips
  EXPECT_EQ(world.decide(message("a.onion")).reason, Reason::client_rate);
}

TEST(Order, OfTheRatesTheClientsIsFirstAndItsNetworksLast) {
  Settings settings = slow();
  settings.aggregate = 1;
  settings.error_rate = 1;
  World world(settings);
  world.spend(kQuery, 5);
  world.admission.error_answer({ip("192.0.2.1"), Transport::udp}, false, world.now);
  EXPECT_EQ(world.decide(kQuery).reason, Reason::client_rate);
  world.admission.error_answer({ip("192.0.2.2"), Transport::udp}, false, world.now);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.2").reason, Reason::error_rate);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.3").reason, Reason::network_rate);
}

TEST(Order, InACrowdOnlyThoseAreHeardWhoWereProvenLately) {
  Settings settings = slow();
  settings.prefix4 = 24;
  World world(settings);
  world.crowded = true;
  EXPECT_EQ(world.decide(kQuery).action, Action::silence);
  EXPECT_EQ(world.decide(kQuery).action, Action::truncate);  // so that it comes over TCP
  EXPECT_EQ(world.decide(kQuery).reason, Reason::overload);
  EXPECT_EQ(world.decide(kTransfer).action, Action::silence);
  EXPECT_EQ(world.decide(kTransfer).reason, Reason::overload);
  EXPECT_EQ(world.decide(kQuery, "::2").reason, Reason::overload);
  world.spend(kQuery, 1, "127.0.0.9");  // nobody forges these
  world.spend(kQuery, 1, "::1");
  world.spend(kQuery, 1, "192.0.2.77", Transport::tcp);
  world.spend(kQuery, 5, "192.0.2.78");  // its neighbour is the same client; nothing was charged
  EXPECT_EQ(world.decide(kQuery).reason, Reason::client_rate);
  EXPECT_EQ(world.decide(kQuery, "192.0.3.1").reason, Reason::overload);
  world.now += std::chrono::minutes(59);
  world.spend(kQuery, 1);
  world.now += std::chrono::minutes(2);
  EXPECT_EQ(world.decide(kQuery).reason, Reason::overload) << "an hour later";
  world.crowded = false;
  world.spend(kQuery, 1);
}

// Who is never sent to TCP never becomes known; and of three first queries two are not lost.
TEST(Order, InACrowdEverySecondIsSentToTcpAtLeast) {
  for (const std::uint32_t slip : {0U, 2U, 100U}) {
    Settings settings = slow();
    settings.slip = slip;
    World world(settings);
    world.crowded = true;
    EXPECT_EQ(world.decide(kQuery).action, Action::silence) << slip;
    EXPECT_EQ(world.decide(kQuery).action, Action::truncate) << slip;
    EXPECT_EQ(world.decide(kQuery).action, Action::silence) << slip;
  }
  Settings settings = slow();
  settings.slip = 1;
  World world(settings);
  world.crowded = true;
  EXPECT_EQ(world.decide(kQuery).action, Action::truncate);
}

TEST(Order, InACrowdTheExemptAreHeard) {
  Settings settings = slow();
  settings.exempt = {{ip("192.0.2.0"), 24}};
  World world(settings);
  world.crowded = true;
  world.spend(kQuery, 500);
  EXPECT_EQ(world.decide(kQuery, "192.0.3.1").reason, Reason::overload);
}

TEST(Order, InACrowdACookieIsAProof) {
  World world;
  world.crowded = true;
  const Bytes cookie = world.cookie_option("192.0.2.1");
  world.spend(message("www.example", dns::Type::A, true, cookie), 1);
  world.spend(kQuery, 1);
  EXPECT_EQ(world.decide(message("www.example", dns::Type::A, true, cookie), "192.0.2.2").reason,
            Reason::overload)
      << "somebody else's";
}

TEST(Order, AFloodComesBeforeWhatIsAsked) {
  Settings settings = slow();
  settings.cookies = Cookies::require_under_attack;
  World world(settings);
  world.memory.flood_until =
      static_cast<std::uint64_t>((world.now + seconds(5)).time_since_epoch().count());
  EXPECT_EQ(world.decide(message("a.onion")).reason, Reason::cookie_required);
  EXPECT_EQ(world.decide(kTransfer).action, Action::silence);
  EXPECT_EQ(world.decide(kTransfer, "192.0.2.9", Transport::tcp).action, Action::reject);
}

// What a taken frontend leaves in the memory that all share must not outlast it.
TEST(Order, AFloodThatNobodyCanHaveSeenIsNone) {
  Settings settings = slow();
  settings.cookies = Cookies::require_under_attack;
  World world(settings);
  for (const std::uint64_t ahead : {seconds(11).count() * 1'000'000'000UL, ~0UL}) {
    const auto now = static_cast<std::uint64_t>(world.now.time_since_epoch().count());
    world.memory.flood_until = ahead == ~0UL ? ahead : now + ahead;
    EXPECT_EQ(world.decide(kQuery).action, Action::pass);
  }
}

TEST(Order, RatesThatNobodyCanHaveSpentAreNone) {
  World world;
  for (const std::uint64_t owner : {0x1UL, 0xfffUL}) {
    for (auto& word : world.memory.words) {
      word = owner << kTatBits | ((ticks(world.now) + 3600 * kTicksPerSecond) & kTatMask);
    }
    // Neither refused nor let through uncounted.
    world.spend(kQuery, 5, owner == 1 ? "192.0.2.1" : "192.0.2.2");
    EXPECT_EQ(world.decide(kQuery, owner == 1 ? "192.0.2.1" : "192.0.2.2").reason,
              Reason::client_rate);
  }
}

// --- after the cache

std::optional<Reason> miss(World& world, const dns::Name& name, bool proven, Time now,
                           const std::string& from = "192.0.2.1") {
  return world.admission.decide_miss({ip(from)}, name, proven, now);
}

TEST(Miss, AZoneWithTooManyNamesThatAreNotSendsTheUnknownToTcp) {
  World world;
  const dns::Name zone = dns::name("victim.example");
  for (int i = 0; i < 10; ++i) {
    const dns::Name name = dns::name("r" + std::to_string(i) + ".victim.example");
    ASSERT_EQ(miss(world, name, false, world.now), std::nullopt);
    world.admission.no_such_name(name, zone.wire(), world.now);
  }
  const dns::Name next = dns::name("a.b.VICTIM.example");
  EXPECT_EQ(miss(world, next, false, world.now), Reason::suffix_rate);
  EXPECT_EQ(miss(world, next, true, world.now), std::nullopt);
  EXPECT_EQ(miss(world, zone, false, world.now), std::nullopt);
  EXPECT_EQ(miss(world, dns::name("a.other.example"), false, world.now), std::nullopt);
  EXPECT_EQ(miss(world, next, false, world.now + milliseconds(300)), std::nullopt);
}

// A million sources, each within its rate: what all of them together make upstreams do is bounded.
TEST(Miss, TheUnknownTogetherAskSoMuchAndNoMore) {
  Settings settings = slow();
  settings.unproven_rate = 1000;
  settings.exempt = {{ip("10.0.0.0"), 8}};
  World world(settings);
  const dns::Name name = dns::name("a.example");
  for (int i = 0; i < 100; ++i) {
    ASSERT_EQ(miss(world, name, false, world.now, "192.0.2." + std::to_string(i)), std::nullopt);
  }
  EXPECT_EQ(miss(world, name, false, world.now, "198.51.100.1"), Reason::unproven_rate);
  EXPECT_EQ(miss(world, name, true, world.now, "198.51.100.1"), std::nullopt) << "no forgery";
  EXPECT_EQ(miss(world, name, false, world.now, "10.0.0.1"), std::nullopt) << "exempt";
  EXPECT_EQ(miss(world, name, false, world.now, "127.0.0.1"), std::nullopt) << "nobody else has it";
  int passed = 0;
  for (int i = 0; i < 10'000; ++i) {
    world.now += std::chrono::microseconds(100);
    if (!miss(world, name, false, world.now)) ++passed;
  }
  EXPECT_LE(passed, 1000);
  EXPECT_GE(passed, 998);
}

// Whoever waits behind a flood is honest: what it may have on its way at once is a short queue.
TEST(Miss, AFloodOfTheUnknownHasFewPlaces) {
  Settings settings = slow();
  settings.unproven_rate = 1000;
  World world(settings);
  EXPECT_EQ(world.admission.unproven_places(16384, world.now), 8192U);
  for (int i = 0; i < 101; ++i) static_cast<void>(miss(world, dns::name("a"), false, world.now));
  EXPECT_EQ(world.admission.unproven_places(16384, world.now), 2U);
  EXPECT_EQ(world.admission.unproven_places(3, world.now), 2U);
  EXPECT_EQ(world.admission.unproven_places(16384, world.now + seconds(9)), 2U);
  EXPECT_EQ(world.admission.unproven_places(16384, world.now + seconds(11)), 8192U);
}

TEST(Miss, ATopLevelDomainIsNeverSlowed) {
  World world;
  for (int i = 0; i < 100; ++i) {
    world.admission.no_such_name(dns::name("a.com"), dns::name("com").wire(), world.now);
    world.admission.no_such_name(dns::name("a"), dns::name(".").wire(), world.now);
    world.admission.no_such_name(dns::name("b.com"), std::nullopt, world.now);
  }
  EXPECT_EQ(miss(world, dns::name("c.com"), false, world.now), std::nullopt);
  EXPECT_EQ(miss(world, dns::name("a.c.com"), false, world.now), std::nullopt);
}

// Zones whose servers fail have no SOA to show.
TEST(Miss, WithoutAnSoaTheParentIsSlowed) {
  World world;
  for (int i = 0; i < 10; ++i) {
    world.admission.no_such_name(dns::name("r" + std::to_string(i) + ".victim.example"),
                                 std::nullopt, world.now);
  }
  EXPECT_EQ(miss(world, dns::name("x.victim.example"), false, world.now), Reason::suffix_rate);
}

TEST(Explain, HasWordsForEachReason) {
  for (std::size_t i = 0; i < kReasons; ++i) {
    const auto reason = static_cast<Reason>(i);
    EXPECT_NE(to_string(reason), "unknown") << i;
    EXPECT_GT(explain(reason).text_size, 0) << i;
  }
}

}  // namespace
}  // namespace dotkeep::admission

// Every rule of decide().
#include "admission/admission.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/admission/world.h"

namespace dotkeep::admission {
namespace {

// --- each rule

TEST(Decide, PassesWhatIsWithinEveryBound) {
  World world;
  const Decision decision = world.decide(kQuery);
  EXPECT_EQ(decision.action, Action::pass);
  EXPECT_FALSE(decision.proven);
  EXPECT_TRUE(world.decide(kQuery, "192.0.2.2", Transport::tcp).proven);
}

TEST(Decide, OverTheRateIsSilentOrSlips) {
  World world;
  world.spend(kQuery, 5);
  int truncated = 0;
  for (int i = 0; i < 10; ++i) {
    const Decision decision = world.decide(kQuery);
    EXPECT_EQ(decision.reason, Reason::client_rate);
    EXPECT_TRUE(decision.action == Action::truncate || decision.action == Action::silence);
    truncated += decision.action == Action::truncate ? 1 : 0;
  }
  EXPECT_EQ(truncated, 5);  // one in two
  world.spend(kQuery, 1, "192.0.2.2");
  world.now += milliseconds(200);  // two intervals, one for each half
  EXPECT_EQ(world.decide(kQuery).action, Action::pass);
}

TEST(Decide, WithoutSlipNothingIsSaid) {
  Settings settings = slow();
  settings.slip = 0;
  World world(settings);
  world.spend(kQuery, 5);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(world.decide(kQuery).action, Action::silence);
}

TEST(Decide, OverTheRateOnTcpIsRefused) {
  World world;
  world.spend(kQuery, 20, "192.0.2.1", Transport::tcp);  // four times the burst
  const Decision decision = world.decide(kQuery, "192.0.2.1", Transport::tcp);
  EXPECT_EQ(decision.action, Action::refuse);
  EXPECT_EQ(decision.reason, Reason::client_rate);
}

// Who forges an address takes nothing from its owner: not its TCP, not what its cookie gives.
TEST(Decide, AForgedSourceDoesNotSpendWhatIsProven) {
  World world;
  for (int i = 0; i < 1000; ++i) world.decide(kQuery);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.1", Transport::tcp).action, Action::pass);
  const Bytes known = message("www.example", dns::Type::A, true, world.cookie_option("192.0.2.1"));
  const Decision decision = world.decide(known);
  EXPECT_EQ(decision.action, Action::pass);
  EXPECT_TRUE(decision.cookie);
}

TEST(Decide, ACookieOfAnotherAddressProvesNothing) {
  World world;
  const Bytes stolen = message("www.example", dns::Type::A, true, world.cookie_option("192.0.2.7"));
  EXPECT_FALSE(world.decide(stolen, "192.0.2.1").proven);
  EXPECT_TRUE(world.decide(stolen, "192.0.2.7").proven);
}

TEST(Decide, WithCookiesOffNoneIsBelievedOrMade) {
  World with;
  Settings settings = slow();
  settings.cookies = Cookies::off;
  World without(settings);
  EXPECT_TRUE(without.cookie_option("192.0.2.1").empty());
  const Bytes known = message("www.example", dns::Type::A, true, with.cookie_option("192.0.2.1"));
  EXPECT_FALSE(without.decide(known).proven);
}

TEST(Decide, PrefixesMakeClients) {
  Settings settings = slow();
  settings.prefix4 = 28;
  World world(settings);
  world.spend(kQuery, 5, "192.0.2.1");
  EXPECT_NE(world.decide(kQuery, "192.0.2.15").action, Action::pass);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.16").action, Action::pass);
  world.spend(kQuery, 5, "2001:db8:0:ff::1");
  EXPECT_NE(world.decide(kQuery, "2001:db8::1").action, Action::pass);  // the same /56
  EXPECT_EQ(world.decide(kQuery, "2001:db8:0:100::1").action, Action::pass);
}

TEST(Decide, ANetworkHasARateOfItsOwn) {
  Settings settings = slow();
  settings.aggregate = 3;
  World world(settings);
  for (int host = 1; host <= 3; ++host) world.spend(kQuery, 5, "192.0.2." + std::to_string(host));
  EXPECT_EQ(world.decide(kQuery, "192.0.2.4").reason, Reason::network_rate);
  EXPECT_EQ(world.decide(kQuery, "192.0.3.4").action, Action::pass);
  settings.aggregate = 0;
  World without(settings);
  for (int host = 1; host <= 200; ++host) {
    without.spend(kQuery, 5, "192.0.2." + std::to_string(host));
  }
}

TEST(Decide, ErrorsAreHeldBackMore) {
  Settings settings = slow();
  settings.rate = 1000;
  settings.burst = 1000;
  World world(settings);
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(world.decide(kQuery).action, Action::pass);
    world.admission.error_answer({ip("192.0.2.1"), Transport::udp}, false, world.now);
  }
  EXPECT_EQ(world.decide(kQuery).reason, Reason::error_rate);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.2").action, Action::pass);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.1", Transport::tcp).action, Action::pass);
  world.now += milliseconds(250);
  EXPECT_EQ(world.decide(kQuery).action, Action::pass);
}

TEST(Decide, MessagesThatAreRejectedCountAsErrors) {
  Settings settings = slow();
  settings.rate = settings.burst = 1000;
  World world(settings);
  for (int i = 0; i < 10; ++i) ASSERT_EQ(world.decide(kTransfer).action, Action::reject);
  EXPECT_EQ(world.decide(kTransfer).reason, Reason::error_rate);
}

TEST(Decide, ExemptMayAskWhatItWants) {
  Settings settings = slow();
  settings.exempt = {{ip("192.0.2.0"), 24}};
  World world(settings);
  world.spend(kQuery, 500);
  EXPECT_EQ(world.decide(message("a.onion")).action, Action::local);
}

TEST(Decide, InAFloodTheUnknownAreSentForACookie) {
  Settings settings = slow();
  settings.rate = settings.burst = 1'000'000;
  settings.aggregate = 0;
  settings.cookies = Cookies::require_under_attack;
  settings.flood = 1000;
  World world(settings);
  for (std::uint32_t i = 0; i < 1001; ++i) {
    static_cast<void>(world.admission.decide({ip4(0x0a000000 + i), Transport::udp},
                                             dns::parse_query(kQuery), kQuery.size(), world.now));
  }
  ASSERT_TRUE(world.admission.flood_lasts(world.now));
  // No EDNS, no cookie, and a cookie for which there is no room: TC. With room: BADCOOKIE.
  EXPECT_EQ(world.decide(message("www.example", dns::Type::A, false)).action, Action::truncate);
  const Decision unknown = world.decide(kQuery);
  EXPECT_EQ(unknown.action, Action::truncate);
  EXPECT_EQ(unknown.reason, Reason::cookie_required);
  const auto cookie = [](std::string_view digits) {
    return dns::option(dns::EdnsOption::cookie, digits);
  };
  EXPECT_EQ(
      world.decide(message("www.example", dns::Type::A, true, cookie("0102030405060708"))).action,
      Action::truncate);
  const std::string old = "0102030405060708 01000000 00000000 1122334455667788";
  EXPECT_EQ(world.decide(message("www.example", dns::Type::A, true, cookie(old))).action,
            Action::bad_cookie);
  // Who proves itself is served, over UDP and TCP.
  EXPECT_EQ(
      world.decide(message("www.example", dns::Type::A, true, world.cookie_option("192.0.2.1")))
          .action,
      Action::pass);
  EXPECT_EQ(world.decide(kQuery, "192.0.2.1", Transport::tcp).action, Action::pass);
  // It lasts ten seconds longer.
  world.now += seconds(9);
  EXPECT_EQ(world.decide(kQuery).reason, Reason::cookie_required);
  world.now += seconds(11);
  EXPECT_EQ(world.decide(kQuery).action, Action::pass);
}

TEST(Decide, WithoutBeingToldSoAFloodChangesNothing) {
  Settings settings = slow();
  settings.rate = settings.burst = 1'000'000;
  settings.aggregate = 0;
  settings.flood = 1000;
  World world(settings);
  world.spend(kQuery, 3000);
}

TEST(Decide, SpecialNamesAreAnsweredHere) {
  World world;
  const Decision decision = world.decide(message("printer.local"));
  EXPECT_EQ(decision.action, Action::local);
  EXPECT_EQ(decision.reason, Reason::special_name);
  EXPECT_EQ(decision.special.special, Special::local);
}

TEST(Decide, EachGroupOfSpecialNamesCanBeSwitchedOff) {
  for (std::size_t i = 0; i < kSpecials; ++i) {
    const std::string word(kSpecialWords[i]);
    const Bytes octets = message("a." + (word == "reverse" ? "10.in-addr.arpa" : word));
    Settings settings;
    settings.special = static_cast<SpecialSet>(kAllSpecial & ~(1U << i));
    EXPECT_EQ(World(settings).decide(octets).action, Action::pass) << word;
    settings.special = static_cast<SpecialSet>(1U << i);
    EXPECT_EQ(World(settings).decide(octets).action, Action::local) << word;
  }
}

TEST(Decide, ARouteWinsOverASpecialName) {
  Settings settings;
  settings.routed = {dns::name("corp.home.arpa"), dns::name("10.in-addr.arpa")};
  World world(settings);
  EXPECT_EQ(world.decide(message("nas.CORP.home.arpa")).action, Action::pass);
  EXPECT_EQ(world.decide(message("nas.home.arpa")).action, Action::local);
  EXPECT_EQ(world.decide(message("1.2.3.10.in-addr.arpa")).action, Action::pass);
  EXPECT_EQ(world.decide(message("1.168.192.in-addr.arpa")).action, Action::local);
}

TEST(Decide, TheDsOfAnEmptyZoneIsTheParents) {
  World world;
  EXPECT_EQ(world.decide(message("home.arpa", dns::Type::DS)).action, Action::pass);
  EXPECT_EQ(world.decide(message("a.home.arpa", dns::Type::DS)).action, Action::local);
  EXPECT_EQ(world.decide(message("onion", dns::Type::DS)).action, Action::local);
}

}  // namespace
}  // namespace dotkeep::admission

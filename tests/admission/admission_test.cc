// Every rule of decide(), and their order: where several would apply, the first decides.
#include "admission/admission.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/admission/helpers.h"

namespace dotkeep::admission {
namespace {

using dns::Transport;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint32_t kTimeOfDay = 1'700'000'000;

Bytes message(std::string_view name, dns::Type type = dns::Type::A, bool edns = true,
              const Bytes& options = {}) {
  dns::ClientMessage made;
  made.ask(dns::name(name), type);
  if (edns) made.add_opt(options);
  return made.octets();
}

Settings slow() {
  Settings settings;
  settings.rate = 10;
  settings.burst = 5;
  settings.slip = 2;
  settings.error_rate = 10;
  settings.suffix_rate = 10;
  return settings;
}

struct World {
  explicit World(const Settings& settings = slow()) : admission(memory.state(), settings) {
    admission.set_time_of_day(kTimeOfDay);
  }
  Decision decide(const Bytes& octets, const std::string& from = "192.0.2.1",
                  Transport transport = Transport::udp) {
    return admission.decide({ip(from), transport}, dns::parse_query(octets), octets.size(), now);
  }
  // What the client is to send so that it is known.
  [[nodiscard]] Bytes cookie_option(const std::string& from) const {
    dns::Cookie theirs;
    theirs.size = 8;
    const auto made = admission.cookie_for(ip(from), theirs);
    return made ? dns::option(dns::EdnsOption::cookie,
                              to_hex(Octets(made->octets).first(made->size)))
                : Bytes();
  }
  void spend(const Bytes& octets, int times, const std::string& from = "192.0.2.1",
             Transport transport = Transport::udp) {
    for (int i = 0; i < times; ++i) {
      ASSERT_EQ(decide(octets, from, transport).action, Action::pass) << i;
    }
  }
  Memory memory;
  Admission admission;
  Time now = kStart;
};

const Bytes kQuery = message("www.example");
const Bytes kResponse = [] {
  dns::ClientMessage made;
  made.flags = 0x8180;
  return made.octets();
}();
const Bytes kTransfer = message("example", dns::Type::AXFR);

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

// --- after the cache

TEST(Miss, AZoneWithTooManyNamesThatAreNotSendsTheUnknownToTcp) {
  World world;
  const dns::Name zone = dns::name("victim.example");
  for (int i = 0; i < 10; ++i) {
    const dns::Name name = dns::name("r" + std::to_string(i) + ".victim.example");
    ASSERT_EQ(world.admission.decide_miss(name, false, world.now), Action::pass);
    world.admission.no_such_name(name, zone.wire(), world.now);
  }
  const dns::Name next = dns::name("a.b.VICTIM.example");
  EXPECT_EQ(world.admission.decide_miss(next, false, world.now), Action::truncate);
  EXPECT_EQ(world.admission.decide_miss(next, true, world.now), Action::pass);
  EXPECT_EQ(world.admission.decide_miss(zone, false, world.now), Action::pass);
  EXPECT_EQ(world.admission.decide_miss(dns::name("a.other.example"), false, world.now),
            Action::pass);
  EXPECT_EQ(world.admission.decide_miss(next, false, world.now + milliseconds(300)), Action::pass);
}

TEST(Miss, ATopLevelDomainIsNeverSlowed) {
  World world;
  for (int i = 0; i < 100; ++i) {
    world.admission.no_such_name(dns::name("a.com"), dns::name("com").wire(), world.now);
    world.admission.no_such_name(dns::name("a"), dns::name(".").wire(), world.now);
    world.admission.no_such_name(dns::name("b.com"), std::nullopt, world.now);
  }
  EXPECT_EQ(world.admission.decide_miss(dns::name("c.com"), false, world.now), Action::pass);
  EXPECT_EQ(world.admission.decide_miss(dns::name("a.c.com"), false, world.now), Action::pass);
}

// Zones whose servers fail have no SOA to show.
TEST(Miss, WithoutAnSoaTheParentIsSlowed) {
  World world;
  for (int i = 0; i < 10; ++i) {
    world.admission.no_such_name(dns::name("r" + std::to_string(i) + ".victim.example"),
                                 std::nullopt, world.now);
  }
  EXPECT_EQ(world.admission.decide_miss(dns::name("x.victim.example"), false, world.now),
            Action::truncate);
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

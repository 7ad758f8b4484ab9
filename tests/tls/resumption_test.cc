// Sessions resumed by ticket against OpenSSL: when it happens, what it proves, and what never
// leaves.
#include <gmock/gmock.h>

#include <map>

#include "tests/tls/attempt.h"

namespace dotkeep::tls {
namespace {

using test::Bytes;
using test::Certificates;
using test::context;
using test::kName;
using test::Peer;
using test::StandingServer;

// One connection; reads what the server tells of it, "resumed" or "in full", which also brings the
// tickets.
struct Visit {
  std::unique_ptr<Peer> peer;
  Session session;
  std::string told;
  Ticket ticket;

  Visit(StandingServer& server, const Identity& identity, Ticket with = {},
        const Context& trust = context(), std::vector<std::string> options = {})
      : Visit(
            std::make_unique<Peer>(server.connect("good", (options.emplace_back("tell"), options))),
            identity, std::move(with), trust) {}
  Visit(std::unique_ptr<Peer> with_peer, const Identity& identity, Ticket with,
        const Context& trust = context())
      : peer(std::move(with_peer)), session(*Session::client(trust, identity, std::move(with))) {
    peer->handshake(session);
    Bytes buffer(100);
    while (session.phase() == Session::Phase::established && told.empty()) {
      const std::size_t count = session.read(buffer);
      told.assign(reinterpret_cast<const char*>(buffer.data()), count);
      if (count == 0 && !peer->receive(session)) break;
    }
    ticket = session.take_ticket();
  }
};

// The extensions of a ClientHello by number (RFC 8446 section 4.1.2).
std::map<int, Bytes> extensions_of(Octets flight) {
  std::map<int, Bytes> found;
  std::size_t at = 5 + 4 + 2 + 32;                                        // up to the session id
  at += 1U + flight[at];                                                  // session id
  at += 2U + static_cast<std::size_t>(flight[at] << 8 | flight[at + 1]);  // cipher suites
  at += 1U + flight[at];                                                  // compression
  at += 2;
  while (at + 4 <= flight.size()) {
    const int number = flight[at] << 8 | flight[at + 1];
    const auto size = static_cast<std::size_t>(flight[at + 2] << 8 | flight[at + 3]);
    const Octets content = flight.subspan(at + 4, size);
    found[number] = Bytes(content.begin(), content.end());
    at += 4 + size;
  }
  EXPECT_EQ(at, flight.size());
  return found;
}
constexpr int kPreSharedKey = 41;
constexpr int kEarlyData = 42;
constexpr int kPskModes = 45;
constexpr int kKeyShare = 51;

TEST(Resumption, AgainAndAgain) {
  StandingServer server;
  Visit first(server, kName);
  EXPECT_EQ(first.told, "in full");
  EXPECT_FALSE(first.session.summary().resumed);
  EXPECT_FALSE(first.session.resuming());
  ASSERT_TRUE(first.ticket);
  EXPECT_FALSE(first.session.take_ticket());  // no ticket is given out twice
  Ticket ticket = std::move(first.ticket);
  for (int i = 0; i < 5; ++i) {
    Visit next(server, kName, std::move(ticket));
    ASSERT_EQ(next.told, "resumed") << next.session.fault().detail;
    EXPECT_TRUE(next.session.summary().resumed);
    EXPECT_EQ(next.session.summary().group, "X25519");  // a key exchange all the same
    EXPECT_EQ(next.session.leaf_not_after(), first.session.leaf_not_after());
    ASSERT_EQ(next.session.presented().size(), 3U);
    EXPECT_TRUE(next.session.presented()[0].in_verified_path);
    EXPECT_EQ(test::echo(next.session, *next.peer, "hello"), "hello");
    ASSERT_TRUE(next.ticket) << i;
    ticket = std::move(next.ticket);
  }
}

TEST(Resumption, WithTheHybridGroup) {
  Ticket ticket;
  for (const char* expected : {"in full", "resumed", "resumed"}) {
    Visit visit(
        std::make_unique<Peer>("good", std::vector<std::string>{"tell"}, test::peer_program()),
        kName, std::move(ticket));
    ASSERT_EQ(visit.told, expected) << visit.session.fault().detail;
    EXPECT_EQ(visit.session.summary().group, "X25519MLKEM768");
    EXPECT_EQ(test::echo(visit.session, *visit.peer, "hello"), "hello");
    ASSERT_TRUE(visit.ticket);
    ticket = std::move(visit.ticket);
  }
}

TEST(Resumption, WithoutTicketsThereIsNone) {
  StandingServer server;
  Visit first(server, kName, {}, context(), {"tickets=0"});
  EXPECT_FALSE(first.ticket);
  Visit second(server, kName, std::move(first.ticket), context(), {"tickets=0"});
  EXPECT_EQ(second.told, "in full");
}

TEST(Resumption, ATicketThatTheServerForgotCostsAFullHandshakeAndNothingElse) {
  StandingServer server;
  Visit first(server, kName);
  Visit second(server, kName, std::move(first.ticket), context(), {"forget"});
  EXPECT_TRUE(second.session.resuming());
  EXPECT_EQ(second.told, "in full");
  EXPECT_FALSE(second.session.summary().resumed);
  EXPECT_EQ(second.session.presented().size(), 3U);
  Visit third(server, kName, std::move(second.ticket));
  EXPECT_EQ(third.told, "resumed");
}

TEST(Resumption, PolicyIsAppliedAgain) {
  const auto& certificates = Certificates::get();
  StandingServer server;
  const auto ticket = [&] { return std::move(Visit(server, kName).ticket); };
  const Pin wrong{1};
  const auto fault = [&](const Identity& identity, const Context& trust = context()) {
    Visit visit(server, identity, ticket(), trust);
    EXPECT_FALSE(visit.session.resuming());  // it was not even offered
    EXPECT_EQ(visit.told, "");
    return visit.session.fault().kind;
  };
  EXPECT_EQ(fault({"dns.example.net", {wrong}, PostQuantum::prefer}), FaultKind::pin_mismatch);
  EXPECT_EQ(fault({"x.example.net", {}, PostQuantum::prefer}), FaultKind::name_mismatch);
  const Context stranger = *Context::create(certificates.pem("stranger"));
  EXPECT_EQ(fault(kName, stranger), FaultKind::not_trusted);
  // A pin that the certificates have is no obstacle.
  const Identity pinned{"dns.example.net", {certificates.pin("root")}, PostQuantum::prefer};
  EXPECT_EQ(Visit(server, pinned, ticket()).told, "resumed");
}

TEST(Resumption, TheGroupIsAskedForAgain) {
  StandingServer server;
  Visit first(server, kName);
  const Identity required{"dns.example.net", {}, PostQuantum::require};
  Visit second(server, required, std::move(first.ticket));
  EXPECT_FALSE(second.session.resuming());
  EXPECT_EQ(second.session.phase(), Session::Phase::failed);
  EXPECT_EQ(second.session.fault().kind, FaultKind::group) << second.session.fault().detail;
}

TEST(Resumption, TheFirstFlightHasNoEarlyDataAndAKeyShare) {
  StandingServer server;
  Visit first(server, kName);
  const auto without = Session::client(context(), kName);
  const auto with = Session::client(context(), kName, std::move(first.ticket));
  const auto plain = extensions_of(without->output());
  const auto resuming = extensions_of(with->output());
  EXPECT_FALSE(plain.contains(kPreSharedKey));
  EXPECT_FALSE(plain.contains(kEarlyData));
  EXPECT_TRUE(resuming.contains(kPreSharedKey));
  EXPECT_FALSE(resuming.contains(kEarlyData));
  EXPECT_EQ(resuming.at(kPskModes), (Bytes{1, 1}));       // psk_dhe_ke alone
  EXPECT_EQ(resuming.at(kKeyShare).size(), 2U + 4 + 32);  // X25519, as in the session before
}

TEST(Resumption, AServerThatBreaksOffIsKnownToHaveBeenOfferedATicket) {
  StandingServer server;
  Visit first(server, kName);
  Visit second(server, kName, std::move(first.ticket), context(), {"close=at-once"});
  EXPECT_EQ(second.session.phase(), Session::Phase::failed);
  EXPECT_EQ(second.session.fault().kind, FaultKind::closed_early);
  EXPECT_TRUE(second.session.resuming());
}

}  // namespace
}  // namespace dotkeep::tls

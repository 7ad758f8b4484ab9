// The table of ocsp_table.py, row by row over real handshakes, and what resumption makes of a
// staple.
#include "tls/ocsp.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <sstream>

#include "tests/tls/attempt.h"
#include "tls/sha1.h"

namespace dotkeep::tls {
namespace {

using test::Bytes;
using test::Certificates;
using test::Peer;

const Context& ocsp_context() {
  static const Context one = *Context::create(Certificates::get().pem("ocsp_root"));
  return one;
}

Identity asked(const std::string& policy) {
  Identity identity{"dns.example.net", {}, PostQuantum::prefer};
  identity.ocsp = policy == "require" ? Ocsp::require : Ocsp::must_staple;
  return identity;
}

std::vector<std::string> stapling(const std::string& name) {
  const std::string file = Certificates::get().path("ocsp_" + name + ".der");
  if (test::read_file(file).empty()) return {};
  return {"staple=" + file};
}

TEST(Ocsp, EveryVerdictOfTheTable) {
  test::StandingServer server;
  std::istringstream in(test::read_file(Certificates::get().path("ocsp_table.tsv")));
  int good = 0;
  int bad = 0;
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string name;
    std::string policy;
    std::string fault;
    std::getline(fields, name, '\t');
    std::getline(fields, policy, '\t');
    std::getline(fields, fault, '\t');
    SCOPED_TRACE(name);
    const Identity identity = asked(policy);
    const Peer peer(server.connect("ocsp_" + name, stapling(name)));
    auto session = *Session::client(ocsp_context(), identity);
    peer.handshake(session);
    if (fault == "none") {
      ++good;
      EXPECT_EQ(session.phase(), Session::Phase::established)
          << to_string(session.fault().kind) << ": " << session.fault().detail;
    } else {
      ++bad;
      EXPECT_EQ(session.phase(), Session::Phase::failed);
      EXPECT_EQ(to_string(session.fault().kind), fault) << session.fault().detail;
      test::expect_only_an_alert(session);
    }
  }
  std::printf("%d good and %d bad staples over real handshakes\n", good, bad);
  EXPECT_GE(good, 20);
  EXPECT_GE(bad, 40);
}

// The pinned profile asks no CA, so it asks for no staple either.
TEST(Ocsp, IsNotAskedForWithoutAName) {
  const Identity pinned{"", {Certificates::get().pin("ocsp_revoked")}, PostQuantum::prefer};
  const Peer peer("ocsp_revoked", stapling("revoked"));
  auto session = *Session::client(ocsp_context(), pinned);
  peer.handshake(session);
  EXPECT_EQ(session.phase(), Session::Phase::established) << session.fault().detail;
}

struct Judged {
  std::vector<Bytes> chain;
  Bytes staple;
  explicit Judged(const std::string& name) : chain(Certificates::get().chain("ocsp_" + name)) {
    const std::string octets = test::read_file(Certificates::get().path("ocsp_" + name + ".der"));
    staple.assign(octets.begin(), octets.end());
  }
  [[nodiscard]] FaultKind at(std::int64_t now) const {
    return check_status(staple, *parse_certificate(chain[0]), *parse_certificate(chain[1]),
                        Ocsp::require, now)
        .kind;
  }
};

TEST(Ocsp, ItsTimeHasTwoEnds) {
  const Judged good("good");
  const auto response = parse_ocsp_response(good.staple);
  ASSERT_TRUE(response) << response.error();
  ASSERT_EQ(response->single_count, 1U);
  const std::int64_t from = response->singles[0].this_update;
  const std::int64_t to = *response->singles[0].next_update;
  EXPECT_EQ(good.at(from - kResponderSkew - 1), FaultKind::status_stale);
  EXPECT_EQ(good.at(from - kResponderSkew), FaultKind::none);
  EXPECT_EQ(good.at(to), FaultKind::none);
  EXPECT_EQ(good.at(to + 1), FaultKind::status_stale);
}

TEST(Ocsp, EveryOctetCounts) {
  const Judged good("good");
  const std::int64_t now = parse_ocsp_response(good.staple)->singles[0].this_update;
  ASSERT_EQ(good.at(now), FaultKind::none);
  for (std::size_t i = 0; i < good.staple.size(); ++i) {
    Judged changed = good;
    changed.staple[i] ^= 0x04;
    EXPECT_NE(changed.at(now), FaultKind::none) << i;
  }
  for (std::size_t size = 0; size < good.staple.size(); ++size) {
    EXPECT_FALSE(parse_ocsp_response(Octets(good.staple).first(size))) << size;
  }
}

TEST(Sha1, AsInRfc3174) {
  const auto hex = [](const std::string& text) {
    std::string out;
    for (const std::uint8_t octet : sha1_for_ocsp(test::octets(text))) {
      char digits[3];
      std::snprintf(digits, sizeof digits, "%02x", octet);
      out += digits;
    }
    return out;
  };
  EXPECT_EQ(hex(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
  EXPECT_EQ(hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
  EXPECT_EQ(hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
  EXPECT_EQ(hex(std::string(1'000'000, 'a')), "34aa973cd4c4daa4f61eeb2bdbad27316534016f");
}

}  // namespace
}  // namespace dotkeep::tls

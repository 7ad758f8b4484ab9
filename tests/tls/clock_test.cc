// Pins that are only reported on, and a clock that may be wrong, over what a server presents.
#include <gmock/gmock.h>

#include "tests/tls/attempt.h"
#include "tls/verify.h"

namespace dotkeep::tls {
namespace {

using test::Certificates;

constexpr std::int64_t kDay = 86400;

struct Shown {
  std::vector<test::Bytes> chain;
  Anchors anchors;
  explicit Shown(const std::string& name) : chain(Certificates::get().chain(name)) {
    for (const auto& root : Certificates::get().chain("roots")) EXPECT_TRUE(anchors.add(root));
  }
  [[nodiscard]] Verdict at(const Identity& identity, std::int64_t now) const {
    std::vector<Octets> views(chain.begin(), chain.end());
    return verify(views, identity, anchors, now);
  }
};

Identity identity_of(ClockTrust* clock, std::vector<Pin> pins,
                     const std::string& name = "dns.example.net") {
  Identity identity{name, std::move(pins), PostQuantum::prefer};
  identity.clock = clock;
  return identity;
}

const std::int64_t kNow = std::time(nullptr);

TEST(Clock, AMatchingPinIsBelievedUntilAChainWasProvenWithItsDates) {
  const Shown shown("good");
  ClockTrust clock;
  const Identity pinned = identity_of(&clock, {Certificates::get().pin("good")});
  const Verdict early = shown.at(pinned, 0);  // 1970: a machine without a battery
  EXPECT_EQ(early.fault.kind, FaultKind::none) << early.fault.detail;
  EXPECT_TRUE(early.undated);
  EXPECT_FALSE(clock.synchronised);
  const Verdict right = shown.at(pinned, kNow);
  EXPECT_EQ(right.fault.kind, FaultKind::none);
  EXPECT_FALSE(right.undated);
  EXPECT_TRUE(right.dated);
  EXPECT_FALSE(clock.synchronised) << "nobody has shown the key yet";
  clock.synchronised = true;
  EXPECT_EQ(shown.at(pinned, kNow + 90 * kDay).fault.kind, FaultKind::expired);
}

TEST(Clock, NobodyElseIsBelieved) {
  const Shown shown("good");
  ClockTrust clock;
  const Pin wrong{1};
  EXPECT_EQ(shown.at(identity_of(&clock, {}), 0).fault.kind, FaultKind::not_yet_valid);
  EXPECT_EQ(shown.at(identity_of(&clock, {wrong}), 0).fault.kind, FaultKind::not_yet_valid);
  EXPECT_EQ(shown.at(identity_of(nullptr, {Certificates::get().pin("good")}), 0).fault.kind,
            FaultKind::not_yet_valid);
  // Name and CA are asked for all the same.
  const auto other = identity_of(&clock, {Certificates::get().pin("good")}, "other.example");
  EXPECT_EQ(shown.at(other, 0).fault.kind, FaultKind::not_yet_valid);
  const Shown stranger("bad_stranger");
  const auto pinned = identity_of(&clock, {Certificates::get().pin("bad_stranger")});
  EXPECT_NE(stranger.at(pinned, 0).fault.kind, FaultKind::none);
  EXPECT_FALSE(clock.synchronised);
  // A pin that is only reported on does not stand in for a date.
  Identity reporting = identity_of(&clock, {wrong});
  reporting.pin_mode = PinMode::report;
  EXPECT_EQ(shown.at(reporting, 0).fault.kind, FaultKind::not_yet_valid);
}

TEST(Clock, ANameAloneProvesTheClockAndAPinAloneDoesNot) {
  ClockTrust clock;
  const auto pinned = identity_of(&clock, {Certificates::get().pin("good")}, "");
  EXPECT_TRUE(test::Attempt("good", pinned).good());
  EXPECT_FALSE(clock.synchronised);
  EXPECT_TRUE(test::Attempt("good", identity_of(&clock, {})).good());
  EXPECT_TRUE(clock.synchronised);
}

// Anybody can show certificates that are not theirs.
TEST(Clock, IsProvenByWhoeverHasTheKeyOnly) {
  constexpr std::size_t kFinished = 5 + 4 + 32 + 1 + 16;  // a record; the one before has the proof
  for (const std::size_t missing : {kFinished + 1, std::size_t{1}}) {
    ClockTrust clock;
    const Identity named = identity_of(&clock, {});
    const test::Peer peer("good");
    auto session = *Session::client(test::context(), named);
    peer.flush(session);
    peer.receive_cut(session, missing);
    EXPECT_FALSE(session.presented().empty());
    EXPECT_EQ(session.fault().kind, FaultKind::closed_early);
    EXPECT_FALSE(clock.synchronised);
  }
}

TEST(Clock, BelowAPinnedCaAsWell) {
  ClockTrust clock;
  const Shown shown("below_pinned");
  const auto pinned = identity_of(&clock, {Certificates::get().pin("pinned_ca")}, "");
  EXPECT_EQ(shown.at(pinned, 0).fault.kind, FaultKind::none);
  clock.synchronised = true;
  EXPECT_EQ(shown.at(pinned, 0).fault.kind, FaultKind::not_yet_valid);
}

TEST(Clock, OverARealHandshake) {
  ClockTrust clock;
  const Pin pin = Certificates::get().pin("bad_expired");
  const Identity pinned = identity_of(&clock, {pin});
  test::Attempt attempt("bad_expired", pinned);
  EXPECT_TRUE(attempt.good()) << attempt.session.fault().detail;
  EXPECT_TRUE(attempt.session.undated());
  clock.synchronised = true;
  test::expect_fault("bad_expired", pinned, FaultKind::expired, "expired on");
}

// As on a machine whose clock is years behind: not even the CA has begun.
TEST(Clock, WithAWholeChainThatIsToCome) {
  const Context context = *Context::create(Certificates::get().pem("auth_roots"));
  ClockTrust clock;
  const Identity pinned = identity_of(&clock, {Certificates::get().pin("auth_dates_all_to_come")});
  for (const bool known : {false, true}) {
    clock.synchronised = known;
    const test::Peer peer("auth_dates_all_to_come");
    auto session = *Session::client(context, pinned);
    peer.handshake(session);
    EXPECT_EQ(session.fault().kind, known ? FaultKind::not_yet_valid : FaultKind::none)
        << session.fault().detail;
    EXPECT_EQ(clock.synchronised, known);
  }
}

TEST(PinMode, ReportNeedsNameAndCaAllTheSame) {
  Identity reporting{"dns.example.net", {Pin{1}}, PostQuantum::prefer};
  test::expect_fault("good", reporting, FaultKind::pin_mismatch, "seen ");
  reporting.pin_mode = PinMode::report;
  test::Attempt attempt("good", reporting);
  EXPECT_TRUE(attempt.good());
  EXPECT_EQ(attempt.session.matched_pin(), -1);
  EXPECT_THAT(attempt.session.unpinned(), testing::HasSubstr("="));
  test::expect_fault("bad_name", reporting, FaultKind::name_mismatch, "certificate is for");
  test::expect_fault("bad_stranger", reporting, FaultKind::not_trusted, "issuer");
  test::expect_fault("bad_expired", reporting, FaultKind::expired, "expired on");
  reporting.name.clear();
  test::expect_fault("good", reporting, FaultKind::pin_mismatch, "seen ");
  reporting = {"dns.example.net", {Pin{1}, Certificates::get().pin("good")}, PostQuantum::prefer};
  reporting.pin_mode = PinMode::report;
  test::Attempt second("good", reporting);
  EXPECT_EQ(second.session.matched_pin(), 1);
  EXPECT_EQ(second.session.unpinned(), "");
}

}  // namespace
}  // namespace dotkeep::tls

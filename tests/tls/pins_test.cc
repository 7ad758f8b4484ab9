// Sessions against a real server: what pins prove, and what is told of what was presented.
#include "tests/tls/attempt.h"

namespace dotkeep::tls {
namespace {

using test::Attempt;
using test::Certificates;
using test::context;
using test::expect_fault;
using test::kName;
using testing::HasSubstr;

TEST(Pins, WithAName) {
  const auto& certificates = Certificates::get();
  const Pin wrong{1, 2, 3};
  for (const auto& pin :
       {certificates.pin("good"), certificates.pin("inter"), certificates.pin("root")}) {
    const Attempt attempt("good", {"dns.example.net", {wrong, pin}, PostQuantum::prefer});
    EXPECT_TRUE(attempt.good()) << attempt.session.fault().detail;
  }
  expect_fault("good", {"dns.example.net", {wrong}, PostQuantum::prefer}, FaultKind::pin_mismatch,
               "seen ");
  // Presented, but not on the path.
  expect_fault("good_with_strangers",
               {"dns.example.net", {certificates.pin("stranger")}, PostQuantum::prefer},
               FaultKind::pin_mismatch, "seen ");
  // The right key does not excuse the wrong name, or the wrong authority.
  expect_fault("good", {"x.example.net", {certificates.pin("good")}, PostQuantum::prefer},
               FaultKind::name_mismatch, "");
  expect_fault("bad_stranger", {"dns.example.net", {certificates.pin("bad_stranger")}, {}},
               FaultKind::not_trusted, "");
}

TEST(Pins, Alone) {
  const auto& certificates = Certificates::get();
  const auto alone = [](const Pin& pin) { return Identity{"", {pin}, PostQuantum::prefer}; };
  for (const char* name : {"good", "bad_expired", "bad_stranger", "self_signed_ca",
                           "self_signed_expired", "bad_version_1"}) {
    Attempt attempt(name, alone(certificates.pin(name)));
    EXPECT_TRUE(attempt.good()) << name << ": " << attempt.session.fault().detail;
    if (attempt.good()) {
      EXPECT_EQ(test::echo(attempt.session, attempt.peer, "hello"), "hello");
    }
  }
  const Attempt below("below_pinned", alone(certificates.pin("pinned_ca")));
  EXPECT_TRUE(below.good()) << below.session.fault().detail;
  expect_fault("below_pinned_expired", alone(certificates.pin("pinned_ca")), FaultKind::expired,
               "");
  expect_fault("stranger_with_pinned", alone(certificates.pin("pinned_ca")),
               FaultKind::pin_mismatch, "seen ");
  expect_fault("good", alone(Pin{}), FaultKind::pin_mismatch, "seen ");
  expect_fault("bad_rsa_1024", alone(certificates.pin("bad_rsa_1024")), FaultKind::weak_key, "");
}

TEST(Pins, DoNotMakeAuthoritiesForNames) {
  // A pinned server presents its own CA; a server under that CA must not become believable by name.
  const auto& certificates = Certificates::get();
  const Attempt pinned("below_pinned", {"", {certificates.pin("pinned_ca")}, PostQuantum::prefer});
  EXPECT_TRUE(pinned.good());
  expect_fault("below_pinned", {"whatever.example", {}, PostQuantum::prefer},
               FaultKind::not_trusted, "Pinned CA");
}

TEST(Presented, IsToldAlsoAfterAFault) {
  const Attempt good("good", kName);
  const auto list = good.session.presented();
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0].subject, "CN=dns.example.net");
  EXPECT_EQ(list[0].issuer, "CN=Test Intermediate");
  EXPECT_EQ(list[0].pin, Certificates::get().pin("good"));
  EXPECT_TRUE(list[0].in_verified_path);
  EXPECT_TRUE(list[1].in_verified_path);
  EXPECT_FALSE(list[2].in_verified_path);  // the root's copy proves nothing
  const Attempt bad("bad_name", kName);
  ASSERT_EQ(bad.session.presented().size(), 2U);
  EXPECT_FALSE(bad.session.presented()[0].in_verified_path);
}

TEST(Context, Bundles) {
  EXPECT_EQ(context().anchors(), 3U);
  EXPECT_TRUE(Context::create(""));
  EXPECT_THAT(Context::create("hello").error(), HasSubstr("no certificate"));
  EXPECT_THAT(Context::create(Certificates::get().pem("good_direct")).error(),
              HasSubstr("no usable CA"));
}

}  // namespace
}  // namespace dotkeep::tls

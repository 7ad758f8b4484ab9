// Sessions against a real server: OpenSSL, by peer.py. Who must be believed and who not.
#include <gmock/gmock.h>

#include "tests/tls/support.h"

namespace dotkeep::tls {
namespace {

using test::Bytes;
using test::Certificates;
using test::Peer;
using testing::HasSubstr;

const Context& context() {
  static const Context one = *Context::create(Certificates::get().pem("roots"));
  return one;
}

// A session that has gone as far as it goes.
struct Attempt {
  Identity identity;
  Peer peer;
  Session session;

  Attempt(const std::string& server, Identity who, const std::vector<std::string>& options = {},
          std::size_t piece = 65536)
      : identity(std::move(who)),
        peer(server, options),
        session(*Session::client(context(), identity)) {
    EXPECT_FALSE(session.write(test::octets("too early")));
    peer.handshake(session, piece);
  }
  [[nodiscard]] bool good() const { return session.phase() == Session::Phase::established; }
};

// After a fault nothing may be on its way but an alert, in the clear or sealed.
void expect_only_an_alert(Session& session) {
  const Octets output = session.output();
  EXPECT_TRUE(output.empty() || (output.size() == 7 && output[0] == 21) ||
              (output.size() == 24 && output[0] == 23))
      << output.size();
  EXPECT_FALSE(session.write(test::octets("never")));
  Bytes buffer(16);
  EXPECT_EQ(session.read(buffer), 0U);
}

void expect_fault(const std::string& server, const Identity& identity, FaultKind kind,
                  const std::string& detail, const std::vector<std::string>& options = {}) {
  SCOPED_TRACE(server);
  Attempt attempt(server, identity, options);
  EXPECT_EQ(attempt.session.phase(), Session::Phase::failed);
  EXPECT_STREQ(to_string(attempt.session.fault().kind), to_string(kind))
      << attempt.session.fault().detail;
  EXPECT_THAT(attempt.session.fault().detail, HasSubstr(detail));
  expect_only_an_alert(attempt.session);
}

const Identity kName{"dns.example.net", {}, PostQuantum::prefer};

class Believed : public testing::TestWithParam<const char*> {};
TEST_P(Believed, ByNameAndAuthority) {
  Attempt attempt(GetParam(), kName);
  ASSERT_TRUE(attempt.good()) << attempt.session.fault().detail;
  EXPECT_EQ(test::echo(attempt.session, attempt.peer, "hello"), "hello");
  const Summary summary = attempt.session.summary();
  EXPECT_EQ(summary.group, "X25519");
  EXPECT_EQ(summary.cipher, "TLS_AES_256_GCM_SHA384");  // the server's choice
  EXPECT_EQ(summary.alpn, "");
  EXPECT_GT(attempt.session.leaf_not_after(), std::time(nullptr));
}
INSTANTIATE_TEST_SUITE_P(Handshake, Believed,
                         testing::Values("good", "good_direct", "good_p384", "good_ed25519",
                                         "good_rsa", "good_by_ed25519", "good_pss", "good_no_eku",
                                         "good_empty_subject", "good_with_strangers",
                                         "good_permitted", "good_permitted_ip"));

TEST(Handshake, GroupsOfTheServer) {
  for (const auto& [option, group] : std::vector<std::pair<std::string, std::string>>{
           {"alpn=dot", "X25519"}, {"groups=prime256v1", "P-256"}}) {
    Attempt attempt("good", kName, {option});
    ASSERT_TRUE(attempt.good()) << attempt.session.fault().detail;
    EXPECT_EQ(attempt.session.summary().group, group);
    EXPECT_EQ(test::echo(attempt.session, attempt.peer, "hello"), "hello");
  }
}

TEST(Handshake, InSmallPieces) {
  for (const std::size_t piece : {1U, 3U, 100U, 1000U}) {
    const Attempt attempt("good", kName, {"alpn=dot"}, piece);
    ASSERT_TRUE(attempt.good()) << attempt.session.fault().detail;
    EXPECT_EQ(attempt.session.summary().alpn, "dot");
  }
}

TEST(Handshake, IpLiterals) {
  for (const char* name : {"192.0.2.1", "2001:db8::1", "2001:DB8:0::1"}) {
    const Attempt attempt("good", {name, {}, PostQuantum::off});
    EXPECT_TRUE(attempt.good()) << name << " " << attempt.session.fault().detail;
  }
  expect_fault("good", {"192.0.2.2", {}, PostQuantum::off}, FaultKind::name_mismatch, "192.0.2.1");
}

TEST(Handshake, FaultsOfAuthentication) {
  expect_fault("bad_name", kName, FaultKind::name_mismatch, "other.example.net");
  expect_fault("bad_cn_only", kName, FaultKind::name_mismatch, "names nobody");
  expect_fault("bad_expired", kName, FaultKind::expired, "expired on 20");
  expect_fault("bad_not_yet", kName, FaultKind::not_yet_valid, "not valid before 20");
  expect_fault("bad_stranger", kName, FaultKind::not_trusted, "CN=Stranger Root");
  expect_fault("bad_signature", kName, FaultKind::not_trusted, "signature");
  expect_fault("bad_rsa_1024", kName, FaultKind::weak_key, "key");
  expect_fault("bad_version_1", kName, FaultKind::certificate_form, "version 3");
  expect_fault("bad_ca_leaf", kName, FaultKind::certificate_form, "CA certificate");
  expect_fault("bad_eku", kName, FaultKind::certificate_form, "serverAuth");
  expect_fault("bad_critical", kName, FaultKind::certificate_form, "critical");
  expect_fault("bad_issuer_not_ca", kName, FaultKind::not_trusted, "not a CA");
  expect_fault("bad_issuer_expired", kName, FaultKind::expired, "issuer expired");
  expect_fault("bad_path_length", kName, FaultKind::not_trusted, "longer");
  expect_fault("bad_permitted", kName, FaultKind::not_trusted, "constraints");
  expect_fault("self_signed_ca", kName, FaultKind::certificate_form, "CA certificate");
  expect_fault("good", {}, FaultKind::not_trusted, "no name and no pin");
}

TEST(Handshake, ARefusedServerIsToldAndNothingElse) {
  const Attempt attempt("bad_name", kName);
  EXPECT_EQ(attempt.session.output().size(), 24U);  // not also our Finished

  const Identity identity = kName;
  auto unsent = *Session::client(context(), identity);
  EXPECT_FALSE(unsent.output().empty());
  const Bytes alert = {21, 3, 3, 0, 2, 2, 40};
  EXPECT_TRUE(unsent.feed(alert));
  EXPECT_EQ(unsent.fault().detail, "handshake_failure");
  EXPECT_TRUE(unsent.output().empty());
}

TEST(Handshake, FaultsOfTheProtocol) {
  expect_fault("good", kName, FaultKind::protocol_version, "", {"max12"});
  expect_fault("good", kName, FaultKind::handshake, "does not speak TLS", {"garbage"});
  expect_fault("good", kName, FaultKind::closed_early, "closed", {"close=at-once"});
  expect_fault("good", kName, FaultKind::alert, "handshake_failure", {"groups=secp384r1"});
  expect_fault("good", {"dns.example.net", {}, PostQuantum::require}, FaultKind::group,
               "X25519MLKEM768");
}

TEST(Handshake, PostQuantum) {
  using PQ = PostQuantum;
  const std::string program = test::peer_program();
  ASSERT_TRUE(std::filesystem::exists(program)) << "build the target tls_peer";
  struct Row {
    PQ wanted;
    std::vector<std::string> options;
    const char* group;
  };
  for (const auto& [wanted, options, group] :
       {Row{PQ::prefer, {}, "X25519MLKEM768"}, Row{PQ::prefer, {"hybrid"}, "X25519MLKEM768"},
        Row{PQ::require, {"hybrid"}, "X25519MLKEM768"}, Row{PQ::off, {}, "X25519"}}) {
    const Identity identity{"dns.example.net", {}, wanted};
    const Peer peer("good", options, program);
    auto session = *Session::client(context(), identity);
    peer.handshake(session);
    ASSERT_EQ(session.phase(), Session::Phase::established) << session.fault().detail;
    EXPECT_EQ(session.summary().group, group);
    EXPECT_EQ(test::echo(session, peer, "hello"), "hello");
  }
  // Only the hybrid there and only classical here: it asks for a share that was not offered.
  const Identity off{"dns.example.net", {}, PQ::off};
  const Peer peer("good", {"hybrid"}, program);
  auto session = *Session::client(context(), off);
  peer.handshake(session);
  EXPECT_EQ(session.fault().kind, FaultKind::handshake) << session.fault().detail;
}

TEST(Handshake, AlpnOfAnotherProtocol) {
  // A server that knows only a protocol which we do not offer says so by its alert.
  const Peer peer("good", {"alpn=h2"}, test::peer_program());
  const Identity identity = kName;
  auto session = *Session::client(context(), identity);
  peer.handshake(session);
  EXPECT_EQ(session.fault().kind, FaultKind::alpn) << session.fault().detail;
  expect_only_an_alert(session);
}

TEST(Handshake, Alpn) {
  const Attempt chosen("good", kName, {"alpn=h2,dot"});
  EXPECT_TRUE(chosen.good());
  EXPECT_EQ(chosen.session.summary().alpn, "dot");
}

TEST(Handshake, NothingOfOneServerHelpsAnother) {
  // The first shows the intermediate that the second leaves out.
  const Attempt complete("good", kName);
  EXPECT_TRUE(complete.good());
  expect_fault("bad_incomplete", kName, FaultKind::not_trusted, "not in ca_file");
}

TEST(Handshake, ManyRecordsBothWays) {
  Attempt attempt("good", kName);
  ASSERT_TRUE(attempt.good());
  const std::string largest(kMaxRecordPlaintext, 'x');
  EXPECT_EQ(test::echo(attempt.session, attempt.peer, largest), largest);
  EXPECT_FALSE(attempt.session.write(test::octets(largest + "x")));
  EXPECT_FALSE(attempt.session.write({}));
  for (int i = 0; i < 200; ++i) {
    ASSERT_EQ(test::echo(attempt.session, attempt.peer, std::to_string(i)), std::to_string(i));
  }
}

TEST(Handshake, OneWriteIsOneRecord) {
  Attempt attempt("good", kName);
  ASSERT_TRUE(attempt.good());
  attempt.peer.flush(attempt.session);
  for (const std::size_t size : {1U, 128U, 4096U, 16384U}) {
    ASSERT_TRUE(attempt.session.write(test::octets(std::string(size, 'x'))));
    EXPECT_EQ(attempt.session.output().size(), size + 5 + 1 + 16);
    attempt.session.consume_output(attempt.session.output().size());
  }
}

TEST(Handshake, Closing) {
  Attempt ours("good", kName);
  ours.session.close();
  EXPECT_EQ(ours.session.phase(), Session::Phase::closed);
  EXPECT_EQ(ours.session.output().size(), 24U);  // a sealed close_notify
  EXPECT_FALSE(ours.session.write(test::octets("late")));

  Attempt theirs("good", kName, {"say=bye"});
  Bytes buffer(100);
  std::string said;
  while (theirs.session.phase() == Session::Phase::established) {
    const std::size_t count = theirs.session.read(buffer);
    said.append(reinterpret_cast<const char*>(buffer.data()), count);
    if (count == 0 && theirs.session.phase() == Session::Phase::established) {
      theirs.peer.receive(theirs.session);
    }
  }
  EXPECT_EQ(said, "bye");
  EXPECT_EQ(theirs.session.phase(), Session::Phase::closed);
}

TEST(Handshake, UnreadInputIsBounded) {
  Attempt attempt("good", kName);
  ASSERT_TRUE(attempt.good());
  const Bytes junk(65536, 23);
  int taken = 0;
  while (attempt.session.feed(junk)) ++taken;
  EXPECT_LE(static_cast<std::size_t>(taken) * junk.size(), kMaxPendingInput);
  Bytes buffer(100);
  EXPECT_EQ(attempt.session.read(buffer), 0U);
  EXPECT_EQ(attempt.session.phase(), Session::Phase::failed);
  EXPECT_EQ(attempt.session.fault().kind, FaultKind::record);
}

TEST(Handshake, AChangedOctetIsARecordFault) {
  Attempt attempt("good", kName);
  ASSERT_TRUE(attempt.good());
  const Bytes forged = {23, 3,  3,  0,  20, 1,  2,  3,  4,  5,  6,  7, 8,
                        9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  ASSERT_TRUE(attempt.session.feed(forged));
  Bytes buffer(100);
  while (attempt.session.phase() == Session::Phase::established &&
         attempt.session.read(buffer) == 0 && attempt.peer.receive(attempt.session)) {
  }
  EXPECT_EQ(attempt.session.fault().kind, FaultKind::record);
}

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

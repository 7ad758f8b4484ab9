// Sessions against a real server: OpenSSL, by peer.py. Who must be believed and who not.
#include "tests/tls/attempt.h"

namespace dotkeep::tls {
namespace {

using test::Attempt;
using test::Bytes;
using test::context;
using test::expect_fault;
using test::expect_only_an_alert;
using test::kName;
using test::Peer;

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
  // The same where only our own check objects and wolfSSL would have gone on.
  const Attempt pinned("good", {"dns.example.net", {Pin{1}}, PostQuantum::prefer});
  EXPECT_EQ(pinned.session.output().size(), 24U);

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

TEST(Handshake, KeySharesOfTheFirstFlight) {
  const auto size = [](PostQuantum post_quantum) {
    const Identity identity{"dns.example.net", {}, post_quantum};
    return Session::client(context(), identity)->output().size();
  };
  // X25519 beside the hybrid: a share of 36 octets, and two groups named in 4.
  EXPECT_EQ(size(PostQuantum::prefer), size(PostQuantum::require) + 40);
  EXPECT_LE(size(PostQuantum::prefer), 1448U);  // one TCP segment
  EXPECT_LT(size(PostQuantum::off), 300U);
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

}  // namespace
}  // namespace dotkeep::tls

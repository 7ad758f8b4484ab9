// Every fault has its word, and every alert its name of RFC 8446.
#include <gmock/gmock.h>

#include <map>
#include <set>

#include "tests/tls/attempt.h"
#include "tls/agreed.h"
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {
namespace {

using test::Attempt;
using test::Bytes;
using test::context;
using test::kName;
using test::Peer;

TEST(Faults, EachHasAWordOfItsOwn) {
  std::set<std::string> words;
  for (int i = 0; i <= static_cast<int>(FaultKind::resources); ++i) {
    const std::string word = to_string(static_cast<FaultKind>(i));
    EXPECT_NE(word, "unknown") << i;
    EXPECT_TRUE(words.insert(word).second) << word;
  }
  EXPECT_STREQ(to_string(static_cast<FaultKind>(200)), "unknown");
}

// RFC 8446 appendix B.2, without the two that end a connection in peace.
const std::map<int, std::string> kAlerts = {{10, "unexpected_message"},
                                            {20, "bad_record_mac"},
                                            {22, "record_overflow"},
                                            {40, "handshake_failure"},
                                            {42, "bad_certificate"},
                                            {43, "unsupported_certificate"},
                                            {44, "certificate_revoked"},
                                            {45, "certificate_expired"},
                                            {46, "certificate_unknown"},
                                            {47, "illegal_parameter"},
                                            {48, "unknown_ca"},
                                            {49, "access_denied"},
                                            {50, "decode_error"},
                                            {51, "decrypt_error"},
                                            {70, "protocol_version"},
                                            {71, "insufficient_security"},
                                            {80, "internal_error"},
                                            {86, "inappropriate_fallback"},
                                            {109, "missing_extension"},
                                            {110, "unsupported_extension"},
                                            {112, "unrecognized_name"},
                                            {113, "bad_certificate_status_response"},
                                            {115, "unknown_psk_identity"},
                                            {116, "certificate_required"},
                                            {120, "no_application_protocol"}};

TEST(Faults, AlertsByTheirNames) {
  for (int code = 1; code < 256; ++code) {
    if (code == 90) continue;  // user_canceled: a close_notify follows
    auto session = *Session::client(context(), kName);
    session.consume_output(session.output().size());
    const Bytes alert = {21, 3, 3, 0, 2, 2, static_cast<std::uint8_t>(code)};
    ASSERT_TRUE(session.feed(alert));
    const auto known = kAlerts.find(code);
    EXPECT_EQ(session.fault().detail, known == kAlerts.end() ? "unknown alert" : known->second);
    EXPECT_EQ(session.fault().kind, code == 70    ? FaultKind::protocol_version
                                    : code == 120 ? FaultKind::alpn
                                                  : FaultKind::alert);
    EXPECT_TRUE(session.output().empty());  // an alert is not answered
  }
}

// What wolfSSL might find before our own checks are asked.
TEST(Faults, WolfSslsErrors) {
  const std::vector<std::pair<FaultKind, std::vector<int>>> kinds = {
      {FaultKind::resources, {MEMORY_E, MEMORY_ERROR}},
      {FaultKind::protocol_version, {VERSION_ERROR}},
      {FaultKind::expired, {ASN_AFTER_DATE_E}},
      {FaultKind::not_yet_valid, {ASN_BEFORE_DATE_E}},
      {FaultKind::name_mismatch, {DOMAIN_NAME_MISMATCH}},
      {FaultKind::not_trusted,
       {ASN_NO_SIGNER_E, ASN_SIG_CONFIRM_E, ASN_NAME_INVALID_E, ASN_PATHLEN_INV_E, NOT_CA_ERROR}},
      {FaultKind::weak_key, {RSA_KEY_SIZE_E, ECC_KEY_SIZE_E}},
      {FaultKind::certificate_form, {ASN_PARSE_E, ASN_CRIT_EXT_E, MAX_CHAIN_ERROR, NO_PEER_CERT}},
      {FaultKind::alpn, {UNKNOWN_ALPN_PROTOCOL_NAME_E}},
      {FaultKind::handshake, {BUFFER_ERROR, EXT_MISSING, DUPLICATE_MSG_E}},
  };
  for (const auto& [kind, errors] : kinds) {
    for (const int error : errors) {
      const FaultText fault = wolfssl_fault(nullptr, error, false);
      EXPECT_STREQ(to_string(fault.kind), to_string(kind)) << error;
      EXPECT_STRNE(fault.text, "");
      const FaultText later = wolfssl_fault(nullptr, error, true);
      EXPECT_EQ(later.kind, kind == FaultKind::resources ? kind : FaultKind::record) << error;
    }
  }
}

TEST(Faults, WhatMustBeAgreed) {
  const Agreed good{true, true, "X25519", "dot"};
  const auto kind = [&](auto change, PostQuantum wanted = PostQuantum::prefer) {
    Agreed agreed = good;
    change(agreed);
    return check_agreed(agreed, wanted).kind;
  };
  EXPECT_EQ(kind([](Agreed&) {}), FaultKind::none);
  EXPECT_EQ(kind([](Agreed& a) { a.alpn.clear(); }), FaultKind::none);
  EXPECT_EQ(kind([](Agreed& a) { a.alpn = "h2"; }), FaultKind::alpn);
  EXPECT_EQ(kind([](Agreed& a) { a.tls13 = false; }), FaultKind::protocol_version);
  EXPECT_EQ(kind([](Agreed& a) { a.server_verified = false; }), FaultKind::not_trusted);
  EXPECT_EQ(kind([](Agreed&) {}, PostQuantum::require), FaultKind::group);
  EXPECT_EQ(kind([](Agreed& a) { a.group = "X25519MLKEM768"; }, PostQuantum::require),
            FaultKind::none);
}

TEST(Faults, AHandshakeThatNeverEndsIsLetGo) {
  auto session = *Session::client(context(), kName);
  Bytes endless(131072 + 1, 0);
  endless[0] = 22;
  ASSERT_TRUE(session.feed(endless));
  EXPECT_EQ(session.fault().kind, FaultKind::handshake);
  EXPECT_EQ(session.fault().detail, "the handshake is too long");
}

// A server that makes us answer, again and again, and takes none of it.
TEST(Faults, AnswersThatNobodyReadsAreBounded) {
  const Peer peer("good", {"updates=20000"}, test::peer_program());
  auto session = *Session::client(context(), kName);
  peer.handshake(session);
  ASSERT_EQ(session.phase(), Session::Phase::established) << session.fault().detail;
  peer.flush(session);
  Bytes buffer(100);
  while (session.phase() == Session::Phase::established && peer.receive(session)) {
    EXPECT_EQ(session.read(buffer), 0U);
    ASSERT_LT(session.output().size(), kMaxPendingOutput + kMaxRecordPlaintext + 1024);
  }
  EXPECT_EQ(session.fault().kind, FaultKind::record) << session.fault().detail;
  EXPECT_THAT(session.fault().detail, testing::HasSubstr("does not read"));
}

TEST(Faults, TheThirdCipher) {
  const Peer peer("good", {"chacha"}, test::peer_program());
  const Identity identity = kName;
  auto other = *Session::client(context(), identity);
  other = *Session::client(context(), identity);  // sessions can be replaced by assignment
  peer.handshake(other);
  ASSERT_EQ(other.phase(), Session::Phase::established) << other.fault().detail;
  EXPECT_EQ(other.summary().cipher, "TLS_CHACHA20_POLY1305_SHA256");
  EXPECT_EQ(test::echo(other, peer, "hello"), "hello");
}

}  // namespace
}  // namespace dotkeep::tls

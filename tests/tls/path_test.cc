// verify(): every rule with a certificate that breaks it and nothing else. No network, no TLS.
#include "tls/path.h"

#include <gmock/gmock.h>

#include "tests/tls/support.h"
#include "tls/verify.h"

namespace dotkeep::tls {
namespace {

using test::Bytes;
using test::Certificates;

const Anchors& anchors() {
  static const Anchors one = [] {
    Anchors made;
    for (const Bytes& der : Certificates::get().chain("roots")) EXPECT_TRUE(made.add(der));
    return made;
  }();
  return one;
}

Verdict verify_chain(const std::vector<Bytes>& chain, const Identity& identity,
                     std::int64_t later = 0) {
  const std::vector<Octets> views(chain.begin(), chain.end());
  return verify(views, identity, anchors(), std::time(nullptr) + later);
}

const Identity kName{"dns.example.net", {}, PostQuantum::prefer};

struct Case {
  const char* name;
  FaultKind kind;
  const char* detail;
};
void PrintTo(const Case& one, std::ostream* out) {
  *out << one.name;
}

class Table : public testing::TestWithParam<Case> {};
TEST_P(Table, Holds) {
  const Case& one = GetParam();
  const Verdict verdict = verify_chain(Certificates::get().chain(one.name), kName);
  EXPECT_STREQ(to_string(verdict.fault.kind), to_string(one.kind)) << verdict.fault.detail;
  EXPECT_THAT(verdict.fault.detail, testing::HasSubstr(one.detail));
  EXPECT_LE(verdict.fault.detail.size(), 256U);
}

constexpr FaultKind kForm = FaultKind::certificate_form;
constexpr FaultKind kTrust = FaultKind::not_trusted;
INSTANTIATE_TEST_SUITE_P(
    Verify, Table,
    testing::Values(
        Case{"good", FaultKind::none, ""}, Case{"good_direct", FaultKind::none, ""},
        Case{"good_p384", FaultKind::none, ""}, Case{"good_ed25519", FaultKind::none, ""},
        Case{"good_rsa", FaultKind::none, ""}, Case{"good_by_ed25519", FaultKind::none, ""},
        Case{"good_pss", FaultKind::none, ""}, Case{"good_no_eku", FaultKind::none, ""},
        Case{"good_empty_subject", FaultKind::none, ""},
        Case{"good_with_strangers", FaultKind::none, ""},
        Case{"good_permitted", FaultKind::none, ""}, Case{"good_permitted_ip", FaultKind::none, ""},
        Case{"bad_name", FaultKind::name_mismatch, "other.example.net"},
        Case{"bad_cn_only", FaultKind::name_mismatch, "names nobody"},
        Case{"bad_wildcards", FaultKind::name_mismatch, "*.net"},
        Case{"bad_expired", FaultKind::expired, "expired on"},
        Case{"bad_not_yet", FaultKind::not_yet_valid, "not valid before"},
        Case{"bad_version_1", kForm, "version 3"}, Case{"bad_ca_leaf", kForm, "CA certificate"},
        Case{"bad_key_usage", kForm, "key usage"}, Case{"bad_key_usage_both", kForm, "of a CA"},
        Case{"bad_eku", kForm, "serverAuth"}, Case{"bad_any_eku", kForm, "serverAuth"},
        Case{"bad_empty_subject", kForm, "subject"}, Case{"bad_critical", kForm, "critical"},
        Case{"bad_rsa_1024", FaultKind::weak_key, "small"},
        Case{"bad_p521", FaultKind::weak_key, "kind"},
        Case{"bad_sha1", FaultKind::weak_key, "SHA-1"},
        Case{"bad_stranger", kTrust, "CN=Stranger Root"},
        Case{"bad_incomplete", kTrust, "CN=Test Intermediate"},
        Case{"bad_signature", kTrust, "signature"}, Case{"bad_issuer_not_ca", kTrust, "not a CA"},
        Case{"bad_issuer_no_basic", kTrust, "not a CA"},
        Case{"bad_issuer_key_usage", kTrust, "may not sign"},
        Case{"bad_issuer_eku", kTrust, "not for TLS servers"},
        Case{"bad_issuer_expired", FaultKind::expired, "issuer expired"},
        Case{"bad_path_length", kTrust, "longer"}, Case{"bad_permitted", kTrust, "constraints"},
        Case{"bad_permitted_suffix", kTrust, "constraints"},
        Case{"bad_excluded", kTrust, "constraints"},
        Case{"bad_excluded_wildcard", kTrust, "constraints"},
        Case{"bad_permitted_ip", kTrust, "constraints"},
        Case{"bad_excluded_ip", kTrust, "constraints"},
        Case{"bad_permitted_directory", kTrust, "constraints"},
        Case{"bad_excluded_directory", kTrust, "constraints"}));

TEST(Verify, Time) {
  const auto chain = Certificates::get().chain("good");
  const auto leaf = parse_certificate(chain[0]);
  const std::int64_t now = std::time(nullptr);
  EXPECT_EQ(verify_chain(chain, kName, leaf->not_after - now).fault.kind, FaultKind::none);
  EXPECT_EQ(verify_chain(chain, kName, leaf->not_after - now + 1).fault.kind, FaultKind::expired);
  EXPECT_EQ(verify_chain(chain, kName, leaf->not_before - now - 1).fault.kind,
            FaultKind::not_yet_valid);
  EXPECT_EQ(verify_chain(chain, kName).leaf_not_after, leaf->not_after);
}

TEST(Verify, NoOctetOfTheLeafMayChange) {
  for (const auto& [name, step] : std::vector<std::pair<std::string, std::size_t>>{
           {"good_direct", 1}, {"good_rsa", 7}, {"good_pss", 7}, {"good_by_ed25519", 7}}) {
    const auto chain = Certificates::get().chain(name);
    for (std::size_t i = 0; i < chain[0].size(); i += step) {
      auto changed = chain;
      changed[0][i] ^= 1;
      EXPECT_NE(verify_chain(changed, kName).fault.kind, FaultKind::none) << name << " octet " << i;
    }
  }
}

TEST(Verify, OrderAndCopiesDoNotMatter) {
  auto chain = Certificates::get().chain("good");
  const auto root = Certificates::get().chain("root")[0];
  chain = {chain[0], root, root, chain[1], chain[1]};
  const Verdict verdict = verify_chain(chain, kName);
  EXPECT_EQ(verdict.fault.kind, FaultKind::none) << verdict.fault.detail;
  EXPECT_TRUE(verdict.in_path[0]);
  EXPECT_FALSE(verdict.in_path[1]);
  EXPECT_TRUE(verdict.in_path[3]);
  EXPECT_FALSE(verdict.in_path[4]);
}

TEST(Verify, Bounds) {
  const auto good = Certificates::get().chain("good");
  EXPECT_EQ(verify_chain({}, kName).fault.kind, kForm);
  EXPECT_EQ(verify_chain({{}}, kName).fault.kind, kForm);
  std::vector<Bytes> many(kMaxPresented, good[1]);
  many[0] = good[0];
  EXPECT_EQ(verify_chain(many, kName).fault.kind, FaultKind::none);
  many.push_back(good[1]);
  EXPECT_EQ(verify_chain(many, kName).fault.kind, kForm);
}

TEST(Verify, ARubbishExtraCertificateIsNotLookedAt) {
  auto chain = Certificates::get().chain("good_direct");
  chain.push_back({0x30, 0x00});
  EXPECT_EQ(verify_chain(chain, kName).fault.kind, FaultKind::none);
}

TEST(Verify, PinsMatchOnlyThePath) {
  const auto& certificates = Certificates::get();
  const auto with = [](const Pin& pin) { return Identity{"dns.example.net", {pin}, {}}; };
  const auto chain = certificates.chain("good_with_strangers");
  for (const char* name : {"good_with_strangers", "inter", "root"}) {
    EXPECT_EQ(verify_chain(chain, with(certificates.pin(name))).fault.kind, FaultKind::none);
  }
  const Fault fault = verify_chain(chain, with(certificates.pin("stranger"))).fault;
  EXPECT_EQ(fault.kind, FaultKind::pin_mismatch);
  EXPECT_GT(fault.detail.size(), 3U * 44);  // the three pins that would have done
}

TEST(Verify, APinnedPathIsLookedForAmongSeveral) {
  // Two intermediates with one name and key, by two authorities that are both trusted.
  const auto& certificates = Certificates::get();
  const auto chain = certificates.chain("good_crossed");
  ASSERT_EQ(chain.size(), 3U);
  for (const char* root : {"root", "rsa_root"}) {
    const Identity identity{"dns.example.net", {certificates.pin(root)}, {}};
    const Verdict verdict = verify_chain(chain, identity);
    EXPECT_EQ(verdict.fault.kind, FaultKind::none) << root << " " << verdict.fault.detail;
  }
}

TEST(Verify, PinsAlone) {
  const auto& certificates = Certificates::get();
  const auto alone = [&](const char* chain, const Pin& pin) {
    return verify_chain(certificates.chain(chain), Identity{"", {pin}, {}}).fault.kind;
  };
  EXPECT_EQ(alone("self_signed_expired", certificates.pin("self_signed_expired")), FaultKind::none);
  EXPECT_EQ(alone("bad_rsa_1024", certificates.pin("bad_rsa_1024")), FaultKind::weak_key);
  EXPECT_EQ(alone("below_pinned", certificates.pin("pinned_ca")), FaultKind::none);
  EXPECT_EQ(alone("below_pinned_expired", certificates.pin("pinned_ca")), FaultKind::expired);
  EXPECT_EQ(alone("stranger_with_pinned", certificates.pin("pinned_ca")), FaultKind::pin_mismatch);
  EXPECT_EQ(alone("good", certificates.pin("root")), FaultKind::none);  // presented and on the path
  EXPECT_EQ(alone("good_direct", certificates.pin("root")), FaultKind::pin_mismatch);
}

TEST(Anchors, OnlyAuthorities) {
  Anchors made;
  EXPECT_FALSE(made.add(Certificates::get().chain("good")[0]));
  EXPECT_FALSE(made.add({}));
  EXPECT_TRUE(made.add(Certificates::get().chain("root")[0]));
  EXPECT_EQ(made.size(), 1U);
}

TEST(Anchors, Pem) {
  Bytes der;
  const auto one = [&](std::string_view text) { return next_pem(text, der); };
  const std::string begin = "-----BEGIN CERTIFICATE-----";
  const std::string end = "-----END CERTIFICATE-----";
  EXPECT_TRUE(one("text\n" + begin + "\nAQ\r\n ID\n" + end));
  EXPECT_EQ(der, (Bytes{1, 2, 3}));
  EXPECT_TRUE(one(begin + "AQI=" + end));
  EXPECT_EQ(der, (Bytes{1, 2}));
  EXPECT_TRUE(one(begin + "AQ==" + end));
  EXPECT_EQ(der, (Bytes{1}));
  for (const char* bad : {"", "A", "AQI", "AQ=", "A===", "AQ==AQID", "AQ=D", "A?==", "===="}) {
    std::string block = begin;
    block.append(bad).append(end);
    EXPECT_TRUE(one(block));
    EXPECT_TRUE(der.empty()) << bad;
  }
  EXPECT_TRUE(one(begin + std::string(4 * kMaxCertificate, 'A') + end));
  EXPECT_TRUE(der.empty());
  EXPECT_FALSE(one(begin + "AQID"));
  EXPECT_FALSE(one("-----BEGIN PRIVATE KEY-----AQID-----END PRIVATE KEY-----"));
}

}  // namespace
}  // namespace dotkeep::tls

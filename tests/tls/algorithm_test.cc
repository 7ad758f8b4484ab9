// Which signatures and keys are understood, and which are strong.
#include "tls/algorithm.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "tests/tls/build_der.h"
#include "tests/tls/support.h"

namespace dotkeep::tls {
namespace {

using test::der;
using test::oid;
using test::sequence;

TEST(Algorithms, Signatures) {
  const auto algorithm = [](const std::string& content) {
    return signature_algorithm(Der(test::octets(content)));
  };
  const std::string pkcs1 = "\x2a\x86\x48\x86\xf7\x0d\x01\x01";
  const std::string null("\x05\x00", 2);
  for (const char last : {'\x02', '\x03', '\x04', '\x05', '\x06'}) {
    std::string id = pkcs1;
    id.push_back(last);
    EXPECT_EQ(algorithm(oid(id).append(null)), SignatureAlgorithm::weak);
  }
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0b') + null), SignatureAlgorithm::rsa_pkcs1_sha256);
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0b')), SignatureAlgorithm::unknown);
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0a')), SignatureAlgorithm::unknown);  // PSS by default: SHA-1
  EXPECT_EQ(algorithm(oid("\x2a\x86\x48\xce\x3d\x04\x01")), SignatureAlgorithm::weak);
  EXPECT_EQ(algorithm(oid("\x2a\x86\x48\xce\x3d\x04\x03\x02")), SignatureAlgorithm::ecdsa_sha256);
  EXPECT_EQ(algorithm(oid("\x2a\x86\x48\xce\x3d\x04\x03\x02") + null), SignatureAlgorithm::unknown);
  EXPECT_EQ(algorithm(oid("\x2b\x65\x70")), SignatureAlgorithm::ed25519);
  EXPECT_EQ(algorithm(""), SignatureAlgorithm::unknown);
}

TEST(Algorithms, SignaturesByNumber) {
  const auto algorithm = [](const std::string& content) {
    return signature_algorithm(Der(test::octets(content)));
  };
  const std::string pkcs1 = "\x2a\x86\x48\x86\xf7\x0d\x01\x01";
  const std::string null("\x05\x00", 2);
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0c') + null), SignatureAlgorithm::rsa_pkcs1_sha384);
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0d') + null), SignatureAlgorithm::rsa_pkcs1_sha512);
  EXPECT_EQ(algorithm(oid(pkcs1 + '\x0e') + null), SignatureAlgorithm::unknown);  // SHA-224
  const std::string ecdsa = "\x2a\x86\x48\xce\x3d\x04\x03";
  EXPECT_EQ(algorithm(oid(ecdsa + '\x03')), SignatureAlgorithm::ecdsa_sha384);
  EXPECT_EQ(algorithm(oid(ecdsa + '\x04')), SignatureAlgorithm::ecdsa_sha512);
  EXPECT_EQ(algorithm(oid(ecdsa + '\x01')), SignatureAlgorithm::unknown);
}

std::string sha2(char number) {
  return sequence(oid(std::string("\x60\x86\x48\x01\x65\x03\x04\x02") + number));
}
const std::string kMgf1 = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";

struct Pss {
  std::string hash = sha2(1);
  std::string mask = sequence(oid(kMgf1) + sha2(1));
  std::string salt = der(0x02, "\x20");
  std::string after;

  [[nodiscard]] SignatureAlgorithm read() const {
    const std::string text = oid("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a") +
                             sequence(der(0xa0, hash) + der(0xa1, mask) + der(0xa2, salt) + after);
    return signature_algorithm(Der(test::octets(text)));
  }
};

TEST(Algorithms, Pss) {
  using enum SignatureAlgorithm;
  EXPECT_EQ(Pss{}.read(), rsa_pss_sha256);
  const auto of = [](char number, char salt) {
    Pss pss;
    pss.hash = sha2(number);
    pss.mask = sequence(oid(kMgf1) + sha2(number));
    pss.salt = der(0x02, std::string(1, salt));
    return pss.read();
  };
  EXPECT_EQ(of(2, 48), rsa_pss_sha384);
  EXPECT_EQ(of(3, 64), rsa_pss_sha512);
  EXPECT_EQ(of(4, 28), unknown);  // SHA-224
  EXPECT_EQ(of(1, 20), unknown);  // a salt shorter than the hash
  EXPECT_EQ(of(2, 32), unknown);
  const auto with = [](auto change) {
    Pss pss;
    change(pss);
    return pss.read();
  };
  EXPECT_EQ(with([](Pss& p) { p.mask = sequence(oid(kMgf1) + sha2(2)); }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.mask = sequence(oid("\x2a\x03") + sha2(1)); }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.mask = sequence(oid(kMgf1)); }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.hash += sha2(1); }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.hash = der(0x04, ""); }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.salt += "x"; }), unknown);
  EXPECT_EQ(with([](Pss& p) { p.after = der(0xa3, der(0x02, "\x01")); }), unknown);
}

TEST(Algorithms, Keys) {
  const auto key = [](const std::string& content) {
    return public_key(Der(test::octets(content)));
  };
  const std::string ec = oid("\x2a\x86\x48\xce\x3d\x02\x01");
  const std::string point = std::string("\0\x04", 2) + std::string(96, 'k');
  const auto on = [&](std::string_view curve, const std::string& octets) {
    return key(sequence(ec + oid(curve)) + der(0x03, octets));
  };
  ASSERT_TRUE(on("\x2b\x81\x04\x00\x22", point));  // a NUL ends the literal: not P-384
  EXPECT_EQ(on({"\x2b\x81\x04\x00\x22", 5}, point)->kind, KeyKind::p384);
  EXPECT_FALSE(on({"\x2b\x81\x04\x00\x22", 5}, point + "k"));
  std::string compressed = point;
  compressed[1] = '\x02';
  EXPECT_FALSE(on({"\x2b\x81\x04\x00\x22", 5}, compressed));
  EXPECT_EQ(on({"\x2b\x81\x04\x00\x23", 5}, point)->kind, KeyKind::unknown);  // P-521
  EXPECT_EQ(key(sequence(ec + sequence("")) + der(0x03, point))->kind, KeyKind::unknown);
  EXPECT_EQ(key(sequence(oid("\x2b\x65\x71")) + der(0x03, point))->kind, KeyKind::unknown);
  EXPECT_FALSE(key(sequence(der(0x04, "x")) + der(0x03, point)));
  EXPECT_FALSE(key(sequence(oid("\x2b\x65\x70")) + der(0x03, point)));  // not 32 octets
  EXPECT_FALSE(strong(PublicKey{}));
}

std::optional<PublicKey> rsa(const std::string& modulus, const std::string& exponent,
                             const std::string& after = "") {
  static std::string text;  // the key is a view of it
  text =
      sequence(oid("\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01") + std::string("\x05\x00", 2)) +
      der(0x03, std::string(1, '\0') + sequence(der(0x02, modulus) + der(0x02, exponent) + after));
  return public_key(Der(test::octets(text)));
}

TEST(Algorithms, RsaKeys) {
  const auto modulus = [](std::size_t octets) {
    return std::string(1, '\0') + std::string(octets, '\xff');
  };
  const std::string usual("\x01\x00\x01", 3);
  EXPECT_TRUE(strong(*rsa(modulus(256), usual)));
  EXPECT_TRUE(strong(*rsa(modulus(512), usual)));
  EXPECT_TRUE(strong(*rsa(modulus(256), "\x03")));
  EXPECT_FALSE(strong(*rsa(modulus(255), usual)));
  EXPECT_FALSE(strong(*rsa(modulus(513), usual)));
  EXPECT_FALSE(strong(*rsa(modulus(256), "\x01")));
  EXPECT_FALSE(strong(*rsa(modulus(256), "\x04")));                                  // even
  EXPECT_FALSE(strong(*rsa(modulus(256), std::string("\x01\x00\x00\x00\x01", 5))));  // too long
  EXPECT_FALSE(strong(*rsa(modulus(255) + '\xfe', usual)));  // an even modulus
  EXPECT_FALSE(rsa("\xff", usual));                          // negative
  EXPECT_FALSE(rsa(modulus(256), usual, "\x05"));
}

TEST(Algorithms, WhichKeyMakesWhichSignature) {
  using enum SignatureAlgorithm;
  for (const auto algorithm :
       {unknown, weak, rsa_pkcs1_sha256, rsa_pss_sha512, ecdsa_sha384, ed25519}) {
    for (const auto kind :
         {KeyKind::unknown, KeyKind::rsa, KeyKind::p256, KeyKind::p384, KeyKind::ed25519}) {
      const bool expected =
          (kind == KeyKind::rsa &&
           (algorithm == rsa_pkcs1_sha256 || algorithm == rsa_pss_sha512)) ||
          ((kind == KeyKind::p256 || kind == KeyKind::p384) && algorithm == ecdsa_sha384) ||
          (kind == KeyKind::ed25519 && algorithm == ed25519);
      EXPECT_EQ(fits(algorithm, kind), expected);
    }
  }
}

}  // namespace
}  // namespace dotkeep::tls

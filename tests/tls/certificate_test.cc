// parse_certificate() on certificates that no tool would make: built octet by octet, unsigned.
#include "tls/certificate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/tls/build_der.h"
#include "tests/tls/support.h"
#include "tls/host_name.h"
#include "tls/leaf_check.h"
#include "tls/name_constraints.h"

namespace dotkeep::tls {
namespace {

using test::der;
using test::oid;
using test::sequence;

const std::string kEcdsaSha256 = sequence(oid("\x2a\x86\x48\xce\x3d\x04\x03\x02"));
const std::string kEcdsaSha384 = sequence(oid("\x2a\x86\x48\xce\x3d\x04\x03\x03"));
const std::string kTrue("\x01\x01\xff", 3);
const std::string kFalse("\x01\x01\x00", 3);

std::string common_name(const std::string& text) {
  return sequence(der(0x31, sequence(oid("\x55\x04\x03") + der(0x0c, text))));
}

// 2.5.29.number
std::string extension(int number, const std::string& value, const std::string& critical = "") {
  const std::string id = std::string("\x55\x1d") + static_cast<char>(number);
  return sequence(oid(id) + critical + der(0x04, value));
}

struct Parts {
  std::string version = der(0xa0, "\x02\x01\x02");
  std::string serial = der(0x02, "\x01");
  std::string inner = kEcdsaSha256;
  std::string issuer = common_name("issuer");
  std::string validity = sequence(der(0x17, "250101000000Z") + der(0x17, "260101000000Z"));
  std::string subject = common_name("subject");
  std::string spki = sequence(
      sequence(oid("\x2a\x86\x48\xce\x3d\x02\x01") + oid("\x2a\x86\x48\xce\x3d\x03\x01\x07")) +
      der(0x03, std::string("\0\x04", 2) + std::string(64, 'k')));
  std::string extensions;  // a list, without its SEQUENCE
  std::string outer = kEcdsaSha256;
  std::string signature = der(0x03, std::string("\0sig", 4));
  std::string after;

  [[nodiscard]] std::string build() const {
    const std::string list = extensions.empty() ? "" : der(0xa3, sequence(extensions));
    const std::string tbs =
        sequence(version + serial + inner + issuer + validity + subject + spki + list);
    return sequence(tbs + outer + signature) + after;
  }
};

// Empty when it parses.
std::string fault_of(const Parts& parts) {
  const std::string text = parts.build();
  const auto certificate = parse_certificate(test::octets(text));
  return certificate ? "" : certificate.error();
}

template <typename Change>
std::string changed(Change change) {
  Parts parts;
  change(parts);
  return fault_of(parts);
}

TEST(Certificate, Parses) {
  EXPECT_EQ(fault_of({}), "");
  EXPECT_EQ(changed([](Parts& p) { p.version.clear(); }), "");
  EXPECT_EQ(changed([](Parts& p) { p.subject = sequence(""); }), "");
}

TEST(Certificate, Fields) {
  EXPECT_NE(changed([](Parts& p) { p.version = der(0xa0, "\x02\x01\x03"); }), "");
  EXPECT_NE(changed([](Parts& p) { p.version = der(0xa0, std::string("\x02\x01\x00", 3)); }), "");
  EXPECT_NE(changed([](Parts& p) { p.serial = der(0x02, "\x81"); }), "");
  EXPECT_NE(changed([](Parts& p) { p.serial = der(0x02, std::string(21, '\x01')); }), "");
  EXPECT_NE(changed([](Parts& p) { p.inner = kEcdsaSha384; }), "");
  EXPECT_NE(changed([](Parts& p) { p.issuer = sequence(""); }), "");
  EXPECT_NE(changed([](Parts& p) { p.issuer = sequence(der(0x31, "")); }), "");
  EXPECT_NE(changed([](Parts& p) { p.validity = sequence(der(0x17, "250101000000Z")); }), "");
  EXPECT_NE(changed([](Parts& p) { p.spki = sequence(""); }), "");
  EXPECT_NE(changed([](Parts& p) { p.signature = der(0x03, "\x01z"); }), "");
  EXPECT_NE(changed([](Parts& p) { p.after = "x"; }), "");
}

TEST(Certificate, FlawsOfOldRoots) {
  const auto flawed = [](const Parts& parts) {
    const std::string text = parts.build();
    const auto certificate = parse_certificate(test::octets(text));
    return certificate && certificate->flaw != nullptr &&
           check_leaf_form(*certificate).kind == FaultKind::certificate_form;
  };
  Parts parts;
  EXPECT_FALSE(flawed(parts));
  parts.serial = der(0x02, std::string(1, '\0'));
  EXPECT_TRUE(flawed(parts));
  parts = {};
  parts.validity = sequence(der(0x17, "250101000000Z") + der(0x18, "20491231235959Z"));
  EXPECT_TRUE(flawed(parts));
  parts.validity = sequence(der(0x17, "250101000000Z") + der(0x18, "20500101000000Z"));
  EXPECT_FALSE(flawed(parts));
}

TEST(Certificate, Extensions) {
  const auto with = [](const std::string& list,
                       const std::string& version = der(0xa0, "\x02\x01\x02")) {
    return changed([&](Parts& p) {
      p.extensions = list;
      p.version = version;
    });
  };
  const std::string unknown = extension(99, "");
  EXPECT_EQ(with(unknown), "");
  EXPECT_NE(with(unknown, ""), "");  // version 1
  EXPECT_NE(with(unknown + unknown), "");
  EXPECT_NE(with(extension(99, "", kTrue)), "");
  EXPECT_NE(with(extension(99, "", kFalse)), "");  // a DEFAULT must be left out
  EXPECT_EQ(with(extension(32, "", kTrue)), "");   // policies, critical
  EXPECT_NE(with(extension(36, "", kTrue)), "");   // policy constraints, critical
  std::string many;
  for (int i = 0; i < 33; ++i) many += extension(100 + i, "");
  EXPECT_NE(with(many), "");
  // Basic constraints.
  EXPECT_EQ(with(extension(19, sequence(""))), "");
  EXPECT_EQ(with(extension(19, sequence(kTrue + std::string("\x02\x01\x00", 3)))), "");
  EXPECT_NE(with(extension(19, sequence(kFalse))), "");
  EXPECT_NE(with(extension(19, sequence("\x02\x01\x01"))), "");  // a length for no CA
  EXPECT_NE(with(extension(19, sequence(kTrue + "\x02\x01\xff"))), "");
  // Key usage: what is not used is zero.
  EXPECT_EQ(with(extension(15, der(0x03, "\x07\x80"))), "");
  EXPECT_NE(with(extension(15, der(0x03, "\x07\xff"))), "");
  EXPECT_NE(with(extension(15, der(0x03, "\x08\x80"))), "");
  // Names: none, empty, constructed where it may not be, unknown.
  EXPECT_EQ(with(extension(17, sequence(der(0x82, "a.b")))), "");
  EXPECT_NE(with(extension(17, sequence(""))), "");
  EXPECT_NE(with(extension(17, sequence(der(0x82, "")))), "");
  EXPECT_NE(with(extension(17, sequence(der(0xa2, "a.b")))), "");
  EXPECT_NE(with(extension(17, sequence(der(0x89, "a.b")))), "");
  EXPECT_NE(with(extension(17, sequence(der(0x82, "a.b")) + "x")), "");
  EXPECT_NE(with(extension(37, sequence(""))), "");
}

TEST(Certificate, OnlyDnsNamesAreHostNames) {
  for (const int form : {0x81, 0x82, 0x86}) {
    Parts parts;
    parts.extensions = extension(17, sequence(der(form, "dns.example.net")));
    const std::string text = parts.build();
    const auto certificate = parse_certificate(test::octets(text));
    ASSERT_TRUE(certificate);
    EXPECT_EQ(covers(*certificate, "dns.example.net"), form == 0x82);
  }
}

// Whether a certificate with this SAN may stand below a CA with these constraints.
bool allowed(const std::string& constraints, const std::string& names) {
  Parts ca;
  ca.extensions = extension(30, sequence(constraints), kTrue);
  const std::string ca_text = ca.build();
  Parts leaf;
  leaf.subject = sequence("");
  leaf.extensions = extension(17, sequence(names), kTrue);
  const std::string leaf_text = leaf.build();
  const auto above = parse_certificate(test::octets(ca_text));
  const auto below = parse_certificate(test::octets(leaf_text));
  EXPECT_TRUE(above && below);
  return above && below && within_constraints(*above, *below);
}

TEST(Certificate, Constraints) {
  const auto permitted = [](const std::string& base) { return der(0xa0, sequence(base)); };
  const auto excluded = [](const std::string& base) { return der(0xa1, sequence(base)); };
  const std::string host = der(0x82, "dns.example.net");
  const std::string mail = der(0x81, "a@example.net");
  EXPECT_TRUE(allowed(permitted(der(0x82, "example.net")), host));
  EXPECT_FALSE(allowed(permitted(der(0x82, ".example.net")), host));  // not a form of dNSName
  EXPECT_FALSE(allowed(permitted(der(0x82, "xample.net")), host));
  EXPECT_FALSE(allowed(permitted(der(0x82, "example.net") + "\x80\x01\x01"), host));  // minimum
  EXPECT_TRUE(allowed(permitted(mail), host));
  EXPECT_FALSE(allowed(permitted(mail), host + mail));
  EXPECT_FALSE(allowed(excluded(mail), host + mail));
  EXPECT_FALSE(allowed(excluded(der(0x82, "net")), host));
  EXPECT_TRUE(allowed(excluded(der(0x82, "org")), host));
  EXPECT_TRUE(allowed(excluded(der(0x82, "x.dns.example.net")), host));
  EXPECT_FALSE(allowed(excluded(der(0x82, "x.dns.example.net")), der(0x82, "*.dns.example.net")));
  EXPECT_FALSE(allowed(der(0xa0, ""), host));
  EXPECT_FALSE(allowed(permitted(der(0x82, "example.net")) + "x", host));
  const std::string ip = der(0x87, "\xc0\x01\x02\x03");
  const auto range = [](const std::string& octets) { return der(0x87, octets); };
  EXPECT_TRUE(allowed(permitted(range(std::string("\xc0\x01\0\0\xff\xff\0\0", 8))), ip));
  EXPECT_FALSE(allowed(permitted(range(std::string("\xc0\x02\0\0\xff\xff\0\0", 8))), ip));
  EXPECT_FALSE(allowed(permitted(range(std::string("\xc0\x01\0\0\xff\0\xff\0", 8))), ip));
  EXPECT_FALSE(allowed(permitted(range(std::string(4, '\0'))), ip));
  EXPECT_TRUE(allowed(excluded(range(std::string(32, '\0'))), ip));  // all of IPv6
  EXPECT_FALSE(allowed(excluded(range(std::string(8, '\0'))), ip));
}

}  // namespace
}  // namespace dotkeep::tls

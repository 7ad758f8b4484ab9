// RFC 9018 with its own examples, and what is ours to decide.
#include "admission/cookie.h"

#include <gtest/gtest.h>

#include "tests/admission/helpers.h"

namespace dotkeep::admission {
namespace {

SipKey secret(std::string_view digits) {
  const Bytes bytes = from_hex(digits);
  SipKey key{};
  std::memcpy(key.data(), bytes.data(), sizeof key);
  return key;
}

dns::Cookie cookie(std::string_view digits) {
  const Bytes bytes = from_hex(digits);
  dns::Cookie made;
  made.size = static_cast<std::uint8_t>(bytes.size());
  std::memcpy(made.octets.data(), bytes.data(), bytes.size());
  return made;
}

std::string text(const dns::Cookie& cookie) {
  return to_hex(Octets(cookie.octets).first(cookie.size));
}

const SipKey kSecret = secret("e5e973e5a6b2a43f48e7dc849e37bfcf");

// RFC 9018 appendix A.1 and A.2.
TEST(Cookie, IsThatOfTheRfc) {
  const CookieJar jar(kKey, {&kSecret, 1});
  const IpAddress client = ip("198.51.100.100");
  EXPECT_EQ(text(jar.make(cookie("2464c4abcf10c957"), client, 1559731985)),
            "2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  const dns::Cookie old = cookie("2464c4abcf10c957010000005cf79f111f8130c3eee29480");
  EXPECT_TRUE(jar.is_ours(old, client, 1559734385));
  EXPECT_EQ(text(jar.make(old, client, 1559734385)),
            "2464c4abcf10c957010000005cf7a871d4a564a1442aca77");
}

// Appendix A.3: reserved octets that are not zero belong to the hash.
TEST(Cookie, MayHaveReservedOctetsOfAnotherServer) {
  const CookieJar jar(kKey, {&kSecret, 1});
  const IpAddress client = ip("203.0.113.203");
  const dns::Cookie theirs = cookie("fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5");
  EXPECT_TRUE(jar.is_ours(theirs, client, 1559728085));
  EXPECT_EQ(text(jar.make(theirs, client, 1559734700)),
            "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e");
}

// Appendix A.4: IPv6, and a secret that follows another.
TEST(Cookie, OfAFormerSecretIsKnownAndReplaced) {
  const std::array<SipKey, 2> secrets{secret("445536bcd2513298075a5d379663c962"),
                                      secret("dd3bdf9344b678b185a6f5cb60fca715")};
  const CookieJar jar(kKey, secrets);
  const IpAddress client = ip("2001:db8:220:1:59de:d0f4:8769:82b8");
  const dns::Cookie old = cookie("22681ab97d52c298010000005cf7c57926556bd0934c72f8");
  EXPECT_TRUE(jar.is_ours(old, client, 1559741961));
  EXPECT_EQ(text(jar.make(old, client, 1559741961)),
            "22681ab97d52c298010000005cf7c609a6bb79d16625507a");
  EXPECT_FALSE(CookieJar(kKey, {secrets.data(), 1}).is_ours(old, client, 1559741961));
}

TEST(Cookie, ServesItsAddressAndNoOther) {
  const CookieJar jar(kKey, {});
  const dns::Cookie made = jar.make(cookie("2464c4abcf10c957"), ip("192.0.2.1"), 1000000);
  EXPECT_TRUE(jar.is_ours(made, ip("192.0.2.1"), 1000000));
  EXPECT_FALSE(jar.is_ours(made, ip("192.0.2.2"), 1000000));
  EXPECT_FALSE(jar.is_ours(made, ip("2001:db8::1"), 1000000));
}

TEST(Cookie, LivesAnHour) {
  const CookieJar jar(kKey, {});
  const IpAddress client = ip("192.0.2.1");
  for (const std::uint32_t made : {1000000U, 86400U * 20000 - 1, 0xfffffff0U}) {
    const dns::Cookie own = jar.make(cookie("2464c4abcf10c957"), client, made);
    EXPECT_TRUE(jar.is_ours(own, client, made + kCookieLife));
    EXPECT_FALSE(jar.is_ours(own, client, made + kCookieLife + 1));
    EXPECT_TRUE(jar.is_ours(own, client, made - kCookieAhead));
    EXPECT_FALSE(jar.is_ours(own, client, made - kCookieAhead - 1));
  }
}

// Each octet counts, and so does the length.
TEST(Cookie, ChangedIsNotOurs) {
  const CookieJar jar(kKey, {});
  const IpAddress client = ip("192.0.2.1");
  const dns::Cookie own = jar.make(cookie("2464c4abcf10c957"), client, 1000000);
  for (std::size_t at = 0; at < own.size; ++at) {
    dns::Cookie changed = own;
    changed.octets[at] ^= 1;
    EXPECT_FALSE(jar.is_ours(changed, client, 1000000)) << at;
  }
  for (std::uint8_t size = 8; size <= 40; ++size) {
    dns::Cookie changed = own;
    changed.size = size;
    EXPECT_EQ(jar.is_ours(changed, client, 1000000), size == 24) << int{size};
  }
}

TEST(Cookie, OfAnotherRunIsNotKnown) {
  const IpAddress client = ip("192.0.2.1");
  const dns::Cookie made = CookieJar(kKey, {}).make(cookie("2464c4abcf10c957"), client, 1000000);
  EXPECT_TRUE(CookieJar(kKey, {}).is_ours(made, client, 1000000));
  EXPECT_FALSE(CookieJar({1, 2}, {}).is_ours(made, client, 1000000));
}

TEST(Cookie, HasAnotherSecretEachDay) {
  const CookieJar jar(kKey, {});
  const IpAddress client = ip("192.0.2.1");
  const dns::Cookie today = jar.make(cookie("2464c4abcf10c957"), client, 86400);
  dns::Cookie shifted = today;  // the same hash under another day's time is not ours
  shifted.octets[12] = 0;
  shifted.octets[13] = 1;
  shifted.octets[14] = 0x51;
  shifted.octets[15] = 0x7f;
  EXPECT_FALSE(jar.is_ours(shifted, client, 86400));
  EXPECT_TRUE(jar.is_ours(today, client, 86400 + 10));
}

}  // namespace
}  // namespace dotkeep::admission

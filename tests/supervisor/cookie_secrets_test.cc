#include "supervisor/cookie_secrets.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>

namespace dotkeep::supervisor {
namespace {

const std::string kOne = "e5e973e5a6b2a43f48e7dc849e37bfcf";
const std::string kTwo = "00112233445566778899AABBCCDDEEFF";

TEST(CookieSecrets, AreTheOctetsThatTheDigitsSay) {
  const auto secrets = parse_cookie_secrets("# made by hand\n\n" + kOne + "\r\n" + kTwo);
  ASSERT_TRUE(secrets) << secrets.error();
  ASSERT_EQ(secrets->size(), 2U);
  unsigned char octets[16];
  std::memcpy(octets, (*secrets)[0].data(), sizeof octets);
  EXPECT_EQ(octets[0], 0xe5);
  EXPECT_EQ(octets[15], 0xcf);
  std::memcpy(octets, (*secrets)[1].data(), sizeof octets);
  EXPECT_EQ(octets[10], 0xaa);
}

TEST(CookieSecrets, SayWhatIsWrongAndNotWhatTheyAre) {
  for (const std::string& text : {kOne + "0", kOne.substr(1), kOne.substr(1) + "g", " " + kOne}) {
    const auto secrets = parse_cookie_secrets(kTwo + "\n" + text);
    ASSERT_FALSE(secrets) << text;
    EXPECT_EQ(secrets.error(), "line 2 is not 32 hexadecimal digits");
  }
  EXPECT_FALSE(parse_cookie_secrets(""));
  EXPECT_FALSE(parse_cookie_secrets("# nothing\n"));
  EXPECT_FALSE(parse_cookie_secrets(kOne + "\n" + kOne + "\n" + kOne + "\n"));
}

TEST(CookieSecrets, OfNoFileAreNone) {
  const auto none = read_cookie_secrets("");
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  const auto missing = read_cookie_secrets("/nonexistent/secrets");
  ASSERT_FALSE(missing);
  EXPECT_NE(missing.error().find("No such file"), std::string::npos);
}

}  // namespace
}  // namespace dotkeep::supervisor

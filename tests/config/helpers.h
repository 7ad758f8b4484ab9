// Short ways to parse and to say what must come out.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "config/config.h"

namespace dotkeep::config {

// An upstream that nothing is wrong with, so that a test shows only what it is about.
inline constexpr std::string_view kGood =
    "[[upstream]]\naddress = \"192.0.2.1\"\nname = \"dns.example\"\n";
inline constexpr std::string_view kPinA = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
inline constexpr std::string_view kPinB = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

// All errors, one line each, as the operator sees them; "" when there are none.
inline std::string errors(std::string_view toml, const Overrides& overrides = {}) {
  const auto parsed = parse(toml, overrides);
  if (parsed) return "";
  std::string out;
  for (const Problem& problem : parsed.error()) out += problem.to_text("f") + "\n";
  return out;
}

// Errors of `toml` with a good upstream behind it.
inline std::string errors_beside(std::string_view toml) {
  return errors(std::string(toml) + "\n" + std::string(kGood));
}

inline std::string warnings(std::string_view toml) {
  const auto parsed = parse(toml);
  if (!parsed) return "errors: " + errors(toml);
  std::string out;
  for (const Problem& problem : parsed->warnings) out += problem.to_text("f") + "\n";
  return out;
}

inline Parsed parse_good(std::string_view toml, const Overrides& overrides = {}) {
  auto parsed = parse(toml, overrides);
  EXPECT_TRUE(parsed.has_value()) << errors(toml, overrides);
  return parsed.value_or(Parsed{});
}

}  // namespace dotkeep::config

#include "sandbox/layers.h"

#include <gtest/gtest.h>

namespace dotkeep::sandbox {
namespace {

Layers all_layers() {
  return {true, true, true, true, true, true, true, true, true, true, 7};
}

std::optional<std::string> missing(const Layers& layers, const std::vector<std::string>& require) {
  const auto layer = missing_layer(layers, require);
  if (!layer) return std::nullopt;
  return std::string(*layer);
}

TEST(Layers, NothingRequiredIsNeverMissing) {
  EXPECT_EQ(missing({}, {}), std::nullopt);
}

TEST(Layers, TheFirstMissingOneIsNamed) {
  Layers layers = all_layers();
  EXPECT_EQ(missing(layers, {"seccomp", "landlock", "all"}), std::nullopt);
  layers.mdwe = false;
  EXPECT_EQ(missing(layers, {"seccomp", "mdwe"}), "mdwe");
  EXPECT_EQ(missing(layers, {"seccomp", "all"}), "mdwe");
  EXPECT_EQ(missing(layers, {"seccomp"}), std::nullopt);
}

TEST(Layers, LandlockIsAllOfIt) {
  Layers layers = all_layers();
  layers.landlock_scopes = false;
  EXPECT_EQ(missing(layers, {"landlock"}), "landlock");
  EXPECT_EQ(missing(layers, {"landlock_files"}), std::nullopt);
}

TEST(Layers, AnUnknownNameIsNotInForce) {
  EXPECT_EQ(missing(all_layers(), {"selinux"}), "selinux");
}

TEST(Layers, AllDoesNotAskForWhatTheSupervisorCannotHave) {
  Layers layers = all_layers();
  layers.no_memory = false;
  EXPECT_EQ(missing(layers, {"all"}), std::nullopt);
  EXPECT_EQ(missing(layers, {"no_memory"}), "no_memory");
}

TEST(Layers, EveryNameIsKnown) {
  for (const auto name : layer_names()) {
    EXPECT_TRUE(all_layers().has(name)) << name;
    EXPECT_FALSE(Layers{}.has(name)) << name;
  }
}

TEST(Layers, AsText) {
  EXPECT_EQ(Layers{}.to_text(), "");
  EXPECT_EQ(
      all_layers().to_text(),
      "no_new_privs capabilities seccomp landlock_files landlock_network landlock_scopes mdwe "
      "not_dumpable descriptors no_memory landlock_abi=7");
}

}  // namespace
}  // namespace dotkeep::sandbox

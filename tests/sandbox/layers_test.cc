#include "sandbox/layers.h"

#include <gtest/gtest.h>

#include <tuple>

namespace dotkeep::sandbox {
namespace {

Layers all_layers() {
  return {true, true, true, true, true, true, true, true, true,
          true, true, true, true, true, true, true, 7};
}

// A room that has a place for every layer.
Policy whole_policy() {
  Policy policy;
  policy.landlock_files = policy.landlock_network = policy.landlock_scopes = true;
  policy.namespaces = policy.empty_network = policy.empty_root = true;
  policy.memory_locked = policy.no_memory = true;
  return policy;
}

std::optional<std::string> missing(const Layers& layers, const std::vector<std::string>& require,
                                   const Policy& policy = whole_policy()) {
  const auto layer = missing_layer(layers, policy, require);
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

TEST(Layers, WhatAPolicyHasNoPlaceForIsNotAskedOfIt) {
  for (const auto& [name, in_policy, in_force] :
       {std::tuple{"no_memory", &Policy::no_memory, &Layers::no_memory},
        std::tuple{"namespaces", &Policy::namespaces, &Layers::namespaces},
        std::tuple{"empty_network", &Policy::empty_network, &Layers::empty_network},
        std::tuple{"empty_root", &Policy::empty_root, &Layers::empty_root},
        std::tuple{"memory_locked", &Policy::memory_locked, &Layers::memory_locked},
        std::tuple{"landlock_scopes", &Policy::landlock_scopes, &Layers::landlock_scopes}}) {
    Layers layers = all_layers();
    layers.*in_force = false;
    EXPECT_TRUE(missing(layers, {"all"})) << name;
    EXPECT_EQ(missing(layers, {name}), name);
    Policy without = whole_policy();
    without.*in_policy = false;
    EXPECT_EQ(missing(layers, {"all"}, without), std::nullopt);
    EXPECT_EQ(missing(layers, {name}, without), std::nullopt);
  }
}

TEST(Layers, SpeculationIsToldAndNeverRequired) {
  Layers layers = all_layers();
  layers.speculation = false;
  EXPECT_EQ(missing(layers, {"all"}), std::nullopt);
  EXPECT_EQ(missing(all_layers(), {"speculation"}), "speculation");
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
      "not_dumpable descriptors no_memory mseal namespaces empty_network empty_root "
      "memory_locked speculation landlock_abi=7");
}

}  // namespace
}  // namespace dotkeep::sandbox

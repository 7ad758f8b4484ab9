// What is asked of the CA file before any process is given it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "base/memfd.h"
#include "supervisor/bootstrap.h"
#include "supervisor/commands.h"

namespace dotkeep::supervisor {
namespace {

class Trust : public ::testing::Test {
 protected:
  Trust() {
    config.upstreams.emplace_back();
    config.upstreams[0].name = "dns.example";
    config.tls.ca_file = ::testing::TempDir() + "/dotkeep-ca-" + std::to_string(::getpid());
  }
  void TearDown() override { ::unlink(config.tls.ca_file.c_str()); }
  void write(const char* text) { std::ofstream(config.tls.ca_file) << text; }

  config::Config config = config::defaults();
};

TEST_F(Trust, IsTheFilesContent) {
  write("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
  const auto trust = open_trust(config);
  ASSERT_TRUE(trust);
  EXPECT_TRUE(read_whole(trust->get(), 1000)->starts_with("-----BEGIN"));
}

// At a reload, too: the upstream room could not start again with it.
TEST_F(Trust, AFileWithoutACertificateIsRefused) {
  for (const char* text : {"", "no certificate", "-----BEGIN PRIVATE KEY-----\n"}) {
    write(text);
    const auto trust = open_trust(config);
    ASSERT_FALSE(trust) << text;
    EXPECT_EQ(trust.error().status, kConfig);
    EXPECT_TRUE(trust.error().message.ends_with("has no certificate in PEM form"));
  }
}

TEST_F(Trust, PinsAloneNeedNone) {
  config.upstreams[0].name.clear();
  const auto trust = open_trust(config);
  ASSERT_TRUE(trust);
  EXPECT_EQ(read_whole(trust->get(), 1000), "");
}

}  // namespace
}  // namespace dotkeep::supervisor

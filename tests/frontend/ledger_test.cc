// Who was refused where, and what the log says of it.
#include "frontend/ledger.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace dotkeep::frontend {
namespace {

using admission::Reason;

struct World {
  std::unique_ptr<ipc::CounterPage> page = std::make_unique<ipc::CounterPage>();
  std::vector<Listening> listeners = {{{IpAddress{4, {127, 0, 0, 1}}, 53}, false},
                                      {{IpAddress{4, {127, 0, 0, 1}}, 53}, true},
                                      {{}, false},  // a descriptor that is no socket
                                      {{IpAddress{6, {0xfd}}, 5353}, true}};

  [[nodiscard]] std::uint64_t value(std::size_t listener, std::string_view verdict) const {
    for (std::size_t i = 0; i < page->verdicts; ++i) {
      if (verdict == page->verdict_names[i].data()) return page->listeners[listener].values[i];
    }
    ADD_FAILURE() << "no verdict " << verdict;
    return 0;
  }
};

IpAddress client(std::uint8_t network, std::uint8_t host = 1) {
  return {4, {192, 0, network, host}};
}

TEST(Ledger, NamesListenersAndVerdicts) {
  World w;
  Ledger ledger(*w.page, w.listeners);
  EXPECT_STREQ(w.page->listeners[0].at.data(), "127.0.0.1:53");
  EXPECT_EQ(w.page->listeners[0].tcp, 0U);
  EXPECT_STREQ(w.page->listeners[1].at.data(), "127.0.0.1:53");
  EXPECT_EQ(w.page->listeners[1].tcp, 1U);
  EXPECT_STREQ(w.page->listeners[2].at.data(), "");
  EXPECT_STREQ(w.page->listeners[3].at.data(), "[fd00::]:5353");
  ledger.passed(0);
  ledger.refused(1, Reason::tcp_full, client(2));
  ledger.answered_here(0, Reason::special_name);
  ledger.rejected(3, dns::RejectionKind::too_short);
  EXPECT_EQ(w.value(0, "passed"), 1U);
  EXPECT_EQ(w.value(1, "refused.tcp_full"), 1U);
  EXPECT_EQ(w.value(0, "refused.tcp_full"), 0U);
  EXPECT_EQ(w.value(0, "refused.special_name"), 1U);
  EXPECT_EQ(w.value(3, "rejected.too_short"), 1U);
  EXPECT_EQ(w.page->refused[0].count, 1U) << "a refusal over TCP is in the sketch";
  EXPECT_EQ(w.page->refused[1].count, 0U) << "who was answered was not refused";
}

TEST(Ledger, GoesOnWhereAFormerFrontendEndedAndMakesItsNamesAnew) {
  World w;
  Ledger(*w.page, w.listeners).passed(0);
  w.page->verdict_names[0].fill('x');
  w.page->verdicts = 77;
  w.page->listeners[0].at.fill('x');
  Ledger again(*w.page, w.listeners);
  again.passed(0);
  EXPECT_EQ(w.value(0, "passed"), 2U);
  EXPECT_STREQ(w.page->listeners[0].at.data(), "127.0.0.1:53");
}

TEST(Ledger, ListenersBeyondThoseCountedShareTheLastPlace) {
  World w;
  w.listeners.resize(ipc::kCountedListeners + 5, w.listeners[1]);
  Ledger ledger(*w.page, w.listeners);
  ledger.passed(ipc::kCountedListeners - 1);
  ledger.passed(ipc::kCountedListeners + 4);
  EXPECT_EQ(w.value(ipc::kCountedListeners - 1, "passed"), 2U);
  EXPECT_STREQ(w.page->listeners.back().at.data(), "others");
}

TEST(Ledger, SaysWhoWasRefusedOnceAMinute) {
  World w;
  Ledger ledger(*w.page, w.listeners);
  Time now{std::chrono::hours(1)};
  Ledger::Summary summary;
  EXPECT_FALSE(ledger.take_summary(now, summary)) << "nobody was";
  ledger.refused(0, Reason::not_allowed, client(2));
  ASSERT_TRUE(ledger.take_summary(now, summary)) << "the first is said at once";
  EXPECT_EQ(summary.refused, 1U);
  EXPECT_EQ(summary.seconds, 0U);
  EXPECT_EQ(summary.most, Reason::not_allowed);
  for (int i = 0; i < 5; ++i) ledger.refused(0, Reason::client_rate, client(3));
  for (int i = 0; i < 3; ++i) ledger.refused(1, Reason::tcp_full, client(2));
  now += kSummaryEvery - std::chrono::milliseconds(1);
  EXPECT_FALSE(ledger.take_summary(now, summary));
  now += std::chrono::milliseconds(1);
  ASSERT_TRUE(ledger.take_summary(now, summary));
  EXPECT_EQ(summary.refused, 8U);
  EXPECT_EQ(summary.seconds, 60U);
  EXPECT_EQ(summary.most, Reason::client_rate);
  EXPECT_EQ(summary.of_most, 5U);
  EXPECT_EQ(summary.prefix.address, client(3, 0).octets);
  now += kSummaryEvery;
  EXPECT_FALSE(ledger.take_summary(now, summary)) << "a quiet minute is not spoken of";
  // Of the prefixes that counts who was refused since, not who was refused for longest.
  ledger.refused(0, Reason::client_rate, client(2));
  ASSERT_TRUE(ledger.take_summary(now, summary));
  EXPECT_EQ(summary.prefix.address, client(2, 0).octets);
  EXPECT_EQ(summary.seconds, 60U);
}

TEST(Ledger, TheLineShowsNoWholeAddress) {
  Ledger::Summary summary{12, Reason::client_rate, 7, {{192, 0, 2}, 4, 24, {}, 7, 0}, 60};
  testing::internal::CaptureStderr();
  log_summary(summary);
  summary.prefix = {{0x20, 1, 0xd, 0xb8, 0, 1}, 6, 48, {}, 7, 0};
  log_summary(summary);
  const std::string lines = testing::internal::GetCapturedStderr();
  EXPECT_NE(lines.find("clients were refused queries=12 seconds=60 most_for=client_rate of_these=7 "
                       "most_from=192.0.0.0/16"),
            std::string::npos)
      << lines;
  EXPECT_NE(lines.find("most_from=2001:db8::/32"), std::string::npos) << lines;
}

}  // namespace
}  // namespace dotkeep::frontend

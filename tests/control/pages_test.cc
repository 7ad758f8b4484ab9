#include "control/pages.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <string_view>

#include "control/snapshot.h"

namespace dotkeep::control {
namespace {

void put(std::span<char> field, std::string_view text) {
  std::ranges::fill(field, '\0');
  std::memcpy(field.data(), text.data(), text.size());
}

struct Fixture : testing::Test {
  std::unique_ptr<ipc::CounterPage> page = std::make_unique<ipc::CounterPage>();
  Counts counts;

  Fixture() {
    page->magic = ipc::CounterPage::kMagic;
    name(0, "queries.udp", 5);
    name(1, "answered", 7);
    page->count = 2;
  }
  void name(std::size_t i, std::string_view text, std::uint64_t value) {
    put(page->names[i], text);
    page->values[i] = value;
  }
  bool parse() { return parse_counters(*page, counts); }
};

using CounterPage = Fixture;

TEST_F(CounterPage, NamesItsNumbers) {
  ASSERT_TRUE(parse());
  ASSERT_EQ(counts.all.size(), 2U);
  EXPECT_EQ(counts.all[0].what, "queries");
  EXPECT_EQ(counts.all[0].kind, "udp");
  EXPECT_EQ(counts.all[0].value, 5U);
  EXPECT_EQ(counts.all[1].what, "answered");
  EXPECT_EQ(counts.all[1].kind, "");
}

TEST_F(CounterPage, IsRefusedWholeWhenANameIsNone) {
  for (const std::string_view bad :
       {"", ".udp", "queries.", "Queries", "que ries", "9queries", "queries.a\"b", "queries.a\\b",
        "queries.a\nb", "queries.\x1b[2J", "\xc3\xa4"}) {
    name(1, bad, 7);
    EXPECT_FALSE(parse()) << bad;
    EXPECT_TRUE(counts.all.empty());
  }
  name(1, std::string(ipc::kCounterName, 'a'), 7);
  EXPECT_FALSE(parse()) << "a name without an end";
  name(1, std::string(ipc::kCounterName - 1, 'a'), 7);
  EXPECT_TRUE(parse());
}

// Two metrics of one name, or samples of a name's apart, make a strict reader refuse all the text.
TEST_F(CounterPage, IsRefusedWholeWhenANameIsSomethingElses) {
  for (const std::string_view taken :
       {"reloads", "process_up", "process_restarts.a", "cache_size_octets", "control", "verdicts",
        "upstream_up", "upstream_queries", "upstream_opening_failed.refused"}) {
    name(1, taken, 7);
    EXPECT_FALSE(parse()) << taken;
  }
  name(1, "upstream_fault.refused", 7);
  EXPECT_TRUE(parse());
}

TEST_F(CounterPage, HasBounds) {
  page->count = ipc::kMaxCounters + 1;
  EXPECT_FALSE(parse());
  page->count = 2;
  page->magic ^= 1;
  EXPECT_FALSE(parse());
}

TEST_F(CounterPage, SaysWhatBecameOfQueriesAtEachListener) {
  counts.listeners.resize(ipc::kCountedListeners);
  page->verdicts = 2;
  put(page->verdict_names[0], "passed");
  put(page->verdict_names[1], "refused.client_rate");
  put(page->listeners[1].at, "[::1]:53");
  page->listeners[1].tcp = 1;
  page->listeners[1].values[1] = 3;
  page->listeners[2].values[1] = 4;  // of no listener
  ASSERT_TRUE(parse());
  EXPECT_TRUE(counts.listeners[0].at.empty());
  EXPECT_EQ(counts.listeners[1].at, "[::1]:53");
  EXPECT_TRUE(counts.listeners[1].tcp);
  ASSERT_EQ(counts.listeners[1].counts.size(), 1U) << "what never was is left out";
  EXPECT_EQ(counts.listeners[1].counts[0].what, "refused");
  EXPECT_EQ(counts.listeners[1].counts[0].kind, "client_rate");
  EXPECT_EQ(counts.listeners[1].counts[0].value, 3U);
  EXPECT_TRUE(counts.listeners[2].counts.empty());
}

TEST_F(CounterPage, IsRefusedWholeWhenAListenerOrAVerdictIsNone) {
  counts.listeners.resize(ipc::kCountedListeners);
  const auto good = [this] {
    page->verdicts = 1;
    put(page->verdict_names[0], "passed");
    put(page->listeners[0].at, "127.0.0.1:53");
    page->listeners[0].values[0] = 1;
  };
  good();
  ASSERT_TRUE(parse());
  page->verdicts = ipc::kMaxVerdicts + 1;
  EXPECT_FALSE(parse());
  for (const std::string_view bad : {"", "Passed", "passed.", "pa\nssed", "a.b\"c"}) {
    good();
    put(page->verdict_names[0], bad);
    EXPECT_FALSE(parse()) << bad;
    EXPECT_TRUE(counts.all.empty() && counts.listeners[0].counts.empty());
  }
  good();
  put(page->listeners[0].at, "1\"2");
  EXPECT_FALSE(parse());
  good();
  put(page->listeners[0].at, std::string(ipc::kListenerName, 'a'));
  EXPECT_FALSE(parse()) << "a name without an end";
}

TEST_F(CounterPage, RefusedPrefixesMustBeSome) {
  page->refused[0] = {{192, 0, 2}, 4, 24, {}, 7, 1};
  page->refused[1] = {{192, 0, 2}, 4, 33, {}, 7, 1};
  page->refused[2] = {{0x20, 1}, 6, 128, {}, 7, 1};
  page->refused[3] = {{0x20, 1}, 6, 129, {}, 7, 1};
  page->refused[4] = {{0x20, 1}, 5, 1, {}, 7, 1};
  page->refused[5] = {{192, 0, 2}, 4, 24, {}, 7, 8};
  ASSERT_TRUE(parse());
  EXPECT_EQ(counts.refused.size(), 2U);
}

TEST_F(CounterPage, ThatIsBeingWrittenGivesItsNumbersButNoPrefixes) {
  page->refused[0] = {{192, 0, 2}, 4, 24, {}, 7, 1};
  page->refused_version = 3;
  const auto copy = std::make_unique<ipc::CounterPage>();
  EXPECT_FALSE(copy_page(*page, *copy));
  ASSERT_TRUE(parse_counters(*copy, counts));
  EXPECT_EQ(counts.all.size(), 2U);
  EXPECT_TRUE(counts.refused.empty());
  page->refused_version = 4;
  EXPECT_TRUE(copy_page(*page, *copy));
  ASSERT_TRUE(parse_counters(*copy, counts));
  EXPECT_EQ(counts.refused.size(), 1U);
}

TEST(UpstreamPage, IsRefusedWholeWhenATextIsNone) {
  const auto page = std::make_unique<ipc::UpstreamPage>();
  page->magic = ipc::UpstreamPage::kMagic;
  page->count = 1;
  put(page->names[0], "queries");
  page->rows = 1;
  put(page->servers[0].id, "a");
  put(page->servers[0].address, "192.0.2.1:853");
  page->servers[0].values[0] = 9;
  std::vector<Server> servers;
  ASSERT_TRUE(parse_servers(*page, servers));
  ASSERT_EQ(servers.size(), 1U);
  EXPECT_EQ(servers[0].counts[0].value, 9U);
  for (const std::string_view taken : {"up", "pin", "latency_seconds", "fault.time-out"}) {
    put(page->names[0], taken);
    EXPECT_FALSE(parse_servers(*page, servers)) << taken;
  }
  put(page->names[0], "queries");
  put(page->servers[0].id, "a\"b");
  EXPECT_FALSE(parse_servers(*page, servers));
  EXPECT_TRUE(servers.empty());
  put(page->servers[0].id, "");
  EXPECT_FALSE(parse_servers(*page, servers));
  put(page->servers[0].id, "a");
  page->rows = ipc::kMaxServers + 1;
  EXPECT_FALSE(parse_servers(*page, servers));
  page->rows = 1;
  page->count = ipc::kMaxServerCounters + 1;
  EXPECT_FALSE(parse_servers(*page, servers));
}

// Else a taken upstream room could make every answer too long for its place.
TEST(Observer, ShowsNoMoreServersThanAreConfigured) {
  const auto processes = std::make_unique<ipc::ProcessPage>();
  const auto page = std::make_unique<ipc::UpstreamPage>();
  page->magic = ipc::UpstreamPage::kMagic;
  page->rows = ipc::kMaxServers;
  for (ipc::ServerRow& row : page->servers) put(row.id, "a");
  Tally tally;
  Observer all(Pages{.processes = processes.get(), .servers = page.get(), .frontends = {}});
  EXPECT_EQ(all.look(Time{}, tally).servers.size(), ipc::kMaxServers);
  Observer two(Pages{
      .processes = processes.get(), .servers = page.get(), .frontends = {}, .most_servers = 2});
  EXPECT_EQ(two.look(Time{}, tally).servers.size(), 2U);
}

TEST(Observer, CountsAPageThatIsNone) {
  const auto processes = std::make_unique<ipc::ProcessPage>();
  const auto servers = std::make_unique<ipc::UpstreamPage>();
  const auto counters = std::make_unique<ipc::CounterPage>();
  Observer observer(Pages{processes.get(), servers.get(), {counters.get()}});
  processes->magic = ipc::ProcessPage::kMagic;
  processes->rows = 1;
  Tally tally;
  static_cast<void>(observer.look(Time{}, tally));
  EXPECT_EQ(tally.bad_pages, 0U) << "who has not begun has broken nothing";
  counters->magic = 1;
  servers->magic = 1;
  static_cast<void>(observer.look(Time{}, tally));
  EXPECT_EQ(tally.bad_pages, 2U);
}

}  // namespace
}  // namespace dotkeep::control

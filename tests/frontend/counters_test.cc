// The counter page names its numbers itself and outlives who writes it.
#include "frontend/counters.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

namespace dotkeep::frontend {
namespace {

using admission::Reason;

TEST(CounterPage, NamesEachNumberOnce) {
  auto page = std::make_unique<ipc::CounterPage>();
  static_cast<void>(counters_of(*page));
  EXPECT_EQ(page->magic, ipc::CounterPage::kMagic);
  EXPECT_EQ(page->count, sizeof(Counters) / sizeof(std::uint64_t));
  std::set<std::string> names;
  for (std::uint32_t i = 0; i < page->count; ++i) {
    names.insert(page->names[i].data());
    EXPECT_EQ(page->names[i].back(), '\0');
  }
  EXPECT_EQ(names.size(), page->count) << "a name is there twice";
  EXPECT_EQ(names.count(""), 0U);
  EXPECT_EQ(names.count("refused_udp.client_rate"), 1U);
}

// Each name belongs to the number that lies in its place.
TEST(CounterPage, ShowsEachNumberUnderItsName) {
  auto page = std::make_unique<ipc::CounterPage>();
  Counters& counters = counters_of(*page);
  ++counters.tcp_queries;
  counters.refuse(dns::Transport::udp, Reason::client_rate);
  counters.refuse(dns::Transport::tcp, Reason::tcp_full);
  counters.upstream_faults.back() = 7;
  std::set<std::string> not_zero;
  for (std::uint32_t i = 0; i < page->count; ++i) {
    if (page->values[i] != 0) {
      not_zero.insert(std::string(page->names[i].data()) + "=" + std::to_string(page->values[i]));
    }
  }
  const std::string last(to_string(static_cast<UpstreamFault>(kUpstreamFaults - 1)));
  EXPECT_EQ(not_zero,
            (std::set<std::string>{"queries.tcp=1", "refused_udp.client_rate=1",
                                   "refused_tcp.tcp_full=1", "upstream_fault." + last + "=7"}));
}

TEST(CounterPage, GoesOnWhereAFormerFrontendEnded) {
  auto page = std::make_unique<ipc::CounterPage>();
  counters_of(*page).answered = 5;
  const std::uint32_t count = page->count;
  ++counters_of(*page).answered;
  EXPECT_EQ(counters_of(*page).answered, 6U);
  EXPECT_EQ(page->count, count);
}

// It writes to the page before its seal.
TEST(CounterPage, IsMadeAnewWhereAFormerFrontendSpoiltIt) {
  auto page = std::make_unique<ipc::CounterPage>();
  static_cast<void>(counters_of(*page));
  const std::uint32_t count = page->count;
  for (const std::uint32_t left : {count, 0xffffffffU}) {
    if (left != count) page->magic = 0;
    page->count = left - 1;
    for (auto& name : page->names) name.fill('x');
    static_cast<void>(counters_of(*page));
    EXPECT_EQ(page->count, count);
    EXPECT_STREQ(page->names[0].data(), "queries.udp");
    EXPECT_EQ(page->names[count].front(), '\0');
  }
}

}  // namespace
}  // namespace dotkeep::frontend

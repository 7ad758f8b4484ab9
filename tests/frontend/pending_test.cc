#include "frontend/pending.h"

#include <gtest/gtest.h>

#include <vector>

namespace dotkeep::frontend {
namespace {

Time at(int second) {
  return Time(std::chrono::seconds(second));
}

ipc::Ticket opened(PendingTable& table, int second = 0) {
  ipc::Ticket ticket = 0;
  EXPECT_NE(table.open(ticket, at(second)), nullptr);
  return ticket;
}

std::vector<ipc::Ticket> order(const PendingTable& table) {
  std::vector<ipc::Ticket> tickets;
  for (auto t = table.oldest(); t; t = table.after(*t)) tickets.push_back(*t);
  return tickets;
}

TEST(PendingTable, HoldsAsManyAsItShould) {
  PendingTable table(3);
  for (int i = 0; i < 3; ++i) opened(table);
  ipc::Ticket ticket = 0;
  EXPECT_EQ(table.open(ticket, at(0)), nullptr);
  EXPECT_EQ(table.size(), 3U);
}

TEST(PendingTable, HoldsAtLeastOneAndNoMoreThanATicketCanName) {
  PendingTable none(0);
  opened(none);
  PendingTable many(PendingTable::kMaxCapacity + 1);
  ipc::Ticket ticket = 0;
  std::size_t count = 0;
  while (many.open(ticket, at(0)) != nullptr) ++count;
  EXPECT_EQ(count, PendingTable::kMaxCapacity);
  EXPECT_NE(many.find(ticket), nullptr);
}

TEST(PendingTable, FindsWhatIsOpenOnly) {
  PendingTable table(2);
  const ipc::Ticket first = opened(table, 7);
  ASSERT_NE(table.find(first), nullptr);
  EXPECT_EQ(table.find(first)->deadline, at(7));
  EXPECT_EQ(table.find(first ^ 1), nullptr);        // a free slot
  EXPECT_EQ(table.find(first + 2), nullptr);        // beyond the table
  EXPECT_EQ(table.find(first ^ 0x10000), nullptr);  // another generation
  table.close(first);
  EXPECT_EQ(table.find(first), nullptr);
}

TEST(PendingTable, ASlotComesBackCleanUnderAnotherTicket) {
  PendingTable table(1);
  const ipc::Ticket first = opened(table);
  table.find(first)->asks = 3;
  table.find(first)->tried = 1;
  table.close(first);
  const ipc::Ticket second = opened(table);
  EXPECT_NE(first, second);
  EXPECT_EQ(table.find(first), nullptr);
  EXPECT_EQ(table.find(second)->asks, 0);
  EXPECT_EQ(table.find(second)->tried, 0U);
}

TEST(PendingTable, ClosingTwiceIsClosingOnce) {
  PendingTable table(2);
  const ipc::Ticket first = opened(table);
  opened(table);
  table.close(first);
  table.close(first);
  EXPECT_EQ(table.size(), 1U);
  opened(table);
  ipc::Ticket ticket = 0;
  EXPECT_EQ(table.open(ticket, at(0)), nullptr);
}

TEST(PendingTable, KeepsTheOrderOfDeadlinesWhateverIsClosed) {
  PendingTable table(8);
  std::vector<ipc::Ticket> t;
  for (int i = 0; i < 5; ++i) t.push_back(opened(table, i));
  EXPECT_EQ(order(table), t);
  table.close(t[2]);  // from the middle, the front and the end
  EXPECT_EQ(order(table), (std::vector{t[0], t[1], t[3], t[4]}));
  table.close(t[0]);
  EXPECT_EQ(order(table), (std::vector{t[1], t[3], t[4]}));
  table.close(t[4]);
  const ipc::Ticket last = opened(table, 9);
  EXPECT_EQ(order(table), (std::vector{t[1], t[3], last}));
  for (const ipc::Ticket ticket : {t[1], t[3], last}) table.close(ticket);
  EXPECT_EQ(table.oldest(), std::nullopt);
  EXPECT_EQ(table.size(), 0U);
}

}  // namespace
}  // namespace dotkeep::frontend

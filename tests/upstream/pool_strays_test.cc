// Replies that no query waits for: another question, an id answered before.
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/upstream/fake_world.h"
#include "upstream/question.h"

namespace dotkeep::upstream {
namespace {

// What left on a connection, with its question changed by `change`, as a reply with one question.
void reply_with(Bench& bench, LinkNumber link, const Sent& query,
                const std::function<void(std::vector<std::uint8_t>&)>& change) {
  std::vector<std::uint8_t> reply = query.message;
  reply[2] = 0x80;
  reply[4] = 0;
  reply[5] = 1;
  change(reply);
  reply.insert(reply.begin(), {0, static_cast<std::uint8_t>(reply.size())});
  bench.pool.received(link, reply, bench.now);
}

TEST(PoolStrays, AReplyToAnotherQuestionIsDroppedAndTheWaitGoesOn) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  const Sent query = bench.sent(link).front();
  // An octet of the name, of the type, and all of it from another query.
  reply_with(bench, link, query, [](auto& m) { m[12] ^= 1; });
  reply_with(bench, link, query, [](auto& m) { m[Bench::kPaddingAt - 11 - 1] ^= 0x20; });
  reply_with(bench, link, query, [](auto& m) { m[14] = 'x', m.resize(20); });
  EXPECT_TRUE(bench.world.answers.empty());
  EXPECT_EQ(bench.pool.pending(), 1U);
  EXPECT_EQ(bench.pool.strays().other_question, 3U);
  EXPECT_EQ(bench.pool.strays().unknown_id, 0U);
  reply_with(bench, link, query, [](auto&) {});
  ASSERT_EQ(bench.world.answers.size(), 1U);
  EXPECT_EQ(bench.world.answers[0].ticket, 1U);
  EXPECT_FALSE(bench.world.is_closed(link));
}

TEST(PoolStrays, MoreThanAFewRepliesToOtherQuestionsEndTheConnection) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  bench.ask(1);
  bench.turn();
  const Sent query = bench.sent(link).front();
  const auto lie = [&] { reply_with(bench, link, query, [](auto& m) { m[12] ^= 1; }); };
  for (std::uint32_t i = 0; i < kMaxStrangers; ++i) lie();
  EXPECT_FALSE(bench.world.is_closed(link));
  lie();
  EXPECT_TRUE(bench.world.is_closed(link));
  EXPECT_EQ(bench.world.downs.at(0).fault, UpstreamFault::bad_frames);
}

TEST(PoolStrays, AServerThatAnswersTwiceKeepsItsConnection) {
  Bench bench(1);
  const LinkNumber link = bench.establish(0);
  for (std::uint32_t i = 0; i < 100; ++i) {
    bench.ask(i);
    bench.turn();
    const std::uint16_t id = bench.sent(link).back().id;
    bench.reply(link, id);
    bench.reply(link, id);
  }
  EXPECT_FALSE(bench.world.is_closed(link));
  EXPECT_EQ(bench.world.answers.size(), 100U);
  EXPECT_EQ(bench.pool.strays().duplicate, 100U);
  // A third is one too many, each of them.
  for (std::uint32_t i = 0; i <= kMaxStrangers; ++i) bench.reply(link, bench.sent(link)[99].id);
  EXPECT_TRUE(bench.world.is_closed(link));
  EXPECT_EQ(bench.pool.strays().unknown_id, kMaxStrangers + 1U);
}

TEST(AsksAnother, CaseMattersInTypeAndClassOnly) {
  std::vector<std::uint8_t> query(64);
  const std::uint8_t question[] = {1, 'a', 0, 0, 65, 0, 1};  // a. HTTPS IN
  std::copy(std::begin(question), std::end(question), query.begin() + 12);
  constexpr std::size_t kPaddingAt = 12 + sizeof question + 11;
  std::vector<std::uint8_t> reply = query;
  reply[5] = 1;
  const auto other = [&] { return asks_another(query, kPaddingAt, reply); };
  EXPECT_FALSE(other());
  reply[13] = 'A';
  EXPECT_FALSE(other());
  reply[16] = 97;
  EXPECT_TRUE(other());
  reply.resize(16);  // as far as it goes it is ours
  EXPECT_FALSE(other());
  reply[13] = 'b';
  EXPECT_TRUE(other());
  // No question, or more than one, is no other question: the frontend says what is wrong.
  for (const std::uint8_t count : {std::uint8_t{0}, std::uint8_t{2}}) {
    reply[5] = count;
    EXPECT_FALSE(other());
  }
  reply[5] = 1;
  EXPECT_FALSE(asks_another(query, 27, reply)) << "no room for a question in front of the OPT";
  EXPECT_FALSE(asks_another(query, query.size() + 1, reply));
}

}  // namespace
}  // namespace dotkeep::upstream

// A server that stops in the middle of thousands of queries a second, over simulated time: what the
// clients see of it. The kernel of a stopped server still takes connections, and nobody answers.
#include <gtest/gtest.h>

#include <map>

#include "upstream/pool.h"

namespace dotkeep::upstream {
namespace {

using config::Select;

class Simulation final : public Outside {
 public:
  static constexpr std::uint64_t kEachMs = 5;  // 5,000 queries a second
  static constexpr Duration kTimeout = 5s;

  Simulation(Select select, std::size_t servers, Duration latency)
      : latency_(latency), alive_(servers, true), pool_(*this, 16384, now_) {
    pool_.configure(select, std::vector<std::uint8_t>(servers, kNoServer), now_);
  }

  void run(Duration time) {
    for (const Time end = now_ + time; now_ < end;) {
      // A machine that is busy lets us run only now and then.
      step(held_up_ != Duration{} && now_ >= next_hold_ ? held_up_ : 1ms);
    }
  }
  // Each 300 ms the process is not run for this long.
  void hold_up(Duration time) { held_up_ = time; }
  void stop(std::size_t server) { alive_[server] = false; }
  // What it had not answered it answers now.
  void go_on(std::size_t server) {
    alive_[server] = true;
    for (const auto& call : std::exchange(unanswered_, {})) at(now_ + 1ms, call);
  }
  void finish() {
    for (const Time end = now_ + 2 * kTimeout; pool_.pending() != 0 && now_ < end;) step(1ms, 0);
    EXPECT_EQ(pool_.pending(), 0U);
  }

  // Of all queries, how many in a thousand took longer.
  [[nodiscard]] double over(Duration bound) const {
    const auto count = std::ranges::count_if(took_, [&](Duration took) { return took > bound; });
    return 1000.0 * static_cast<double>(count) / static_cast<double>(asked_.size());
  }
  [[nodiscard]] std::size_t failed() const { return failed_; }
  [[nodiscard]] bool all_told() const { return took_.size() + failed_ == asked_.size(); }

  // --- Outside
  void connect(LinkNumber number, std::uint8_t server) override {
    at(now_ + 1ms, [=, this] { pool_.connected(number, now_); });
    when_alive(server, 3ms, [=, this] {
      server_of_[number] = server;
      pool_.established(number, {}, now_);
    });
  }
  bool write(LinkNumber number, Octets plaintext) override {
    const std::array<std::uint8_t, 2> id{plaintext[2], plaintext[3]};
    when_alive(server_of_[number], latency_ + 100us * (plaintext[3] % 32), [=, this] {
      std::array<std::uint8_t, 14> frame{0, 12, id[0], id[1]};
      pool_.received(number, frame, now_);
    });
    return true;
  }
  void flush(LinkNumber) override {}
  void close(LinkNumber) override {}
  void answer(std::uint8_t, const ipc::Answer& a) override {
    took_.push_back(now_ - asked_[a.ticket]);
  }
  void fail(std::uint8_t, const ipc::Failure&) override { ++failed_; }
  void went_up(std::uint8_t, const Agreed&, Duration) override {}
  void went_down(std::uint8_t, UpstreamFault, std::string_view) override {}
  void changed_pace(std::uint8_t, bool, Duration) override {}

 private:
  using Call = std::function<void()>;

  void at(Time time, Call call) { calls_.emplace(time, std::move(call)); }
  void when_alive(std::size_t server, Duration later, Call call) {
    at(now_ + later, [=, this] {
      if (alive_[server]) return call();
      unanswered_.push_back(call);
    });
  }

  void step(Duration time, std::uint64_t each_ms = kEachMs) {
    now_ += time;
    if (time > 1ms || next_hold_ == Time{}) next_hold_ = now_ + 300ms;
    while (!calls_.empty() && calls_.begin()->first <= now_) {
      const Call call = std::move(calls_.begin()->second);
      calls_.erase(calls_.begin());
      call();
    }
    for (std::uint64_t i = 0; i < each_ms * static_cast<std::uint64_t>(time / 1ms); ++i) ask();
    if (now_ >= next_tick_) pool_.tick(now_);
    pool_.end_of_turn(now_);
    next_tick_ = pool_.next_tick(now_) < next_tick_ || now_ >= next_tick_ ? pool_.next_tick(now_)
                                                                          : next_tick_;
  }
  void ask() {
    const auto ticket = static_cast<ipc::Ticket>(asked_.size());
    asked_.push_back(now_);
    std::array<std::uint8_t, 64> query{};
    std::memcpy(query.data() + 12, &ticket, sizeof ticket);
    query[41] = 12;
    query[43] = 20;
    const auto timeout = static_cast<std::uint32_t>(kTimeout / 1ms);
    pool_.ask(0, {ticket, ~std::uint64_t{0}, timeout, 40, query, 0}, now_);
  }

  Time now_ = Time{} + std::chrono::hours(1000);
  Time next_tick_ = now_;
  Time next_hold_{};
  Duration held_up_{};
  Duration latency_;
  std::vector<bool> alive_;
  std::map<LinkNumber, std::size_t> server_of_;
  std::multimap<Time, Call> calls_;
  std::vector<Call> unanswered_;
  std::vector<Time> asked_;
  std::vector<Duration> took_;
  std::size_t failed_ = 0;
  Pool pool_;
};

constexpr std::array kAll = {Select::fastest, Select::ordered, Select::round_robin,
                             Select::random,  Select::hash,    Select::spread};

struct Stopped : testing::TestWithParam<std::tuple<Select, int, int>> {};

TEST_P(Stopped, OneOfTwoIsHardlySeen) {
  const auto [select, latency_ms, held_up_ms] = GetParam();
  for (const std::size_t which : {0U, 1U}) {
    Simulation s(select, 2, latency_ms * 1ms);
    s.hold_up(held_up_ms * 1ms);
    s.run(2s);
    s.stop(which);
    s.run(6s);
    s.go_on(which);
    s.run(1s);
    s.finish();
    EXPECT_TRUE(s.all_told());
    EXPECT_EQ(s.failed(), 0U);
    EXPECT_LE(s.over(500ms), 2) << "in a thousand, server " << which;
  }
}

INSTANTIATE_TEST_SUITE_P(Simulation, Stopped,
                         testing::Combine(testing::ValuesIn(kAll), testing::Values(1, 40),
                                          testing::Values(0, 60)));

// Both stop for a second, which no query can be spared; none is lost, and it is over when they go
// on.
TEST(Stopped, BothForASecond) {
  Simulation s(Select::fastest, 2, 1ms);
  s.run(1s);
  s.stop(0);
  s.stop(1);
  s.run(1s);
  s.go_on(0);
  s.go_on(1);
  s.run(8s);
  s.finish();
  EXPECT_EQ(s.failed(), 0U);
  EXPECT_LE(s.over(1300ms), 0);
  EXPECT_LE(s.over(500ms), 1000 / 10 + 50);  // those of that second
}

}  // namespace
}  // namespace dotkeep::upstream

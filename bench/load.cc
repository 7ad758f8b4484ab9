// A load of unique names (n<number>.bench.example A) over UDP, and what became of it as one line of
// JSON.
//   bench_load PORT rate QUERIES-A-SECOND SECONDS FIRST-NUMBER    arrivals as of many strangers
//   bench_load PORT window OUTSTANDING SECONDS FIRST-NUMBER       as fast as answers come
// With a sixth word NAMES over 0 the numbers go round from 0 to below it, so that answers come from
// a cache. With a seventh word `echo` the answers are the queries themselves.
//
// dnsperf is not it: it sends in bursts, which flatters whoever works in batches, and tells no
// percentiles. Arrivals here are a Poisson process: most come alone, some close together.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

// Unanswered for this long is lost.
constexpr auto kPatience = 1s;

class Load {
 public:
  Load(std::uint16_t port, std::uint64_t first, std::uint64_t names, bool echo)
      : number_(first), names_(names), echo_(echo) {
    fd_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int room = 4 << 20;
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd_ < 0 ||
        ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      std::perror("connect");
      std::exit(71);
    }
    ::prctl(PR_SET_TIMERSLACK, 1);
  }

  void at_rate(double rate, Clock::duration time) {
    std::mt19937_64 random(number_ + 1);  // NOLINT(*-msc51-cpp): runs are to be alike
    std::exponential_distribution<double> gap(rate);
    const auto end = Clock::now() + time;
    auto next = Clock::now();
    for (auto now = Clock::now(); now < end; now = Clock::now()) {
      // Late by more than a little, the load was not served itself: it does not make up for that.
      if (now - next > 5ms) next = now;
      for (; next <= now; next += std::chrono::nanoseconds(std::llround(gap(random) * 1e9))) send();
      wait(next - Clock::now());
      receive();
    }
    finish(time);
  }

  void with_window(std::size_t window, Clock::duration time) {
    const auto end = Clock::now() + time;
    for (auto now = Clock::now(); now < end; now = Clock::now()) {
      while (outstanding_ < window) send();
      wait(20ms);
      receive();
      if (outstanding_ == window) forget_lost(Clock::now());
    }
    finish(time);
  }

  void report() {
    std::ranges::sort(latencies_);
    std::printf(
        "{\"sent\": %zu, \"answered\": %zu, \"wrong\": %zu, \"qps\": %.1f, "
        "\"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f}\n",
        sent_, latencies_.size(), wrong_, qps_, percentile(0.5), percentile(0.9), percentile(0.99));
  }

 private:
  void send() {
    std::array<std::uint8_t, 64> query{};
    const auto id = static_cast<std::uint16_t>(number_);
    query[0] = static_cast<std::uint8_t>(id >> 8);
    query[1] = static_cast<std::uint8_t>(id);
    query[2] = 1;  // RD
    query[5] = 1;  // one question
    std::size_t at = 12;
    for (const std::string& label : {"n" + std::to_string(names_ == 0 ? number_ : number_ % names_),
                                     std::string("bench"), std::string("example"), std::string()}) {
      query[at++] = static_cast<std::uint8_t>(label.size());
      for (const char c : label) query[at++] = static_cast<std::uint8_t>(c);
    }
    query[at + 1] = 1;  // A
    query[at + 3] = 1;  // IN
    ++number_;
    Clock::time_point& asked = asked_[id];
    if (asked == Clock::time_point{}) ++outstanding_;
    asked = Clock::now();
    ++sent_;
    ::send(fd_, query.data(), at + 4, 0);  // what the socket does not take is lost
  }

  void wait(Clock::duration most) const {
    if (most <= 0ns) return;
    pollfd ready{fd_, POLLIN, 0};
    const timespec time{0,
                        std::chrono::nanoseconds(std::min<Clock::duration>(most, 500ms)).count()};
    ::ppoll(&ready, 1, &time, nullptr);
  }

  void receive() {
    std::array<std::uint8_t, 2048> answer;
    for (;;) {
      const ssize_t size = ::recv(fd_, answer.data(), answer.size(), 0);
      if (size < 12) return;
      const auto id = static_cast<std::uint16_t>(answer[0] << 8 | answer[1]);
      if (asked_[id] == Clock::time_point{}) continue;
      latencies_.push_back(
          std::chrono::duration<double, std::micro>(Clock::now() - asked_[id]).count());
      asked_[id] = {};
      --outstanding_;
      if (!echo_ && ((answer[3] & 15) != 0 || answer[7] == 0)) ++wrong_;
    }
  }

  void forget_lost(Clock::time_point now) {
    for (auto& asked : asked_) {
      if (asked == Clock::time_point{} || now - asked < kPatience) continue;
      asked = {};
      --outstanding_;
    }
  }

  void finish(Clock::duration time) {
    qps_ = static_cast<double>(latencies_.size()) / std::chrono::duration<double>(time).count();
    const auto end = Clock::now() + kPatience;
    while (outstanding_ != 0 && Clock::now() < end) {
      wait(10ms);
      receive();
    }
  }

  [[nodiscard]] double percentile(double part) const {
    if (latencies_.empty()) return 0;
    return latencies_[static_cast<std::size_t>(part * static_cast<double>(latencies_.size() - 1))];
  }

  int fd_ = -1;
  std::uint64_t number_;
  std::uint64_t names_;
  bool echo_;
  std::array<Clock::time_point, 65536> asked_{};  // by id; the epoch: none
  std::size_t outstanding_ = 0;
  std::size_t sent_ = 0;
  std::size_t wrong_ = 0;
  double qps_ = 0;
  std::vector<double> latencies_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) return 64;
  const std::string_view mode = argv[2];
  const double amount = std::atof(argv[3]);
  const auto time = std::chrono::duration_cast<Clock::duration>(
      std::chrono::duration<double>(std::atof(argv[4])));
  static Load load(static_cast<std::uint16_t>(std::atoi(argv[1])),
                   std::strtoull(argv[5], nullptr, 10),
                   argc > 6 ? std::strtoull(argv[6], nullptr, 10) : 0,
                   argc > 7 && std::string_view(argv[7]) == "echo");
  if (mode == "rate") {
    load.at_rate(amount, time);
  } else {
    load.with_window(static_cast<std::size_t>(amount), time);
  }
  load.report();
  return 0;
}

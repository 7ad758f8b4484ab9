// What one message may cost, whoever wrote it: no memory beyond the scratch that is made once, and
// time in proportion to its octets.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <new>

#include "base/siphash.h"
#include "bench/hostile.h"
#include "dns/render.h"

namespace {

std::size_t allocations = 0;
std::size_t last_size = 0;

}  // namespace

// Every `new` of this program is counted. Not inlined: g++ would take free() for the wrong partner.
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  last_size = size;
  if (void* const memory = std::malloc(size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace dotkeep::dns::bench {
namespace {

class Cost : public ::testing::Test {
 protected:
  void take(const Builder& message,
            std::initializer_list<Transport> transports = {Transport::udp, Transport::tcp}) {
    const auto reply = check_reply(message.asked, message.bytes, *scratch_);
    if (!reply) return;
    Query query;
    query.question = message.asked.question;
    query.edns.emplace();
    query.edns->dnssec_ok = true;
    for (const Transport transport : transports) {
      ResponseOptions options;
      options.transport = transport;
      EXPECT_GT(render_response(query, *reply, options, out_), 0U);
    }
  }
  void take(const Bytes& message) {
    const auto query = parse_query(message);
    for (const Transport transport : {Transport::udp, Transport::tcp}) {
      if (!query) (void)render_rejection(query.error(), transport, message.size(), out_);
    }
    if (query) (void)render_upstream_query({query->id, query->question, true, true});
  }

  ReplyScratchPtr scratch_ = make_reply_scratch();
  std::vector<std::uint8_t> out_ = std::vector<std::uint8_t>(kMaxMessage);
};

TEST_F(Cost, TheTenWorstOfEachKindAreOf64KiB) {
  EXPECT_GE(hostile_replies().size(), 10U);
  EXPECT_GE(hostile_queries().size(), 10U);
  for (const auto& [name, message] : hostile_replies()) {
    EXPECT_GT(message.bytes.size(), 64000U) << name;
    EXPECT_LE(message.bytes.size(), kMaxMessage) << name;
  }
  for (const auto& [name, message] : hostile_queries()) {
    EXPECT_GT(message.size(), 64000U) << name;
    EXPECT_LE(message.size(), kMaxMessage) << name;
  }
}

TEST_F(Cost, NoMessageTakesMemory) {
  const auto replies = hostile_replies();
  const auto queries = hostile_queries();
  const std::size_t before = allocations;
  for (const auto& [name, message] : replies) {
    take(message);
    EXPECT_EQ(allocations, before) << name;
  }
  for (const auto& [name, message] : queries) {
    take(message);
    EXPECT_EQ(allocations, before) << name;
  }
  for (const Builder& message : {typical(), typical_chain(), typical_negative()}) {
    const std::size_t built = allocations;
    take(message);
    EXPECT_EQ(allocations, built);
  }
}

TEST_F(Cost, AllMemoryIsTakenOnce) {
  constexpr std::size_t kMostOctets = 560 << 10;
  const std::size_t before = allocations;
  scratch_ = make_reply_scratch();
  EXPECT_EQ(allocations, before + 1);
  EXPECT_LE(last_size, kMostOctets);
}

#ifndef DOTKEEP_SANITIZER_OVERLAY  // a sanitizer costs what it wants

// Nanoseconds of this thread for one call; the least of a few, since others may disturb.
double cost_of(const auto& call) {
  const auto now = [] {
    timespec time{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
  };
  double least = std::numeric_limits<double>::max();
  for (int i = 0; i < 10; ++i) {
    const double begun = now();
    call();
    least = std::min(least, now() - begun);
  }
  return least;
}

#ifdef __OPTIMIZE__

// What none may cost, checked and rendered, on a machine as fast as the one the bound was set for.
constexpr double kMostNanoseconds = 1e6;

// How much slower than that machine this one is at this moment, at work that no message changes:
// SipHash over as many octets as the messages have. Shared processors differ by a half from minute
// to minute, and a message that costs what it should must not fail for it.
double slowness() {
  constexpr double kThere = 25e3;  // nanoseconds
  static const std::vector<std::uint8_t> octets(kMaxMessage, 'x');
  std::uint64_t hash = 0;
  const double here = cost_of([&] {
    hash += siphash(SipKey{1, 2}, octets);
    asm volatile("" : : "r"(hash));
  });
  return std::max(1.0, here / kThere);
}

// One message must once in so many tries cost less: others may disturb, but not all of them.
double patient_cost_of(const auto& call) {
  double least = cost_of(call);
  for (int i = 0; i < 50 && least >= kMostNanoseconds; ++i) {
    const double slower = slowness();
    least = std::min(least, cost_of(call) / slower);
  }
  return least;
}

TEST_F(Cost, AWorstMessageTakesLessThanAMillisecondWhole) {
  const auto hold = [](const char* kind, const std::string& name, const char* outcome,
                       double cost) {
    std::printf("%s %s (%s): %.0f us\n", kind, name.c_str(), outcome, cost / 1000);
    EXPECT_LT(cost, kMostNanoseconds) << kind << " " << name;
  };
  for (const auto& [name, message] : hostile_replies()) {
    const auto reply = check_reply(message.asked, message.bytes, *scratch_);
    const char* const outcome = reply ? "believed" : to_string(reply.error());
    const auto whole = [this, &built = message] { take(built, {Transport::tcp}); };
    hold("reply", name, outcome, patient_cost_of(whole));
  }
  for (const auto& [name, message] : hostile_queries()) {
    const auto query = parse_query(message);
    const char* const outcome = query ? "taken" : to_string(query.error().kind);
    hold("query", name, outcome, patient_cost_of([this, &octets = message] { take(octets); }));
  }
}

#endif

// An octet of the worst costs some three times what one of an honest answer of this size does: the
// bound leaves room for another machine, and is far from what a square would cost.
TEST_F(Cost, AnOctetCostsTheSameWhoeverWroteIt) {
  constexpr double kMostTimes = 12;
  const Builder honest = many_distinct_a();
  const auto per_octet = [&](const Bytes& octets, const auto& call) {
    return cost_of(call) / static_cast<double>(octets.size());
  };
  const double usual =
      per_octet(honest.bytes, [&] { (void)check_reply(honest.asked, honest.bytes, *scratch_); });
  for (const auto& [name, message] : hostile_replies()) {
    const double cost = per_octet(message.bytes, [&, &built = message] {
      (void)check_reply(built.asked, built.bytes, *scratch_);
    });
    EXPECT_LT(cost, kMostTimes * usual) << name;
  }
  for (const auto& [name, message] : hostile_queries()) {
    const double cost = per_octet(message, [&, &octets = message] { (void)parse_query(octets); });
    EXPECT_LT(cost, kMostTimes * usual) << name;
  }
}

#endif

}  // namespace
}  // namespace dotkeep::dns::bench

// The pool between a fake frontend and fake servers, with a clock that the test moves.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "upstream/pool.h"

namespace dotkeep::upstream {

class FakeWorld final : public Outside {
 public:
  struct Request {
    LinkNumber number;
    std::uint8_t server;
  };
  struct Answered {
    std::uint8_t frontend;
    ipc::Ticket ticket;
    std::uint8_t upstream;
    LinkNumber connection;
    std::vector<std::uint8_t> reply;
  };
  struct Failed {
    std::uint8_t frontend;
    ipc::Failure failure;
  };
  struct Down {
    std::uint8_t server;
    UpstreamFault fault;
    std::string detail;
  };

  void connect(LinkNumber number, std::uint8_t server) override {
    requests.push_back({number, server});
  }
  bool write(LinkNumber number, Octets plaintext) override {
    if (refuse_writes) return false;
    records[number].emplace_back(plaintext.begin(), plaintext.end());
    return true;
  }
  void flush(LinkNumber number) override { ++flushes[number]; }
  void close(LinkNumber number) override { closed.push_back(number); }
  void answer(std::uint8_t frontend, const ipc::Answer& a) override {
    answers.push_back(
        {frontend, a.ticket, a.upstream, a.connection, {a.reply.begin(), a.reply.end()}});
  }
  void fail(std::uint8_t frontend, const ipc::Failure& failure) override {
    failures.push_back({frontend, failure});
  }
  void went_up(std::uint8_t server, const Agreed&, Duration) override { ups.push_back(server); }
  void went_down(std::uint8_t server, UpstreamFault fault, std::string_view detail) override {
    downs.push_back({server, fault, std::string(detail)});
  }
  void changed_pace(std::uint8_t, bool slow, Duration) override { paces.push_back(slow); }

  [[nodiscard]] bool is_closed(LinkNumber number) const {
    return std::ranges::find(closed, number) != closed.end();
  }

  bool refuse_writes = false;
  std::vector<Request> requests;
  std::map<LinkNumber, std::vector<std::vector<std::uint8_t>>> records;
  std::map<LinkNumber, int> flushes;
  std::vector<LinkNumber> closed;
  std::vector<Answered> answers;
  std::vector<Failed> failures;
  std::vector<std::uint8_t> ups;
  std::vector<Down> downs;
  std::vector<bool> paces;  // slow or not, at each change
};

// What stood in one frame that left.
struct Sent {
  std::uint16_t id;
  std::vector<std::uint8_t> message;
};

class Bench {
 public:
  static constexpr std::size_t kQuerySize = 64;
  static constexpr std::uint16_t kPaddingAt = 40;
  static constexpr std::uint16_t kAskersId = 0x4242;

  explicit Bench(std::size_t servers, config::Select select = config::Select::ordered,
                 std::uint32_t capacity = 8192)
      : pool(world, capacity, now) {
    configure(std::vector<std::uint8_t>(servers, kNoServer), select);
  }

  void configure(const std::vector<std::uint8_t>& kept,
                 config::Select select = config::Select::ordered, std::uint32_t table = 0) {
    pool.configure(select, kept, now, table);
  }

  // The newest connection asked for `server`.
  [[nodiscard]] LinkNumber requested(std::uint8_t server) const {
    for (auto i = world.requests.rbegin(); i != world.requests.rend(); ++i) {
      if (i->server == server) return i->number;
    }
    return 0;
  }
  [[nodiscard]] std::size_t requests(std::uint8_t server) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        world.requests, [&](const auto& request) { return request.server == server; }));
  }
  // Completes the newest connection asked for `server`; its number.
  LinkNumber establish(std::uint8_t server) {
    const LinkNumber number = requested(server);
    pool.connected(number, now);
    pool.established(number, {"X25519MLKEM768", "TLS_AES_128_GCM_SHA256"}, now);
    return number;
  }
  void refuse(std::uint8_t server, UpstreamFault fault = UpstreamFault::refused) {
    pool.ended(requested(server), fault, "because", now);
  }

  // A query whose last option is padding, with the ticket in its question's place.
  void ask(ipc::Ticket ticket, std::uint64_t servers = ~std::uint64_t{0},
           std::uint32_t timeout_ms = 5000, std::uint8_t frontend = 0, std::uint32_t table = 0) {
    std::array<std::uint8_t, kQuerySize> query{};
    query[0] = kAskersId >> 8;
    query[1] = kAskersId & 0xff;
    std::memcpy(query.data() + 12, &ticket, sizeof ticket);
    query[kPaddingAt + 1] = 12;
    query[kPaddingAt + 3] = kQuerySize - kPaddingAt - 4;
    pool.ask(frontend, {ticket, servers, timeout_ms, kPaddingAt, query, table}, now);
  }
  void turn() { pool.end_of_turn(now); }
  // Time passes as in a loop that is well: a tick and a turn every so often.
  void pass(Duration time) {
    for (const Time end = now + time; now < end;) {
      now = std::min(end, now + kTick);
      pool.tick(now);
      turn();
    }
  }

  // The same, while nobody listens at `server`.
  void pass_refused(Duration time, std::uint8_t server, UpstreamFault fault) {
    const auto refuse_it = [&] {
      if (pool.server_of_opening(requested(server))) refuse(server, fault);
    };
    refuse_it();
    for (const Time end = now + time; now < end; refuse_it()) pass(kTick);
  }

  // Every message that left on a connection so far.
  [[nodiscard]] std::vector<Sent> sent(LinkNumber number) {
    std::vector<Sent> all;
    for (const auto& record : world.records[number]) {
      for (std::size_t at = 0; at + 2 <= record.size();) {
        const std::size_t size = static_cast<std::size_t>(record[at] << 8 | record[at + 1]);
        const auto begin = record.begin() + static_cast<std::ptrdiff_t>(at + 2);
        std::vector<std::uint8_t> message(begin, begin + static_cast<std::ptrdiff_t>(size));
        const auto id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
        all.push_back({id, std::move(message)});
        at += 2 + size;
      }
    }
    return all;
  }
  // The server answers with a message of this id and nothing but a header.
  void reply(LinkNumber number, std::uint16_t id) {
    std::array<std::uint8_t, 14> frame{0, 12, static_cast<std::uint8_t>(id >> 8),
                                       static_cast<std::uint8_t>(id)};
    pool.received(number, frame, now);
  }
  void reply_to_all(LinkNumber number) {
    for (const Sent& query : sent(number)) reply(number, query.id);
  }

  FakeWorld world;
  Time now = Time{} + std::chrono::hours(1000);
  Pool pool;
};

}  // namespace dotkeep::upstream

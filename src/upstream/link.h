// One connection as the pool sees it: what is in flight on it and since when it is silent.
#pragma once

#include <algorithm>
#include <cstdint>

#include "upstream/frames.h"
#include "upstream/in_flight.h"
#include "upstream/latency.h"
#include "upstream/limits.h"
#include "upstream/outside.h"
#include "upstream/queries.h"
#include "upstream/strays.h"

namespace dotkeep::upstream {

struct Link {
  enum class Stage : std::uint8_t {
    connecting,   // from the request to the connector to the end of TCP's handshake
    handshaking,  // TLS
    established,
    retiring,  // takes no new query, closes once those in flight are answered
  };

  LinkNumber number = 0;  // 0: this place is free
  std::uint8_t server = kNoServer;
  Stage stage = Stage::connecting;
  bool offered_keepalive = false;
  bool answered = false;         // anything, ever
  bool dirty = false;            // the pool knows that it has unsent queries
  bool suspect = false;          // silent for longer than it should be
  std::uint32_t strangers = 0;   // answers to what was not asked, duplicates apart
  std::uint32_t unanswered = 0;  // queries without an answer, as far as the last answer tells
  std::uint32_t sends = 0;       // queries that it was given
  Time opened;
  Time rotate_at;
  Time stage_until;   // of the two opening stages
  Time silent_since;  // meaningful while `unanswered` is not 0
  Time answered_at;   // meaningful when `answered`
  Time last_use;
  Duration idle_limit = kIdleDefault;
  QueryList unsent;
  InFlight in_flight;
  JustAnswered just_answered;
  FrameReader frames;

  [[nodiscard]] bool opening() const { return stage < Stage::established; }
  [[nodiscard]] bool has_room() const { return stage == Stage::established && !in_flight.full(); }
  [[nodiscard]] bool finished() const { return stage == Stage::retiring && in_flight.live() == 0; }

  // `draw`: any random number.
  void begin(LinkNumber its_number, std::uint8_t its_server, Time now, std::uint64_t draw) {
    number = its_number;
    server = its_server;
    stage = Stage::connecting;
    offered_keepalive = answered = dirty = suspect = false;
    strangers = unanswered = sends = 0;
    opened = last_use = now;
    rotate_at = now + kRotateAfter -
                Duration(draw % static_cast<std::uint64_t>((kRotateAfter / 4).count()));
    stage_until = now + kConnectTimeout;
    idle_limit = kIdleDefault;
    unsent = {};
    in_flight.clear();
    just_answered.clear();
    frames.clear();
  }

  void note_sent(Time now) {
    if (unanswered++ == 0) silent_since = now;
    last_use = now;
    ++sends;
  }
  // After the answered query was taken out of `in_flight`.
  void note_answer(Time now) {
    answered = true;
    suspect = false;
    unanswered = static_cast<std::uint32_t>(in_flight.live());
    answered_at = silent_since = last_use = now;
  }

  // When its silence is proof that it is dead, given the usual latency.
  [[nodiscard]] Time condemned_at(const Latency& latency) const {
    if (unanswered == 0) return Time::max();
    const Duration least = unanswered >= kWitnesses ? kSilence : kSilenceOfOne;
    return silent_since + std::max(least, std::min(4 * latency.mean(), kSilenceMost));
  }
  [[nodiscard]] bool is_suspect(const Latency& latency, Time now) const {
    if (unanswered < kSuspectWitnesses) return false;
    const Duration usual = (unanswered < kSuspectManyWitnesses ? 2 : 1) * latency.most();
    return now - silent_since >= std::max(kSuspect, std::min(usual, kSilence));
  }
  // `spare`: its upstream has another one.
  [[nodiscard]] Time idle_at(bool spare) const {
    if (in_flight.live() != 0) return Time::max();
    return last_use + (spare ? std::min(idle_limit, kSpareIdle) : idle_limit);
  }
  // Whether it has served its time or its share.
  [[nodiscard]] bool is_worn(Time now) const {
    return stage == Stage::established && (now >= rotate_at || sends >= kRotateQueries);
  }
  // Whether it can take over what `silent`, of the same server, does not answer: it answered itself
  // while that one was silent.
  [[nodiscard]] bool stands_in_for(const Link& silent) const {
    return has_room() && !suspect && answered && answered_at > silent.silent_since;
  }
  // Whether it takes a query rather than `other`, both with room. The suspected come last. Of those
  // that are not too full to share a stream the fullest, of equals the one used last: so what the
  // load does not need falls idle. Where one is too full, the emptier.
  [[nodiscard]] bool goes_before(const Link& other) const {
    if (suspect != other.suspect) return other.suspect;
    const std::size_t ours = in_flight.live();
    const std::size_t theirs = other.in_flight.live();
    if (ours < kSpreadInFlight && theirs < kSpreadInFlight) {
      return ours != theirs ? ours > theirs : last_use > other.last_use;
    }
    return ours < theirs;
  }
};

}  // namespace dotkeep::upstream

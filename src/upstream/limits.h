// Every bound of this room, with its reason.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/time.h"
#include "config/config.h"

namespace dotkeep::upstream {

using namespace std::chrono_literals;

// Connections to one upstream. One carries a thousand queries at once; more than a few would only
// be counted against us by the servers that bound connections by address.
inline constexpr std::size_t kMaxConnections = 4;
// All connections: the low octet of a connection's number is its place among them.
inline constexpr std::size_t kMaxLinks = config::kMaxUpstreams * kMaxConnections;
static_assert(kMaxLinks <= 256);

// In flight on one connection. Beyond the first bound another connection is opened, since a lost
// segment stalls all that share a stream; beyond the second it takes no more: guessing an id is
// 1 in 64 at worst, and that only for who already speaks inside the TLS session.
inline constexpr std::size_t kSpreadInFlight = 256;
inline constexpr std::size_t kMaxInFlight = 1024;
// Ids of queries given up but not answered stay reserved; a connection that owes this many
// retires.
inline constexpr std::size_t kMaxAbandoned = 512;
// Answers with an id or a question that nobody asked before a connection is closed. A few are a
// server's mistakes; more are guesses.
inline constexpr std::uint32_t kMaxStrangers = 8;

// How often one query leaves at most: bounds what a client's query can cost the servers. Not fewer:
// who closes at random takes down all that share a connection, and may do so twice in a row.
inline constexpr std::uint8_t kMaxSends = 3;
// Opening. Both fit into the default query time-out with one failover left.
inline constexpr Duration kConnectTimeout = 3s;
inline constexpr Duration kTlsTimeout = 3s;
// An opening that takes longer than this is not waited for by who may be asked elsewhere: three
// round trips of the longest way on earth, and half of what a user notices. A server that is
// stopped still has its kernel take connections.
inline constexpr Duration kOpeningPatience = 250ms;
// When the connector's own rate bound said no.
inline constexpr Duration kConnectorPause = 100ms;

inline constexpr Duration kFirstBackoff = 250ms;
inline constexpr Duration kMaxBackoff = 30s;

// When nobody else can answer, a query is reason enough to call at a server that only could not be
// reached, whatever its back-off, this often; and, while an attempt has had no answer for so long,
// once more beside it: its packet may have been lost with the network that is now back.
inline constexpr Duration kLastResort = 250ms;

// Where an upstream failed for another reason, the end of its back-off is waited for only when it
// is this near: the first one, as after a restart. Later ones would most likely fail as the last
// did.
inline constexpr Duration kBackoffPatience = 300ms;
static_assert(kBackoffPatience > kFirstBackoff);
// A server that restarts refuses connections meanwhile. Who asked it waits until it has been away
// for this long, while attempts are made.
inline constexpr Duration kRestartPatience = 1s;

// Changes of the network are acted upon at once when there were none for kNetworkCalm, then after a
// pause that doubles each time: a machine whose links come and go all day (containers) must not
// open its connections anew all day.
inline constexpr Duration kNetworkPause = 250ms;
inline constexpr Duration kNetworkPauseMost = 8s;
inline constexpr Duration kNetworkCalm = 16s;

// Silence that condemns a connection: no answer to anything for this long, or four times the usual
// latency. One query alone may ask for a slow name and is weak evidence; two are not.
inline constexpr Duration kSilence = 1500ms;
inline constexpr Duration kSilenceOfOne = 2500ms;
inline constexpr std::uint32_t kWitnesses = 2;
// A slow upstream is waited for, but not so long that no time is left to ask another.
inline constexpr Duration kSilenceMost = 3s;

// A connection that is silent for this long, or twice what 19 of 20 of its answers need, is
// suspected: with a few queries unanswered that is hardly one slow name, and with many of them that
// time once will do. It is passed over, and what it has is asked elsewhere too, long before it is
// condemned.
inline constexpr Duration kSuspect = 100ms;
inline constexpr std::uint32_t kSuspectWitnesses = 4;
inline constexpr std::uint32_t kSuspectManyWitnesses = 32;
// A query that takes longer than 19 of 20 usually do, and than this, is asked of a second upstream
// as well: of one query in this many at most, so that slow names do not double the load.
inline constexpr Duration kHedgeLeast = 50ms;
inline constexpr std::uint32_t kHedgeOneIn = 20;
inline constexpr std::uint32_t kHedgesAtOnce = 16;

// A connection is replaced after this time (less a random part of up to a quarter, so that those
// that were opened together do not end together) and after this many queries, a fresh one being
// opened first. By age: behind one address there are many machines, and who never reconnects never
// leaves one that is being emptied; a certificate and a pin are looked at in handshakes only. By
// count: far below what one key may protect (RFC 8446 section 5.5: 2^24.5 records).
inline constexpr Duration kRotateAfter = 20min;
inline constexpr std::uint32_t kRotateQueries = 1'000'000;

// A connection that the load no longer needs beside another of the same upstream is closed after
// this: longer than the pauses of any load, shorter than kIdleDefault.
inline constexpr Duration kSpareIdle = 10s;
// An idle connection is closed after this when the server did not say otherwise (shorter than the
// state of any usual NAT), and never kept longer than the second whatever it said.
inline constexpr Duration kIdleDefault = 30s;
inline constexpr Duration kIdleMost = 120s;
// Traffic this recent is worth a warm connection; and the least pause between two that were opened
// for warmth only, so that a server that hangs up at once is not called at once.
inline constexpr Duration kWarmFor = 60s;
inline constexpr Duration kWarmPause = 5s;

// An upstream that usually takes this long is called slow, until it usually takes less than half:
// what people notice, and far from what the longest way on earth costs.
inline constexpr Duration kSlow = 500ms;
// For so long an upstream is called what it is called: under load a mean moves within milliseconds.
inline constexpr Duration kPaceHold = 5s;

// A frontend whose wall is full for this long no longer holds up the reading for all: longer than a
// healthy one ever rests, short against a query's time.
inline constexpr Duration kPatience = 500ms;

// While anything is pending, time is looked at this often.
inline constexpr Duration kTick = 25ms;
// A turn that comes this late says that we were stopped, not the others.
inline constexpr Duration kStall = 500ms;
// How long a drain waits for what is in flight.
inline constexpr Duration kDrainTime = 1500ms;

}  // namespace dotkeep::upstream

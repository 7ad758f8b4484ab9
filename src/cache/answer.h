// From what is kept to a client's answer: one copy, with the id, the spelling, the flags, the TTLs
// and the OPT written on the way.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "cache/lifetime.h"
#include "cache/value.h"
#include "dns/query.h"
#include "dns/render.h"

namespace dotkeep::cache {

struct Aged {
  Seconds age = 0;     // since it was stored
  bool stale = false;  // past its time: every TTL is kStaleTtl, and AD is not claimed
  // By so many places the addresses of the question's type (A or AAAA) are moved on, round and
  // round. Types with names in them stay: a compressed one may point into the record before it.
  std::uint32_t turn = 0;
};

// As dns::render_response does it. The query's question must be the one that the value was packed
// for, but for case. Cost: a copy, and a store for each TTL.
[[nodiscard]] std::size_t render_answer(const dns::Query& query, const Value& value,
                                        const Aged& aged, const dns::ResponseOptions& options,
                                        MutableOctets out);

}  // namespace dotkeep::cache

// Records in presentation form (RFC 1035 section 5.1), for logs and tests: what the table of record
// types knows, field by field.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "dns/reply.h"
#include "dns/types.h"

namespace dotkeep::dns {

// The mnemonic of a type, or TYPE and its number (RFC 3597 section 5). `out` should hold 16.
std::string_view type_text(Type type, std::span<char> out);

// "owner TTL IN TYPE RDATA". Types without a row in the table, and those whose presentation is a
// language of its own (LOC, APL, IPSECKEY), have their RDATA as \# and hex (RFC 3597 section 5);
// service parameters are written as keyN="..." (RFC 9460 section 2.1), times as seconds. Only
// printable ASCII comes out. Returns what it wrote; a field that does not fit is left out and so is
// all after it.
std::string_view record_text(const Record& record, std::span<char> out);

}  // namespace dotkeep::dns

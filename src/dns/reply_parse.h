// First pass over a reply: every record of every section parsed whole, names written out, nothing
// yet believed. Internal to check_reply.
#pragma once

#include <expected>

#include "base/bytes.h"
#include "dns/header.h"
#include "dns/reply.h"
#include "dns/reply_scratch.h"

namespace dotkeep::dns {

// Reads the records that `header` announces from `message[at...]` into `scratch`, which is clear.
// `question` is the name asked, which also lies in the message at kHeaderSize. Additional records
// are held to the same rules and then dropped, but for the OPT. Cost: linear in the message and in
// what is written, at most kMaxPacked.
[[nodiscard]] std::expected<void, ReplyFault> parse_records(const Header& header, Octets message,
                                                            std::size_t at, Octets question,
                                                            ReplyScratch& scratch);

// Reads an OPT of a reply (RFC 6891 section 6.1.2): CLASS and TTL are its own fields.
// ReplyFault::opt_invalid when it is the second, of another version, its options overrun or a
// keepalive is not of two octets (RFC 7828 section 3.1).
[[nodiscard]] std::expected<void, ReplyFault> parse_reply_opt(std::uint16_t record_class,
                                                              std::uint32_t ttl, Octets rdata,
                                                              ReplyScratch& scratch);

// Fills `ede` with what of `text` is well-formed UTF-8 and neither a control character nor one that
// turns the direction of writing; at most 64 octets, cut between characters.
void clean_text(Octets text, Ede& ede);

}  // namespace dotkeep::dns

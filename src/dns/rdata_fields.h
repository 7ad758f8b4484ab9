// The forms of single fields that need more than a length: used by rdata.cc only.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "dns/types.h"

namespace dotkeep::dns {

// Type bitmap: windows ascending, 1 to 32 octets each, the last not zero (RFC 4034 section 4.1.2).
[[nodiscard]] bool is_bitmap(Octets octets);

// Address prefixes (RFC 3123 section 4); families other than IPv4 and IPv6 only by their length.
[[nodiscard]] bool is_apl(Octets octets);

// A location of version 0 on the globe, its powers of ten from 0 to 9 (RFC 1876 section 2).
[[nodiscard]] bool is_loc(Octets octets);

// Letters and digits (RFC 8659 section 4.1).
[[nodiscard]] bool is_caa_tag(Octets octets);

// Whether a digest of this record type and algorithm may have this many octets.
[[nodiscard]] bool is_digest_size(Type type, std::uint8_t algorithm, std::size_t size);

// SvcParams: keys strictly ascending, each value of its key's form, every key that `mandatory`
// names present, no-default-alpn not without alpn (RFC 9460 sections 2.2, 7 and 8). A record in
// AliasMode may carry them: they are ignored by those who use it (section 2.4.2), so only their
// form is asked for.
[[nodiscard]] bool is_svc_params(Octets octets);

}  // namespace dotkeep::dns

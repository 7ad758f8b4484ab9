// What stands behind a client's question: one OPT at most, and in it the options that we act on.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "dns/query.h"

namespace dotkeep::dns {

// What the additional section of a query held. `fault` is the first thing wrong with it, in
// RejectionKind's order; `edns` is there when an OPT was readable, whatever else is wrong.
struct ClientAdditional {
  std::optional<RejectionKind> fault;
  std::optional<ClientEdns> edns;
  std::uint8_t version = 0;
};

// Reads `count` (ARCOUNT) records from the front of `reader`. One OPT is all that a client may say
// there: over two records nothing is read, since none could make it right.
//
// Options (RFC 6891 section 6.1.2): at most kMaxEdnsOptions. Of several COOKIEs the first counts
// (RFC 7873 section 5.2). A keepalive that is not empty is no request for one; it is not a fault
// either, as RFC 7828 section 3.3.1 has it ignored over UDP.
[[nodiscard]] ClientAdditional read_client_additional(Reader& reader, std::uint16_t count);

}  // namespace dotkeep::dns

// Private addresses in answers (DNS rebinding): a name of a stranger's that leads a browser to a
// machine of ours.
#pragma once

#include "base/bytes.h"
#include "base/ip_address.h"
#include "dns/reply.h"

namespace dotkeep::admission {

// The address, or an IPv4 address that it carries inside (mapped, compatible, NAT64, 6to4, Teredo,
// ISATAP), may lead to a machine that is not the public's: this host, this link, a private network,
// a carrier's, a benchmark's or none at all.
[[nodiscard]] bool is_private(const IpAddress& address);

// An A or AAAA record among the answers, or a hint of an SVCB or HTTPS record, has such an address.
// Cost: one pass over the answer records.
[[nodiscard]] bool has_private_address(const dns::Reply& reply);

}  // namespace dotkeep::admission

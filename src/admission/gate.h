// Who is heard at all: decided by where a packet or a connection comes from, before an octet of it
// is looked at.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "admission/access.h"
#include "admission/reason.h"
#include "base/ip_address.h"

namespace dotkeep::admission {

// An address with its port.
struct Place {
  IpAddress ip;
  std::uint16_t port = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

class Gate {
 public:
  // A listener's own list in place of `common`; index: the listener's number.
  Gate(AccessList common, std::vector<std::optional<AccessList>> own)
      : common_(std::move(common)), own_(std::move(own)) {}

  // Why this sender is not heard, or nothing. `to`: our address that was asked.
  // Cost: linear in the prefixes of the list.
  [[nodiscard]] std::optional<Reason> refuses(const Place& from, const Place& to,
                                              std::size_t listener) const {
    if (from.port == 0) return Reason::source_port_zero;
    if (from == to) return Reason::own_address;
    const bool has_own = listener < own_.size() && own_[listener];
    const AccessList& list = has_own ? *own_[listener] : common_;
    if (!list.allows(from.ip)) return Reason::not_allowed;
    return std::nullopt;
  }

 private:
  AccessList common_;
  std::vector<std::optional<AccessList>> own_;
};

}  // namespace dotkeep::admission

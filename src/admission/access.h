// Who may ask at all: prefixes that are allowed or denied, the longest match decides.
#pragma once

#include <vector>

#include "base/ip_address.h"

namespace dotkeep::admission {

class AccessList {
 public:
  // Of an allowed and a denied prefix of the same length the denied one wins.
  AccessList(const std::vector<IpPrefix>& allow, const std::vector<IpPrefix>& deny);

  // Nobody is allowed who matches nothing. Cost: linear in the number of prefixes, which are few.
  [[nodiscard]] bool allows(const IpAddress& client) const;

 private:
  struct Rule {
    IpPrefix prefix;
    bool allow = false;
  };
  std::vector<Rule> rules_;  // longest first, denials before allowances: the first match decides
};

}  // namespace dotkeep::admission

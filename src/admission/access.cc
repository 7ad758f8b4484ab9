#include "admission/access.h"

#include <algorithm>

namespace dotkeep::admission {

AccessList::AccessList(const std::vector<IpPrefix>& allow, const std::vector<IpPrefix>& deny) {
  for (const IpPrefix& prefix : allow) rules_.push_back({prefix, true});
  for (const IpPrefix& prefix : deny) rules_.push_back({prefix, false});
  std::sort(rules_.begin(), rules_.end(), [](const Rule& a, const Rule& b) {
    if (a.prefix.length != b.prefix.length) return a.prefix.length > b.prefix.length;
    return !a.allow && b.allow;
  });
}

bool AccessList::allows(const IpAddress& client) const {
  for (const Rule& rule : rules_) {
    if (rule.prefix.contains(client)) return rule.allow;
  }
  return false;
}

}  // namespace dotkeep::admission

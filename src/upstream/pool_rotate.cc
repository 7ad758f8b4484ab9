// Connections that have served their time are replaced, and those that the load does not need go.
#include "upstream/pool.h"

namespace dotkeep::upstream {

// A worn connection serves on until another has taken its place (established() sees to it) or the
// load does not need it; then it takes nothing new, and closes when what it has is answered.
void Pool::rotate(Time now) {
  if (drain_until_ != Time::max()) return;
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0 || link.server == kNoServer || !link.is_worn(now)) continue;
    if (link.in_flight.live() == 0 && now - link.last_use > kSpareIdle) continue;  // nobody's
    const Use use = use_of(servers_[link.server]);
    const bool is_in_excess = use.in_flight < kSpreadInFlight * (use.established - 1);
    const bool needs_its_place = use.established == kMaxConnections;  // for the one that follows it
    if (is_in_excess || needs_its_place) {
      link.stage = Link::Stage::retiring;
    } else if (servers_[link.server].may_open(now)) {
      open(link.server, now);
    }
  }
}

Pool::Use Pool::use_of(const Server& server) const {
  Use use;
  for (; use.all < server.count; ++use.all) {
    const Link& link = *links_[server.links[use.all]];
    if (link.stage != Link::Stage::established) continue;
    ++use.established;
    use.in_flight += link.in_flight.live();
  }
  return use;
}

// A fresh one is there: the oldest of those that wait for that goes.
void Pool::retire_worn(const Server& server, Time now) {
  Link* oldest = nullptr;
  for (std::uint8_t i = 0; i < server.count; ++i) {
    Link& link = *links_[server.links[i]];
    if (link.is_worn(now) && (oldest == nullptr || link.opened < oldest->opened)) oldest = &link;
  }
  if (oldest != nullptr) oldest->stage = Link::Stage::retiring;
}

// Whether its upstream has another one that takes queries.
bool Pool::is_spare(const Link& link) const {
  if (link.server == kNoServer) return false;
  const bool one = link.stage == Link::Stage::established;
  return use_of(servers_[link.server]).established > (one ? 1 : 0);
}

}  // namespace dotkeep::upstream

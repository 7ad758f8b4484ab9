// What stood may have fallen: the machine slept, or its network changed.
#include "upstream/pool.h"

namespace dotkeep::upstream {

void Pool::woke_up(Time now) {
  distrust_links(now);
}

void Pool::network_changed(Time now) {
  if (network_at_ != Time::max()) return;  // it will be heeded
  const bool calm = network_last_ == Time::min() || now - network_last_ >= kNetworkCalm;
  network_pause_ = calm ? kNetworkPause : std::min(2 * network_pause_, kNetworkPauseMost);
  network_at_ = calm ? now : std::max(now, network_last_ + network_pause_);
  heed_network(now);
}

void Pool::heed_network(Time now) {
  if (now < network_at_) return;
  network_at_ = Time::max();
  network_last_ = now;
  distrust_links(now);
  open_wanted(now);
}

// Who was down is tried again. An idle connection is not kept: its next query would be its test,
// and wait. Nor is one whose TCP handshake began before: its packet may be lost. On a busy one the
// test is under way; until it answers, others are preferred, and a new one is opened beside it.
void Pool::distrust_links(Time now) {
  for (std::uint8_t i = 0; i < server_count_; ++i) servers_[i].backoff.succeed();
  std::uint64_t busy = 0;
  for (std::size_t i = 0; i < links_top_; ++i) {
    Link& link = *links_[i];
    if (link.number == 0) continue;
    link.silent_since = now;
    if (link.stage == Link::Stage::connecting || (!link.opening() && link.in_flight.live() == 0)) {
      close(link);
    } else if (link.stage == Link::Stage::established) {
      link.suspect = true;
      if (link.server != kNoServer) busy |= bit(link.server);
    }
  }
  for (std::uint8_t i = 0; i < server_count_; ++i) {
    if ((busy & bit(i)) != 0 && servers_[i].may_open(now)) open(i, now);
  }
}

}  // namespace dotkeep::upstream

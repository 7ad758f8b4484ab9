#include "frontend/counters.h"

#include <string_view>

#include "base/log.h"

namespace dotkeep::frontend {
namespace {

void line(std::string_view what, std::string_view kind, Counters::Count count) {
  if (count != 0) log::info("counted", {{"what", what}, {"kind", kind}, {"count", count}});
}

}  // namespace

void log_counters(const Counters& c) {
  log::info("totals", {{"udp", c.udp_queries},
                       {"tcp", c.tcp_queries},
                       {"answered", c.answered},
                       {"servfail", c.servfail},
                       {"asks", c.asks}});
  line("late answers", "", c.late_answers);
  line("refused", "not_allowed", c.not_allowed);
  line("refused", "source_port_zero", c.source_port_zero);
  line("refused", "pending_full", c.pending_full);
  line("refused", "client_full", c.client_full);
  line("refused", "wall_full", c.wall_full);
  line("refused", "tcp_refused", c.tcp_refused);
  line("refused", "tcp_oversize", c.tcp_oversize);
  line("refused", "tcp_slow", c.tcp_slow);
  line("unsent", "", c.unsent);
  for (std::size_t i = 0; i < c.rejections.size(); ++i) {
    line("rejection", dns::to_string(static_cast<dns::RejectionKind>(i)), c.rejections[i]);
  }
  for (std::size_t i = 0; i < c.reply_faults.size(); ++i) {
    line("reply fault", dns::to_string(static_cast<dns::ReplyFault>(i)), c.reply_faults[i]);
  }
  for (std::size_t i = 0; i < c.upstream_faults.size(); ++i) {
    line("upstream fault", to_string(static_cast<UpstreamFault>(i)), c.upstream_faults[i]);
  }
}

}  // namespace dotkeep::frontend

// Queries to upstreams: nothing in them but what the question needs, and all of one size or two.
#include "dns/edns.h"
#include "dns/header.h"
#include "dns/render.h"

namespace dotkeep::dns {
namespace {

// An empty keepalive option has to fit in the padding's data; see base/keepalive_patch.h.
constexpr std::size_t kLeastPadding = kOptionHeaderSize;

static_assert(kHeaderSize + kMaxName + 4 + kOptSize + kOptionHeaderSize + kLeastPadding <=
                  kMaxUpstreamQuery,
              "the longest name with the least padding fits");
static_assert(kMaxUpstreamQuery % kQueryBlock == 0);

}  // namespace

RenderedQuery render_upstream_query(const Asked& asked) {
  RenderedQuery query;
  Writer out(query.octets);
  // AD in a query asks to be told whether the answer is authentic (RFC 6840 section 5.7). It is
  // always set, so that one answer serves every client and no client shows in the query.
  Header{
      .id = asked.id,
      .flags = static_cast<std::uint16_t>(kFlagRecursionDesired | kFlagAuthenticData |
                                          flag_if(asked.checking_disabled, kFlagCheckingDisabled)),
      .questions = 1,
      .additionals = 1}
      .write(out);
  write_question(out, {asked.question.name.lower(), asked.question.type});
  OptWriter opt(out, kUdpPayload, Rcode::noerror, asked.dnssec_ok);
  query.padding_at = static_cast<std::uint16_t>(out.size());
  const std::size_t least = out.size() + kOptionHeaderSize + kLeastPadding;
  const std::size_t size = (least + kQueryBlock - 1) / kQueryBlock * kQueryBlock;
  opt.padding(size - out.size() - kOptionHeaderSize);
  opt.finish();
  query.size = static_cast<std::uint16_t>(out.size());
  return query;
}

}  // namespace dotkeep::dns

// One message of a client, and whatever we would answer to it or send on for it.
#include "dns/query.h"

#include <algorithm>
#include <array>

#include "base/keepalive_patch.h"
#include "dns/render.h"
#include "fuzz.h"

namespace {

using dotkeep::MutableOctets;
using dotkeep::Octets;
namespace dns = dotkeep::dns;

using Buffer = std::array<std::uint8_t, dns::kMaxMessage>;

// An answer of ours is never answered by us, so no two of us can talk in circles.
void check_answer(Octets answer, Octets message) {
  FUZZ_CHECK(answer.size() >= dns::kHeaderSize);
  FUZZ_CHECK(answer[0] == message[0] && answer[1] == message[1]);
  const auto echoed = dns::parse_query(answer);
  FUZZ_CHECK(!echoed && echoed.error().kind == dns::RejectionKind::is_response);
}

void check_rejection(const dns::Rejection& rejection, Octets message, Buffer& buffer) {
  for (const auto transport : {dns::Transport::udp, dns::Transport::tcp}) {
    const std::size_t size = dns::render_rejection(rejection, transport, message.size(), buffer);
    FUZZ_CHECK((size == 0) == rejection.silent());
    if (size == 0) continue;
    const bool may_grow =
        transport == dns::Transport::tcp || rejection.kind == dns::RejectionKind::any_query;
    FUZZ_CHECK(may_grow || size <= message.size());
    FUZZ_CHECK(size <= dns::kUdpPayloadWithoutEdns);
    check_answer(Octets(buffer).first(size), message);
  }
}

// What goes upstream is a query that we would take ourselves, with the same question and nothing of
// the client but DO and CD.
void check_upstream(const dns::Asked& asked, const dns::RenderedQuery& rendered, bool keepalive) {
  FUZZ_CHECK(rendered.size % dns::kQueryBlock == 0);
  const auto query = dns::parse_query(rendered.message());
  FUZZ_CHECK(query && query->id == asked.id && query->recursion_desired);
  FUZZ_CHECK(query->question.type == asked.question.type);
  FUZZ_CHECK(std::ranges::equal(query->question.name.wire(), asked.question.name.lower().wire()));
  FUZZ_CHECK(query->checking_disabled == asked.checking_disabled);
  FUZZ_CHECK(query->edns && query->edns->dnssec_ok == asked.dnssec_ok);
  FUZZ_CHECK(query->edns->payload == dns::kUdpPayload && !query->edns->cookie);
  FUZZ_CHECK(query->edns->asks_padding && query->edns->asks_keepalive == keepalive);
}

void check_query(const dns::Query& query, Octets message, Buffer& buffer) {
  dns::Asked asked;
  asked.id = query.id;
  asked.question = query.question;
  asked.dnssec_ok = query.edns && query.edns->dnssec_ok;
  asked.checking_disabled = query.checking_disabled;
  dns::RenderedQuery rendered = dns::render_upstream_query(asked);
  check_upstream(asked, rendered, false);
  dotkeep::offer_keepalive(MutableOctets(rendered.octets).first(rendered.size),
                           rendered.padding_at);
  check_upstream(asked, rendered, true);

  const dns::Ede ede = dns::make_ede(dns::ExtendedError::other, "why");
  dns::ResponseOptions options;
  options.edes = {&ede, 1};
  if (query.edns) options.cookie = query.edns->cookie;
  const std::size_t size = dns::render_error(query, dns::Rcode::servfail, options, buffer);
  FUZZ_CHECK(size <= dns::response_limit(query.edns, dns::Transport::udp));
  check_answer(Octets(buffer).first(size), message);
  options.truncate = true;
  const std::size_t slipped = dns::render_error(query, dns::Rcode::noerror, options, buffer);
  FUZZ_CHECK(slipped <= message.size());
  check_answer(Octets(buffer).first(slipped), message);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Buffer buffer;
  const Octets message(data, size);
  const auto query = dns::parse_query(message);
  if (query) {
    check_query(*query, message, buffer);
  } else {
    check_rejection(query.error(), message, buffer);
  }
  return 0;
}

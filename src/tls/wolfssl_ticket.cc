// Tickets: taken from one session, put into the next.
#include <new>
#include <utility>

#include "tls/verify.h"
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

// What is kept for a server that may never be asked again: tickets are some hundred octets, chains
// a few thousand.
constexpr int kMaxTicket = 4096;
constexpr std::size_t kMaxTicketChain = 16384;
// A server proves itself anew this often, however many tickets it gives; seconds. A better group
// than that of the ticket is found then, too.
constexpr std::int64_t kProofLasts = std::int64_t{4} * 3600;

bool allows(PostQuantum post_quantum, std::string_view group) {
  const bool hybrid = group == "X25519MLKEM768";
  return post_quantum == PostQuantum::prefer || (post_quantum == PostQuantum::require) == hybrid;
}

}  // namespace

Ticket::Ticket() = default;
Ticket::Ticket(Ticket&&) noexcept = default;
Ticket& Ticket::operator=(Ticket&&) noexcept = default;
Ticket::~Ticket() = default;
Ticket::Ticket(std::unique_ptr<State> state) : state_(std::move(state)) {}

int wolfssl_ticket_came(WOLFSSL* /*ssl*/, const unsigned char* /*ticket*/, int size,
                        void* context) {
  static_cast<Session::State*>(context)->fresh_ticket = size <= kMaxTicket;
  return 0;
}

// wolfSSL's session object is the connection's own until a ticket came: before that, taking it
// would offer a ticket a second time. Afterwards wolfSSL makes itself another one.
Ticket Session::take_ticket() {
  State& session = *state_;
  if (session.phase != Phase::established || !std::exchange(session.fresh_ticket, false) ||
      session.presented.size() > kMaxTicketChain) {
    return {};
  }
  std::unique_ptr<Ticket::State> state(new (std::nothrow) Ticket::State);
  if (!state || !state->presented.copy(session.presented.list()) ||
      !state->staple.copy(session.staple.list())) {
    return {};
  }
  state->session.reset(wolfSSL_get1_session(session.ssl.get()));
  if (!state->session) return {};
  state->verified_at = session.verified_at;
  state->group = wolfssl_group(session.ssl.get());
  return Ticket(std::move(state));
}

// The certificates under which the ticket was given are checked as if they came now, so a date that
// passed, a pin, a name or an authority that changed ends its use.
bool wolfssl_may_resume(Session::State& state, const Ticket::State& ticket) {
  const std::int64_t now = dotkeep_wolfssl_time(nullptr);
  if (now < ticket.verified_at || now - ticket.verified_at > kProofLasts ||
      !allows(state.identity->post_quantum, ticket.group)) {
    return false;
  }
  state.ticket_verdict =
      verify(ticket.presented.list(), *state.identity, state.context->anchors, now);
  return state.ticket_verdict.fault.kind == FaultKind::none &&
         verify_status(ticket.staple.first(), ticket.presented.first(), state.ticket_verdict,
                       *state.identity, now)
                 .kind == FaultKind::none;
}

void wolfssl_resume(Session::State& state, Ticket::State& ticket) {
  if (wolfSSL_set_session(state.ssl.get(), ticket.session.get()) != WOLFSSL_SUCCESS) return;
  state.ticket_presented = std::move(ticket.presented);
  state.ticket_staple = std::move(ticket.staple);
  state.verified_at = ticket.verified_at;
  state.ticket_offered = true;
}

}  // namespace dotkeep::tls

// Session: drives wolfSSL over two byte queues.
#include <algorithm>
#include <new>
#include <utility>

#include "tls/agreed.h"
#include "tls/text.h"
#include "tls/verify.h"
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

constexpr std::uint8_t kAlertRecord = 21;
constexpr std::uint8_t kApplicationRecord = 23;
constexpr std::uint8_t kHandshakeRecord = 22;
constexpr std::size_t kPlainAlert = 5 + 2;
constexpr std::size_t kSealedAlert = 5 + 2 + 1 + 16;  // every suite's tag has 16 octets

bool is_alert(Octets record) {
  return (record.size() == kPlainAlert && record[0] == kAlertRecord) ||
         (record.size() == kSealedAlert && record[0] == kApplicationRecord);
}

// wolfSSL has words of its own for the suites of RFC 8446 appendix B.4.
std::string cipher_text(WOLFSSL* ssl) {
  const char* name = wolfSSL_get_cipher_name(ssl);
  const std::string_view text = name == nullptr ? "" : name;
  if (text == "TLS13-AES128-GCM-SHA256") return "TLS_AES_128_GCM_SHA256";
  if (text == "TLS13-AES256-GCM-SHA384") return "TLS_AES_256_GCM_SHA384";
  return "TLS_CHACHA20_POLY1305_SHA256";  // no other is offered
}

std::string alpn_text(WOLFSSL* ssl) {
  char* name = nullptr;
  unsigned short size = 0;
  if (wolfSSL_ALPN_GetProtocol(ssl, &name, &size) != WOLFSSL_SUCCESS || name == nullptr) return "";
  return clean_text({reinterpret_cast<const std::uint8_t*>(name), size});
}

void fail_with(Session::State& state, int error) {
  if (state.phase == Session::Phase::failed) return;  // our own check said it better
  if (state.output_overrun) {
    state.fail(FaultKind::record, "the server asks for answers that it does not read");
  } else if (state.output_no_memory) {
    state.fail(FaultKind::resources, "out of memory");
  } else {
    const bool established = state.phase == Session::Phase::established;
    const FaultText fault = wolfssl_fault(state.ssl.get(), error, established);
    // With only the hybrid group offered this alert has one likely meaning.
    if (fault.kind == FaultKind::alert && !established &&
        state.identity->post_quantum == PostQuantum::require &&
        std::string_view(fault.text) == "handshake_failure") {
      state.fail(FaultKind::group, "the server refused X25519MLKEM768 (handshake_failure)");
    } else {
      state.fail(fault.kind, fault.text);
    }
  }
}

// After a fault nothing leaves but an alert, and that only where it stands at a record's start:
// what the socket has not taken yet would come before it. The keys go at once.
void settle(Session::State& state, std::size_t unsent_before) {
  if (state.phase != Session::Phase::failed) return;
  const Octets output = state.output.view();
  const bool alert = unsent_before == 0 && state.last_sent != 0 &&
                     state.last_sent <= output.size() && is_alert(output.last(state.last_sent));
  if (alert) {
    state.output.keep_last(state.last_sent);
  } else {
    state.output.clear();
  }
  state.ssl.reset();
}

// wolfSSL keeps intermediates that it believed for everyone who comes after; nobody should profit
// from, or suffer by, what another server presented.
void forget_presented(Session::State& state) {
  for (WOLFSSL_CTX* ctx : {state.context->by_name.get(), state.context->by_pins.get()}) {
    wolfSSL_CertManagerUnloadIntermediateCerts(wolfSSL_CTX_GetCertManager(ctx));
  }
}

// wolfSSL says the handshake is complete; whether we do.
void complete(Session::State& state) {
  WOLFSSL* ssl = state.ssl.get();
  // A session that was not resumed was verified by the callback, or not at all.
  if (state.ticket_offered && wolfSSL_session_reused(ssl) == 1 && !state.presented_seen) {
    state.resumed = state.verified = true;
    state.status_checked = true;
    state.presented = std::move(state.ticket_presented);
    state.staple = std::move(state.ticket_staple);
    state.verdict = std::move(state.ticket_verdict);
  } else {
    state.verified_at = dotkeep_wolfssl_time(nullptr);
  }
  const Agreed agreed{wolfSSL_version(ssl) == TLS1_3_VERSION,
                      state.verified && state.status_checked, wolfssl_group(ssl), alpn_text(ssl)};
  if (const Fault fault = check_agreed(agreed, state.identity->post_quantum);
      fault.kind != FaultKind::none) {
    state.fail(fault.kind, fault.detail);
  } else {
    state.phase = Session::Phase::established;
    state.headroom.reset();
    // Only now: whoever shows certificates has shown the key for them, too.
    ClockTrust* const clock = state.identity->clock;
    if (clock != nullptr && state.verdict.dated) clock->synchronised = true;
  }
}

void drive(Session::State& state) {
  state.last_sent = 0;
  const std::size_t unsent = state.output.size();
  const bool checked_before = state.presented_seen;
  const int status = wolfSSL_connect(state.ssl.get());
  const int error = status == WOLFSSL_SUCCESS ? 0 : wolfSSL_get_error(state.ssl.get(), status);
  if (state.presented_seen && !checked_before) forget_presented(state);
  if (state.phase == Session::Phase::failed) {
    // Our own check spoke from within wolfSSL's callback.
  } else if (status == WOLFSSL_SUCCESS) {
    complete(state);
  } else if (error != WOLFSSL_ERROR_WANT_READ) {
    fail_with(state, error);
  } else if (state.input_ended) {
    state.fail(FaultKind::closed_early, "the server closed during the handshake");
  }
  settle(state, unsent);
}

}  // namespace

std::string wolfssl_group(WOLFSSL* ssl) {
  const char* name = wolfSSL_get_curve_name(ssl);
  const std::string_view text = name == nullptr ? "" : name;
  return std::string(text == "SECP256R1" ? "P-256" : text);
}

void Session::State::fail(FaultKind kind, std::string_view detail) {
  phase = Phase::failed;
  fault.kind = kind;
  fault.detail.assign(detail.substr(0, kMaxText));
}

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;  // wolfSSL_free wipes keys

std::expected<Session, Fault> Session::client(const Context& context, const Identity& identity,
                                              Ticket ticket) {
  Context::State& shared = context.state();
  std::unique_ptr<State> state(new (std::nothrow) State);
  if (state) {
    state->headroom.reset(std::malloc(kHeadroom));
    state->ssl.reset(
        wolfSSL_new(identity.name.empty() ? shared.by_pins.get() : shared.by_name.get()));
  }
  if (!state || !state->headroom || !state->ssl) {
    return std::unexpected(Fault{FaultKind::resources, "out of memory"});
  }
  state->context = &shared;
  state->identity = &identity;
  state->fault.detail.reserve(kMaxText);
  const bool resume = ticket && wolfssl_may_resume(*state, *ticket.state_);
  if (!wolfssl_prepare(*state, resume ? ticket.state_->group : std::string_view())) {
    return std::unexpected(Fault{FaultKind::resources, "out of memory"});
  }
  if (resume) wolfssl_resume(*state, *ticket.state_);
  ticket = {};  // what wolfSSL keeps of it must be nobody else's
  drive(*state);
  if (state->phase == Phase::failed) return std::unexpected(state->fault);
  return Session(std::move(state));
}

bool Session::feed(Octets ciphertext) {
  State& state = *state_;
  if (state.phase == Phase::failed || state.phase == Phase::closed) return true;
  if (state.input.size() + ciphertext.size() > kMaxPendingInput) return false;
  if (state.phase == Phase::handshaking && !ciphertext.empty()) {
    const std::uint8_t first = ciphertext[0];
    if (state.handshake_input == 0 && first != kHandshakeRecord && first != kAlertRecord) {
      state.fail(FaultKind::handshake, "the server does not speak TLS");
      settle(state, state.output.size());
      return true;
    }
    state.handshake_input += ciphertext.size();
    if (state.handshake_input > kMaxHandshakeInput) {
      state.fail(FaultKind::handshake, "the handshake is too long");
      settle(state, state.output.size());
      return true;
    }
  }
  if (!state.input.append(ciphertext)) {
    state.fail(FaultKind::resources, "out of memory");
    settle(state, state.output.size());
  } else if (state.phase == Phase::handshaking) {
    drive(state);
  }
  return true;
}

void Session::feed_end() {
  state_->input_ended = true;
  if (state_->phase == Phase::handshaking) drive(*state_);
}

Session::Phase Session::phase() const {
  return state_->phase;
}
const Fault& Session::fault() const {
  return state_->fault;
}
Octets Session::output() const {
  return state_->output.view();
}
void Session::consume_output(std::size_t count) {
  state_->output.consume(count);
}

bool Session::write(Octets plaintext) {
  State& state = *state_;
  if (state.phase != Phase::established || plaintext.empty() ||
      plaintext.size() > kMaxRecordPlaintext || state.output.size() > kMaxPendingOutput) {
    return false;
  }
  const int size = static_cast<int>(plaintext.size());
  const std::size_t unsent = state.output.size();
  state.last_sent = 0;
  const int written = wolfSSL_write(state.ssl.get(), plaintext.data(), size);
  if (written != size) {
    fail_with(state, wolfSSL_get_error(state.ssl.get(), written));
    settle(state, unsent);
  }
  return written == size;
}

std::size_t Session::read(MutableOctets out) {
  State& state = *state_;
  std::size_t total = 0;
  while (state.phase == Phase::established && total < out.size()) {
    const std::size_t unsent = state.output.size();
    state.last_sent = 0;
    const int room = static_cast<int>(std::min(out.size() - total, kMaxPendingInput));
    const int count = wolfSSL_read(state.ssl.get(), out.data() + total, room);
    if (count > 0) {
      total += static_cast<std::size_t>(count);
      continue;
    }
    const int error = wolfSSL_get_error(state.ssl.get(), count);
    if (error == WOLFSSL_ERROR_WANT_READ) {
      if (state.input_ended) state.phase = Phase::closed;
      break;
    }
    if (error == WOLFSSL_ERROR_ZERO_RETURN) {
      state.phase = Phase::closed;
    } else {
      fail_with(state, error);
      settle(state, unsent);
    }
  }
  return total;
}

void Session::close() {
  State& state = *state_;
  if (state.phase == Phase::established) wolfSSL_shutdown(state.ssl.get());
  if (state.phase != Phase::failed) state.phase = Phase::closed;
}

Summary Session::summary() const {
  Summary summary;
  if (state_->phase == Phase::failed || state_->phase == Phase::handshaking) return summary;
  WOLFSSL* ssl = state_->ssl.get();
  summary.group = wolfssl_group(ssl);
  summary.cipher = cipher_text(ssl);
  summary.alpn = alpn_text(ssl);
  summary.resumed = state_->resumed;
  return summary;
}

std::vector<PresentedCertificate> Session::presented() const {
  return describe(state_->presented.list(), state_->verdict.in_path);
}

bool Session::resuming() const {
  return state_->ticket_offered;
}

int Session::matched_pin() const {
  return state_->verdict.matched_pin;
}

std::int64_t Session::leaf_not_after() const {
  return state_->verdict.leaf_not_after;
}

const std::string& Session::unpinned() const {
  return state_->verdict.unpinned;
}

bool Session::undated() const {
  return state_->verdict.undated;
}

}  // namespace dotkeep::tls

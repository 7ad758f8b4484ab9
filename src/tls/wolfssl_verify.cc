// The bridge from wolfSSL's certificate processing to our own checks. Both must be content; which
// of wolfSSL's complaints a pinned key answers is said in one place here.
#include <ctime>

#include "tls/verify.h"
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

// In the pinned profile no CA vouches and no date is asked of the pinned key; verify() checks
// dates and signatures below it.
bool answered_by_a_pin(int error) {
  return error == ASN_NO_SIGNER_E || error == ASN_SELF_SIGNED_E || error == ASN_AFTER_DATE_E ||
         error == ASN_BEFORE_DATE_E;
}

bool is_date(int error) {
  return error == ASN_AFTER_DATE_E || error == ASN_BEFORE_DATE_E;
}

// A date that is over says nothing when the certificate is not on the path that we proved: servers
// go on showing roots that have expired, and wolfSSL asks for the date of each that it finds in
// ca_file.
bool beside_the_path(const Session::State& state, const WOLFSSL_X509_STORE_CTX& store) {
  if (!is_date(store.error)) return false;
  const auto index = static_cast<std::size_t>(store.error_depth);
  return store.error_depth > 0 && index < state.presented.list().size() &&
         !state.verdict.in_path[index];
}

// Once per handshake, whichever certificate wolfSSL speaks of first.
void check_presented(Session::State& state, const WOLFSSL_X509_STORE_CTX& store) {
  state.presented_seen = true;
  std::array<Octets, kMaxPresented> presented;
  const auto count = static_cast<std::size_t>(store.totalCerts < 0 ? 0 : store.totalCerts);
  if (count > presented.size()) {
    state.fail(FaultKind::certificate_form, "the server presented too many certificates");
    return;
  }
  for (std::size_t i = 0; i < count; ++i) {
    presented[i] = {store.certs[i].buffer, store.certs[i].length};
  }
  const std::span<const Octets> view = std::span(presented).first(count);
  if (!state.presented.copy(view)) {  // wolfSSL's buffer is gone after the handshake
    state.fail(FaultKind::resources, "out of memory");
    return;
  }
  state.headroom.reset();
  state.verdict = verify(state.presented.list(), *state.identity, state.context->anchors,
                         dotkeep_wolfssl_time(nullptr));
  if (state.verdict.fault.kind != FaultKind::none) {
    state.fail(state.verdict.fault.kind, state.verdict.fault.detail);
    return;
  }
  state.headroom.reset(std::malloc(kHeadroom));  // again, for the text about the staple
  if (!state.headroom) {
    state.fail(FaultKind::resources, "out of memory");
    return;
  }
  state.verified = true;
}

// The server's own certificate is spoken of last, and its staple has come by then.
bool check_status_of_own(Session::State& state) {
  if (state.status_checked) return true;
  state.headroom.reset();
  const Fault fault = verify_status(state.staple.first(), state.presented.first(), state.verdict,
                                    *state.identity, dotkeep_wolfssl_time(nullptr));
  if (fault.kind != FaultKind::none) {
    state.verified = false;
    state.fail(fault.kind, fault.detail);
    return false;
  }
  state.status_checked = true;
  return true;
}

}  // namespace

int wolfssl_verify(int ok, WOLFSSL_X509_STORE_CTX* store) {
  if (store == nullptr || store->userCtx == nullptr) return 0;
  auto& state = *static_cast<Session::State*>(store->userCtx);
  if (!state.presented_seen) check_presented(state, *store);
  if (!state.verified) return 0;
  if (store->error_depth == 0 && !check_status_of_own(state)) return 0;
  if (ok == 1) return 1;
  if (state.identity->name.empty() && answered_by_a_pin(store->error)) return 1;
  if (state.verdict.undated && is_date(store->error)) return 1;
  if (beside_the_path(state, *store)) return 1;
  state.verified = false;
  return 0;
}

}  // namespace dotkeep::tls

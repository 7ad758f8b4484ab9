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

// A date that is over says nothing when the certificate is not on the path that we proved: servers
// go on showing roots that have expired, and wolfSSL asks for the date of each that it finds in
// ca_file.
bool beside_the_path(const Session::State& state, const WOLFSSL_X509_STORE_CTX& store) {
  if (store.error != ASN_AFTER_DATE_E && store.error != ASN_BEFORE_DATE_E) return false;
  const auto index = static_cast<std::size_t>(store.error_depth);
  return store.error_depth > 0 && index < state.presented.list().size() && !state.in_path[index];
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
  const Verdict verdict =
      verify(view, *state.identity, state.context->anchors, dotkeep_wolfssl_time(nullptr));
  state.in_path = verdict.in_path;
  state.leaf_not_after = verdict.leaf_not_after;
  state.matched_pin = verdict.matched_pin;
  if (verdict.fault.kind != FaultKind::none) {
    state.fail(verdict.fault.kind, verdict.fault.detail);
  } else {
    state.verified = true;
  }
}

}  // namespace

int wolfssl_verify(int ok, WOLFSSL_X509_STORE_CTX* store) {
  if (store == nullptr || store->userCtx == nullptr) return 0;
  auto& state = *static_cast<Session::State*>(store->userCtx);
  if (!state.presented_seen) check_presented(state, *store);
  if (!state.verified) return 0;
  if (ok == 1) return 1;
  if (state.identity->name.empty() && answered_by_a_pin(store->error)) return 1;
  if (beside_the_path(state, *store)) return 1;
  state.verified = false;
  return 0;
}

}  // namespace dotkeep::tls

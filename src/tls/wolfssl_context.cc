// Context: trust anchors in wolfSSL's store and in ours, and the settings that all sessions share.
#include <ctime>
#include <new>
#include <utility>

#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

// AES first: every machine this is meant for has instructions for it.
constexpr char kCiphers[] =
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:TLS13-CHACHA20-POLY1305-SHA256";
constexpr int kMinRsa = static_cast<int>(kMinRsaBits);

std::unique_ptr<WOLFSSL_CTX, FreeWolfCtx> make_ctx() {
  std::unique_ptr<WOLFSSL_CTX, FreeWolfCtx> ctx(wolfSSL_CTX_new(wolfTLSv1_3_client_method()));
  if (!ctx) return nullptr;
  wolfSSL_CTX_set_session_cache_mode(ctx.get(),
                                     WOLFSSL_SESS_CACHE_OFF);  // tickets are ours to keep
  wolfSSL_CTX_set_verify(ctx.get(), WOLFSSL_VERIFY_PEER, wolfssl_verify);
  if (wolfSSL_CTX_set_cipher_list(ctx.get(), kCiphers) != WOLFSSL_SUCCESS ||
      wolfSSL_CTX_SetMinRsaKey_Sz(ctx.get(), kMinRsa) != WOLFSSL_SUCCESS ||
      wolfSSL_CTX_SetMinEccKey_Sz(ctx.get(), 256) != WOLFSSL_SUCCESS ||
      // Without it no session may ask for a staple; which of them do, wolfssl_prepare() says.
      wolfSSL_CTX_EnableOCSPStapling(ctx.get()) != WOLFSSL_SUCCESS ||
      wolfSSL_CTX_only_dhe_psk(ctx.get()) != 0) {  // a resumed session has forward secrecy, too
    return nullptr;
  }
  return ctx;
}

// Both stores or none: an anchor counts only where both checks know it. Not its date: the clock may
// be wrong now and right when the anchor is used, which is when the path check asks for the date.
bool add_anchor(Context::State& state, Octets der) {
  const int status = wolfSSL_CTX_load_verify_buffer_ex(
      state.by_name.get(), der.data(), static_cast<long>(der.size()), WOLFSSL_FILETYPE_ASN1, 0,
      WOLFSSL_LOAD_FLAG_DATE_ERR_OKAY);
  return status == WOLFSSL_SUCCESS && state.anchors.add(der);
}

}  // namespace

Context::Context(std::unique_ptr<State> state) : state_(std::move(state)) {}
Context::Context(Context&&) noexcept = default;
Context& Context::operator=(Context&&) noexcept = default;
Context::~Context() = default;

std::size_t Context::anchors() const {
  return state_->anchors.size();
}

std::expected<Context, std::string> Context::create(std::string_view ca_pem) {
  if (wolfSSL_Init() != WOLFSSL_SUCCESS) return std::unexpected("wolfSSL does not start");
  std::unique_ptr<State> state(new (std::nothrow) State);
  if (!state) return std::unexpected("out of memory");
  state->by_name = make_ctx();
  state->by_pins = make_ctx();
  if (!state->by_name || !state->by_pins) return std::unexpected("out of memory");
  std::vector<std::uint8_t> der;
  std::string_view rest = ca_pem;
  std::size_t seen = 0;
  while (next_pem(rest, der)) {
    ++seen;
    if (!der.empty()) add_anchor(*state, der);
  }
  if (!ca_pem.empty() && state->anchors.size() == 0) {
    return std::unexpected(seen == 0 ? "no certificate in it (PEM is expected)"
                                     : "no usable CA certificate in it");
  }
  return Context(std::move(state));
}

}  // namespace dotkeep::tls

// What one session tells wolfSSL before its first octet: where octets go, who the server must be,
// and what is offered.
#include <algorithm>
#include <climits>
#include <cstring>
#include <span>

#include "tls/host_name.h"
#include "tls/wolfssl_state.h"

namespace dotkeep::tls {

namespace {

char kAlpn[] = "dot";  // RFC 7858 and the IANA registry; not const only for wolfSSL's sake

int receive(WOLFSSL* /*ssl*/, char* buffer, int size, void* context) {
  auto& state = *static_cast<Session::State*>(context);
  if (state.input.empty()) return WOLFSSL_CBIO_ERR_WANT_READ;
  const std::size_t count = std::min(static_cast<std::size_t>(size), state.input.size());
  std::memcpy(buffer, state.input.view().data(), count);
  state.input.consume(count);
  return static_cast<int>(count);
}

int send(WOLFSSL* /*ssl*/, char* buffer, int size, void* context) {
  auto& state = *static_cast<Session::State*>(context);
  const auto count = static_cast<std::size_t>(size);
  // Only a server that makes us answer without reading gets here: write() looks before.
  if (state.output.size() + count > kMaxPendingOutput + kMaxRecordPlaintext + 1024) {
    state.output_overrun = true;
    return WOLFSSL_CBIO_ERR_GENERAL;
  }
  if (!state.output.append({reinterpret_cast<const std::uint8_t*>(buffer), count})) {
    state.output_no_memory = true;
    return WOLFSSL_CBIO_ERR_GENERAL;
  }
  state.last_sent = count;
  return size;
}

// Key shares for the first two, so that neither kind of server needs a HelloRetryRequest; P-256
// costs one where nothing else is known (docs/decisions/key-shares.md).
bool offer_groups(WOLFSSL* ssl, PostQuantum post_quantum, std::string_view group) {
  constexpr std::string_view names[] = {"X25519MLKEM768", "X25519", "P-256"};
  int groups[] = {WOLFSSL_X25519MLKEM768, WOLFSSL_ECC_X25519, WOLFSSL_ECC_SECP256R1};
  std::span<int> offered(groups);
  if (post_quantum == PostQuantum::require) offered = offered.first(1);
  if (post_quantum == PostQuantum::off) offered = offered.subspan(1);
  if (wolfSSL_set_groups(ssl, offered.data(), static_cast<int>(offered.size())) !=
      WOLFSSL_SUCCESS) {
    return false;
  }
  // A resumed session takes the group of the one before, or wolfSSL refuses it.
  for (std::size_t i = 0; i < std::size(names); ++i) {
    if (group == names[i]) {
      return wolfSSL_UseKeyShare(ssl, static_cast<word16>(groups[i])) == WOLFSSL_SUCCESS;
    }
  }
  const std::size_t shares = post_quantum == PostQuantum::prefer ? 2 : 1;
  for (const int share : offered.first(shares)) {
    if (wolfSSL_UseKeyShare(ssl, static_cast<word16>(share)) != WOLFSSL_SUCCESS) return false;
  }
  return true;
}

}  // namespace

bool wolfssl_prepare(Session::State& state, std::string_view group) {
  WOLFSSL* ssl = state.ssl.get();
  wolfSSL_SSLSetIORecv(ssl, receive);
  wolfSSL_SSLSetIOSend(ssl, send);
  wolfSSL_SetIOReadCtx(ssl, &state);
  wolfSSL_SetIOWriteCtx(ssl, &state);
  wolfSSL_SetCertCbCtx(ssl, &state);
  wolfSSL_set_SessionTicket_cb(ssl, wolfssl_ticket_came, &state);
  if (wolfSSL_UseALPN(ssl, kAlpn, sizeof kAlpn - 1, WOLFSSL_ALPN_FAILED_ON_MISMATCH) !=
      WOLFSSL_SUCCESS) {
    return false;
  }
  const std::string& name = state.identity->name;
  // Without a name no CA is believed, whatever it says of a certificate.
  if (!name.empty() && wolfSSL_UseOCSPStapling(ssl, WOLFSSL_CSR_OCSP, 0) != WOLFSSL_SUCCESS) {
    return false;
  }
  if (!ip_literal(name) &&
      host_name(name) &&  // neither SNI nor wolfSSL's own check knows IP literals
      (wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, name.data(),
                      static_cast<unsigned short>(name.size())) != WOLFSSL_SUCCESS ||
       wolfSSL_check_domain_name(ssl, name.c_str()) != WOLFSSL_SUCCESS)) {
    return false;
  }
  return offer_groups(ssl, state.identity->post_quantum, group);
}

}  // namespace dotkeep::tls

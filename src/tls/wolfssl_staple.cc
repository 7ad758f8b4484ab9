// A stapled OCSP response on its way from wolfSSL to our own check. The prototype comes from
// policy/wolfssl/hooks.h; wolfSSL's own judgement is not in the build.
#include <wolfssl/internal.h>

#include "tls/ocsp.h"
#include "tls/wolfssl_state.h"

// wolfSSL has one place for a request and one for a response by each certificate's number, and
// looks at a place (TLSX_CSR_InitRequest_ex) before it asks whether there is one. The number is
// less than MAX_CHAIN_DEPTH: a longer chain is refused before any certificate of it is looked at.
static_assert(MAX_CHAIN_DEPTH < MAX_CERT_EXTENSIONS);
static_assert(MAX_CHAIN_DEPTH == dotkeep::tls::kMaxPresented);

// Of each certificate that has one, from within the handshake, before the server's own certificate
// is spoken of to wolfssl_verify. Those of other certificates than the server's own are not asked
// about: their issuers' lists are long-lived, and nobody staples them.
int dotkeep_wolfssl_staple(WOLFSSL* ssl, unsigned char* input, unsigned int* index,
                           unsigned int size, int certificate) {
  using dotkeep::Octets;
  auto& state = *static_cast<dotkeep::tls::Session::State*>(wolfSSL_GetIOReadCtx(ssl));
  if (certificate == 0 && size <= dotkeep::tls::kMaxStaple) {
    const Octets staple(input + *index, size);
    if (!state.staple.copy({&staple, 1})) return MEMORY_E;
  }
  *index += size;
  return 0;
}

namespace dotkeep::tls {

void wolfssl_free_requests(WOLFSSL* ssl) {
  for (const TLSX* one = ssl->extensions; one != nullptr; one = one->next) {
    if (one->type != TLSX_STATUS_REQUEST) continue;
    // It frees those up to and including this number.
    static_cast<CertificateStatusRequest*>(one->data)->requests = MAX_CERT_EXTENSIONS - 1;
  }
}

}  // namespace dotkeep::tls

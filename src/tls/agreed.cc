#include "tls/agreed.h"

namespace dotkeep::tls {

Fault check_agreed(const Agreed& agreed, PostQuantum post_quantum) {
  if (!agreed.server_verified) {
    return {FaultKind::not_trusted, "the server's certificate was never checked"};
  }
  if (!agreed.tls13) return {FaultKind::protocol_version, "not TLS 1.3"};
  if (!agreed.alpn.empty() && agreed.alpn != "dot") return {FaultKind::alpn, agreed.alpn};
  if (post_quantum == PostQuantum::require && agreed.group != "X25519MLKEM768") {
    return {FaultKind::group, agreed.group};
  }
  return {};
}

}  // namespace dotkeep::tls

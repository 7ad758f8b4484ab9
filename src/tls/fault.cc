// Words for faults.
#include "tls/session.h"

namespace dotkeep::tls {

const char* to_string(FaultKind kind) {
  switch (kind) {
    case FaultKind::none:
      return "none";
    case FaultKind::protocol_version:
      return "protocol version";
    case FaultKind::handshake:
      return "handshake";
    case FaultKind::alert:
      return "alert";
    case FaultKind::not_trusted:
      return "not trusted";
    case FaultKind::expired:
      return "expired";
    case FaultKind::not_yet_valid:
      return "not yet valid";
    case FaultKind::name_mismatch:
      return "name mismatch";
    case FaultKind::pin_mismatch:
      return "pin mismatch";
    case FaultKind::certificate_form:
      return "certificate form";
    case FaultKind::weak_key:
      return "weak key";
    case FaultKind::alpn:
      return "alpn";
    case FaultKind::group:
      return "group";
    case FaultKind::record:
      return "record";
    case FaultKind::closed_early:
      return "closed early";
    case FaultKind::status_missing:
      return "status missing";
    case FaultKind::status_invalid:
      return "status invalid";
    case FaultKind::status_stale:
      return "status stale";
    case FaultKind::status_unknown:
      return "status unknown";
    case FaultKind::revoked:
      return "revoked";
    case FaultKind::resources:
      return "resources";
  }
  return "unknown";
}

}  // namespace dotkeep::tls

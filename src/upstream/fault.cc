#include "upstream/fault.h"

#include <cerrno>
#include <cstring>

namespace dotkeep::upstream {

UpstreamFault fault_of(tls::FaultKind kind) {
  using Kind = tls::FaultKind;
  switch (kind) {
    case Kind::protocol_version:
      return UpstreamFault::tls_version;
    case Kind::none:
    case Kind::handshake:
      return UpstreamFault::tls_handshake;
    case Kind::alert:
      return UpstreamFault::tls_alert;
    case Kind::not_trusted:
      return UpstreamFault::not_trusted;
    case Kind::expired:
      return UpstreamFault::expired;
    case Kind::not_yet_valid:
      return UpstreamFault::not_yet_valid;
    case Kind::name_mismatch:
      return UpstreamFault::name_mismatch;
    case Kind::pin_mismatch:
      return UpstreamFault::pin_mismatch;
    case Kind::certificate_form:
      return UpstreamFault::certificate_form;
    case Kind::weak_key:
      return UpstreamFault::weak_key;
    case Kind::alpn:
      return UpstreamFault::alpn;
    case Kind::group:
      return UpstreamFault::group;
    case Kind::record:
      return UpstreamFault::tls_record;
    case Kind::closed_early:
      return UpstreamFault::closed_in_handshake;
    case Kind::status_missing:
      return UpstreamFault::status_missing;
    case Kind::status_invalid:
      return UpstreamFault::status_invalid;
    case Kind::status_stale:
      return UpstreamFault::status_stale;
    case Kind::status_unknown:
      return UpstreamFault::status_unknown;
    case Kind::revoked:
      return UpstreamFault::revoked;
    case Kind::resources:
      return UpstreamFault::resources;
  }
  return UpstreamFault::tls_handshake;
}

UpstreamFault fault_of_errno(int error) {
  switch (error) {
    case 0:
      return UpstreamFault::overloaded;
    case ECONNREFUSED:
      return UpstreamFault::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:  // no address of our own that could reach it
      return UpstreamFault::unreachable;
    case ETIMEDOUT:
      return UpstreamFault::connect_time_out;
    case ENOMEM:
    case ENOBUFS:
    case EMFILE:
    case ENFILE:
      return UpstreamFault::resources;
    default:
      return UpstreamFault::connect_failed;
  }
}

std::string_view words_of_errno(int error) {
  const char* const words = ::strerrordesc_np(error);
  return words == nullptr ? "unknown error" : words;
}

}  // namespace dotkeep::upstream

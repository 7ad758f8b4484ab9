// Why an upstream did not answer: the one list of reasons that goes from the upstream room over the
// wall into the frontend's Extended DNS Errors, and into log and metrics as words.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace dotkeep {

enum class UpstreamFault : std::uint8_t {
  time_out,          // asked, no answer in time
  overloaded,        // our own bound on queries in flight or on memory was reached
  no_upstream,       // every upstream that may answer this is down
  refused,           // TCP: connection refused
  unreachable,       // TCP: no route, host or network unreachable
  connect_time_out,  // TCP: no answer to the connection request
  connect_failed,    // TCP: any other error
  tls_time_out,      // the handshake did not finish in time
  tls_version,       // from here on as in tls::FaultKind
  tls_handshake,
  tls_alert,
  not_trusted,
  expired,
  not_yet_valid,
  name_mismatch,
  pin_mismatch,
  certificate_form,
  weak_key,
  alpn,
  group,
  status_missing,
  status_invalid,
  status_stale,
  status_unknown,
  revoked,
  tls_record,
  closed_in_handshake,
  closed,      // the connection ended before the answer came
  bad_frames,  // DNS framing or message ids that were never asked
  resources,   // out of memory
  reloaded,    // those that might answer are no longer configured: to be asked anew
};
inline constexpr std::size_t kUpstreamFaults =
    static_cast<std::size_t>(UpstreamFault::reloaded) + 1;

[[nodiscard]] constexpr std::string_view to_string(UpstreamFault fault) {
  constexpr std::array<std::string_view, kUpstreamFaults> kWords = {
      "time-out",
      "too many queries in flight",
      "no upstream is up",
      "connection refused",
      "unreachable",
      "connection time-out",
      "connection failed",
      "TLS handshake time-out",
      "server does not speak TLS 1.3",
      "TLS handshake failed",
      "TLS alert from server",
      "certificate not trusted",
      "certificate expired",
      "certificate not yet valid",
      "certificate name mismatch",
      "certificate pin mismatch",
      "certificate not acceptable",
      "certificate key too weak",
      "ALPN mismatch",
      "key exchange group not allowed",
      "certificate status missing",
      "certificate status invalid",
      "certificate status stale",
      "certificate status unknown",
      "certificate revoked",
      "TLS record invalid",
      "closed in TLS handshake",
      "closed before the answer",
      "invalid DNS framing",
      "out of memory",
      "configured away by a reload",
  };
  return kWords[static_cast<std::size_t>(fault)];
}

}  // namespace dotkeep

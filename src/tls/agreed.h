// What a handshake agreed on, held against what was asked for. wolfSSL should never get here with
// anything else; this is the last look before the first query may be written.
#pragma once

#include <string>

#include "tls/session.h"

namespace dotkeep::tls {

struct Agreed {
  bool tls13 = false;
  bool server_verified = false;
  std::string group;  // "X25519MLKEM768"
  std::string alpn;   // empty: the server selected none (RFC 7858 asks for none)
};

// Kind `none` when everything holds.
[[nodiscard]] Fault check_agreed(const Agreed& agreed, PostQuantum post_quantum);

}  // namespace dotkeep::tls

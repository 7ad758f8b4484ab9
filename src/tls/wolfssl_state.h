// What the wolfssl_*.cc files share. No other file includes this, or anything of wolfSSL's.
#pragma once

#include <array>
#include <cstdlib>
#include <memory>

// settings.h first, as wolfSSL asks.
#include <wolfssl/error-ssl.h>
#include <wolfssl/ssl.h>
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/settings.h>

#include "tls/anchors.h"
#include "tls/byte_queue.h"
#include "tls/path.h"
#include "tls/presented.h"
#include "tls/session.h"
#include "tls/verify.h"

namespace dotkeep::tls {

struct FreeWolfCtx {
  void operator()(WOLFSSL_CTX* ctx) const { wolfSSL_CTX_free(ctx); }
};
// wolfSSL keeps a request for every certificate that a staple may come with, and frees the first
// ones only when a handshake ends between two certificates. After this it frees them all.
void wolfssl_free_requests(WOLFSSL* ssl);

struct FreeWolfSession {
  void operator()(WOLFSSL* ssl) const {
    wolfssl_free_requests(ssl);
    wolfSSL_free(ssl);
  }
};
struct FreeWolfTicket {
  void operator()(WOLFSSL_SESSION* session) const { wolfSSL_SESSION_free(session); }
};
struct FreeBlock {
  void operator()(void* block) const { std::free(block); }
};

// Two contexts, so that what a pinned server presents never gets near the store that names are
// proven against. Both stores are emptied of presented certificates after each handshake.
struct Context::State {
  std::unique_ptr<WOLFSSL_CTX, FreeWolfCtx> by_name;
  std::unique_ptr<WOLFSSL_CTX, FreeWolfCtx> by_pins;
  Anchors anchors;
};

inline constexpr std::size_t kMaxPendingOutput = 262144;
// From the server before the handshake is done: six certificates of 16 KiB and room to spare.
inline constexpr std::size_t kMaxHandshakeInput = 131072;
// Held until the certificates are checked (and once more until their staple is), then freed for the
// text that the check may write, so that text never finds less memory than the handshake did.
inline constexpr std::size_t kHeadroom = 8192;

struct Session::State {
  std::unique_ptr<WOLFSSL, FreeWolfSession> ssl;
  Context::State* context = nullptr;
  const Identity* identity = nullptr;

  ByteQueue input;
  ByteQueue output;
  std::size_t last_sent = 0;  // octets that wolfSSL's last send appended to `output`
  bool output_overrun = false;
  bool output_no_memory = false;
  bool input_ended = false;
  std::size_t handshake_input = 0;

  Phase phase = Phase::handshaking;
  Fault fault;  // its text has its memory from the start

  // Of what was presented.
  bool presented_seen = false;
  bool verified = false;
  PresentedOctets presented;
  Verdict verdict;  // its views are of `presented`
  PresentedOctets staple;
  bool status_checked = false;
  std::unique_ptr<void, FreeBlock> headroom;

  // Of resumption. What the offered ticket was given under counts once the server took it.
  bool ticket_offered = false;
  bool fresh_ticket = false;
  bool resumed = false;
  Verdict ticket_verdict;
  PresentedOctets ticket_presented;
  PresentedOctets ticket_staple;
  std::int64_t verified_at = 0;

  // Ends the session: what was to be sent is dropped, but for an alert that wolfSSL just queued.
  void fail(FaultKind kind, std::string_view detail);
};

struct Ticket::State {
  std::unique_ptr<WOLFSSL_SESSION, FreeWolfTicket> session;
  PresentedOctets presented;
  PresentedOctets staple;
  std::int64_t verified_at = 0;  // when the server last proved itself, seconds since the epoch
  std::string group;
};

// Whether the ticket still stands under the session's identity; the verdict then waits in `state`.
[[nodiscard]] bool wolfssl_may_resume(Session::State& state, const Ticket::State& ticket);
// Offers it. Its object belongs to the session afterwards.
void wolfssl_resume(Session::State& state, Ticket::State& ticket);
// wolfSSL's callback for a NewSessionTicket.
int wolfssl_ticket_came(WOLFSSL* ssl, const unsigned char* ticket, int size, void* context);

// wolfSSL's error, as ours. Alerts by their RFC 8446 names. `established`: from then on everything
// that is not an alert is a fault of the record layer.
struct FaultText {
  FaultKind kind;
  const char* text;
};
[[nodiscard]] FaultText wolfssl_fault(WOLFSSL* ssl, int error, bool established);

// wolfSSL's verify callback: takes what was presented, runs verify(), decides.
int wolfssl_verify(int ok, WOLFSSL_X509_STORE_CTX* store);

// Puts the session's I/O, checks, name, ALPN and groups into `state.ssl`. `group`: the one to offer
// a key share for, or empty for the usual ones. False for want of memory.
[[nodiscard]] bool wolfssl_prepare(Session::State& state, std::string_view group);

[[nodiscard]] std::string wolfssl_group(WOLFSSL* ssl);

}  // namespace dotkeep::tls

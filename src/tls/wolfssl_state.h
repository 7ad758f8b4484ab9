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
#include "tls/session.h"

namespace dotkeep::tls {

struct FreeWolfCtx {
  void operator()(WOLFSSL_CTX* ctx) const { wolfSSL_CTX_free(ctx); }
};
struct FreeWolfSession {
  void operator()(WOLFSSL* ssl) const { wolfSSL_free(ssl); }
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
// Held until the certificates are checked, then freed for the text that the check may write, so
// that text never finds less memory than the handshake did.
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
  std::unique_ptr<std::uint8_t, FreeBlock> presented_octets;
  std::array<std::size_t, kMaxPresented> presented_sizes{};
  std::size_t presented_count = 0;
  std::array<bool, kMaxPresented> in_path{};
  std::int64_t leaf_not_after = 0;
  std::unique_ptr<void, FreeBlock> headroom;

  // Ends the session: what was to be sent is dropped, but for an alert that wolfSSL just queued.
  void fail(FaultKind kind, std::string_view detail);
};

// wolfSSL's error, as ours. Alerts by their RFC 8446 names. `established`: from then on everything
// that is not an alert is a fault of the record layer.
struct FaultText {
  FaultKind kind;
  const char* text;
};
[[nodiscard]] FaultText wolfssl_fault(WOLFSSL* ssl, int error, bool established);

// wolfSSL's verify callback: takes what was presented, runs verify(), decides.
int wolfssl_verify(int ok, WOLFSSL_X509_STORE_CTX* store);

// Puts the session's I/O, checks, name, ALPN and groups into `state.ssl`. False for want of memory.
[[nodiscard]] bool wolfssl_prepare(Session::State& state);

}  // namespace dotkeep::tls

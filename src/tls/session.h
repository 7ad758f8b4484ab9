// TLS 1.3 client sessions without sockets: ciphertext goes in and comes out as octets, the caller
// moves them. Only wolfssl_*.cc know wolfSSL; everything above knows only this header.
//
// Authentication is decided here and nowhere else: a Session is `established` only after wolfSSL's
// chain verification, our own leaf check, the name check and the pins all held (as the Identity
// asks). Until then `write` refuses, so no octet of a query can leave for a server that is not
// proven.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "tls/ticket.h"

namespace dotkeep::tls {

// SHA-256 of a SubjectPublicKeyInfo (RFC 7858 section 4.2).
using Pin = std::array<std::uint8_t, 32>;

enum class PostQuantum : std::uint8_t { prefer, require, off };

// What a path without any of the pins means, where name and CA hold: the end, or a line in the log.
enum class PinMode : std::uint8_t { enforce, report };

// Whose word it takes for a stapled OCSP response to be needed: the certificate's (RFC 7633), or
// nobody's.
enum class Ocsp : std::uint8_t { must_staple, require };

// Whether the machine's clock has been right once. Sessions share one; without one, dates always
// count. While it is not known to be right, a path with a pinned key is believed whatever the date;
// the first path proven by name with its dates ends that for good (docs/decisions/clock.md).
struct ClockTrust {
  bool synchronised = false;
};

// Who a server must prove to be. `name` empty: the pinned profile, pins alone decide and no CA is
// needed. `name` may be an IP literal, then an iPAddress SAN must match. Name and pins both given:
// both must hold.
struct Identity {
  std::string name;
  std::vector<Pin> pins;
  PostQuantum post_quantum = PostQuantum::prefer;
  PinMode pin_mode = PinMode::enforce;  // report needs a name
  Ocsp ocsp = Ocsp::must_staple;        // of no account without a name: then no CA is believed
  ClockTrust* clock = nullptr;
};

// Which check failed. Enumerators go over the wall as numbers and into log, metrics and EDE as
// words.
enum class FaultKind : std::uint8_t {
  none,
  protocol_version,  // the server does not speak TLS 1.3
  handshake,         // no common group, cipher or signature; malformed or unexpected messages
  alert,             // the server sent a fatal alert
  not_trusted,       // no path to a CA in ca_file
  expired,
  not_yet_valid,
  name_mismatch,
  pin_mismatch,
  certificate_form,  // leaf not version 3, CA as leaf, wrong EKU, malformed, ...
  weak_key,          // key kind or size, SHA-1
  alpn,              // the server selected something other than "dot"
  group,             // post_quantum = "require" and a classical group was negotiated
  record,            // after the handshake: bad MAC, malformed record, too large
  closed_early,      // the server closed before the handshake was complete
  status_missing,    // no stapled OCSP response where one must be
  status_invalid,    // one that is malformed, of another certificate or not signed by its issuer
  status_stale,      // one whose time is over or has not come
  status_unknown,    // the issuer does not know the certificate
  revoked,
  resources,  // out of memory
};
[[nodiscard]] const char* to_string(FaultKind kind);  // "name mismatch"

// `detail` tells what was seen, for one line in the log: the names in the certificate, the pins
// seen, the date of expiry, the issuer that is not trusted, the alert's name. Text of the server's
// is cleaned: printable ASCII, at most 256 octets.
struct Fault {
  FaultKind kind = FaultKind::none;
  std::string detail;
};

// What a completed handshake agreed on; for logs, `check --live` and `pin`.
struct Summary {
  std::string group;   // "X25519MLKEM768"
  std::string cipher;  // "TLS_AES_128_GCM_SHA256"
  std::string alpn;    // "dot" or empty
  bool resumed = false;
};

// One certificate of what the server presented, leaf first.
struct PresentedCertificate {
  std::string subject;  // cleaned, RFC 4514 form, at most 256 octets
  std::string issuer;
  std::string not_after;  // "2027-01-31"
  Pin pin{};
  bool in_verified_path = false;
};

// Trust anchors, shared by all sessions of a process. Not copyable.
class Context {
 public:
  // `ca_pem`: PEM bundle; may be empty when every Identity is pins only. The number of anchors that
  // were understood is `anchors()`; a bundle with none is an error that says so. Call before the
  // seal: it reads nothing but memory but allocates the bundle.
  [[nodiscard]] static std::expected<Context, std::string> create(std::string_view ca_pem);
  Context(Context&&) noexcept;
  Context& operator=(Context&&) noexcept;
  ~Context();
  [[nodiscard]] std::size_t anchors() const;

  struct State;
  [[nodiscard]] State& state() const { return *state_; }

 private:
  explicit Context(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

class Session {
 public:
  enum class Phase : std::uint8_t { handshaking, established, closed, failed };

  // The first flight is ready in output() at once. Fails only for want of memory. `context` and
  // `identity` must outlive the session. Wall-clock time for validity is time(2) at the moment of
  // the check. `ticket`, of an earlier session with the same server, is used up: it shortens the
  // handshake if it still stands under `identity` and the server takes it, and costs nothing
  // otherwise. There is never early data, and always a new key exchange.
  [[nodiscard]] static std::expected<Session, Fault> client(const Context& context,
                                                            const Identity& identity,
                                                            Ticket ticket = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();  // wipes its secrets

  // Ciphertext from the server. Takes all of it and drives the handshake. False, and nothing taken:
  // with it more than kMaxPendingInput octets would wait unread; read() first. Once established the
  // octets are only kept here: read() opens records, so call it until it gives 0 and then look at
  // phase().
  bool feed(Octets ciphertext);

  // The server's TCP stream ended.
  void feed_end();

  [[nodiscard]] Phase phase() const;
  [[nodiscard]] const Fault& fault() const;  // when failed

  // Ciphertext to be sent, in order. consume(n) after n octets of it were sent.
  [[nodiscard]] Octets output() const;
  void consume_output(std::size_t count);

  // One call is one TLS record (at most kMaxRecordPlaintext octets; more is refused, as is anything
  // before `established`). False when refused or failed.
  bool write(Octets plaintext);

  // Plaintext received so far, as much as fits; 0 when there is none now.
  [[nodiscard]] std::size_t read(MutableOctets out);

  // Whether a ticket was offered in the first flight.
  [[nodiscard]] bool resuming() const;
  // The ticket that came last, once; read() is what notices them. Empty when none came.
  [[nodiscard]] Ticket take_ticket();

  // Queues a close_notify. Nothing waits for the server's.
  void close();

  [[nodiscard]] Summary summary() const;  // once established
  [[nodiscard]] std::vector<PresentedCertificate> presented()
      const;  // also after an authentication fault
  // When the leaf expires, seconds since the epoch; 0 if unknown.
  [[nodiscard]] std::int64_t leaf_not_after() const;
  // Which of the identity's pins has a key of the verified path: the lowest number, or -1.
  [[nodiscard]] int matched_pin() const;
  // With PinMode::report: the pins seen, where none of them matched; else empty.
  [[nodiscard]] const std::string& unpinned() const;
  // A pin was believed whatever the dates say, because the clock may be wrong.
  [[nodiscard]] bool undated() const;

  struct State;

 private:
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

inline constexpr std::size_t kMaxRecordPlaintext = 16384;  // RFC 8446 section 5.1
inline constexpr std::size_t kMaxPendingInput = 262144;    // several of the largest replies

}  // namespace dotkeep::tls

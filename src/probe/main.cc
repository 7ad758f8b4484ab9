// dotkeep-probe REPORT LABEL NAME POLICY [PIN in hex]...: one handshake, and a resumed one after
// it, sealed, for `dotkeep check --live` and `dotkeep pin`. POLICY is four digits: post_quantum,
// pin_mode and ocsp as numbers, and whether there is a second connection to resume on. Prints what
// it saw; exit 0 when the server proved to be who it should be.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/memfd.h"
#include "base/time.h"
#include "ipc/tool_descriptors.h"
#include "policy/policies.h"
#include "sandbox/sandbox.h"
#include "tls/pin.h"
#include "tls/session.h"

namespace {

using namespace dotkeep;

constexpr Duration kHandshakeTime = std::chrono::seconds(5);
constexpr Duration kTicketTime = std::chrono::seconds(1);
constexpr std::size_t kMaxTrust = 4U << 20;
constexpr std::size_t kMemory = 32U << 20;  // the CA bundle's anchors and one session

void say(const std::string& text) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const ssize_t n = ::write(STDOUT_FILENO, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return;
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

bool parse_hex(std::string_view text, tls::Pin& pin) {
  if (text.size() != 2 * pin.size()) return false;
  for (std::size_t i = 0; i < pin.size(); ++i) {
    const char* at = text.data() + 2 * i;
    const auto [end, error] = std::from_chars(at, at + 2, pin[i], 16);
    if (error != std::errc{} || end != at + 2) return false;
  }
  return true;
}

// Moves octets between socket and session once, waiting until `deadline` at most. False: time is
// up.
bool move_octets(tls::Session& session, int fd, Time deadline) {
  static std::array<std::uint8_t, 16384> octets{};
  while (!session.output().empty()) {
    const Octets out = session.output();
    const ssize_t n = ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
    if (n < 0) break;
    session.consume_output(static_cast<std::size_t>(n));
  }
  const Duration left = deadline - monotonic_now();
  if (left <= Duration::zero()) return false;
  pollfd wait{fd, static_cast<short>(session.output().empty() ? POLLIN : POLLIN | POLLOUT), 0};
  const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
  if (::poll(&wait, 1, static_cast<int>(ms)) <= 0) return true;
  const ssize_t n = ::recv(fd, octets.data(), octets.size(), MSG_DONTWAIT);
  if (n > 0) {
    session.feed(Octets(octets).first(static_cast<std::size_t>(n)));
  } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
    session.feed_end();
  }
  return true;
}

// Until the handshake is decided; how long that took. Nothing: time is up.
std::optional<Duration> shake_hands(tls::Session& session, int fd) {
  const Time begun = monotonic_now();
  while (session.phase() == tls::Session::Phase::handshaking) {
    if (!move_octets(session, fd, begun + kHandshakeTime)) return std::nullopt;
  }
  const Duration took = monotonic_now() - begun;
  while (!session.output().empty()) {  // our Finished, or an alert
    const ssize_t n = ::send(fd, session.output().data(), session.output().size(), MSG_NOSIGNAL);
    if (n < 0) break;
    session.consume_output(static_cast<std::size_t>(n));
  }
  return took;
}

// The ticket that a server sends after its handshake, if it does.
tls::Ticket wait_for_ticket(tls::Session& session, int fd) {
  const Time deadline = monotonic_now() + kTicketTime;
  std::array<std::uint8_t, 64> nothing{};
  while (session.phase() == tls::Session::Phase::established) {
    static_cast<void>(session.read(nothing));
    if (tls::Ticket ticket = session.take_ticket()) return ticket;
    if (!move_octets(session, fd, deadline)) break;
  }
  return {};
}

std::string milliseconds(Duration time) {
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(time).count();
  return std::to_string(us / 1000) + "." + std::to_string(us / 100 % 10) + " ms";
}

// How the second handshake went, in a few words.
std::string resumed(const tls::Context& context, const tls::Identity& identity,
                    tls::Session& first) {
  tls::Ticket ticket = wait_for_ticket(first, probe::kSocketFd);
  if (!ticket) return "no ticket to resume with";
  auto second = tls::Session::client(context, identity, std::move(ticket));
  if (!second || !second->resuming()) return "its ticket cannot be used";
  const auto took = shake_hands(*second, probe::kAgainFd);
  if (!took || second->phase() != tls::Session::Phase::established) {
    return "resuming failed" +
           (second->fault().detail.empty() ? "" : ": " + second->fault().detail);
  }
  if (!second->summary().resumed)
    return "its ticket was refused, in full again " + milliseconds(*took);
  return "resumed " + milliseconds(*took);
}

// By what it was proven.
std::string proof(const tls::Session& session, const tls::Identity& identity) {
  std::string text = "  verified";
  if (!identity.name.empty()) text += ", name " + identity.name;
  const int pin = session.matched_pin();
  if (pin >= 0) {
    text += ", pin " + std::to_string(pin + 1) + " of " + std::to_string(identity.pins.size()) +
            (pin == 0 ? " (active)" : " (backup)");
  } else if (!session.unpinned().empty()) {
    text += "\n  WARNING: no pin matches, which pin_mode = \"report\" lets pass; seen " +
            session.unpinned();
  }
  return text + "\n";
}

std::string chain(const tls::Session& session, const tls::Identity& identity, bool to_paste,
                  bool proven) {
  std::string text;
  int depth = 0;
  for (const tls::PresentedCertificate& certificate : session.presented()) {
    const bool matched = std::find(identity.pins.begin(), identity.pins.end(), certificate.pin) !=
                         identity.pins.end();
    text += "  certificate " + std::to_string(depth++) + ": " + certificate.subject +
            "\n    issued by " + certificate.issuer + ", expires " + certificate.not_after +
            (certificate.in_verified_path ? ", in the verified path" : ", not in a verified path") +
            "\n    pin " + tls::pin_to_text(certificate.pin) + (matched ? "  <- configured" : "") +
            "\n";
  }
  if (!to_paste || depth == 0) return text;
  text += "\n  pins = [";
  text += proven ? "\n" : "  # NOT verified: first compare them with what the operator says\n";
  for (const tls::PresentedCertificate& certificate : session.presented()) {
    text += "    \"" + tls::pin_to_text(certificate.pin) + "\",  # " + certificate.subject + "\n";
  }
  return text + "  ]\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 64;
  const bool to_paste = std::string_view(argv[1]) == "pin";
  const std::string label = argv[2];
  tls::Identity identity;
  identity.name = argv[3];
  const std::string_view policy = argv[4];
  if (policy.size() != 4) return 64;
  identity.post_quantum = static_cast<tls::PostQuantum>(policy[0] - '0');
  identity.pin_mode = static_cast<tls::PinMode>(policy[1] - '0');
  identity.ocsp = static_cast<tls::Ocsp>(policy[2] - '0');
  const bool again = policy[3] == '1';
  for (int i = 5; i < argc; ++i) {
    tls::Pin pin{};
    if (!parse_hex(argv[i], pin)) return 64;
    identity.pins.push_back(pin);
  }
  const std::array<int, 3> given = {probe::kTrustFd, probe::kSocketFd, probe::kAgainFd};
  const auto only_given = sandbox::keep_only(std::span(given).first(again ? 3 : 2));
  const auto pem = read_whole(probe::kTrustFd, kMaxTrust);
  if (!only_given || !pem) return 69;
  if (!sandbox::reserve_memory(kMemory)) return 71;
  const auto context = tls::Context::create(*pem);
  if (!context) {
    say(label + "\n  CA certificates: " + context.error() + "\n");
    return 78;
  }
  auto session = tls::Session::client(*context, identity);
  const auto sealed = sandbox::seal(policy::kProbe, *only_given);
  if (!session || !sealed) return 77;

  const auto took = shake_hands(*session, probe::kSocketFd);
  std::string text = label + "\n";
  const bool proven = session->phase() == tls::Session::Phase::established;
  if (proven) {
    const tls::Summary summary = session->summary();
    text += proof(*session, identity) + "  TLS 1.3, " + summary.group + ", " + summary.cipher +
            (summary.alpn.empty() ? ", no ALPN" : ", ALPN " + summary.alpn) + ", handshake " +
            milliseconds(took.value_or(Duration::zero()));
    if (again) text += ", " + resumed(*context, identity, *session);
    text += "\n";
  } else if (!took) {
    text += "  NOT verified: no TLS handshake within 5 s\n";
  } else {
    text += "  NOT verified: " + std::string(tls::to_string(session->fault().kind)) +
            (session->fault().detail.empty() ? "" : ": " + session->fault().detail) + "\n";
  }
  say(text + chain(*session, identity, to_paste, proven));
  return proven ? 0 : 1;
}

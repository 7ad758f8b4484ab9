// dotkeep-probe REPORT LABEL NAME POST_QUANTUM [PIN in hex]...: one handshake, sealed, for `dotkeep
// check --live` and `dotkeep pin`. Prints what it saw; exit 0 when the server proved to be who it
// should be.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string>
#include <string_view>

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

// Moves octets between socket and session until the handshake is decided or time is up.
bool shake_hands(tls::Session& session, Time deadline) {
  std::array<std::uint8_t, 16384> octets{};
  while (true) {
    while (!session.output().empty()) {
      const Octets out = session.output();
      const ssize_t n = ::send(probe::kSocketFd, out.data(), out.size(), MSG_NOSIGNAL);
      if (n < 0) break;
      session.consume_output(static_cast<std::size_t>(n));
    }
    if (session.phase() != tls::Session::Phase::handshaking) return true;
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero()) return false;
    pollfd wait{probe::kSocketFd,
                static_cast<short>(session.output().empty() ? POLLIN : POLLIN | POLLOUT), 0};
    const auto ms = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    if (::poll(&wait, 1, static_cast<int>(ms)) <= 0) continue;
    const ssize_t n = ::recv(probe::kSocketFd, octets.data(), octets.size(), MSG_DONTWAIT);
    if (n > 0) {
      session.feed(Octets(octets).first(static_cast<std::size_t>(n)));
    } else if (n == 0 || (errno != EAGAIN && errno != EINTR)) {
      session.feed_end();
    }
  }
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
  identity.post_quantum = static_cast<tls::PostQuantum>(argv[4][0] - '0');
  for (int i = 5; i < argc; ++i) {
    tls::Pin pin{};
    if (!parse_hex(argv[i], pin)) return 64;
    identity.pins.push_back(pin);
  }
  const std::array<int, 2> given = {probe::kTrustFd, probe::kSocketFd};
  const auto only_given = sandbox::keep_only(given);
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

  const Time begun = monotonic_now();
  const bool decided = shake_hands(*session, begun + kHandshakeTime);
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(monotonic_now() - begun).count();
  std::string text = label + "\n";
  const bool proven = session->phase() == tls::Session::Phase::established;
  if (proven) {
    const tls::Summary summary = session->summary();
    text += "  verified" + std::string(identity.name.empty() ? "" : ", name " + identity.name) +
            (identity.pins.empty() ? "" : ", pin") + "\n  TLS 1.3, " + summary.group + ", " +
            summary.cipher + (summary.alpn.empty() ? ", no ALPN" : ", ALPN " + summary.alpn) +
            ", handshake " + std::to_string(took / 1000) + "." + std::to_string(took / 100 % 10) +
            " ms\n";
  } else if (!decided) {
    text += "  NOT verified: no TLS handshake within 5 s\n";
  } else {
    text += "  NOT verified: " + std::string(tls::to_string(session->fault().kind)) +
            (session->fault().detail.empty() ? "" : ": " + session->fault().detail) + "\n";
  }
  say(text + chain(*session, identity, to_paste, proven));
  return proven ? 0 : 1;
}

// A client session and a server that says anything, in pieces of any size. It must never come to
// believe it, never send more than it may, and after a fault send nothing but an alert.
//
// Input: one octet that chooses the identity, then pieces: one octet of length (0: the stream
// ends), that many octets.
#include <array>
#include <vector>

#include "fuzz.h"
#include "tls/session.h"

namespace {

using dotkeep::Octets;
using dotkeep::tls::Session;

const dotkeep::tls::Context& context() {
  static const dotkeep::tls::Context one = *dotkeep::tls::Context::create("");
  return one;
}

const std::array<dotkeep::tls::Identity, 4>& identities() {
  using dotkeep::tls::PostQuantum;
  static const std::array<dotkeep::tls::Identity, 4> list = {{
      {"dns.example.net", {}, PostQuantum::prefer},
      {"dns.example.net", {}, PostQuantum::off},
      {"", {dotkeep::tls::Pin{1}}, PostQuantum::require},
      {"192.0.2.1", {dotkeep::tls::Pin{1}}, PostQuantum::off},
  }};
  return list;
}

void check(Session& session) {
  std::array<std::uint8_t, 64> buffer{};
  FUZZ_CHECK(session.phase() != Session::Phase::established);
  FUZZ_CHECK(!session.write(buffer));
  FUZZ_CHECK(session.read(buffer) == 0);
  FUZZ_CHECK(session.output().size() < 8192);
  if (session.phase() == Session::Phase::failed) {
    const Octets output = session.output();
    FUZZ_CHECK(output.empty() || (output.size() == 7 && output[0] == 21) ||
               (output.size() == 24 && output[0] == 23));
    FUZZ_CHECK(session.fault().kind != dotkeep::tls::FaultKind::none);
    FUZZ_CHECK(session.fault().detail.size() <= 256);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  auto session = Session::client(context(), identities()[data[0] % 4]);
  FUZZ_CHECK(session.has_value());
  FUZZ_CHECK(session->output().size() > 100);
  session->consume_output(session->output().size());
  Octets rest(data + 1, size - 1);
  while (!rest.empty() && session->phase() == Session::Phase::handshaking) {
    const std::size_t wanted = rest[0];
    rest = rest.subspan(1);
    const std::size_t piece = wanted < rest.size() ? wanted : rest.size();
    if (wanted == 0) {
      session->feed_end();
    } else {
      FUZZ_CHECK(session->feed(rest.first(piece)));
    }
    rest = rest.subspan(piece);
    check(*session);
  }
  static_cast<void>(session->presented());
  session->close();
  return 0;
}

// One certificate, or a PEM bundle of them, from a stranger. Everything a check looks at must lie
// inside the input, and everything shown to people must be short and printable.
#include "tls/certificate.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "fuzz.h"
#include "tls/anchors.h"
#include "tls/crypto.h"
#include "tls/host_name.h"
#include "tls/leaf_check.h"
#include "tls/name_constraints.h"
#include "tls/text.h"

namespace {

using dotkeep::Octets;
using namespace std::string_view_literals;

void inside(Octets view, Octets whole) {
  FUZZ_CHECK(view.empty() || (view.data() >= whole.data() &&
                              view.data() + view.size() <= whole.data() + whole.size()));
}

void shown(std::string_view text) {
  FUZZ_CHECK(text.size() <= dotkeep::tls::kMaxText);
  FUZZ_CHECK(std::ranges::all_of(text, [](char c) { return c >= 0x20 && c < 0x7f; }));
}

void one(Octets der) {
  const auto parsed = dotkeep::tls::parse_certificate(der);
  if (!parsed) {
    shown(parsed.error());
    return;
  }
  const dotkeep::tls::Certificate& certificate = *parsed;
  FUZZ_CHECK(certificate.whole.size() == der.size());
  for (const Octets view :
       {certificate.tbs, certificate.serial, certificate.signature, certificate.issuer,
        certificate.subject, certificate.spki, certificate.key.key, certificate.key.exponent}) {
    inside(view, der);
  }
  FUZZ_CHECK(certificate.not_before <= 253402300799 && certificate.not_after <= 253402300799);
  FUZZ_CHECK(!certificate.extensions.path_length || certificate.extensions.ca);
  if (certificate.extensions.san) {
    dotkeep::tls::Der names = *certificate.extensions.san;
    while (const auto name = next_general_name(names)) inside(name->content, der);
    FUZZ_CHECK(names.empty());
  }
  // A '*' in what is asked for never matches anything.
  FUZZ_CHECK(!covers(certificate, "*.example.net"sv));
  static_cast<void>(covers(certificate, "dns.example.net"sv));
  static_cast<void>(covers(certificate, "2001:db8::1"sv));
  static_cast<void>(within_constraints(certificate, certificate));
  static_cast<void>(check_leaf_form(certificate));
  if (der.size() % 8 == 0) {  // costs a thousand times the parse
    static_cast<void>(check_signature(certificate, certificate.key));
  }
  shown(dotkeep::tls::name_text(certificate.subject));
  shown(dotkeep::tls::name_text(certificate.issuer));
  shown(dotkeep::tls::san_text(certificate));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size != 0 && data[0] == '-') {
    std::string_view pem(reinterpret_cast<const char*>(data), size);
    std::vector<std::uint8_t> der;
    while (dotkeep::tls::next_pem(pem, der)) {
      FUZZ_CHECK(der.size() <= dotkeep::tls::kMaxCertificate);
      one(der);
    }
    return 0;
  }
  one({data, size});
  return 0;
}

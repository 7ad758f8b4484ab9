// A stapled OCSP response from a stranger. Every view must lie inside the input; and whatever it
// says, without a signature it is neither good nor revoked.
#include "tls/ocsp.h"

#include "fuzz.h"

namespace {

using dotkeep::Octets;

void inside(Octets view, Octets whole) {
  FUZZ_CHECK(view.empty() || (view.data() >= whole.data() &&
                              view.data() + view.size() <= whole.data() + whole.size()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace dotkeep::tls;
  const Octets der(data, size);
  const auto parsed = parse_ocsp_response(der);
  if (parsed) {
    inside(parsed->tbs, der);
    inside(parsed->signature, der);
    FUZZ_CHECK(parsed->single_count >= 1 && parsed->single_count <= kMaxSingles);
    FUZZ_CHECK(parsed->certificate_count <= kMaxResponderCerts);
    for (std::size_t i = 0; i < parsed->single_count; ++i) {
      inside(parsed->singles[i].serial, der);
      inside(parsed->singles[i].issuer_name_hash, der);
      inside(parsed->singles[i].issuer_key_hash, der);
    }
    for (std::size_t i = 0; i < parsed->certificate_count; ++i) {
      inside(parsed->certificates[i], der);
    }
  }
  Certificate leaf;
  leaf.serial = parsed ? parsed->singles[0].serial : Octets{};
  const Certificate issuer;  // whose key has signed nothing
  const Fault required = check_status(der, leaf, issuer, Ocsp::require, 1'800'000'000);
  FUZZ_CHECK(required.kind == (size == 0 ? FaultKind::status_missing : FaultKind::status_invalid));
  FUZZ_CHECK(check_status(der, leaf, issuer, Ocsp::must_staple, 1'800'000'000).kind ==
             FaultKind::none);
  return 0;
}

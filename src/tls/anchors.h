// Trust anchors: the CA certificates of ca_file, owned.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tls/certificate.h"

namespace dotkeep::tls {

class Anchors {
 public:
  // False when it is not a CA certificate of version 3 with a strong key; an end certificate in
  // ca_file anchors nothing (pin it instead).
  bool add(Octets der);

  [[nodiscard]] std::size_t size() const { return certificates_.size(); }
  [[nodiscard]] std::span<const Certificate> all() const { return certificates_; }

 private:
  std::vector<std::vector<std::uint8_t>> octets_;  // what the views below point into
  std::vector<Certificate> certificates_;
};

// The next block "CERTIFICATE" of a PEM bundle (RFC 7468): decoded into `out`, and `pem` moved past
// it. False when there is no more. Text between blocks and blocks of other kinds are passed over;
// a block that is not base64, or too large, leaves `out` empty.
bool next_pem(std::string_view& pem, std::vector<std::uint8_t>& out);

}  // namespace dotkeep::tls

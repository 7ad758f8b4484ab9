// The parameters of SVCB and HTTPS records (RFC 9460).
#include <algorithm>

#include "dns/rdata_fields.h"

namespace dotkeep::dns {
namespace {

// SvcParamKeys whose values have a form that we know (RFC 9460 section 14.3.2, RFC 9461 section 5).
enum SvcParamKey : std::uint16_t {
  kMandatory = 0,
  kAlpn = 1,
  kNoDefaultAlpn = 2,
  kPort = 3,
  kIpv4Hint = 4,
  kEch = 5,
  kIpv6Hint = 6,
  kDohPath = 7,
  kInvalidKey = 65535,  // reserved: never valid
};

struct SvcParam {
  std::uint16_t key = 0;
  Octets value;
};

std::optional<SvcParam> next_param(Reader& reader) {
  const auto key = reader.u16();
  const auto size = reader.u16();
  const auto value = size ? reader.take(*size) : std::nullopt;
  if (!value) return std::nullopt;
  return SvcParam{*key, *value};
}

// One or more keys, strictly ascending, not `mandatory` itself.
bool is_key_list(Octets value) {
  if (value.empty() || value.size() % 2 != 0) return false;
  Reader keys(value);
  int last = kMandatory;
  while (const auto key = keys.u16()) {
    if (*key <= last) return false;
    last = *key;
  }
  return true;
}

// One or more protocol identifiers, none of them empty.
bool is_alpn(Octets value) {
  Reader reader(value);
  if (reader.empty()) return false;
  while (!reader.empty()) {
    const auto size = reader.u8();
    if (*size == 0 || !reader.take(*size)) return false;
  }
  return true;
}

bool is_value(const SvcParam& param) {
  const std::size_t size = param.value.size();
  switch (param.key) {
    case kMandatory:
      return is_key_list(param.value);
    case kAlpn:
      return is_alpn(param.value);
    case kNoDefaultAlpn:
      return size == 0;
    case kPort:
      return size == 2;
    case kIpv4Hint:
      return size != 0 && size % 4 == 0;
    case kIpv6Hint:
      return size != 0 && size % 16 == 0;
    case kEch:
    case kDohPath:
      return size != 0;
    case kInvalidKey:
      return false;
    default:
      return true;
  }
}

// Both lists ascend, so one walk through each tells.
bool has_all(Octets params, Octets mandatory) {
  Reader wanted(mandatory);
  Reader present(params);
  while (const auto key = wanted.u16()) {
    for (;;) {
      const auto param = next_param(present);
      if (!param || param->key > *key) return false;
      if (param->key == *key) break;
    }
  }
  return true;
}

}  // namespace

bool is_svc_params(Octets octets) {
  Reader reader(octets);
  int last = -1;
  Octets mandatory;
  bool has_alpn = false;
  while (!reader.empty()) {
    const auto param = next_param(reader);
    if (!param || int{param->key} <= last || !is_value(*param)) return false;
    if (param->key == kMandatory) mandatory = param->value;
    has_alpn = has_alpn || param->key == kAlpn;
    if (param->key == kNoDefaultAlpn && !has_alpn) return false;
    last = param->key;
  }
  return has_all(octets, mandatory);
}

}  // namespace dotkeep::dns

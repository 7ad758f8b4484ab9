#include "dns/rdata.h"

#include <cstring>

#include "dns/case.h"
#include "dns/expand.h"
#include "dns/rdata_fields.h"

namespace dotkeep::dns {
namespace {

// IPSECKEY's gateway types (RFC 4025 section 2.3).
enum Gateway : std::uint8_t {
  kNoGateway = 0,
  kIpv4Gateway = 1,
  kIpv6Gateway = 2,
  kNameGateway = 3
};

// Octets of a field whose length does not depend on what is in it; 0 for the others.
constexpr std::size_t fixed_size(Field field) {
  switch (field) {
    case Field::u8:
    case Field::assigned:
      return 1;
    case Field::u16:
    case Field::type:
      return 2;
    case Field::u32:
    case Field::time:
    case Field::ipv4:
      return 4;
    case Field::eui48:
      return 6;
    case Field::u64:
    case Field::eui64:
      return 8;
    case Field::ipv6:
    case Field::loc:
      return 16;
    default:
      return 0;
  }
}

// The octets of a length-prefixed field at the front, its length included; 0 where it is cut short.
std::size_t prefixed_size(Octets rest) {
  return rest.empty() || rest.size() <= rest[0] ? 0 : rest[0] + std::size_t{1};
}

bool is_strings(Octets rest) {
  do {
    const std::size_t size = prefixed_size(rest);
    if (size == 0) return false;
    rest = rest.subspan(size);
  } while (!rest.empty());
  return true;
}

std::uint8_t gateway_type(Octets before) {
  return before.size() < 2 ? std::uint8_t{kNoGateway} : before[before.size() - 2];
}

constexpr std::size_t gateway_address_size(std::uint8_t type) {
  if (type == kIpv4Gateway) return 4;
  return type == kIpv6Gateway ? 16 : 0;
}

// How many octets at the front of `rest` are the field, or none where they are not of its form.
// Names are not for this.
std::optional<std::size_t> measure(const RdataForm& form, Field field, Octets rest, Octets before) {
  const std::size_t all = rest.size();
  const auto all_if = [all](bool good) { return good ? std::optional(all) : std::nullopt; };
  switch (field) {
    case Field::string:
    case Field::salt:
    case Field::hash:
    case Field::caa_tag: {
      const std::size_t size = prefixed_size(rest);
      if (size == 0 || (field == Field::hash && size == 1)) return std::nullopt;
      if (field == Field::caa_tag && !is_caa_tag(rest.subspan(1, size - 1))) return std::nullopt;
      return size;
    }
    case Field::strings:
      return all_if(is_strings(rest));
    case Field::bitmap:
      return all_if(is_bitmap(rest));
    case Field::apl:
      return all_if(is_apl(rest));
    case Field::svc_params:
      return all_if(is_svc_params(rest));
    case Field::rest:
    case Field::quoted:
      return all_if(all != 0);
    case Field::rest_or_none:
    case Field::quoted_or_none:
      return all;
    case Field::digest: {
      const std::uint8_t algorithm = before.empty() ? std::uint8_t{0} : before.back();
      return all_if(is_digest_size(form.type, algorithm, all));
    }
    case Field::assigned:
      return all != 0 && rest[0] != 0 ? std::optional(std::size_t{1}) : std::nullopt;
    case Field::loc:
      return all_if(is_loc(rest));
    case Field::gateway: {
      const std::size_t size = gateway_address_size(gateway_type(before));
      return size <= all ? std::optional(size) : std::nullopt;
    }
    default: {
      const std::size_t size = fixed_size(field);
      return size <= all ? std::optional(size) : std::nullopt;
    }
  }
}

std::expected<void, ReplyFault> bad_rdata() {
  return std::unexpected(ReplyFault::bad_rdata);
}

}  // namespace

std::size_t field_size(Field field, Octets rest) {
  switch (field) {
    case Field::name: {
      std::size_t size = 0;
      while (rest[size] != 0) size += rest[size] + std::size_t{1};
      return size + 1;
    }
    case Field::string:
    case Field::salt:
    case Field::hash:
    case Field::caa_tag:
      return prefixed_size(rest);
    default: {
      const std::size_t size = fixed_size(field);
      return size != 0 ? size : rest.size();
    }
  }
}

std::expected<void, ReplyFault> copy_rdata(const RdataForm& form, Octets message, std::size_t at,
                                           std::size_t size, Writer& out) {
  const std::size_t begin = at;
  const std::size_t end = at + size;
  std::size_t written = at;  // what lies between names goes out in one piece
  const Pointers pointers = form.names == Names::plain ? Pointers::refuse : Pointers::follow;
  for (const Field field : form.fields) {
    if (field == Field::none) break;
    const Octets before = message.subspan(begin, at - begin);
    if (field == Field::gateway && gateway_type(before) > kNameGateway) return bad_rdata();
    const bool is_name =
        field == Field::name || (field == Field::gateway && gateway_type(before) == kNameGateway);
    if (is_name) {
      ExpandedName name;
      const auto expanded = expand_name(message, at, end, pointers, name);
      if (!expanded) {
        return expanded.error() == ReplyFault::cut_short ? bad_rdata() : expanded;
      }
      out.octets(message.subspan(written, at - written));
      out.octets(name.wire());
      at = written = name.after;
    } else {
      const auto taken = measure(form, field, message.subspan(at, end - at), before);
      if (!taken) return bad_rdata();
      at += *taken;
    }
  }
  if (at != end) return bad_rdata();
  out.octets(message.subspan(written, at - written));
  if (!out.ok()) return std::unexpected(ReplyFault::too_large);
  return {};
}

Octets fold_names(const RdataForm& form, Octets rdata,
                  std::span<std::uint8_t, kMaxCompressible> space) {
  if (form.names != Names::compressed || rdata.size() > space.size()) return rdata;
  std::size_t at = 0;
  for (const Field field : form.fields) {
    if (field == Field::none) break;
    const std::size_t size = field_size(field, rdata.subspan(at));
    if (field == Field::name) {
      copy_lower(rdata.data() + at, size, space.data() + at);
    } else {
      std::memcpy(space.data() + at, rdata.data() + at, size);
    }
    at += size;
  }
  return Octets(space).first(at);
}

}  // namespace dotkeep::dns

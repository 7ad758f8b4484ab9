#include "dns/client_edns.h"

#include <cstring>

#include "dns/edns.h"

namespace dotkeep::dns {
namespace {

// A record of which no more is known than where its parts lie.
struct RawRecord {
  bool owner_is_root = false;
  Type type{};
  std::uint16_t record_class = 0;
  std::uint32_t ttl = 0;
  Octets rdata;
};

// Skips an owner that may end in a compression pointer, which is not followed: only the root would
// be right, and the root is one octet. Returns false where it is no name.
bool skip_owner(Reader& reader) {
  const std::size_t begin = reader.offset();
  while (const auto label = reader.u8()) {
    if (reader.offset() - begin > kMaxName) return false;
    if (*label == 0) return true;
    if (*label >= 0xc0) return reader.u8().has_value();
    if (*label > kMaxLabel || !reader.take(*label)) return false;
  }
  return false;
}

std::expected<RawRecord, RejectionKind> read_record(Reader& reader) {
  if (reader.empty()) return std::unexpected(RejectionKind::truncated);
  const std::size_t begin = reader.offset();
  if (!skip_owner(reader)) return std::unexpected(RejectionKind::bad_name);
  RawRecord record;
  record.owner_is_root = reader.offset() - begin == 1;
  const auto type = reader.u16();
  const auto record_class = reader.u16();
  const auto ttl = reader.u32();
  const auto size = reader.u16();
  const auto rdata = size ? reader.take(*size) : std::nullopt;
  if (!type || !record_class || !ttl || !rdata) return std::unexpected(RejectionKind::truncated);
  record.type = static_cast<Type>(*type);
  record.record_class = *record_class;
  record.ttl = *ttl;
  record.rdata = *rdata;
  return record;
}

// The client's 8 octets, alone or with a server's 8 to 32 (RFC 7873 section 4).
bool is_cookie_size(std::size_t size) {
  return size == 8 || (size >= 16 && size <= sizeof(Cookie::octets));
}

void read_options(Octets rdata, ClientAdditional& found) {
  ClientEdns& edns = *found.edns;
  bool cookie_seen = false;
  bool cookie_bad = false;
  OptionReader options(rdata);
  while (const auto option = options.next()) {
    switch (option->code) {
      case EdnsOption::cookie:
        if (cookie_seen) break;
        cookie_seen = true;
        cookie_bad = !is_cookie_size(option->data.size());
        if (cookie_bad) break;
        edns.cookie.emplace();
        edns.cookie->size = static_cast<std::uint8_t>(option->data.size());
        std::memcpy(edns.cookie->octets.data(), option->data.data(), option->data.size());
        break;
      case EdnsOption::tcp_keepalive:
        edns.asks_keepalive = edns.asks_keepalive || option->data.empty();
        break;
      case EdnsOption::padding:
        edns.asks_padding = true;
        break;
      default:
        break;
    }
  }
  if (options.malformed()) {
    found.edns.reset();
    found.fault = RejectionKind::opt_options;
  } else if (cookie_bad) {
    found.fault = RejectionKind::opt_cookie;
  }
}

}  // namespace

ClientAdditional read_client_additional(Reader& reader, std::uint16_t count) {
  ClientAdditional found;
  if (count == 0) return found;
  const auto fault = [&found](RejectionKind kind) {
    found.fault = kind;
    return found;
  };
  if (count > 2) return fault(RejectionKind::additional_not_opt);
  const auto record = read_record(reader);
  if (!record) return fault(record.error());
  if (count == 2) {
    const auto second = read_record(reader);
    if (!second) return fault(second.error());
    const bool both = record->type == Type::OPT && second->type == Type::OPT;
    return fault(both ? RejectionKind::second_opt : RejectionKind::additional_not_opt);
  }
  if (record->type != Type::OPT) return fault(RejectionKind::additional_not_opt);
  if (!record->owner_is_root) return fault(RejectionKind::opt_owner);
  const Opt opt = Opt::from_fields(record->record_class, record->ttl, record->rdata);
  found.version = opt.version;
  found.edns.emplace();
  found.edns->payload = opt.payload;
  found.edns->dnssec_ok = opt.dnssec_ok;
  read_options(opt.options, found);
  return found;
}

}  // namespace dotkeep::dns

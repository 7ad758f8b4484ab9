#include "dns/edns.h"

namespace dotkeep::dns {
namespace {

constexpr std::uint32_t kDnssecOk = 0x8000;  // DO within the OPT's TTL (RFC 3225)
constexpr std::size_t kRdlengthAt = kOptSize - 2;

}  // namespace

Opt Opt::from_fields(std::uint16_t record_class, std::uint32_t ttl, Octets rdata) {
  return Opt{.payload = record_class,
             .extended_rcode = static_cast<std::uint8_t>(ttl >> 24),
             .version = static_cast<std::uint8_t>(ttl >> 16),
             .dnssec_ok = (ttl & kDnssecOk) != 0,
             .options = rdata};
}

std::optional<Option> OptionReader::next() {
  if (malformed_ || reader_.empty()) return std::nullopt;
  const auto code = reader_.u16();
  const auto size = reader_.u16();
  const auto data = size ? reader_.take(*size) : std::nullopt;
  if (!code || !data || ++count_ > kMaxEdnsOptions) {
    malformed_ = true;
    return std::nullopt;
  }
  return Option{static_cast<EdnsOption>(*code), *data};
}

OptWriter::OptWriter(Writer& out, std::uint16_t payload, Rcode rcode, bool dnssec_ok)
    : out_(&out), begin_(out.size()) {
  const std::uint32_t extended = static_cast<std::uint32_t>(rcode) >> 4;
  out.u8(0);
  out.u16(static_cast<std::uint16_t>(Type::OPT));
  out.u16(payload);
  out.u32(extended << 24 | (dnssec_ok ? kDnssecOk : 0));
  out.u16(0);
}

void OptWriter::option(EdnsOption code, Octets data) {
  out_->u16(static_cast<std::uint16_t>(code));
  out_->u16(static_cast<std::uint16_t>(data.size()));
  out_->octets(data);
}

void OptWriter::padding(std::size_t count) {
  out_->u16(static_cast<std::uint16_t>(EdnsOption::padding));
  out_->u16(static_cast<std::uint16_t>(count));
  out_->zeros(count);
}

void OptWriter::ede(const Ede& ede, std::size_t limit) {
  const std::size_t bare = kOptionHeaderSize + 2;
  const std::size_t room = limit > out_->size() ? limit - out_->size() : 0;
  if (bare > room || bare > out_->remaining()) return;
  std::size_t text = ede.text_size;
  if (bare + text > room || bare + text > out_->remaining()) text = 0;
  out_->u16(static_cast<std::uint16_t>(EdnsOption::extended_error));
  out_->u16(static_cast<std::uint16_t>(2 + text));
  out_->u16(static_cast<std::uint16_t>(ede.code));
  for (std::size_t i = 0; i < text; ++i) out_->u8(static_cast<std::uint8_t>(ede.text[i]));
}

void OptWriter::finish() {
  const std::size_t rdlength = out_->size() - begin_ - kOptSize;
  out_->patch_u16(begin_ + kRdlengthAt, static_cast<std::uint16_t>(rdlength));
}

void write_client_opt(Writer& out, const ClientEdns& edns, Rcode rcode,
                      const ResponseOptions& options, std::span<const Ede> reply_edes,
                      std::size_t limit) {
  OptWriter opt(out, kUdpPayload, rcode, edns.dnssec_ok);
  const auto fits = [&](std::size_t data) {
    return out.size() + kOptionHeaderSize + data <= limit;
  };
  if (options.cookie && fits(options.cookie->size)) {
    opt.option(EdnsOption::cookie, Octets(options.cookie->octets).first(options.cookie->size));
  }
  if (options.keepalive && edns.asks_keepalive && options.transport == Transport::tcp && fits(2)) {
    const std::array<std::uint8_t, 2> timeout{static_cast<std::uint8_t>(*options.keepalive >> 8),
                                              static_cast<std::uint8_t>(*options.keepalive)};
    opt.option(EdnsOption::tcp_keepalive, timeout);
  }
  if (!options.truncate) {
    for (const Ede& ede : reply_edes) opt.ede(ede, limit);
    for (const Ede& ede : options.edes) opt.ede(ede, limit);
  }
  opt.finish();
}

}  // namespace dotkeep::dns

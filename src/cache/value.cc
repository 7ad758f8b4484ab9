#include "cache/value.h"

#include <algorithm>
#include <cstring>

#include "dns/render.h"

namespace dotkeep::cache {
namespace {

constexpr std::uint8_t kAuthentic = 0x10;
constexpr std::size_t kFixed = 6;

std::uint32_t load_u32(const std::uint8_t* at) {
  return static_cast<std::uint32_t>(at[0]) << 24 | static_cast<std::uint32_t>(at[1]) << 16 |
         static_cast<std::uint32_t>(at[2]) << 8 | at[3];
}

void store_u32(std::uint8_t* at, std::uint32_t value) {
  at[0] = static_cast<std::uint8_t>(value >> 24);
  at[1] = static_cast<std::uint8_t>(value >> 16);
  at[2] = static_cast<std::uint8_t>(value >> 8);
  at[3] = static_cast<std::uint8_t>(value);
}

void write_head(Writer& out, bool authentic, dns::Rcode rcode, std::size_t edes,
                std::uint16_t answers, std::uint16_t authorities) {
  out.u8(static_cast<std::uint8_t>((authentic ? kAuthentic : 0) |
                                   (static_cast<unsigned>(rcode) & 0x0f)));
  out.u8(static_cast<std::uint8_t>(edes));
  out.u16(answers);
  out.u16(authorities);
}

void write_edes(Writer& out, std::span<const dns::Ede> edes) {
  for (const dns::Ede& ede : edes) {
    out.u16(static_cast<std::uint16_t>(ede.code));
    out.u8(ede.text_size);
    for (std::size_t i = 0; i < ede.text_size; ++i) {
      out.u8(static_cast<std::uint8_t>(ede.text[i]));
    }
  }
}

// The name at the front of a body that we rendered.
bool skip_name(Reader& reader) {
  for (;;) {
    const auto length = reader.u8();
    if (!length) return false;
    if (*length == 0) return true;
    if (*length >= 0xc0) return reader.u8().has_value();
    if (!reader.take(*length)) return false;
  }
}

// Goes through the records of a body, notes where TTLs are and makes them what they shall be.
class TtlWalk {
 public:
  TtlWalk(dns::Type asked, const dns::Reply& reply, const Limits& limits)
      : asked_(asked), reply_(&reply), limits_(limits) {}

  // False: the body is not what was expected.
  bool run(MutableOctets body, Writer& offsets) {
    Reader reader(body);
    for (unsigned i = 0; i < reply_->answers + 0U + reply_->authorities; ++i) {
      if (!skip_name(reader)) return false;
      const auto type = reader.u16();
      if (!type || !reader.u16()) return false;
      const std::size_t at = reader.offset();
      const auto ttl = reader.u32();
      const auto size = reader.u16();
      const auto rdata = size ? reader.take(*size) : std::nullopt;
      if (!ttl || !rdata) return false;
      offsets.u16(static_cast<std::uint16_t>(at));
      store_u32(&body[at], note(i < reply_->answers, static_cast<dns::Type>(*type), *ttl, *rdata));
    }
    return reader.empty();
  }

  [[nodiscard]] bool answered() const { return answered_; }
  [[nodiscard]] Seconds lifetime() const {
    // RFC 2308 section 5: without an SOA a negative answer should not be kept.
    if (!answered_ && !has_soa_) return 0;
    // So rarely asked for that it need not be kept.
    if (reply_->rcode == dns::Rcode::yxdomain) return 0;
    return lifetime_;
  }

 private:
  Seconds note(bool answer, dns::Type type, Seconds ttl, Octets rdata) {
    if (answer && type == asked_) answered_ = true;
    const bool negative = reply_->rcode != dns::Rcode::noerror || !answered_;
    if (!answer && type == dns::Type::SOA && negative && rdata.size() >= 4) {
      has_soa_ = true;
      ttl = std::min({ttl, load_u32(&rdata[rdata.size() - 4]), kMaxNegative});
    }
    ttl = std::clamp(ttl, limits_.min_ttl, std::max(limits_.min_ttl, limits_.max_ttl));
    lifetime_ = std::min(lifetime_, ttl);
    return ttl;
  }

  dns::Type asked_;
  const dns::Reply* reply_;
  Limits limits_;
  bool answered_ = false;
  bool has_soa_ = false;
  Seconds lifetime_ = UINT32_MAX;
};

}  // namespace

std::optional<Value> Value::view(Octets octets) {
  if (octets.size() < kFixed) return std::nullopt;
  Value value;
  value.authentic = (octets[0] & kAuthentic) != 0;
  value.rcode = static_cast<dns::Rcode>(octets[0] & 0x0f);
  value.ede_count = octets[1];
  value.answers = static_cast<std::uint16_t>(octets[2] << 8 | octets[3]);
  value.authorities = static_cast<std::uint16_t>(octets[4] << 8 | octets[5]);
  Octets rest = octets.subspan(kFixed);
  const std::size_t ttls = 2 * (value.answers + std::size_t{value.authorities});
  if (ttls > rest.size() || value.ede_count > dns::kMaxEdes) return std::nullopt;
  value.ttls = rest.first(ttls);
  rest = rest.subspan(ttls);
  std::size_t edes = 0;
  for (int i = 0; i < value.ede_count; ++i) {
    if (edes + 3 > rest.size()) return std::nullopt;
    edes += 3 + std::size_t{rest[edes + 2]};
  }
  if (edes > rest.size()) return std::nullopt;
  value.edes = rest.first(edes);
  value.body = rest.subspan(edes);
  return value;
}

std::size_t Value::read_edes(std::span<dns::Ede, dns::kMaxEdes> out) const {
  Reader reader(edes);
  std::size_t count = 0;
  while (count < out.size()) {
    const auto code = reader.u16();
    const auto size = reader.u8();
    const auto text = size ? reader.take(*size) : std::nullopt;
    if (!code || !text || text->size() > out[count].text.size()) break;
    dns::Ede& ede = out[count++];
    ede.code = static_cast<dns::ExtendedError>(*code);
    ede.text_size = *size;
    if (!text->empty()) std::memcpy(ede.text.data(), text->data(), text->size());
  }
  return count;
}

Packer::Packer() : memory_(std::make_unique_for_overwrite<Memory>()) {}

std::optional<Packed> Packer::pack(const dns::Question& asked, const dns::Reply& reply,
                                   const Limits& limits) {
  dns::Query query;
  query.question = asked;
  dns::ResponseOptions options;
  options.transport = dns::Transport::tcp;
  const std::size_t size = dns::render_response(query, reply, options, memory_->message);
  constexpr std::uint8_t kTruncated = 2;
  if (size == 0 || (memory_->message[2] & kTruncated) != 0) return std::nullopt;
  const std::size_t question = dns::kHeaderSize + asked.name.size() + 4;
  const MutableOctets body = MutableOctets(memory_->message).subspan(question, size - question);

  Writer out(memory_->packed);
  write_head(out, reply.authentic_data, reply.rcode, reply.ede_count, reply.answers,
             reply.authorities);
  TtlWalk walk(asked.type, reply, limits);
  if (!walk.run(body, out)) return std::nullopt;
  write_edes(out, std::span(reply.edes).first(reply.ede_count));
  out.octets(body);
  if (!out.ok()) return std::nullopt;
  return Packed{.octets = out.written(),
                .lifetime = walk.lifetime(),
                .no_such_name = reply.rcode == dns::Rcode::nxdomain && reply.answers == 0,
                .positive = walk.answered() && reply.rcode == dns::Rcode::noerror};
}

Packed Packer::pack_failure(std::span<const dns::Ede> why) {
  Writer out(memory_->packed);
  const std::size_t count = std::min(why.size(), dns::kMaxEdes);
  write_head(out, false, dns::Rcode::servfail, count, 0, 0);
  write_edes(out, why.first(count));
  return {.octets = out.written()};
}

}  // namespace dotkeep::cache

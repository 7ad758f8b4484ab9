// The answer to a client from a reply that was believed.
#include <algorithm>
#include <array>

#include "dns/compress.h"
#include "dns/edns.h"
#include "dns/header.h"
#include "dns/rdata.h"
#include "dns/render.h"

namespace dotkeep::dns {
namespace {

// Memory of the compressor, zeroed for each response: for what fits in a datagram, and for the
// rest.
constexpr std::size_t kFewSuffixes = 256;
constexpr std::size_t kManySuffixes = 8192;
// A reply of this size has fewer names than kFewSuffixes has room for.
constexpr std::size_t kSmallReply = 2048;

class RecordWriter {
 public:
  RecordWriter(std::span<std::uint32_t> slots, Writer& out) : names_(slots, out), out_(out) {}

  void question(const Question& question) {
    names_.write(question.name.wire());
    out_.u16(static_cast<std::uint16_t>(question.type));
    out_.u16(kClassIn);
  }

  void record(const Record& record) {
    owner(record.owner);
    out_.u16(static_cast<std::uint16_t>(record.type));
    out_.u16(kClassIn);
    out_.u32(record.ttl);
    const RdataForm& form = form_of(record.type);
    if (form.names != Names::compressed) {
      out_.u16(static_cast<std::uint16_t>(record.rdata.size()));
      out_.octets(record.rdata);
      return;
    }
    out_.u16(0);
    const std::size_t begin = out_.size();
    rdata(form, record.rdata);
    out_.patch_u16(begin - 2, static_cast<std::uint16_t>(out_.size() - begin));
  }

 private:
  // The records of an RRset follow each other: the second and on point where the first did.
  void owner(Octets name) {
    if (last_pointer_ != 0 && std::ranges::equal(name, last_owner_)) {
      out_.u16(last_pointer_);
      return;
    }
    const std::size_t at = out_.size();
    names_.write(name);
    const Octets written = out_.written().subspan(at);
    last_pointer_ = 0;
    if (written.size() == 2 && written[0] >= 0xc0) {
      last_pointer_ = static_cast<std::uint16_t>(written[0] << 8 | written[1]);
    } else if (at < 0x4000 && name.size() > 2) {
      last_pointer_ = static_cast<std::uint16_t>(0xc000 | at);
    }
    last_owner_ = name;
  }

  void rdata(const RdataForm& form, Octets rdata) {
    std::size_t at = 0;
    for (const Field field : form.fields) {
      if (field == Field::none) return;
      const std::size_t size = field_size(field, rdata.subspan(at));
      if (field == Field::name) {
        names_.write(rdata.subspan(at, size));
      } else {
        out_.octets(rdata.subspan(at, size));
      }
      at += size;
    }
  }

  Compressor names_;
  Writer& out_;
  Octets last_owner_;
  std::uint16_t last_pointer_ = 0;
};

// What the OPT needs in any case; only Extended DNS Errors give way to records.
std::size_t opt_size(const ClientEdns& edns, const ResponseOptions& options) {
  std::size_t size = kOptSize;
  if (options.cookie) size += kOptionHeaderSize + options.cookie->size;
  if (options.keepalive && edns.asks_keepalive) size += kOptionHeaderSize + 2;
  return size;
}

Header header_for(const Query& query, const Reply& reply, bool truncated) {
  const bool understands_ad = query.authentic_data || (query.edns && query.edns->dnssec_ok);
  return Header{
      .id = query.id,
      .flags = static_cast<std::uint16_t>(
          kFlagResponse | kFlagRecursionAvailable | rcode_bits(reply.rcode) |
          flag_if(query.recursion_desired, kFlagRecursionDesired) |
          flag_if(query.checking_disabled, kFlagCheckingDisabled) |
          flag_if(truncated, kFlagTruncated) |
          flag_if(!truncated && reply.authentic_data && understands_ad, kFlagAuthenticData)),
      .questions = 1,
      .answers = truncated ? std::uint16_t{0} : reply.answers,
      .authorities = truncated ? std::uint16_t{0} : reply.authorities,
      .additionals = static_cast<std::uint16_t>(query.edns ? 1 : 0)};
}

// Header, question and records in at most `limit` octets; whether they fit.
bool write_records(const Query& query, const Reply& reply, std::span<std::uint32_t> slots,
                   Writer& out, std::size_t limit) {
  header_for(query, reply, false).write(out);
  RecordWriter writer(slots, out);
  writer.question(query.question);
  RecordReader records(reply.packed);
  while (const auto record = records.next()) {
    writer.record(*record);
    if (!out.ok() || out.size() > limit) return false;
  }
  return out.ok() && out.size() <= limit;
}

std::size_t render(const Query& query, const Reply& reply, const ResponseOptions& options,
                   std::span<std::uint32_t> slots, MutableOctets out) {
  Writer message(out);
  const std::size_t reserved = query.edns ? opt_size(*query.edns, options) : 0;
  const bool fits = !options.truncate && out.size() >= reserved &&
                    write_records(query, reply, slots, message, out.size() - reserved);
  if (!fits) {
    message.rewind(0);
    header_for(query, reply, true).write(message);
    write_question(message, query.question);
  }
  if (query.edns) {
    write_client_opt(message, *query.edns, reply.rcode, options,
                     std::span(reply.edes).first(reply.ede_count), out.size());
  }
  return message.ok() ? message.size() : 0;
}

// Apart, so that only what needs the large table pays for its zeros.
[[gnu::noinline]] std::size_t render_large(const Query& query, const Reply& reply,
                                           const ResponseOptions& options, MutableOctets out) {
  std::array<std::uint32_t, kManySuffixes> slots{};
  return render(query, reply, options, slots, out);
}

}  // namespace

std::size_t render_response(const Query& query, const Reply& reply, const ResponseOptions& options,
                            MutableOctets out) {
  const std::size_t limit = response_limit(query.edns, options.transport);
  if (out.size() > limit) out = out.first(limit);
  if (reply.packed.size() > kSmallReply) return render_large(query, reply, options, out);
  std::array<std::uint32_t, kFewSuffixes> slots{};
  return render(query, reply, options, slots, out);
}

}  // namespace dotkeep::dns

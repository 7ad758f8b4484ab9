// check_reply beside libknot, a parser that is not ours. What we render, it must parse to the same
// records; what we keep, it must have found in the message. Where the two judge a message
// differently, the difference must be one that is explained here.
extern "C" {  // its headers are C and do not say so
#include <libknot/libknot.h>
}

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "dns/name_view.h"
#include "dns/rdata.h"
#include "dns/render.h"
#include "dns/reply.h"
#include "fuzz.h"

namespace dotkeep::dns {
namespace {

struct FreePacket {
  void operator()(knot_pkt_t* packet) const { knot_pkt_free(packet); }
};

// A message as libknot reads it; the octets are a copy, since it may change them.
class Independent {
 public:
  explicit Independent(Octets message)
      : octets_(message.begin(), message.end()),
        packet_(knot_pkt_new(octets_.data(), static_cast<std::uint16_t>(octets_.size()), nullptr)) {
    FUZZ_CHECK(packet_ != nullptr);
    status_ = knot_pkt_parse(packet_.get(), KNOT_PF_NOCANON);
  }

  [[nodiscard]] bool accepted() const { return status_ == KNOT_EOK; }
  [[nodiscard]] const char* why() const { return knot_strerror(status_); }
  // Of a section, in order; those of additional without its OPT.
  [[nodiscard]] std::vector<Record> records(knot_section_t section) const {
    std::vector<Record> all;
    const knot_pktsection_t* const its = knot_pkt_section(packet_.get(), section);
    for (std::uint16_t i = 0; i < its->count; ++i) {
      const knot_rrset_t* const set = knot_pkt_rr(its, i);
      const knot_rdata_t* const rdata = set->rrs.rdata;
      if (set->type == KNOT_RRTYPE_OPT) continue;
      all.push_back({{set->owner, knot_dname_size(set->owner)},
                     static_cast<Type>(set->type),
                     set->ttl,
                     {rdata->data, rdata->len}});
    }
    return all;
  }

 private:
  std::vector<std::uint8_t> octets_;
  std::unique_ptr<knot_pkt_t, FreePacket> packet_;
  int status_ = KNOT_EOK;
};

std::vector<Record> kept(const Reply& reply) {
  std::vector<Record> all;
  RecordReader records(reply.packed);
  while (const auto record = records.next()) all.push_back(*record);
  return all;
}

std::vector<Record> all_of(const Independent& message) {
  std::vector<Record> all = message.records(KNOT_ANSWER);
  for (const auto section : {KNOT_AUTHORITY, KNOT_ADDITIONAL}) {
    const auto more = message.records(section);
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
}

// Before a finding: what the other one said.
void say(bool holds, const char* what, const char* why) {
  if (!holds) static_cast<void>(std::fprintf(stderr, "%s: %s\n", what, why));
}

// Faults of form, on which two parsers should agree. The others are about what a reply means.
bool is_about_form(ReplyFault fault) {
  return fault == ReplyFault::too_short || fault == ReplyFault::cut_short ||
         fault == ReplyFault::trailing_octets || fault == ReplyFault::bad_name ||
         fault == ReplyFault::bad_rdata;
}

// libknot knows where names and numbers lie and takes the rest of RDATA as octets. We read on:
// character-strings, bitmaps, digests, parameters and what else src/dns/rdata.h names.
bool reads_on(Field field) {
  switch (field) {
    case Field::none:
    case Field::u8:
    case Field::u16:
    case Field::u32:
    case Field::u64:
    case Field::time:
    case Field::type:
    case Field::ipv4:
    case Field::ipv6:
    case Field::name:
    case Field::rest_or_none:
    case Field::quoted_or_none:
      return false;
    default:
      return true;
  }
}

// Types that libknot takes as octets from beginning to end, as RFC 3597 allows for all newer ones.
bool is_opaque_there(Type type) {
  switch (type) {
    case Type::MD:
    case Type::MF:
    case Type::MB:
    case Type::MG:
    case Type::MR:
    case Type::PX:
      return true;
    default:
      return false;
  }
}

// Whether our reading of RDATA, as libknot wrote it out, refuses a record for a form that libknot
// does not know.
bool is_stricter_form(const Record& record) {
  const RdataForm& form = form_of(record.type);
  std::vector<std::uint8_t> space(record.rdata.size() + 2 * kMaxName);
  Writer out(space);
  if (copy_rdata(form, record.rdata, 0, record.rdata.size(), out)) return false;
  return is_opaque_there(record.type) || std::ranges::any_of(form.fields, reads_on);
}

// How many octets a name takes where it stands, up to its root or first pointer.
std::size_t name_in_place(Octets message, std::size_t at) {
  const std::size_t begin = at;
  while (at < message.size() && message[at] != 0 && message[at] < 0xc0) at += message[at] + 1U;
  return at < message.size() && message[at] >= 0xc0 ? at + 2 - begin : at + 1 - begin;
}

// Octets left over in RDATA of numbers, names and strings: libknot drops them. `message` is one
// that libknot has accepted, so that it can be walked through blindly.
bool has_left_over_rdata(Octets message) {
  const auto has_size = [](Field field) { return field == Field::string || !reads_on(field); };
  const auto u16 = [message](std::size_t at) {
    return at + 1 < message.size() ? std::size_t{message[at]} << 8 | message[at + 1] : 0;
  };
  std::size_t at = kHeaderSize;
  at += name_in_place(message, at) + 4;
  for (std::size_t records = u16(6) + u16(8) + u16(10); records > 0; --records) {
    at += name_in_place(message, at);
    // NOLINTNEXTLINE(clang-analyzer-optin.core.EnumCastOutOfRange): any 16-bit value may occur
    const RdataForm& form = form_of(static_cast<Type>(u16(at)));
    const std::size_t size = u16(at + 8);
    at += 10;
    std::size_t used = 0;
    for (const Field field : form.fields) {
      if (!has_size(field) || field == Field::none || at + used >= message.size()) break;
      used += field == Field::name ? name_in_place(message, at + used)
                                   : field_size(field, message.subspan(at + used));
    }
    if (used > 0 && used < size && std::ranges::all_of(form.fields, has_size)) return true;
    at += size;
  }
  return false;
}

// Names that we refuse and libknot takes: pointers into the header, into the labels right in front
// of them, or to pointers (more than kMaxBarePointers); and those in RDATA of types that RFC 3597
// section 4 does not let compress. None of these is left when libknot writes a name out, so the
// message's own octets have to show it.
bool has_name_we_refuse(Octets message) {
  int bare = 0;
  for (std::size_t i = kHeaderSize; i + 1 < message.size(); ++i) {
    if (message[i] < 0xc0) continue;
    const std::size_t target = std::size_t{message[i] & 0x3fU} << 8 | message[i + 1];
    if (target < kHeaderSize || (target < i && i - target < kMaxName)) return true;
    if (target + 1 < message.size() && message[target] >= 0xc0) ++bare;
  }
  return bare > 0;
}

bool may_not_compress(const Record& record) {
  const Names names = form_of(record.type).names;
  return names == Names::plain;
}

bool is_explained_refusal(ReplyFault fault, Octets message, const Independent& independent) {
  if (!is_about_form(fault)) return true;
  const std::vector<Record> records = all_of(independent);
  if (fault == ReplyFault::bad_rdata) {
    return std::ranges::any_of(records, is_stricter_form) || has_left_over_rdata(message);
  }
  if (fault == ReplyFault::bad_name) {
    return has_name_we_refuse(message) || std::ranges::any_of(records, may_not_compress) ||
           std::ranges::any_of(records, is_stricter_form);
  }
  return false;
}

// What libknot refuses and we take: names compressed in SRV and the like, which RFC 3597 section 4
// tells a reader to expect. A record of such a type has to be in the message.
bool has_lenient_type(Octets message) {
  constexpr std::size_t kTypeAndClass = 4;
  for (std::size_t i = kHeaderSize; i + kTypeAndClass <= message.size(); ++i) {
    const auto type = static_cast<Type>(message[i] << 8 | message[i + 1]);
    if (message[i + 2] != 0 || message[i + 3] != kClassIn) continue;
    if (form_of(type).names == Names::lenient) return true;
  }
  return false;
}

// What it refuses as well: RDATA that is shorter with its names written out, as where a pointer
// leads to nothing but the root. RFC 1035 section 4.1.4 allows that.
bool has_pointer_to_root(Octets message) {
  for (std::size_t i = kHeaderSize; i + 1 < message.size(); ++i) {
    const std::size_t target = std::size_t{message[i] & 0x3fU} << 8 | message[i + 1];
    if (message[i] >= 0xc0 && target < message.size() && message[target] == 0) return true;
  }
  return false;
}

// And an OPT with a payload size under 512, which RFC 6891 section 6.2.3 has read as 512.
bool has_small_payload(Octets message) {
  for (std::size_t i = kHeaderSize; i + 3 < message.size(); ++i) {
    const std::size_t payload = std::size_t{message[i + 2]} << 8 | message[i + 3];
    if (message[i] == 0 && message[i + 1] == KNOT_RRTYPE_OPT && payload < 512) return true;
  }
  return false;
}

// And a NULL with nothing in it; RFC 1035 section 3.3.10: "anything at all", and no least length.
bool has_empty_null(Octets message) {
  constexpr std::size_t kFixed = 10;
  for (std::size_t i = kHeaderSize; i + kFixed <= message.size(); ++i) {
    if (message[i] == 0 && message[i + 1] == static_cast<std::uint8_t>(Type::NULL_) &&
        message[i + 2] == 0 && message[i + 3] == kClassIn && message[i + 8] == 0 &&
        message[i + 9] == 0) {
      return true;
    }
  }
  return false;
}

bool is_explained_leniency(Octets message) {
  return has_lenient_type(message) || has_pointer_to_root(message) || has_small_payload(message) ||
         has_empty_null(message);
}

// --- what must agree

bool same_folded(const Record& a, const Record& b) {
  std::array<std::uint8_t, kMaxCompressible> space_a{};
  std::array<std::uint8_t, kMaxCompressible> space_b{};
  return a.type == b.type && same_name(a.owner, b.owner) &&
         std::ranges::equal(fold_names(form_of(a.type), a.rdata, space_a),
                            fold_names(form_of(b.type), b.rdata, space_b));
}

// Every record that we kept is one that libknot found too, octet for octet but for the owner's
// case: where it is the question's name we have it in lower case.
void check_found(const std::vector<Record>& ours, const Independent& independent) {
  constexpr std::size_t kMostComparisons = 1 << 16;
  const std::vector<Record> theirs = all_of(independent);
  if (ours.size() * theirs.size() > kMostComparisons) return;
  for (const Record& record : ours) {
    FUZZ_CHECK(std::ranges::any_of(theirs, [&](const Record& other) {
      return record.type == other.type && same_name(record.owner, other.owner) &&
             std::ranges::equal(record.rdata, other.rdata);
    }));
  }
}

void check_rendered(Octets rendered, const Reply& reply, const std::vector<Record>& ours) {
  const Independent independent(rendered);
  if (!independent.accepted()) {  // one that was asked for comes out as it came in
    const auto empty = [](const Record& r) { return r.type == Type::NULL_ && r.rdata.empty(); };
    const bool explained = std::ranges::any_of(ours, empty);
    say(explained, "libknot", independent.why());
    FUZZ_CHECK(explained);
    return;
  }
  if ((rendered[2] & 2) != 0) return;  // cut
  std::vector<Record> theirs = independent.records(KNOT_ANSWER);
  FUZZ_CHECK(theirs.size() == reply.answers);
  const auto authority = independent.records(KNOT_AUTHORITY);
  theirs.insert(theirs.end(), authority.begin(), authority.end());
  FUZZ_CHECK(independent.records(KNOT_ADDITIONAL).empty());
  FUZZ_CHECK(theirs.size() == ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    FUZZ_CHECK(same_folded(ours[i], theirs[i]) && ours[i].ttl == theirs[i].ttl);
  }
}

void run(const std::uint8_t* data, std::size_t size) {
  static const ReplyScratchPtr scratch = make_reply_scratch();
  static std::array<std::uint8_t, kMaxMessage> out;
  if (size < 1 + kHeaderSize || size > 1 + kMaxMessage) return;
  const Octets message(data + 1, size - 1);
  Query query;
  query.id = static_cast<std::uint16_t>(message[0] << 8 | message[1]);
  Reader reader(message.subspan(kHeaderSize));
  if (const auto name = Name::parse(reader)) query.question.name = *name;
  if (const auto type = reader.u16()) query.question.type = static_cast<Type>(*type);
  if ((data[0] & 2) != 0) {
    query.edns.emplace();
    query.edns->payload = 1232;
    query.edns->dnssec_ok = (data[0] & 1) != 0;
  }
  Asked asked;
  asked.id = query.id;
  asked.question = {query.question.name.lower(), query.question.type};
  asked.dnssec_ok = (data[0] & 1) != 0;

  const auto reply = check_reply(asked, message, *scratch);
  const Independent independent(message);
  if (!reply) {
    const bool explained =
        !independent.accepted() || is_explained_refusal(reply.error(), message, independent);
    say(explained, "only we refuse it", to_string(reply.error()));
    FUZZ_CHECK(explained);
    return;
  }
  const std::vector<Record> ours = kept(*reply);
  if (independent.accepted()) {
    check_found(ours, independent);
  } else {
    const bool explained = is_explained_leniency(message);
    say(explained, "only libknot refuses it", independent.why());
    FUZZ_CHECK(explained);
  }
  for (const auto transport : {Transport::tcp, Transport::udp}) {
    ResponseOptions options;
    options.transport = transport;
    const std::size_t written = render_response(query, *reply, options, out);
    FUZZ_CHECK(written >= kHeaderSize);
    check_rendered(Octets(out).first(written), *reply, ours);
  }
}

}  // namespace
}  // namespace dotkeep::dns

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dotkeep::dns::run(data, size);
  return 0;
}

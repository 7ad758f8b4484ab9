#include "dns/reply_parse.h"

#include "dns/expand.h"
#include "dns/rdata.h"

namespace dotkeep::dns {
namespace {

using Parsed = std::expected<void, ReplyFault>;

Parsed fault(ReplyFault what) {
  return std::unexpected(what);
}

// TTLs with the high bit set count as 0 (RFC 2181 section 8).
std::uint32_t sane_ttl(std::uint32_t ttl) {
  if (ttl > 0x7fffffff) return 0;
  return ttl < kMaxTtl ? ttl : kMaxTtl;
}

enum class Part : std::uint8_t { answer, authority, additional };

class RecordParser {
 public:
  RecordParser(Octets message, std::size_t at, Octets question, ReplyScratch& scratch)
      : message_(message),
        at_(at),
        scratch_(scratch),
        out_(MutableOctets(scratch.arena).first(question.size() + kMaxPacked)) {
    out_.octets(question);
    (void)scratch.intern_owner(0, static_cast<std::uint8_t>(question.size()));
    remembered_ = {kPointerToQuestion, 0, static_cast<std::uint8_t>(question.size()), 0};
  }

  Parsed section(Part part, std::size_t count) {
    for (; count > 0; --count) {
      if (const auto parsed = record(part); !parsed) return parsed;
    }
    return {};
  }

  [[nodiscard]] bool at_end() const { return at_ == message_.size(); }

 private:
  static constexpr std::uint16_t kPointerToQuestion = 0xc000 | kHeaderSize;
  static constexpr std::size_t kFixed = 10;  // type, class, TTL, RDLENGTH

  // A pointer seen before and what it led to: the records of an RRset mostly share one.
  struct Remembered {
    std::uint16_t pointer = 0;
    std::uint32_t at = 0;  // in the arena
    std::uint8_t size = 0;
    std::uint16_t owner = kNone;
  };

  // Writes the owner at at_ to the arena. `record.owner` is set only where it was remembered.
  Parsed owner(ParsedRecord& record) {
    record.at = static_cast<std::uint32_t>(out_.size());
    std::uint16_t pointer = 0;
    if (message_.size() - at_ >= 2 && message_[at_] >= 0xc0) {
      pointer = static_cast<std::uint16_t>(message_[at_] << 8 | message_[at_ + 1]);
      if (pointer == remembered_.pointer) {
        out_.octets(Octets(scratch_.arena).subspan(remembered_.at, remembered_.size));
        record.owner = remembered_.owner;
        record.owner_size = remembered_.size;
        at_ += 2;
        return {};
      }
    }
    ExpandedName name;
    if (const auto expanded = expand_name(message_, at_, message_.size(), Pointers::follow, name);
        !expanded) {
      return expanded;
    }
    out_.octets(name.wire());
    record.owner_size = static_cast<std::uint8_t>(name.size);
    at_ = name.after;
    if (pointer != 0 && out_.ok()) remembered_ = {pointer, record.at, record.owner_size, kNone};
    return {};
  }

  Parsed record(Part part) {
    ParsedRecord record;
    if (const auto named = owner(record); !named) return named;
    Reader fixed(message_.subspan(at_));
    const auto type = fixed.u16();
    const auto record_class = fixed.u16();
    const auto ttl = fixed.u32();
    const auto size = fixed.u16();
    if (!ttl || !size || *size > fixed.remaining()) return fault(ReplyFault::cut_short);
    const std::size_t rdata_at = at_ + kFixed;
    at_ = rdata_at + *size;
    record.type = static_cast<Type>(*type);
    record.ttl = sane_ttl(*ttl);

    if (record.type == Type::OPT) {
      if (part != Part::additional || record.owner_size != 1) return fault(ReplyFault::opt_invalid);
      return parse_reply_opt(*record_class, *ttl, message_.subspan(rdata_at, *size), scratch_);
    }
    const RdataForm& form = form_of(record.type);
    if (form.names == Names::misplaced) return fault(ReplyFault::record_misplaced);
    if (*record_class != kClassIn) return fault(ReplyFault::class_mismatch);

    out_.u16(*type);
    out_.u32(record.ttl);
    out_.u16(0);
    const std::size_t begin = out_.size();
    if (const auto copied = copy_rdata(form, message_, rdata_at, *size, out_); !copied)
      return copied;
    // Never over 65,535: what may come compressed is short (see rdata_table.cc), and the rest is as
    // long as it was.
    record.rdata_size = static_cast<std::uint16_t>(out_.size() - begin);
    out_.patch_u16(begin - 2, record.rdata_size);
    if (part != Part::additional) store(record, part);
    return {};
  }

  void store(ParsedRecord& record, Part part) {
    const auto number = static_cast<std::uint16_t>(scratch_.answers + scratch_.authorities);
    if (part == Part::authority) {
      scratch_.records[number] = record;
      ++scratch_.authorities;
      return;
    }
    if (record.owner == kNone) {
      record.owner = scratch_.intern_owner(record.at, record.owner_size);
      if (remembered_.at == record.at) remembered_.owner = record.owner;
    }
    scratch_.records[number] = record;
    ++scratch_.answers;
    scratch_.add_answer(number);
  }

  Octets message_;
  std::size_t at_;
  ReplyScratch& scratch_;
  Writer out_;
  Remembered remembered_;
};

}  // namespace

std::expected<void, ReplyFault> parse_records(const Header& header, Octets message, std::size_t at,
                                              Octets question, ReplyScratch& scratch) {
  const std::size_t count = std::size_t{header.answers} + header.authorities + header.additionals;
  if (count > kMaxRecords) return fault(ReplyFault::too_many_records);
  RecordParser parser(message, at, question, scratch);
  if (const auto good = parser.section(Part::answer, header.answers); !good) return good;
  if (const auto good = parser.section(Part::authority, header.authorities); !good) return good;
  if (const auto good = parser.section(Part::additional, header.additionals); !good) return good;
  if (!parser.at_end()) return fault(ReplyFault::trailing_octets);
  return {};
}

}  // namespace dotkeep::dns

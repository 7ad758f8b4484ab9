#include "cache/file.h"

#include <algorithm>
#include <utility>

#include "cache/answer.h"
#include "cache/key.h"
#include "dns/header.h"

namespace dotkeep::cache {
namespace {

constexpr std::uint8_t kDnssecOk = 1;
constexpr std::uint8_t kCheckingDisabled = 2;
constexpr std::size_t kBefore = 9;  // time and flags

// The question of a message, as a client could ask it: nothing when parse_query would refuse it.
std::optional<dns::Question> question_of(Octets message) {
  Reader reader(message);
  if (!dns::Header::parse(reader)) return std::nullopt;
  const auto name = dns::Name::parse(reader);
  const auto type = name ? reader.u16() : std::nullopt;
  if (!type || reader.u16() != dns::kClassIn) return std::nullopt;
  std::array<std::uint8_t, dns::kHeaderSize + dns::kMaxName + 4> octets{};
  Writer out(octets);
  dns::Header{.flags = dns::kFlagRecursionDesired, .questions = 1}.write(out);
  dns::write_question(out, {*name, static_cast<dns::Type>(*type)});
  const auto query = dns::parse_query(out.written());
  if (!query) return std::nullopt;
  return dns::Question{query->question.name.lower(), query->question.type};
}

}  // namespace

File::File(MutableOctets memory, std::uint64_t purpose, Cache& cache, Allows allows)
    : memory_(memory),
      purpose_(purpose),
      cache_(&cache),
      allows_(std::move(allows)),
      scratch_(dns::make_reply_scratch()),
      space_(std::make_unique_for_overwrite<Memory>()) {}

MutableOctets File::slot(unsigned number) const {
  return memory_.subspan(number * (memory_.size() / 2), memory_.size() / 2);
}

// The newest slot that is not known to be bad.
void File::choose() {
  reader_.reset();
  verified_ = false;
  const auto generation = [this](unsigned i) { return heads_[i] ? heads_[i]->generation : 0; };
  newest_ = generation(1) > generation(0) || !heads_[0] ? 1 : 0;
  generation_ = generation(newest_);
  if (heads_[newest_]) reader_.emplace(slot(newest_), *heads_[newest_]);
}

File::Step File::load(std::size_t count, const Clocks& now) {
  if (!chosen_) {
    for (unsigned i = 0; i < 2; ++i) {
      const auto head = read_head(slot(i), purpose_);
      if (head) {
        heads_[i] = *head;
      } else {
        outcome_.faulty[i] = true;
        outcome_.faults[i] = head.error();
      }
    }
    choose();
    chosen_ = true;
  }
  if (!reader_) return Step::done;
  if (!verified_) {
    const auto whole = reader_->verify(count);
    if (whole == false) {
      outcome_.faulty[newest_] = true;
      outcome_.faults[newest_] = SlotFault::torn;
      heads_[newest_].reset();
      choose();
    } else if (whole) {
      verified_ = true;
    }
    return Step::more;
  }
  for (; count > 0; --count) {
    const auto record = reader_->next(space_->record);
    if (!record) {
      reader_.reset();
      return Step::done;
    }
    read(*record, now);
  }
  return Step::more;
}

void File::read(Octets record, const Clocks& now) {
  Reader reader(record);
  const auto stored = reader.u64();
  const auto flags = reader.u8();
  if (!stored || !flags || *flags > (kDnssecOk | kCheckingDisabled)) return refuse();
  const Octets message = reader.rest();
  const auto question = question_of(message);
  if (!question) return refuse();
  dns::Asked asked;
  asked.question = *question;
  asked.dnssec_ok = (*flags & kDnssecOk) != 0;
  asked.checking_disabled = (*flags & kCheckingDisabled) != 0;
  const auto reply = dns::check_reply(asked, message, *scratch_);
  if (!reply || !allows_(*question, *reply)) return refuse();
  const auto packed = packer_.pack(*question, *reply, cache_->limits());
  if (!packed) return refuse();
  const std::uint64_t age = now.real - *stored;
  const Seconds usable = packed->lifetime == 0 ? 0 : packed->lifetime + cache_->limits().stale;
  if (*stored > now.real || age >= usable || age >= now.monotonic) {
    ++outcome_.expired;
    return;
  }
  const Key key(asked.question, asked.dnssec_ok, asked.checking_disabled);
  // What was learnt since the start is newer.
  if (cache_->newest(key, now.monotonic).state != State::none) return;
  cache_->store(key, *packed, now.monotonic - static_cast<Seconds>(age));
  ++outcome_.loaded;
}

void File::forget() {
  for (unsigned i = 0; i < 2; ++i) {
    if (slot(i).size() >= kHeadSize) wipe_head(slot(i));
    heads_[i].reset();
  }
  reader_.reset();
  writer_.reset();
  chosen_ = true;
}

void File::begin_save() {
  if (!chosen_) static_cast<void>(load(0, {}));
  cell_ = 0;
  saved_ = 0;
  writer_.emplace(slot(1 - newest_), purpose_, generation_ + 1);
}

File::Step File::save(std::size_t count, const Clocks& now) {
  for (; writer_ && count > 0; --count, ++cell_) {
    if (cell_ == cache_->cells()) {
      writer_->finish();
      writer_.reset();
      newest_ = 1 - newest_;
      ++generation_;
      break;
    }
    const auto kept = cache_->kept(cell_, now.monotonic);
    const auto value = kept ? Value::view(kept->value) : std::nullopt;
    if (!value) continue;
    const Key key = Key::trusted(kept->key);
    dns::Query query;
    query.question.name = dns::Name::trusted(key.name());
    query.question.type = key.type() == dns::Type{} ? dns::Type::A : key.type();
    query.authentic_data = true;
    query.edns.emplace();
    query.edns->dnssec_ok = key.dnssec_ok();
    dns::ResponseOptions options;
    options.transport = dns::Transport::tcp;
    Writer out(space_->record);
    out.u64(now.real - std::min<std::uint64_t>(now.real, now.monotonic - kept->stored));
    out.u8(static_cast<std::uint8_t>((key.dnssec_ok() ? kDnssecOk : 0) |
                                     (key.checking_disabled() ? kCheckingDisabled : 0)));
    const std::size_t size =
        render_answer(query, *value, {}, options, MutableOctets(space_->record).subspan(kBefore));
    if (size == 0 || (space_->record[kBefore + 2] & 2) != 0) continue;  // too large for a record
    if (!writer_->add(Octets(space_->record).first(kBefore + size))) continue;
    ++saved_;
  }
  return writer_ ? Step::more : Step::done;
}

}  // namespace dotkeep::cache

// Drives the cache and its model through the same steps, which a source of numbers chooses, and
// compares all that can be seen.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "cache/file.h"
#include "cache_model.h"

namespace dotkeep::cache::model {

// A failure is told to whoever runs it.
using Check = void (*)(bool holds, const char* what);

class Run {
 public:
  static constexpr std::size_t kOctets = 16 * 1024;  // some 240 cells: everything is evicted soon
  static constexpr SipKey kSecret{1, 2};

  explicit Run(Check check)
      : check_(check),
        limits_{.min_ttl = 0, .max_ttl = 500, .stale = 300},
        cache_(kOctets, limits_, kSecret),
        model_(cache_.cells(), kSecret, limits_),
        disk_(2 * (kHeadSize + kOctets)) {}

  // What came of it: that all of it was tried can be checked too.
  std::array<std::uint64_t, 4> found{};  // by State
  std::uint64_t refreshes = 0;
  std::uint64_t restarts = 0;
  [[nodiscard]] std::uint64_t evictions() const {
    return evictions_before_ + cache_.store().evictions();
  }

  // One step; `next(n)` gives a number below n.
  template <typename Next>
  void step(Next next) {
    const unsigned what = next(256);
    const std::uint32_t which = next(4) == 0 ? next(2000) : next(60);
    const Question question = question_of(which);
    const Key key(question.question, question.dnssec_ok, false);
    const std::string text = string(key.octets());
    const std::string any = string(key.any_type().octets());
    if (what < 150) {
      find(key, text, any, question);
    } else if (what < 222) {
      store(key, text, any, question, next(8), next(3) == 0 ? next(3) : next(600), next(16) == 0,
            next(40) == 0 ? next(1500) : next(60));
    } else if (what < 242) {
      fail(key, text, any, next(2) == 0);
    } else if (what < 245) {
      cache_.be_impatient(key, now_);
      if (Entry* stale =
              model_.find_stale(model_.places.find(text), model_.places.find(any), now_)) {
        stale->failures = std::max(stale->failures, 1);
        stale->unreached = false;
      }
    } else if (what < 255) {
      now_ += next(32) == 0 ? next(400) : next(8);
    } else if (next(8) != 0) {
      flush(question, next(16) == 0, next(8) == 0);
    } else {
      restart(1 + next(64));
      ++restarts;
    }
    check_(cache_.store().entries() == model_.places.all().size(), "as many entries");
    check_(cache_.store().used() == model_.places.used() * sizeof(Cell), "as many octets");
    check_(cache_.store().used() <= cache_.store().memory(), "within bounds");
  }

 private:
  struct Question {
    dns::Question question;
    bool dnssec_ok = false;
  };
  static Question question_of(std::uint32_t which) {
    Question question;
    const auto name = "n" + std::to_string(which / 4) + ".zone" + std::to_string(which / 4 % 5);
    question.question.name = dns::Name::from_text(name).value_or(dns::Name());
    question.question.type = which % 2 == 0 ? dns::Type::A : dns::Type::TXT;
    question.dnssec_ok = which % 4 >= 2;
    return question;
  }
  static std::string string(Octets octets) { return {octets.begin(), octets.end()}; }

  void find(const Key& key, const std::string& text, const std::string& any,
            const Question& question) {
    const Found result = cache_.find(key, Moment(now_));
    ++found[static_cast<std::size_t>(result.state)];
    const Answer expected = model_.find(text, any, now_);
    check_(result.state == expected.state, "the state");
    check_(result.at_once == expected.at_once, "whether to wait");
    check_(result.refresh == expected.refresh, "whether to ask");
    check_(result.unreached == expected.unreached, "whether it is for want of an upstream");
    if (result.state == State::none || result.state != expected.state) return;
    if (result.state == State::fresh && result.refresh) {
      ++refreshes;
      check_(cache_.claim_refresh(result), "the first to refresh");
      check_(!cache_.claim_refresh(result), "the only one to refresh");
      // The model has it as const only towards its user.
      const_cast<Entry*>(expected.entry)->claimed = true;
    }
    dns::Query query;
    query.question = question.question;
    dns::ResponseOptions options;
    options.transport = dns::Transport::tcp;
    const std::size_t size = cache_.render(result, now_, query, options, out_);
    const std::size_t records = dns::kHeaderSize + question.question.name.size() + 4;
    if (result.state == State::failed) {
      check_(size == records && (out_[3] & 15) == 2, "a failure's answer");
      return;
    }
    // The last record begins with a pointer and ends with what tells answers apart.
    check_(size >= records + 12 + 4, "an answer's size");
    std::uint32_t content = 0;
    std::uint32_t ttl = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      content = content << 8 | out_[size - 4 + i];
      ttl = ttl << 8 | out_[records + 6 + i];
    }
    check_(content == expected.entry->content, "the answer");
    const Seconds whole = expected.entry->expires - expected.entry->stored;
    check_(ttl == (result.state == State::stale ? 30 : whole - (now_ - expected.entry->stored)),
           "its TTL");
  }

  // A reply of one record: TXT or A as asked, or the SOA of a name that does not exist.
  void store(const Key& key, const std::string& text, const std::string& any,
             const Question& question, unsigned kind, std::uint32_t ttl, bool transient,
             std::size_t padding) {
    const bool no_such_name = kind == 0;
    const Octets owner = question.question.name.wire();
    const std::uint32_t content = ++contents_;
    const auto type = no_such_name ? dns::Type::SOA : question.question.type;
    std::vector<std::uint8_t> rdata;
    if (no_such_name) rdata.assign(2 + 16, 0);  // root, root, five numbers
    if (type == dns::Type::TXT) {
      for (; padding > 255; padding -= 255) {
        rdata.push_back(255);
        rdata.insert(rdata.end(), 255, 'x');
      }
      rdata.push_back(static_cast<std::uint8_t>(padding));
      rdata.insert(rdata.end(), padding, 'x');
      rdata.push_back(4);
    }
    for (int shift = 24; shift >= 0; shift -= 8) {
      rdata.push_back(static_cast<std::uint8_t>(content >> shift));
    }
    Writer record(record_);
    record.octets(owner);
    record.u16(static_cast<std::uint16_t>(type));
    record.u32(ttl);
    record.u16(static_cast<std::uint16_t>(rdata.size()));
    record.octets(rdata);
    dns::Reply reply;
    reply.rcode = no_such_name ? dns::Rcode::nxdomain : dns::Rcode::noerror;
    (no_such_name ? reply.authorities : reply.answers) = 1;
    reply.packed = record.written();
    const auto packed = packer_.pack(question.question, reply, limits_);
    check_(packed.has_value(), "it can be packed");
    if (!packed) return;
    Seconds life = std::min(ttl, limits_.max_ttl);
    if (no_such_name) life = std::min(life, content);  // the SOA's minimum
    check_(packed->lifetime == life, "the lifetime");
    check_(packed->no_such_name == no_such_name, "whether there is such a name");
    cache_.store(key, *packed, now_, transient);
    Entry entry;
    entry.content = content;
    entry.size = text.size() + packed->octets.size();
    model_.store(text, any, entry, no_such_name, life, now_, transient);
  }

  void fail(const Key& key, const std::string& text, const std::string& any, bool transport) {
    const dns::Ede why = dns::make_ede(dns::ExtendedError::network_error, "time-out");
    const Packed failure = packer_.pack_failure({&why, 1});
    cache_.fail(key, failure, transport ? Failing::transport : Failing::question, Moment(now_));
    model_.fail(text, any, text.size() + failure.octets.size(), transport, now_);
  }

  void flush(const Question& question, bool all, bool below) {
    std::size_t expected = 0;
    if (all) {
      expected = model_.places.all().size();
      model_.places.clear();
      check_(cache_.flush_all() == expected, "how many were flushed");
      return;
    }
    const dns::Name name = below ? question.question.name.parent() : question.question.name;
    std::vector<std::string> gone;
    for (const auto& [key, entry] : model_.places.all()) {
      const Octets octets(reinterpret_cast<const std::uint8_t*>(key.data()), key.size() - 3);
      const dns::Name owner = dns::Name::trusted(octets);
      if (below ? owner.is_within(name) : owner.same_as(name)) gone.push_back(key);
    }
    for (const std::string& key : gone) model_.places.erase(key);
    check_(cache_.flush(name, below) == gone.size(), "how many were flushed");
  }

  // Saved, lost and loaded again, `count` records at a time. What is loaded is new in its queue,
  // and of a name that is there and not there the first that comes stays.
  void restart(std::size_t count) {
    const Clocks now{now_, kReal + now_};
    std::vector<std::string> order;
    for (CellId cell = 0; cell < cache_.cells(); ++cell) {
      if (const auto kept = cache_.kept(cell, now_)) order.push_back(string(kept->key));
    }
    File before(disk_, 1, cache_, [](const auto&, const auto&) { return true; });
    before.begin_save();
    while (before.save(count, now) != File::Step::done) {
    }
    check_(before.saved() == order.size(), "all was saved");
    evictions_before_ += cache_.store().evictions();
    cache_ = Cache(kOctets, limits_, kSecret);
    File after(disk_, 1, cache_, [](const auto&, const auto&) { return true; });
    while (after.load(count, now) != File::Step::done) {
    }
    check_(after.outcome().refused == 0, "nothing is refused");

    const Model old = model_;
    model_.places.clear();
    for (const std::string& text : order) {
      const Entry& entry = old.places.all().at(text);
      const bool no_such_name = text[text.size() - 3] == 0 && text[text.size() - 2] == 0;
      std::string key = text;
      std::string any = text;
      any[any.size() - 2] = 0;
      if (no_such_name) key[key.size() - 2] = 1;  // A
      if (model_.places.find(key) != nullptr || model_.places.find(any) != nullptr) continue;
      Entry fresh;
      fresh.content = entry.content;
      fresh.size = entry.size;
      model_.store(key, any, fresh, no_such_name, entry.expires - entry.stored, entry.stored,
                   false);
    }
  }

  static constexpr std::uint64_t kReal = 1'700'000'000;

  Check check_;
  Limits limits_;
  Cache cache_;
  Model model_;
  Packer packer_;
  std::vector<std::uint8_t> disk_;
  std::uint64_t evictions_before_ = 0;
  Seconds now_ = kSecondsOffset;
  std::uint32_t contents_ = 0;
  std::array<std::uint8_t, 65535> out_{};
  std::array<std::uint8_t, 4096> record_{};
};

}  // namespace dotkeep::cache::model

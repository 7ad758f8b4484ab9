// A file of the cache that anybody may have written: loading it must be safe, and whatever gets in
// must be what check_reply believes, and survive another save and load.
//
// With an odd first octet the heads and checksums are put right, so that what lies behind them is
// reached.
#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "cache/answer.h"
#include "cache/file.h"
#include "cache/key.h"
#include "dns/render.h"
#include "fuzz.h"

namespace dotkeep::cache {
namespace {

constexpr SipKey kSecret{1, 2};
constexpr std::uint64_t kPurpose = 5;
constexpr Clocks kNow{kSecondsOffset + 100'000, 1'700'000'000};
constexpr std::size_t kShare = 8192;
constexpr Limits kLimits{.min_ttl = 0, .max_ttl = 86400, .stale = 3600};

const File::Allows kAll = [](const auto&, const auto&) { return true; };

std::size_t load(MutableOctets disk, Cache& cache) {
  File file(disk, kPurpose, cache, kAll);
  while (file.load(5, kNow) != File::Step::done) {
  }
  return file.outcome().loaded;
}

// Every answer is one that an upstream could have given to its question.
void check_answers(Cache& cache) {
  static const dns::ReplyScratchPtr scratch = dns::make_reply_scratch();
  static std::array<std::uint8_t, 65535> out;
  for (CellId cell = 0; cell < cache.cells(); ++cell) {
    const auto kept = cache.kept(cell, kNow.monotonic);
    if (!kept) continue;
    const Key key = Key::trusted(kept->key);
    const auto value = Value::view(kept->value);
    FUZZ_CHECK(value.has_value());
    dns::Query query;
    query.question.name = dns::Name::trusted(key.name());
    query.question.type = key.type() == dns::Type{} ? dns::Type::A : key.type();
    query.edns.emplace();
    query.edns->dnssec_ok = key.dnssec_ok();
    dns::ResponseOptions options;
    options.transport = dns::Transport::tcp;
    const dns::Asked asked{0, query.question, key.dnssec_ok(), key.checking_disabled()};
    for (std::uint32_t turn = 0; turn < 3; ++turn) {
      const std::size_t size =
          render_answer(query, *value, {kNow.monotonic - kept->stored, false, turn}, options, out);
      FUZZ_CHECK(size >= dns::kHeaderSize);
      FUZZ_CHECK(dns::check_reply(asked, Octets(out).first(size), *scratch).has_value());
    }
  }
}

void run(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return;
  std::vector<std::uint8_t> disk(2 * (kHeadSize + kShare));
  const Octets rest(data + 1, size - 1);
  if (data[0] % 2 == 0) {
    std::copy_n(rest.begin(), std::min(rest.size(), disk.size()), disk.begin());
  } else {
    SlotWriter writer(MutableOctets(disk).first(disk.size() / 2), kPurpose, 1);
    Reader reader(rest);
    while (const auto length = reader.u16()) {
      const auto record = reader.take(std::min<std::size_t>(*length, reader.remaining()));
      if (!record || !writer.add(*record)) break;
    }
    writer.finish();
  }
  Cache cache(1 << 18, kLimits, kSecret);
  load(disk, cache);
  check_answers(cache);

  File file(disk, kPurpose, cache, kAll);
  while (file.load(100, kNow) != File::Step::done) {
  }
  file.begin_save();
  while (file.save(1000, kNow) != File::Step::done) {
  }
  Cache again(1 << 18, kLimits, kSecret);
  // Of a name that is both there and not there, for different types, one of the two is kept.
  const std::size_t loaded = load(disk, again);
  FUZZ_CHECK(loaded <= file.saved() && (loaded > 0) == (file.saved() > 0));
}

}  // namespace
}  // namespace dotkeep::cache

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  dotkeep::cache::run(data, size);
  return 0;
}

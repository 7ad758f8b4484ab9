// What was answered before and may be answered again: time and trust around the Store.
//
// An answer is kept under exactly the question that was asked of the upstream (name, type, DO, CD);
// NXDOMAIN under the name alone (RFC 2308 section 5). Only what check_reply believed gets in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/bytes.h"
#include "base/siphash.h"
#include "cache/key.h"
#include "cache/lifetime.h"
#include "cache/store.h"
#include "cache/value.h"
#include "dns/name.h"
#include "dns/render.h"

namespace dotkeep::cache {

enum class State : std::uint8_t {
  none,    // nothing that can be used
  fresh,   // an answer, positive or negative
  failed,  // asked a moment ago, in vain: SERVFAIL without asking (RFC 9520)
  stale,   // past its time, for when upstreams fail (RFC 8767)
};

struct Found {
  State state = State::none;
  CellId id = kNoCell;  // good until something is stored or flushed
  // Stale: the last attempt to get it anew failed or is slow, so that the next client need not wait
  // for another. Fresh: never.
  bool at_once = false;
  // An upstream should be asked behind the answer: stale data whose hold is over, or a popular
  // answer in its last tenth (then claim_refresh says who does it).
  bool refresh = false;
  // Stale: the last attempt failed for want of an upstream that could be reached. And until when
  // nobody is to be asked again.
  bool unreached = false;
  Ticks hold = 0;
};

// Why a failure is remembered: what an upstream cannot answer is asked ever more rarely, while
// upstreams that are gone come back for all names at once and are tried each second.
enum class Failing : std::uint8_t { question, transport };

class Cache {
 public:
  // All memory is taken here: at most `octets`; 0 is no cache, which finds nothing.
  Cache(std::size_t octets, const Limits& limits, const SipKey& secret);

  void set_limits(const Limits& limits) { limits_ = limits; }
  [[nodiscard]] const Limits& limits() const { return limits_; }
  [[nodiscard]] bool enabled() const { return store_.cells() != 0; }
  [[nodiscard]] const Store& store() const { return store_; }

  // What is known. Counts as a use of it.
  [[nodiscard]] Found find(const Key& key, Moment now) { return find(key, expect(key), now); }
  // In two steps: what is kept lies far from the processor, and other work may be done meanwhile.
  [[nodiscard]] std::uint32_t expect(const Key& key) const { return store_.expect(key.octets()); }
  [[nodiscard]] Found find(const Key& key, std::uint32_t expected, Moment now);
  // The newest that is there, also what was for those only who waited while it came.
  [[nodiscard]] Found newest(const Key& key, Seconds now) const;
  // `turn`: see Aged.
  [[nodiscard]] std::size_t render(const Found& found, Seconds now, const dns::Query& query,
                                   const dns::ResponseOptions& options, MutableOctets out,
                                   std::uint32_t turn = 0);
  // A number that another find() changes.
  [[nodiscard]] std::uint32_t uses(const Found& found) const { return store_.info(found.id).hits; }
  // Whether it says that there is no such name.
  [[nodiscard]] bool denies(const Found& found) const;
  // A popular answer is refreshed once: true for the first who asks.
  [[nodiscard]] bool claim_refresh(const Found& found);

  // Keeps a packed reply that came at `stored`, in the place of what was there. With a lifetime of
  // 0 it only takes away what was there, unless somebody still waits for it (`transient`).
  void store(const Key& key, const Packed& packed, Seconds stored, bool transient = false);
  // An attempt failed: stale data is held back from being asked for, or the failure itself is kept.
  void fail(const Key& key, const Packed& failure, Failing failing, Moment now);
  // An attempt takes long: from now on stale data is given at once.
  void be_impatient(const Key& key, Seconds now);

  // How many entries went.
  std::size_t flush_all();
  // `name` with all its types, or with `below` all names below it too. Cost: linear in the memory.
  std::size_t flush(const dns::Name& name, bool below);

  // For saving: what the cell holds, if it is an answer that may be kept. Views good until the next
  // call.
  struct Kept {
    Octets key;
    Octets value;
    Seconds stored = 0;
    Seconds expires = 0;
  };
  [[nodiscard]] CellId cells() const { return store_.cells(); }
  [[nodiscard]] std::optional<Kept> kept(CellId id, Seconds now);

 private:
  enum Flag : std::uint8_t {
    kFailure = 1,
    kTransient = 2,
    kRefreshClaimed = 4,
    kDenies = 8,
    kUnreached = 16
  };
  [[nodiscard]] bool is_stale(const Info& info, Seconds now) const;
  // The stale data of a key or of its name.
  [[nodiscard]] CellId find_stale(CellId exact, CellId any, Seconds now) const;

  Store store_;
  Limits limits_;
  std::unique_ptr<std::array<std::uint8_t, Store::kMaxEntry>> scratch_;
  std::array<std::uint8_t, Key::kMaxSize> key_scratch_;
};

}  // namespace dotkeep::cache

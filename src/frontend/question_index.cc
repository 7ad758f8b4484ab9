#include "frontend/question_index.h"

#include "base/random.h"

namespace dotkeep::frontend {

QuestionIndex::QuestionIndex(std::size_t capacity) : buckets_(capacity, kNone), entries_(capacity) {
  fill_random({reinterpret_cast<std::uint8_t*>(secret_.data()), sizeof secret_});
}

void QuestionIndex::add(Octets key, std::uint32_t slot) {
  const std::uint64_t hash = siphash(secret_, key);
  entries_[slot] = {hash, buckets_[bucket_of(hash)]};
  buckets_[bucket_of(hash)] = slot;
}

void QuestionIndex::remove(std::uint32_t slot) {
  std::uint32_t* link = &buckets_[bucket_of(entries_[slot].hash)];
  while (*link != slot) link = &entries_[*link].next;
  *link = entries_[slot].next;
}

}  // namespace dotkeep::frontend

// How the file of `cache.file` is divided: two slots (cache/slot.h) for each frontend, one after
// the other. The supervisor makes it as large as this says and reads nothing of it but the mark, so
// that it writes over no other file; a frontend maps its own slots, whose size it finds out from
// the file's.
#pragma once

#include <cstdint>
#include <string_view>

namespace dotkeep::ipc {

inline constexpr std::uint64_t kCachePage = 4096;
// What the file begins with; zeros before the first slot was written, and while it is.
inline constexpr std::string_view kCacheMark = "dkcache";

// Of one slot, for a frontend's share of cache.size: a record is never larger than what it takes in
// memory. The page is for the head.
[[nodiscard]] constexpr std::uint64_t cache_slot_size(std::uint64_t share) {
  return kCachePage + (share + kCachePage - 1) / kCachePage * kCachePage;
}

[[nodiscard]] constexpr std::uint64_t cache_file_size(std::uint64_t size, std::uint32_t frontends) {
  return std::uint64_t{2} * frontends * cache_slot_size(size / frontends);
}

}  // namespace dotkeep::ipc

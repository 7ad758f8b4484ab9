#include "upstream/publisher.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <string>

namespace dotkeep::upstream {
namespace {

void put(std::span<char> field, std::string_view text) {
  std::ranges::fill(field, '\0');
  std::memcpy(field.data(), text.data(), std::min(text.size(), field.size() - 1));
}

std::string_view text_of(std::span<const char> field) {
  const std::string_view all(field.data(), field.size());
  return all.substr(0, all.find('\0'));
}

}  // namespace

Publisher::Publisher(ipc::UpstreamPage& page) : page_(page) {
  std::uint64_t count = 0;
  for_each_count({}, [&](std::string_view what, std::string_view kind, std::uint64_t) {
    std::string name(what);
    if (!kind.empty()) name.append(".").append(kind);
    put(page.names[count++], name);
  });
  page.count = count;
  // Its former owner may have died while it wrote.
  const std::uint64_t version = page.version.load(std::memory_order_relaxed);
  page.version.store(version + version % 2, std::memory_order_relaxed);
  page.rows = std::min<std::uint64_t>(page.rows, page.servers.size());
}

void Publisher::configure(const std::vector<Name>& names, const Pool& pool) {
  // On the heap for the moment: it is 60 KiB.
  const auto old = std::make_unique<std::array<ipc::ServerRow, ipc::kMaxServers>>(page_.servers);
  const auto old_rows = static_cast<std::size_t>(page_.rows);
  page_.version.fetch_add(1, std::memory_order_acq_rel);
  std::atomic_thread_fence(std::memory_order_release);
  page_.magic = ipc::UpstreamPage::kMagic;
  page_.rows = std::min(names.size(), page_.servers.size());
  for (std::size_t i = 0; i < page_.rows; ++i) {
    ipc::ServerRow& row = page_.servers[i];
    const auto rows = std::span(*old).first(old_rows);
    const auto same = std::ranges::find_if(
        rows, [&](const ipc::ServerRow& o) { return text_of(o.id) == names[i].id; });
    const auto number = static_cast<std::uint8_t>(i);
    const auto own = std::bit_cast<Words>(pool.server(number).counts);
    for (std::size_t j = 0; j < own.size(); ++j) {
      before_[i][j] = (same == rows.end() ? own[j] : same->values[j]) - own[j];
    }
    put(row.id, names[i].id);
    put(row.address, names[i].address);
    write(pool, number);
  }
  page_.version.fetch_add(1, std::memory_order_release);
}

void Publisher::publish(const Pool& pool) {
  for (std::size_t i = 0; i < page_.rows; ++i) write(pool, static_cast<std::uint8_t>(i));
}

void Publisher::write(const Pool& pool, std::uint8_t number) {
  const Server& server = pool.server(number);
  ipc::ServerRow& row = page_.servers[number];
  constexpr std::uint64_t kStateOfSlow = 3;
  row.state = server.slow ? kStateOfSlow : static_cast<std::uint64_t>(server.state);
  row.since_ns = server.since == Time::min()
                     ? 0
                     : static_cast<std::uint64_t>(server.since.time_since_epoch().count());
  row.fault = static_cast<std::uint64_t>(server.fault);
  row.latency_us = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(server.latency.mean()).count());
  row.connections = server.count;
  row.not_after = server.leaf_not_after < 0 ? 0 : static_cast<std::uint64_t>(server.leaf_not_after);
  row.pin = server.pin;
  const auto own = std::bit_cast<Words>(server.counts);
  for (std::size_t j = 0; j < own.size(); ++j) row.values[j] = before_[number][j] + own[j];
}

}  // namespace dotkeep::upstream

#include "config/suggest.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace dotkeep::config {
namespace {

constexpr std::size_t kMaxWord = 32;  // longer than any key

// Insertions, deletions, replacements and swaps of neighbours that turn `a` into `b` (optimal
// string alignment).
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kMaxWord + 1>, kMaxWord + 1> d{};
  for (std::size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      d[i][j] = std::min({replaced, d[i - 1][j] + 1, d[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[a.size()][b.size()];
}

}  // namespace

std::string suggestion(std::string_view unknown, std::span<const std::string_view> known) {
  if (unknown.size() > kMaxWord) return "";
  // Up to a third of the word may be wrong; more is another word.
  std::size_t best = unknown.size() / 3 + 2;
  std::string_view nearest;
  for (const std::string_view word : known) {
    if (word.size() > kMaxWord) continue;
    const std::size_t d = distance(unknown, word);
    if (d < best && d < word.size()) {
      best = d;
      nearest = word;
    }
  }
  return nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?";
}

}  // namespace dotkeep::config

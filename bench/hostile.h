// The worst messages of 64 KiB that we know to make, by name: what reply_bench measures and
// tests/dns/cost_test.cc holds to its bounds.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "reply_messages.h"
#include "worst_names.h"

namespace dotkeep::dns::bench {

inline std::vector<std::pair<std::string, Builder>> hostile_replies() {
  return {
      {"distinct_addresses", many_distinct_a()},
      {"equal_addresses", many_equal_a()},
      {"many_owners", many_owners()},
      {"pointer_ladders", pointer_ladders(0)},
      {"pointer_ladders_dropped", pointer_ladders(2)},
      {"bare_pointers", bare_pointers()},
      {"soas_of_long_names", soas_of_long_names()},
      {"many_strings", many_strings()},
      {"many_params", many_params()},
      {"longest_chain_among_dnames", longest_chain_among_dnames()},
      {"many_proofs", many_proofs()},
      {"many_wrong_soas", many_wrong_soas()},
      {"many_edes", many_edes()},
      {"names_with_126_labels_in_common", names_in_common()},
      {"pairs_of_names_in_common", pairs_in_common()},
      {"a_dname_over_and_over", a_dname_over_and_over()},
      {"soas_beside_a_long_name", soas_beside_a_long_name()},
  };
}

namespace detail {

// A query for 127 labels, and behind its question what `additional` says, counted as `count`.
inline Bytes query(std::size_t count, const Bytes& additional) {
  Bytes bytes = {0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(count)};
  for (int i = 0; i < 127; ++i) bytes.insert(bytes.end(), {1, 'Q'});
  bytes.insert(bytes.end(), {0, 0, 1, 0, 1});
  bytes.insert(bytes.end(), additional.begin(), additional.end());
  return bytes;
}

// An OPT of `octets` of RDATA behind `owner`; its options are `options`, over and over.
inline Bytes opt(const Bytes& owner, std::size_t octets, const Bytes& options) {
  Bytes bytes = owner;
  bytes.insert(bytes.end(), {0, 41, 4, 208, 0, 0, 0, 0, static_cast<std::uint8_t>(octets >> 8),
                             static_cast<std::uint8_t>(octets)});
  while (octets > 0 && !options.empty()) {
    const std::size_t more = std::min(octets, options.size());
    bytes.insert(bytes.end(), options.begin(), options.begin() + static_cast<int>(more));
    octets -= more;
  }
  return bytes;
}

}  // namespace detail

inline std::vector<std::pair<std::string, Bytes>> hostile_queries() {
  using detail::opt;
  using detail::query;
  constexpr std::size_t kRoom = 65000;
  const Bytes root{0};
  const Bytes labels = [] {
    Bytes owner;
    for (int i = 0; i < 127; ++i) owner.insert(owner.end(), {1, 'o'});
    owner.push_back(0);
    return owner;
  }();
  Bytes large_option{0, 12, 0xfd, 0xe4};
  large_option.resize(kRoom);
  const Bytes two = [&] {
    Bytes both = opt(root, kRoom / 2, Bytes{0, 3, 0, 0});
    const Bytes second = opt(labels, kRoom / 2 - 400, Bytes{0, 3, 0, 0});
    both.insert(both.end(), second.begin(), second.end());
    return both;
  }();
  return {
      {"empty_options", query(1, opt(root, kRoom, Bytes{0, 3, 0, 0}))},
      {"options_of_an_octet", query(1, opt(root, kRoom, Bytes{0, 3, 0, 1, 7}))},
      {"cookies", query(1, opt(root, kRoom, Bytes{0, 10, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8}))},
      {"32_options_of_2_KiB", query(1, opt(root, 64992,
                                           [] {
                                             Bytes option{0, 12, 0x07, 0xeb};
                                             option.resize(2031);
                                             return option;
                                           }()))},
      {"one_large_option", query(1, opt(root, kRoom, large_option))},
      {"two_opts", query(2, two)},
      {"owner_of_127_labels", query(1, opt(labels, kRoom - 4, Bytes{0, 3, 0, 0}))},
      {"octets_left_over", query(0, Bytes(kRoom, 0))},
      {"many_records", query(255, Bytes(kRoom, 0))},
      {"nothing_but_labels", Bytes(kRoom, 1)},
  };
}

}  // namespace dotkeep::dns::bench

// The smallest sets of players that reach every quota, and how many there are.
//
// Players join whole (a bloc of k members has size k). Among the sets S with sum of weights >= quota in every majority:
// the least total size, the number of sets of that size, and for each player in how many of them it is.
// How: the counting polynomial over (size, sums capped at the quotas), player by player; players in a set are counted by
// running it once without each player. Whole numbers of any size. Verified by enumeration in tests/assembly_methods_test.cpp.
#pragma once

#include <boost/multiprecision/cpp_int.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace cotejo {

struct Player {
  std::int64_t size = 1;              // at least 1
  std::vector<std::int64_t> weights;  // one per majority
};

using BigCount = boost::multiprecision::cpp_int;

struct SmallestSets {
  bool possible = false;             // all players together reach the quotas
  std::optional<std::int64_t> size;  // members in a smallest set; none: too many sums of several weights
  std::optional<BigCount> sets;      // none: beyond `operations`
  std::vector<BigCount> with;        // per player; empty where it is beyond `operations`
};

// `operations`: sums of weights that may be formed in all; 0 asks for `possible` and, with one majority, `size` alone.
SmallestSets smallest_sets(const std::vector<Player>& players, const std::vector<std::int64_t>& quotas,
                           std::size_t operations = 10'000'000);

}  // namespace cotejo

// Sums of a count: what a rule looks at.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo {

struct Tally {
  std::vector<std::int64_t> options;  // m
  std::int64_t units = 0, valid = 0, cast = 0, registered = 0, blank = 0, null = 0;

  Tally& operator-=(const Tally& other);
};

// Missing cells count as 0. Linear in units x options.
Tally tally(const Count& count);
// Only the units listed (each at most once).
Tally tally(const Count& count, std::span<const UnitIndex> units);

// Options by votes, most first; equal votes by the order of the contest (the rule names ties, see rule.hpp).
std::vector<std::size_t> ranking(const Tally& tally);

}  // namespace cotejo

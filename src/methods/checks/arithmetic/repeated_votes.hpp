// Pairs of units of one place with the same votes in every option, blank and null, and how many chance would give
// (arithmetic.hpp has the formula). Units without votes are left out; units of more than `most_votes_compared` votes are
// not compared, as the work grows with the square of the votes. At most 1000 pairs are listed; all are counted.
// Verified in arithmetic_test.cpp against dealing the ballots in every possible way.
#pragma once

#include <utility>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo {

inline constexpr std::int64_t most_votes_compared = 100'000;

struct RepeatedVotes {
  std::int64_t pairs = 0;
  double expected = 0;
  std::vector<std::pair<UnitIndex, UnitIndex>> units{};
  std::int64_t left_out = 0;  // units too large to be compared
};

// place_of: n, the place of each unit, or no_place.
RepeatedVotes repeated_votes(const Count& count, const std::vector<PlaceIndex>& place_of);

}  // namespace cotejo

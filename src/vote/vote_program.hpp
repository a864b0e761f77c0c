// The integer program behind stakes.hpp: the cheapest whole numbers of changes that bring about an event. Internal.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <utility>
#include <vector>

#include "cotejo/vote/outcome_events.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

inline constexpr std::int64_t no_bound = no_upper_bound;

// A kind of change that can happen any whole number of times between `least` and `most`.
struct Change {
  std::vector<std::pair<std::size_t, std::int64_t>> effect;  // on the amounts of a Form, for each time it happens
  std::int64_t least = 0, most = no_bound;
  std::int64_t cost = 1;
};

// low <= sum of coefficient x times <= high, over changes.
struct Limit {
  std::vector<std::pair<std::size_t, std::int64_t>> terms;
  std::int64_t low = 0, high = 0;
};

struct VoteProgram {
  std::vector<Change> changes;
  std::vector<Limit> limits;
};

struct VoteSolution {
  std::vector<std::int64_t> times;  // of each change; empty: none was found
  std::int64_t cost = std::numeric_limits<std::int64_t>::max();
  std::int64_t lower = 0;  // no solution costs less; max(): there is none at all
};

// The cheapest solution under which one of the events happens and `accepts` agrees, exactly.
VoteSolution cheapest(const VoteProgram& program, const Events& events,
                      const std::function<bool(const std::vector<std::int64_t>& times)>& accepts);

}  // namespace cotejo

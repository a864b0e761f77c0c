// The fewest units, or places, whose removal changes the outcome. Internal to the family `tally`.
//
// The outcome changes exactly when one of a list of events happens; an event is a set of linear conditions, and a
// condition asks that what is removed sums to at least `need` in some form. One condition is solved exactly: take the
// largest contributions first. Several at once are bounded from below by weighted sums of them (a removal that meets
// all meets every weighted sum; the surrogate bound of Glover 1965) and from above by a set that meets them. Where the
// bounds differ and there are few sets, all sets are tried. Everything is exact: 64-bit contributions, 128-bit sums.
// Verified in headroom_test.cpp against enumeration of all subsets.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cotejo/vote/count.hpp"
#include "cotejo/vote/outcome_events.hpp"

namespace cotejo::removal {

using Wide = Slack::Wide;

using cotejo::Event;
using cotejo::Events;
using cotejo::Form;
using Condition = cotejo::Requirement;

// n values, of the count's own memory or summed over places; a missing cell counts as 0.
struct ColumnView {
  std::span<const std::int32_t> narrow{};
  std::span<const std::int64_t> wide{};

  bool empty() const { return narrow.empty() && wide.empty(); }
  std::int64_t operator[](std::size_t i) const {
    if (narrow.empty()) return wide[i];
    return narrow[i] == missing ? 0 : narrow[i];
  }
};

// What can be removed: units, or places. Views refer to the count, which must outlive the pool.
struct Pool {
  std::size_t size = 0;
  std::vector<ColumnView> columns;  // in the order of a Form; empty where the rule does not look at it
  std::vector<PlaceIndex> place;    // of each member; empty for units; no_place: the units outside the hierarchy
  std::vector<std::vector<std::int64_t>> own;  // memory of the wide columns

  Pool() = default;
  Pool(Pool&&) = default;
  Pool& operator=(Pool&&) = default;
};

// With the columns that the rule looks at.
Pool units_of(const Count& count, const Rule& rule);
// The units summed by the place they are attached to: what the levels are made of.
Pool places_of(const Count& count, const Pool& units);
// The places of one level, in the order of their first units.
Pool level_of(const Count& count, const Pool& places, std::uint32_t level);

struct Answer {
  std::size_t lower = 1;             // no smaller set changes the outcome
  std::vector<std::uint32_t> found;  // a set that does, largest contribution first; empty: none was found
  Form by{};                         // what the contributions are counted in
  bool impossible = false;           // no set does
  bool proved() const { return impossible || (!found.empty() && lower == found.size()); }
};

// Tries at most `sets_to_try` sets one by one where the bounds differ.
Answer smallest(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base, const Events& events,
                const Pool& pool, std::int64_t sets_to_try);

}  // namespace cotejo::removal

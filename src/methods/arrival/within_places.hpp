// The statistic of the late count, declared beforehand: votes within places.
//
//   S = 100 sum over places p with early and late votes of (D_l(p) - V_l(p) D_e(p) / V_e(p)) / sum of V_l(p)
// with D = M - C and V of the place's early (e) and late (l) units, places of the lowest level: by how many points of
// their own valid votes late units lean to the leader more than the early ones of the same place, every vote counting
// the same. `error` is that of the ratio, robust to places.
// At a cut of an order of arrival every unit that came after it is late; S at every cut follows from one pass over the
// order. Units without an arrival came after all others; a batch is never divided.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

struct WithinPlaces {
  double points = 0, error = 0;  // NaN where no place has votes on both sides
  double votes = 0;              // the numerator / 100: votes of M - C
  std::int64_t late_valid = 0, places = 0;
};

WithinPlaces within_places(const LateCount& late, std::span<const char> is_late);

struct PlaceboCut {
  double percent = 0;     // of the units that had arrived
  std::size_t units = 0;  // how many had
  double points = 0;      // S there
};

// Cuts evenly over `from_percent` to `to_percent` of the units, each at the end of a batch, at most one a batch; those
// with fewer than `least_places` split places are left out.
std::vector<PlaceboCut> within_places_at_cuts(const LateCount& late, std::int64_t cuts, double from_percent,
                                              double to_percent, std::int64_t least_places);

// Units in their order of arrival, and for every position whether a batch ends there.
struct ArrivalOrder {
  std::vector<std::uint32_t> units;
  std::vector<char> batch_ends;
};
ArrivalOrder arrival_order(const LateCount& late);

// Everything but the first `units` of the order is late.
std::vector<char> late_after(const ArrivalOrder& order, std::size_t units);

}  // namespace cotejo

// What a projection would have been at earlier instants, and how far off: the drift of the late count.
//
// Projection at a state (a set of known units): every other unit gets, per registered voter, the votes of the known
// units of its smallest place that has known registered voters (`rate`). Stopped at five earlier states of itself (1/6
// to 5/6 of its units in their order of arrival), each state shows by how many points of the projected votes the units
// then still out were above their projection: drifts d_1 .. d_5. What is out now is taken to be above by
//   mean d +- t_(k-1) s sqrt(1 + 1 / k),   s the standard deviation of the k drifts
// (a prediction interval for one more drift; the drifts of one count are not independent, so that its coverage is checked
// and not supposed: at every origin the interval made from what was known then is held against the state at the cut).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

// Votes by unit: of the snapshot or of the count.
struct UnitVotes {
  const std::vector<std::int64_t>*leader, *runner_up, *valid;
};

struct RateSums {
  double known_lead = 0, known_valid = 0;  // of the known units
  double asked_lead = 0, asked_valid = 0;  // projected, of the units asked
  double lead() const { return known_lead + asked_lead; }
  double valid() const { return known_valid + asked_valid; }
  double margin() const { return 100 * lead() / valid(); }
  double margin_with(double drift_points) const { return 100 * (lead() + drift_points / 100 * asked_valid) / valid(); }
};

// Marks: 1 known, 2 asked, 0 neither.
RateSums rate_projection(const LateCount& late, const UnitVotes& votes, const std::vector<char>& marks);

struct Drift {
  std::vector<double> points;  // of each earlier state
  double mean = 0, half_width = 0;
};

// From the first `units` of the order only. Nothing with fewer than three earlier states.
std::optional<Drift> drift_of(const LateCount& late, const UnitVotes& votes, const std::vector<std::uint32_t>& order,
                              std::size_t units);

struct Origin {
  std::size_t units = 0;
  double arrival = 0;
  double projected = 0, centre = 0, low = 0, high = 0;  // points; centre and interval: with the drift
  double drift = 0;                                     // mean, from what was known then
  bool has_interval = false, held = false;
};

// Stopped after so many early units: the early margin as projected then, against what it was at the cut.
Origin at_origin(const LateCount& late, const UnitVotes& votes, const std::vector<std::uint32_t>& early_in_order,
                 std::size_t units, double truth);

}  // namespace cotejo

#include "rolling_origin.hpp"

#include <array>
#include <cmath>

namespace cotejo {

namespace {

constexpr int earlier_states = 5;
constexpr std::array<double, 5> t_975 = {NAN, 12.706204736432095, 4.302652729911275, 3.182446305284263,
                                         2.7764451051977987};  // by degrees of freedom

struct PlaceSum {
  double lead = 0, valid = 0, registered = 0;
};

double lead_of(const UnitVotes& votes, std::size_t u) {
  return static_cast<double>((*votes.leader)[u] - (*votes.runner_up)[u]);
}

void add(PlaceSum& sum, const LateCount& late, const UnitVotes& votes, std::size_t u) {
  sum.lead += lead_of(votes, u);
  sum.valid += static_cast<double>((*votes.valid)[u]);
  sum.registered += static_cast<double>(late.registered[u]);
}

std::vector<char> marks_of(const LateCount& late, const std::vector<std::uint32_t>& order, std::size_t known,
                           std::size_t asked_to) {
  std::vector<char> marks(late.units(), 0);
  for (std::size_t i = 0; i < asked_to; ++i) marks[order[i]] = i < known ? 1 : 2;
  return marks;
}

}  // namespace

RateSums rate_projection(const LateCount& late, const UnitVotes& votes, const std::vector<char>& marks) {
  const std::size_t levels = late.levels();
  std::vector<std::vector<PlaceSum>> sums(levels, std::vector<PlaceSum>(late.count->hierarchy.places().size()));
  PlaceSum whole;
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (marks[u] != 1) continue;
    add(whole, late, votes, u);
    for (std::size_t l = 0; l < levels; ++l)
      if (late.place[l][u] != no_place) add(sums[l][late.place[l][u]], late, votes, u);
  }
  RateSums out{.known_lead = whole.lead, .known_valid = whole.valid};
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (marks[u] != 2) continue;
    const PlaceSum* from = &whole;
    for (std::size_t l = levels; l-- > 0;)
      if (const auto place = late.place[l][u]; place != no_place && sums[l][place].registered > 0) {
        from = &sums[l][place];
        break;
      }
    if (!(from->registered > 0)) continue;
    const double scale = static_cast<double>(late.registered[u]) / from->registered;
    out.asked_lead += scale * from->lead;
    out.asked_valid += scale * from->valid;
  }
  return out;
}

std::optional<Drift> drift_of(const LateCount& late, const UnitVotes& votes, const std::vector<std::uint32_t>& order,
                              std::size_t units) {
  Drift out;
  for (int j = 1; j <= earlier_states; ++j) {
    const std::size_t known = units * static_cast<std::size_t>(j) / (earlier_states + 1);
    if (known == 0 || known >= units) continue;
    const RateSums sums = rate_projection(late, votes, marks_of(late, order, known, units));
    double lead = 0, valid = 0;
    for (std::size_t i = known; i < units; ++i) {
      lead += lead_of(votes, order[i]);
      valid += static_cast<double>((*votes.valid)[order[i]]);
    }
    if (!(valid > 0) || !(sums.asked_valid > 0)) continue;
    out.points.push_back(100 * (lead / valid - sums.asked_lead / sums.asked_valid));
  }
  const std::size_t k = out.points.size();
  if (k < 3) return std::nullopt;
  double squares = 0;
  for (const double d : out.points) out.mean += d / static_cast<double>(k);
  for (const double d : out.points) squares += (d - out.mean) * (d - out.mean);
  out.half_width = t_975[k - 1] * std::sqrt(squares / static_cast<double>(k - 1) * (1 + 1 / static_cast<double>(k)));
  return out;
}

Origin at_origin(const LateCount& late, const UnitVotes& votes, const std::vector<std::uint32_t>& early_in_order,
                 std::size_t units, double truth) {
  Origin out{.units = units};
  out.arrival = (late.from[early_in_order[units - 1]] + late.to[early_in_order[units - 1]]) / 2;
  const RateSums sums = rate_projection(late, votes, marks_of(late, early_in_order, units, early_in_order.size()));
  out.projected = out.centre = sums.margin();
  const auto drift = drift_of(late, votes, early_in_order, units);
  if (!drift) return out;
  out.has_interval = true;
  out.drift = drift->mean;
  out.centre = sums.margin_with(drift->mean);
  out.low = sums.margin_with(drift->mean - drift->half_width);
  out.high = sums.margin_with(drift->mean + drift->half_width);
  out.held = out.low <= truth && truth <= out.high;
  return out;
}

}  // namespace cotejo

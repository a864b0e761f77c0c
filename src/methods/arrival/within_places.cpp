#include "within_places.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace cotejo {

namespace {

struct Sides {
  double early_lead = 0, early_valid = 0, late_lead = 0, late_valid = 0;
  bool split() const { return early_valid > 0 && late_valid > 0; }
  double votes() const { return late_lead - late_valid * early_lead / early_valid; }
};

double lead_of(const LateCount& late, std::size_t u) {
  return static_cast<double>(late.leader_votes[u] - late.runner_up_votes[u]);
}

}  // namespace

WithinPlaces within_places(const LateCount& late, std::span<const char> is_late) {
  WithinPlaces out;
  out.points = out.error = std::numeric_limits<double>::quiet_NaN();
  if (late.place.empty()) return out;
  const auto& place = late.place.back();
  std::vector<Sides> sides(late.count->hierarchy.places().size());
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (place[u] == no_place || late.valid[u] <= 0) continue;
    Sides& s = sides[place[u]];
    (is_late[u] ? s.late_lead : s.early_lead) += lead_of(late, u);
    (is_late[u] ? s.late_valid : s.early_valid) += static_cast<double>(late.valid[u]);
  }
  double valid = 0;
  for (const Sides& s : sides)
    if (s.split()) {
      out.votes += s.votes();
      valid += s.late_valid;
      ++out.places;
    }
  if (out.places == 0) return out;
  const double ratio = out.votes / valid;
  double squares = 0;
  for (const Sides& s : sides)
    if (s.split()) squares += std::pow(s.votes() - ratio * s.late_valid, 2);
  out.late_valid = static_cast<std::int64_t>(valid);
  out.points = 100 * ratio;
  if (out.places > 1)
    out.error =
        100 * std::sqrt(squares * static_cast<double>(out.places) / static_cast<double>(out.places - 1)) / valid;
  return out;
}

ArrivalOrder arrival_order(const LateCount& late) {
  ArrivalOrder out;
  out.units.resize(late.units());
  std::iota(out.units.begin(), out.units.end(), 0U);
  const auto at = [&](std::uint32_t u) { return (late.from[u] + late.to[u]) / 2; };
  std::stable_sort(out.units.begin(), out.units.end(), [&](std::uint32_t a, std::uint32_t b) { return at(a) < at(b); });
  out.batch_ends.resize(out.units.size());
  for (std::size_t i = 0; i < out.units.size(); ++i)
    out.batch_ends[i] = i + 1 == out.units.size() || at(out.units[i + 1]) != at(out.units[i]);
  return out;
}

std::vector<char> late_after(const ArrivalOrder& order, std::size_t units) {
  std::vector<char> out(order.units.size(), 1);
  for (std::size_t i = 0; i < units; ++i) out[order.units[i]] = 0;
  return out;
}

std::vector<PlaceboCut> within_places_at_cuts(const LateCount& late, std::int64_t cuts, double from_percent,
                                              double to_percent, std::int64_t least_places) {
  std::vector<PlaceboCut> out;
  if (late.place.empty() || late.from.empty() || cuts < 1) return out;
  const auto& place = late.place.back();
  const ArrivalOrder order = arrival_order(late);
  std::vector<Sides> sides(late.count->hierarchy.places().size());
  for (std::size_t u = 0; u < late.units(); ++u)
    if (place[u] != no_place && late.valid[u] > 0) {
      sides[place[u]].late_lead += lead_of(late, u);
      sides[place[u]].late_valid += static_cast<double>(late.valid[u]);
    }
  double votes = 0, valid = 0;
  std::int64_t split = 0;
  const auto n = static_cast<double>(order.units.size());
  std::int64_t next = 0;  // the next cut that is wanted
  const auto wanted = [&](std::int64_t cut) {
    return from_percent + (to_percent - from_percent) * (static_cast<double>(cut) + 0.5) / static_cast<double>(cuts);
  };
  for (std::size_t i = 0; i < order.units.size() && next < cuts; ++i) {
    const auto u = order.units[i];
    if (place[u] != no_place && late.valid[u] > 0) {
      Sides& s = sides[place[u]];
      if (s.split()) votes -= s.votes(), valid -= s.late_valid, --split;
      const auto v = static_cast<double>(late.valid[u]);
      s.early_lead += lead_of(late, u), s.early_valid += v;
      s.late_lead -= lead_of(late, u), s.late_valid -= v;
      if (s.split()) votes += s.votes(), valid += s.late_valid, ++split;
    }
    const double percent = 100 * static_cast<double>(i + 1) / n;
    if (!order.batch_ends[i] || percent < wanted(next)) continue;
    while (next < cuts && percent >= wanted(next)) ++next;
    if (i + 1 == order.units.size() || split < least_places || !(valid > 0)) continue;
    out.push_back({percent, i + 1, 100 * votes / valid});
  }
  return out;
}

}  // namespace cotejo

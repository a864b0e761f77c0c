#include "place_bootstrap.hpp"

#include <algorithm>
#include <cmath>

namespace cotejo {

using Components = CurveResult::Components;

PlaceBootstrap::PlaceBootstrap(const LateCount& late, std::size_t level) {
  const std::size_t places = late.count->hierarchy.places().size();
  std::vector<std::uint32_t> of_place(places, unused);
  std::vector<std::uint32_t> group_of_place(places, unused);
  for (std::size_t u = 0; u < late.units(); ++u) {
    const auto lowest = late.place.back()[u];
    std::uint32_t* at = lowest == no_place ? nullptr : &of_place[lowest];
    if (!at || *at == unused) {
      const auto above = late.place[level][u];
      std::uint32_t group = unused;
      if (above != no_place) {
        if (group_of_place[above] == unused) group_of_place[above] = groups_++;
        group = group_of_place[above];
      }
      clusters_.push_back({.group = group});
      if (at) *at = static_cast<std::uint32_t>(clusters_.size() - 1);
    }
    Cluster& c = clusters_[at ? *at : clusters_.size() - 1];
    const auto lead = static_cast<double>(late.leader_votes[u] - late.runner_up_votes[u]);
    const auto valid = static_cast<double>(late.valid[u]);
    (late.late[u] ? c.late_lead : c.early_lead) += lead;
    (late.late[u] ? c.late_valid : c.early_valid) += valid;
  }
}

void PlaceBootstrap::Cluster::add(const Cluster& other, double weight) {
  late_lead += weight * other.late_lead, late_valid += weight * other.late_valid;
  early_lead += weight * other.early_lead, early_valid += weight * other.early_valid;
}

Components PlaceBootstrap::draw(Stream& stream) const {
  std::vector<double> weight(clusters_.size());
  for (std::size_t i = 0; i < clusters_.size(); ++i) ++weight[stream.below(clusters_.size())];
  std::vector<Cluster> sums(groups_);
  double early_lead = 0, early_valid = 0, valid = 0;
  Cluster outside;
  for (std::size_t i = 0; i < clusters_.size(); ++i) {
    const Cluster& c = clusters_[i];
    (c.group == unused ? outside : sums[c.group]).add(c, weight[i]);
    early_lead += weight[i] * c.early_lead, early_valid += weight[i] * c.early_valid;
    valid += weight[i] * (c.early_valid + c.late_valid);
  }
  const double overall = early_lead / early_valid;
  Components out;
  for (const Cluster& s : sums) {
    if (!(s.late_valid > 0)) continue;
    if (!(s.early_valid > 0)) {
      out.without += s.late_lead - s.late_valid * overall;
      continue;
    }
    const double here = s.early_lead / s.early_valid;
    out.composition += s.late_valid * (here - overall);
    out.within_votes += s.late_lead - s.late_valid * here;
  }
  out.without += outside.late_lead - outside.late_valid * overall;
  out.within = out.within_votes;
  for (double* points : {&out.composition, &out.within, &out.without}) *points *= 100 / valid;
  return out;
}

Result<void> add_errors(CurveResult::Decomposition& out, const LateCount& late, std::int64_t draws,
                        const Context& context) {
  const PlaceBootstrap bootstrap(late, out.level);
  std::vector<Components> drawn(static_cast<std::size_t>(draws));
  if (!parallel_for(context, drawn.size(), "resampling places", [&](std::size_t i) {
        Stream stream(context.seed, Purpose::bootstrap, i);
        drawn[i] = bootstrap.draw(stream);
      }))
    return cancelled_error();
  for (const auto component :
       {&Components::composition, &Components::within, &Components::without, &Components::within_votes}) {
    std::vector<double> values;
    double mean = 0, squares = 0;
    for (const Components& d : drawn)
      if (std::isfinite(d.*component)) values.push_back(d.*component);
    if (values.size() < 2) continue;
    for (const double v : values) mean += v / static_cast<double>(values.size());
    for (const double v : values) squares += (v - mean) * (v - mean);
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
      return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    out.error.*component = std::sqrt(squares / static_cast<double>(values.size() - 1));
    out.low.*component = at(0.025);
    out.high.*component = at(0.975);
  }
  return {};
}

}  // namespace cotejo

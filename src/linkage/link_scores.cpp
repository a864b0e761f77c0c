#include "link_scores.hpp"

#include <cmath>
#include <limits>

namespace cotejo::linkage {

void LinkScores::weigh(const std::vector<double>& linked) {
  const Pairs& pairs = comparison_.pairs();
  weight_.assign(pairs.size(), 0);
  name_weight_.assign(pairs.size(), 0);
  std::vector<double> own(sides_.first.n, 0);
  if (!linked.empty())
    for (std::size_t q = 0; q < pairs.size(); ++q) own[pairs.first[q]] += linked[q];
  for (std::size_t l = 0; l < sides_.levels; ++l) {
    std::vector<double> from(sides_.texts.paths[l].size(), 0), along(pairs.correspondences[l].size(), 0);
    if (!linked.empty())
      for (std::size_t q = 0; q < pairs.size(); ++q) {
        if (linked[q] == 0) continue;
        from[sides_.first.path[l][pairs.first[q]]] += linked[q];
        along[pairs.correspondence[l][q]] += linked[q];
      }
    for (std::size_t q = 0; q < pairs.size(); ++q) {
      const auto& place = pairs.correspondences[l][pairs.correspondence[l][q]];
      if (place.kind == unknown_place) continue;
      const auto& m = m_place_[l];
      const double start = place.kind == same_place           ? m[0] / place.chance
                           : place.kind == similar_place_name ? std::max(m[1] / place.chance, m[2])
                                                              : m[2];
      // A pair's own link does not count as evidence for itself.
      const double others_from = linked.empty() ? 0 : std::max(0.0, from[place.first_path] - own[pairs.first[q]]);
      const double others_along = linked.empty() ? 0 : std::max(0.0, along[pairs.correspondence[l][q]] - linked[q]);
      weight_[q] += std::log((place_damping * start + others_along / place.chance) / (place_damping + others_from));
    }
  }
  for (std::size_t q = 0; q < pairs.size(); ++q) {
    name_weight_[q] = std::log(m_name_[pairs.name[q]] / pairs.name_chance[q]);
    const double by_place = weight_[q];
    const double by_distance =
        pairs.distance[q] == no_distance ? 0 : std::log(m_distance_[pairs.distance[q]] / pairs.distance_chance[q]);
    const double geo = by_place > 0 && by_distance > 0 ? std::max(by_place, by_distance) : by_place + by_distance;
    // A place alone ("the only precinct of that town") is no evidence that a precinct is the same: the name or the
    // point must speak for it.
    weight_[q] = name_weight_[q] > 0 || by_distance > 0 ? std::min(name_weight_[q] + geo, 80.0)
                                                        : -std::numeric_limits<double>::infinity();
  }
}

std::vector<double> LinkScores::link_once(double threshold) {
  const Pairs& pairs = comparison_.pairs();
  std::vector<double> linked(pairs.size(), 0);
  std::vector<char> gone_first = codes_.dead_first, gone_second = codes_.dead_second;
  std::vector<std::size_t> open;
  for (std::size_t q = 0; q < pairs.size(); ++q) {
    if (codes_.fixed[pairs.first[q]] == pairs.second[q])
      linked[q] = 1;
    else if (!gone_first[pairs.first[q]] && !gone_second[pairs.second[q]])
      open.push_back(q);
  }
  score_.assign(pairs.size(), 0);
  std::vector<double> likelihood(pairs.size());
  for (const std::size_t q : open) likelihood[q] = std::exp(weight_[q]);
  row_.assign(sides_.first.n, 0);
  column_.assign(sides_.second.n, 0);
  const double nobody = comparison_.places_of_second() * (1 - partner_) / partner_;
  for (bool changed = true; changed;) {
    changed = false;
    for (const std::size_t q : open) row_[pairs.first[q]] = column_[pairs.second[q]] = 0;
    for (const std::size_t q : open) {
      row_[pairs.first[q]] += likelihood[q];
      column_[pairs.second[q]] += likelihood[q];
    }
    for (const std::size_t q : open) {
      score_[q] = likelihood[q] / (row_[pairs.first[q]] + column_[pairs.second[q]] - likelihood[q] + nobody);
      if (score_[q] < threshold) continue;
      linked[q] = score_[q];
      gone_first[pairs.first[q]] = gone_second[pairs.second[q]] = 1;
      changed = true;
    }
    std::erase_if(open, [&](std::size_t q) { return gone_first[pairs.first[q]] || gone_second[pairs.second[q]]; });
  }
  // What is left open on either side, for the reasons.
  std::fill(row_.begin(), row_.end(), 0);
  std::fill(column_.begin(), column_.end(), 0);
  for (const std::size_t q : open) {
    row_[pairs.first[q]] += likelihood[q];
    column_[pairs.second[q]] += likelihood[q];
  }
  for (double& sum : row_) sum /= sum + nobody;
  for (double& sum : column_) sum /= sum + nobody;
  return linked;
}

void LinkScores::learn(const std::vector<double>& linked) {
  const Pairs& pairs = comparison_.pairs();
  const double n = comparison_.places_of_first(), worth = std::max(fewest_damping, damping * n);
  std::array<double, 6> name{};
  std::array<double, 10> distance{};
  double sum = 0, sum_distance = 0;
  for (std::size_t q = 0; q < pairs.size(); ++q) {
    sum += linked[q];
    name[pairs.name[q]] += linked[q];
    if (pairs.distance[q] == no_distance) continue;
    sum_distance += linked[q];
    distance[pairs.distance[q]] += linked[q];
  }
  const auto start = distance_start_normalised();
  for (std::size_t k = 0; k < name.size(); ++k) m_name_[k] = (worth * name_start[k] + name[k]) / (worth + sum);
  for (std::size_t k = 0; k < distance.size(); ++k)
    m_distance_[k] = (worth * start[k] + distance[k]) / (worth + sum_distance);
  for (std::size_t l = 0; l < sides_.levels; ++l) {
    std::array<double, 3> place{};
    double known = 0;
    for (std::size_t q = 0; q < pairs.size(); ++q) {
      const auto kind = pairs.correspondences[l][pairs.correspondence[l][q]].kind;
      if (kind == unknown_place) continue;
      place[kind] += linked[q];
      known += linked[q];
    }
    for (std::size_t k = 0; k < place.size(); ++k)
      m_place_[l][k] = (worth * place_start[k] + place[k]) / (worth + known);
  }
  partner_ = std::min((worth * partner_start + sum) / (worth + n), .999);
}

void LinkScores::describe(LinkModel& model) const {
  model.partner_share = partner_;
  model.name.assign(m_name_.begin(), m_name_.end());
  if (sides_.has_points) model.distance.assign(m_distance_.begin(), m_distance_.end());
  for (const auto& m : m_place_) model.place.emplace_back(m.begin(), m.end());
}

}  // namespace cotejo::linkage

#include "comparison.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <unordered_map>

#include "agreement.hpp"
#include "neighbours.hpp"

namespace cotejo::linkage {

Comparison::Comparison(Sides& sides, const CodeLinks& codes, LinkBy by, const Context& context)
    : sides_(sides), codes_(codes), by_(by), context_(context), place_names_(sides) {
  count_names();
  find_candidates();
}

void Comparison::count_names() {
  counts_.text = &sides_.texts.word_text;
  counts_.first.assign(sides_.texts.words.size(), 0);
  counts_.second.assign(sides_.texts.words.size(), 0);
  counts_.n_first = static_cast<double>(sides_.first.n);
  counts_.n_second = static_cast<double>(sides_.second.n);
  for (const auto& words : sides_.first.words)
    for (const Index word : words) ++counts_.first[word];
  for (const auto& words : sides_.second.words)
    for (const Index word : words) ++counts_.second[word];
  name_count_.assign(sides_.texts.names.size(), 0);
  for (const Index name : sides_.second.name) ++name_count_[name];
  // Good & Turing: a name seen once among the second side's is expected again 2 n_2 / n_1 times, not once.
  const auto seen = [&](double times) {
    return static_cast<double>(std::count(name_count_.begin(), name_count_.end(), times));
  };
  seen_once_ = std::clamp(2 * (seen(2) + .5) / (seen(1) + .5), .02, 1.0);
  for (std::size_t l = 0; l < sides_.levels; ++l) {
    path_count_.emplace_back(sides_.texts.paths[l].size(), 0.0);
    for (const Index path : sides_.second.path[l]) ++path_count_[l][path];
  }
}

void Comparison::find_candidates() {
  const auto keys = [](const Side& side, auto&& each) {
    std::vector<Keyed> out;
    for (Index i = 0; i < side.n; ++i) each(i, [&](std::uint64_t key) { out.push_back({key, i}); });
    return out;
  };
  const auto block = [&](auto&& each, std::size_t most) {
    candidates_.add_block(keys(sides_.first, [&](Index i, auto&& emit) { each(sides_.first, i, emit); }),
                          keys(sides_.second, [&](Index i, auto&& emit) { each(sides_.second, i, emit); }), most);
  };
  reach_km_.assign(sides_.first.n, 0);
  found_.assign(sides_.first.n, 0);
  farthest_km_.assign(sides_.first.n, 0);
  near_.assign(sides_.first.n, {});
  for (Index i = 0; i < sides_.first.n; ++i)
    if (codes_.fixed[i] != none) candidates_.add(i, codes_.fixed[i]);
  candidates_.settle();
  if (by_ == LinkBy::codes) return;
  block([](const Side& side, Index i, auto&& emit) { emit(side.name[i]); }, largest_block / 4);
  block(
      [](const Side& side, Index i, auto&& emit) {
        for (const Index word : side.words[i]) emit(word);
      },
      largest_block / 4);
  for (std::size_t l = 0; l < sides_.levels; ++l) {
    block([l](const Side& side, Index i, auto&& emit) { emit(mixed(side.path[l][i], side.name[i])); }, largest_block);
    block(
        [l](const Side& side, Index i, auto&& emit) {
          for (const Index word : side.words[i]) emit(mixed(side.path[l][i], word));
        },
        largest_block / 2);
    block([l](const Side& side, Index i, auto&& emit) { emit(side.path[l][i]); }, largest_block / 4);
  }
  if (sides_.has_points) find_neighbours();
}

void Comparison::find_neighbours() {
  const Tree of_first = make_tree(sides_.first), of_second = make_tree(sides_.second);
  for (Index i = 0; i < sides_.first.n; ++i) {
    if (!sides_.first.has_point[i]) continue;
    const Near found = nearest(of_second, sides_.second, sides_.first.point[i], neighbours);
    for (const Index j : found.places) candidates_.add(i, j);
    for (const double km : found.km) ++near_[i][distance_class(km)];
    found_[i] = static_cast<double>(std::min(neighbours, found.km.size()));
    reach_km_[i] = found.km.empty() ? 0 : found.km[static_cast<std::size_t>(found_[i]) - 1];
    farthest_km_[i] = found.km.empty() ? 0 : found.km.back();
  }
  double known = 0;
  for (Index j = 0; j < sides_.second.n; ++j) {
    if (!sides_.second.has_point[j]) continue;
    ++known;
    for (const Index i : nearest(of_first, sides_.first, sides_.second.point[j], neighbours).places)
      candidates_.add(i, j);
    for (const double km : nearest(of_second, sides_.second, sides_.second.point[j], neighbours).km)
      ++usual_near_[distance_class(km)];
    --usual_near_[0];  // itself
  }
  for (double& count : usual_near_) count /= std::max(known, 1.0);
  candidates_.settle();
}

// How many other places of the second side lie at such a distance from place i: what is seen there, what is usual
// between its places, and what the density around i would give; the largest.
double Comparison::others_at(Index i, std::uint8_t distance, double km) const {
  const double seen = near_[i][distance] - (km <= farthest_km_[i] + 1e-9 ? 1 : 0);
  const double radius = std::max(reach_km_[i], .05);
  const double density = found_[i] / (std::numbers::pi * radius * radius);
  const double inner = distance == 0 ? 0 : distance_edges_km[distance - 1];
  const double outer = distance == distance_edges_km.size() ? 1e5 : distance_edges_km[distance];
  const double expected = density * std::numbers::pi * (outer * outer - inner * inner);
  return std::clamp(std::max({seen, usual_near_[distance], expected}), 1e-3, counts_.n_second);
}

bool Comparison::compare() {
  const auto& list = candidates_.pairs();
  pairs_ = {};
  pairs_.first.resize(list.size());
  pairs_.second.resize(list.size());
  pairs_.name.resize(list.size());
  pairs_.distance.assign(list.size(), no_distance);
  pairs_.name_chance.resize(list.size());
  pairs_.distance_chance.assign(list.size(), 1);
  pairs_.similarity.resize(list.size());
  constexpr std::size_t chunk = 4096;
  const bool complete =
      parallel_for(context_, (list.size() + chunk - 1) / chunk, "comparing places", [&](std::size_t part) {
        for (std::size_t q = part * chunk; q < std::min(list.size(), (part + 1) * chunk); ++q) {
          const Index i = pairs_.first[q] = static_cast<Index>(list[q] >> 32),
                      j = pairs_.second[q] = static_cast<Index>(list[q]);
          const bool same = sides_.first.name[i] == sides_.second.name[j] && !sides_.first.words[i].empty();
          const NameMatch words =
              same ? NameMatch{1, 1} : match(sides_.first.words[i], sides_.second.words[j], counts_);
          pairs_.similarity[q] = static_cast<float>(words.similarity);
          pairs_.name[q] = name_class(words.similarity, same);
          const double times = name_count_[sides_.second.name[j]];
          // Whoever has the second place's name shares as much.
          pairs_.name_chance[q] = same ? (times > 1 ? times : seen_once_) / counts_.n_second
                                       : std::max(words.chance, times / counts_.n_second);
          if (sides_.has_points && sides_.first.has_point[i] && sides_.second.has_point[j]) {
            const double km = chord_km(sides_.first.point[i], sides_.second.point[j]);
            pairs_.distance[q] = distance_class(km);
            pairs_.distance_chance[q] = others_at(i, pairs_.distance[q], km) / counts_.n_second;
          }
        }
      });
  if (!complete) return false;
  find_correspondences();
  return true;
}

// Which place of the first side goes with which of the second, level by level, in some pair.
void Comparison::find_correspondences() {
  const auto& list = candidates_.pairs();
  pairs_.correspondence.assign(sides_.levels, std::vector<Index>(list.size()));
  pairs_.correspondences.assign(sides_.levels, {});
  for (std::size_t l = 0; l < sides_.levels; ++l) {
    PairInterner number;
    for (std::size_t q = 0; q < list.size(); ++q) {
      const Index i = pairs_.first[q], j = pairs_.second[q];
      const Index which = pairs_.correspondence[l][q] = number(sides_.first.path[l][i], sides_.second.path[l][j]);
      if (which < pairs_.correspondences[l].size()) continue;
      const double parent = l == 0 ? counts_.n_second : path_count_[l - 1][sides_.second.path[l - 1][j]];
      pairs_.correspondences[l].push_back({sides_.first.path[l][i],
                                           place_names_.compare(l, sides_.first.own[l][i], sides_.second.own[l][j]),
                                           path_count_[l][sides_.second.path[l][j]] / parent});
    }
  }
}

bool Comparison::follow_correspondences(std::vector<double>& linked) {
  if (sides_.levels == 0) return false;
  const std::size_t l = sides_.levels - 1;
  std::map<std::pair<Index, Index>, int> links;
  for (std::size_t q = 0; q < pairs_.size(); ++q)
    if (linked[q] > 0) ++links[{sides_.first.path[l][pairs_.first[q]], sides_.second.path[l][pairs_.second[q]]}];
  std::unordered_map<Index, std::vector<Index>> to;
  for (const auto& [which, count] : links)
    if (count >= 2 && which.first != which.second) to[which.first].push_back(which.second);
  if (to.empty()) return false;
  const auto before = candidates_.pairs();
  std::vector<Keyed> of_first, of_second;
  for (Index i = 0; i < sides_.first.n; ++i)
    if (const auto found = to.find(sides_.first.path[l][i]); found != to.end())
      for (const Index path : found->second) {
        of_first.push_back({mixed(path, sides_.first.name[i]), i});
        for (const Index word : sides_.first.words[i]) of_first.push_back({mixed(mixed(path, word), 1), i});
      }
  for (Index j = 0; j < sides_.second.n; ++j) {
    of_second.push_back({mixed(sides_.second.path[l][j], sides_.second.name[j]), j});
    for (const Index word : sides_.second.words[j])
      of_second.push_back({mixed(mixed(sides_.second.path[l][j], word), 1), j});
  }
  candidates_.add_block(std::move(of_first), std::move(of_second), largest_block / 2);
  const auto& after = candidates_.pairs();
  if (after.size() == before.size()) return false;
  std::vector<double> moved(after.size(), 0);
  for (std::size_t q = 0, k = 0; k < before.size(); ++q)
    if (after[q] == before[k]) moved[q] = linked[k++];
  linked = std::move(moved);
  return true;
}

}  // namespace cotejo::linkage

#include "matched_places.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

namespace cotejo {

namespace {

constexpr std::uint32_t nobody = UnlinkedPlace::nobody;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t nearest_places = 20;          // unobjected places that one of a placebo list is drawn from
constexpr std::int64_t placebo_replicates = 199;    // of the bootstrap of each placebo list
constexpr std::uint64_t placebo_streams = 1000003;  // lists of this method's permutation streams

// The unobjected pairs of every group, by share before.
using Pool = std::unordered_map<PlaceIndex, std::vector<std::size_t>>;

// The candidates of a group within the caliper and the size ratio.
std::vector<std::size_t> within_reach(const std::vector<std::size_t>& candidates, const std::vector<Pair>& pairs,
                                      const Pair& pair, const NextElectionRequest& request) {
  const double caliper = request.caliper_points / 100;
  std::vector<std::size_t> out;
  const auto begin = std::lower_bound(candidates.begin(), candidates.end(), pair.share_before - caliper,
                                      [&](std::size_t c, double least) { return pairs[c].share_before < least; });
  for (auto c = begin; c != candidates.end() && pairs[*c].share_before <= pair.share_before + caliper; ++c) {
    const auto a = static_cast<double>(pairs[*c].size), b = static_cast<double>(pair.size);
    if (a <= request.size_ratio * b && b <= request.size_ratio * a) out.push_back(*c);
  }
  return out;
}

// Nearest in share, then in size, then by the places' own order, which the rows' order does not change.
void keep_nearest(std::vector<std::size_t>& controls, const std::vector<Pair>& pairs, const Pair& pair,
                  std::size_t most) {
  const auto distance = [&](std::size_t c) {
    return std::pair(std::abs(pairs[c].share_before - pair.share_before),
                     std::abs(std::log(static_cast<double>(pairs[c].size) / static_cast<double>(pair.size))));
  };
  std::stable_sort(controls.begin(), controls.end(), [&](std::size_t a, std::size_t b) {
    const auto of_a = distance(a), of_b = distance(b);
    return of_a != of_b ? of_a < of_b : a < b;
  });
  if (controls.size() > most) controls.resize(most);
}

// Quantile of sorted values, type 7.
double quantile(const std::vector<double>& sorted, double p) {
  const double at = p * static_cast<double>(sorted.size() - 1);
  const auto low = static_cast<std::size_t>(at);
  const std::size_t high = std::min(low + 1, sorted.size() - 1);
  return sorted[low] + (at - static_cast<double>(low)) * (sorted[high] - sorted[low]);
}

// One placebo list: as many places as were objected to, each of nearly the share and size of an objected one: of the
// unobjected pairs within the size ratio (of all where there are none) one of the `nearest_places` nearest in share and all as
// near as these (many have 100 %, so that the first of them in some order are no sample); no place twice.
std::vector<char> placebo_places(Stream& stream, const std::vector<Pair>& pairs, const std::vector<char>& has_objected,
                                 const std::vector<std::size_t>& by_share, const NextElectionRequest& request) {
  std::vector<char> out(has_objected.size(), 0);
  std::vector<std::size_t> alike;
  const auto gather = [&](const Pair& objected, bool of_its_size) {
    const double like = objected.share_before;
    const auto middle = std::lower_bound(by_share.begin(), by_share.end(), like,
                                         [&](std::size_t c, double s) { return pairs[c].share_before < s; });
    auto above = static_cast<std::size_t>(middle - by_share.begin()), below = above;
    double reach = -1;
    while (below > 0 || above < by_share.size()) {
      constexpr double none = std::numeric_limits<double>::infinity();
      const double down = below > 0 ? like - pairs[by_share[below - 1]].share_before : none;
      const double up = above < by_share.size() ? pairs[by_share[above]].share_before - like : none;
      if (alike.size() >= nearest_places && std::min(down, up) > reach) break;
      reach = std::min(down, up);
      const std::size_t candidate = up <= down ? by_share[above++] : by_share[--below];
      const auto size = static_cast<double>(pairs[candidate].size), wanted = static_cast<double>(objected.size);
      const bool near = size <= request.size_ratio * wanted && wanted <= request.size_ratio * size;
      if (!out[pairs[candidate].before] && (near || !of_its_size)) alike.push_back(candidate);
    }
  };
  for (const auto& pair : pairs) {
    if (!has_objected[pair.before]) continue;
    alike.clear();
    gather(pair, true);
    if (alike.empty()) gather(pair, false);
    if (!alike.empty()) out[pairs[alike[stream.below(alike.size())]].before] = 1;
  }
  return out;
}

// Sums over matched places: gap of the share before (points) and difference of the change.
struct GapSums {
  double places = 0, gap = 0, difference = 0, squares = 0, products = 0;
  void add(const GapSums& other) {
    places += other.places;
    gap += other.gap;
    difference += other.difference;
    squares += other.squares;
    products += other.products;
  }
  double slope() const {
    const double spread = squares - gap * gap / places;
    return spread > 0 ? (products - gap * difference / places) / spread : 0;
  }
};

GapSums gaps_of(const std::vector<Pair>& pairs, const std::vector<Matched>& matched) {
  GapSums out;
  for (const auto& m : matched) {
    double before = 0;
    for (const std::size_t c : m.controls) before += pairs[c].share_before;
    const double gap = 100 * (pairs[m.objected].share_before - before / static_cast<double>(m.controls.size()));
    const double difference = pairs[m.objected].change - mean_change(pairs, m.controls);
    out.add({1, gap, difference, gap * gap, gap * difference});
  }
  return out;
}

}  // namespace

std::vector<Grouping> groupings(const Count& count, const PlaceSet& set, int linked_level) {
  std::vector<Grouping> out;
  for (int level = linked_level - 1; level >= 0; --level) {
    Grouping grouping{count.hierarchy.levels()[static_cast<std::size_t>(level)],
                      std::vector<PlaceIndex>(set.places.size(), no_place)};
    const auto place = places_on_level(count, grouping.level);
    for (UnitIndex unit = 0; unit < count.units() && !place.empty(); ++unit)
      if (set.of_unit[unit] != nobody) grouping.of_place[set.of_unit[unit]] = place[unit];
    out.push_back(std::move(grouping));
  }
  out.push_back({whole_count, std::vector<PlaceIndex>(set.places.size(), 0)});
  return out;
}

std::vector<Matched> match(const std::vector<Pair>& pairs, const std::vector<char>& treated,
                           const std::vector<char>& barred, const std::vector<Grouping>& levels,
                           const NextElectionRequest& request) {
  std::vector<Pool> pool(levels.size());
  std::vector<std::size_t> by_share;
  for (std::size_t k = 0; k < pairs.size(); ++k)
    if (!treated[pairs[k].before] && !barred[pairs[k].before]) by_share.push_back(k);
  std::stable_sort(by_share.begin(), by_share.end(),
                   [&](std::size_t a, std::size_t b) { return pairs[a].share_before < pairs[b].share_before; });
  for (std::size_t level = 0; level < levels.size(); ++level)
    for (const std::size_t k : by_share)
      if (const PlaceIndex group = levels[level].of_place[pairs[k].before]; group != no_place)
        pool[level][group].push_back(k);

  std::vector<Matched> out;
  for (std::size_t k = 0; k < pairs.size(); ++k) {
    if (!treated[pairs[k].before]) continue;
    Matched matched{.objected = k};
    for (std::size_t level = 0; level < levels.size() && matched.level.empty(); ++level) {
      const auto group = pool[level].find(levels[level].of_place[pairs[k].before]);
      if (group == pool[level].end()) continue;
      matched.controls = within_reach(group->second, pairs, pairs[k], request);
      if (static_cast<std::int64_t>(matched.controls.size()) >= request.min_controls)
        matched.level = levels[level].level;
    }
    if (matched.level.empty()) continue;
    keep_nearest(matched.controls, pairs, pairs[k], static_cast<std::size_t>(request.max_controls));
    out.push_back(std::move(matched));
  }
  return out;
}

double mean_change(const std::vector<Pair>& pairs, const std::vector<std::size_t>& controls) {
  double sum = 0;
  for (const std::size_t c : controls) sum += pairs[c].change;
  return sum / static_cast<double>(controls.size());
}

Changes changes_of(const std::vector<Pair>& pairs, const std::vector<Matched>& matched) {
  if (matched.empty()) return {not_known, not_known, not_known, not_known, not_known, not_known, 0};
  double weights = 0, own = 0, theirs = 0, equal = 0, own_before = 0, their_before = 0;
  for (const auto& m : matched) {
    const Pair& pair = pairs[m.objected];
    const auto weight = static_cast<double>(pair.valid);
    const double of_controls = mean_change(pairs, m.controls);
    double before = 0;
    for (const std::size_t c : m.controls) before += pairs[c].share_before;
    weights += weight;
    own += weight * pair.change;
    theirs += weight * of_controls;
    equal += pair.change - of_controls;
    own_before += weight * pair.share_before;
    their_before += weight * before / static_cast<double>(m.controls.size());
  }
  return {(own - theirs) / weights,
          equal / static_cast<double>(matched.size()),
          own / weights,
          theirs / weights,
          100 * own_before / weights,
          100 * their_before / weights,
          weights};
}

std::vector<Influence> influences(const std::vector<Pair>& pairs, const std::vector<Matched>& matched) {
  double weights = 0, sum = 0;
  std::vector<std::pair<double, double>> parts;  // weight, weighted difference
  for (const auto& m : matched) {
    const auto weight = static_cast<double>(pairs[m.objected].valid);
    parts.emplace_back(weight, weight * (pairs[m.objected].change - mean_change(pairs, m.controls)));
    weights += weight;
    sum += parts.back().second;
  }
  std::vector<Influence> out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    out.push_back({i, parts[i].second / weights,
                   parts.size() > 1 ? (sum - parts[i].second) / (weights - parts[i].first) : not_known});
  std::stable_sort(out.begin(), out.end(), [](const Influence& a, const Influence& b) {
    return std::abs(a.contribution) > std::abs(b.contribution);
  });
  return out;
}

Interval bootstrap_interval(Seed seed, std::uint64_t list, const std::vector<Pair>& pairs,
                            const std::vector<Matched>& matched, const std::vector<std::uint32_t>& cluster_of,
                            std::int64_t replicates, double confidence) {
  // The clusters in use, numbered in the places' own order.
  std::vector<std::uint32_t> used;
  for (const auto& m : matched) {
    used.push_back(cluster_of[m.objected]);
    for (const std::size_t c : m.controls) used.push_back(cluster_of[c]);
  }
  std::sort(used.begin(), used.end());
  used.erase(std::unique(used.begin(), used.end()), used.end());
  Interval out{.low = {}, .high = {}, .clusters = static_cast<std::int64_t>(used.size())};
  if (used.size() < 2) return out;
  std::vector<std::uint32_t> number(used.back() + std::size_t{1}, 0);
  for (std::uint32_t k = 0; k < used.size(); ++k) number[used[k]] = k;
  std::vector<double> weight(used.size()), differences;
  for (std::int64_t r = 0; r < replicates; ++r) {
    Stream stream(seed, Purpose::bootstrap, static_cast<std::uint64_t>(r), list);
    for (auto& w : weight) w = -std::log1p(-stream.uniform());
    double total = 0, difference = 0;
    for (const auto& m : matched) {
      double controls = 0, change = 0;
      for (const std::size_t c : m.controls) {
        const double w = weight[number[cluster_of[c]]];
        controls += w;
        change += w * pairs[c].change;
      }
      const double own = weight[number[cluster_of[m.objected]]] * static_cast<double>(pairs[m.objected].valid);
      total += own;
      difference += own * (pairs[m.objected].change - change / controls);
    }
    differences.push_back(difference / total);
  }
  std::sort(differences.begin(), differences.end());
  out.low = quantile(differences, (1 - confidence) / 2);
  out.high = quantile(differences, (1 + confidence) / 2);
  return out;
}

std::optional<PlaceboLists> placebo_lists(const Context& context, const std::vector<Pair>& pairs,
                                          const std::vector<char>& has_objected, const std::vector<Grouping>& levels,
                                          const NextElectionRequest& request,
                                          const std::vector<std::uint32_t>& cluster_of, double observed) {
  std::vector<std::size_t> by_share;  // pairs that a placebo may be drawn from
  for (std::size_t k = 0; k < pairs.size(); ++k)
    if (!has_objected[pairs[k].before]) by_share.push_back(k);
  std::sort(by_share.begin(), by_share.end(), [&](std::size_t a, std::size_t b) {
    return std::pair(pairs[a].share_before, pairs[a].before) < std::pair(pairs[b].share_before, pairs[b].before);
  });
  const auto lists = static_cast<std::size_t>(request.placebos);
  std::vector<double> difference(lists, not_known);
  std::vector<Interval> intervals(lists);
  std::vector<GapSums> gaps(lists);
  const bool finished = parallel_for(context, lists, "placebo lists", [&](std::size_t list) {
    Stream stream(context.seed, Purpose::permutation_test, list, placebo_streams);
    const auto treated = placebo_places(stream, pairs, has_objected, by_share, request);
    const auto matched = match(pairs, treated, has_objected, levels, request);
    if (matched.empty()) return;
    const auto interval =
        bootstrap_interval(context.seed, 1 + list, pairs, matched, cluster_of, placebo_replicates, request.confidence);
    if (!interval.low) return;
    difference[list] = changes_of(pairs, matched).difference;
    intervals[list] = interval;
    gaps[list] = gaps_of(pairs, matched);
  });
  if (!finished) return std::nullopt;
  PlaceboLists out;
  std::vector<double> all;
  GapSums gap;
  double covered = 0, as_low = 0, squares = 0;
  for (std::size_t list = 0; list < lists; ++list) {
    if (std::isnan(difference[list])) continue;
    all.push_back(difference[list]);
    gap.add(gaps[list]);
    covered += *intervals[list].low <= 0 && *intervals[list].high >= 0;
    as_low += difference[list] <= observed;
  }
  out.lists = static_cast<std::int64_t>(all.size());
  if (all.size() < 20) return out;
  const auto n = static_cast<double>(all.size());
  out.centre = std::accumulate(all.begin(), all.end(), 0.0) / n;
  for (const double d : all) squares += (d - out.centre) * (d - out.centre);
  out.sd = std::sqrt(squares / (n - 1));
  out.coverage_percent = 100 * covered / n;
  out.as_low_percent = 100 * as_low / n;
  std::sort(all.begin(), all.end());
  out.low = quantile(all, (1 - request.confidence) / 2);
  out.high = quantile(all, (1 + request.confidence) / 2);
  out.share_gap = gap.gap / gap.places;
  out.from_gap = gap.slope() * out.share_gap;
  double held = 0;
  for (std::size_t list = 0; list < lists; ++list) {
    if (std::isnan(difference[list])) continue;
    std::vector<double> others = all;
    others.erase(std::lower_bound(others.begin(), others.end(), difference[list]));
    held += std::min(*intervals[list].low, difference[list] - quantile(others, (1 + request.confidence) / 2)) <= 0 &&
            std::max(*intervals[list].high, difference[list] - quantile(others, (1 - request.confidence) / 2)) >= 0;
  }
  out.bound_percent = 100 * held / n;
  return out;
}

}  // namespace cotejo

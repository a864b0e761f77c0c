#include "cotejo/methods/review/next_election.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/naming.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "next_election_result.hpp"

namespace cotejo {

namespace {

using Index = std::uint32_t;
constexpr Index nobody = UnlinkedPlace::nobody;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double whole_enough = .8;  // registered voters after / before, above which votes can be compared

std::vector<PlaceSums> sums_of(const Count& count, const PlaceSet& set, std::size_t option) {
  std::vector<PlaceSums> out(set.places.size());
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    if (set.of_unit[unit] != nobody)
      out[set.of_unit[unit]] += {1, votes_of(count, option, unit), count.valid_of(unit), count.registered_of(unit)};
  return out;
}

// The cluster of every pair: its place on the named level, or the pair itself; numbered in the places' own order.
std::vector<Index> clusters_of(const Count& count, const PlaceSet& set, const std::vector<Pair>& pairs,
                               const std::string& level) {
  std::vector<PlaceIndex> group(set.places.size(), no_place);
  if (!level.empty()) {
    const auto place = places_on_level(count, level);
    for (UnitIndex unit = 0; unit < count.units() && !place.empty(); ++unit)
      if (set.of_unit[unit] != nobody) group[set.of_unit[unit]] = place[unit];
  }
  std::vector<std::size_t> order(pairs.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return pairs[a].before < pairs[b].before; });
  std::unordered_map<PlaceIndex, Index> number;
  std::vector<Index> out(pairs.size(), 0);
  Index next = 0;
  for (const std::size_t k : order) {
    const PlaceIndex place = group[pairs[k].before];
    if (place == no_place) {
      out[k] = next++;
      continue;
    }
    const auto [at, is_new] = number.try_emplace(place, next);
    next += is_new;
    out[k] = at->second;
  }
  return out;
}

}  // namespace

bool same_or_more_share(const PlaceSums& before, const PlaceSums& after) {
  __extension__ using Wide = __int128;
  return static_cast<Wide>(after.votes) * before.valid >= static_cast<Wide>(before.votes) * after.valid;
}

MethodInfo NextElectionRequest::info() {
  return {.id = "next-election",
          .family = "review",
          .title = "The same places in another election",
          .question = "Did the same places vote the same way in another election, with other officials?",
          .assumes =
              "A link names the same place; without what was objected to, objected places would have changed as their "
              "matched controls did.",
          .cost = "n log n in places for the links, plus replicates x controls used",
          .references = {"Fellegi, I. P., & Sunter, A. B. (1969). A theory for record linkage. JASA 64:1183.",
                         "Rubin, D. B. (1981). The Bayesian bootstrap. Ann. Stat. 9:130.",
                         "Angrist, J. D., & Pischke, J.-S. (2009). Mostly Harmless Econometrics, ch. 5.",
                         "Daw, J. R., & Hatfield, L. A. (2018). Matching and regression to the mean in "
                         "difference-in-differences analysis. Health Services Research 53(6)."},
          .see_also = {"controls"}};
}

const OptionTable<NextElectionRequest>& NextElectionRequest::table() {
  static const OptionTable<NextElectionRequest> options = [] {
    using R = NextElectionRequest;
    OptionTable<R> t;
    t.add(&R::level,
          {.name = "level",
           .unit = "level",
           .text = "The level whose places are linked, or 'unit'; empty: the lowest level that both counts have."});
    t.add(&R::link, {.name = "link",
                     .unit = "",
                     .text = "How places are linked: by codes and, where there are none, by names (auto); by codes "
                             "alone; by names and coordinates alone.",
                     .choices = {"auto", "codes", "names"}});
    t.add(&R::threshold, {.name = "threshold",
                          .unit = "score 0..1",
                          .text = "The least score at which two places are linked by names and coordinates.",
                          .low = .5,
                          .high = 1});
    t.add(&R::option, {.name = "option",
                       .unit = "option id",
                       .text = "The option that is followed; empty: the leader of the first count."});
    t.add(&R::option_after,
          {.name = "option_after", .unit = "option id", .text = "Its id in the second count; empty: the same id."});
    t.add(&R::min_controls,
          {.name = "min_controls",
           .unit = "precincts",
           .text = "How many matched controls a level must have; with fewer, the next level up is taken.",
           .low = 1,
           .high = 1e6});
    t.add(&R::max_controls, {.name = "max_controls",
                             .unit = "precincts",
                             .text = "At most so many controls per objected precinct, the nearest in share before.",
                             .low = 1,
                             .high = 1e6});
    t.add(&R::caliper_points,
          {.name = "caliper_points",
           .unit = "points",
           .text = "A control's share before lies within so many points of the objected precinct's.",
           .low = 0,
           .high = 100});
    t.add(&R::size_ratio, {.name = "size_ratio",
                           .unit = "factor",
                           .text = "A control's size before (registered voters, else valid votes) lies within this "
                                   "factor of the objected precinct's.",
                           .low = 1,
                           .high = 1e6});
    t.add(&R::cluster_level,
          {.name = "cluster_level",
           .unit = "level",
           .text = "The level whose places are the clusters of the bootstrap; empty: the linked places themselves."});
    t.add(&R::replicates,
          {.name = "replicates", .unit = "replicates", .text = "Replicates of the bootstrap.", .low = 99, .high = 1e6});
    t.add(&R::confidence,
          {.name = "confidence", .unit = "share 0..1", .text = "Level of the interval.", .low = .5, .high = .999});
    t.add(
        &R::placebos,
        {.name = "placebos",
         .unit = "lists",
         .text = "Lists of places nobody objected to, chosen as the objected ones are, that the interval is tried on.",
         .low = 0,
         .high = 1e5});
    t.add(&R::list_limit,
          {.name = "list_limit",
           .unit = "rows",
           .text = "How many links, unlinked places and matched controls the tables list; all are counted.",
           .low = 0,
           .high = 1e7});
    return t;
  }();
  return options;
}

namespace {

// Which option, which level.
Result<void> find_question(NextElectionResult& r) {
  const auto& request = r.request;
  COTEJO_TRY(option, option_or_leader(r.first, request.option));
  r.option = option;
  r.option_id = r.first.contest.options[option].id.text;
  auto option_after = option_or_leader(r.second, request.option_after.empty() ? r.option_id : request.option_after);
  if (!option_after) {
    Error error = std::move(option_after).error();
    error.remedy += " Name the one to follow with option option_after.";
    return error;
  }
  r.option_after = *option_after;
  r.shared = shared_levels(r.first, r.second);
  r.level = request.level;
  if (r.level.empty() && r.shared.empty())
    return needs(
        "two counts with a common level of places",
        fmt::format(
            "'{}' has: {}; '{}' has: {}. Give the levels the same names in both profiles, or use option level=unit.",
            r.first.id.text, fmt::join(r.first.hierarchy.levels(), ", "), r.second.id.text,
            fmt::join(r.second.hierarchy.levels(), ", ")));
  if (r.level.empty()) r.level = r.shared.back();
  const bool by_unit = r.level == "unit" && r.first.hierarchy.level_index(r.level) < 0;
  r.linked_level = static_cast<int>(r.first.hierarchy.levels().size());
  if (!by_unit) {
    COTEJO_TRY(level_first, level_named(r.first, "level", r.level));
    COTEJO_TRY(level_second, level_named(r.second, "level", r.level));
    (void)level_second;
    r.linked_level = static_cast<int>(level_first);
    std::erase_if(r.shared,
                  [&](const std::string& name) { return r.first.hierarchy.level_index(name) >= r.linked_level; });
  }
  if (!request.cluster_level.empty()) COTEJO_CHECK(level_named(r.first, "cluster_level", request.cluster_level));
  return {};
}

Result<void> link(NextElectionResult& r, const Context& context) {
  const auto& request = r.request;
  r.before_set = places_to_link(r.first, r.level, r.shared, request.crosswalk);
  r.after_set = places_to_link(r.second, r.level, r.shared);
  const auto& codes = r.before_set.places.codes;
  if (request.crosswalk && std::all_of(codes.begin(), codes.end(), [](const auto& code) { return code.empty(); }))
    return needs("a crosswalk that names units of the first count",
                 fmt::format("No unit key of '{}' is in crosswalk '{}'.", r.first.id.text, request.crosswalk->id.text));
  const LinkOptions options{.by = request.link == "codes"   ? LinkBy::codes
                                  : request.link == "names" ? LinkBy::names
                                                            : LinkBy::automatic,
                            .threshold = request.threshold};
  COTEJO_TRY(linkage, link_places(r.before_set.places, r.after_set.places, options, context));
  r.linkage = std::move(linkage);
  for (const auto& link : r.linkage.links)
    if (link.evidence == Evidence::code) {
      ++r.by_code;
      r.codes_and_names_agree += link.name_similarity >= .4;
    }
  return {};
}

// The two sides of every link.
void compare_sides(const std::vector<UnitIndex>& objected_units, NextElectionResult& r) {
  r.before = sums_of(r.first, r.before_set, r.option);
  r.after = sums_of(r.second, r.after_set, r.option_after);
  r.has_objected.assign(r.before.size(), 0);
  for (const UnitIndex unit : objected_units) {
    if (r.before_set.of_unit[unit] == nobody)
      ++r.without_place;
    else
      r.has_objected[r.before_set.of_unit[unit]] = 1;
  }
  r.precincts_objected = std::count(r.has_objected.begin(), r.has_objected.end(), 1);
  r.link_of.assign(r.before.size(), r.linkage.links.size());
  for (std::size_t place = 0; place < r.before.size(); ++place)
    if (r.has_objected[place]) r.all_objected_before += r.before[place];
  for (std::size_t k = 0; k < r.linkage.links.size(); ++k) {
    const Link& link = r.linkage.links[k];
    r.link_of[link.first] = k;
    const PlaceSums &b = r.before[link.first], &a = r.after[link.second];
    const bool can_compare = b.valid > 0 && a.valid > 0;
    if (r.has_objected[link.first]) {
      ++r.precincts_linked;
      r.objected_before += b;
      r.objected_after += a;
      r.same_votes += a.votes >= b.votes;
    } else if (can_compare) {
      ++r.others;
      r.others_before += b;
      r.others_after += a;
      r.others_same_share += same_or_more_share(b, a);
    }
    if (!can_compare) continue;
    r.pairs.push_back({link.first, link.second, k, b.share(), 100 * (a.share() - b.share()), b.size(), b.valid});
    if (!r.has_objected[link.first]) continue;
    ++r.compared;
    r.same_share += same_or_more_share(b, a);
    const double deficit = static_cast<double>(b.votes) - a.share() * static_cast<double>(b.valid);
    r.later_share_deficit += deficit;
    r.later_share_deficit_where_less += std::max(0.0, deficit);
  }
  const auto percent = [](const PlaceSums& s) {
    return percent_of(static_cast<double>(s.votes), static_cast<double>(s.valid)).value;
  };
  r.share_before = percent(r.objected_before);
  r.share_after = percent(r.objected_after);
}

// Matched controls and the difference in differences.
Result<void> compare_with_controls(NextElectionResult& r, const Context& context) {
  r.levels = groupings(r.first, r.before_set, r.linked_level);
  r.matched = match(r.pairs, r.has_objected, std::vector<char>(r.before.size(), 0), r.levels, r.request);
  r.comparison = changes_of(r.pairs, r.matched);
  for (const auto& m : r.matched)
    r.controls_up += static_cast<double>(std::count_if(m.controls.begin(), m.controls.end(),
                                                       [&](std::size_t c) {
                                                         return same_or_more_share(r.before[r.pairs[c].before],
                                                                                   r.after[r.pairs[c].after]);
                                                       })) /
                     static_cast<double>(m.controls.size());
  const auto cluster_of = clusters_of(r.first, r.before_set, r.pairs, r.request.cluster_level);
  const Interval drawn =
      bootstrap_interval(context.seed, 0, r.pairs, r.matched, cluster_of, r.request.replicates, r.request.confidence);
  r.low = drawn.low;
  r.high = drawn.high;
  r.clusters = drawn.clusters;
  r.weights = influences(r.pairs, r.matched);
  auto placebos =
      placebo_lists(context, r.pairs, r.has_objected, r.levels, r.request, cluster_of, r.comparison.difference);
  if (!placebos) return cancelled_error();
  r.placebos = *placebos;
  return {};
}

// Can votes be compared; and the bound in votes.
void bound_votes(NextElectionResult& r) {
  r.coverage =
      r.objected_before.registered > 0 && r.objected_after.registered > 0
          ? static_cast<double>(r.objected_after.registered) / static_cast<double>(r.objected_before.registered)
          : not_known;
  r.second_complete = r.second.snapshot_of.text.empty() && !(r.coverage < whole_enough);
  if (!r.second.caveats.empty())
    r.votes_caveat = fmt::format(" Caveat of {}: {}", r.second.id.text, fmt::join(r.second.caveats, " "));
  r.placebos_known = r.placebos.lists >= 20;
  r.interval_holds = r.placebos_known && r.placebos.coverage_percent >= least_placebo_coverage;
  r.bound_low = r.low.value_or(r.comparison.difference);
  r.bound_high = r.high.value_or(r.comparison.difference);
  if (r.placebos_known && !r.interval_holds) {
    r.bound_low = std::min(r.bound_low, r.comparison.difference - r.placebos.high);
    r.bound_high = std::max(r.bound_high, r.comparison.difference - r.placebos.low);
  }
  if (r.low) r.most_above = r.votes_above(r.bound_low);
  r.from_everywhere =
      std::count_if(r.matched.begin(), r.matched.end(), [](const Matched& m) { return m.level == whole_count; });
}

}  // namespace

Result<Finding> run(const Count& first, const NextElectionRequest& request, const Context& context) {
  if (!request.other)
    return needs("a second count", "Name it with --against; `cotejo list CASE` shows those there are.");
  if (request.challenges.empty())
    return needs("a challenge", "Name one with --challenge; `cotejo list CASE` shows those there are.");
  COTEJO_TRY(objected_units, resolve_union(request.challenges, first));
  if (request.rule) COTEJO_CHECK(validate(*request.rule, first.contest));
  NextElectionResult result(first, *request.other, request);
  COTEJO_CHECK(find_question(result));
  COTEJO_CHECK(link(result, context));
  compare_sides(objected_units, result);
  COTEJO_CHECK(compare_with_controls(result, context));
  bound_votes(result);
  return present(result, context);
}

}  // namespace cotejo

#include "cotejo/methods/review/next_election.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/base/units.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/linkage/link.hpp"
#include "cotejo/methods/support/naming.hpp"
#include "cotejo/methods/support/outcome_words.hpp"
#include "matched_places.hpp"

namespace cotejo {

namespace {

using Index = std::uint32_t;
constexpr Index nobody = UnlinkedPlace::nobody;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
constexpr double balanced_points = 1;  // mean share before, objected against controls
constexpr double whole_enough = .8;    // registered voters after / before, above which votes can be compared
constexpr double least_coverage = 90;  // % of placebo lists whose 95 % interval must hold zero

std::vector<PlaceSums> sums_of(const Count& count, const PlaceSet& set, std::size_t option) {
  std::vector<PlaceSums> out(set.places.size());
  for (UnitIndex unit = 0; unit < count.units(); ++unit)
    if (set.of_unit[unit] != nobody)
      out[set.of_unit[unit]] += {1, votes_of(count, option, unit), count.valid_of(unit), count.registered_of(unit)};
  return out;
}

bool same_or_more_share(const PlaceSums& before, const PlaceSums& after) {
  __extension__ using Wide = __int128;
  return static_cast<Wide>(after.votes) * before.valid >= static_cast<Wide>(before.votes) * after.valid;
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

std::string plural(std::int64_t n, std::string_view what) {
  return fmt::format("{} {}{}", with_thousands(n), what, n == 1 ? "" : "s");
}

}  // namespace

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
    t.add(&R::placebos,
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

Result<Finding> run(const Count& first, const NextElectionRequest& request, const Context& context) {
  if (!request.other)
    return needs("a second count", "Name it with --against; `cotejo list CASE` shows those there are.");
  if (request.challenges.empty())
    return needs("a challenge", "Name one with --challenge; `cotejo list CASE` shows those there are.");
  const Count& second = *request.other;
  COTEJO_TRY(objected_units, resolve_union(request.challenges, first));
  if (request.rule) COTEJO_CHECK(validate(*request.rule, first.contest));

  // Which option, which level.
  COTEJO_TRY(option, option_or_leader(first, request.option));
  const std::string option_id = first.contest.options[option].id.text;
  auto option_after_or_error =
      option_or_leader(second, request.option_after.empty() ? option_id : request.option_after);
  if (!option_after_or_error) {
    Error error = std::move(option_after_or_error).error();
    error.remedy += " Name the one to follow with option option_after.";
    return error;
  }
  const std::size_t option_after = *option_after_or_error;
  auto shared = shared_levels(first, second);
  std::string level = request.level;
  if (level.empty() && shared.empty())
    return needs(
        "two counts with a common level of places",
        fmt::format(
            "'{}' has: {}; '{}' has: {}. Give the levels the same names in both profiles, or use option level=unit.",
            first.id.text, fmt::join(first.hierarchy.levels(), ", "), second.id.text,
            fmt::join(second.hierarchy.levels(), ", ")));
  if (level.empty()) level = shared.back();
  const bool by_unit = level == "unit" && first.hierarchy.level_index(level) < 0;
  int linked_level = static_cast<int>(first.hierarchy.levels().size());
  if (!by_unit) {
    COTEJO_TRY(level_first, level_named(first, "level", level));
    COTEJO_CHECK([&]() -> Result<void> {
      COTEJO_TRY(level_second, level_named(second, "level", level));
      (void)level_second;
      return {};
    }());
    linked_level = static_cast<int>(level_first);
    std::erase_if(shared, [&](const std::string& name) { return first.hierarchy.level_index(name) >= linked_level; });
  }
  int cluster_level = -1;
  if (!request.cluster_level.empty()) {
    COTEJO_TRY(named, level_named(first, "cluster_level", request.cluster_level));
    cluster_level = static_cast<int>(named);
  }

  // The links.
  const PlaceSet before_set = places_to_link(first, level, shared, request.crosswalk);
  const PlaceSet after_set = places_to_link(second, level, shared);
  if (request.crosswalk && std::all_of(before_set.places.codes.begin(), before_set.places.codes.end(),
                                       [](const auto& code) { return code.empty(); }))
    return needs("a crosswalk that names units of the first count",
                 fmt::format("No unit key of '{}' is in crosswalk '{}'.", first.id.text, request.crosswalk->id.text));
  const LinkOptions link_options{.by = request.link == "codes"   ? LinkBy::codes
                                       : request.link == "names" ? LinkBy::names
                                                                 : LinkBy::automatic,
                                 .threshold = request.threshold};
  COTEJO_TRY(linkage, link_places(before_set.places, after_set.places, link_options, context));

  // The two sides of every link.
  const auto before = sums_of(first, before_set, option), after = sums_of(second, after_set, option_after);
  std::vector<char> has_objected(before.size(), 0);
  std::int64_t without_place = 0;
  for (const UnitIndex unit : objected_units) {
    if (before_set.of_unit[unit] == nobody)
      ++without_place;
    else
      has_objected[before_set.of_unit[unit]] = 1;
  }
  const auto precincts_objected = std::count(has_objected.begin(), has_objected.end(), 1);
  std::vector<std::size_t> link_of(before.size(), linkage.links.size());
  std::vector<Pair> pairs;
  PlaceSums objected_before, objected_after, others_before, others_after, all_objected_before;
  std::int64_t precincts_linked = 0, same_votes = 0, same_share = 0, compared = 0, others = 0, others_same_share = 0;
  double later_share_deficit = 0, later_share_deficit_where_less = 0;
  for (std::size_t place = 0; place < before.size(); ++place)
    if (has_objected[place]) all_objected_before += before[place];
  for (std::size_t k = 0; k < linkage.links.size(); ++k) {
    const Link& link = linkage.links[k];
    link_of[link.first] = k;
    const PlaceSums &b = before[link.first], &a = after[link.second];
    const bool can_compare = b.valid > 0 && a.valid > 0;
    if (has_objected[link.first]) {
      ++precincts_linked;
      objected_before += b;
      objected_after += a;
      same_votes += a.votes >= b.votes;
    } else if (can_compare) {
      ++others;
      others_before += b;
      others_after += a;
      others_same_share += same_or_more_share(b, a);
    }
    if (!can_compare) continue;
    pairs.push_back({link.first, link.second, k, b.share(), 100 * (a.share() - b.share()), b.size(), b.valid});
    if (!has_objected[link.first]) continue;
    ++compared;
    same_share += same_or_more_share(b, a);
    const double deficit = static_cast<double>(b.votes) - a.share() * static_cast<double>(b.valid);
    later_share_deficit += deficit;
    later_share_deficit_where_less += std::max(0.0, deficit);
  }
  const double share_before =
      percent_of(static_cast<double>(objected_before.votes), static_cast<double>(objected_before.valid)).value;
  const double share_after =
      percent_of(static_cast<double>(objected_after.votes), static_cast<double>(objected_after.valid)).value;

  // Matched controls and the difference in differences.
  const auto levels = groupings(first, before_set, linked_level);
  const std::vector<char> nobody_barred(before.size(), 0);
  const auto matched = match(pairs, has_objected, nobody_barred, levels, request);
  const Changes comparison = changes_of(pairs, matched);
  double controls_up = 0;
  for (const auto& m : matched)
    controls_up +=
        static_cast<double>(std::count_if(
            m.controls.begin(), m.controls.end(),
            [&](std::size_t c) { return same_or_more_share(before[pairs[c].before], after[pairs[c].after]); })) /
        static_cast<double>(m.controls.size());
  const auto n_matched = static_cast<double>(matched.size());
  const auto cluster_of = clusters_of(first, before_set, pairs, cluster_level < 0 ? "" : request.cluster_level);
  const auto drawn = bootstrap_interval(context.seed, 0, pairs, matched, cluster_of, request.replicates,
                                        request.confidence);
  const auto &low = drawn.low, &high = drawn.high;
  const std::int64_t clusters = drawn.clusters;
  const auto weights = influences(pairs, matched);
  auto placebos =
      placebo_lists(context, pairs, has_objected, levels, request, cluster_of, comparison.difference);
  if (!placebos) return cancelled_error();

  // Can votes be compared?
  const double coverage =
      objected_before.registered > 0 && objected_after.registered > 0
          ? static_cast<double>(objected_after.registered) / static_cast<double>(objected_before.registered)
          : not_known;
  const bool second_complete = second.snapshot_of.text.empty() && !(coverage < whole_enough);
  const std::string votes_caveat =
      second.caveats.empty() ? "" : fmt::format(" Caveat of {}: {}", second.id.text, fmt::join(second.caveats, " "));

  // The bound in votes: by the interval printed, or by the placebo lists where theirs hold zero too rarely.
  const bool placebos_known = placebos->lists >= 20;
  const bool interval_holds = placebos_known && placebos->coverage_percent >= least_coverage;
  double bound_low = low ? *low : comparison.difference, bound_high = high ? *high : comparison.difference;
  if (placebos_known && !interval_holds) {
    bound_low = std::min(bound_low, comparison.difference - placebos->high);
    bound_high = std::max(bound_high, comparison.difference - placebos->low);
  }
  const auto votes_above = [&](double points) { return -points / 100 * comparison.valid; };
  const std::optional<double> most_above = low ? std::optional(votes_above(bound_low)) : std::nullopt;
  const auto from_everywhere =
      std::count_if(matched.begin(), matched.end(), [&](const Matched& m) { return m.level == whole_count; });

  Finding finding = open_finding(NextElectionRequest::info(), first, context);
  add_input(finding, second);
  for (const Challenge* challenge : request.challenges) finding.inputs.push_back(input_of(*challenge));
  if (request.crosswalk) finding.inputs.push_back(input_of(*request.crosswalk));
  const auto as_double = [](std::int64_t n) { return static_cast<double>(n); };
  finding.estimates = {
      {"precincts_objected", as_double(precincts_objected), level,
       fmt::format("places of level {} with an objected unit", level)},
      {"precincts_linked", as_double(precincts_linked), level, "of these, linked to a place of the second count"},
      {"precincts_compared", as_double(compared), level, "of these, with valid votes in both"},
      {"leader_share_before_percent", share_before, "% of valid votes",
       fmt::format("{} in every unit of the linked objected places, first count", option_id)},
      {"leader_share_after_percent", share_after, "% of valid votes",
       fmt::format("{} in the same places, second count", second.contest.options[option_after].id.text)},
      {"leader_votes_before", as_double(objected_before.votes), "votes",
       "votes in every unit of the linked objected places, first count"},
      {"leader_votes_after", as_double(objected_after.votes), "votes",
       "votes in the same places, second count." + votes_caveat},
      {"precincts_same_or_more_share", as_double(same_share), level,
       "compared places whose share after is at least that before"},
      {"precincts_same_or_more_votes", as_double(same_votes), level,
       "linked places whose votes after are at least those before." + votes_caveat},
      {"difference_in_differences_points", comparison.difference, "points of valid votes",
       "change in the objected places minus change in their matched controls, weighted by valid votes before", low,
       high, low ? std::optional(request.confidence) : std::nullopt},
      {"difference_in_differences_equal_points", comparison.equal, "points of valid votes",
       "the same, each objected place counted once"},
      {"precincts_matched", n_matched, level, "compared objected places with enough controls"},
      {"change_objected_points", comparison.change_objected, "points of valid votes",
       "weighted mean change of the matched objected places"},
      {"change_controls_points", comparison.change_controls, "points of valid votes",
       "weighted mean change of their controls"},
      {"matched_share_before_percent", comparison.percent_objected, "% of valid votes",
       "weighted mean share before of the matched objected places"},
      {"controls_share_before_percent", comparison.percent_controls, "% of valid votes",
       "weighted mean share before of their controls"},
      {"controls_same_or_more_share_percent", matched.empty() ? not_known : 100 * controls_up / n_matched,
       "% of controls", "controls whose share after is at least that before, mean over the objected places"},
      {"objected_same_or_more_share_percent", percent_of(as_double(same_share), as_double(compared)).value,
       "% of compared places", "objected places whose share after is at least that before"},
      {"votes_above_controls", votes_above(comparison.difference), "votes",
       "-D sum V_i / 100: votes before above what the change of the matched places gives; negative: below",
       high ? std::optional(votes_above(bound_high)) : std::nullopt, most_above,
       low ? std::optional(request.confidence) : std::nullopt},
      {"largest_influence_points", weights.empty() ? not_known : weights[0].contribution, "points of valid votes",
       "the largest part that one place has in the difference in differences (table influence)"},
      {"difference_without_largest_points", weights.empty() ? not_known : weights[0].without, "points of valid votes",
       "the difference in differences without that place"},
      {"matched_from_whole_count", as_double(from_everywhere), level,
       "matched objected places whose controls had to be taken from the whole count"},
      {"placebo_lists", as_double(placebos->lists), "lists",
       "lists of as many places nobody objected to, of nearly the shares and sizes of the objected ones"},
      {"placebo_coverage_percent", placebos_known ? placebos->coverage_percent : not_known, "% of placebo lists",
       "placebo lists whose interval holds zero"},
      {"placebo_centre_points", placebos_known ? placebos->centre : not_known, "points of valid votes",
       "mean difference in differences of the placebo lists: regression to the mean, which matching did not take out",
       placebos_known ? std::optional(placebos->low) : std::nullopt,
       placebos_known ? std::optional(placebos->high) : std::nullopt,
       placebos_known ? std::optional(request.confidence) : std::nullopt},
      {"placebo_bound_percent", placebos_known ? placebos->bound_percent : not_known, "% of placebo lists",
       "placebo lists where the wider of their interval and the spread of all other lists holds zero, as the bound here is drawn"},
      {"placebo_share_gap_points", placebos_known ? placebos->share_gap : not_known, "points of valid votes",
       "share before of the places of the placebo lists less that of their controls: places are more extreme than those around them"},
      {"placebo_from_gap_points", placebos_known ? placebos->from_gap : not_known, "points of valid votes",
       "the part of the placebo lists' mean that this gap makes (regression of a place's difference on its own gap)"},
      {"placebo_as_low_percent", placebos_known ? placebos->as_low_percent : not_known, "% of placebo lists",
       "placebo lists whose difference is at most that of the objected places"},
      {"bootstrap_clusters", as_double(clusters), "clusters", "clusters among the matched places"},
      {"links", as_double(static_cast<std::int64_t>(linkage.links.size())), level, "links in all"},
      {"leader_votes_before_all", as_double(all_objected_before.votes), "votes",
       "votes in every unit of all objected places, linked or not"},
      {"votes_above_later_share", later_share_deficit, "votes",
       "sum of M_before - s_after V_before: votes above what the later share gives; negative: below"},
      {"votes_above_later_share_where_less", later_share_deficit_where_less, "votes",
       "the same, only over places whose share fell"}};

  // Tables.
  const auto limit = static_cast<std::size_t>(request.list_limit);
  const auto yes_no = [](bool value) { return Cell{value}; };
  Table evidence{
      .id = "link_evidence",
      .title = "By what evidence the places were linked",
      .columns = {{"evidence"}, {"links", level}, {"objected", level}, {"lowest_score", "0..1"}, {"farthest_km", "km"}},
      .rows = {}};
  for (const Evidence kind : {Evidence::code, Evidence::exact_name, Evidence::similar_name, Evidence::coordinates}) {
    std::int64_t n = 0, of_objected = 0;
    double lowest = 1, farthest = not_known;
    for (const auto& link : linkage.links) {
      if (link.evidence != kind) continue;
      ++n;
      of_objected += has_objected[link.first];
      lowest = std::min(lowest, link.score);
      if (!std::isnan(link.distance_km))
        farthest = std::isnan(farthest) ? link.distance_km : std::max(farthest, link.distance_km);
    }
    if (n > 0) evidence.rows.push_back({std::string(to_text(kind)), n, of_objected, lowest, farthest});
  }
  Table unlinked_summary{.id = "unlinked_reasons",
                         .title = "Why places were not linked",
                         .columns = {{"side"}, {"reason"}, {"places", level}, {"objected", level}},
                         .rows = {}};
  Table unlinked{.id = "unlinked",
                 .title = "Places without a link",
                 .columns = {{"side"}, {"place"}, {"objected"}, {"reason"}, {"best_candidate"}, {"score", "0..1"}},
                 .rows = {}};
  const auto list_unlinked = [&](std::string side, const std::vector<UnlinkedPlace>& places, const PlaceSet& mine,
                                 const PlaceSet& theirs, bool is_first) {
    std::map<WhyUnlinked, std::pair<std::int64_t, std::int64_t>> reasons;
    for (const bool objected_first : {true, false})
      for (const auto& place : places) {
        const bool objected = is_first && has_objected[place.place];
        if (objected != objected_first) continue;
        auto& [n, of_objected] = reasons[place.reason];
        ++n;
        of_objected += objected;
        if (unlinked.rows.size() < limit)
          unlinked.rows.push_back({side, mine.paths[place.place], yes_no(objected), std::string(to_text(place.reason)),
                                   place.best == nobody ? Cell{} : Cell{theirs.paths[place.best]}, place.score});
      }
    for (const auto& [reason, n] : reasons)
      unlinked_summary.rows.push_back({side, std::string(to_text(reason)), n.first, n.second});
  };
  list_unlinked("first", linkage.unlinked_first, before_set, after_set, true);
  list_unlinked("second", linkage.unlinked_second, after_set, before_set, false);

  std::unordered_map<std::size_t, const Matched*> matched_of;
  std::unordered_map<std::size_t, std::size_t> pair_of_link;
  for (const auto& m : matched) matched_of.emplace(pairs[m.objected].link, &m);
  for (std::size_t k = 0; k < pairs.size(); ++k) pair_of_link.emplace(pairs[k].link, k);
  Table objected{
      .id = "objected",
      .title = "The objected places before and after." + votes_caveat,
      .columns = {{"place"},
                  {"units_before", "units"},
                  {"units_after", "units"},
                  {"valid_before", "votes"},
                  {"valid_after", "votes"},
                  {"leader_votes_before", "votes"},
                  {"leader_votes_after", "votes"},
                  {"share_before_percent", "%"},
                  {"share_after_percent", "%"},
                  {"change_points", "points"},
                  {"same_or_more_share"},
                  {"same_or_more_votes"},
                  {"controls", level},
                  {"controls_level"},
                  {"controls_change_points", "points"},
                  {"difference_points", "points"},
                  {"evidence"},
                  {"score", "0..1"}},
      .rows = {},
      .brief = {"place", "leader_votes_before", "leader_votes_after", "share_before_percent", "share_after_percent"}};
  for (Index place = 0; place < before.size(); ++place) {
    if (!has_objected[place]) continue;
    const PlaceSums& b = before[place];
    const double share_b = percent_of(as_double(b.votes), as_double(b.valid)).value;
    if (link_of[place] == linkage.links.size()) {
      std::vector<Cell> row = {before_set.paths[place], b.units, {}, b.valid, {}, b.votes, {}, share_b};
      row.resize(objected.columns.size());
      objected.rows.push_back(std::move(row));
      continue;
    }
    const Link& link = linkage.links[link_of[place]];
    const PlaceSums& a = after[link.second];
    const auto in_pairs = pair_of_link.find(link_of[place]);
    const auto found = matched_of.find(link_of[place]);
    const Matched* m = found == matched_of.end() ? nullptr : found->second;
    const double change = in_pairs == pair_of_link.end() ? not_known : pairs[in_pairs->second].change;
    const double controls_change = m ? mean_change(pairs, m->controls) : not_known;
    objected.rows.push_back(
        {before_set.paths[place], b.units, a.units, b.valid, a.valid, b.votes, a.votes, share_b,
         percent_of(as_double(a.votes), as_double(a.valid)).value, change,
         in_pairs == pair_of_link.end() ? Cell{} : yes_no(same_or_more_share(b, a)), yes_no(a.votes >= b.votes),
         m ? Cell{static_cast<std::int64_t>(m->controls.size())} : Cell{}, m ? Cell{m->level} : Cell{}, controls_change,
         change - controls_change, std::string(to_text(link.evidence)), link.score});
  }

  Table controls{.id = "matched_controls",
                 .title = "The controls of every objected place",
                 .columns = {{"objected_place"},
                             {"control_place"},
                             {"level"},
                             {"share_before_percent", "%"},
                             {"share_after_percent", "%"},
                             {"change_points", "points"},
                             {"size", "voters"}},
                 .rows = {}};
  std::map<std::string, std::int64_t> matched_at;
  for (const auto& m : matched) {
    ++matched_at[m.level];
    for (const std::size_t c : m.controls)
      if (controls.rows.size() < limit)
        controls.rows.push_back({before_set.paths[pairs[m.objected].before], before_set.paths[pairs[c].before], m.level,
                                 100 * pairs[c].share_before, 100 * pairs[c].share_before + pairs[c].change,
                                 pairs[c].change, pairs[c].size});
  }
  Table summary{.id = "summary",
                .title = "Objected and other places." + votes_caveat,
                .columns = {{"group"},
                            {"places", level},
                            {"votes_before", "votes"},
                            {"votes_after", "votes"},
                            {"share_before_percent", "%"},
                            {"share_after_percent", "%"},
                            {"same_or_more_share", level}},
                .rows = {},
                .brief = {"group", "places", "share_before_percent", "share_after_percent"}};
  const auto summary_row = [&](std::string name, std::int64_t places, const PlaceSums& b, const PlaceSums& a,
                               std::int64_t up) {
    summary.rows.push_back({std::move(name), places, b.votes, a.votes,
                            percent_of(as_double(b.votes), as_double(b.valid)).value,
                            percent_of(as_double(a.votes), as_double(a.valid)).value, up});
  };
  summary_row("objected, linked", precincts_linked, objected_before, objected_after, same_share);
  {
    std::vector<std::size_t> used;
    for (const auto& m : matched) used.insert(used.end(), m.controls.begin(), m.controls.end());
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    PlaceSums b, a;
    std::int64_t up = 0;
    for (const std::size_t c : used) {
      b += before[pairs[c].before];
      a += after[pairs[c].after];
      up += same_or_more_share(before[pairs[c].before], after[pairs[c].after]);
    }
    summary_row("matched controls", static_cast<std::int64_t>(used.size()), b, a, up);
  }
  summary_row("all places nobody objected to, linked", others, others_before, others_after, others_same_share);

  Table influence{.id = "influence",
                  .title = "What each objected place does to the difference in differences, the largest first",
                  .columns = {{"place"},
                              {"weight_percent", "%", "its share of the valid votes before"},
                              {"difference_points", "points", "its change less that of its controls"},
                              {"contribution_points", "points"},
                              {"without_it_points", "points", "the difference in differences without this place"},
                              {"controls_level"}},
                  .rows = {}};
  for (const auto& w : weights) {
    const Matched& m = matched[w.matched];
    const Pair& pair = pairs[m.objected];
    influence.rows.push_back({before_set.paths[pair.before], 100 * as_double(pair.valid) / comparison.valid,
                              pair.change - mean_change(pairs, m.controls), w.contribution, w.without, m.level});
  }

  Table sensitivity{.id = "sensitivity",
                    .title = "The difference in differences under other ways of matching",
                    .columns = {{"caliper_points", "points"},
                                {"size_ratio", "factor"},
                                {"matched", level},
                                {"share_before_percent", "%"},
                                {"controls_share_before_percent", "%"},
                                {"difference_in_differences_points", "points"}},
                    .rows = {}};
  for (const double factor : {.5, 1.0, 2.0})
    for (const double ratio : {request.size_ratio, 2 * request.size_ratio}) {
      NextElectionRequest other = request;
      other.caliper_points = factor * request.caliper_points;
      other.size_ratio = ratio;
      const auto also = match(pairs, has_objected, nobody_barred, levels, other);
      const Changes result = changes_of(pairs, also);
      sensitivity.rows.push_back({other.caliper_points, ratio, static_cast<std::int64_t>(also.size()),
                                  result.percent_objected, result.percent_controls, result.difference});
    }

  Table links{.id = "links",
              .title = "Every link",
              .columns = {{"first"},
                          {"second"},
                          {"objected"},
                          {"evidence"},
                          {"score", "0..1"},
                          {"name_similarity", "0..1"},
                          {"distance_km", "km"}},
              .rows = {}};
  for (const bool objected_first : {true, false})
    for (const auto& link : linkage.links)
      if (static_cast<bool>(has_objected[link.first]) == objected_first && links.rows.size() < limit)
        links.rows.push_back({before_set.paths[link.first], after_set.paths[link.second], yes_no(objected_first),
                              std::string(to_text(link.evidence)), link.score, link.name_similarity, link.distance_km});

  Table model{.id = "link_model",
              .title = "What the linking learned from its own links",
              .columns = {{"quantity"}, {"share", "0..1"}},
              .rows = {}};
  model.rows.push_back({std::string("places of the first count with a partner"), linkage.model.partner_share});
  constexpr std::array names = {
      "same name",           "name similarity >= 0.8", "name similarity >= 0.6", "name similarity >= 0.4",
      "name similarity > 0", "no common word"};
  for (std::size_t k = 0; k < linkage.model.name.size(); ++k)
    model.rows.push_back({std::string(names[k]), linkage.model.name[k]});
  for (std::size_t l = 0; l < linkage.model.place.size(); ++l)
    for (std::size_t k = 0; k < linkage.model.place[l].size(); ++k)
      model.rows.push_back({fmt::format("{}: {} name", shared[l],
                                        k == 0   ? "same"
                                        : k == 1 ? "similar"
                                                 : "other"),
                            linkage.model.place[l][k]});
  constexpr std::array distances = {"within 2 m", "2-10 m", "10-30 m", "30-100 m", "100-300 m",
                                    "0.3-1 km",   "1-3 km", "3-10 km", "10-30 km", "farther"};
  for (std::size_t k = 0; k < linkage.model.distance.size(); ++k)
    model.rows.push_back({fmt::format("distance {}", distances[k]), linkage.model.distance[k]});

  // How the links stand against the codes, where both are known.
  std::int64_t by_code = 0, codes_and_names_agree = 0;
  for (const auto& link : linkage.links)
    if (link.evidence == Evidence::code) {
      ++by_code;
      codes_and_names_agree += link.name_similarity >= .4;
    }
  const auto& codes_before = before_set.places.codes;
  const auto& codes_after = after_set.places.codes;
  const bool check_links = request.link == "names" && !codes_before.empty() && !codes_after.empty();
  if (check_links) {
    std::unordered_map<std::string_view, Index> of_code;
    for (Index j = 0; j < codes_after.size(); ++j)
      if (!codes_after[j].empty()) of_code.emplace(codes_after[j], j);
    std::int64_t reachable = 0, right = 0, wrong = 0, not_checkable = 0;
    for (const auto& code : codes_before) reachable += !code.empty() && of_code.contains(code);
    Table check{.id = "link_check",
                .title = "Links that the codes contradict",
                .columns = {{"first"}, {"second"}, {"first_code"}, {"second_code"}, {"score", "0..1"}, {"evidence"}},
                .rows = {}};
    for (const auto& link : linkage.links) {
      if (codes_before[link.first].empty()) {
        ++not_checkable;
      } else if (codes_before[link.first] == codes_after[link.second]) {
        ++right;
      } else {
        ++wrong;
        check.rows.push_back({before_set.paths[link.first], after_set.paths[link.second], codes_before[link.first],
                              codes_after[link.second], link.score, std::string(to_text(link.evidence))});
      }
    }
    finding.estimates.push_back(
        {"link_reached_percent", percent_of(as_double(right), as_double(reachable)).value, "% of pairs",
         fmt::format("links that the codes confirm ({}) of all pairs that the codes reach ({})", right, reachable)});
    finding.estimates.push_back(
        {"link_false_percent",
         percent_of(as_double(wrong), as_double(static_cast<std::int64_t>(linkage.links.size()))).value, "% of links",
         fmt::format("links that the codes contradict ({}) of all links ({}; {} of them without a code)", wrong,
                     linkage.links.size(), not_checkable)});
    finding.tables.push_back(std::move(check));
  }
  for (Table* table :
       {&summary, &objected, &influence, &sensitivity, &evidence, &unlinked_summary, &links, &unlinked, &controls, &model})
    finding.tables.push_back(std::move(*table));

  // The answer is about the difference to matched places; the raw "same or more" has a ceiling and answers nothing.
  const bool enough = 2 * precincts_linked >= precincts_objected && compared > 0;
  const bool has_controls = 2 * static_cast<std::int64_t>(matched.size()) >= compared && compared > 0 && low;
  if (enough && has_controls && request.rule) {
    const auto above = [&](Mechanism mechanism) {
      return VotesInQuestion{.mechanism = mechanism,
                             .votes = std::max(0.0, votes_above(comparison.difference)),
                             .low = std::max(0.0, votes_above(bound_high)),
                             .high = std::max(0.0, *most_above),
                             .direction = {.from = option},
                             .what = "votes above what the matched places give"};
    };
    const std::array entries{above(Mechanism::moved), above(Mechanism::withdrawn)};
    hold_against_rule(finding, *request.rule, first.contest, tally(first), entries);
  }
  const bool too_wide = finding.at_stake && finding.at_stake->decisive && bound_high >= 0;
  finding.answer = !enough || !has_controls || too_wide ? Answer::undetermined
                   : bound_high < 0                     ? Answer::no
                                                        : Answer::yes;

  finding.conditions = {
      {fmt::format("At least half of the objected places are linked ({} of {})", precincts_linked, precincts_objected),
       2 * precincts_linked >= precincts_objected && precincts_linked > 0},
      {std::isnan(coverage)
           ? (second.snapshot_of.text.empty()
                  ? std::string(
                        "The second count holds the linked places whole (registered voters are not known in both)")
                  : fmt::format("The second count is complete (it is a snapshot of {})", second.snapshot_of.text))
           : fmt::format("The second count holds the linked places whole: registered voters there are {} % of the "
                         "first count's",
                         fixed(100 * coverage, 1)),
       second_complete},
      {fmt::format("Most compared places have matched controls ({} of {})", matched.size(), compared),
       2 * static_cast<std::int64_t>(matched.size()) >= compared && compared > 0}};
  if (!matched.empty()) {
    finding.conditions.push_back(
        {fmt::format("Controls lie near the objected places, none in the whole count ({} of {} are matched from the "
                     "whole count)",
                     from_everywhere, matched.size()),
         from_everywhere == 0});
    finding.conditions.push_back(
        {placebos_known
             ? fmt::format("The interval holds zero for lists of other places chosen in the same way ({} % of {} "
                           "placebo lists; their mean is {} points)",
                           fixed(placebos->coverage_percent, 1), placebos->lists, fixed(placebos->centre, 2))
             : std::string("The interval holds zero for lists of other places chosen in the same way (there are too "
                           "few other places for placebo lists)"),
         interval_holds});
    finding.conditions.push_back(
        {fmt::format("No single place makes the difference ({} points of {} come from one place; without it {})",
                     fixed(weights[0].contribution, 2), fixed(comparison.difference, 2), fixed(weights[0].without, 2)),
         std::abs(weights[0].contribution) <= .5 * std::abs(comparison.difference)});
    finding.conditions.push_back(
        {fmt::format(
             "Controls had the same share before as the objected places, to within {} point ({} % against {} %)",
             fixed(balanced_points, 0), fixed(comparison.percent_controls, 2), fixed(comparison.percent_objected, 2)),
         std::abs(comparison.percent_controls - comparison.percent_objected) <= balanced_points});
  }
  if (without_place > 0)
    finding.conditions.push_back(
        {fmt::format("Every objected unit has a place on level {} ({} have none)", level, without_place), false});
  if (request.crosswalk && request.link != "names")
    finding.conditions.push_back(
        {fmt::format("The crosswalk's codes are those of the second count ({} places linked by code)", by_code),
         by_code > 0});
  if (by_code > 0)
    finding.conditions.push_back({fmt::format("Codes name the same places: names agree for {} of {} links by code",
                                              codes_and_names_agree, by_code),
                                  2 * codes_and_names_agree >= by_code});
  finding.does_not_show = {
      "That either count is right: a fault may repeat, and opinions change between elections.",
      "That the objection was unfounded or founded for a single unit: places are compared, not units.",
      "What votes mean where turnout, boundaries or the number of voters changed: shares are compared first, votes "
      "beside them.",
      "Cause: the difference in differences says how objected places changed beside places that looked alike before; "
      "the objected ones were chosen for a reason, "
      "and matching on the share before removes only what that share carries."};
  if (!second.caveats.empty())
    finding.does_not_show.push_back("More about votes than the second count can say:" + votes_caveat);

  std::string how;
  for (const auto& row : finding.table("link_evidence")->rows)
    if (const auto n = std::get<std::int64_t>(row[2]); n > 0)
      how += fmt::format("{}{} by {}", how.empty() ? "" : ", ", n, std::get<std::string>(row[0]));
  const std::string linked =
      fmt::format("{} of {} link{}", precincts_linked, plural(precincts_objected, "objected place"),
                  how.empty() ? "" : fmt::format(" ({})", how));
  if (!enough) {
    finding.headline = fmt::format("Undetermined: {}.", linked);
    return finding;
  }
  if (!has_controls) {
    finding.headline = fmt::format(
        "Undetermined: only {} of {} compared places have matched places beside them, and a share that rises or falls "
        "alone says nothing.",
        matched.size(), compared);
  } else {
    finding.headline = fmt::format(
        "Beside matched places the objected ones changed by {} points [{}, {}]: at most {} for {} above what "
        "the matched places give{}.",
        fixed(comparison.difference, 2), fixed(bound_low, 2), fixed(bound_high, 2),
        counted(std::llround(std::max(0.0, *most_above)), "vote"), option_id,
        finding.at_stake && finding.at_stake->needed
            ? fmt::format(", against {} needed", with_thousands(std::llround(*finding.at_stake->needed)))
            : "");
    finding.headline +=
        fmt::format(" The same share or more: {} of {} objected places ({} %), and {} % of their matched places.",
                    same_share, compared, fixed(100 * as_double(same_share) / as_double(compared), 1),
                    fixed(100 * controls_up / n_matched, 1));
    if (std::abs(weights[0].contribution) > .5 * std::abs(comparison.difference))
      finding.headline += fmt::format(" One place makes {} points of the difference; without it {}.",
                                      fixed(weights[0].contribution, 2), fixed(weights[0].without, 2));
    if (from_everywhere > 0)
      finding.headline +=
          fmt::format(" {} of {} are matched from the whole count.", from_everywhere, matched.size());
  }
  if (has_controls) {
    finding.in_short = {
        fmt::format("{} had the same share or more in {} of {} objected places in the next election ({} % before, {} % "
                    "after), and in {} % of matched places",
                    name_of(first.contest, option), same_share, compared, fixed(share_before, 1), fixed(share_after, 1),
                    fixed(100 * controls_up / n_matched, 1)),
        fmt::format("at most {} for it are above what the matched places give{}",
                    counted(std::llround(std::max(0.0, *most_above)), "vote"),
                    finding.at_stake && finding.at_stake->needed
                        ? fmt::format(", against {} needed", with_thousands(std::llround(*finding.at_stake->needed)))
                        : "")};
  }
  finding.headline +=
      fmt::format(" {}: {} {} % before, {} % after{}.", linked, option_id, fixed(share_before, 2),
                  fixed(share_after, 2),
                  !second_complete ? "; votes cannot be compared, the second count is partial"
                                   : fmt::format("; votes {} and {}{}", with_thousands(objected_before.votes),
                                                 with_thousands(objected_after.votes),
                                                 second.caveats.empty() ? "" : ", with the second count's caveat"));
  return finding;
}

}  // namespace cotejo

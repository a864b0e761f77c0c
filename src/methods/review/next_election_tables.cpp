#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "cotejo/base/units.hpp"
#include "cotejo/finding/figures.hpp"
#include "next_election_result.hpp"

namespace cotejo {

namespace {

using Index = std::uint32_t;
constexpr Index nobody = UnlinkedPlace::nobody;
constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

double as_double(std::int64_t n) {
  return static_cast<double>(n);
}
Cell yes_no(bool value) {
  return Cell{value};
}
std::size_t limit_of(const NextElectionResult& r) {
  return static_cast<std::size_t>(r.request.list_limit);
}

Table evidence_table(const NextElectionResult& r) {
  Table evidence{.id = "link_evidence",
                 .title = "By what evidence the places were linked",
                 .columns = {{"evidence"},
                             {"links", r.level},
                             {"objected", r.level},
                             {"lowest_score", "0..1"},
                             {"farthest_km", "km"}},
                 .rows = {}};
  for (const Evidence kind : {Evidence::code, Evidence::exact_name, Evidence::similar_name, Evidence::coordinates}) {
    std::int64_t n = 0, of_objected = 0;
    double lowest = 1, farthest = not_known;
    for (const auto& link : r.linkage.links) {
      if (link.evidence != kind) continue;
      ++n;
      of_objected += r.has_objected[link.first];
      lowest = std::min(lowest, link.score);
      if (!std::isnan(link.distance_km))
        farthest = std::isnan(farthest) ? link.distance_km : std::max(farthest, link.distance_km);
    }
    if (n > 0) evidence.rows.push_back({std::string(to_text(kind)), n, of_objected, lowest, farthest});
  }
  return evidence;
}

void add_unlinked(const NextElectionResult& r, Table& unlinked_summary, Table& unlinked) {
  unlinked_summary = {.id = "unlinked_reasons",
                      .title = "Why places were not linked",
                      .columns = {{"side"}, {"reason"}, {"places", r.level}, {"objected", r.level}},
                      .rows = {}};
  unlinked = {.id = "unlinked",
              .title = "Places without a link",
              .columns = {{"side"}, {"place"}, {"objected"}, {"reason"}, {"best_candidate"}, {"score", "0..1"}},
              .rows = {}};
  const auto list_unlinked = [&](std::string side, const std::vector<UnlinkedPlace>& places, const PlaceSet& mine,
                                 const PlaceSet& theirs, bool is_first) {
    std::map<WhyUnlinked, std::pair<std::int64_t, std::int64_t>> reasons;
    for (const bool objected_first : {true, false})
      for (const auto& place : places) {
        const bool objected = is_first && r.has_objected[place.place];
        if (objected != objected_first) continue;
        auto& [n, of_objected] = reasons[place.reason];
        ++n;
        of_objected += objected;
        if (unlinked.rows.size() < limit_of(r))
          unlinked.rows.push_back({side, mine.paths[place.place], yes_no(objected), std::string(to_text(place.reason)),
                                   place.best == nobody ? Cell{} : Cell{theirs.paths[place.best]}, place.score});
      }
    for (const auto& [reason, n] : reasons)
      unlinked_summary.rows.push_back({side, std::string(to_text(reason)), n.first, n.second});
  };
  list_unlinked("first", r.linkage.unlinked_first, r.before_set, r.after_set, true);
  list_unlinked("second", r.linkage.unlinked_second, r.after_set, r.before_set, false);
}

Table objected_table(const NextElectionResult& r) {
  std::unordered_map<std::size_t, const Matched*> matched_of;
  std::unordered_map<std::size_t, std::size_t> pair_of_link;
  for (const auto& m : r.matched) matched_of.emplace(r.pairs[m.objected].link, &m);
  for (std::size_t k = 0; k < r.pairs.size(); ++k) pair_of_link.emplace(r.pairs[k].link, k);
  Table objected{
      .id = "objected",
      .title = "The objected places before and after." + r.votes_caveat,
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
                  {"controls", r.level},
                  {"controls_level"},
                  {"controls_change_points", "points"},
                  {"difference_points", "points"},
                  {"evidence"},
                  {"score", "0..1"}},
      .rows = {},
      .brief = {"place", "leader_votes_before", "leader_votes_after", "share_before_percent", "share_after_percent"}};
  for (Index place = 0; place < r.before.size(); ++place) {
    if (!r.has_objected[place]) continue;
    const PlaceSums& b = r.before[place];
    const double share_b = percent_of(as_double(b.votes), as_double(b.valid)).value;
    if (r.link_of[place] == r.linkage.links.size()) {
      std::vector<Cell> row = {r.before_set.paths[place], b.units, {}, b.valid, {}, b.votes, {}, share_b};
      row.resize(objected.columns.size());
      objected.rows.push_back(std::move(row));
      continue;
    }
    const Link& link = r.linkage.links[r.link_of[place]];
    const PlaceSums& a = r.after[link.second];
    const auto in_pairs = pair_of_link.find(r.link_of[place]);
    const auto found = matched_of.find(r.link_of[place]);
    const Matched* m = found == matched_of.end() ? nullptr : found->second;
    const double change = in_pairs == pair_of_link.end() ? not_known : r.pairs[in_pairs->second].change;
    const double controls_change = m ? mean_change(r.pairs, m->controls) : not_known;
    objected.rows.push_back(
        {r.before_set.paths[place], b.units, a.units, b.valid, a.valid, b.votes, a.votes, share_b,
         percent_of(as_double(a.votes), as_double(a.valid)).value, change,
         in_pairs == pair_of_link.end() ? Cell{} : yes_no(same_or_more_share(b, a)), yes_no(a.votes >= b.votes),
         m ? Cell{static_cast<std::int64_t>(m->controls.size())} : Cell{}, m ? Cell{m->level} : Cell{}, controls_change,
         change - controls_change, std::string(to_text(link.evidence)), link.score});
  }
  return objected;
}

// The objected places with votes in both counts; their controls begin where they do, and change as their mean did.
Figure slope_figure(const NextElectionResult& r) {
  std::unordered_map<std::size_t, const Matched*> matched_of;
  for (const auto& m : r.matched) matched_of.emplace(m.objected, &m);
  SlopeFigure data;
  for (std::size_t k = 0; k < r.pairs.size(); ++k) {
    const Pair& pair = r.pairs[k];
    if (!r.has_objected[pair.before]) continue;
    const double before = 100 * pair.share_before;
    SlopeFigure::Row row{.place = r.before_set.paths[pair.before],
                         .before = before,
                         .after = before + pair.change,
                         .weight = as_double(pair.valid)};
    if (const auto found = matched_of.find(k); found != matched_of.end()) {
      row.controls_before = before;
      row.controls_after = before + mean_change(r.pairs, found->second->controls);
    }
    data.rows.push_back(std::move(row));
  }
  return figure("objected", "Objected places and their controls, before and after", data);
}

Table controls_table(const NextElectionResult& r) {
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
  for (const auto& m : r.matched) {
    for (const std::size_t c : m.controls)
      if (controls.rows.size() < limit_of(r))
        controls.rows.push_back({r.before_set.paths[r.pairs[m.objected].before], r.before_set.paths[r.pairs[c].before],
                                 m.level, 100 * r.pairs[c].share_before,
                                 100 * r.pairs[c].share_before + r.pairs[c].change, r.pairs[c].change,
                                 r.pairs[c].size});
  }
  return controls;
}

Table summary_table(const NextElectionResult& r) {
  Table summary{.id = "summary",
                .title = "Objected and other places." + r.votes_caveat,
                .columns = {{"group"},
                            {"places", r.level},
                            {"votes_before", "votes"},
                            {"votes_after", "votes"},
                            {"share_before_percent", "%"},
                            {"share_after_percent", "%"},
                            {"same_or_more_share", r.level}},
                .rows = {},
                .brief = {"group", "places", "share_before_percent", "share_after_percent"}};
  const auto summary_row = [&](std::string name, std::int64_t places, const PlaceSums& b, const PlaceSums& a,
                               std::int64_t up) {
    summary.rows.push_back({std::move(name), places, b.votes, a.votes,
                            percent_of(as_double(b.votes), as_double(b.valid)).value,
                            percent_of(as_double(a.votes), as_double(a.valid)).value, up});
  };
  summary_row("objected, linked", r.precincts_linked, r.objected_before, r.objected_after, r.same_share);
  {
    std::vector<std::size_t> used;
    for (const auto& m : r.matched) used.insert(used.end(), m.controls.begin(), m.controls.end());
    std::sort(used.begin(), used.end());
    used.erase(std::unique(used.begin(), used.end()), used.end());
    PlaceSums b, a;
    std::int64_t up = 0;
    for (const std::size_t c : used) {
      b += r.before[r.pairs[c].before];
      a += r.after[r.pairs[c].after];
      up += same_or_more_share(r.before[r.pairs[c].before], r.after[r.pairs[c].after]);
    }
    summary_row("matched controls", static_cast<std::int64_t>(used.size()), b, a, up);
  }
  summary_row("all places nobody objected to, linked", r.others, r.others_before, r.others_after, r.others_same_share);
  return summary;
}

Table influence_table(const NextElectionResult& r) {
  Table influence{.id = "influence",
                  .title = "What each objected place does to the difference in differences, the largest first",
                  .columns = {{"place"},
                              {"weight_percent", "%", "its share of the valid votes before"},
                              {"difference_points", "points", "its change less that of its controls"},
                              {"contribution_points", "points"},
                              {"without_it_points", "points", "the difference in differences without this place"},
                              {"controls_level"}},
                  .rows = {}};
  for (const auto& w : r.weights) {
    const Matched& m = r.matched[w.matched];
    const Pair& pair = r.pairs[m.objected];
    influence.rows.push_back({r.before_set.paths[pair.before], 100 * as_double(pair.valid) / r.comparison.valid,
                              pair.change - mean_change(r.pairs, m.controls), w.contribution, w.without, m.level});
  }
  return influence;
}

Table sensitivity_table(const NextElectionResult& r) {
  Table sensitivity{.id = "sensitivity",
                    .title = "The difference in differences under other ways of matching",
                    .columns = {{"caliper_points", "points"},
                                {"size_ratio", "factor"},
                                {"matched", r.level},
                                {"share_before_percent", "%"},
                                {"controls_share_before_percent", "%"},
                                {"difference_in_differences_points", "points"}},
                    .rows = {}};
  for (const double factor : {.5, 1.0, 2.0})
    for (const double ratio : {r.request.size_ratio, 2 * r.request.size_ratio}) {
      const std::vector<char> nobody_barred(r.before.size(), 0);
      NextElectionRequest other = r.request;
      other.caliper_points = factor * r.request.caliper_points;
      other.size_ratio = ratio;
      const auto also = match(r.pairs, r.has_objected, nobody_barred, r.levels, other);
      const Changes result = changes_of(r.pairs, also);
      sensitivity.rows.push_back({other.caliper_points, ratio, static_cast<std::int64_t>(also.size()),
                                  result.percent_objected, result.percent_controls, result.difference});
    }
  return sensitivity;
}

Table links_table(const NextElectionResult& r) {
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
    for (const auto& link : r.linkage.links)
      if (static_cast<bool>(r.has_objected[link.first]) == objected_first && links.rows.size() < limit_of(r))
        links.rows.push_back({r.before_set.paths[link.first], r.after_set.paths[link.second], yes_no(objected_first),
                              std::string(to_text(link.evidence)), link.score, link.name_similarity, link.distance_km});
  return links;
}

Table model_table(const NextElectionResult& r) {
  Table model{.id = "link_model",
              .title = "What the linking learned from its own links",
              .columns = {{"quantity"}, {"share", "0..1"}},
              .rows = {}};
  model.rows.push_back({std::string("places of the first count with a partner"), r.linkage.model.partner_share});
  constexpr std::array names = {
      "same name",           "name similarity >= 0.8", "name similarity >= 0.6", "name similarity >= 0.4",
      "name similarity > 0", "no common word"};
  for (std::size_t k = 0; k < r.linkage.model.name.size(); ++k)
    model.rows.push_back({std::string(names[k]), r.linkage.model.name[k]});
  for (std::size_t l = 0; l < r.linkage.model.place.size(); ++l)
    for (std::size_t k = 0; k < r.linkage.model.place[l].size(); ++k)
      model.rows.push_back({fmt::format("{}: {} name", r.shared[l],
                                        k == 0   ? "same"
                                        : k == 1 ? "similar"
                                                 : "other"),
                            r.linkage.model.place[l][k]});
  constexpr std::array distances = {"within 2 m", "2-10 m", "10-30 m", "30-100 m", "100-300 m",
                                    "0.3-1 km",   "1-3 km", "3-10 km", "10-30 km", "farther"};
  for (std::size_t k = 0; k < r.linkage.model.distance.size(); ++k)
    model.rows.push_back({fmt::format("distance {}", distances[k]), r.linkage.model.distance[k]});
  return model;
}

// How the links stand against the codes, where both are known.
void add_link_check(const NextElectionResult& r, Finding& finding) {
  const auto& codes_before = r.before_set.places.codes;
  const auto& codes_after = r.after_set.places.codes;
  const bool check_links = r.request.link == "names" && !codes_before.empty() && !codes_after.empty();
  if (!check_links) return;
  std::unordered_map<std::string_view, Index> of_code;
  for (Index j = 0; j < codes_after.size(); ++j)
    if (!codes_after[j].empty()) of_code.emplace(codes_after[j], j);
  std::int64_t reachable = 0, right = 0, wrong = 0, not_checkable = 0;
  for (const auto& code : codes_before) reachable += !code.empty() && of_code.contains(code);
  Table check{.id = "link_check",
              .title = "Links that the codes contradict",
              .columns = {{"first"}, {"second"}, {"first_code"}, {"second_code"}, {"score", "0..1"}, {"evidence"}},
              .rows = {}};
  for (const auto& link : r.linkage.links) {
    if (codes_before[link.first].empty()) {
      ++not_checkable;
    } else if (codes_before[link.first] == codes_after[link.second]) {
      ++right;
    } else {
      ++wrong;
      check.rows.push_back({r.before_set.paths[link.first], r.after_set.paths[link.second], codes_before[link.first],
                            codes_after[link.second], link.score, std::string(to_text(link.evidence))});
    }
  }
  finding.estimates.push_back(
      {"link_reached_percent", percent_of(as_double(right), as_double(reachable)).value, "% of pairs",
       fmt::format("links that the codes confirm ({}) of all pairs that the codes reach ({})", right, reachable)});
  finding.estimates.push_back(
      {"link_false_percent",
       percent_of(as_double(wrong), as_double(static_cast<std::int64_t>(r.linkage.links.size()))).value, "% of links",
       fmt::format("links that the codes contradict ({}) of all links ({}; {} of them without a code)", wrong,
                   r.linkage.links.size(), not_checkable)});
  finding.tables.push_back(std::move(check));
}

}  // namespace

void add_tables(const NextElectionResult& r, Finding& finding) {
  add_link_check(r, finding);
  Table reasons, unlinked;
  add_unlinked(r, reasons, unlinked);
  for (Table table : {summary_table(r), objected_table(r), influence_table(r), sensitivity_table(r), evidence_table(r),
                      std::move(reasons), links_table(r), std::move(unlinked), controls_table(r), model_table(r)})
    finding.tables.push_back(std::move(table));
  if (r.compared > 0) finding.figures.push_back(slope_figure(r));
}

}  // namespace cotejo

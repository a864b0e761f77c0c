#include "cotejo/methods/arrival/curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"

namespace cotejo {

namespace {

// The clause that binds the count's outcome, as a line in M - C, or in M alone.
class NeededMargin {
 public:
  NeededMargin(const Rule& rule, const LateCount& late, const Tally& total, const Outcome& outcome)
      : contest_(&late.count->contest), late_(&late), total_(total) {
    for (const auto& alternative : rule.alternatives)
      for (const auto& clause : alternative.clauses)
        if (outcome.binding == alternative.name + ": " + clause.name) clause_ = &clause;
    if (!clause_) return;
    const double at = value(0, 0);
    per_leader_ = value(1, 0) - at;
    per_runner_up_ = value(0, 1) - at;
  }

  bool of_margin() const { return clause_ && per_leader_ != 0 && per_runner_up_ == -per_leader_; }
  bool of_leader() const { return clause_ && per_leader_ != 0 && per_runner_up_ == 0; }
  std::string text() const { return clause_ ? clause_->name : ""; }

  // Of the votes still out: the margin, or the leader's share, in percent, that brings the clause to 0.
  double needed(std::int64_t leader, std::int64_t runner_up, std::int64_t valid) const {
    const auto out = static_cast<double>(total_.valid - valid);
    if (out <= 0) return NAN;
    return -100 * value(leader, runner_up) / per_leader_ / out;
  }

 private:
  double value(std::int64_t leader, std::int64_t runner_up) const {
    Tally tally = total_;
    tally.options[late_->leader] = leader;
    tally.options[late_->runner_up] = runner_up;
    return value_of(*clause_, *contest_, tally, late_->leader, late_->runner_up).value();
  }

  const Contest* contest_;
  const LateCount* late_;
  Tally total_;
  const Clause* clause_ = nullptr;
  double per_leader_ = 0, per_runner_up_ = 0;
};

struct Parts {
  std::string level;
  double composition = 0, within = 0, without = 0;  // points of the final count's valid votes
  double within_votes = 0;
  std::int64_t late_valid = 0, late_valid_without = 0, places_split = 0;
};

Parts decompose(const LateCount& late, std::size_t level, const LateSum& early, std::int64_t valid) {
  Parts out{.level = late.level_name(level)};
  const auto& place = late.place[level];
  std::vector<LateSum> of_place(late.count->hierarchy.places().size());
  std::vector<char> has_late(of_place.size(), 0);
  for (std::size_t u = 0; u < late.units(); ++u)
    if (place[u] != no_place) {
      if (late.late[u])
        has_late[place[u]] = 1;
      else
        of_place[place[u]].add(late, u);
    }
  const double overall = early.margin();
  const auto points = 100 / static_cast<double>(valid);
  for (std::size_t u = 0; u < late.units(); ++u) {
    if (!late.late[u]) continue;
    const auto votes = static_cast<double>(late.valid[u]);
    const auto lead = static_cast<double>(late.leader_votes[u] - late.runner_up_votes[u]);
    out.late_valid += late.valid[u];
    if (place[u] == no_place || of_place[place[u]].valid == 0) {
      out.late_valid_without += late.valid[u];
      out.without += points * (lead - votes * overall / 100);
      continue;
    }
    const double here = of_place[place[u]].margin();
    out.composition += points * votes * (here - overall) / 100;
    out.within_votes += lead - votes * here / 100;
    out.within += points * (lead - votes * here / 100);
  }
  for (std::size_t p = 0; p < of_place.size(); ++p) out.places_split += has_late[p] && of_place[p].units > 0;
  return out;
}

// How far each part varies when the places of the lowest level are resampled with replacement; a unit without a place is a place by itself.
class PlaceBootstrap {
 public:
  PlaceBootstrap(const LateCount& late, std::size_t level) {
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

  // composition, within, without (points), within votes.
  using Components = std::array<double, 4>;
  Components draw(Stream& stream) const {
    std::vector<double> weight(clusters_.size());
    for (std::size_t i = 0; i < clusters_.size(); ++i) ++weight[stream.below(clusters_.size())];
    std::vector<Cluster> sums(groups_);
    double early_lead = 0, early_valid = 0, valid = 0;
    Cluster outside;
    for (std::size_t i = 0; i < clusters_.size(); ++i) {
      const Cluster& c = clusters_[i];
      Cluster& s = c.group == unused ? outside : sums[c.group];
      s.late_lead += weight[i] * c.late_lead, s.late_valid += weight[i] * c.late_valid;
      s.early_lead += weight[i] * c.early_lead, s.early_valid += weight[i] * c.early_valid;
      early_lead += weight[i] * c.early_lead, early_valid += weight[i] * c.early_valid;
      valid += weight[i] * (c.early_valid + c.late_valid);
    }
    const double overall = early_lead / early_valid;
    Components out{};
    const auto without = [&](const Cluster& s) { out[2] += s.late_lead - s.late_valid * overall; };
    for (const Cluster& s : sums) {
      if (!(s.late_valid > 0)) continue;
      if (!(s.early_valid > 0)) {
        without(s);
        continue;
      }
      const double here = s.early_lead / s.early_valid;
      out[0] += s.late_valid * (here - overall);
      out[3] += s.late_lead - s.late_valid * here;
    }
    without(outside);
    out[1] = out[3];
    for (std::size_t k = 0; k < 3; ++k) out[k] *= 100 / valid;
    return out;
  }

 private:
  static constexpr std::uint32_t unused = 0xFFFFFFFF;
  struct Cluster {
    double late_lead = 0, late_valid = 0, early_lead = 0, early_valid = 0;
    std::uint32_t group = unused;
  };
  std::vector<Cluster> clusters_;
  std::uint32_t groups_ = 0;
};

struct Errors {
  PlaceBootstrap::Components error{}, low{}, high{};
};

std::optional<Errors> errors_of(const LateCount& late, std::size_t level, std::int64_t draws, const Context& context) {
  const PlaceBootstrap bootstrap(late, level);
  std::vector<PlaceBootstrap::Components> drawn(static_cast<std::size_t>(draws));
  if (!parallel_for(context, drawn.size(), "resampling places", [&](std::size_t i) {
        Stream stream(context.seed, Purpose::bootstrap, i);
        drawn[i] = bootstrap.draw(stream);
      }))
    return std::nullopt;
  Errors out;
  for (std::size_t k = 0; k < out.error.size(); ++k) {
    std::vector<double> values;
    double mean = 0, squares = 0;
    for (const auto& d : drawn)
      if (std::isfinite(d[k])) values.push_back(d[k]);
    if (values.size() < 2) continue;
    for (const double v : values) mean += v / static_cast<double>(values.size());
    for (const double v : values) squares += (v - mean) * (v - mean);
    std::sort(values.begin(), values.end());
    const auto at = [&](double share) {
      return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
    };
    out.error[k] = std::sqrt(squares / static_cast<double>(values.size() - 1));
    out.low[k] = at(0.025);
    out.high[k] = at(0.975);
  }
  return out;
}

Table classes_of(const LateCount& late) {
  Table out{.id = "classes",
            .title = "Places that were early, late, or split by the cut",
            .columns = {{"class"},
                        {"units", "units"},
                        {"places", "places"},
                        {"registered", "voters"},
                        {"valid", "votes"},
                        {"margin_points", "points", "of the count's own votes"}},
            .rows = {}};
  const auto& place = late.place.back();
  const std::size_t places = late.count->hierarchy.places().size();
  std::vector<char> early_in(places, 0), late_in(places, 0);
  for (std::size_t u = 0; u < late.units(); ++u)
    if (place[u] != no_place) (late.late[u] ? late_in : early_in)[place[u]] = 1;
  const char* names[] = {"Early", "Split-early", "Split-late", "Late"};
  LateSum sums[4];
  std::vector<char> counted[4];
  std::int64_t number[4] = {0, 0, 0, 0};
  for (auto& one : counted) one.assign(places, 0);
  for (std::size_t u = 0; u < late.units(); ++u) {
    const bool split = place[u] != no_place && early_in[place[u]] && late_in[place[u]];
    const int which = late.late[u] ? (split ? 2 : 3) : (split ? 1 : 0);
    sums[which].add(late, u);
    if (place[u] != no_place && !counted[which][place[u]]++) ++number[which];
  }
  for (int c = 0; c < 4; ++c)
    out.rows.push_back({std::string(names[c]), sums[c].units, number[c], sums[c].registered, sums[c].valid,
                        sums[c].valid > 0 ? Cell{sums[c].margin()} : Cell{}});
  return out;
}

struct Point {
  double arrival = 0;
  std::int64_t units = 0, valid = 0, leader = 0, runner_up = 0;
};

// The running sums after every batch of arrivals.
std::vector<Point> running(const LateCount& late) {
  std::vector<std::size_t> order(late.units());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto at = [&](std::size_t u) { return (late.from[u] + late.to[u]) / 2; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
  std::vector<Point> out;
  Point now;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t u = order[i];
    now.arrival = at(u);
    ++now.units;
    now.valid += late.valid[u];
    now.leader += late.leader_votes[u];
    now.runner_up += late.runner_up_votes[u];
    if (i + 1 == order.size() || at(order[i + 1]) != now.arrival) out.push_back(now);
  }
  return out;
}

// Nested snapshots are an arrival too: after each of them so much was there.
void add_snapshots(Finding& finding, const LateCount& late, const NeededMargin* needed) {
  Table table{.id = "snapshots",
              .title = "Every earlier state of the count that was given",
              .columns = {{"snapshot"},
                          {"as_of"},
                          {"units", "units"},
                          {"valid", "votes"},
                          {"margin_points", "points"},
                          {"needed_points", "points", "of the votes still out"},
                          {"units_not_in_the_count", "units"},
                          {"units_not_in_the_next", "units"}},
              .rows = {}};
  auto snapshots = late.snapshots;
  std::stable_sort(snapshots.begin(), snapshots.end(),
                   [](const Count* a, const Count* b) { return a->as_of < b->as_of; });
  const UnitLookup final_lookup(*late.count);
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    const Count& s = *snapshots[i];
    const Tally sum = tally(s);
    const int m = s.contest.index_of(late.count->contest.options[late.leader].id);
    const int c = s.contest.index_of(late.count->contest.options[late.runner_up].id);
    if (m < 0 || c < 0) continue;
    const auto leader = sum.options[static_cast<std::size_t>(m)], runner_up = sum.options[static_cast<std::size_t>(c)];
    std::int64_t not_in_count = 0, not_in_next = 0;
    const bool has_next = i + 1 < snapshots.size();
    const UnitLookup next(has_next ? *snapshots[i + 1] : s);
    for (UnitIndex u = 0; u < s.units(); ++u) {
      not_in_count += !late.parts && !final_lookup.find(s.unit_keys[u]);
      not_in_next += has_next && !next.find(s.unit_keys[u]);
    }
    const double out = needed ? needed->needed(leader, runner_up, sum.valid) : NAN;
    table.rows.push_back({s.id.text, s.as_of, sum.units, sum.valid,
                          100 * static_cast<double>(leader - runner_up) / static_cast<double>(sum.valid),
                          std::isfinite(out) ? Cell{out} : Cell{}, not_in_count,
                          has_next ? Cell{not_in_next} : Cell{}});
  }
  if (!table.rows.empty()) finding.tables.push_back(std::move(table));
}

// The snapshot and the arrival are two sources for what was early; where they part, and by how long.
void compare_sources(Finding& finding, const LateCount& late, const ArrivalRequest& request) {
  if (!late.snapshot || late.parts) return;
  Table table{.id = "sources",
              .title = "Early by the snapshot, and early by each arrival",
              .columns = {{"arrival"},
                          {"snapshot"},
                          {"by_arrival"},
                          {"units", "units"},
                          {"valid", "votes"},
                          {"margin_points", "points"},
                          {"first"},
                          {"middle"},
                          {"last"},
                          {"in_next_snapshot", "units"},
                          {"places", "places", "of the lowest level"}},
              .rows = {}};
  Table list{.id = "sources_differ",
             .title = "Units that the two sources tell differently",
             .columns = {{"unit"}, {"arrival"}, {"snapshot"}, {"at"}, {"place"}},
             .rows = {}};
  constexpr std::size_t most_listed = 5000;
  std::optional<UnitLookup> next;
  const Count* following = nullptr;
  for (const auto* s : late.snapshots)
    if (s != late.snapshot && s->as_of > late.snapshot->as_of && (!following || s->as_of < following->as_of))
      following = s;
  if (following) next.emplace(*following);
  for (const auto* arrival : request.arrivals) {
    ArrivalRequest one = request;
    one.arrivals = {arrival};
    if (arrival != late.arrival) one.cut.clear();
    const auto other = late_count(*late.count, one);
    if (!other) continue;
    std::vector<std::size_t> group[2][2];
    for (std::size_t u = 0; u < late.units(); ++u) {
      const double at = (other->from[u] + other->to[u]) / 2;
      group[late.late[u] ? 1 : 0][at > other->cut ? 1 : 0].push_back(u);
    }
    for (int s = 0; s < 2; ++s)
      for (int a = 0; a < 2; ++a) {
        auto& units = group[s][a];
        LateSum sum;
        std::int64_t in_next = 0;
        std::vector<PlaceIndex> places;
        for (const auto u : units) {
          sum.add(late, u);
          if (next) in_next += next->find(late.count->unit_keys[u]).has_value();
          if (!late.place.empty()) places.push_back(late.place.back()[u]);
        }
        std::sort(places.begin(), places.end());
        places.erase(std::unique(places.begin(), places.end()), places.end());
        std::vector<double> at;
        for (const auto u : units)
          if (std::isfinite(other->to[u])) at.push_back((other->from[u] + other->to[u]) / 2);
        std::sort(at.begin(), at.end());
        const auto when = [&](std::size_t i) {
          return at.empty() ? Cell{std::string("never")} : Cell{describe_arrival(arrival->kind, at[i])};
        };
        table.rows.push_back({arrival->id.text, std::string(s ? "late" : "early"), std::string(a ? "late" : "early"),
                              sum.units, sum.valid, sum.valid > 0 ? Cell{sum.margin()} : Cell{}, when(0),
                              when(at.size() / 2), when(at.empty() ? 0 : at.size() - 1), next ? Cell{in_next} : Cell{},
                              static_cast<std::int64_t>(places.size())});
        if (s == a) continue;
        for (const auto u : units)
          if (list.rows.size() < most_listed)
            list.rows.push_back({std::string(late.count->unit_keys[u]), arrival->id.text,
                                 std::string(s ? "late" : "early"),
                                 std::isfinite(other->to[u]) ? describe_arrival(arrival->kind, other->to[u]) : "never",
                                 late.count->unit_place.empty() || late.count->unit_place[u] == no_place
                                     ? std::string()
                                     : late.count->hierarchy.path(late.count->unit_place[u])});
      }
  }
  if (table.rows.empty()) return;
  finding.tables.push_back(std::move(table));
  if (!list.rows.empty()) finding.tables.push_back(std::move(list));
}

}  // namespace

const OptionTable<CurveRequest>& CurveRequest::table() {
  static const OptionTable<CurveRequest> options = [] {
    OptionTable<CurveRequest> t;
    add_arrival_options(t);
    t.add(&CurveRequest::draws, {.name = "draws",
                                 .unit = "draws",
                                 .text = "How many times the places are drawn anew for the errors.",
                                 .low = 100,
                                 .high = 100000});
    t.add(&CurveRequest::points, {.name = "points",
                                  .unit = "points",
                                  .text = "How many points of the running margin the figure holds.",
                                  .low = 10,
                                  .high = 100000});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const CurveRequest& request, const Context& context) {
  COTEJO_TRY(late, late_count(count, request));
  Finding finding = open_arrival_finding(CurveRequest::info(), count, late, request, context);
  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value, std::move(unit), std::move(definition)});
  };
  LateSum early, rest, whole, snapshot;
  for (std::size_t u = 0; u < late.units(); ++u) {
    (late.late[u] ? rest : early).add(late, u);
    whole.add(late, u);
    if (late.late[u]) continue;
    snapshot.valid += late.snapshot_valid[u];
    snapshot.leader += late.snapshot_leader[u];
    snapshot.runner_up += late.snapshot_runner_up[u];
  }
  const Tally total = tally(*late.count);
  if (early.valid == 0 || rest.valid == 0)
    return needs("valid votes on both sides of the cut", "No early, or no late, unit has one.");
  const std::string lead = fmt::format("100 (M - C) / V, M = {}, C = {}", late.leader_id(), late.runner_up_id());
  estimate("margin_points", whole.margin(), "points of valid votes", lead);
  estimate("margin_early_points", early.margin(), "points of valid votes",
           lead + ", over the early units, as the count has them");
  if (late.snapshot && !late.parts)
    estimate("margin_early_snapshot_points", snapshot.margin(), "points of valid votes",
             lead + fmt::format(", over the early units, as {} has them", late.snapshot->id.text));
  estimate("margin_late_points", rest.margin(), "points of valid votes", lead + ", over the late units");
  estimate("change_points", whole.margin() - early.margin(), "points of valid votes",
           "margin_points - margin_early_points");

  std::optional<Outcome> outcome;
  std::optional<NeededMargin> needed;
  if (request.rule) {
    COTEJO_CHECK(validate(*request.rule, late.count->contest));
    outcome = apply(*request.rule, late.count->contest, total);
    needed.emplace(*request.rule, late, total, *outcome);
    if (!needed->of_margin() && !needed->of_leader()) needed.reset();
  }
  finding.conditions.push_back(
      {"The rule's binding clause is one of the margin or of the leader's votes", needed.has_value()});
  const bool by_margin = needed && needed->of_margin();
  const std::string needed_name = by_margin ? "margin_needed_points" : "leader_share_needed_percent";
  if (needed)
    estimate(
        needed_name, needed->needed(snapshot.leader, snapshot.runner_up, snapshot.valid),
        by_margin ? "points of the votes still out" : "% of the votes still out",
        fmt::format("what the votes not yet in (V of the count - V of the early units as they were) had to show for "
                    "\"{}\" to be met exactly",
                    needed->text()));

  finding.tables.push_back(Table{
      .id = "decomposition",
      .title = "The change of the margin: which places were late, and what changed within them",
      .columns = {{"level"},
                  {"composition_points", "points", "late units at their place's early margin"},
                  {"within_points", "points", "late units against the early ones of their place"},
                  {"without_early_points", "points", "late units of places without an early one"},
                  {"within_votes", "votes", "of M - C"},
                  {"late_valid", "votes"},
                  {"late_valid_without_early", "votes"},
                  {"places_split", "places"},
                  {"composition_error", "points", "standard error when places of the lowest level are drawn anew"},
                  {"within_error", "points", "the same"},
                  {"without_early_error", "points", "the same"}},
      .rows = {},
      .brief = {"level", "composition_points", "within_points", "without_early_points"}});
  std::optional<Parts> lowest;
  std::optional<Errors> lowest_errors;
  for (std::size_t level = late.levels(); level-- > 0;) {
    const Parts parts = decompose(late, level, early, whole.valid);
    finding.tables.back().rows.push_back({parts.level, parts.composition, parts.within, parts.without,
                                          parts.within_votes, parts.late_valid, parts.late_valid_without,
                                          parts.places_split});
    const auto errors = errors_of(late, level, request.draws, context);
    if (!errors) return cancelled_error();
    for (std::size_t k = 0; k < 3; ++k) finding.tables.back().rows.back().push_back(errors->error[k]);
    if (!lowest) lowest = parts, lowest_errors = errors;
  }
  finding.conditions.push_back(
      {"The count has places, so that composition can be told from change", lowest.has_value()});
  if (lowest) {
    estimate(
        "composition_points", lowest->composition, "points of valid votes",
        fmt::format("late units taken at the early margin of their {}, less the early margin, in V", lowest->level));
    estimate("within_points", lowest->within, "points of valid votes",
             fmt::format("late units less the early margin of their own {}, in V", lowest->level));
    estimate(
        "without_early_points", lowest->without, "points of valid votes",
        fmt::format("late units whose {} had no early unit, less the early margin, in V: composition or change, the "
                    "data of this level cannot tell",
                    lowest->level));
    estimate("within_votes", lowest->within_votes, "votes", "within_points as votes of M - C");
    for (std::size_t k = 0; k < 4; ++k) {  // in the order of PlaceBootstrap::Components
      Estimate& e = finding.estimates[finding.estimates.size() - 4 + k];
      e.low = lowest_errors->low[k];
      e.high = lowest_errors->high[k];
      e.level = 0.95;
    }
    finding.tables.push_back(classes_of(late));
  }
  add_snapshots(finding, late, needed ? &*needed : nullptr);
  compare_sources(finding, late, request);

  if (late.arrival) {
    const auto all = running(late);
    nlohmann::ordered_json data{{"kind", std::string(to_text(late.arrival->kind))},
                                {"cut", late.cut},
                                {"rows", nlohmann::ordered_json::array()}};
    Table table{.id = "running",
                .title = "The running margin, and the margin then still needed",
                .columns = {{"arrival"},
                            {"units", "units"},
                            {"units_percent", "%"},
                            {"valid", "votes"},
                            {"margin_points", "points"},
                            {needed_name, "points"}},
                .rows = {}};
    const auto step = std::max<std::size_t>(1, all.size() / static_cast<std::size_t>(request.points));
    std::size_t next_row = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
      const Point& p = all[i];
      if (p.valid == 0) continue;
      const bool at_cut = p.arrival <= late.cut && (i + 1 == all.size() || all[i + 1].arrival > late.cut);
      const bool last = i + 1 == all.size();
      const double margin = 100 * static_cast<double>(p.leader - p.runner_up) / static_cast<double>(p.valid);
      const double out = needed ? needed->needed(p.leader, p.runner_up, p.valid) : NAN;
      const auto number = [](double x) {
        return std::isfinite(x) ? nlohmann::ordered_json(x) : nlohmann::ordered_json();
      };
      if (i % step == 0 || at_cut || last)
        data["rows"].push_back({number(p.arrival), p.units, p.valid, margin, number(out)});
      if (20 * static_cast<std::size_t>(p.units) >= next_row * late.units() || at_cut || last) {
        while (20 * static_cast<std::size_t>(p.units) >= next_row * late.units()) ++next_row;
        table.rows.push_back({std::isfinite(p.arrival) ? describe_arrival(late.arrival->kind, p.arrival)
                                                       : std::string("after all others"),
                              p.units, 100 * static_cast<double>(p.units) / static_cast<double>(late.units()), p.valid,
                              margin, std::isfinite(out) ? Cell{out} : Cell{}});
      }
    }
    data["columns"] = {"arrival", "units", "valid", "margin_points", needed_name};
    finding.tables.push_back(std::move(table));
    finding.figures.push_back({"running-margin", "running-margin", "The margin while the count came in", data.dump()});
  }

  if (outcome && lowest)
    hold_against_rule(finding, *request.rule, late.count->contest, total,
                      lead_in_question(lowest->within_votes, lowest_errors->low[3], lowest_errors->high[3], late.leader,
                                       late.runner_up));
  finding.answer = Answer::descriptive;
  finding.headline =
      fmt::format("The margin went from {} points in the {} early units to {} in all: the {} late units had {}",
                  fixed(early.margin(), 2), with_thousands(early.units), fixed(whole.margin(), 2),
                  with_thousands(rest.units), fixed(rest.margin(), 2));
  if (needed && by_margin)
    finding.headline +=
        fmt::format(" ({} were needed)", fixed(needed->needed(snapshot.leader, snapshot.runner_up, snapshot.valid), 2));
  finding.headline += ".";
  if (lowest)
    finding.headline += fmt::format(
        " Of the change of {} points, {} are which places were late, {} a change within the {}s that reported on both "
        "sides, {} lie in places without an early unit, where the two cannot be told apart.",
        fixed(whole.margin() - early.margin(), 2), fixed(lowest->composition, 2),
        fmt::format("{} [{}, {}]", fixed(lowest->within, 2), fixed(lowest_errors->low[1], 2),
                    fixed(lowest_errors->high[1], 2)),
        lowest->level, fixed(lowest->without, 2));
  if (lowest)
    finding.in_short = {
        fmt::format("of the change of the margin by {} points, {} are which places were late, {} a change within the "
                    "same {}s, and for "
                    "{} the two cannot be told apart",
                    fixed(whole.margin() - early.margin(), 2), fixed(lowest->composition, 2), fixed(lowest->within, 2),
                    lowest->level, fixed(lowest->without, 2))};
  finding.does_not_show = {"Whether anybody intended the order in which places reported.",
                           "What happened in places that were wholly late: they cannot be compared with themselves.",
                           "That a change within a place is more than chance: `shift` asks that."};
  return finding;
}

}  // namespace cotejo

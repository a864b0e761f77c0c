#include "cotejo/methods/arrival/curve.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "place_bootstrap.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_listed = 5000;  // units that two sources tell differently

// The clause that binds the count's outcome, as a line in M - C, or in M alone.
class NeededMargin {
 public:
  NeededMargin(const Rule& rule, const LateCount& late, const Tally& total)
      : contest_(&late.count->contest), late_(&late), total_(total) {
    const Outcome outcome = apply(rule, *contest_, total);
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
  const std::string& clause() const { return clause_->name; }

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

using Needed = std::optional<NeededMargin>;

double needed_at(const Needed& needed, std::int64_t leader, std::int64_t runner_up, std::int64_t valid) {
  return needed ? needed->needed(leader, runner_up, valid) : NAN;
}

void sum_sides(CurveResult& out) {
  const LateCount& late = *out.late;
  for (std::size_t u = 0; u < late.units(); ++u) {
    (late.late[u] ? out.rest : out.early).add(late, u);
    out.whole.add(late, u);
    if (late.late[u]) continue;
    out.early_snapshot.valid += late.snapshot_valid[u];
    out.early_snapshot.leader += late.snapshot_leader[u];
    out.early_snapshot.runner_up += late.snapshot_runner_up[u];
  }
}

CurveResult::Decomposition decompose(const LateCount& late, std::size_t level, const LateSum& early,
                                     std::int64_t valid) {
  CurveResult::Decomposition out{.level = level};
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
      out.value.without += points * (lead - votes * overall / 100);
      continue;
    }
    const double here = of_place[place[u]].margin();
    out.value.composition += points * votes * (here - overall) / 100;
    out.value.within_votes += lead - votes * here / 100;
    out.value.within += points * (lead - votes * here / 100);
  }
  for (std::size_t p = 0; p < of_place.size(); ++p) out.places_split += has_late[p] && of_place[p].units > 0;
  return out;
}

std::array<CurveResult::Class, 4> classes_of(const LateCount& late) {
  const auto& place = late.place.back();
  const std::size_t places = late.count->hierarchy.places().size();
  std::vector<char> early_in(places, 0), late_in(places, 0);
  for (std::size_t u = 0; u < late.units(); ++u)
    if (place[u] != no_place) (late.late[u] ? late_in : early_in)[place[u]] = 1;
  std::array<CurveResult::Class, 4> out;
  std::array<std::vector<char>, 4> counted;
  for (auto& one : counted) one.assign(places, 0);
  for (std::size_t u = 0; u < late.units(); ++u) {
    const bool split = place[u] != no_place && early_in[place[u]] && late_in[place[u]];
    const std::size_t which = late.late[u] ? (split ? 2 : 3) : (split ? 1 : 0);
    out[which].sum.add(late, u);
    if (place[u] != no_place && !counted[which][place[u]]++) ++out[which].places;
  }
  return out;
}

std::vector<CurveResult::Point> running(const LateCount& late, const Needed& needed) {
  std::vector<std::size_t> order(late.units());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto at = [&](std::size_t u) { return (late.from[u] + late.to[u]) / 2; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return at(a) < at(b); });
  std::vector<CurveResult::Point> out;
  CurveResult::Point now;
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t u = order[i];
    now.arrival = at(u);
    ++now.units;
    now.valid += late.valid[u];
    now.leader += late.leader_votes[u];
    now.runner_up += late.runner_up_votes[u];
    if (i + 1 < order.size() && at(order[i + 1]) == now.arrival) continue;
    now.needed = needed_at(needed, now.leader, now.runner_up, now.valid);
    out.push_back(now);
  }
  return out;
}

// Nested snapshots are an arrival too: after each of them so much was there.
std::vector<CurveResult::Snapshot> snapshots_of(const LateCount& late, const Needed& needed) {
  auto snapshots = late.snapshots;
  std::stable_sort(snapshots.begin(), snapshots.end(),
                   [](const Count* a, const Count* b) { return a->as_of < b->as_of; });
  const UnitLookup final_lookup(*late.count);
  std::vector<CurveResult::Snapshot> out;
  for (std::size_t i = 0; i < snapshots.size(); ++i) {
    const Count& s = *snapshots[i];
    const int m = s.contest.index_of(late.count->contest.options[late.leader].id);
    const int c = s.contest.index_of(late.count->contest.options[late.runner_up].id);
    if (m < 0 || c < 0) continue;
    const Tally sum = tally(s);
    const auto leader = sum.options[static_cast<std::size_t>(m)], runner_up = sum.options[static_cast<std::size_t>(c)];
    CurveResult::Snapshot row{.count = &s, .units = sum.units, .valid = sum.valid};
    row.margin = 100 * static_cast<double>(leader - runner_up) / static_cast<double>(sum.valid);
    row.needed = needed_at(needed, leader, runner_up, sum.valid);
    const bool has_next = i + 1 < snapshots.size();
    if (has_next) row.not_in_the_next = 0;
    const UnitLookup next(has_next ? *snapshots[i + 1] : s);
    for (UnitIndex u = 0; u < s.units(); ++u) {
      row.not_in_the_count += !late.parts && !final_lookup.find(s.unit_keys[u]);
      if (has_next) *row.not_in_the_next += !next.find(s.unit_keys[u]);
    }
    out.push_back(row);
  }
  return out;
}

const Count* snapshot_after(const LateCount& late) {
  const Count* out = nullptr;
  for (const auto* s : late.snapshots)
    if (s != late.snapshot && s->as_of > late.snapshot->as_of && (!out || s->as_of < out->as_of)) out = s;
  return out;
}

// One group of units, told by both sources.
CurveResult::Source source_of(const LateCount& late, const LateCount& by_arrival, const std::vector<std::size_t>& units,
                              const std::optional<UnitLookup>& next) {
  CurveResult::Source out;
  if (next) out.in_next_snapshot = 0;
  std::vector<PlaceIndex> places;
  std::vector<double> at;
  for (const auto u : units) {
    out.sum.add(late, u);
    if (next) *out.in_next_snapshot += next->find(late.count->unit_keys[u]).has_value();
    if (!late.place.empty()) places.push_back(late.place.back()[u]);
    if (std::isfinite(by_arrival.to[u])) at.push_back((by_arrival.from[u] + by_arrival.to[u]) / 2);
  }
  std::sort(places.begin(), places.end());
  places.erase(std::unique(places.begin(), places.end()), places.end());
  out.places = static_cast<std::int64_t>(places.size());
  std::sort(at.begin(), at.end());
  if (at.empty()) return out;
  out.first = at.front();
  out.middle = at[at.size() / 2];
  out.last = at.back();
  return out;
}

// The snapshot and one arrival are two sources for what was early; where they part, and by how long.
void compare_sources(CurveResult& out, const Arrival& arrival, const LateCount& by_arrival,
                     const std::optional<UnitLookup>& next) {
  const LateCount& late = *out.late;
  std::array<std::array<std::vector<std::size_t>, 2>, 2> group;
  for (std::size_t u = 0; u < late.units(); ++u) {
    const double at = (by_arrival.from[u] + by_arrival.to[u]) / 2;
    group[late.late[u] ? 1 : 0][at > by_arrival.cut ? 1 : 0].push_back(u);
  }
  for (const bool by_snapshot_late : {false, true})
    for (const bool by_arrival_late : {false, true}) {
      const auto& units = group[by_snapshot_late][by_arrival_late];
      auto source = source_of(late, by_arrival, units, next);
      source.arrival = &arrival;
      source.late_by_snapshot = by_snapshot_late;
      source.late_by_arrival = by_arrival_late;
      out.sources.push_back(std::move(source));
      if (by_snapshot_late == by_arrival_late) continue;
      for (const auto u : units)
        if (out.differing.size() < most_listed)
          out.differing.push_back({&arrival, static_cast<UnitIndex>(u), by_snapshot_late, by_arrival.to[u]});
    }
}

void compare_sources(CurveResult& out, const ArrivalRequest& request) {
  const LateCount& late = *out.late;
  if (!late.snapshot || late.parts) return;
  std::optional<UnitLookup> next;
  if (const Count* following = snapshot_after(late)) next.emplace(*following);
  for (const auto* arrival : request.arrivals) {
    ArrivalRequest one = request;
    one.arrivals = {arrival};
    if (arrival != late.arrival) one.cut.clear();
    if (const auto by_arrival = late_count(*late.count, one)) compare_sources(out, *arrival, *by_arrival, next);
  }
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

Result<CurveResult> compute(const Count& count, const CurveRequest& request, const Context& context) {
  CurveResult out;
  COTEJO_TRY(late, shared_late_count(count, request));
  out.late = late;
  sum_sides(out);
  if (out.early.valid == 0 || out.rest.valid == 0)
    return needs("valid votes on both sides of the cut", "No early, or no late, unit has one.");
  Needed needed;
  if (request.rule) {
    COTEJO_CHECK(validate(*request.rule, late->count->contest));
    needed.emplace(*request.rule, *late, tally(*late->count));
    if (!needed->of_margin() && !needed->of_leader()) needed.reset();
  }
  const LateSum& snapshot = out.early_snapshot;
  if (needed)
    out.needed = CurveResult::Needed{needed->of_margin(), needed->clause(),
                                     needed->needed(snapshot.leader, snapshot.runner_up, snapshot.valid)};
  for (std::size_t level = late->levels(); level-- > 0;) {
    auto parts = decompose(*late, level, out.early, out.whole.valid);
    COTEJO_CHECK(add_errors(parts, *late, request.draws, context));
    out.levels.push_back(parts);
  }
  if (late->levels() > 0) out.classes = classes_of(*late);
  out.snapshots = snapshots_of(*late, needed);
  compare_sources(out, request);
  if (late->arrival) out.running = running(*late, needed);
  return out;
}

}  // namespace cotejo

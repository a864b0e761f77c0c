#include "cotejo/methods/arrival/late_count.hpp"
#include "cotejo/base/plural.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <unordered_map>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/naming.hpp"

namespace cotejo {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t known(std::int32_t value) {
  return value == missing ? 0 : value;
}

// Snapshot units per unit of the count, where they are its parts: the code of a place of theirs is its key.
struct Parts {
  std::vector<UnitIndex> of;  // of each unit of the snapshot; 2^32 - 1: of none
};
std::optional<Parts> parts_of(const Count& count, const UnitLookup& lookup, const Count& snapshot) {
  std::size_t same = 0;
  for (UnitIndex u = 0; u < snapshot.units(); ++u) same += lookup.find(snapshot.unit_keys[u]).has_value();
  if (2 * same >= snapshot.units() || snapshot.unit_place.empty()) return std::nullopt;
  std::unordered_map<std::string, UnitIndex> by_code;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    by_code.emplace(std::string(count.unit_keys[u]), u);
    if (!count.unit_place.empty() && count.unit_place[u] != no_place)
      if (const auto& code = count.hierarchy[count.unit_place[u]].code; !code.empty()) by_code.emplace(code, u);
  }
  Parts out{std::vector<UnitIndex>(snapshot.units(), no_place)};
  std::size_t found = 0;
  for (UnitIndex u = 0; u < snapshot.units(); ++u)
    for (PlaceIndex p = snapshot.unit_place[u]; p != no_place && out.of[u] == no_place;
         p = snapshot.hierarchy[p].parent)
      if (const auto at = by_code.find(snapshot.hierarchy[p].code); at != by_code.end()) {
        out.of[u] = at->second;
        ++found;
      }
  if (found <= same) return std::nullopt;
  return out;
}

// The count with early parts and remainders as units. Options of the snapshot are matched by id; one that it lacks has
// no early votes.
std::shared_ptr<const Count> split_into_parts(const Count& count, const Count& snapshot, const Parts& parts,
                                              LateCount& late) {
  auto out = std::make_shared<Count>();
  out->id = count.id;
  out->contest = count.contest;
  out->unit_name = snapshot.unit_name;
  out->date = count.date;
  out->valid_basis = ValidBasis::reported;
  out->caveats = count.caveats;
  out->sha256 = count.sha256;
  // Below the lowest place of a unit lies the unit itself, so that its parts share it.
  auto levels = count.hierarchy.levels();
  const bool unit_is_place = !count.unit_place.empty() && [&] {
    std::vector<char> seen(count.hierarchy.places().size(), 0);
    for (const auto p : count.unit_place)
      if (p == no_place || seen[p]++) return false;
    return true;
  }();
  if (!unit_is_place) levels.push_back(count.unit_name.empty() ? "unit" : count.unit_name);
  out->hierarchy = Hierarchy(levels);
  const auto copy_place = [&](auto&& self, PlaceIndex p) -> PlaceIndex {
    if (p == no_place) return no_place;
    const Place& place = count.hierarchy[p];
    return out->hierarchy.add(self(self, place.parent), place.name, place.code);
  };
  const auto place_of = [&](UnitIndex u) {
    const PlaceIndex above = count.unit_place.empty() ? no_place : copy_place(copy_place, count.unit_place[u]);
    return unit_is_place ? above : out->hierarchy.add(above, count.unit_keys[u], count.unit_keys[u]);
  };

  const std::size_t m = count.options();
  std::vector<int> in_snapshot(m);
  for (std::size_t o = 0; o < m; ++o) in_snapshot[o] = snapshot.contest.index_of(count.contest.options[o].id);
  std::vector<std::vector<UnitIndex>> early(count.units());
  for (UnitIndex u = 0; u < snapshot.units(); ++u)
    if (parts.of[u] != no_place)
      early[parts.of[u]].push_back(u);
    else
      late.vanished.emplace_back(snapshot.unit_keys[u]);
  std::vector<std::vector<std::int32_t>> votes(m);
  const auto take = [&](std::string_view key, PlaceIndex place, std::int64_t registered, std::int64_t valid,
                        bool is_late, const std::vector<std::int64_t>& of_option) {
    out->unit_keys.push_back(key);
    out->unit_place.push_back(place);
    out->registered.push_back(static_cast<std::int32_t>(registered));
    out->valid.push_back(static_cast<std::int32_t>(valid));
    for (std::size_t o = 0; o < m; ++o) votes[o].push_back(static_cast<std::int32_t>(of_option[o]));
    late.late.push_back(is_late);
  };
  for (UnitIndex u = 0; u < count.units(); ++u) {
    std::int64_t registered = count.registered_of(u), valid = count.valid_of(u);
    std::vector<std::int64_t> rest(m);
    for (std::size_t o = 0; o < m; ++o) rest[o] = votes_of(count, o, u);
    for (const auto part : early[u]) {
      registered -= snapshot.registered_of(part);
      valid -= snapshot.valid_of(part);
      for (std::size_t o = 0; o < m; ++o)
        if (in_snapshot[o] >= 0) rest[o] -= votes_of(snapshot, static_cast<std::size_t>(in_snapshot[o]), part);
    }
    const bool all_early = !early[u].empty() && registered == 0;
    const bool possible = registered >= 0 && valid >= 0 && *std::min_element(rest.begin(), rest.end()) >= 0 &&
                          (all_early || valid > 0 || early[u].empty());
    if (!possible && !all_early) {
      late.left_out.emplace_back(count.unit_keys[u]);
      continue;
    }
    const PlaceIndex place = place_of(u);
    for (const auto part : early[u]) {
      std::vector<std::int64_t> own(m);
      for (std::size_t o = 0; o < m; ++o)
        if (in_snapshot[o] >= 0) own[o] = votes_of(snapshot, static_cast<std::size_t>(in_snapshot[o]), part);
      take(snapshot.unit_keys[part], place, snapshot.registered_of(part), snapshot.valid_of(part), false, own);
    }
    if (!all_early) take(count.unit_keys[u], place, registered, valid, true, rest);
  }
  for (const auto& column : votes) out->votes.insert(out->votes.end(), column.begin(), column.end());
  return out;
}

double middle(const LateCount& late, std::size_t unit) {
  return (late.from[unit] + late.to[unit]) / 2;
}

// The cut that tells the snapshot's units from the others with the fewest on the wrong side.
double best_cut(const LateCount& late) {
  std::vector<std::size_t> order;
  for (std::size_t u = 0; u < late.units(); ++u)
    if (std::isfinite(late.to[u])) order.push_back(u);
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return middle(late, a) < middle(late, b); });
  std::int64_t wrong = std::count(late.late.begin(), late.late.end(), 0), least = wrong;
  double cut = order.empty() ? 0 : middle(late, order[0]) - 1;
  for (std::size_t i = 0; i < order.size(); ++i) {
    wrong += late.late[order[i]] ? 1 : -1;
    const double here = middle(late, order[i]);
    if (i + 1 < order.size() && middle(late, order[i + 1]) == here) continue;
    if (wrong < least) {
      least = wrong;
      cut = here;
    }
  }
  return cut;
}

// Two arrivals of one count, one an order, the other times: is the order that of the times written on a 12-hour clock
// and sorted as text? (hour and minute first, the half of the day last)
Result<void> no_text_order(const std::vector<const Arrival*>& arrivals) {
  for (const auto* order : arrivals)
    for (const auto* times : arrivals) {
      if (order->kind == ArrivalKind::time || times->kind != ArrivalKind::time) continue;
      std::unordered_map<std::string_view, double> time;
      for (std::size_t i = 0; i < times->units(); ++i) time.emplace(times->unit_keys[i], times->from[i]);
      struct Row {
        double position, seconds, as_text;
      };
      std::vector<Row> rows;
      for (std::size_t i = 0; i < order->units(); ++i) {
        const auto found = time.find(order->unit_keys[i]);
        if (found == time.end()) continue;
        const double day = std::floor(found->second / 86400), second = found->second - 86400 * day;
        const double half = second >= 43200, hour = std::fmod(std::floor(second / 3600), 12);
        rows.push_back({order->from[i], found->second,
                        86400 * day + 2 * (3600 * (hour == 0 ? 12 : hour) + std::fmod(second, 3600)) + half});
      }
      if (rows.size() < 50) continue;
      std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) { return a.position < b.position; });
      std::size_t back = 0, back_as_text = 0;
      for (std::size_t i = 1; i < rows.size(); ++i) {
        back += rows[i].seconds < rows[i - 1].seconds;
        back_as_text += rows[i].as_text < rows[i - 1].as_text;
      }
      if (back > rows.size() / 200 && 2 * back_as_text < back)
        return needs(
            "an order of arrival that is one",
            fmt::format("'{}' is the order of the times of '{}' sorted as text on a 12-hour clock (\"01:00 p.m.\" "
                        "before \"01:01 a.m.\"): {} neighbours are out of the order of time, {} out of that of text. "
                        "Use the times themselves.",
                        order->id.text, times->id.text, back, back_as_text));
    }
  return {};
}

}  // namespace

Result<double> arrival_point(const Arrival& arrival, std::string_view option, const std::string& text) {
  if (arrival.kind == ArrivalKind::time) {
    if (const auto seconds = seconds_of(text)) return *seconds;
  } else {
    double value = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status == std::errc{} && end == text.data() + text.size() && std::isfinite(value)) return value;
  }
  return Error{
      .code = ErrorCode::option_invalid,
      .message = fmt::format("option '{}': arrival '{}' is a {}", option, arrival.id.text, to_text(arrival.kind)),
      .value = text,
      .remedy =
          arrival.kind == ArrivalKind::time ? "Write an instant such as 2019-10-20T19:40:57." : "Write a number."};
}

void LateSum::add(const LateCount& late, std::size_t unit) {
  ++units;
  registered += late.registered[unit];
  valid += late.valid[unit];
  leader += late.leader_votes[unit];
  runner_up += late.runner_up_votes[unit];
}

void withhold_test(Finding& finding) {
  finding.test.reset();
  finding.answer = Answer::undetermined;
  finding.conditions.push_back(
      {"Early and late units are of one kind (here the late part of a unit is what remained of it, several units in "
       "one: "
       "its p-values mean nothing, and the test is withheld)",
       false});
}

double margin_of(const LateCount& late, std::size_t unit) {
  return late.valid[unit] > 0 ? 100 * static_cast<double>(late.leader_votes[unit] - late.runner_up_votes[unit]) /
                                    static_cast<double>(late.valid[unit])
                              : unknown;
}

Result<LateCount> late_count(const Count& given, const ArrivalRequest& request) {
  LateCount out;
  out.count = &given;
  for (const auto* other : request.others)
    (other->contest.id == given.contest.id ? out.snapshots : out.elections).push_back(other);
  if (given.options() < 2) return needs("two options", "A margin is between the first two.");
  if (!out.snapshots.empty()) out.snapshot = out.snapshots[0];
  if (!request.arrivals.empty()) out.arrival = request.arrivals[0];
  if (!out.snapshot && (!out.arrival || request.cut.empty()))
    return needs("an earlier state of the count, or an arrival and a cut",
                 "Name a snapshot with --against, or an arrival with --arrival and --option cut=...");
  const auto order = ranking(tally(given));
  out.leader = order[0];
  out.runner_up = order[1];

  const UnitLookup given_lookup(given);
  std::vector<std::optional<UnitIndex>> in_snapshot;
  if (out.snapshot) {
    if (const auto parts = parts_of(given, given_lookup, *out.snapshot)) {
      out.parts = split_into_parts(given, *out.snapshot, *parts, out);
      out.count = out.parts.get();
    } else {
      const UnitLookup lookup(*out.snapshot);
      for (UnitIndex u = 0; u < given.units(); ++u) {
        in_snapshot.push_back(lookup.find(given.unit_keys[u]));
        out.late.push_back(!in_snapshot.back());
      }
      for (UnitIndex u = 0; u < out.snapshot->units(); ++u)
        if (!given_lookup.find(out.snapshot->unit_keys[u])) out.vanished.emplace_back(out.snapshot->unit_keys[u]);
    }
  }
  const Count& count = *out.count;
  const std::size_t n = count.units();
  out.late.resize(n, 0);

  if (out.arrival) {
    COTEJO_CHECK(no_text_order(request.arrivals));
    const UnitLookup lookup(count);
    out.from.assign(n, never);
    out.to.assign(n, never);
    for (std::size_t i = 0; i < out.arrival->units(); ++i)
      if (const auto unit = lookup.find(out.arrival->unit_keys[i])) {
        out.from[*unit] = out.arrival->from[i];
        out.to[*unit] = out.arrival->to[i];
      }
    out.units_without_arrival = std::count(out.to.begin(), out.to.end(), never);
    if (out.units_without_arrival == static_cast<std::int64_t>(n))
      return needs("an arrival of the count's units",
                   fmt::format("'{}' names none of them; check the unit in its profile.", out.arrival->id.text));
    std::map<double, std::int64_t> batch;
    for (std::size_t u = 0; u < n; ++u)
      if (std::isfinite(out.to[u])) ++batch[out.from[u]];
    for (const auto& [at, units] : batch) {
      out.batches += units > 1;
      out.largest_batch = std::max(out.largest_batch, units);
    }
    if (!request.cut.empty()) {
      COTEJO_TRY(cut, arrival_point(*out.arrival, "cut", request.cut));
      out.cut = cut;
    } else if (const auto instant = seconds_of(out.snapshot->as_of);
               instant && out.arrival->kind == ArrivalKind::time) {
      out.cut = *instant;
    } else {
      out.cut = best_cut(out);
      out.cut_was_found = true;
    }
    if (!out.snapshot)
      for (std::size_t u = 0; u < n; ++u) {
        out.late[u] = middle(out, u) > out.cut;
        out.intervals_cut += out.from[u] < out.cut && out.cut < out.to[u];
      }
  } else {
    out.cut = unknown;
    if (!request.cut.empty())
      return Error{.code = ErrorCode::option_invalid,
                   .message = "option 'cut' needs an arrival to cut",
                   .value = request.cut,
                   .remedy = "Name one with --arrival, or leave the option out: the snapshot tells early from late."};
  }
  const auto late_units = static_cast<std::size_t>(std::count(out.late.begin(), out.late.end(), 1));
  if (late_units == 0 || late_units == n)
    return needs("units on both sides of the cut",
                 late_units == 0 ? "Every unit is early: the snapshot is the whole count." : "Every unit is late.");

  out.valid = valid_of_units(count);
  out.registered.resize(n);
  for (UnitIndex u = 0; u < n; ++u) {
    out.registered[u] = count.registered_of(u);
    out.leader_votes.push_back(known(count.vote(out.leader, u)));
    out.runner_up_votes.push_back(known(count.vote(out.runner_up, u)));
  }
  out.snapshot_leader = out.leader_votes;
  out.snapshot_runner_up = out.runner_up_votes;
  out.snapshot_valid = out.valid;
  if (!in_snapshot.empty()) {
    const int m = out.snapshot->contest.index_of(count.contest.options[out.leader].id);
    const int c = out.snapshot->contest.index_of(count.contest.options[out.runner_up].id);
    if (m < 0 || c < 0)
      return needs("a snapshot with the options of the count",
                   fmt::format("'{}' lacks one of the first two.", out.snapshot->id.text));
    for (std::size_t u = 0; u < n; ++u)
      if (in_snapshot[u]) {
        out.snapshot_leader[u] = votes_of(*out.snapshot, static_cast<std::size_t>(m), *in_snapshot[u]);
        out.snapshot_runner_up[u] = votes_of(*out.snapshot, static_cast<std::size_t>(c), *in_snapshot[u]);
        out.snapshot_valid[u] = out.snapshot->valid_of(*in_snapshot[u]);
      }
  }
  if (!count.unit_place.empty())
    for (const auto& level : count.hierarchy.levels()) out.place.push_back(places_on_level(count, level));
  return out;
}

Finding open_arrival_finding(const MethodInfo& info, const Count& count, const LateCount& late,
                             const ArrivalRequest& request, const Context& context) {
  Finding finding = open_finding(info, count, context);
  for (const auto* other : request.others) add_input(finding, *other);
  for (const auto* arrival : request.arrivals) {
    finding.inputs.push_back(input_of(*arrival));
    for (const auto& caveat : arrival->caveats) finding.caveats.push_back(arrival->id.text + ": " + caveat);
  }
  name_shared_places(finding, count.contest, tally(count));
  LateSum early, rest;
  for (std::size_t u = 0; u < late.units(); ++u) (late.late[u] ? rest : early).add(late, u);
  const auto estimate = [&](std::string name, double value, std::string unit, std::string definition) {
    finding.estimates.push_back({std::move(name), value, std::move(unit), std::move(definition)});
  };
  const std::string how = late.snapshot
                              ? fmt::format("in {}", late.snapshot->id.text)
                              : fmt::format("that arrived up to {}", describe_arrival(late.arrival->kind, late.cut));
  estimate("units_early", static_cast<double>(early.units), "units", "units " + how);
  estimate("units_late", static_cast<double>(rest.units), "units", "the others");
  if (late.parts)
    finding.caveats.push_back(fmt::format(
        "The units of {} are parts of those of {}: what is late is what remains of each unit after its early parts.",
        late.snapshot->id.text, count.id.text));
  if (!late.vanished.empty())
    finding.conditions.push_back(
        {fmt::format("Every unit of {} is in {} ({} are not: {}{})", late.snapshot->id.text, count.id.text,
                     late.vanished.size(), printable(late.vanished[0]), late.vanished.size() > 1 ? ", ..." : ""),
         false});
  else if (late.snapshot)
    finding.conditions.push_back(
        {fmt::format("Every unit of {} is in {}", late.snapshot->id.text, count.id.text), true});
  if (!late.left_out.empty())
    finding.conditions.push_back(
        {fmt::format("No unit had more votes or voters early than in the end ({} had, and are left out: {}{})",
                     late.left_out.size(), printable(late.left_out[0]), late.left_out.size() > 1 ? ", ..." : ""),
         false});
  if (late.arrival) {
    if (late.units_without_arrival > 0)
      finding.caveats.push_back(fmt::format("{} of {} {} no arrival in {}: {} taken as arrived after all others.",
                                            with_thousands(late.units_without_arrival), counted(late.units(), "unit"),
                                            late.units_without_arrival == 1 ? "has" : "have", late.arrival->id.text,
                                            late.units_without_arrival == 1 ? "it is" : "they are"));
    if (late.batches > 0)
      finding.caveats.push_back(fmt::format(
          "{} arrivals of {} are shared by several units, the largest by {}: units of one batch have no order "
          "among themselves, and a cut never divides them.",
          with_thousands(late.batches), late.arrival->id.text, with_thousands(late.largest_batch)));
    if (late.intervals_cut > 0)
      finding.caveats.push_back(fmt::format("{} arrived in an interval that holds the cut; its middle decides.",
                                            counted(late.intervals_cut, "unit")));
    if (late.cut_was_found)
      finding.caveats.push_back(fmt::format(
          "The cut on {} ({}) is the one that tells the snapshot's units from the others with the fewest errors.",
          late.arrival->id.text, describe_arrival(late.arrival->kind, late.cut)));
  }
  return finding;
}

}  // namespace cotejo

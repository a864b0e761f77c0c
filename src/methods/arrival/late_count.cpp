#include "cotejo/methods/arrival/late_count.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <unordered_map>

#include "cotejo/methods/support/naming.hpp"
#include "late_count_parts.hpp"

namespace cotejo {

namespace {

constexpr double never = std::numeric_limits<double>::infinity();
constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

std::int64_t known(std::int32_t value) {
  return value == missing ? 0 : value;
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

// One unit in an order of arrival that has a time too.
struct OrderedTime {
  double position = 0, seconds = 0;
  double as_text =
      0;  // sorts as the time does as text on a 12-hour clock: hour and minute first, the half of the day last
};

std::vector<OrderedTime> in_their_order(const Arrival& order, const Arrival& times) {
  std::unordered_map<std::string_view, double> time;
  for (std::size_t i = 0; i < times.units(); ++i) time.emplace(times.unit_keys[i], times.from[i]);
  std::vector<OrderedTime> out;
  for (std::size_t i = 0; i < order.units(); ++i) {
    const auto found = time.find(order.unit_keys[i]);
    if (found == time.end()) continue;
    const double day = std::floor(found->second / 86400), second = found->second - 86400 * day;
    const double half = second >= 43200, hour = std::fmod(std::floor(second / 3600), 12);
    out.push_back({order.from[i], found->second,
                   86400 * day + 2 * (3600 * (hour == 0 ? 12 : hour) + std::fmod(second, 3600)) + half});
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const OrderedTime& a, const OrderedTime& b) { return a.position < b.position; });
  return out;
}

// Is the order that of the times written on a 12-hour clock and sorted as text?
Result<void> no_text_order(const Arrival& order, const Arrival& times) {
  const auto rows = in_their_order(order, times);
  if (rows.size() < 50) return {};
  std::size_t back = 0, back_as_text = 0;
  for (std::size_t i = 1; i < rows.size(); ++i) {
    back += rows[i].seconds < rows[i - 1].seconds;
    back_as_text += rows[i].as_text < rows[i - 1].as_text;
  }
  if (back <= rows.size() / 200 || 2 * back_as_text >= back) return {};
  return needs(
      "an order of arrival that is one",
      fmt::format("'{}' is the order of the times of '{}' sorted as text on a 12-hour clock (\"01:00 p.m.\" "
                  "before \"01:01 a.m.\"): {} neighbours are out of the order of time, {} out of that of text. "
                  "Use the times themselves.",
                  order.id.text, times.id.text, back, back_as_text));
}

// Of every two arrivals of one count, one an order, the other times.
Result<void> no_text_order(const std::vector<const Arrival*>& arrivals) {
  for (const auto* order : arrivals)
    for (const auto* times : arrivals)
      if (order->kind != ArrivalKind::time && times->kind == ArrivalKind::time)
        COTEJO_CHECK(no_text_order(*order, *times));
  return {};
}

using InSnapshot = std::vector<std::optional<UnitIndex>>;  // of each unit of the count; empty: no snapshot of its units

// Early is what the snapshot holds; where its units are parts of the count's, the count is split.
InSnapshot read_snapshot(LateCount& late, const Count& given) {
  InSnapshot out;
  if (!late.snapshot) return out;
  const UnitLookup in_count(given);
  if (const auto parts = parts_of(given, in_count, *late.snapshot)) {
    late.parts = split_into_parts(given, *late.snapshot, *parts, late);
    late.count = late.parts.get();
    return out;
  }
  const UnitLookup in_snapshot(*late.snapshot);
  for (UnitIndex u = 0; u < given.units(); ++u) {
    out.push_back(in_snapshot.find(given.unit_keys[u]));
    late.late.push_back(!out.back());
  }
  for (UnitIndex u = 0; u < late.snapshot->units(); ++u)
    if (!in_count.find(late.snapshot->unit_keys[u])) late.vanished.emplace_back(late.snapshot->unit_keys[u]);
  return out;
}

// When each unit arrived, and which arrived together.
Result<void> read_arrival(LateCount& late) {
  const std::size_t n = late.count->units();
  const UnitLookup lookup(*late.count);
  late.from.assign(n, never);
  late.to.assign(n, never);
  for (std::size_t i = 0; i < late.arrival->units(); ++i)
    if (const auto unit = lookup.find(late.arrival->unit_keys[i])) {
      late.from[*unit] = late.arrival->from[i];
      late.to[*unit] = late.arrival->to[i];
    }
  late.units_without_arrival = std::count(late.to.begin(), late.to.end(), never);
  if (late.units_without_arrival == static_cast<std::int64_t>(n))
    return needs("an arrival of the count's units",
                 fmt::format("'{}' names none of them; check the unit in its profile.", late.arrival->id.text));
  std::map<double, std::int64_t> batch;
  for (std::size_t u = 0; u < n; ++u)
    if (std::isfinite(late.to[u])) ++batch[late.from[u]];
  for (const auto& [at, units] : batch) {
    late.batches += units > 1;
    late.largest_batch = std::max(late.largest_batch, units);
  }
  return {};
}

// The cut on the arrival; without a snapshot it tells early from late.
Result<void> find_cut(LateCount& late, const std::string& given) {
  if (!given.empty()) {
    COTEJO_TRY(cut, arrival_point(*late.arrival, "cut", given));
    late.cut = cut;
  } else if (const auto instant = seconds_of(late.snapshot->as_of);
             instant && late.arrival->kind == ArrivalKind::time) {
    late.cut = *instant;
  } else {
    late.cut = best_cut(late);
    late.cut_was_found = true;
  }
  if (late.snapshot) return {};
  for (std::size_t u = 0; u < late.units(); ++u) {
    late.late[u] = middle(late, u) > late.cut;
    late.intervals_cut += late.from[u] < late.cut && late.cut < late.to[u];
  }
  return {};
}

void read_votes(LateCount& late) {
  const Count& count = *late.count;
  late.valid = valid_of_units(count);
  late.registered.resize(count.units());
  for (UnitIndex u = 0; u < count.units(); ++u) {
    late.registered[u] = count.registered_of(u);
    late.leader_votes.push_back(known(count.vote(late.leader, u)));
    late.runner_up_votes.push_back(known(count.vote(late.runner_up, u)));
  }
  late.snapshot_leader = late.leader_votes;
  late.snapshot_runner_up = late.runner_up_votes;
  late.snapshot_valid = late.valid;
}

Result<void> read_votes_of_snapshot(LateCount& late, const InSnapshot& in_snapshot) {
  if (in_snapshot.empty()) return {};
  const Contest& contest = late.count->contest;
  const int leader = late.snapshot->contest.index_of(contest.options[late.leader].id);
  const int runner_up = late.snapshot->contest.index_of(contest.options[late.runner_up].id);
  if (leader < 0 || runner_up < 0)
    return needs("a snapshot with the options of the count",
                 fmt::format("'{}' lacks one of the first two.", late.snapshot->id.text));
  for (std::size_t u = 0; u < late.units(); ++u)
    if (in_snapshot[u]) {
      late.snapshot_leader[u] = votes_of(*late.snapshot, static_cast<std::size_t>(leader), *in_snapshot[u]);
      late.snapshot_runner_up[u] = votes_of(*late.snapshot, static_cast<std::size_t>(runner_up), *in_snapshot[u]);
      late.snapshot_valid[u] = late.snapshot->valid_of(*in_snapshot[u]);
    }
  return {};
}

// Snapshots and elections apart, the first arrival, the first two options.
Result<LateCount> take_inputs(const Count& given, const ArrivalRequest& request) {
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
  return out;
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

double margin_of(const LateCount& late, std::size_t unit) {
  return late.valid[unit] > 0 ? 100 * static_cast<double>(late.leader_votes[unit] - late.runner_up_votes[unit]) /
                                    static_cast<double>(late.valid[unit])
                              : unknown;
}

Result<LateCount> late_count(const Count& given, const ArrivalRequest& request) {
  COTEJO_TRY(taken, take_inputs(given, request));
  LateCount out = std::move(taken);
  const InSnapshot in_snapshot = read_snapshot(out, given);
  const std::size_t n = out.count->units();
  out.late.resize(n, 0);
  if (out.arrival) {
    COTEJO_CHECK(no_text_order(request.arrivals));
    COTEJO_CHECK(read_arrival(out));
    COTEJO_CHECK(find_cut(out, request.cut));
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
  read_votes(out);
  COTEJO_CHECK(read_votes_of_snapshot(out, in_snapshot));
  if (!out.count->unit_place.empty())
    for (const auto& level : out.count->hierarchy.levels()) out.place.push_back(places_on_level(*out.count, level));
  return out;
}

Result<std::shared_ptr<const LateCount>> shared_late_count(const Count& count, const ArrivalRequest& request) {
  COTEJO_TRY(late, late_count(count, request));
  return std::make_shared<const LateCount>(std::move(late));
}

}  // namespace cotejo

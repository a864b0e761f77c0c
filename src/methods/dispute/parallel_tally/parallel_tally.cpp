#include "cotejo/methods/dispute/parallel_tally.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "../sheet_places.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/methods/support/naming.hpp"

namespace cotejo {

namespace {

using Pair = std::pair<std::size_t, std::size_t>;  // an option's index in the copies, and in what was proclaimed

std::vector<Pair> shared_options(const Count& copies, const Count& proclaimed) {
  std::vector<Pair> out;
  for (std::size_t o = 0; o < copies.options(); ++o)
    if (const int p = proclaimed.contest.index_of(copies.contest.options[o].id); p >= 0)
      out.emplace_back(o, static_cast<std::size_t>(p));
  return out;
}

// Unit by unit: what differs, and which proclaimed units have no copy.
void compare_units(const Count& copies, const Count& proclaimed, const std::vector<Pair>& options, std::size_t limit,
                   ParallelTallyResult& out) {
  std::vector<bool> copied(proclaimed.units());
  const UnitLookup lookup(proclaimed);
  for (UnitIndex u = 0; u < copies.units(); ++u) {
    const auto unit = lookup.find(copies.unit_keys[u]);
    if (!unit) {
      ++out.unknown_units;
      continue;
    }
    copied[*unit] = true;
    bool differs = false;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const std::int32_t theirs = copies.vote(options[i].first, u),
                         official = proclaimed.vote(options[i].second, *unit);
      if (theirs == missing || official == missing || theirs == official) continue;
      differs = true;
      const std::int64_t difference = std::int64_t{official} - theirs;
      out.options[i].net += difference;
      out.impossible += std::abs(difference);
      if (out.differences.size() < limit) out.differences.push_back({u, i, theirs, official});
    }
    out.differing += differs;
  }
  if (out.units_missing) return;  // a register has them
  std::vector<UnitIndex> without;
  for (UnitIndex u = 0; u < copied.size(); ++u)
    if (!copied[u]) without.push_back(u);
  out.units_missing = static_cast<std::int64_t>(without.size());
  if (!proclaimed.registered.empty()) out.voters_missing = tally(proclaimed, without).registered;
}

// The units of the register without a copy, and their voters. Every copy is of a unit of the register, and every unit without
// one has its voters there: else the voters missing would be too few, and the bounds too narrow.
Result<void> missing_of_register(const Count& copies, const Count& expected, ParallelTallyResult& out) {
  const UnitLookup lookup(expected);
  std::vector<bool> copied(expected.units());
  std::int64_t lacking = 0;
  std::string first;
  for (UnitIndex u = 0; u < copies.units(); ++u)
    if (const auto unit = lookup.find(copies.unit_keys[u]))
      copied[*unit] = true;
    else if (lacking++ == 0)
      first = std::string(copies.unit_keys[u]);
  if (lacking > 0)
    return Error{
        .code = ErrorCode::unit_unknown,
        .message = fmt::format("the register '{}' lacks {} of the copies", expected.id.text, counted(lacking, "unit")),
        .column = "unit",
        .value = first,
        .remedy = "Use the same keys in both, or complete the register."};
  out.units_missing = 0, out.voters_missing = 0;
  for (UnitIndex u = 0; u < expected.units(); ++u) {
    if (copied[u]) continue;
    if (expected.registered.empty() || expected.registered[u] == missing)
      return needs(
          fmt::format("registered voters of every unit of the register '{}' that has no copy", expected.id.text),
          fmt::format("The unit '{}' has none.", expected.unit_keys[u]));
    ++*out.units_missing;
    *out.voters_missing += expected.registered[u];
  }
  return {};
}

// What the copies of one place and its missing voters are.
struct PlaceSums {
  std::vector<std::int64_t> copied{};  // by shared option
  std::int64_t copies = 0, valid = 0, registered = 0;
  std::int64_t voters_missing = 0;
};

// All units, which are those of the register or of what was proclaimed, by place of their level `level` (empty: the lowest):
// what the copies have there, and the voters of the units that have no copy. Empty where they have no places.
Result<std::vector<PlaceSums>> places_of_units(const Count& copies, const Count& all, const std::vector<Pair>& options,
                                               const std::string& level) {
  const auto& levels = all.hierarchy.levels();
  if (!level.empty() && all.hierarchy.level_index(level) < 0)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("'{}' has no such level", all.id.text),
                 .column = "level",
                 .value = level,
                 .remedy = fmt::format("Its levels are: {}.", fmt::join(levels, ", "))};
  if (levels.empty() || all.registered.empty()) return std::vector<PlaceSums>{};
  const auto place = places_on_level(all, level.empty() ? levels.back() : level);
  std::vector<PlaceSums> out(all.hierarchy.places().size(),
                             PlaceSums{.copied = std::vector<std::int64_t>(options.size())});
  const UnitLookup lookup(copies);
  for (UnitIndex u = 0; u < all.units(); ++u) {
    if (place[u] == no_place) continue;
    PlaceSums& sums = out[place[u]];
    if (const auto copy = lookup.find(all.unit_keys[u])) {
      for (std::size_t i = 0; i < options.size(); ++i) sums.copied[i] += votes_of(copies, options[i].first, *copy);
      sums.valid += copies.valid_of(*copy), sums.registered += all.registered_of(u);
    } else {
      sums.voters_missing += all.registered_of(u);
    }
  }
  return out;
}

// The voters without a copy that each proclaimed sheet covers: by the register, else the sheet's voters less those of the copies
// there. Empty where neither is known.
Result<std::vector<std::int64_t>> missing_by_sheet(const Count& copies, const Count& proclaimed,
                                                   const PlacedSheets& placed, const Count* expected) {
  std::vector<std::int64_t> out(proclaimed.units());
  if (expected) {
    const auto of_register = SheetPlaces(*expected).place(proclaimed);
    if (!of_register || of_register->level != placed.level)
      return needs(fmt::format("the places of level '{}' in the register '{}'", placed.level, expected->id.text),
                   "Give the register the same places as the copies.");
    const UnitLookup lookup(copies);
    for (UnitIndex u = 0; u < expected->units(); ++u)
      if (const auto sheet = of_register->sheet_of[of_register->of_unit[u]];
          sheet != no_sheet && !lookup.find(expected->unit_keys[u]))
        out[static_cast<std::size_t>(sheet)] += expected->registered_of(u);
    return out;
  }
  if (copies.registered.empty() || proclaimed.registered.empty()) return std::vector<std::int64_t>{};
  for (UnitIndex s = 0; s < proclaimed.units(); ++s) out[s] = proclaimed.registered_of(s);
  for (UnitIndex u = 0; u < copies.units(); ++u)
    if (const auto sheet = placed.sheet_of[placed.of_unit[u]]; sheet != no_sheet)
      out[static_cast<std::size_t>(sheet)] -= copies.registered_of(u);
  for (auto& voters : out) voters = std::max<std::int64_t>(0, voters);
  return out;
}

// What the copies have at each position.
std::vector<PlaceSums> sums_of_copies(const Count& copies, const PlacedSheets& placed,
                                      const std::vector<Pair>& options) {
  std::vector<PlaceSums> out(placed.size, PlaceSums{.copied = std::vector<std::int64_t>(options.size())});
  for (UnitIndex u = 0; u < copies.units(); ++u) {
    PlaceSums& sums = out[placed.of_unit[u]];
    ++sums.copies;
    for (std::size_t i = 0; i < options.size(); ++i) sums.copied[i] += votes_of(copies, options[i].first, u);
    sums.valid += copies.valid_of(u), sums.registered += copies.registered_of(u);
  }
  return out;
}

// Totals by place: in which places the copies exceed them, and where more was proclaimed than the missing voters can have cast.
Result<std::vector<PlaceSums>> compare_places(const Count& copies, const Count& proclaimed, const SheetPlaces& places,
                                              const PlacedSheets& placed, const std::vector<Pair>& options,
                                              const ParallelTallyRequest& request, ParallelTallyResult& out) {
  COTEJO_TRY(voters, missing_by_sheet(copies, proclaimed, placed, request.expected));
  auto sums = sums_of_copies(copies, placed, options);
  std::int64_t unreachable = 0;
  for (std::size_t p = 0; p < placed.size; ++p) {
    if (placed.sheet_of[p] == no_sheet) {
      out.unknown_units += sums[p].copies;
      continue;
    }
    const auto sheet = static_cast<UnitIndex>(placed.sheet_of[p]);
    std::int64_t over = 0, more = 0, copied = 0, official = 0;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const std::int32_t announced = proclaimed.vote(options[i].second, sheet);
      if (announced == missing) continue;
      const std::int64_t d = announced - sums[p].copied[i];
      copied += sums[p].copied[i], official += sums[p].copied[i] + d;
      out.options[i].over += std::max<std::int64_t>(0, -d);
      (d < 0 ? over : more) += std::abs(d);
    }
    sums[p].voters_missing = voters.empty() ? 0 : voters[sheet];
    const std::int64_t beyond = voters.empty() ? 0 : std::max<std::int64_t>(0, more - sums[p].voters_missing);
    unreachable += beyond;
    out.places.push_back(
        {places.label(placed, p), sums[p].copies, copied, official, over, sums[p].voters_missing, beyond});
  }
  out.places_without_copy = static_cast<std::int64_t>(placed.unplaced.size());
  if (!voters.empty()) {
    if (!out.voters_missing) out.voters_missing = std::accumulate(voters.begin(), voters.end(), std::int64_t{0});
    out.unreachable = unreachable;
  }
  for (const auto& place : out.places) out.places_contradicted += place.over > 0 || place.unreachable > 0;
  std::stable_sort(out.places.begin(), out.places.end(),
                   [](const auto& a, const auto& b) { return a.over + a.unreachable > b.over + b.unreachable; });
  if (const auto limit = static_cast<std::size_t>(request.list_limit); out.places.size() > limit)
    out.places.resize(limit);
  return sums;
}

// The runner-up's share, of the votes for the two, if the missing voters of each place voted as often and as divided as its
// copies; in a place without a copy as all copies together.
std::optional<double> own_share_percent(const std::vector<PlaceSums>& places, std::size_t leader,
                                        std::size_t runner_up) {
  PlaceSums all{.copied = std::vector<std::int64_t>(places.empty() ? 0 : places[0].copied.size())};
  for (const auto& place : places) {
    for (std::size_t i = 0; i < place.copied.size(); ++i) all.copied[i] += place.copied[i];
    all.registered += place.registered;
  }
  double second = 0, both = 0;
  for (const auto& place : places) {
    if (place.voters_missing == 0) continue;
    const PlaceSums& own = place.registered > 0 ? place : all;
    if (own.registered == 0) continue;
    const double per_voter = static_cast<double>(place.voters_missing) / static_cast<double>(own.registered);
    second += per_voter * static_cast<double>(own.copied[runner_up]);
    both += per_voter * static_cast<double>(own.copied[leader] + own.copied[runner_up]);
  }
  if (both <= 0) return {};
  return 100 * second / both;
}

// Several readings of the same sheets.
class SheetReadings {
 public:
  SheetReadings(const Count& copies, const std::vector<const Count*>& readings, const std::vector<Pair>& options)
      : copies_(copies), readings_(readings), options_(options) {
    for (const Count* reading : readings) {
      lookups_.emplace_back(*reading);
      columns_.emplace_back();
      for (const auto& option : options)
        columns_.back().push_back(reading->contest.index_of(copies.contest.options[option.first].id));
    }
  }

  // The options of a sheet in each reading that has it, the copies first. What a reading lacks is as in the copies.
  std::vector<std::vector<std::int64_t>> of(UnitIndex copy) const {
    std::vector<std::vector<std::int64_t>> out(1);
    for (const auto& [o, p] : options_) out[0].push_back(votes_of(copies_, o, copy));
    for (std::size_t r = 0; r < readings_.size(); ++r)
      if (const auto unit = lookups_[r].find(copies_.unit_keys[copy])) {
        out.push_back(out[0]);
        for (std::size_t i = 0; i < options_.size(); ++i) {
          if (columns_[r][i] < 0) continue;
          const auto votes = readings_[r]->vote(static_cast<std::size_t>(columns_[r][i]), *unit);
          if (votes != missing) out.back()[i] = votes;
        }
      }
    return out;
  }

 private:
  const Count& copies_;
  const std::vector<const Count*>& readings_;
  const std::vector<Pair>& options_;
  std::vector<UnitLookup> lookups_;
  std::vector<std::vector<int>> columns_;  // of each reading, for each option
};

void add_difference(Tally& to, const std::vector<Pair>& options, const std::vector<std::int64_t>& row,
                    const std::vector<std::int64_t>& copied) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    const std::int64_t d = row[i] - copied[i];
    to.options[options[i].first] += d, to.valid += d, to.cast += d;
  }
}

// Several readings of the sheets: the fewest and most votes that some reading of each has, and the two extremes of the lead.
void compare_readings(const Count& copies, const std::vector<const Count*>& readings, const std::vector<Pair>& options,
                      ParallelTallyResult& out) {
  const SheetReadings sheets(copies, readings, options);
  const Tally all = tally(copies);
  const auto order = ranking(all);
  const auto lead = [&](const std::vector<std::int64_t>& row) {
    std::int64_t d = 0;
    for (std::size_t i = 0; i < options.size(); ++i)
      d += options[i].first == order[0] ? row[i] : options[i].first == order[1] ? -row[i] : 0;
    return d;
  };
  Tally for_leader = all, for_runner_up = all;
  out.least.assign(options.size(), 0), out.most.assign(options.size(), 0);
  for (UnitIndex u = 0; u < copies.units(); ++u) {
    const auto sheet = sheets.of(u);
    if (sheet.size() == 1) continue;
    const bool agreed = std::all_of(sheet.begin(), sheet.end(), [&](const auto& row) { return row == sheet[0]; });
    ++(agreed ? out.sheets_agreed : out.sheets_disputed);
    if (agreed) continue;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const auto [low, high] =
          std::minmax_element(sheet.begin(), sheet.end(), [&](const auto& a, const auto& b) { return a[i] < b[i]; });
      out.least[i] += (*low)[i] - sheet[0][i], out.most[i] += (*high)[i] - sheet[0][i];
    }
    if (order.size() < 2) continue;
    const auto [worst, best] = std::minmax_element(sheet.begin(), sheet.end(),
                                                   [&](const auto& a, const auto& b) { return lead(a) < lead(b); });
    add_difference(for_leader, options, *best, sheet[0]);
    add_difference(for_runner_up, options, *worst, sheet[0]);
  }
  if (order.size() < 2) return;
  out.readings.push_back({"best-for-leader", std::move(for_leader)});
  out.readings.push_back({"best-for-runner-up", std::move(for_runner_up)});
}

Error fewer_in_all(std::string_view option, std::int64_t in_all, std::int64_t copied, std::string_view what) {
  return {.code = ErrorCode::option_invalid,
          .message = fmt::format("there are fewer {} in all than in the copies", what),
          .column = std::string(option),
          .value = std::to_string(in_all),
          .remedy = fmt::format("The copies have {}.", copied)};
}

Result<void> missing_of_totals(const ParallelTallyRequest& request, const Tally& all, ParallelTallyResult& out) {
  if (request.expected) {
    for (const auto& [given, name] :
         {std::pair{request.units_in_all, "units_in_all"}, std::pair{request.registered_in_all, "registered_in_all"}})
      if (given > 0)
        return Error{.code = ErrorCode::option_invalid,
                     .message = fmt::format("the register '{}' has this number already", request.expected->id.text),
                     .column = name,
                     .value = std::to_string(given),
                     .remedy = "Leave one of the two out."};
    return {};
  }
  if (request.units_in_all > 0) {
    if (request.units_in_all < all.units) return fewer_in_all("units_in_all", request.units_in_all, all.units, "units");
    out.units_missing = request.units_in_all - all.units;
  }
  if (request.registered_in_all > 0 && all.registered > 0) {
    if (request.registered_in_all < all.registered)
      return fewer_in_all("registered_in_all", request.registered_in_all, all.registered, "registered voters");
    out.voters_missing = request.registered_in_all - all.registered;
  }
  return {};
}

// The copies with more valid votes, every one of them a ballot cast by a registered voter.
Tally completed(Tally tally, const std::vector<std::int64_t>& votes, std::int64_t voters) {
  for (std::size_t o = 0; o < votes.size(); ++o) {
    tally.options[o] += votes[o];
    tally.valid += votes[o];
    tally.cast += votes[o];
  }
  tally.registered += voters;
  return tally;
}

void complete(const Tally& all, ParallelTallyResult& out) {
  const auto order = ranking(all);
  const std::int64_t voters = *out.voters_missing;
  std::vector<std::int64_t> votes(all.options.size());
  votes[order[0]] = voters;
  out.readings.push_back({"all-to-leader", completed(all, votes, voters)});
  if (order.size() < 2) return;
  votes[order[0]] = 0;
  votes[order[1]] = voters;
  out.readings.push_back({"all-to-runner-up", completed(all, votes, voters)});
  if (all.registered == 0) return;
  const double valid_per_voter = static_cast<double>(all.valid) / static_cast<double>(all.registered);
  const double valid = static_cast<double>(voters) * valid_per_voter;
  for (std::size_t o = 0; o < votes.size(); ++o)
    votes[o] =
        all.valid == 0 ? 0 : std::llround(valid * static_cast<double>(all.options[o]) / static_cast<double>(all.valid));
  out.readings.push_back({"equal-shares", completed(all, votes, voters)});
  const auto lead = static_cast<double>(all.options[order[0]] - all.options[order[1]]);
  if (valid > 0) out.needed_share_percent = 100 * (.5 + lead / (2 * valid));
}

bool has_a_unit_of(const UnitLookup& units, const Count& reading) {
  for (UnitIndex u = 0; u < reading.units(); ++u)
    if (units.find(reading.unit_keys[u])) return true;
  return false;
}

std::optional<double> share_of_own_places(const std::vector<PlaceSums>& sums, const std::vector<Pair>& options,
                                          const Tally& all) {
  const auto order = ranking(all);
  const auto index = [&](std::size_t option) {
    return static_cast<std::size_t>(
        std::find_if(options.begin(), options.end(), [&](const Pair& p) { return p.first == option; }) -
        options.begin());
  };
  if (order.size() < 2 || index(order[0]) == options.size() || index(order[1]) == options.size()) return {};
  return own_share_percent(sums, index(order[0]), index(order[1]));
}

using By = ParallelTallyResult::By;

By how_divided(const Count& copies, const Count& proclaimed, const PlacedSheets& placed) {
  const bool same_unit = placed.is_whole() && copies.units() == 1 && copies.unit_keys[0] == proclaimed.unit_keys[0];
  return placed.is_units() || same_unit ? By::unit : placed.is_whole() ? By::whole : By::place;
}

// What the copies, the proclaimed figures and the voters of the missing units allow; the sums of the places, where there are any.
Result<std::vector<PlaceSums>> compare(const Count& copies, const SheetPlaces& places, const PlacedSheets& placed,
                                       const std::vector<Pair>& options, const ParallelTallyRequest& request,
                                       ParallelTallyResult& out) {
  const Count& proclaimed = *request.others[0];
  if (request.expected) COTEJO_CHECK(missing_of_register(copies, *request.expected, out));
  std::vector<PlaceSums> sums;
  if (out.by == By::unit) compare_units(copies, proclaimed, options, static_cast<std::size_t>(request.list_limit), out);
  if (out.by == By::place) {
    out.level = placed.level;
    COTEJO_TRY(of_places, compare_places(copies, proclaimed, places, placed, options, request, out));
    sums = std::move(of_places);
  } else if (out.by == By::unit || request.expected) {
    COTEJO_TRY(of_units,
               places_of_units(copies, request.expected ? *request.expected : proclaimed, options, request.level));
    sums = std::move(of_units);
  }
  if (out.by != By::unit) COTEJO_CHECK(missing_of_totals(request, tally(copies), out));
  if (out.by != By::place)
    for (auto& option : out.options) option.over = std::max<std::int64_t>(0, option.copied - option.proclaimed);
  if (out.by != By::unit)
    for (const auto& option : out.options) out.impossible += option.over;
  if (out.voters_missing && out.by == By::whole) {
    std::int64_t more = 0;
    for (const auto& option : out.options) more += std::max<std::int64_t>(0, option.proclaimed - option.copied);
    out.unreachable = std::max<std::int64_t>(0, more - *out.voters_missing);
  }
  return sums;
}

// The copies alone, and what was proclaimed where the rule can be applied to it: it needs the valid votes, as stated or of
// all options.
void add_figures(const Count& copies, const Count& proclaimed, const std::vector<Pair>& options,
                 ParallelTallyResult& out) {
  const Tally all = tally(copies), official = tally(proclaimed);
  out.readings.push_back({"copies-alone", all});
  out.proclaimed_whole =
      options.size() == copies.options() || (proclaimed.valid_basis == ValidBasis::reported && official.valid > 0);
  if (!out.proclaimed_whole) return;
  Tally announced = official;
  announced.options.assign(all.options.size(), 0);
  for (const auto& [o, p] : options) announced.options[o] = official.options[p];
  out.readings.push_back({"proclaimed", std::move(announced)});
}

// The further counts, which must be readings of the copies' sheets, and what was proclaimed unit by unit.
Result<void> add_readings(const Count& copies, const std::vector<Pair>& options, const ParallelTallyRequest& request,
                          ParallelTallyResult& out) {
  const std::vector<const Count*> readings(request.others.begin() + (out.by == By::unit ? 0 : 1), request.others.end());
  const UnitLookup units(copies);
  for (const Count* reading : readings)
    if (reading != request.others[0] && !has_a_unit_of(units, *reading))
      return needs(fmt::format("readings of the copies' sheets in '{}'", reading->id.text),
                   "A further --against is another reading of the same units.");
  if (!readings.empty()) compare_readings(copies, readings, options, out);
  return {};
}

CouldChange could_change(const ParallelTallyResult& result, const Count& copies, const Rule& rule) {
  if (!result.voters_missing || result.unknown_units > 0) return CouldChange::unknown;
  std::vector<VoteRange> added(copies.options(), VoteRange{0, *result.voters_missing});
  for (std::size_t i = 0; i < result.least.size(); ++i) {
    auto& range = added[static_cast<std::size_t>(copies.contest.index_of(OptionId{result.options[i].id}))];
    range.least += result.least[i], range.most += result.most[i];
  }
  return could_decide(rule, copies.contest, result.readings[0].after, added) ? CouldChange::depends : CouldChange::no;
}

}  // namespace

const ParallelTallyResult::Option& ParallelTallyResult::most_exceeded() const {
  return *std::max_element(options.begin(), options.end(),
                           [](const auto& a, const auto& b) { return a.over < b.over; });
}

const OptionTable<ParallelTallyRequest>& ParallelTallyRequest::table() {
  static const OptionTable<ParallelTallyRequest> options = [] {
    OptionTable<ParallelTallyRequest> t;
    t.add(&ParallelTallyRequest::units_in_all,
          {.name = "units_in_all",
           .unit = "units",
           .text = "How many units there are in all, where the proclaimed figures are totals; 0: not known.",
           .low = 0,
           .high = 1e9});
    t.add(
        &ParallelTallyRequest::registered_in_all,
        {.name = "registered_in_all",
         .unit = "voters",
         .text = "How many registered voters there are in all, where the proclaimed figures are totals; 0: not known.",
         .low = 0,
         .high = 1e11});
    t.add(&ParallelTallyRequest::list_limit, {.name = "list_limit",
                                              .unit = "rows",
                                              .text = "How many differences the table lists; all are counted.",
                                              .low = 0,
                                              .high = 1e7});
    t.add(&ParallelTallyRequest::level, {.name = "level",
                                         .unit = "level",
                                         .text = "The level of the places whose own copies the units without one are "
                                                 "compared with, where the proclaimed figures are unit by unit or "
                                                 "there is a register; empty: the lowest."});
    return t;
  }();
  return options;
}

Result<ParallelTallyResult> compute(const Count& copies, const ParallelTallyRequest& request, const Context&) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, copies));
  if (request.others.empty()) return needs("the proclaimed figures", "Name their count with --against.");
  if (copies.units() == 0) return needs("copies", "Import a count that has returns.");
  const Count& proclaimed = *request.others[0];
  const auto options = shared_options(copies, proclaimed);
  if (options.empty())
    return needs("an option that the copies and the proclaimed figures share", "Give the options the same ids.");
  const SheetPlaces places(copies);
  const auto placed = places.place(proclaimed);
  if (!placed)
    return needs(
        "copies of units or places that were proclaimed",
        fmt::format("None of the unit keys and places of '{}' is in '{}'.", copies.id.text, proclaimed.id.text));
  ParallelTallyResult out;
  out.by = how_divided(copies, proclaimed, *placed);
  out.copies = static_cast<std::int64_t>(copies.units());
  const Tally all = tally(copies), official = tally(proclaimed);
  for (const auto& [o, p] : options)
    out.options.push_back(
        {.id = copies.contest.options[o].id.text, .copied = all.options[o], .proclaimed = official.options[p]});
  COTEJO_TRY(sums, compare(copies, places, *placed, options, request, out));
  add_figures(copies, proclaimed, options, out);
  if (out.voters_missing) complete(all, out);
  if (out.needed_share_percent) out.own_share_percent = share_of_own_places(sums, options, all);
  COTEJO_CHECK(add_readings(copies, options, request, out));
  if (!request.rule) return out;
  for (auto& reading : out.readings) reading.outcome = apply(*request.rule, copies.contest, reading.after);
  out.could = could_change(out, copies, *request.rule);
  return out;
}

}  // namespace cotejo

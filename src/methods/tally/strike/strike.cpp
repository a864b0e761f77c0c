#include "cotejo/methods/tally/strike.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "cotejo/base/units.hpp"

namespace cotejo {

namespace {

// Every unit that lies in a place of `place_of` that holds one of `units`, ascending; and how many such places there
// are.
std::pair<std::vector<UnitIndex>, std::size_t> whole_places(const std::vector<PlaceIndex>& place_of,
                                                            std::span<const UnitIndex> units, std::size_t places) {
  std::vector<bool> named(places);
  std::size_t count = 0;
  for (const UnitIndex unit : units) {
    const PlaceIndex place = place_of[unit];
    if (place == no_place || named[place]) continue;
    named[place] = true;
    ++count;
  }
  std::vector<UnitIndex> out;
  auto own = units.begin();  // a unit outside the hierarchy is its own place
  for (UnitIndex unit = 0; unit < place_of.size(); ++unit) {
    while (own != units.end() && *own < unit) ++own;
    const bool listed = own != units.end() && *own == unit;
    if (listed || (place_of[unit] != no_place && named[place_of[unit]])) out.push_back(unit);
  }
  return {std::move(out), count};
}

// What the readings of every set of units share.
struct Counted {
  const Count& count;
  const Rule& rule;
  const StrikeResult& result;
  std::vector<PlaceIndex> place_of;  // empty: no places

  StruckCount judged(StrikeReading reading, std::size_t units_struck, Tally after) const {
    StruckCount out;
    out.reading = reading;
    out.units_struck = static_cast<std::int64_t>(units_struck);
    out.after = std::move(after);
    out.outcome = apply(rule, count.contest, out.after);
    out.survives = out.outcome.same_as(result.outcome);
    out.leader_votes = out.after.options[result.leader];
    for (std::size_t option = 0; option < out.after.options.size(); ++option)
      if (option != result.leader) out.strongest_other = std::max(out.strongest_other, out.after.options[option]);
    return out;
  }
};

// The leader's votes in the units objected to, voided or moved.
Tally without_votes(const Counted& c, std::int64_t votes, StrikeReading reading) {
  Tally after = c.result.counted;
  after.options[c.result.leader] -= votes;
  if (reading == StrikeReading::winner_void) {
    after.valid -= votes;
    after.null += votes;
  }
  if (reading == StrikeReading::transfer) after.options[*c.result.second] += votes;
  return after;
}

StruckReadings readings_of(const Counted& c, std::vector<UnitIndex> units) {
  const Tally struck = tally(c.count, units);
  const std::int64_t votes = struck.options[c.result.leader];
  StruckReadings out;
  out.all.push_back(c.judged(StrikeReading::as_counted, 0, c.result.counted));
  Tally whole = c.result.counted;
  whole -= struck;
  out.all.push_back(c.judged(StrikeReading::whole, units.size(), std::move(whole)));
  for (const StrikeReading reading :
       {StrikeReading::winner_void, StrikeReading::winner_void_valid_kept, StrikeReading::transfer})
    if (reading != StrikeReading::transfer || c.result.second)
      out.all.push_back(c.judged(reading, units.size(), without_votes(c, votes, reading)));
  if (!c.place_of.empty()) {
    const auto [in_places, places] = whole_places(c.place_of, units, c.count.hierarchy.places().size());
    out.places = places;
    out.units_in_places = in_places.size();
    Tally after = c.result.counted;
    after -= tally(c.count, in_places);
    out.all.push_back(c.judged(StrikeReading::precinct, in_places.size(), std::move(after)));
  }
  out.units = std::move(units);
  return out;
}

using UnitLists = std::vector<std::vector<UnitIndex>>;

// Each unit once, ascending.
std::vector<UnitIndex> united(const UnitLists& lists) {
  std::vector<UnitIndex> out;
  for (const auto& list : lists) out.insert(out.end(), list.begin(), list.end());
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

// Each objector with its challenges' units, then all of them together where there are several.
std::vector<StrikeResult::Objector> objectors_of(const Counted& c, const std::vector<const Challenge*>& challenges,
                                                 const UnitLists& named_by) {
  std::vector<std::pair<std::string, UnitLists>> lists;
  for (std::size_t i = 0; i < challenges.size(); ++i) {
    auto found = std::find_if(lists.begin(), lists.end(),
                              [&](const auto& objector) { return objector.first == challenges[i]->by; });
    if (found == lists.end()) found = lists.insert(found, {challenges[i]->by, {}});
    found->second.push_back(named_by[i]);
  }
  std::vector<StrikeResult::Objector> out;
  for (const auto& [by, theirs] : lists) out.push_back({by, readings_of(c, united(theirs))});
  if (out.size() > 1) out.push_back({"", c.result.united});
  return out;
}

std::vector<StrikeResult::Named> named_units(const std::vector<const Challenge*>& challenges, const UnitLists& named_by,
                                             std::size_t all) {
  std::vector<StrikeResult::Named> out;
  for (std::size_t i = 0; i < challenges.size(); ++i) {
    UnitLists others = named_by;
    others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
    const std::size_t units = challenges[i]->unit_keys.size();
    out.push_back({units, united(others).size() + units - all});
  }
  return out;
}

Error no_such_level(const Count& count, const std::string& level) {
  return {.code = ErrorCode::option_invalid,
          .message = "the count has no such level",
          .column = "precinct_level",
          .value = level,
          .remedy = fmt::format("Its levels: {}.", fmt::join(count.hierarchy.levels(), ", "))};
}

}  // namespace

std::string_view to_text(StrikeReading reading) {
  switch (reading) {
    case StrikeReading::as_counted:
      return "as-counted";
    case StrikeReading::whole:
      return "whole";
    case StrikeReading::winner_void:
      return "winner-void";
    case StrikeReading::winner_void_valid_kept:
      return "winner-void-valid-kept";
    case StrikeReading::transfer:
      return "transfer";
    case StrikeReading::precinct:
      break;
  }
  return "precinct";
}

double StruckCount::of_valid(std::int64_t votes) const {
  return percent_of(static_cast<double>(votes), static_cast<double>(after.valid)).value;
}

bool StrikeResult::survives_all() const {
  return std::all_of(united.all.begin(), united.all.end(), [](const StruckCount& c) { return c.survives; });
}

bool StrikeResult::survives_none() const {
  return std::none_of(united.all.begin() + 1, united.all.end(), [](const StruckCount& c) { return c.survives; });
}

const OptionTable<StrikeRequest>& StrikeRequest::table() {
  static const OptionTable<StrikeRequest> options = [] {
    OptionTable<StrikeRequest> t;
    t.add(&StrikeRequest::precinct_level,
          {.name = "precinct_level",
           .unit = "level",
           .text = "The level whose places leave under the reading `precinct`; empty: the lowest."});
    return t;
  }();
  return options;
}

Result<StrikeResult> compute(const Count& count, const StrikeRequest& request, const Context&) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  if (request.challenges.empty())
    return needs("a challenge", "Name one with --challenge; `cotejo list CASE` shows those there are.");
  COTEJO_CHECK(validate(*request.rule, count));
  UnitLists named_by;
  for (const Challenge* challenge : request.challenges) {
    COTEJO_TRY(resolved, resolve(*challenge, count));
    named_by.push_back(std::move(resolved));
  }
  StrikeResult out;
  out.counted = tally(count);
  const auto order = ranking(out.counted);
  out.leader = order[0];
  if (order.size() > 1) out.second = order[1];
  out.outcome = apply(*request.rule, count.contest, out.counted);
  const auto& levels = count.hierarchy.levels();
  out.level = !request.precinct_level.empty() ? request.precinct_level : levels.empty() ? "" : levels.back();

  const Counted counted{count, *request.rule, out, places_on_level(count, out.level)};
  out.has_places = !counted.place_of.empty();
  if (!out.has_places && !request.precinct_level.empty()) return no_such_level(count, out.level);
  out.united = readings_of(counted, united(named_by));
  const Tally struck = tally(count, out.united.units);
  out.leader_votes_objected = struck.options[out.leader];
  out.valid_objected = struck.valid;
  out.objectors = objectors_of(counted, request.challenges, named_by);
  out.challenges = named_units(request.challenges, named_by, out.united.units.size());
  return out;
}

}  // namespace cotejo

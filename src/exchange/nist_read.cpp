// NIST SP 1500-100 version 2, read: each contest of an ElectionReport becomes a count.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "cotejo/base/text.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "cotejo/intake/slug.hpp"
#include "parts.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::json;
using namespace exchange;

// Thrown inside this file, for what is wrong with a report; read_nist() turns it into an Error.
struct Wrong {
  std::string message, place, value;
};

const Json& array_of(const Json& object, const char* key) {
  static const Json none = Json::array();
  const auto found = object.find(key);
  if (found == object.end()) return none;
  if (!found->is_array()) throw Wrong{"expected a list", key, {}};
  return *found;
}

std::string string_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string()) return {};
  return found->get<std::string>();
}

std::string needed(const Json& object, const char* key, std::string_view place) {
  auto out = string_of(object, key);
  if (out.empty()) throw Wrong{fmt::format("{} is missing", key), std::string(place), {}};
  return out;
}

// The first text of an InternationalizedText.
std::string text_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_object()) return {};
  for (const auto& one : array_of(*found, "Text"))
    if (one.is_object())
      if (auto content = string_of(one, "Content"); !content.empty()) return content;
  return {};
}

std::int32_t number_of(const Json& object, const char* key, std::string_view place) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number())
    throw Wrong{fmt::format("{} is missing or no number", key), std::string(place), {}};
  const double value = found->get<double>();
  if (!(value >= 0) || value > std::numeric_limits<std::int32_t>::max() || value != std::floor(value))
    throw Wrong{fmt::format("{}: expected a whole number from 0 to 2,147,483,647", key), std::string(place),
                found->dump()};
  return static_cast<std::int32_t>(value);
}

// The VoteCounts of one selection in one unit. A report has as many of them as cells in its tables, and each would take
// some 600 bytes as JSON: the parser puts them here as soon as it has read one, and a mark with the index in its place.
// The mark is a binary value, which no text can hold.
struct Votes {
  std::string_view unit;  // its GpUnitId
  std::int32_t count = 0;
  bool is_total = false, is_of_later_round = false;
};

// Thrown inside this file where the reader was asked to end.
struct Cancelled {};

Votes votes_of(const Json& json) {
  return {.unit = json.at("GpUnitId").get_ref<const std::string&>(),
          .count = number_of(json, "Count", "VoteCounts"),
          .is_total = string_of(json, "Type") == "total" && !json.contains("DeviceClass"),
          .is_of_later_round = json.contains("Round") && number_of(json, "Round", "VoteCounts") > 1};
}

// What stands in a report, with its VoteCounts apart, within bounds of depth and memory.
class BoundedReport final : public BoundedTree<Json> {
 public:
  explicit BoundedReport(const std::stop_token& cancel) : BoundedTree(cancel), cancel_(cancel) {}

  const Json& json() const { return tree(); }
  void check_cancelled() const {
    if (cancel_.stop_requested()) throw Cancelled{};
  }

  // Errors (Wrong): a VoteCounts without a unit or without a number.
  Votes votes(const Json& at) const {
    check_cancelled();
    if (at.is_binary()) return votes_[at.get_binary().subtype()];
    needed(at, "GpUnitId", "VoteCounts");
    return votes_of(at);
  }

 private:
  void ended(Json& value) override {
    const auto unit = value.find("GpUnitId"), count = value.find("Count"), round = value.find("Round");
    if (unit == value.end() || !unit->is_string() || unit->get_ref<const std::string&>().empty() ||
        count == value.end() || !count->is_number_unsigned() ||
        (round != value.end() && !round->is_number_unsigned()) ||
        count->get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max() ||
        (round != value.end() && round->get<std::uint64_t>() > std::numeric_limits<std::int32_t>::max()))
      return;  // a fault is told where it is read
    Votes votes = votes_of(value);
    votes.unit = *names_.emplace(unit->get<std::string>()).first;
    values_ -= std::min(values_, 2 * value.size() + 2);  // keys, values, and the two ends of the object
    value = Json::binary({}, votes_.size());
    votes_.push_back(votes);
  }

  std::stop_token cancel_;
  std::vector<Votes> votes_;
  std::unordered_set<std::string> names_;
};

struct Unit {
  const Json* json = nullptr;
  std::string id, type, name, code;
  std::size_t parent = SIZE_MAX;
};

class Report {
 public:
  Report(const BoundedReport& report, std::string prefix)
      : report_(report), json_(report.json()), prefix_(std::move(prefix)) {
    const Json& json = json_;
    for (const auto& unit : array_of(json, "GpUnit")) add_unit(unit);
    link_units();
    for (const auto& party : array_of(json, "Party")) names_[string_of(party, "@id")] = text_of(party, "Name");
  }

  std::vector<Count> counts() {
    for (const auto& [key, value] : json_.items())
      if (key == "Person" || key == "Office" || key == "OfficeGroup" || key == "Header")
        ignored_.insert("ElectionReport." + key);
    std::vector<Count> out;
    for (const auto& election : array_of(json_, "Election")) {
      for (const auto& candidate : array_of(election, "Candidate"))
        names_[string_of(candidate, "@id")] = text_of(candidate, "BallotName");
      for (const auto& [key, value] : election.items())
        if (key == "BallotStyle" || key == "CountStatus" || key == "ContactInformation")
          ignored_.insert("Election." + key);
      for (const auto& contest : array_of(election, "Contest")) {
        if (out.size() == most_contests)
          throw Wrong{fmt::format("more than {} contests", most_contests), "Election.Contest", {}};
        out.push_back(read_contest(election, contest));
      }
    }
    if (out.empty()) throw Wrong{"the report has no contest", "Election", {}};
    return out;
  }

  // A report that this program wrote.
  std::optional<std::string> description() const {
    for (const auto& id : array_of(json_, "ExternalIdentifier"))
      if (string_of(id, "OtherType") == "cotejo.count/1") return string_of(id, "Value");
    return std::nullopt;
  }

  Count own(Described described) const {
    Count count = std::move(described.count);
    std::unordered_map<std::string, UnitIndex> unit_of;
    std::unordered_map<std::size_t, PlaceIndex> place_of;
    std::vector<std::pair<double, double>> points;
    std::vector<std::int32_t> registered;
    for (std::size_t i = 0; i < units_.size(); ++i) {
      const auto& unit = units_[i];
      const auto parent = [&] {
        const auto found = unit.parent == SIZE_MAX ? place_of.end() : place_of.find(unit.parent);
        return found == place_of.end() ? no_place : found->second;
      };
      if (unit.id.starts_with("place-")) {
        const auto above = parent();
        const std::size_t level = above == no_place ? 0 : count.hierarchy[above].level + 1;
        if (level >= count.hierarchy.levels().size())
          throw Wrong{"a place is below the lowest level", "GpUnit", unit.id};
        place_of[i] = count.hierarchy.add(above, unit.name, unit.code);
      } else if (unit.id.starts_with("unit-")) {
        unit_of[unit.id] = static_cast<UnitIndex>(count.unit_keys.size());
        count.unit_keys.push_back(unit.code.empty() ? unit.name : unit.code);
        if (described.places) count.unit_place.push_back(parent());
        points.push_back(point_of(*unit.json));
        registered.push_back(
            unit.json->contains("VotersRegistered") ? number_of(*unit.json, "VotersRegistered", unit.id) : missing);
      }
    }
    const auto n = count.units();
    if (described.coordinates)
      for (const auto& [longitude, latitude] : points) {
        count.longitude.push_back(longitude);
        count.latitude.push_back(latitude);
      }
    std::map<std::string, Column*> columns;
    for (auto& [name, column] : standard_columns(count)) {
      const bool standard = column == &count.registered || column == &count.cast || column == &count.valid ||
                            column == &count.blank || column == &count.null;
      if (standard && std::find(described.columns.begin(), described.columns.end(), name) == described.columns.end())
        continue;
      column->assign(n, missing);
      columns[name] = column;
    }
    if (columns.contains("registered")) count.registered = registered;
    count.votes.assign(n * count.options(), missing);
    const auto index = [&](const std::string& id) {
      const auto found = unit_of.find(id);
      if (found == unit_of.end()) throw Wrong{"no GpUnit has this id", "GpUnitId", id};
      return found->second;
    };
    const auto& election = array_of(json_, "Election").at(0);
    for (const auto& ballots : array_of(election, "BallotCounts")) {
      const auto name = string_of(ballots, "Type") == "total" ? std::string("cast") : string_of(ballots, "OtherType");
      if (const auto column = columns.find(name); column != columns.end())
        (*column->second)[index(string_of(ballots, "GpUnitId"))] = number_of(ballots, "BallotsCast", "BallotCounts");
    }
    const auto& selections = array_of(array_of(election, "Contest").at(0), "ContestSelection");
    if (selections.size() != count.options())
      throw Wrong{"the selections are not those of the description", "ContestSelection", {}};
    for (std::size_t o = 0; o < selections.size(); ++o)
      for (const auto& at : array_of(selections[o], "VoteCounts")) {
        const auto votes = report_.votes(at);
        count.votes[o * n + index(std::string(votes.unit))] = votes.count;
      }
    return count;
  }

 private:
  void add_unit(const Json& json) {
    report_.check_cancelled();
    Unit unit;
    unit.json = &json;
    unit.id = needed(json, "@id", "GpUnit");
    unit.type = string_of(json, "Type");
    if (unit.type == "other" || unit.type.empty()) unit.type = string_of(json, "OtherType");
    unit.name = text_of(json, "Name");
    std::string local;
    for (const auto& id : array_of(json, "ExternalIdentifier")) {
      const auto value = string_of(id, "Value");
      if (string_of(id, "Type") == "ocd-id" || unit.code.empty()) unit.code = value;
    }
    if (unit.name.empty()) unit.name = unit.code.empty() ? unit.id : unit.code;
    if (!by_id_.emplace(unit.id, units_.size()).second) throw Wrong{"two GpUnits have this id", "GpUnit", unit.id};
    units_.push_back(std::move(unit));
  }

  void link_units() {
    for (std::size_t i = 0; i < units_.size(); ++i)
      for (const auto& child : array_of(*units_[i].json, "ComposingGpUnitIds")) {
        if (!child.is_string()) throw Wrong{"expected an id", "ComposingGpUnitIds", units_[i].id};
        const auto found = by_id_.find(child.get<std::string>());
        if (found == by_id_.end()) throw Wrong{"no GpUnit has this id", "ComposingGpUnitIds", child.get<std::string>()};
        auto& unit = units_[found->second];
        // An area may be part of several (a precinct of a county and of a district): the first that names it is its place.
        if (unit.parent == SIZE_MAX) unit.parent = i;
      }
    for (std::size_t i = 0; i < units_.size(); ++i) {
      report_.check_cancelled();
      std::size_t steps = 0;
      for (std::size_t at = units_[i].parent; at != SIZE_MAX; at = units_[at].parent)
        if (++steps > units_.size())
          throw Wrong{"GpUnits compose each other in a circle", "ComposingGpUnitIds", units_[i].id};
    }
  }

  static std::pair<double, double> point_of(const Json& unit) {
    const double nowhere = std::numeric_limits<double>::quiet_NaN();
    const auto dimension = unit.find("SpatialDimension");
    if (dimension == unit.end() || !dimension->is_object() || !dimension->contains("SpatialExtent"))
      return {nowhere, nowhere};
    const auto coordinates = string_of(dimension->at("SpatialExtent"), "Coordinates");
    if (!coordinates.starts_with("POINT (")) return {nowhere, nowhere};
    double longitude = 0, latitude = 0;
    const char* end = coordinates.data() + coordinates.size();
    const auto first = std::from_chars(coordinates.data() + 7, end, longitude);
    const auto second = std::from_chars(std::min(end, first.ptr + 1), end, latitude);
    if (first.ec != std::errc{} || second.ec != std::errc{} || !(std::abs(longitude) <= 180) ||
        !(std::abs(latitude) <= 90))
      return {nowhere, nowhere};
    return {longitude, latitude};
  }

  std::string name_of_selection(const Json& selection) const {
    std::vector<std::string> parts;
    for (const char* key : {"CandidateIds", "PartyIds"})
      for (const auto& id : array_of(selection, key)) {
        const auto found = id.is_string() ? names_.find(id.get<std::string>()) : names_.end();
        if (found == names_.end()) throw Wrong{"no candidate or party has this id", key, id.dump()};
        parts.push_back(found->second);
      }
    if (!parts.empty()) return fmt::format("{}", fmt::join(parts, " / "));
    if (auto said = text_of(selection, "Selection"); !said.empty()) return said;
    if (selection.value("IsWriteIn", false)) return "Write-in";
    return needed(selection, "@id", "ContestSelection");
  }

  // Votes of one selection in one unit: the total, or the parts.
  struct Tally {
    std::optional<std::int64_t> total;
    std::int64_t parts = 0;
    bool has_parts = false;
  };

  Count read_contest(const Json& election, const Json& contest) {
    Count count;
    const auto name = needed(contest, "Name", "Contest");
    const auto id = prefix_ + "/" + ids_.of(name, "contest");
    count.id = CountId{id};
    count.title = name;
    count.contest = {ContestId{id + "-contest"}, name, {}};
    count.official = string_of(json_, "Status") == "certified" || string_of(json_, "Status") == "unofficial-complete";
    count.date = string_of(election, "EndDate");
    count.source = string_of(json_, "Issuer") + "; NIST SP 1500-100 report of " + string_of(json_, "GeneratedDate");
    count.unit_name = "reporting unit";

    const auto& selections = array_of(contest, "ContestSelection");
    if (selections.empty() || selections.size() > most_options)
      throw Wrong{fmt::format("a contest has 1 to {} selections", most_options), "ContestSelection", name};
    UniqueIds option_ids;
    std::vector<std::unordered_map<std::size_t, Tally>> tallies;
    std::size_t rounds = 0;
    for (const auto& selection : selections) {
      const auto said = name_of_selection(selection);
      count.contest.options.push_back({OptionId{option_ids.of(said, "option")}, said});
      auto& by_unit = tallies.emplace_back();
      for (const auto& at : array_of(selection, "VoteCounts")) {
        const auto votes = report_.votes(at);
        const auto unit = by_id_.find(std::string(votes.unit));
        if (unit == by_id_.end()) throw Wrong{"no GpUnit has this id", "VoteCounts", std::string(votes.unit)};
        if (votes.is_of_later_round) {
          ++rounds;
          continue;
        }
        auto& tally = by_unit[unit->second];
        if (votes.is_total) {
          if (tally.total)
            throw Wrong{"one unit has two totals for one selection", "VoteCounts", std::string(votes.unit)};
          tally.total = votes.count;
        } else {
          tally.parts += votes.count;
          tally.has_parts = true;
        }
      }
    }

    // Units: those with votes of which no part has votes, so that nothing is counted twice.
    std::set<std::size_t> with_votes;
    for (const auto& by_unit : tallies)
      for (const auto& [unit, tally] : by_unit) with_votes.insert(unit);
    std::set<std::size_t> above;
    for (const auto unit : with_votes)
      for (auto at = units_[unit].parent; at != SIZE_MAX; at = units_[at].parent)
        if (!above.insert(at).second) break;
    std::vector<std::size_t> units;
    std::size_t sums_of_others = 0;
    for (const auto unit : with_votes) {
      if (above.contains(unit))
        ++sums_of_others;
      else
        units.push_back(unit);
    }
    if (units.empty()) throw Wrong{"the contest has no VoteCounts", "Contest", name};
    add_places(count, units);

    std::map<std::string, std::size_t> key_times;
    for (const auto unit : units) ++key_times[units_[unit].code.empty() ? units_[unit].name : units_[unit].code];
    std::unordered_map<std::size_t, UnitIndex> index;
    bool any_point = false;
    for (const auto unit : units) {
      const auto& u = units_[unit];
      const auto key = u.code.empty() ? u.name : u.code;
      index[unit] = static_cast<UnitIndex>(count.unit_keys.size());
      count.unit_keys.push_back(key_times[key] > 1 ? u.id : key);
      const auto [longitude, latitude] = point_of(*u.json);
      count.longitude.push_back(longitude);
      count.latitude.push_back(latitude);
      any_point = any_point || !std::isnan(longitude);
      count.registered.push_back(u.json->contains("VotersRegistered") ? number_of(*u.json, "VotersRegistered", u.id)
                                                                      : missing);
    }
    const auto n = count.units();
    if (!any_point) {
      count.latitude.clear();
      count.longitude.clear();
    }
    if (std::all_of(count.registered.begin(), count.registered.end(), [](auto v) { return v == missing; }))
      count.registered.clear();

    std::size_t summed = 0, different = 0, absent = 0;
    count.votes.assign(n * count.options(), 0);
    for (std::size_t o = 0; o < tallies.size(); ++o)
      for (std::size_t i = 0; i < n; ++i) {
        const auto found = tallies[o].find(units[i]);
        if (found == tallies[o].end()) {
          ++absent;
          continue;
        }
        const auto& tally = found->second;
        const std::int64_t votes = tally.total.value_or(tally.parts);
        if (!tally.total) ++summed;
        if (tally.total && tally.has_parts && *tally.total != tally.parts) ++different;
        if (votes > std::numeric_limits<std::int32_t>::max())
          throw Wrong{"a sum of votes is over 2,147,483,647", "VoteCounts", units_[units[i]].id};
        count.votes[o * n + i] = static_cast<std::int32_t>(votes);
      }

    // Ballots and what was voted beside the selections.
    std::map<std::string, Column> fields;
    const auto put = [&](Column& column, const Json& at, const char* key, std::string_view place) {
      const auto unit = by_id_.find(needed(at, "GpUnitId", place));
      if (unit == by_id_.end()) throw Wrong{"no GpUnit has this id", std::string(place), string_of(at, "GpUnitId")};
      const auto found = index.find(unit->second);
      if (found == index.end() || !at.contains(key)) return;
      if (column.empty()) column.assign(n, missing);
      auto& cell = column[found->second];
      const std::int64_t sum = (cell == missing ? 0 : std::int64_t{cell}) + number_of(at, key, place);
      if (sum > std::numeric_limits<std::int32_t>::max())
        throw Wrong{"a sum is over 2,147,483,647", std::string(place), string_of(at, "GpUnitId")};
      cell = static_cast<std::int32_t>(sum);
    };
    for (const auto& ballots : array_of(election, "BallotCounts")) {
      const auto kind = string_of(ballots, "Type");
      if (kind == "total") {
        put(count.cast, ballots, "BallotsCast", "BallotCounts");
        put(fields["ballots-rejected"], ballots, "BallotsRejected", "BallotCounts");
      } else {
        put(fields["ballots-" + (kind == "other" ? string_of(ballots, "OtherType") : kind)], ballots, "BallotsCast",
            "BallotCounts");
      }
    }
    for (const auto& other : array_of(contest, "OtherCounts")) {
      put(fields["overvotes"], other, "Overvotes", "OtherCounts");
      put(fields["undervotes"], other, "Undervotes", "OtherCounts");
      put(fields["write-ins"], other, "WriteIns", "OtherCounts");
    }
    for (auto& [field, values] : fields)
      if (!values.empty()) count.fields.push_back({option_ids.of(field, "field"), field, std::move(values)});

    const auto caveat = [&](std::size_t times, std::string what) {
      if (times > 0) count.caveats.push_back(fmt::format("{} {}", with_thousands(static_cast<long long>(times)), what));
    };
    caveat(sums_of_others, "larger areas state votes as well; they are sums of the units read and are left out.");
    caveat(summed, "numbers of votes have no total in the report and are the sums of their modes of voting.");
    caveat(different, "numbers of votes are not the sum of their modes of voting; the stated total is taken.");
    caveat(absent, "numbers of votes are not in the report and are read as 0.");
    caveat(rounds, "numbers of later rounds are left out.");
    if (!ignored_.empty())
      count.caveats.push_back(
          fmt::format("The report also has {}, for which a count has no room.", fmt::join(ignored_, ", ")));
    count.sha256 = count.content_hash();
    return count;
  }

  // Levels are the types of the areas above the units, where they are the same for all units.
  void add_places(Count& count, const std::vector<std::size_t>& units) {
    const auto chain = [&](std::size_t unit) {
      std::vector<std::size_t> out;
      for (auto at = units_[unit].parent; at != SIZE_MAX; at = units_[at].parent) out.insert(out.begin(), at);
      return out;
    };
    const auto types = [&](std::size_t unit) {
      std::vector<std::string_view> out;
      for (const auto place : chain(unit)) out.push_back(units_[place].type);
      return out;
    };
    const auto kinds = types(units.front());
    if (kinds.empty()) return;
    if (std::any_of(units.begin(), units.end(), [&](std::size_t unit) { return types(unit) != kinds; })) {
      count.caveats.push_back("The units lie in areas of different kinds; the areas are left out.");
      return;
    }
    UniqueIds unique;
    std::vector<std::string> levels;
    for (const auto kind : kinds) levels.push_back(unique.of(kind, "area"));
    count.hierarchy = Hierarchy(levels);
    for (const auto unit : units) {
      report_.check_cancelled();
      PlaceIndex at = no_place;
      for (const auto place : chain(unit)) at = count.hierarchy.add(at, units_[place].name, units_[place].code);
      count.unit_place.push_back(at);
    }
  }

  const BoundedReport& report_;
  const Json& json_;
  std::string prefix_;
  std::vector<Unit> units_;
  std::unordered_map<std::string, std::size_t> by_id_;
  std::map<std::string, std::string> names_;
  std::set<std::string> ignored_;
  UniqueIds ids_;
};

}  // namespace

Result<std::vector<Count>> read_nist(std::string_view text, std::string_view file_name, const std::string& prefix,
                                     const std::stop_token& cancel) {
  BoundedReport bounded(cancel);
  switch (bounded.parse(text)) {
    case BoundedReport::Fault::cancelled:
      return cancelled_error();
    case BoundedReport::Fault::too_deep:
      return damaged(file_name, fmt::format("the JSON is more than {} levels deep", deepest_json));
    case BoundedReport::Fault::too_many:
      return damaged(file_name, "the JSON has more than 10,000,000 values besides its VoteCounts");
    case BoundedReport::Fault::not_json:
      return damaged(file_name, "this is not JSON, or it is cut short");
    case BoundedReport::Fault::none:
      break;
  }
  const Json& json = bounded.json();
  if (!json.is_object()) return damaged(file_name, "this is not JSON, or it is cut short");
  if (const auto type = json.find("@type"); type == json.end() || *type != "ElectionResults.ElectionReport")
    return damaged(file_name, "this is JSON, and no ElectionReport of NIST SP 1500-100 version 2", "@type");
  try {
    Report report(bounded, prefix);
    std::vector<Count> counts;
    if (const auto description = report.description()) {
      COTEJO_TRY(described, decode_description(*description, file_name));
      counts.push_back(report.own(std::move(described)));
      counts.back().sha256 = counts.back().content_hash();
    } else {
      counts = report.counts();
    }
    for (const auto& count : counts)
      if (const auto fault = fault_of(count); !fault.empty())
        return damaged(file_name, fmt::format("the contest '{}': {}", printable(count.title), fault), "Contest");
    return counts;
  } catch (const Cancelled&) {
    return cancelled_error();
  } catch (const Wrong& wrong) {
    return damaged(file_name, wrong.message, wrong.place, wrong.value);
  } catch (const nlohmann::json::exception& e) {
    return damaged(file_name, fmt::format("the report does not follow the specification: {}", printable(e.what())));
  }
}

}  // namespace cotejo

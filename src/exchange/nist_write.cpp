// NIST SP 1500-100 version 2: a count as one ElectionReport.
//
// Places and units are ReportingUnits (a place lists what it holds in ComposingGpUnitIds); options are CandidateSelections
// with VoteCounts of type "total" per unit; ballots cast, and what the schema has no class for (valid, blank and null
// votes, further protocol fields), are BallotCounts, the latter of type "other" with their name as OtherType. Codes are
// ExternalIdentifiers: "ocd-id" for Open Civic Data ids, else "local-level". What remains of a count (checks, caveats,
// names of levels) is one ExternalIdentifier of the report, OtherType "cotejo.count/1".
#include <fmt/format.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "parts.hpp"

namespace cotejo {

namespace {

using Json = nlohmann::ordered_json;
using namespace exchange;

std::string type(const char* name) {
  return std::string("ElectionResults.") + name;
}

Json text(std::string_view content) {
  return {{"@type", type("InternationalizedText")},
          {"Text", Json::array({{{"@type", type("LanguageString")}, {"Content", content}, {"Language", "und"}}})}};
}

Json identifier(std::string_view value) {
  const bool ocd = value.starts_with("ocd-division/");
  return {{"@type", type("ExternalIdentifier")}, {"Type", ocd ? "ocd-id" : "local-level"}, {"Value", value}};
}

void set_type(Json& unit, const std::string& level) {
  static const std::map<std::string, std::string> known = {{"country", "country"},
                                                           {"state", "state"},
                                                           {"county", "county"},
                                                           {"city", "city"},
                                                           {"municipality", "municipality"},
                                                           {"town", "town"},
                                                           {"township", "township"},
                                                           {"village", "village"},
                                                           {"ward", "ward"},
                                                           {"borough", "borough"}};
  const auto found = known.find(level);
  unit["Type"] = found != known.end() ? found->second : "other";
  if (found == known.end()) unit["OtherType"] = level;
}

}  // namespace

Result<void> write_nist(const Count& count, const std::filesystem::path& to) {
  const auto place_id = [](PlaceIndex place) { return fmt::format("place-{}", place); };
  const auto unit_id = [](UnitIndex unit) { return fmt::format("unit-{}", unit); };
  const auto places = count.hierarchy.places();

  std::vector<std::vector<std::string>> inside(places.size());
  std::vector<std::string> top;
  for (PlaceIndex p = 0; p < places.size(); ++p) {
    if (places[p].parent == no_place)
      top.push_back(place_id(p));
    else
      inside[places[p].parent].push_back(place_id(p));
  }
  for (UnitIndex u = 0; u < count.units(); ++u) {
    if (count.unit_place.empty() || count.unit_place[u] == no_place)
      top.push_back(unit_id(u));
    else
      inside[count.unit_place[u]].push_back(unit_id(u));
  }

  Json gp_units = Json::array();
  Json scope{{"@type", type("ReportingUnit")},
             {"@id", "scope"},
             {"ComposingGpUnitIds", top},
             {"Name", text(count.contest.title.empty() ? count.title : count.contest.title)},
             {"Type", "other"},
             {"OtherType", "scope"}};
  gp_units.push_back(std::move(scope));
  for (PlaceIndex p = 0; p < places.size(); ++p) {
    Json unit{{"@type", type("ReportingUnit")},
              {"@id", place_id(p)},
              {"ComposingGpUnitIds", inside[p]},
              {"Name", text(places[p].name)}};
    if (!places[p].code.empty()) unit["ExternalIdentifier"] = Json::array({identifier(places[p].code)});
    set_type(unit, count.hierarchy.levels()[places[p].level]);
    gp_units.push_back(std::move(unit));
  }
  for (UnitIndex u = 0; u < count.units(); ++u) {
    Json unit{{"@type", type("ReportingUnit")},
              {"@id", unit_id(u)},
              {"ExternalIdentifier", Json::array({identifier(count.unit_keys[u])})},
              {"Name", text(count.unit_keys[u])},
              {"Type", "precinct"}};
    if (!count.latitude.empty() && !std::isnan(count.latitude[u]) && !std::isnan(count.longitude[u]))
      unit["SpatialDimension"] = {
          {"@type", type("SpatialDimension")},
          {"SpatialExtent",
           {{"@type", type("SpatialExtent")},
            {"Coordinates", fmt::format("POINT ({} {})", count.longitude[u], count.latitude[u])},
            {"Format", "wkt"}}}};
    if (!count.registered.empty() && count.registered[u] != missing) unit["VotersRegistered"] = count.registered[u];
    gp_units.push_back(std::move(unit));
  }

  Json candidates = Json::array(), selections = Json::array();
  for (std::size_t o = 0; o < count.options(); ++o) {
    const auto id = fmt::format("option-{}", o);
    candidates.push_back({{"@type", type("Candidate")},
                          {"@id", "candidate-" + id},
                          {"BallotName", text(count.contest.options[o].name)},
                          {"ExternalIdentifier", Json::array({identifier(count.contest.options[o].id.text)})}});
    Json votes = Json::array();
    for (UnitIndex u = 0; u < count.units(); ++u)
      if (count.vote(o, u) != missing)
        votes.push_back(
            {{"@type", type("VoteCounts")}, {"Count", count.vote(o, u)}, {"GpUnitId", unit_id(u)}, {"Type", "total"}});
    selections.push_back({{"@type", type("CandidateSelection")},
                          {"@id", id},
                          {"CandidateIds", {"candidate-" + id}},
                          {"SequenceOrder", o + 1},
                          {"VoteCounts", std::move(votes)}});
  }
  Json ballots = Json::array();
  const auto add_ballots = [&](std::string_view name, const Column& column) {
    for (UnitIndex u = 0; u < column.size(); ++u) {
      if (column[u] == missing) continue;
      Json one{{"@type", type("BallotCounts")},
               {"BallotsCast", column[u]},
               {"GpUnitId", unit_id(u)},
               {"Type", name == "cast" ? "total" : "other"}};
      if (name != "cast") one["OtherType"] = name;
      ballots.push_back(std::move(one));
    }
  };
  add_ballots("cast", count.cast);
  add_ballots("valid", count.valid);
  add_ballots("blank", count.blank);
  add_ballots("null", count.null);
  for (const auto& field : count.fields) add_ballots(field.id, field.values);

  const std::string day = count.date.empty() ? "1970-01-01" : count.date;
  const std::string instant = count.as_of.empty()        ? day + "T00:00:00Z"
                              : count.as_of.size() == 19 ? count.as_of + "Z"
                                                         : count.as_of;
  const Json report{
      {"@type", type("ElectionReport")},
      {"Format", "precinct-level"},
      {"GeneratedDate", instant},
      {"Issuer", count.source.empty() ? "unknown" : count.source},
      {"IssuerAbbreviation", "unknown"},
      {"SequenceStart", 1},
      {"SequenceEnd", 1},
      {"Status", count.official ? "unofficial-complete" : "unofficial-partial"},
      {"VendorApplicationId", "cotejo"},
      {"ExternalIdentifier", Json::array({{{"@type", type("ExternalIdentifier")},
                                           {"Type", "other"},
                                           {"OtherType", "cotejo.count/1"},
                                           {"Value", encode_description(count)}}})},
      {"GpUnit", std::move(gp_units)},
      {"Election",
       Json::array({{{"@type", type("Election")},
                     {"ElectionScopeId", "scope"},
                     {"StartDate", day},
                     {"EndDate", day},
                     {"Name", text(count.contest.title.empty() ? count.contest.id.text : count.contest.title)},
                     {"Type", "other"},
                     {"OtherType", "not stated"},
                     {"Candidate", std::move(candidates)},
                     {"BallotCounts", std::move(ballots)},
                     {"Contest",
                      Json::array({{{"@type", type("CandidateContest")},
                                    {"@id", "contest"},
                                    {"ElectionDistrictId", "scope"},
                                    {"Name", count.contest.title.empty() ? count.contest.id.text : count.contest.title},
                                    {"VotesAllowed", 1},
                                    {"ContestSelection", std::move(selections)}}})}}})}};
  return write_whole(
      to, [&](std::ostream& out) { out << report.dump(1, ' ', false, Json::error_handler_t::replace) << "\n"; });
}

}  // namespace cotejo

// What the case holds: counts, places, one unit, challenges, findings, methods.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "columns.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "dossiers.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

Json number_or_null(double value) {
  return std::isnan(value) ? Json(nullptr) : Json(value);
}

Json place_entry(const Count& count, PlaceIndex place) {
  const auto& p = count.hierarchy[place];
  const auto& levels = count.hierarchy.levels();
  return {
      {"place", place}, {"name", p.name}, {"code", p.code}, {"level", p.level < levels.size() ? levels[p.level] : ""}};
}

Json path_to(const Count& count, PlaceIndex place) {
  std::vector<PlaceIndex> way;
  for (; place != no_place; place = count.hierarchy[place].parent) way.push_back(place);
  Json out = Json::array();
  for (auto p = way.rbegin(); p != way.rend(); ++p) out.push_back(place_entry(count, *p));
  return out;
}

Result<Reply> the_case(Service& service, const httplib::Request&) {
  return service.shelf.read<Reply>([&](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(contents, contents_of(file));
    Json out{{"name", service.options.case_path.filename().string()},
             {"version", program_version()},
             {"read_only", service.options.read_only}};
    out.update(contents);
    out["dossiers"] = dossiers_in(service.folder());
    return reply(out);
  });
}

Result<Reply> the_count(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "count"));
  COTEJO_TRY(shelved, service.shelf.count(id));
  const Count& c = shelved->count();
  Json options = Json::array(), columns = Json::array();
  for (const auto& option : c.contest.options) options.push_back({{"id", option.id.text}, {"name", option.name}});
  for (const auto& column : columns_of(*shelved))
    columns.push_back({{"name", column.name}, {"kind", to_text(column.kind)}, {"title", column.title}});
  return reply({{"id", c.id.text},
                {"revision", shelved->revision()},
                {"title", c.title},
                {"contest", c.contest.id.text},
                {"contest_title", c.contest.title},
                {"unit", c.unit_name},
                {"date", c.date},
                {"as_of", c.as_of},
                {"official", c.official},
                {"snapshot_of", c.snapshot_of.text},
                {"units", c.units()},
                {"rows_set_aside", rows_set_aside(c).size()},
                {"options", std::move(options)},
                {"levels", c.hierarchy.levels()},
                {"columns", std::move(columns)},
                {"has_coordinates", !c.latitude.empty() && !c.longitude.empty()},
                {"caveats", c.caveats},
                {"source", c.source},
                {"rule", shelved->rule() ? shelved->rule()->title : std::string()},
                {"totals", totals(c, shelved->total(no_place))},
                {"sha256", c.sha256}});
}

// Who won, by which rule and how clearly: the finding of the method `count`.
Result<Reply> the_outcome(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "count"));
  COTEJO_TRY(shelved, service.shelf.count(id));
  COTEJO_TRY(method, find_method("count"));
  const auto& rule = shelved->rule();
  COTEJO_TRY(finding, method->run({.count = &shelved->count(), .rule = rule ? &*rule : nullptr}, {}, service.quick()));
  return reply(to_json(finding));
}

Result<Reply> the_challenge(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "id"));
  return service.shelf.read<Reply>([&](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(challenge, file.load_challenge(id));
    return reply({{"id", challenge.id.text},
                  {"count", challenge.count.text},
                  {"by", challenge.by},
                  {"reason", challenge.reason},
                  {"source", challenge.source},
                  {"units", challenge.unit_keys}});
  });
}

Result<Reply> the_methods(Service&, const httplib::Request&) {
  Json out = Json::array();
  for (const auto& method : methods()) out.push_back(to_json(method));
  return reply(out);
}

Result<Reply> the_places(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "count"));
  COTEJO_TRY(shelved, service.shelf.count(id));
  const Count& count = shelved->count();
  PlaceIndex place = no_place;
  if (request.has_param("place")) {
    COTEJO_TRY(text, parameter(request, "place"));
    std::uint32_t number = 0;
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (status != std::errc{} || end != text.data() + text.size() || number >= count.hierarchy.places().size())
      return Error{.code = ErrorCode::usage,
                   .message = fmt::format("expected the number of one of {} places", count.hierarchy.places().size()),
                   .column = "place",
                   .value = text,
                   .remedy = "Leave it out for the top."};
    place = number;
  }
  Json children = Json::array();
  for (const auto child : shelved->children(place)) {
    Json one = place_entry(count, child);
    one["totals"] = totals(count, shelved->total(child));
    children.push_back(std::move(one));
  }
  return reply({{"count", count.id.text},
                {"revision", shelved->revision()},
                {"place", place == no_place ? Json(nullptr) : Json(place)},
                {"path", path_to(count, place)},
                {"children", std::move(children)},
                {"totals", totals(count, shelved->total(place))},
                {"own_units", shelved->own_units(place)}});
}

Json cell(std::string_view field, std::string_view title, std::int32_t value) {
  return {{"field", field}, {"title", title}, {"value", value == missing ? Json(nullptr) : Json(value)}};
}

// One unit as one count has it.
Result<Json> unit_in(const Shelved& shelved, UnitIndex unit, const Context& context) {
  const Count& count = shelved.count();
  Json cells = Json::array(), options = Json::array(), defects = Json::array();
  for (const auto& column : columns_of(shelved)) {
    if (column.kind != ColumnKind::whole) continue;
    const bool is_option = count.contest.index_of(OptionId{column.name}) >= 0;
    (is_option ? options : cells).push_back(cell(column.name, column.title, count.column(column.name)[unit]));
  }
  COTEJO_TRY(found, shelved.defects(count.unit_keys[unit], context));
  for (const auto& defect : *found)
    defects.push_back({{"field", defect.field}, {"value", defect.value}, {"rule", defect.rule}});
  const PlaceIndex place = count.unit_place.empty() ? no_place : count.unit_place[unit];
  return Json{{"count", count.id.text},
              {"revision", shelved.revision()},
              {"title", count.title},
              {"unit", unit},
              {"place", place == no_place ? Json(nullptr) : Json(place)},
              {"path", path_to(count, place)},
              {"latitude", number_or_null(count.latitude.empty() ? NAN : count.latitude[unit])},
              {"longitude", number_or_null(count.longitude.empty() ? NAN : count.longitude[unit])},
              {"cells", std::move(cells)},
              {"options", std::move(options)},
              {"defects", std::move(defects)}};
}

Result<Reply> the_unit(Service& service, const httplib::Request& request) {
  COTEJO_TRY(key, parameter(request, "key"));
  return service.shelf.read<Reply>([&](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(entries, file.counts());
    Json counts = Json::array(), challenges = Json::array(), history = Json::array();
    for (const auto& entry : entries) {
      COTEJO_TRY(shelved, service.shelf.count(file, fmt::format("{}@{}", entry.id.text, entry.revision)));
      const auto unit = shelved->find(key);
      if (!unit) continue;
      COTEJO_TRY(one, unit_in(*shelved, *unit, service.quick()));
      counts.push_back(std::move(one));
    }
    COTEJO_TRY(events, file.history(key, std::nullopt));
    for (const auto& event : events) history.push_back(to_json(event));
    std::vector<ChallengeEntry> all;
    if (std::any_of(events.begin(), events.end(), [](const UnitEvent& event) { return event.how == "challenge"; })) {
      COTEJO_TRY(latest, file.challenges());
      all = std::move(latest);
    }
    for (const auto& entry : all)
      for (const auto& event : events)
        if (event.how == "challenge" && event.file == entry.id.text && event.revision == entry.revision) {
          challenges.push_back(to_json(entry));
          break;
        }
    return reply({{"key", key},
                  {"counts", std::move(counts)},
                  {"challenges", std::move(challenges)},
                  {"history", std::move(history)}});
  });
}

Result<Reply> the_findings(Service& service, const httplib::Request&) {
  return service.shelf.read<Reply>([&](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(all, file.findings_json());
    Json out = Json::array();
    for (const auto& text : all)
      if (auto finding = parse_bounded<Json>(text); finding.is_object()) out.push_back(std::move(finding));
    return reply(out);
  });
}

}  // namespace

Json totals(const Count& count, const Tally& tally) {
  const auto if_reported = [](bool reported, std::int64_t value) { return reported ? Json(value) : Json(nullptr); };
  return {{"units", tally.units},
          {"registered", if_reported(!count.registered.empty(), tally.registered)},
          {"cast", if_reported(count.knows_cast(), tally.cast)},
          {"valid", tally.valid},
          {"blank", if_reported(!count.blank.empty(), tally.blank)},
          {"null", if_reported(!count.null.empty(), tally.null)},
          {"options", tally.options}};
}

void add_case_routes(Service& service) {
  get(service, "/api/case", the_case);
  get(service, "/api/count", the_count);
  get(service, "/api/outcome", the_outcome);
  get(service, "/api/challenge", the_challenge);
  get(service, "/api/methods", the_methods);
  get(service, "/api/places", the_places);
  get(service, "/api/unit", the_unit);
  get(service, "/api/findings", the_findings);
}

}  // namespace cotejo::server

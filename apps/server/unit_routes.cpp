// Many units at once: pages, selections, grids, whole columns.
#include <bit>
#include <cmath>
#include <cstring>

#include "columns.hpp"
#include "cotejo/base/text.hpp"
#include "service.hpp"

namespace cotejo::server {

static_assert(std::endian::native == std::endian::little, "columns are sent little-endian");

namespace {

struct Asked {
  std::shared_ptr<const Shelved> shelved;
  std::vector<UnitIndex> units;
};

// The units of `selection` in `count`.
Result<Asked> asked(Service& service, const std::string& count, const Selection& selection) {
  return service.shelf.read<Asked>([&](const CaseFile& file) -> Result<Asked> {
    COTEJO_TRY(shelved, service.shelf.count(file, count));
    COTEJO_TRY(units, select(file, *shelved, selection));
    return Asked{std::move(shelved), std::move(units)};
  });
}

Json head(const Shelved& shelved) {
  return {{"count", shelved.count().id.text}, {"revision", shelved.revision()}};
}

Result<Reply> units(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto count_id = body.needed_text("count", 200);
  const Selection selection = read_selection(body.object("selection"));
  auto names = body.texts("columns", 200);
  const auto sort = body.text("sort", 200);
  const bool descending = body.flag("descending").value_or(false);
  const auto offset = static_cast<std::size_t>(body.whole("offset", 0, INT32_MAX).value_or(0));
  const auto limit = static_cast<std::size_t>(body.whole("limit", 0, 1000).value_or(100));
  const bool all_columns = !body.has("columns");
  if (auto problem = body.finish()) return *problem;

  COTEJO_TRY(found, asked(service, count_id, selection));
  const Shelved& shelved = *found.shelved;
  const Count& count = shelved.count();
  if (all_columns)
    for (const auto& column : columns_of(shelved)) names.push_back(column.name);
  const std::size_t total = found.units.size();
  COTEJO_TRY(chosen, page(shelved, std::move(found.units), sort, descending, offset, limit));
  std::vector<std::vector<double>> columns;
  for (const auto& name : names) {
    COTEJO_TRY(values, values_of(shelved, name));
    std::vector<double> of_page;
    for (const auto unit : chosen) of_page.push_back(values[unit]);
    columns.push_back(std::move(of_page));
  }
  Json rows = Json::array();
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    const auto unit = chosen[i];
    const PlaceIndex place = count.unit_place.empty() ? no_place : count.unit_place[unit];
    Json values = Json::array();
    for (const auto& column : columns) {
      const double v = column[i];
      if (std::isnan(v))
        values.push_back(nullptr);
      else if (v == std::floor(v) && std::abs(v) < 1e15)
        values.push_back(static_cast<std::int64_t>(v));
      else
        values.push_back(v);
    }
    rows.push_back({{"unit", unit},
                    {"key", count.unit_keys[unit]},
                    {"place", place == no_place ? Json(nullptr) : Json(place)},
                    {"place_name", place == no_place ? std::string() : count.hierarchy[place].name},
                    {"values", std::move(values)}});
  }
  Json out = head(shelved);
  out["total"] = total;
  out["offset"] = offset;
  out["columns"] = names;
  out["units"] = std::move(rows);
  return reply(out);
}

Result<Reply> selected(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto count_id = body.needed_text("count", 200);
  if (!body.has("selection")) body.refuse("selection", "this must be said");
  const Selection selection = read_selection(body.object("selection"));
  const bool keys = body.flag("keys").value_or(true);
  if (auto problem = body.finish()) return *problem;
  COTEJO_TRY(found, asked(service, count_id, selection));
  const Count& count = found.shelved->count();
  Json out = head(*found.shelved);
  out["total"] = found.units.size();
  out["units"] = found.units;
  if (keys) {
    auto& list = out["keys"] = Json::array();
    for (const auto unit : found.units) list.push_back(count.unit_keys[unit]);
  }
  out["totals"] = totals(count, found.shelved->total_of(found.units));
  return reply(out);
}

Axis read_axis(Body& body, const std::string& key) {
  Axis out;
  auto axis = body.object(key);
  if (!axis) {
    body.refuse(key, "this must be said");
    return out;
  }
  out.column = axis->needed_text("column", 200);
  out.bins = static_cast<std::size_t>(axis->whole("bins", 1, 1024).value_or(100));
  out.low = axis->number("low");
  out.high = axis->number("high");
  axis->finish();
  return out;
}

Result<Reply> bins(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto count_id = body.needed_text("count", 200);
  const Axis x = read_axis(body, "x"), y = read_axis(body, "y");
  const Selection selection = read_selection(body.object("selection"));
  if (auto problem = body.finish()) return *problem;
  COTEJO_TRY(found, asked(service, count_id, selection));
  COTEJO_TRY(grid, bin(*found.shelved, found.units, x, y));
  Json out = head(*found.shelved);
  out["x"] = {{"column", x.column}, {"bins", x.bins}, {"low", grid.x_low}, {"high", grid.x_high}};
  out["y"] = {{"column", y.column}, {"bins", y.bins}, {"low", grid.y_low}, {"high", grid.y_high}};
  out["counts"] = grid.counts;
  out["total"] = found.units.size();
  out["outside"] = grid.outside;
  out["missing"] = grid.missing;
  return reply(out);
}

constexpr std::size_t aligned(std::size_t bytes) {
  return (bytes + 7) / 8 * 8;
}

template <class T>
std::string bytes_of(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

Result<std::pair<std::string, std::string>> column_bytes(const Shelved& shelved, const std::string& name) {
  const Count& count = shelved.count();
  const std::size_t n = count.units();
  if (name == "key") {
    std::vector<std::uint32_t> ends;
    std::string text;
    for (UnitIndex i = 0; i < n; ++i) {
      text += count.unit_keys[i];
      ends.push_back(static_cast<std::uint32_t>(text.size()));
    }
    return std::pair<std::string, std::string>{"text", bytes_of(ends) + text};
  }
  if (name == "place") {
    std::vector<std::int32_t> places(n, -1);
    for (UnitIndex i = 0; i < n && !count.unit_place.empty(); ++i)
      if (count.unit_place[i] != no_place) places[i] = static_cast<std::int32_t>(count.unit_place[i]);
    return std::pair<std::string, std::string>{"i32", bytes_of(places)};
  }
  COTEJO_TRY(info, column_named(shelved, name));
  if (info.kind == ColumnKind::whole) {
    const auto cells = count.column(name);
    return std::pair<std::string, std::string>{
        "i32", std::string(reinterpret_cast<const char*>(cells.data()), cells.size_bytes())};
  }
  COTEJO_TRY(values, values_of(shelved, name));
  return std::pair<std::string, std::string>{"f32", bytes_of(std::vector<float>(values.begin(), values.end()))};
}

Result<Reply> columns(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "count"));
  COTEJO_TRY(list, parameter(request, "names"));
  COTEJO_TRY(shelved, service.shelf.count(id));
  std::vector<std::string> names;
  for (std::string_view rest = list; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    names.emplace_back(trimmed(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const std::size_t n = shelved->count().units(), most = service.options.limits.cells;
  if (names.empty() || names.size() > 1000 || names.size() * n > most)
    return Error{
        .code = ErrorCode::input_insufficient,
        .message = fmt::format("{} columns of {} units; at most {} cells are sent at once", names.size(),
                               with_thousands(static_cast<long long>(n)), with_thousands(static_cast<long long>(most))),
        .column = "names",
        .remedy = "Ask for fewer columns, or for bins (POST /api/bins) and pages (POST /api/units)."};
  Json listed = Json::array();
  std::string data;
  std::vector<std::size_t> offsets;
  for (const auto& name : names) {
    COTEJO_TRY(column, column_bytes(*shelved, name));
    listed.push_back(
        {{"name", name}, {"type", column.first}, {"offset", data.size()}, {"bytes", column.second.size()}});
    data += column.second;
    data.resize(aligned(data.size()), '\0');
  }
  // Offsets count from the start of the body, and the header's length depends on them: room for 12 digits each.
  Json header = head(*shelved);
  header["units"] = n;
  header["columns"] = listed;
  const std::size_t room = aligned(8 + text_of(header).size() + 12 * names.size()) - 8;
  for (auto& column : header["columns"]) column["offset"] = column["offset"].get<std::size_t>() + 8 + room;
  std::string text = text_of(header);
  text.resize(room, ' ');
  const auto length = static_cast<std::uint32_t>(room);
  std::string out = "CTJ1";
  out.append(reinterpret_cast<const char*>(&length), 4);
  out += text;
  out += data;
  return Reply{.body = std::move(out), .type = "application/octet-stream"};
}

}  // namespace

void add_unit_routes(Service& service) {
  post(service, "/api/units", units);
  post(service, "/api/select", selected);
  post(service, "/api/bins", bins);
  get(service, "/api/columns", columns);
}

}  // namespace cotejo::server

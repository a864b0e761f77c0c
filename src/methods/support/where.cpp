#include "cotejo/methods/support/where.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t drawn_at_most = 20000;
constexpr double cells_per_side = 90;

// Two decimals: what a picture can show.
double rounded(double value) {
  return std::round(100 * value) / 100;
}

// Every unit meant, or so many of them evenly spaced.
std::vector<UnitIndex> thinned(std::vector<UnitIndex> units) {
  if (units.size() <= drawn_at_most) return units;
  std::vector<UnitIndex> out(drawn_at_most);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = units[i * units.size() / out.size()];
  return out;
}

Json cells_json(const std::map<std::pair<int, int>, std::int64_t>& cells, auto centre) {
  auto out = Json::array();
  for (const auto& [at, units] : cells) {
    const auto [x, y] = centre(at);
    out.push_back({x, y, units});
  }
  return out;
}

// The place of the highest level that a unit lies in.
PlaceIndex top_of(const Count& count, UnitIndex unit) {
  PlaceIndex place = count.unit_place.empty() ? no_place : count.unit_place[unit];
  while (place != no_place && count.hierarchy[place].parent != no_place) place = count.hierarchy[place].parent;
  return place;
}

// The one of several highest places that holds three quarters of the units (voters abroad are the rest), or no_place.
PlaceIndex main_place(const Count& count) {
  std::map<PlaceIndex, std::size_t> units;
  for (UnitIndex u = 0; u < count.units(); ++u) ++units[top_of(count, u)];
  for (const auto& [place, n] : units)
    if (units.size() > 1 && place != no_place && 4 * n >= 3 * count.units()) return place;
  return no_place;
}

}  // namespace

std::optional<Figure> objected_plane(const Count& count, std::span<const UnitIndex> units, std::size_t option) {
  if (count.registered.empty() || !count.knows_cast() || option >= count.options()) return std::nullopt;
  const auto valid = valid_of_units(count), cast = cast_of_units(count);
  const auto votes = count.option(option);
  const auto turnout = [&](UnitIndex u) {
    return 100.0 * static_cast<double>(cast[u]) / static_cast<double>(count.registered_of(u));
  };
  const auto share = [&](UnitIndex u) { return 100.0 * votes[u] / static_cast<double>(valid[u]); };
  const auto on_plane = [&](UnitIndex u) {
    return count.registered_of(u) > 0 && cast[u] > 0 && cast[u] <= count.registered_of(u) && valid[u] > 0 &&
           votes[u] >= 0 && votes[u] <= valid[u];
  };
  std::map<std::pair<int, int>, std::int64_t> cells;
  for (UnitIndex u = 0; u < count.units(); ++u)
    if (on_plane(u)) ++cells[{static_cast<int>(turnout(u)), static_cast<int>(share(u))}];
  std::vector<UnitIndex> shown;
  std::copy_if(units.begin(), units.end(), std::back_inserter(shown), on_plane);
  if (shown.empty()) return std::nullopt;
  shown = thinned(std::move(shown));
  auto rows = Json::array();
  for (const UnitIndex u : shown)
    rows.push_back({std::string(count.unit_keys[u]), rounded(turnout(u)), rounded(share(u))});
  const Json data{{"option", count.contest.options[option].id.text},
                  {"units", units.size()},
                  {"drawn", shown.size()},
                  {"cells", cells_json(cells, [](auto at) { return at; })},
                  {"columns", {"unit", "turnout_percent", "share_percent"}},
                  {"rows", std::move(rows)}};
  return Figure{"objected-plane", "objected-plane", Message{"support.objected_plane"},
                data.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

std::optional<Figure> objected_map(const Count& count, std::span<const UnitIndex> units) {
  if (count.latitude.empty() || count.longitude.empty()) return std::nullopt;
  const auto on_map = [&](UnitIndex u) {
    return std::isfinite(count.latitude[u]) && std::isfinite(count.longitude[u]);
  };
  std::vector<UnitIndex> shown;
  std::copy_if(units.begin(), units.end(), std::back_inserter(shown), on_map);
  if (shown.empty()) return std::nullopt;
  double west = INFINITY, east = -INFINITY, south = INFINITY, north = -INFINITY;
  const auto frame = [&](UnitIndex u) {
    west = std::min(west, count.longitude[u]);
    east = std::max(east, count.longitude[u]);
    south = std::min(south, count.latitude[u]);
    north = std::max(north, count.latitude[u]);
  };
  const PlaceIndex main = main_place(count);
  for (UnitIndex u = 0; u < count.units(); ++u)
    if (on_map(u) && (main == no_place || top_of(count, u) == main)) frame(u);
  for (const UnitIndex u : shown) frame(u);
  const double step = std::max({east - west, north - south, 1e-9}) / cells_per_side;
  std::map<std::pair<int, int>, std::int64_t> cells;
  std::int64_t outside = 0;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    if (!on_map(u)) continue;
    const double x = count.longitude[u], y = count.latitude[u];
    if (x < west || x > east || y < south || y > north)
      ++outside;
    else
      ++cells[{static_cast<int>((x - west) / step), static_cast<int>((y - south) / step)}];
  }
  shown = thinned(std::move(shown));
  auto rows = Json::array();
  for (const UnitIndex u : shown)
    rows.push_back({std::string(count.unit_keys[u]), count.latitude[u], count.longitude[u]});
  const Json data{{"units", units.size()},
                  {"drawn", shown.size()},
                  {"outside", outside},
                  {"cells", cells_json(cells,
                                       [&](auto at) {
                                         return std::pair{std::round(1e4 * (west + (at.first + .5) * step)) / 1e4,
                                                          std::round(1e4 * (south + (at.second + .5) * step)) / 1e4};
                                       })},
                  {"columns", {"unit", "latitude", "longitude"}},
                  {"rows", std::move(rows)}};
  return Figure{"objected-map", "objected-map", Message{"support.objected_map"},
                data.dump(-1, ' ', false, Json::error_handler_t::replace)};
}

}  // namespace cotejo

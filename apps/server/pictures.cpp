// The two pictures that a count opens on, as counts of units in cells: the plane of two columns, and the map. A page shows them before it
// has a column; they are counted once and kept.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "columns.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

constexpr std::size_t across = 240, up = 160;  // cells

struct Range {
  double low = 0, high = 0;
};

// From the value that the share `trim` of them lie below to the one that as many lie above; nothing when there is none.
std::optional<Range> range_of(std::vector<double> values, double trim) {
  std::erase_if(values, [](double v) { return std::isnan(v); });
  if (values.empty()) return std::nullopt;
  const auto cut = static_cast<std::size_t>(trim * static_cast<double>(values.size()));
  const auto at = [&](std::size_t i) {
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(i);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
  };
  const double low = at(cut);
  return Range{low, at(values.size() - 1 - cut)};
}

// An axis from 0: to 100 for a percentage, further (to 200) where any unit goes further, because those are the ones to look at.
Range axis_of(const std::vector<double>& values, ColumnKind kind) {
  const bool percent = kind == ColumnKind::percent;
  const auto range = range_of(values, percent ? 0 : 0.0005);
  if (!range) return {0, percent ? 100.0 : 1.0};
  if (percent)
    return {std::min(0.0, range->low), range->high > 100 ? std::min(200.0, 10 * std::ceil(range->high / 10)) : 100};
  if (range->low == range->high) return {range->low - 1, range->high + 1};
  return {std::min(0.0, range->low), range->high};
}

// The one of several highest places that holds three quarters of the units: voters abroad are the rest, and would shrink
// the map of a country to a dot.
PlaceIndex main_place(const Shelved& shelved) {
  const auto& tops = shelved.children(no_place);
  for (const auto top : tops)
    if (tops.size() > 1 && 4 * shelved.total(top).units >= 3 * static_cast<std::int64_t>(shelved.count().units()))
      return top;
  return no_place;
}

// Of the main place, with a margin; a few wrong coordinates do not count.
std::optional<Range> side_of(const Shelved& shelved, const std::vector<double>& degrees) {
  const Count& count = shelved.count();
  const PlaceIndex main = main_place(shelved);
  std::vector<double> values;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    PlaceIndex place = main == no_place ? no_place : count.unit_place[u];
    while (place != no_place && place != main) place = count.hierarchy[place].parent;
    if (place == main) values.push_back(degrees[u]);
  }
  auto range = range_of(std::move(values), 0.002);
  if (!range) return range;
  const double margin = std::max(0.03 * (range->high - range->low), 0.01);
  return Range{range->low - margin, range->high + margin};
}

Result<Json> grid(const Shelved& shelved, const std::string& x, const Range& x_range, const std::string& y,
                  const Range& y_range) {
  std::vector<UnitIndex> all(shelved.count().units());
  std::iota(all.begin(), all.end(), UnitIndex{0});
  COTEJO_TRY(bins, bin(shelved, all, {x, across, x_range.low, x_range.high}, {y, up, y_range.low, y_range.high}));
  return Json{{"x", {{"column", x}, {"bins", across}, {"low", bins.x_low}, {"high", bins.x_high}}},
              {"y", {{"column", y}, {"bins", up}, {"low", bins.y_low}, {"high", bins.y_high}}},
              {"counts", bins.counts},
              {"total", shelved.count().units()},
              {"outside", bins.outside},
              {"missing", bins.missing}};
}

Result<std::string> drawn(const Shelved& shelved, const std::string& x, const std::string& y) {
  const Count& count = shelved.count();
  Json out{{"count", count.id.text}, {"revision", shelved.revision()}};
  std::optional<Range> axes[2];
  for (int a = 0; a < 2; ++a) {
    COTEJO_TRY(info, column_named(shelved, a == 0 ? x : y));
    COTEJO_TRY(values, values_of(shelved, info.name));
    axes[a] = axis_of(values, info.kind);
  }
  COTEJO_TRY(plane, grid(shelved, x, *axes[0], y, *axes[1]));
  out["plane"] = std::move(plane);
  out["map"] = nullptr;
  if (!count.latitude.empty() && !count.longitude.empty()) {
    const auto sideways = side_of(shelved, count.longitude), upwards = side_of(shelved, count.latitude);
    if (sideways && upwards) {
      COTEJO_TRY(map, grid(shelved, "longitude", *sideways, "latitude", *upwards));
      out["map"] = std::move(map);
    }
  }
  return text_of(out);
}

Result<Reply> pictures(Service& service, const httplib::Request& request) {
  COTEJO_TRY(id, parameter(request, "count"));
  COTEJO_TRY(x, parameter(request, "x"));
  COTEJO_TRY(y, parameter(request, "y"));
  COTEJO_TRY(shelved, service.shelf.count(id));
  COTEJO_TRY(text, shelved->picture(x, y, [&] { return drawn(*shelved, x, y); }));
  return Reply{.body = std::move(text)};
}

}  // namespace

void add_picture_routes(Service& service) {
  get(service, "/api/pictures", pictures);
}

}  // namespace cotejo::server

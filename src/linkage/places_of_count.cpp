// The places of a count, as columns to link.
#include <algorithm>
#include <cmath>
#include <string_view>
#include <tuple>
#include <unordered_map>

#include "cotejo/linkage/link.hpp"

namespace cotejo {

std::vector<std::string> shared_levels(const Count& first, const Count& second) {
  std::vector<std::string> out;
  for (const auto& level : first.hierarchy.levels())
    if (second.hierarchy.level_index(level) >= 0) out.push_back(level);
  return out;
}

PlaceSet places_to_link(const Count& count, std::string_view level, const std::vector<std::string>& shared,
                        const Crosswalk* crosswalk) {
  const Hierarchy& hierarchy = count.hierarchy;
  const bool units = level == "unit" && hierarchy.level_index(level) < 0;
  const auto place_of_unit = units ? count.unit_place : places_on_level(count, level);
  const std::size_t n = count.units();

  // The places that hold a unit, or every unit as its own place; sorted by what they are called.
  struct Entry {
    std::string path, code;
    PlaceIndex place;
    UnitIndex unit;
  };
  std::vector<Entry> entries;
  if (units) {
    for (UnitIndex u = 0; u < n; ++u) {
      const PlaceIndex place = count.unit_place.empty() ? no_place : count.unit_place[u];
      std::string path = place == no_place ? "" : hierarchy.path(place) + " / ";
      path += count.unit_keys[u];
      entries.push_back({std::move(path), std::string(count.unit_keys[u]), place, u});
    }
  } else {
    std::vector<char> used(hierarchy.places().size(), 0);
    for (const PlaceIndex place : place_of_unit)
      if (place != no_place) used[place] = 1;
    for (PlaceIndex place = 0; place < used.size(); ++place)
      if (used[place]) entries.push_back({hierarchy.path(place), hierarchy[place].code, place, 0});
  }
  std::sort(entries.begin(), entries.end(),
            [](const Entry& a, const Entry& b) { return std::tie(a.path, a.code) < std::tie(b.path, b.code); });

  PlaceSet out;
  out.of_unit.assign(n, UnlinkedPlace::nobody);
  std::vector<std::uint32_t> index_of_place(hierarchy.places().size(), UnlinkedPlace::nobody);
  out.places.above.resize(shared.size());
  std::vector<int> shared_index;
  for (const auto& name : shared) shared_index.push_back(hierarchy.level_index(name));
  bool has_codes = units;
  for (std::uint32_t e = 0; e < entries.size(); ++e) {
    auto& entry = entries[e];
    if (units)
      out.of_unit[entry.unit] = e;
    else
      index_of_place[entry.place] = e;
    out.places.names.push_back(units ? entry.code : hierarchy[entry.place].name);
    has_codes = has_codes || !entry.code.empty();
    out.places.codes.push_back(entry.code);
    for (std::size_t l = 0; l < shared.size(); ++l) {
      const PlaceIndex up =
          shared_index[l] < 0 ? no_place : hierarchy.ancestor(entry.place, static_cast<std::uint32_t>(shared_index[l]));
      out.places.above[l].push_back(up == no_place ? "" : hierarchy[up].name);
    }
    out.paths.push_back(std::move(entry.path));
  }
  if (!units)
    for (UnitIndex u = 0; u < n; ++u)
      if (!place_of_unit.empty() && place_of_unit[u] != no_place) out.of_unit[u] = index_of_place[place_of_unit[u]];
  if (!has_codes) out.places.codes.clear();

  if (!count.latitude.empty() && !count.longitude.empty()) {
    std::vector<std::vector<std::pair<double, double>>> at(entries.size());
    for (UnitIndex u = 0; u < n; ++u)
      if (out.of_unit[u] != UnlinkedPlace::nobody && std::isfinite(count.latitude[u]) &&
          std::isfinite(count.longitude[u]))
        at[out.of_unit[u]].emplace_back(count.latitude[u], count.longitude[u]);
    for (auto& points : at) {
      std::sort(points.begin(), points.end());
      const auto middle = points.empty() ? std::pair(std::nan(""), std::nan("")) : points[points.size() / 2];
      out.places.latitude.push_back(middle.first);
      out.places.longitude.push_back(middle.second);
    }
  }

  if (crosswalk) {
    std::unordered_map<std::string_view, std::string_view> code_of;
    for (const auto& [unit, code] : crosswalk->rows) code_of.emplace(unit, code);
    std::vector<std::string> codes(entries.size());
    std::vector<char> conflict(entries.size(), 0);
    for (UnitIndex u = 0; u < n; ++u) {
      const auto e = out.of_unit[u];
      const auto found = code_of.find(count.unit_keys[u]);
      if (e == UnlinkedPlace::nobody || found == code_of.end() || found->second.empty()) continue;
      if (codes[e].empty()) codes[e] = found->second;
      conflict[e] = conflict[e] || codes[e] != found->second;
    }
    for (std::size_t e = 0; e < codes.size(); ++e)
      if (conflict[e]) codes[e].clear();
    out.places.codes = std::move(codes);
  }
  return out;
}

}  // namespace cotejo

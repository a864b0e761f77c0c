#include "sheet_places.hpp"

#include <algorithm>
#include <numeric>

#include "cotejo/linkage/link.hpp"

namespace cotejo {

namespace {

std::unordered_map<std::string, PlaceIndex> names_of_level(const Hierarchy& hierarchy, std::uint32_t level) {
  std::unordered_map<std::string, PlaceIndex> keys, names;
  const auto add = [](auto& to, std::string text, PlaceIndex place) {
    if (text.empty()) return;
    const auto [at, is_new] = to.emplace(std::move(text), place);
    if (!is_new && at->second != place) at->second = no_place;  // several have it
  };
  for (PlaceIndex p = 0; p < hierarchy.places().size(); ++p) {
    if (hierarchy[p].level != level) continue;
    add(keys, hierarchy[p].code, p);
    add(keys, normalised_name(hierarchy.path(p)), p);
    add(names, normalised_name(hierarchy[p].name), p);
  }
  for (auto& [text, place] : names) keys.emplace(text, place);
  return keys;
}

}  // namespace

SheetPlaces::SheetPlaces(const Count& count) : count_(count), units_(count) {
  for (std::uint32_t l = 0; l < count.hierarchy.levels().size(); ++l)
    names_.push_back(names_of_level(count.hierarchy, l));
}

std::optional<PlacedSheets> SheetPlaces::place(const Count& sheets, OneSheet one) const {
  if (sheets.units() == 1 && one == OneSheet::is_of_the_whole)
    return PlacedSheets{.level = "whole", .of_unit = std::vector<std::uint32_t>(count_.units()), .sheet_of = {0}};
  const std::size_t levels = names_.size();
  std::size_t best = 0, most = 0;
  std::vector<std::vector<std::int64_t>> found(levels + 1);
  for (std::size_t l = 0; l <= levels; ++l) {
    for (UnitIndex s = 0; s < sheets.units(); ++s) found[l].push_back(position(l, sheets.unit_keys[s]));
    const auto hits = sheets.units() - static_cast<std::size_t>(std::count(found[l].begin(), found[l].end(), no_sheet));
    if (hits > most || (hits == most && hits > 0 && l == levels)) best = l, most = hits;
  }
  if (most == 0) return std::nullopt;
  PlacedSheets out = best == levels ? at_units() : at_places(best);
  out.sheet_of.assign(out.size, no_sheet);
  for (UnitIndex s = 0; s < sheets.units(); ++s) {
    const std::int64_t p = found[best][s];
    if (p == no_sheet || out.sheet_of[static_cast<std::size_t>(p)] != no_sheet)
      out.unplaced.push_back(s);
    else
      out.sheet_of[static_cast<std::size_t>(p)] = s;
  }
  return out;
}

std::string SheetPlaces::label(const PlacedSheets& placed, std::size_t position) const {
  if (placed.is_whole()) return placed.level;
  const std::size_t places = placed.is_units() ? 0 : count_.hierarchy.places().size();
  if (position >= places) return std::string(count_.unit_keys[position - places]);
  return count_.hierarchy.path(static_cast<PlaceIndex>(position));
}

PlacedSheets SheetPlaces::at_units() const {
  PlacedSheets out{.level = "unit", .depth = names_.size() + 1, .size = count_.units()};
  out.of_unit.resize(count_.units());
  std::iota(out.of_unit.begin(), out.of_unit.end(), 0U);
  return out;
}

PlacedSheets SheetPlaces::at_places(std::size_t level) const {
  const auto& name = count_.hierarchy.levels()[level];
  const auto places = static_cast<std::uint32_t>(count_.hierarchy.places().size());
  PlacedSheets out{.level = name, .depth = level + 1, .size = places, .of_unit = places_on_level(count_, name)};
  for (UnitIndex u = 0; u < out.of_unit.size(); ++u)
    if (out.of_unit[u] == no_place) {
      out.of_unit[u] = places + u;
      out.size = places + count_.units();
    }
  return out;
}

std::int64_t SheetPlaces::position(std::size_t level, std::string_view key) const {
  if (level == names_.size()) {
    const auto unit = units_.find(key);
    return unit ? std::int64_t{*unit} : no_sheet;
  }
  auto at = names_[level].find(std::string(key));
  if (at == names_[level].end()) at = names_[level].find(normalised_name(key));
  return at == names_[level].end() || at->second == no_place ? no_sheet : std::int64_t{at->second};
}

}  // namespace cotejo

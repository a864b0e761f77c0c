#include "cotejo/vote/hierarchy.hpp"

#include <algorithm>

namespace cotejo {

PlaceIndex Hierarchy::add(PlaceIndex parent, std::string_view name, std::string_view code) {
  // The key cannot be confused: the parent's number first, then which kind of text it is, then the text.
  std::string key = std::to_string(parent) + (code.empty() ? "n" : "c");
  key += code.empty() ? name : code;
  const auto [entry, is_new] = index_.try_emplace(std::move(key), static_cast<PlaceIndex>(places_.size()));
  if (is_new)
    places_.push_back(
        {parent, parent == no_place ? 0 : places_[parent].level + 1, std::string(name), std::string(code)});
  return entry->second;
}

int Hierarchy::level_index(std::string_view level) const {
  const auto found = std::find(levels_.begin(), levels_.end(), level);
  return found == levels_.end() ? -1 : static_cast<int>(found - levels_.begin());
}

PlaceIndex Hierarchy::ancestor(PlaceIndex place, std::uint32_t level) const {
  while (place != no_place && places_[place].level > level) place = places_[place].parent;
  return place != no_place && places_[place].level == level ? place : no_place;
}

std::string Hierarchy::path(PlaceIndex place) const {
  std::string out;
  for (; place != no_place; place = places_[place].parent)
    out = out.empty() ? places_[place].name : places_[place].name + " / " + out;
  return out;
}

}  // namespace cotejo

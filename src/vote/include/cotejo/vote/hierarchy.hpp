// Where units lie: places of any depth, from the country down to the precinct.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cotejo {

using PlaceIndex = std::uint32_t;
inline constexpr PlaceIndex no_place = std::numeric_limits<PlaceIndex>::max();

struct Place {
  PlaceIndex parent = no_place;  // no_place at the top level
  std::uint32_t level = 0;       // index into Hierarchy::levels()
  std::string name;
  std::string code;  // the published code; empty when there is none
};

// A place is told from others by its level, its parent and its code (or, without one, its name).
class Hierarchy {
 public:
  Hierarchy() = default;
  // Level names from the top ("country") to the bottom ("precinct"); may be empty.
  explicit Hierarchy(std::vector<std::string> levels) : levels_(std::move(levels)) {}

  // The place with this name and code under `parent`, added when it is new. One level below the parent. Constant time.
  PlaceIndex add(PlaceIndex parent, std::string_view name, std::string_view code = {});

  const std::vector<std::string>& levels() const { return levels_; }
  std::span<const Place> places() const { return places_; }
  const Place& operator[](PlaceIndex place) const { return places_[place]; }

  // The index of a level's name, or -1.
  int level_index(std::string_view level) const;
  // The place itself or the one above it that lies on `level`; no_place when `place` lies above that level.
  PlaceIndex ancestor(PlaceIndex place, std::uint32_t level) const;
  // "Bolivia / La Paz / El Alto", from the top.
  std::string path(PlaceIndex place) const;

 private:
  std::vector<std::string> levels_;
  std::vector<Place> places_;
  std::unordered_map<std::string, PlaceIndex> index_;
};

}  // namespace cotejo

// Whether two places of one level have the same name, a similar one or another.
#pragma once

#include <cstdint>
#include <vector>

#include "name_match.hpp"

namespace cotejo::linkage {

enum PlaceClass : std::uint8_t { same_place, similar_place_name, other_place, unknown_place };

class PlaceNames {
 public:
  // Numbers the words of the places' own names, counted once per place and side.
  explicit PlaceNames(Sides& sides);
  PlaceClass compare(std::size_t level, Index own_first, Index own_second) const;

 private:
  // Per level; words and sides by own name.
  std::vector<std::vector<std::vector<Index>>> words_;
  std::vector<WordCounts> counts_;
  std::vector<std::vector<char>> on_first_, on_second_;  // does the side have it?
};

}  // namespace cotejo::linkage

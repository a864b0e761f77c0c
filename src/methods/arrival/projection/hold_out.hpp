// Early units hidden as the late ones are missing.
//
// Places of the lowest level lie in cells: their size (three classes, by registered voters) within the smallest place
// above them that holds at least `least_places` of its kind. In each cell an early place is hidden whole as often as a
// place of the cell was wholly late; of an early place with two units or more a part is hidden as often as a place of
// the cell was split, and then as large a part as a random split place of the cell had late.
#pragma once

#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

struct Hidden {
  std::vector<std::uint32_t> whole_places, parts;  // units
};

class HoldOut {
 public:
  explicit HoldOut(const LateCount& late);
  Hidden draw(Stream& stream) const;

 private:
  struct Cell {
    double wholly_late = 0, split = 0;  // shares of its places
    std::vector<double> late_shares;    // of the units of its split places
  };
  struct Place {
    std::vector<std::uint32_t> early;
    std::size_t cell = 0;
  };
  std::vector<Place> places_;  // with early units
  std::vector<Cell> cells_;
};

}  // namespace cotejo

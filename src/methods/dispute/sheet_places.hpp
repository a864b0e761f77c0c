// Which unit or place of a count the sheets of another count belong to, by their keys.
//
// All keys of a count of sheets are of one level: that where most of them are found, the units first. A key is a unit's key, or
// a place's code, path ("North / Villa") or name, the latter two without regard to case and accents; a name that two places of
// the level share is none. A count of one sheet is for the whole, unless it is asked to be read by
// its key. Cost: linear in units and places.
// Verified in src/methods/dispute/tally_chain/tally_chain_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cotejo/vote/count.hpp"

namespace cotejo {

inline constexpr std::int64_t no_sheet = -1;

// The positions of a level are the whole, or units, or places followed by the units without a place there.
struct PlacedSheets {
  std::string level;                     // "unit", a level's name, "whole"
  std::size_t depth = 0;                 // 0: the whole, then the levels from the top, then the units
  std::size_t size = 1;                  // how many positions
  std::vector<std::uint32_t> of_unit{};  // n: the position of each unit of the count
  std::vector<std::int64_t> sheet_of{};  // position -> unit of the sheets' count, or no_sheet
  std::vector<UnitIndex> unplaced{};     // sheets that are no position, or whose position has another sheet

  bool is_units() const { return level == "unit"; }
  bool is_whole() const { return depth == 0; }
};

class SheetPlaces {
 public:
  explicit SheetPlaces(const Count& count);  // refers to it
  enum class OneSheet { is_of_the_whole, by_its_key };
  // None: no key is a unit or place.
  std::optional<PlacedSheets> place(const Count& sheets, OneSheet one = OneSheet::is_of_the_whole) const;
  std::string label(const PlacedSheets& placed, std::size_t position) const;

 private:
  PlacedSheets at_units() const;
  PlacedSheets at_places(std::size_t level) const;
  std::int64_t position(std::size_t level, std::string_view key) const;

  const Count& count_;
  UnitLookup units_;
  std::vector<std::unordered_map<std::string, PlaceIndex>> names_;  // of each level
};

}  // namespace cotejo

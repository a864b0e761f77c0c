// Figures that show which units are meant: on the plane of turnout and one option's share, and where they lie.
// objected-plane: { "option", "units", "drawn", "cells": [[turnout %, share %, units], ...] over every unit, whole percents,
//   "columns": ["unit", "turnout_percent", "share_percent"], "rows": one per unit meant }.
// objected-map: { "units", "drawn", "cells": [[longitude, latitude, units], ...] over the units with coordinates, a grid of
//   at most 90 x 90; where one of several highest places holds three quarters of the count's units (voters abroad are the
//   rest), over that place and the units meant, "outside": the units beyond, "columns": ["unit", "latitude", "longitude"], "rows": one per unit meant }.
// At most 20,000 units are drawn one by one, evenly spaced in their order; `units` says how many are meant.
// Units without registered voters, ballots or valid votes are not on the plane, units without coordinates not on the map.
// Cost: one pass over the count. Verified in src/methods/support/tests/where_test.cpp.
#pragma once

#include <optional>
#include <span>

#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

// Nothing when the count knows no turnout, or none of the units meant can be drawn.
std::optional<Figure> objected_plane(const Count& count, std::span<const UnitIndex> units, std::size_t option);

// Nothing when the count has no coordinates, or none of the units meant has.
std::optional<Figure> objected_map(const Count& count, std::span<const UnitIndex> units);

}  // namespace cotejo

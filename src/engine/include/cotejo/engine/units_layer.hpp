// The units of a count with their coordinates and tallies, as a layer for maps: GeoJSON (RFC 7946) or GeoPackage.
//
// One point a unit, WGS 84, with the columns of units_where.hpp: key, places, registered, cast, valid, blank, null, margin,
// fields, options; a missing cell is null. A unit without coordinates is in the layer without a point, so that the sums are
// those of the count. The same count gives the same bytes.
// Errors: input_insufficient (the count has no coordinates, or none of the selected units), those of units_table, file_write,
// cancelled. `to` is replaced when it is whole. Cost: the selected units in memory; 34,555 units take about two seconds.
// Verified in src/engine/tests/units_layer_test.cpp, which reads the files back.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "cotejo/base/context.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

enum class LayerFormat { geojson, geopackage };

struct LayerWritten {
  std::int64_t units = 0, without_point = 0;
};

// `condition` as in units_where.hpp; empty: every unit.
Result<LayerWritten> write_units_layer(const Count& count, const std::string& condition, LayerFormat format,
                                       const std::filesystem::path& to, const Context& context);

}  // namespace cotejo

// Published coordinates into degrees.
#pragma once

#include <span>
#include <string_view>

#include "cotejo/base/result.hpp"

namespace cotejo {

// In place, from the system `crs` ("EPSG:32719") to longitude and latitude, WGS 84. NaN stays NaN. Errors:
// profile_invalid (unknown system), value_invalid (a point that the system does not reach; its position in the message).
Result<void> to_degrees(std::string_view crs, std::span<double> easting, std::span<double> northing);

}  // namespace cotejo

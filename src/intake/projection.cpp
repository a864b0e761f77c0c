#include "projection.hpp"

#include <fmt/format.h>
#include <ogr_spatialref.h>

#include <charconv>
#include <cmath>
#include <memory>
#include <string>

#include "gdal_files.hpp"

namespace cotejo {

Result<void> to_degrees(std::string_view crs, std::span<double> easting, std::span<double> northing) {
  const gdal::Scope silence;
  OGRSpatialReference from, to;
  to.importFromEPSG(4326);
  const Error unknown{.code = ErrorCode::profile_invalid,
                      .message = "no such coordinate system",
                      .column = "crs",
                      .value = std::string(crs),
                      .remedy = "Give its code, as in \"EPSG:32719\" (UTM zone 19 south)."};
  int code = 0;
  const std::string_view digits = crs.starts_with("EPSG:") ? crs.substr(5) : std::string_view();
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), code);
  if (status != std::errc{} || end != digits.data() + digits.size() || from.importFromEPSG(code) != OGRERR_NONE)
    return unknown;
  from.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  to.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  const std::unique_ptr<OGRCoordinateTransformation> transformation(OGRCreateCoordinateTransformation(&from, &to));
  if (!transformation) return unknown;
  for (std::size_t i = 0; i < easting.size(); ++i) {
    if (std::isnan(easting[i]) || std::isnan(northing[i])) continue;
    if (transformation->Transform(1, &easting[i], &northing[i]) == 0 || !std::isfinite(easting[i]) ||
        std::abs(easting[i]) > 180 || !(std::abs(northing[i]) <= 90))
      return Error{.code = ErrorCode::value_invalid,
                   .message = fmt::format("the coordinates of unit {} lie outside the system {}", i + 1, crs),
                   .column = "crs",
                   .value = std::string(crs),
                   .remedy = "Check `crs`, and which of the columns is the northing."};
  }
  return {};
}

}  // namespace cotejo

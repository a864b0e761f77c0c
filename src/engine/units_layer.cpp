#include "cotejo/engine/units_layer.hpp"

#include <cpl_conv.h>
#include <cpl_error.h>
#include <fmt/format.h>
#include <gdal_priv.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <mutex>

#include "cotejo/base/text.hpp"
#include "cotejo/engine/units_where.hpp"

// The registration of single drivers: no plug-in is loaded, no other driver can be reached.
extern "C" {
void RegisterOGRGeoJSON();
void RegisterOGRGeoPackage();
}

namespace cotejo {

namespace fs = std::filesystem;

namespace {

// What would go against the same bytes from the same count: the time of the last change.
constexpr const char* fixed_time = "1970-01-01T00:00:00.000Z";

struct CloseDataset {
  void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<GDALDataset, CloseDataset>;

// GDAL prints nothing and takes nothing from the environment while this lives.
class Quiet {
 public:
  Quiet() {
    CPLPushErrorHandler(CPLQuietErrorHandler);
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", fixed_time);
    CPLErrorReset();
  }
  ~Quiet() {
    CPLSetThreadLocalConfigOption("OGR_CURRENT_DATE", nullptr);
    CPLPopErrorHandler();
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;
};

// A file beside the one that is written, gone unless it was given its name.
class Part {
 public:
  explicit Part(const fs::path& to) : path_(to.string() + ".part" + to.extension().string()) { remove(); }
  ~Part() { remove(); }
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;
  const fs::path& path() const { return path_; }

 private:
  void remove() const {
    std::error_code ignored;
    for (const char* beside : {"", "-journal", "-wal", "-shm"}) fs::remove(path_.string() + beside, ignored);
  }
  fs::path path_;
};

Error not_written(const fs::path& to) {
  return {.code = ErrorCode::file_write,
          .message = fmt::format("the layer cannot be written: {}", CPLGetLastErrorMsg()),
          .file = to.string(),
          .remedy = "Check the folder and the free space."};
}

GDALDriver* driver_of(LayerFormat format) {
  static std::once_flag registered;
  std::call_once(registered, [] {
    RegisterOGRGeoJSON();
    RegisterOGRGeoPackage();
  });
  return GetGDALDriverManager()->GetDriverByName(format == LayerFormat::geojson ? "GeoJSON" : "GPKG");
}

OGRFieldType type_of(const Table& table, std::size_t column) {
  bool fractions = false, texts = false;
  for (const auto& row : table.rows) {
    fractions = fractions || std::holds_alternative<double>(row[column]);
    texts = texts || std::holds_alternative<std::string>(row[column]);
  }
  return texts ? OFTString : fractions ? OFTReal : OFTInteger64;
}

// A name that no column has, as SQL compares names.
std::string free_name(std::string name, const Table& table) {
  while (std::any_of(table.columns.begin(), table.columns.end(),
                     [&](const auto& column) { return strcasecmp(column.name.c_str(), name.c_str()) == 0; }))
    name += '_';
  return name;
}

void set_field(OGRFeature& feature, int at, const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell))
    feature.SetField(at, static_cast<GIntBig>(*whole));
  else if (const auto* number = std::get_if<double>(&cell))
    feature.SetField(at, *number);
  else if (const auto* text = std::get_if<std::string>(&cell))
    feature.SetField(at, text->c_str());
  else
    feature.SetFieldNull(at);
}

bool has_point(const Count& count, UnitIndex unit) {
  return !std::isnan(count.latitude[unit]) && !std::isnan(count.longitude[unit]);
}

// The units of the table's rows, which are in the order of the count.
std::vector<UnitIndex> units_of(const Count& count, const Table& table) {
  std::vector<UnitIndex> out;
  UnitIndex unit = 0;
  for (const auto& row : table.rows) {
    while (count.unit_keys[unit] != std::get<std::string>(row[0])) ++unit;
    out.push_back(unit);
  }
  return out;
}

Result<void> refuse_without_points(const Count& count, const std::vector<UnitIndex>& units) {
  if (units.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "no unit fulfils the condition",
                 .file = count.id.text,
                 .remedy = "Nothing was written."};
  if (!count.latitude.empty() && !count.longitude.empty() &&
      std::any_of(units.begin(), units.end(), [&](UnitIndex unit) { return has_point(count, unit); }))
    return {};
  return Error{
      .code = ErrorCode::input_insufficient,
      .message = count.latitude.empty() ? "the count has no coordinates" : "none of these units has coordinates",
      .file = count.id.text,
      .remedy =
          "Name the columns `latitude` and `longitude` in its profile ([columns], docs/formats/profile.md) "
          "and import it again; without them: export CASE count ID --format csv."};
}

OGRLayer* add_layer(GDALDataset& dataset, LayerFormat format, const Table& table, const std::string& name) {
  OGRSpatialReference wgs84;
  wgs84.importFromEPSG(4326);
  wgs84.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
  CPLStringList options;
  if (format == LayerFormat::geojson) {
    options.SetNameValue("RFC7946", "YES");
  } else {
    options.SetNameValue("FID", free_name("fid", table).c_str());
    options.SetNameValue("GEOMETRY_NAME", free_name("geom", table).c_str());
  }
  OGRLayer* layer = dataset.CreateLayer(name.c_str(), &wgs84, wkbPoint, options.List());
  if (!layer) return nullptr;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    OGRFieldDefn field(table.columns[c].name.c_str(), type_of(table, c));
    if (layer->CreateField(&field) != OGRERR_NONE) return nullptr;
  }
  return layer;
}

bool add_feature(OGRLayer& layer, const Count& count, const std::vector<Cell>& row, UnitIndex unit) {
  OGRFeature feature(layer.GetLayerDefn());
  for (std::size_t c = 0; c < row.size(); ++c) set_field(feature, static_cast<int>(c), row[c]);
  if (has_point(count, unit)) {
    OGRPoint point(count.longitude[unit], count.latitude[unit]);
    feature.SetGeometry(&point);
  }
  return layer.CreateFeature(&feature) == OGRERR_NONE;
}

Result<void> write_features(const Count& count, const Table& table, const std::vector<UnitIndex>& units,
                            LayerFormat format, const fs::path& part, const fs::path& to, const Context& context) {
  auto* driver = driver_of(format);
  const Dataset dataset(driver ? driver->Create(part.c_str(), 0, 0, 0, GDT_Unknown, nullptr) : nullptr);
  OGRLayer* layer = dataset ? add_layer(*dataset, format, table, count.id.text) : nullptr;
  if (!layer || dataset->StartTransaction() == OGRERR_FAILURE) return not_written(to);
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    if (i % 4096 == 0 && context.cancelled()) return cancelled_error();
    if (!add_feature(*layer, count, table.rows[i], units[i])) return not_written(to);
  }
  if (dataset->CommitTransaction() == OGRERR_FAILURE) return not_written(to);
  dataset->FlushCache();
  if (CPLGetLastErrorType() >= CE_Failure) return not_written(to);
  return {};
}

}  // namespace

Result<LayerWritten> write_units_layer(const Count& count, const std::string& condition, LayerFormat format,
                                       const fs::path& to, const Context& context) {
  COTEJO_TRY(table, units_table(count, {.condition = condition}, context));
  const auto units = units_of(count, table);
  COTEJO_CHECK(refuse_without_points(count, units));
  const Quiet quiet;
  const Part part(to);
  COTEJO_CHECK(write_features(count, table, units, format, part.path(), to, context));
  std::error_code failed;
  fs::rename(part.path(), to, failed);
  if (failed) return not_written(to);
  LayerWritten out{.units = static_cast<std::int64_t>(units.size())};
  for (const auto unit : units) out.without_point += has_point(count, unit) ? 0 : 1;
  return out;
}

}  // namespace cotejo

// Layers read back: GeoJSON as JSON, GeoPackage as the SQLite file that it is.
#include "cotejo/engine/units_layer.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class UnitsLayer : public testing::Test {
 protected:
  UnitsLayer() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-layer-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    count_.id = CountId{"xx/final"};
    for (const char* id : {"A", "B"}) count_.contest.options.push_back({OptionId{id}, id});
    count_.hierarchy = Hierarchy({"town"});
    for (const char* key : {"1", "2", "3"}) {
      count_.unit_keys.push_back(key);
      count_.unit_place.push_back(count_.hierarchy.add(no_place, "Peñas \"Altas\""));
    }
    count_.votes = {10, 20, 30, 1, missing, 3};
    count_.registered = {100, 200, 300};
    count_.latitude = {-16.5, -17.25, std::nan("")};
    count_.longitude = {-68.15, -66.1, std::nan("")};
  }
  ~UnitsLayer() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  Result<LayerWritten> write(LayerFormat format, const std::string& name, const std::string& condition = "") const {
    return write_units_layer(count_, condition, format, folder_ / name, Context{});
  }
  std::string bytes(const std::string& name) const {
    std::ifstream in(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  Count count_;
  fs::path folder_;
};

TEST_F(UnitsLayer, GeoJsonHasAPointAndTheTallyOfEveryUnit) {
  const auto written = write(LayerFormat::geojson, "units.geojson");
  ASSERT_TRUE(written) << describe(written.error());
  EXPECT_EQ(written->units, 3);
  EXPECT_EQ(written->without_point, 1);
  const auto json = nlohmann::json::parse(bytes("units.geojson"));
  ASSERT_EQ(json.at("features").size(), 3U);
  const auto& second = json["features"][1];
  EXPECT_EQ(second.at("geometry").at("coordinates"), nlohmann::json({-66.1, -17.25})) << "longitude first";
  EXPECT_EQ(second.at("properties").at("unit"), "2");
  EXPECT_EQ(second["properties"].at("A"), 20);
  EXPECT_TRUE(second["properties"].at("B").is_null());
  EXPECT_EQ(second["properties"].at("town"), "Peñas \"Altas\"");
  EXPECT_TRUE(json["features"][2].at("geometry").is_null()) << "a unit without coordinates is there all the same";
  EXPECT_EQ(json["features"][2].at("properties").at("A"), 30);
}

TEST_F(UnitsLayer, GeoPackageHoldsTheSameUnits) {
  ASSERT_TRUE(write(LayerFormat::geopackage, "units.gpkg"));
  SQLite::Database db((folder_ / "units.gpkg").string());
  EXPECT_EQ(db.execAndGet("SELECT count(*) FROM \"xx/final\"").getInt(), 3);
  EXPECT_EQ(db.execAndGet("SELECT sum(\"A\") FROM \"xx/final\"").getInt(), 60);
  EXPECT_EQ(db.execAndGet("SELECT count(geom) FROM \"xx/final\"").getInt(), 2);
  EXPECT_EQ(db.execAndGet("SELECT srs_id FROM gpkg_geometry_columns").getInt(), 4326);
}

TEST_F(UnitsLayer, TheSameCountGivesTheSameBytesAndNoOtherFile) {
  for (const char* name : {"a.geojson", "b.geojson"}) ASSERT_TRUE(write(LayerFormat::geojson, name));
  for (const char* name : {"a.gpkg", "b.gpkg"}) ASSERT_TRUE(write(LayerFormat::geopackage, name));
  EXPECT_EQ(bytes("a.geojson"), bytes("b.geojson"));
  EXPECT_EQ(bytes("a.gpkg"), bytes("b.gpkg"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 4);
}

TEST_F(UnitsLayer, HoldsTheUnitsOfTheCondition) {
  const auto written = write(LayerFormat::geojson, "some.geojson", "A >= 20 and registered < 300");
  ASSERT_TRUE(written) << describe(written.error());
  EXPECT_EQ(written->units, 1);
}

TEST_F(UnitsLayer, ACountWithoutCoordinatesIsRefusedWithARemedy) {
  const auto none_of_these = write(LayerFormat::geojson, "x.geojson", "unit = '3'");
  ASSERT_FALSE(none_of_these);
  EXPECT_THAT(describe(none_of_these.error()), HasSubstr("none of these units has coordinates"));
  EXPECT_THAT(describe(write(LayerFormat::geojson, "x.geojson", "A < 0").error()),
              HasSubstr("no unit fulfils the condition"));
  count_.latitude.clear();
  count_.longitude.clear();
  const auto none = write(LayerFormat::geopackage, "x.gpkg");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().code, ErrorCode::input_insufficient);
  EXPECT_THAT(describe(none.error()), HasSubstr("docs/formats/profile.md"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(UnitsLayer, AFolderThatIsNotThereIsAnError) {
  const auto lost = write(LayerFormat::geopackage, "no/such/x.gpkg");
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::file_write);
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/support/where.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace cotejo {
namespace {

// Four units; the third has no coordinates, the fourth no voters registered.
Count four() {
  Count count;
  count.contest.options = {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}};
  for (const char* key : {"1", "2", "3", "4"}) count.unit_keys.push_back(key);
  count.votes = {30, 10, 20, 5, 10, 30, 20, 5};
  count.registered = {100, 80, 50, 0};
  count.cast = {50, 40, 50, 10};
  count.latitude = {-10, -20, NAN, -15};
  count.longitude = {-60, -65, NAN, -62};
  return count;
}

TEST(Where, EveryUnitIsInOneCellOfThePlaneAndTheObjectedOnesAreNamed) {
  const std::vector<UnitIndex> objected{0, 3};
  const auto figure = objected_plane(four(), objected, 0);
  ASSERT_TRUE(figure);
  const auto data = nlohmann::json::parse(figure->data_json);
  // By hand: turnout 50, 50, 100; share of A 75, 25, 50. The fourth has no turnout.
  EXPECT_EQ(data["cells"], nlohmann::json::parse("[[50,25,1],[50,75,1],[100,50,1]]"));
  EXPECT_EQ(data["rows"], nlohmann::json::parse("[[\"1\",50.0,75.0]]"));
  EXPECT_EQ(data["units"], 2);
  EXPECT_EQ(data["drawn"], 1);
}

TEST(Where, TheMapHasEveryUnitWithCoordinates) {
  const std::vector<UnitIndex> objected{1, 2};
  const auto figure = objected_map(four(), objected);
  ASSERT_TRUE(figure);
  const auto data = nlohmann::json::parse(figure->data_json);
  std::int64_t units = 0;
  for (const auto& cell : data["cells"]) units += cell[2].get<std::int64_t>();
  EXPECT_EQ(units, 3);
  EXPECT_EQ(data["rows"], nlohmann::json::parse("[[\"2\",-20.0,-65.0]]"));
}

TEST(Where, VotersAbroadDoNotShrinkTheMapOfTheCountry) {
  Count count;
  count.contest.options = {{OptionId{"A"}, "A"}};
  count.hierarchy = Hierarchy({"country", "precinct"});
  const auto home = count.hierarchy.add(no_place, "Home", "");
  const auto abroad = count.hierarchy.add(no_place, "Abroad", "");
  for (int unit = 0; unit < 8; ++unit) {
    count.unit_keys.push_back(std::to_string(unit));
    count.votes.push_back(1);
    count.unit_place.push_back(unit < 6 ? home : abroad);
    count.latitude.push_back(unit < 6 ? -10 - unit : 40);
    count.longitude.push_back(unit < 6 ? -60 - unit : 100);
  }
  const auto of = [&](std::vector<UnitIndex> objected) {
    return nlohmann::json::parse(objected_map(count, objected)->data_json);
  };
  EXPECT_EQ(of({2})["outside"], 2);
  EXPECT_EQ(of({2})["cells"].size(), 6u);
  EXPECT_EQ(of({2, 7})["outside"], 0) << "who is objected to is on the map";
}

TEST(Where, WithoutTurnoutOrCoordinatesThereIsNoFigure) {
  Count count = four();
  count.registered.clear();
  count.latitude.clear();
  const std::vector<UnitIndex> objected{0};
  EXPECT_FALSE(objected_plane(count, objected, 0));
  EXPECT_FALSE(objected_map(count, objected));
}

TEST(Where, ManyUnitsAreThinnedAndTheFigureSaysSo) {
  Count count;
  count.contest.options = {{OptionId{"A"}, "A"}};
  std::vector<UnitIndex> all;
  for (UnitIndex u = 0; u < 50000; ++u) {
    count.unit_keys.push_back(std::to_string(u));
    count.votes.push_back(1);
    count.registered.push_back(2);
    count.cast.push_back(1);
    all.push_back(u);
  }
  const auto data = nlohmann::json::parse(objected_plane(count, all, 0)->data_json);
  EXPECT_EQ(data["units"], 50000);
  EXPECT_EQ(data["drawn"], 20000);
  EXPECT_EQ(data["rows"].size(), 20000u);
}

}  // namespace
}  // namespace cotejo

#include "cotejo/vote/hierarchy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace cotejo {
namespace {

TEST(Hierarchy, APlaceIsAddedOnceAndFoundAgain) {
  Hierarchy places({"country", "town"});
  const auto bolivia = places.add(no_place, "Bolivia");
  const auto sucre = places.add(bolivia, "Sucre");
  EXPECT_NE(bolivia, sucre);
  EXPECT_EQ(places.add(no_place, "Bolivia"), bolivia);
  EXPECT_EQ(places.add(bolivia, "Sucre"), sucre);
  EXPECT_EQ(places.places().size(), 2U);
  EXPECT_EQ(places[sucre].parent, bolivia);
  EXPECT_EQ(places[sucre].level, 1U);
}

TEST(Hierarchy, TheSameNameUnderAnotherParentIsAnotherPlace) {
  Hierarchy places({"country", "department", "municipality"});
  const auto country = places.add(no_place, "Bolivia");
  const auto a = places.add(country, "Potosí"), b = places.add(country, "Santa Cruz");
  EXPECT_NE(places.add(a, "San Pedro"), places.add(b, "San Pedro"));
  EXPECT_NE(places.add(a, "Potosí"), a);  // a municipality named like its department
}

TEST(Hierarchy, CodesTellPlacesApartWhereThereAreSome) {
  Hierarchy places({"precinct"});
  const auto a = places.add(no_place, "U.E. Bolívar", "101");
  EXPECT_NE(places.add(no_place, "U.E. Bolívar", "102"), a);   // same name, another code
  EXPECT_EQ(places.add(no_place, "U. E. BOLIVAR", "101"), a);  // same code, another spelling: the first spelling stays
  EXPECT_EQ(places[a].name, "U.E. Bolívar");
  EXPECT_NE(places.add(no_place, "101"), a);  // a name is not a code
}

TEST(Hierarchy, ParentsAndNamesCannotBeConfused) {
  // Keys made of the parent's number and the name must not run together: parent 1 with "2" is not parent 12 with "".
  Hierarchy places({"a", "b"});
  std::vector<PlaceIndex> tops;
  for (int i = 0; i < 13; ++i) tops.push_back(places.add(no_place, std::to_string(i)));
  const auto x = places.add(tops[1], "2"), y = places.add(tops[12], "");
  EXPECT_NE(x, y);
  EXPECT_EQ(places[x].parent, tops[1]);
  EXPECT_EQ(places[y].parent, tops[12]);
}

TEST(Hierarchy, AncestorIsThePlaceItselfOrTheOneAboveIt) {
  Hierarchy places({"country", "department", "municipality"});
  const auto country = places.add(no_place, "Bolivia"), department = places.add(country, "La Paz"),
             town = places.add(department, "El Alto");
  EXPECT_EQ(places.ancestor(town, 0), country);
  EXPECT_EQ(places.ancestor(town, 1), department);
  EXPECT_EQ(places.ancestor(town, 2), town);
  EXPECT_EQ(places.ancestor(department, 2), no_place);  // lies above that level
  EXPECT_EQ(places.ancestor(no_place, 0), no_place);
}

TEST(Hierarchy, PathNamesEveryPlaceFromTheTop) {
  Hierarchy places({"country", "department", "municipality"});
  const auto town = places.add(places.add(places.add(no_place, "Bolivia"), "La Paz"), "El Alto");
  EXPECT_EQ(places.path(town), "Bolivia / La Paz / El Alto");
  EXPECT_EQ(places.path(no_place), "");
}

TEST(Hierarchy, LevelsAreFoundByName) {
  const Hierarchy places({"country", "precinct"});
  EXPECT_EQ(places.level_index("precinct"), 1);
  EXPECT_EQ(places.level_index("Precinct"), -1);
  EXPECT_EQ(Hierarchy().level_index(""), -1);
}

}  // namespace
}  // namespace cotejo

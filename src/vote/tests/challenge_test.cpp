#include "cotejo/vote/challenge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "made_count.hpp"

namespace cotejo {
namespace {

using test::made_challenge;
using testing::ElementsAre;
using testing::HasSubstr;

Count five_units() {
  return test::made_count({"A"}, {{"10", {1}}, {"2", {1}}, {"33", {1}}, {"4", {1}}, {"5", {1}}});
}

TEST(Resolve, GivesTheUnitsInTheOrderOfTheCount) {
  const auto units = resolve(made_challenge({"5", "10", "33"}), five_units());
  ASSERT_TRUE(units) << describe(units.error());
  EXPECT_THAT(*units, ElementsAre(0, 2, 4));
}

TEST(Resolve, RefusesAUnitThatTheCountDoesNotHaveAndNamesItAndItsRow) {
  const auto result = resolve(made_challenge({"5", "010", "33"}, "oas"), five_units());
  ASSERT_FALSE(result);
  const Error& error = result.error();
  EXPECT_EQ(error.code, ErrorCode::unit_unknown);
  EXPECT_EQ(error.value, "010");
  EXPECT_EQ(error.row, 3);  // the header is row 1
  EXPECT_THAT(error.message, HasSubstr("oas"));
  EXPECT_THAT(error.message, HasSubstr("made/count"));
  EXPECT_FALSE(error.remedy.empty());
}

TEST(Resolve, SaysHowManyUnitsAreUnknown) {
  const auto result = resolve(made_challenge({"x", "5", "y", "z"}), five_units());
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message, HasSubstr("3 units"));
  EXPECT_EQ(result.error().value, "x");
}

TEST(Resolve, RefusesAUnitListedTwiceAndNamesBothRows) {
  const auto result = resolve(made_challenge({"5", "4", "5"}), five_units());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unit_duplicate);
  EXPECT_EQ(result.error().value, "5");
  EXPECT_EQ(result.error().row, 4);
  EXPECT_THAT(result.error().message, HasSubstr("row 2"));
}

TEST(Resolve, RefusesAnEmptyList) {
  const auto result = resolve(made_challenge({}), five_units());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::challenge_invalid);
}

TEST(ResolveUnion, CountsAUnitNamedByTwoChallengesOnce) {
  const auto a = made_challenge({"10", "33"}, "a"), b = made_challenge({"4", "33"}, "b"),
             c = made_challenge({"33"}, "c");
  const auto units = resolve_union({&a, &b, &c}, five_units());
  ASSERT_TRUE(units) << describe(units.error());
  EXPECT_THAT(*units, ElementsAre(0, 2, 3));
}

TEST(ResolveUnion, RefusesWhenAnyOfTheListsIsBad) {
  const auto good = made_challenge({"10"}, "good"), bad = made_challenge({"11"}, "bad");
  const auto units = resolve_union({&good, &bad}, five_units());
  ASSERT_FALSE(units);
  EXPECT_THAT(units.error().message, HasSubstr("'bad'"));
}

TEST(ChallengeHash, DependsOnIdAndUnitsAndNotOnTheirOrder) {
  const auto base = made_challenge({"1", "2"}).content_hash();
  EXPECT_EQ(made_challenge({"2", "1"}).content_hash(), base);
  EXPECT_NE(made_challenge({"1", "3"}).content_hash(), base);
  EXPECT_NE(made_challenge({"12"}).content_hash(), base);
  EXPECT_NE(made_challenge({"1", "2"}, "other").content_hash(), base);
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/dispute/tally_chain.hpp"

#include <gtest/gtest.h>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::finding_of;
using test::small_count;
using test::value;

// Two towns of one region, two stations each, and a town of another region.
Count stations() {
  return small_count("stations", {"region", "town"}, {"A", "B"},
                     {{.key = "1", .places = {"North", "X"}, .votes = {60, 40}},
                      {.key = "2", .places = {"North", "X"}, .votes = {50, 50}},
                      {.key = "3", .places = {"North", "Y"}, .votes = {30, 20}},
                      {.key = "4", .places = {"South", "Z"}, .votes = {10, 25}}});
}
Count towns(std::int32_t x_a, std::int32_t x_b) {
  return small_count(
      "towns", {}, {"A", "B"},
      {{.key = "X", .votes = {x_a, x_b}}, {.key = "Y", .votes = {30, 20}}, {.key = "Z", .votes = {10, 25}}});
}
Count whole(std::int32_t a, std::int32_t b) {
  return small_count("nation", {}, {"A", "B"}, {{.key = "all", .votes = {a, b}}});
}

TEST(TallyChain, SheetsThatAddUpAgreeAtEveryLevel) {
  const Count middle = towns(110, 90), top = whole(150, 135);
  const Rule rule = Rule::plurality();
  const auto f = finding_of(stations(), TallyChainRequest{.rule = &rule, .others = {&top, &middle}}, Context{});
  EXPECT_EQ(f.answer, Answer::yes);
  EXPECT_EQ(f.for_outcome, ForOutcome::holds);
  EXPECT_EQ(value(f, "sheets"), 4);
  EXPECT_EQ(f.table("levels")->rows.size(), 3);
  EXPECT_EQ(test::text(f, "levels", "towns", "level"), "town")
      << "the towns come before the whole, in whatever order they are named";
  EXPECT_EQ(f.table("differences")->rows.size(), 0);
}

TEST(TallyChain, ADifferenceIsFoundAtTheOneLevelWhereItArises) {
  // 8 of B's votes become A's between the stations of X and its sheet; 5 votes of A vanish above the towns.
  const Count middle = towns(118, 82), top = whole(153, 127);
  const auto f = finding_of(stations(), TallyChainRequest{.others = {&middle, &top}}, Context{});
  EXPECT_EQ(f.answer, Answer::no);
  EXPECT_EQ(value(f, "sheets_differing"), 2);
  EXPECT_EQ(test::whole(f, "links", "towns", "moved"), 8);
  EXPECT_EQ(test::whole(f, "links", "towns", "appear"), 0);
  EXPECT_EQ(test::whole(f, "links", "towns", "vanish"), 0);
  EXPECT_EQ(test::whole(f, "links", "nation", "moved"), 0);
  EXPECT_EQ(test::whole(f, "links", "nation", "vanish"), 5);
  ASSERT_EQ(f.table("differences")->rows.size(), 3);
  EXPECT_EQ(std::get<std::string>(f.table("differences")->rows[0][1]), "North / X");
}

TEST(TallyChain, TheOutcomeDependsOnTheLevelThatIsCounted) {
  const Rule rule = Rule::plurality();
  const Count middle = towns(90, 110);
  const auto f = finding_of(stations(), TallyChainRequest{.rule = &rule, .others = {&middle}}, Context{});
  EXPECT_EQ(f.for_outcome, ForOutcome::depends);
  EXPECT_NE(f.headline.find("depends on the level"), std::string::npos) << f.headline;
}

// Each level has the outcome of the lowest, but the differences partly cancel: taken one by one they could change it.
TEST(TallyChain, DifferencesThatCancelEachOtherDoNotHold) {
  const Rule rule = Rule::plurality();
  const Count middle =
      small_count("towns", {}, {"A", "B"}, {{.key = "X", .votes = {90, 110}}, {.key = "Y", .votes = {50, 0}}});
  const auto f = finding_of(stations(), TallyChainRequest{.rule = &rule, .others = {&middle}}, Context{});
  EXPECT_EQ(f.for_outcome, ForOutcome::depends);
  EXPECT_NE(f.headline.find("some of the differences alone could change it"), std::string::npos) << f.headline;
}

TEST(TallyChain, AMissingSheetNeitherHidesNorMakesADifference) {
  const Count middle =
      small_count("towns", {}, {"A", "B"}, {{.key = "X", .votes = {110, 90}}, {.key = "Q", .votes = {7, 7}}});
  const Count top = whole(150, 135);
  const Rule rule = Rule::plurality();
  const auto f = finding_of(stations(), TallyChainRequest{.rule = &rule, .others = {&middle, &top}}, Context{});
  EXPECT_EQ(f.for_outcome, ForOutcome::unknown) << "the votes of a sheet of no place are in no sum";
  EXPECT_EQ(value(f, "sheets_differing"), 0);
  EXPECT_EQ(value(f, "places_without_sheet"), 2);
  EXPECT_EQ(value(f, "sheets_of_no_place"), 1);
  EXPECT_EQ(f.answer, Answer::undetermined);
  EXPECT_EQ(f.table("one-level-only")->rows.size(), 3);
}

TEST(TallyChain, TwoReadingsOfTheUnitsSheetsAreALevel) {
  Count scan = stations();
  scan.id = CountId{"scan"};
  scan.votes[0] = 61;
  const Count top = whole(151, 135);
  const auto f = finding_of(stations(), TallyChainRequest{.others = {&scan, &top}}, Context{});
  EXPECT_EQ(test::whole(f, "links", "scan", "appear"), 1);
  EXPECT_EQ(test::whole(f, "links", "nation", "differing"), 0);
}

TEST(TallyChain, UnitsWithoutAPlaceStayInTheirOwnRegion) {
  const Count units = small_count("units", {"region", "town"}, {"A", "B"},
                                  {{.key = "1", .places = {"North", "X"}, .votes = {6, 4}},
                                   {.key = "2", .places = {"North"}, .votes = {5, 5}},
                                   {.key = "3", .places = {"South"}, .votes = {1, 2}}});
  const Count middle =
      small_count("towns", {}, {"A", "B"}, {{.key = "X", .votes = {6, 4}}, {.key = "Q", .votes = {0, 0}}});
  const Count regions =
      small_count("regions", {}, {"A", "B"}, {{.key = "North", .votes = {11, 9}}, {.key = "South", .votes = {1, 2}}});
  const auto f = finding_of(units, TallyChainRequest{.others = {&middle, &regions}}, Context{});
  EXPECT_EQ(value(f, "sheets_differing"), 0);
}

TEST(TallyChain, NamesAreReadWithoutCaseAndAccentsAndAreAmbiguousWhenTwoPlacesHaveThem) {
  const Count units = small_count("units", {"region", "town"}, {"A"},
                                  {{.key = "1", .places = {"North", "San José"}, .votes = {6}},
                                   {.key = "2", .places = {"South", "Villa"}, .votes = {5}},
                                   {.key = "3", .places = {"North", "Villa"}, .votes = {4}}});
  const Count middle = small_count(
      "towns", {}, {"A"},
      {{.key = "SAN JOSE", .votes = {6}}, {.key = "Villa", .votes = {5}}, {.key = "North / Villa", .votes = {4}}});
  const auto f = finding_of(units, TallyChainRequest{.others = {&middle}}, Context{});
  EXPECT_EQ(value(f, "sheets"), 2);
  EXPECT_EQ(value(f, "sheets_of_no_place"), 1);
  EXPECT_EQ(value(f, "sheets_differing"), 0);
}

TEST(TallyChain, ANegativeCorrectionIsAddedUpAsItIs) {
  const Count units = small_count(
      "units", {"town"}, {"A", "B"},
      {{.key = "1", .places = {"X"}, .votes = {60, 40}}, {.key = "correction", .places = {"X"}, .votes = {-5, 0}}});
  const Count top = whole(55, 40);
  EXPECT_EQ(value(finding_of(units, TallyChainRequest{.others = {&top}}, Context{}), "sheets_differing"), 0);
}

TEST(TallyChain, BadInputIsNamed) {
  EXPECT_EQ(error_of(stations(), TallyChainRequest{}, Context{}).code, ErrorCode::input_insufficient);
  const Count strange =
      small_count("strange", {}, {"A", "B"}, {{.key = "P", .votes = {1, 2}}, {.key = "Q", .votes = {1, 2}}});
  const Error error = error_of(stations(), TallyChainRequest{.others = {&strange}}, Context{});
  EXPECT_EQ(error.code, ErrorCode::input_insufficient);
  EXPECT_NE(error.remedy.find("'P'"), std::string::npos) << error.remedy;
  const Count others = small_count("others", {}, {"C"}, {{.key = "all", .votes = {1}}});
  EXPECT_EQ(error_of(stations(), TallyChainRequest{.others = {&others}}, Context{}).code,
            ErrorCode::input_insufficient);
}

}  // namespace
}  // namespace cotejo

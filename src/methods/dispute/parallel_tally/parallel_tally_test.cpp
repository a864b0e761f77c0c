#include "cotejo/methods/dispute/parallel_tally.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::finding_of;
using test::small_count;
using test::SmallUnit;
using test::value;

Count copies() {
  return small_count(
      "copies", {}, {"A", "B"},
      {{.key = "u1", .votes = {60, 20}, .registered = 100}, {.key = "u2", .votes = {50, 30}, .registered = 100}});
}
Count totals(std::int32_t a, std::int32_t b) {
  return small_count("totals", {}, {"A", "B"}, {{.key = "all", .votes = {a, b}}});
}

TEST(ParallelTally, CopiesThatExceedATotalCannotBeReconciled) {
  const Rule rule = Rule::plurality();
  const Count official = totals(90, 150);
  const auto finding = finding_of(
      copies(), ParallelTallyRequest{.rule = &rule, .others = {&official}, .units_in_all = 5, .registered_in_all = 500},
      Context{});
  EXPECT_EQ(finding.answer, Answer::no);
  EXPECT_EQ(value(finding, "impossible_votes"), 20);
  EXPECT_EQ(value(finding, "units_missing"), 3);
  EXPECT_EQ(value(finding, "voters_missing"), 300);
  EXPECT_EQ(value(finding, "unreachable_votes"), 0);
  EXPECT_EQ(test::whole(finding, "bounds", "A", "low"), 110);
  EXPECT_EQ(test::whole(finding, "bounds", "A", "high"), 410);
  EXPECT_FALSE(test::flag(finding, "bounds", "A", "possible"));
  EXPECT_TRUE(test::flag(finding, "bounds", "B", "possible"));
  EXPECT_NE(finding.headline.find("20 more than the 90 proclaimed"), std::string::npos) << finding.headline;
}

TEST(ParallelTally, MoreThanTheMissingVotersIsOutOfReach) {
  const Count official = totals(120, 400);
  const auto finding = finding_of(
      copies(), ParallelTallyRequest{.others = {&official}, .units_in_all = 5, .registered_in_all = 500}, Context{});
  EXPECT_EQ(value(finding, "impossible_votes"), 0);
  EXPECT_EQ(value(finding, "unreachable_votes"), 10 + 350 - 300);
  EXPECT_EQ(finding.answer, Answer::no);
}

TEST(ParallelTally, TheCompletionsBoundTheOutcomeAndTheNeededShareDrawsLevel) {
  const Rule rule = Rule::plurality();
  const Count official = totals(200, 150);
  const auto result = compute(
      copies(), ParallelTallyRequest{.rule = &rule, .others = {&official}, .units_in_all = 5, .registered_in_all = 500},
      Context{});
  ASSERT_TRUE(result);
  ASSERT_EQ(result->readings.size(), 5);
  EXPECT_EQ(result->readings[2].after.options, (std::vector<std::int64_t>{410, 50}));
  EXPECT_EQ(result->readings[3].after.options, (std::vector<std::int64_t>{110, 350}));
  // .8 valid votes per voter: 240 of 300, 165 to 75.
  EXPECT_EQ(result->readings[4].after.options, (std::vector<std::int64_t>{110 + 165, 50 + 75}));
  const double share = *result->needed_share_percent / 100;
  EXPECT_NEAR(110 + (1 - share) * 240, 50 + share * 240, 1e-9);
  const auto finding = finding_of(
      copies(), ParallelTallyRequest{.rule = &rule, .others = {&official}, .units_in_all = 5, .registered_in_all = 500},
      Context{});
  EXPECT_EQ(finding.for_outcome, ForOutcome::depends);
  EXPECT_EQ(finding.answer, Answer::yes);
}

TEST(ParallelTally, UnitByUnitEveryDifferenceIsListedAndWhoGains) {
  const Count official = small_count("official", {}, {"A", "B"},
                                     {{.key = "u1", .votes = {55, 25}, .registered = 100},
                                      {.key = "u2", .votes = {50, 30}, .registered = 100},
                                      {.key = "u3", .votes = {10, 70}, .registered = 90}});
  const auto finding = finding_of(copies(), ParallelTallyRequest{.others = {&official}}, Context{});
  EXPECT_EQ(finding.answer, Answer::no);
  EXPECT_EQ(value(finding, "units_differing"), 1);
  EXPECT_EQ(value(finding, "impossible_votes"), 10);
  EXPECT_EQ(value(finding, "net_A"), -5);
  EXPECT_EQ(value(finding, "net_B"), 5);
  EXPECT_EQ(value(finding, "units_missing"), 1);
  EXPECT_EQ(value(finding, "voters_missing"), 90);
  EXPECT_EQ(finding.table("differences")->rows.size(), 2);
}

TEST(ParallelTally, WithoutARegisterTheUpperBoundIsOpen) {
  const Count official = totals(200, 150);
  const auto finding = finding_of(copies(), ParallelTallyRequest{.others = {&official}}, Context{});
  EXPECT_EQ(finding.answer, Answer::undetermined);
  EXPECT_TRUE(std::isnan(value(finding, "units_missing")));
  EXPECT_FALSE(finding.conditions[1].met);
}

// Voters for the first or the second alone leave the runoff as it is; voters for the third do not.
TEST(ParallelTally, TheOutcomeHoldsOnlyWhereNoOptionCanChangeIt) {
  const Count part = small_count(
      "copies", {}, {"A", "B", "C"},
      {{.key = "u1", .votes = {40, 30, 29}, .registered = 100}, {.key = "u2", .votes = {0, 0, 0}, .registered = 10}});
  const Count official = small_count("totals", {}, {"A", "B", "C"}, {{.key = "all", .votes = {41, 32, 30}}});
  const Rule runoff = Rule::majority_with_runoff();
  const auto at = [&](std::int64_t registered) {
    return finding_of(
        part, ParallelTallyRequest{.rule = &runoff, .others = {&official}, .registered_in_all = registered}, Context{});
  };
  EXPECT_EQ(at(115).for_outcome, ForOutcome::depends);
  EXPECT_EQ(at(110).for_outcome, ForOutcome::holds) << "no voter is missing";
}

// Two places with one copy each of two units; 100 voters are missing in either.
Count copies_by_place() {
  return small_count("copies", {"place"}, {"A", "B"},
                     {{.key = "1", .places = {"North"}, .votes = {60, 20}, .registered = 100},
                      {.key = "2", .places = {"South"}, .votes = {20, 60}, .registered = 100}});
}

TEST(ParallelTally, TotalsByPlaceShowContradictionsThatTheTotalOfAllHides) {
  // In all A has 110 (80 copied) and B 140 (80 copied), which 200 voters can bridge; in the North neither is possible.
  const Count official = small_count("official", {}, {"A", "B"},
                                     {{.key = "NORTH", .votes = {50, 130}, .registered = 200},
                                      {.key = "south", .votes = {60, 10}, .registered = 200}});
  const auto f = finding_of(copies_by_place(), ParallelTallyRequest{.others = {&official}}, Context{});
  EXPECT_EQ(f.answer, Answer::no);
  EXPECT_EQ(value(f, "impossible_votes"), 10 + 50);
  EXPECT_EQ(value(f, "unreachable_votes"), 10);
  EXPECT_EQ(value(f, "voters_missing"), 200);
  EXPECT_EQ(value(f, "places_contradicted"), 2);
  EXPECT_EQ(test::whole(f, "places", "South", "over"), 50);
  EXPECT_EQ(test::whole(f, "places", "North", "unreachable"), 10);
  const Count whole = totals(110, 140);
  const auto of_all =
      finding_of(copies_by_place(), ParallelTallyRequest{.others = {&whole}, .registered_in_all = 400}, Context{});
  EXPECT_EQ(value(of_all, "impossible_votes"), 0);
}

TEST(ParallelTally, AFigureThatAPlaceLacksContradictsNothing) {
  Count official = small_count(
      "official", {}, {"A", "B"},
      {{.key = "North", .votes = {60, 20}, .registered = 100}, {.key = "South", .votes = {20, 60}, .registered = 100}});
  official.votes[0] = missing;
  const auto f = finding_of(copies_by_place(), ParallelTallyRequest{.others = {&official}}, Context{});
  EXPECT_EQ(value(f, "impossible_votes"), 0);
}

TEST(ParallelTally, TheShareOfTheMissingUnitsOwnPlacesIsWeightedByTheirVoters) {
  const Count official = small_count("official", {"place"}, {"A", "B"},
                                     {{.key = "1", .places = {"North"}, .votes = {60, 20}, .registered = 100},
                                      {.key = "2", .places = {"South"}, .votes = {20, 60}, .registered = 100},
                                      {.key = "3", .places = {"North"}, .votes = {75, 25}, .registered = 300},
                                      {.key = "4", .places = {"South"}, .votes = {0, 0}, .registered = 100},
                                      {.key = "5", .places = {"East"}, .votes = {0, 0}, .registered = 100}});
  const auto f = finding_of(copies_by_place(), ParallelTallyRequest{.others = {&official}}, Context{});
  // North .25 for 300 voters, South .75 for 100, East as all copies, .5 for 100; all turn out alike.
  EXPECT_NEAR(value(f, "own_share_percent"), 100 * (.25 * 300 + .75 * 100 + .5 * 100) / 500, 1e-9);
  const Error level = error_of(copies_by_place(), ParallelTallyRequest{.others = {&official}, .level = "x"}, Context{});
  EXPECT_EQ(level.code, ErrorCode::option_invalid);
  EXPECT_NE(level.remedy.find("place"), std::string::npos);
}

TEST(ParallelTally, OfSeveralReadingsOfASheetTheExtremesAreWholeReadings) {
  const Rule rule = Rule::plurality();
  const Count official = totals(200, 150);
  const Count scan =
      small_count("scan", {}, {"A", "B"}, {{.key = "u1", .votes = {50, 40}}, {.key = "u2", .votes = {50, 30}}});
  const Count entry = small_count("entry", {}, {"A", "B"}, {{.key = "u1", .votes = {66, 15}}});
  const auto result =
      compute(copies(), ParallelTallyRequest{.rule = &rule, .others = {&official, &scan, &entry}}, Context{});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->sheets_agreed, 1);
  EXPECT_EQ(result->sheets_disputed, 1);
  EXPECT_EQ(result->least, (std::vector<std::int64_t>{-10, -5}));
  EXPECT_EQ(result->most, (std::vector<std::int64_t>{6, 20}));
  const auto at = [&](std::string_view name) {
    return std::find_if(result->readings.begin(), result->readings.end(), [&](const auto& r) { return r.name == name; })
        ->after.options;
  };
  EXPECT_EQ(at("best-for-leader"), (std::vector<std::int64_t>{116, 45}));
  EXPECT_EQ(at("best-for-runner-up"), (std::vector<std::int64_t>{100, 70}));
}

// Of two options of three, the valid votes are not known, and no share of them.
TEST(ParallelTally, TheRuleIsNotAppliedToPartOfTheOptions) {
  const Rule rule = Rule::majority_with_runoff();
  const Count part =
      small_count("copies", {}, {"A", "B", "C"}, {{.key = "u1", .votes = {40, 30, 29}, .registered = 100}});
  Count official = small_count("all", {}, {"A", "B"}, {{.key = "all", .votes = {41, 32}}});
  const auto readings = [&] {
    return finding_of(part, ParallelTallyRequest{.rule = &rule, .others = {&official}}, Context{})
        .table("readings")
        ->rows.size();
  };
  EXPECT_EQ(readings(), 1);
  official.valid = {110};
  official.valid_basis = ValidBasis::reported;
  EXPECT_EQ(readings(), 2);
}

TEST(ParallelTally, ADisputedReadingThatCouldDecideDoesNotHold) {
  const Rule rule = Rule::plurality();
  const Count part = small_count(
      "copies", {}, {"A", "B"},
      {{.key = "u1", .votes = {60, 20}, .registered = 100}, {.key = "u2", .votes = {50, 30}, .registered = 100}});
  const Count official = small_count("all", {}, {"A", "B"}, {{.key = "all", .votes = {110, 50}}});
  const Count scan =
      small_count("scan", {}, {"A", "B"}, {{.key = "u1", .votes = {0, 80}}, {.key = "u2", .votes = {50, 30}}});
  const auto at = [&](std::vector<const Count*> others) {
    return finding_of(part, ParallelTallyRequest{.rule = &rule, .others = std::move(others), .registered_in_all = 200},
                      Context{});
  };
  EXPECT_EQ(at({&official}).for_outcome, ForOutcome::holds);
  EXPECT_EQ(at({&official, &scan}).for_outcome, ForOutcome::depends);
}

// Units 1 to 4 in two places; copies of 1 and 2 are there.
Count register_of_four() {
  Count out = small_count("register", {"place"}, {},
                          {{.key = "1", .places = {"North"}, .registered = 100},
                           {.key = "2", .places = {"South"}, .registered = 100},
                           {.key = "3", .places = {"North"}, .registered = 300},
                           {.key = "4", .places = {"South"}, .registered = 100}});
  return out;
}

TEST(ParallelTally, ARegisterHasTheVotersOfTheUnitsWithoutACopy) {
  const Rule rule = Rule::plurality();
  const Count whole = totals(110, 140), expected = register_of_four();
  const auto f = finding_of(copies_by_place(),
                            ParallelTallyRequest{.rule = &rule, .others = {&whole}, .expected = &expected}, Context{});
  EXPECT_EQ(value(f, "units_missing"), 2);
  EXPECT_EQ(value(f, "voters_missing"), 400);
  EXPECT_EQ(test::whole(f, "bounds", "A", "high"), 80 + 400);
  EXPECT_NEAR(value(f, "own_share_percent"), 100 * (.25 * 300 + .75 * 100) / 400, 1e-9);
  EXPECT_EQ(f.answer, Answer::yes);
  EXPECT_EQ(f.inputs.size(), 3);
}

TEST(ParallelTally, ARegisterBoundsEveryPlaceByItsOwnVoters) {
  const Count official = small_count("official", {}, {"A", "B"},
                                     {{.key = "North", .votes = {60, 330}}, {.key = "South", .votes = {20, 60}}});
  const Count expected = register_of_four();
  const auto f =
      finding_of(copies_by_place(), ParallelTallyRequest{.others = {&official}, .expected = &expected}, Context{});
  EXPECT_EQ(value(f, "voters_missing"), 400);
  EXPECT_EQ(test::whole(f, "places", "North", "voters_missing"), 300);
  EXPECT_EQ(test::whole(f, "places", "North", "unreachable"), 310 - 300);
  EXPECT_EQ(value(f, "unreachable_votes"), 10);
}

TEST(ParallelTally, ARegisterThatLacksUnitsOrVotersIsNamed) {
  const Count whole = totals(110, 140);
  Count expected = small_count("register", {}, {}, {{.key = "1", .registered = 100}, {.key = "3", .registered = 100}});
  const Error lacking =
      error_of(copies_by_place(), ParallelTallyRequest{.others = {&whole}, .expected = &expected}, Context{});
  EXPECT_EQ(lacking.code, ErrorCode::unit_unknown);
  EXPECT_EQ(lacking.value, "2");
  Count without = register_of_four();
  without.registered[2] = missing;
  const Error voters =
      error_of(copies_by_place(), ParallelTallyRequest{.others = {&whole}, .expected = &without}, Context{});
  EXPECT_EQ(voters.code, ErrorCode::input_insufficient);
  EXPECT_NE(voters.remedy.find("'3'"), std::string::npos);
  const Count full = register_of_four();
  const Error twice = error_of(
      copies_by_place(), ParallelTallyRequest{.others = {&whole}, .expected = &full, .units_in_all = 9}, Context{});
  EXPECT_EQ(twice.column, "units_in_all");
}

TEST(ParallelTally, BadInputIsNamed) {
  const Count official = totals(200, 150);
  EXPECT_EQ(error_of(copies(), ParallelTallyRequest{}, Context{}).code, ErrorCode::input_insufficient);
  const Error units = error_of(copies(), ParallelTallyRequest{.others = {&official}, .units_in_all = 1}, Context{});
  EXPECT_EQ(units.code, ErrorCode::option_invalid);
  EXPECT_EQ(units.column, "units_in_all");
  const Error voters =
      error_of(copies(), ParallelTallyRequest{.others = {&official}, .registered_in_all = 150}, Context{});
  EXPECT_EQ(voters.column, "registered_in_all");
  const Count strange =
      small_count("y", {}, {"A", "B"}, {{.key = "p", .votes = {5, 5}}, {.key = "q", .votes = {5, 5}}});
  EXPECT_EQ(error_of(copies(), ParallelTallyRequest{.others = {&strange}}, Context{}).code,
            ErrorCode::input_insufficient);
  EXPECT_EQ(error_of(copies(), ParallelTallyRequest{.others = {&official, &strange}}, Context{}).code,
            ErrorCode::input_insufficient);
  const Count others = small_count("x", {}, {"C"}, {{.key = "all", .votes = {5}}});
  EXPECT_EQ(error_of(copies(), ParallelTallyRequest{.others = {&others}}, Context{}).code,
            ErrorCode::input_insufficient);
}

}  // namespace
}  // namespace cotejo

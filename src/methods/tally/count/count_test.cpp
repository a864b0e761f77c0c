#include "cotejo/methods/tally/count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "../../../vote/tests/made_count.hpp"
#include "../../support/tests/figures.hpp"

namespace cotejo {
namespace {

using test::drawn_count;
using test::drawn_order;
using test::made_count;
using test::value;
using test::whole;
using testing::HasSubstr;

const Rule plurality = Rule::plurality();
const Rule runoff = Rule::majority_with_runoff();

Finding finding_of(const Count& count, const Rule& rule) {
  return test::finding_of(count, CountRequest{.rule = &rule}, Context{});
}

// Two returns: 100 valid votes, 10 blank, 10 null, 200 registered.
Count two_returns() {
  return made_count({"A", "B", "C"},
                    {{.key = "1", .votes = {30, 15, 5}, .registered = {90}, .blank = {4}, .null = {7}},
                     {.key = "2", .votes = {10, 35, 5}, .registered = {110}, .blank = {6}, .null = {3}}});
}

TEST(Count, GivesTheFiguresComputedByHand) {
  const auto finding = finding_of(two_returns(), runoff);
  EXPECT_EQ(value(finding, "units"), 2);
  EXPECT_EQ(value(finding, "units_with_valid_votes"), 2);
  EXPECT_EQ(value(finding, "valid"), 100);
  EXPECT_EQ(value(finding, "blank"), 10);
  EXPECT_EQ(value(finding, "null"), 10);
  EXPECT_EQ(value(finding, "cast"), 120);
  EXPECT_EQ(value(finding, "registered"), 200);
  EXPECT_DOUBLE_EQ(value(finding, "turnout_percent"), 60);
  EXPECT_DOUBLE_EQ(value(finding, "margin_points"), 10);  // B 50, A 40
  EXPECT_EQ(value(finding, "margin_votes"), 10);
  EXPECT_EQ(value(finding, "slack_votes"), 0);  // exactly half
  EXPECT_THAT(finding.headline, testing::ContainsRegex("[Rr]unoff: A and B"));
  EXPECT_EQ(finding.answer, Answer::descriptive);
}

TEST(Count, TableListsOptionsByVotesAndTheRuleClauseByClause) {
  const auto finding = finding_of(two_returns(), runoff);
  const Table* tally = finding.table("tally");
  ASSERT_NE(tally, nullptr);
  ASSERT_EQ(tally->rows.size(), 3U);
  EXPECT_EQ(std::get<std::string>(tally->rows[0][0]), "B");
  EXPECT_EQ(std::get<std::string>(tally->rows[2][0]), "C");
  EXPECT_EQ(whole(finding, "tally", "A", "votes"), 40);
  EXPECT_DOUBLE_EQ(test::number(finding, "tally", "C", "share_percent"), 10);
  const std::string alternative = runoff.alternatives[0].name;
  EXPECT_EQ(test::number(finding, "clauses", alternative, "slack_votes"), 0);
  EXPECT_FALSE(test::flag(finding, "clauses", alternative, "holds"));
  EXPECT_TRUE(test::flag(finding, "clauses", alternative, "on_the_edge"));
}

TEST(Count, TheHeadlineGivesTheSlackInWholeVotesAndTheTableTheExactOne) {
  // 40 % and 10 points: f = A - B - valid / 10.
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const auto of = [&](std::int32_t a, std::int32_t b, std::int32_t c) {
    return finding_of(made_count({"A", "B", "C"}, {{"1", {a, b, c}}}), rule);
  };
  const auto spare = of(49, 32, 0);  // 17 - 8.1
  EXPECT_THAT(spare.headline, HasSubstr("has a slack of 9 votes."));
  EXPECT_DOUBLE_EQ(value(spare, "slack_votes"), 8.9);
  EXPECT_DOUBLE_EQ(std::get<double>(spare.table("clauses")->rows.back()[2]), 8.9);
  const auto lacking = of(42, 37, 20);  // 5 - 9.9
  EXPECT_THAT(lacking.headline, HasSubstr("lacks 5 votes."));
  EXPECT_DOUBLE_EQ(value(lacking, "slack_votes"), -4.9);
  EXPECT_THAT(of(43, 33, 25).headline, HasSubstr("lacks 1 vote.")) << "10 - 10.1: what is lacking is never none";
  EXPECT_THAT(of(44, 34, 22).headline, HasSubstr("has a slack of 0 votes.")) << "10 - 10: exactly met";
}

TEST(Count, NamesItsInputItsRuleAndItsSeed) {
  Count count = two_returns();
  count.caveats = {"provisional"};
  Rule rule = runoff;
  rule.source = "Constitution, article 1";
  const auto finding = test::finding_of(count, CountRequest{.rule = &rule}, Context{.seed = 77});
  ASSERT_EQ(finding.inputs.size(), 1U);
  EXPECT_EQ(finding.inputs[0].id, "made/count");
  EXPECT_EQ(finding.inputs[0].sha256, count.content_hash());
  EXPECT_EQ(finding.inputs[0].units, 2);
  EXPECT_EQ(finding.seed, 77U);
  EXPECT_THAT(finding.references, testing::Contains(HasSubstr("article 1")));
  EXPECT_THAT(finding.caveats, testing::ElementsAre("made/count: provisional"));
}

TEST(Count, WhatIsNotReportedIsAbsentNotZero) {
  const auto finding = finding_of(made_count({"A", "B"}, {{"1", {3, 2}}}), plurality);
  for (const char* name : {"cast", "registered", "turnout_percent", "blank", "null"})
    EXPECT_EQ(finding.estimate(name), nullptr) << name;
  EXPECT_EQ(value(finding, "valid"), 5);
  const auto only_blank = finding_of(made_count({"A", "B"}, {{.key = "1", .votes = {3, 2}, .blank = {1}}}), plurality);
  EXPECT_EQ(value(only_blank, "cast"), 6);
  EXPECT_EQ(only_blank.estimate("turnout_percent"), nullptr);
}

TEST(Count, SharesOfNoVotesAreNotANumber) {
  const auto finding =
      finding_of(made_count({"A", "B"}, {{.key = "1", .votes = {0, 0}, .registered = {0}, .cast = {0}}}), plurality);
  EXPECT_TRUE(std::isnan(value(finding, "margin_points")));
  EXPECT_TRUE(std::isnan(value(finding, "turnout_percent")));
  EXPECT_EQ(value(finding, "units_with_valid_votes"), 0);
  EXPECT_THAT(finding.headline, testing::ContainsRegex("[Tt]ie: A and B"));
}

TEST(Count, ASingleOptionHasNoRunnerUp) {
  const auto finding = finding_of(made_count({"A"}, {{"1", {7}}}), plurality);
  EXPECT_EQ(value(finding, "margin_votes"), 7);
  EXPECT_DOUBLE_EQ(value(finding, "margin_points"), 100);
}

TEST(Count, MissingCellsCountAsZero) {
  const auto finding = finding_of(
      made_count({"A", "B"}, {{"1", {missing, 2}}, {"2", {5, missing}}, {"3", {missing, missing}}}), plurality);
  EXPECT_EQ(value(finding, "valid"), 7);
  EXPECT_EQ(value(finding, "units_with_valid_votes"), 2);
}

TEST(Count, ASnapshotIsSaidToBeIncomplete) {
  Count count = two_returns();
  EXPECT_TRUE(finding_of(count, plurality).conditions.empty());
  count.snapshot_of = CountId{"made/final"};
  count.as_of = "19:40";
  const auto finding = finding_of(count, plurality);
  ASSERT_EQ(finding.conditions.size(), 1U);
  EXPECT_FALSE(finding.conditions[0].met);
  EXPECT_THAT(finding.conditions[0].text, HasSubstr("made/final"));
}

TEST(Count, NeedsARuleUnitsAndWhatTheRuleLooksAt) {
  EXPECT_EQ(test::error_of(two_returns(), CountRequest{}, Context{}).code, ErrorCode::input_insufficient);
  EXPECT_EQ(test::error_of(made_count({"A"}, {}), CountRequest{.rule = &plurality}, Context{}).code,
            ErrorCode::input_insufficient);
  const Rule referendum = Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(1, 2));
  EXPECT_EQ(test::error_of(made_count({"A", "B"}, {{"1", {1, 2}}}), CountRequest{.rule = &referendum}, Context{}).code,
            ErrorCode::input_insufficient);
  const Rule foreign = Rule::referendum(OptionId{"SI"}, OptionId{"NO"}, Rational(1, 2));
  EXPECT_EQ(test::error_of(two_returns(), CountRequest{.rule = &foreign}, Context{}).code, ErrorCode::profile_invalid);
}

TEST(Count, DoesNotDependOnTheOrderOfUnitsOrOnMergingPrecincts) {
  for (Seed seed = 0; seed < 50; ++seed) {
    const Count count = drawn_count(seed, {.units = 15, .options = 4, .places = 4});
    const auto base = finding_of(count, runoff);
    const auto moved = finding_of(test::with_units_in(count, drawn_order(15, seed)), runoff);
    const auto merged = finding_of(test::with_precincts_merged(count), runoff);
    for (const auto& estimate : base.estimates) {
      EXPECT_EQ(value(moved, estimate.name), estimate.value) << estimate.name << " seed " << seed;
      if (!estimate.name.starts_with("units")) {
        EXPECT_EQ(value(merged, estimate.name), estimate.value) << estimate.name << " seed " << seed;
      }
    }
    EXPECT_EQ(moved.headline, base.headline) << "seed " << seed;
  }
}

TEST(Count, DoesNotDependOnTheOrderOfOptions) {
  for (Seed seed = 0; seed < 50; ++seed) {
    const Count count = drawn_count(seed, {.units = 6, .options = 5});
    const auto base = finding_of(count, runoff),
               relabelled = finding_of(test::with_options_in(count, drawn_order(5, seed)), runoff);
    for (const auto& estimate : base.estimates)
      EXPECT_EQ(value(relabelled, estimate.name), estimate.value) << estimate.name << " seed " << seed;
    for (const char* option : {"A", "B", "C", "D", "E"})
      EXPECT_EQ(whole(relabelled, "tally", option, "votes"), whole(base, "tally", option, "votes")) << "seed " << seed;
  }
}

TEST(Count, ScalesWithTheVotes) {
  for (Seed seed = 0; seed < 50; ++seed) {
    const Count count = drawn_count(seed, {.units = 6, .options = 3});
    const auto base = finding_of(count, runoff), tenfold = finding_of(test::scaled(count, 10), runoff);
    for (const char* name : {"margin_votes", "slack_votes", "valid", "cast", "registered"})
      EXPECT_EQ(value(tenfold, name), 10 * value(base, name)) << name << " seed " << seed;
    for (const char* name : {"margin_points", "turnout_percent"})
      EXPECT_DOUBLE_EQ(value(tenfold, name), value(base, name)) << name << " seed " << seed;
  }
}

}  // namespace
}  // namespace cotejo

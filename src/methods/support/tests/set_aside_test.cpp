#include "cotejo/methods/support/set_aside.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../../vote/tests/made_count.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {
namespace {

using test::made_count;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// 200 units: A leads B by 200 votes of 3,000.
Count sound() {
  std::vector<test::Row> rows;
  for (int u = 0; u < 200; ++u) rows.push_back({.key = std::to_string(u), .votes = {8, 7}});
  return made_count({"A", "B"}, rows);
}

RejectedRow row(std::vector<VoteRange> votes) {
  return {"file.csv", 9, "b", "7O", "not a whole number", "[]", std::move(votes)};
}

TEST(SetAside, VotesAreSummedPerOptionAndRow) {
  Count count = sound();
  count.rejected = {row({{5, 5}, {0, 30}}), row({{0, 2}, {1, 1}}), row({{0, 0}, {0, 0}})};
  const auto votes = set_aside_of(count, nullptr);
  EXPECT_EQ(votes.rows, 3);
  EXPECT_EQ(votes.rows_with_votes, 2) << "the third row certainly holds no vote";
  EXPECT_THAT(votes.options, ElementsAre(VoteRange{5, 7}, VoteRange{1, 31}));
  EXPECT_EQ(votes.votes, (VoteRange{6, 38}));
  EXPECT_FALSE(votes.could_decide);
  EXPECT_FALSE(votes.needs_reason);
}

TEST(SetAside, ARowOfWhichNothingIsKnownHoldsAtMostWhatTheLargestUnitHolds) {
  Count count = sound();
  count.rejected = {row({})};
  const auto votes = set_aside_of(count, nullptr);
  EXPECT_EQ(votes.rows_unknown, 1);
  EXPECT_EQ(votes.votes, (VoteRange{0, 15}));
  EXPECT_FALSE(votes.could_decide);
}

TEST(SetAside, CouldDecideFromTheVoteThatMakesATie) {
  for (const auto& [most, decides] : {std::pair{199, false}, std::pair{200, true}, std::pair{201, true}}) {
    Count count = sound();
    count.rejected = {row({{0, 0}, {0, most}})};
    EXPECT_EQ(set_aside_of(count, nullptr).could_decide, decides) << most;
    count.rejected = {row({{0, most}, {0, 0}})};
    EXPECT_FALSE(set_aside_of(count, nullptr).could_decide) << "more for the leader changes nothing";
  }
}

TEST(SetAside, IsJudgedByTheRuleOfTheContest) {
  Count count = sound();  // A has 53.3 %
  const Rule rule = Rule::majority_with_runoff();
  count.rejected = {row({{0, 0}, {0, 199}})};
  EXPECT_FALSE(set_aside_of(count, &rule).could_decide);
  count.rejected = {row({{0, 0}, {0, 200}})};
  EXPECT_TRUE(set_aside_of(count, &rule).could_decide) << "1,600 of 3,200 are not more than half";
}

TEST(SetAside, AnImportThatLosesTooMuchStopsWithoutAReason) {
  Count few = sound();
  few.rejected = {row({{1, 1}, {1, 1}}), row({{1, 1}, {1, 1}})};
  EXPECT_TRUE(accept_set_aside(few, nullptr, "")) << "2 of 202 rows";
  EXPECT_EQ(few.set_aside_accepted, "");
  Count many = few;
  many.rejected.push_back(few.rejected[0]);
  const auto stopped = accept_set_aside(many, nullptr, " ");
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::conflict);
  EXPECT_EQ(stopped.error().row, 9);
  EXPECT_EQ(stopped.error().value, "7O");
  EXPECT_THAT(
      stopped.error().message,
      HasSubstr("3 rows of made/count were set aside; they can mean 6 to 6 votes; that is more than 1 % of the rows"));
  EXPECT_TRUE(accept_set_aside(many, nullptr, "  the page is torn "));
  EXPECT_EQ(many.set_aside_accepted, "the page is torn");
  Count deciding = sound();
  deciding.rejected = {row({{0, 0}, {0, 500}})};
  EXPECT_THAT(accept_set_aside(deciding, nullptr, "").error().message,
              HasSubstr("could decide the outcome under the rule \"Most votes\""));
}

TEST(SetAside, NothingSetAsideNeedsNothing) {
  Count count = sound();
  EXPECT_TRUE(accept_set_aside(count, nullptr, "no need"));
  EXPECT_EQ(count.set_aside_accepted, "") << "there is nothing to accept";
}

TEST(SetAside, EveryFindingOnTheCountCarriesIt) {
  Count count = sound();
  count.rejected = {row({{0, 0}, {0, 500}})};
  const Count other = made_count({"A"}, {{.key = "x", .votes = {1}}}, {}, "made/other");
  Finding finding = open_finding(MethodInfo{}, other, Context{});
  add_input(finding, count);
  finding.headline = "Yes.";
  show_set_aside(finding, count, nullptr);
  ASSERT_TRUE(finding.inputs[1].set_aside);
  EXPECT_EQ(finding.inputs[1].set_aside->rows, 1);
  EXPECT_EQ(finding.inputs[1].set_aside->votes_at_most, 500);
  EXPECT_TRUE(finding.inputs[1].set_aside->could_decide);
  EXPECT_FALSE(finding.inputs[0].set_aside);
  EXPECT_EQ(
      finding.headline,
      "Yes. Rows set aside could decide the outcome: 1 row of made/count was set aside; it can mean 0 to 500 votes.");
  EXPECT_TRUE(finding.caveats.empty());
  count.set_aside_accepted = "the page is torn";
  show_set_aside(finding, count, nullptr);
  EXPECT_THAT(finding.caveats,
              ElementsAre("made/count: the count is taken without the rows set aside, because: the page is torn"));
  show_set_aside(finding, other, nullptr);
  ASSERT_TRUE(finding.inputs[0].set_aside);
  EXPECT_EQ(finding.inputs[0].set_aside->rows, 0);
}

}  // namespace
}  // namespace cotejo

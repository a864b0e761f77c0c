#include "cotejo/methods/tally/strike.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "../../../vote/tests/made_count.hpp"
#include "../../support/tests/figures.hpp"

namespace cotejo {
namespace {

using test::drawn_count;
using test::made_challenge;
using test::made_count;
using test::value;
using test::whole;
using testing::Contains;
using testing::HasSubstr;

const Rule bolivia = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));

Finding finding_of(const Count& count, const Rule& rule, const std::vector<const Challenge*>& challenges,
                   std::string level = {}) {
  return test::finding_of(
      count, StrikeRequest{.rule = &rule, .challenges = challenges, .precinct_level = std::move(level)}, Context{});
}
double number(const Finding& finding, std::string_view reading, std::string_view column) {
  return test::number(finding, "readings", reading, column);
}
std::string outcome(const Finding& finding, std::string_view reading) {
  return test::text(finding, "readings", reading, "outcome");
}

// 1,000 valid votes: A 480, B 360, C 160; under the Bolivian rule A wins with a slack of 20 (480 - 360 - 100).
Count four_tables() {
  return made_count({"A", "B", "C"},
                    {{.key = "1", .votes = {180, 60, 20}, .places = {"La Paz", "School"}},
                     {.key = "2", .votes = {100, 90, 60}, .places = {"La Paz", "School"}},
                     {.key = "3", .votes = {110, 110, 40}, .places = {"La Paz", "Hall"}},
                     {.key = "4", .votes = {90, 100, 40}, .places = {"Oruro", "Hall"}}},
                    {"department", "precinct"});
}

TEST(Strike, EveryReadingComputedByHand) {
  const auto challenge = made_challenge({"1"}, "oas");
  const auto finding = finding_of(four_tables(), bolivia, {&challenge});
  struct Row {
    const char* reading;
    std::int64_t units, m, c, v;
    double slack;
    const char* outcome;
  };
  const Row rows[] = {
      {"as-counted", 0, 480, 360, 1000, 20, "winner: A"},
      {"whole", 1, 300, 300, 740, -70, "runoff: A and B"},        // max(300 - 370, min(300 - 296, 0 - 74))
      {"winner-void", 1, 300, 360, 820, -22, "runoff: A and B"},  // B leads: max(360 - 410, min(360 - 328, 60 - 82))
      {"winner-void-valid-kept", 1, 300, 360, 1000, -40, "runoff: A and B"},  // min(360 - 400, 60 - 100)
      {"transfer", 1, 300, 540, 1000, 140, "winner: B"},       // 60 - 40 over half; 140 = min(540 - 400, 240 - 100)
      {"precinct", 2, 200, 210, 490, -39, "runoff: A and B"},  // B leads: max(210 - 245, min(210 - 196, 10 - 49))
  };
  for (const Row& row : rows) {
    EXPECT_EQ(whole(finding, "readings", row.reading, "units_struck"), row.units) << row.reading;
    EXPECT_EQ(whole(finding, "readings", row.reading, "leader_votes"), row.m) << row.reading;
    EXPECT_EQ(whole(finding, "readings", row.reading, "runner_up_votes"), row.c) << row.reading;
    EXPECT_EQ(whole(finding, "readings", row.reading, "valid"), row.v) << row.reading;
    const auto v = static_cast<double>(row.v);
    EXPECT_DOUBLE_EQ(number(finding, row.reading, "margin_points"), 100 * static_cast<double>(row.m - row.c) / v)
        << row.reading;
    EXPECT_DOUBLE_EQ(number(finding, row.reading, "leader_percent"), 100 * static_cast<double>(row.m) / v)
        << row.reading;
    EXPECT_EQ(outcome(finding, row.reading), row.outcome) << row.reading;
  }
  EXPECT_EQ(number(finding, "as-counted", "slack_votes"), 20);
  EXPECT_EQ(number(finding, "winner-void", "slack_votes"), -22);
  EXPECT_EQ(number(finding, "winner-void-valid-kept", "slack_votes"), -40);
  EXPECT_EQ(number(finding, "transfer", "slack_votes"), 140);
  EXPECT_EQ(finding.answer, Answer::no);
  EXPECT_EQ(value(finding, "units_objected"), 1);
  EXPECT_EQ(value(finding, "leader_votes_objected"), 180);
  EXPECT_EQ(value(finding, "valid_objected"), 260);
  EXPECT_EQ(value(finding, "precincts_objected"), 1);
  EXPECT_EQ(value(finding, "units_in_precincts"), 2);
  ASSERT_TRUE(finding.at_stake);
  EXPECT_EQ(finding.at_stake->votes, 180);
  EXPECT_EQ(finding.at_stake->of_slack, 20);
  EXPECT_TRUE(finding.at_stake->decisive);
}

TEST(Strike, AnswersDependsWhereTheReadingsDisagreeAndNamesThem) {
  const auto challenge = made_challenge({"4"});
  const auto finding = finding_of(four_tables(), bolivia, {&challenge});
  EXPECT_EQ(outcome(finding, "whole"), "winner: A");           // 390 - 260 = 130 of 770
  EXPECT_EQ(outcome(finding, "transfer"), "runoff: A and B");  // 390 : 450
  EXPECT_EQ(finding.answer, Answer::depends);
  EXPECT_THAT(finding.headline, HasSubstr("go to the runner-up"));
  EXPECT_TRUE(test::flag(finding, "readings", "whole", "survives"));
  EXPECT_FALSE(test::flag(finding, "readings", "transfer", "survives"));
}

TEST(Strike, AnswersYesWhereEveryReadingLeavesTheOutcome) {
  const Count count = made_count({"A", "B"}, {{"1", {90, 10}}, {"2", {90, 10}}, {"3", {5, 5}}});
  const Rule plurality = Rule::plurality();
  const auto challenge = made_challenge({"3"});
  const auto finding = finding_of(count, plurality, {&challenge});
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_FALSE(finding.at_stake->decisive);
  EXPECT_EQ(finding.table("readings")->row("precinct"), nullptr);  // no hierarchy: absent, and a condition says so
  EXPECT_THAT(finding.conditions, Contains(testing::Field(&Condition::met, false)));
}

TEST(Strike, InShortThereIsAVerdictForEachObjectorInWholeVotes) {
  auto a = made_challenge({"4"}, "a"), b = made_challenge({"3"}, "b");
  a.by = "one party";
  b.by = "another party";
  const auto finding = finding_of(four_tables(), bolivia, {&a, &b});
  const auto with = [&](const std::string& part) { return Contains(HasSubstr(part)); };
  EXPECT_THAT(finding.in_short, with("the one unit objected to (one party) does not change the outcome"));
  EXPECT_THAT(finding.in_short, with("so does moving them to Option B, by 40 votes"));
  EXPECT_THAT(finding.in_short, with("(another party)"));
  EXPECT_THAT(finding.in_short, with("(all objectors together)"));
  for (const auto& clause : finding.in_short) {
    EXPECT_THAT(clause, testing::Not(testing::EndsWith(".")));
    EXPECT_THAT(clause, testing::Not(HasSubstr("winner-void")));
  }
}

TEST(Strike, OverlappingChallengesAreUnitedAndNeverCountedTwice) {
  const auto a = made_challenge({"1", "2"}, "a"), b = made_challenge({"2", "3"}, "b"),
             both = made_challenge({"1", "2", "3"}, "both");
  const auto united = finding_of(four_tables(), bolivia, {&a, &b}), once = finding_of(four_tables(), bolivia, {&both});
  for (const char* reading : {"whole", "winner-void", "winner-void-valid-kept", "transfer", "precinct"})
    for (const char* column : {"margin_points", "slack_votes"})
      EXPECT_EQ(number(united, reading, column), number(once, reading, column)) << reading;
  EXPECT_EQ(value(united, "units_objected"), 3);
  EXPECT_EQ(whole(united, "challenges", "a", "units"), 2);
  EXPECT_EQ(whole(united, "challenges", "a", "also_named_by_another"), 1);
  EXPECT_EQ(whole(united, "challenges", "b", "also_named_by_another"), 1);
  EXPECT_THAT(united.conditions, Contains(testing::Field(&Condition::text, HasSubstr("overlap"))));
  EXPECT_TRUE(once.conditions.empty());
  ASSERT_EQ(united.inputs.size(), 3U);
  EXPECT_EQ(united.inputs[1].kind, "challenge");
  EXPECT_EQ(united.inputs[1].id, "a");
}

TEST(Strike, PrecinctLevelMayBeChosen) {
  const auto challenge = made_challenge({"3"});
  const auto finding = finding_of(four_tables(), bolivia, {&challenge}, "department");
  EXPECT_EQ(whole(finding, "readings", "precinct", "units_struck"), 3);  // all of La Paz
  const auto error = test::error_of(
      four_tables(), StrikeRequest{.rule = &bolivia, .challenges = {&challenge}, .precinct_level = "planet"},
      Context{});
  EXPECT_EQ(error.code, ErrorCode::option_invalid);
  EXPECT_EQ(error.value, "planet");
  EXPECT_THAT(error.remedy, HasSubstr("department, precinct"));
}

TEST(Strike, PrecinctsOfTheSameNameInTwoPlacesAreTwo) {
  const auto challenge = made_challenge({"3"});
  EXPECT_EQ(whole(finding_of(four_tables(), bolivia, {&challenge}), "readings", "precinct", "units_struck"),
            1);  // the Hall of La Paz, not of Oruro
}

TEST(Strike, AUnitOutsideTheHierarchyIsItsOwnPrecinct) {
  Count count = four_tables();
  count.unit_place[1] = count.unit_place[2] = no_place;
  const auto challenge = made_challenge({"2"});
  const auto finding = finding_of(count, bolivia, {&challenge});
  EXPECT_EQ(whole(finding, "readings", "precinct", "units_struck"), 1);
}

TEST(Strike, TiesForThePlacesThatReadingsSpeakOfAreSaid) {
  const Rule plurality = Rule::plurality();
  const auto challenge = made_challenge({"1"});
  const auto tied = finding_of(made_count({"A", "B"}, {{"1", {5, 5}}, {"2", {3, 3}}}), plurality, {&challenge});
  EXPECT_EQ(outcome(tied, "as-counted"), "tie: A and B");
  EXPECT_THAT(tied.conditions, Contains(testing::Field(&Condition::text, HasSubstr("One option leads"))));
  const auto second = finding_of(made_count({"A", "B", "C"}, {{"1", {5, 2, 2}}}), plurality, {&challenge});
  EXPECT_THAT(second.conditions, Contains(testing::Field(&Condition::text, HasSubstr("comes second"))));
}

TEST(Strike, StrikingEverythingLeavesNoVotesAndNoShares) {
  const auto challenge = made_challenge({"1", "2", "3", "4"});
  const auto finding = finding_of(four_tables(), bolivia, {&challenge});
  EXPECT_EQ(whole(finding, "readings", "whole", "valid"), 0);
  EXPECT_TRUE(std::isnan(number(finding, "whole", "margin_points")));
  EXPECT_EQ(outcome(finding, "whole"), "tie: A and B and C");
}

TEST(Strike, ASingleOptionHasNobodyToTransferTo) {
  const Rule plurality = Rule::plurality();
  const auto challenge = made_challenge({"1"});
  const auto finding = finding_of(made_count({"A"}, {{"1", {5}}, {"2", {5}}}), plurality, {&challenge});
  EXPECT_EQ(finding.table("readings")->row("transfer"), nullptr);
  EXPECT_EQ(whole(finding, "readings", "whole", "leader_votes"), 5);
}

TEST(Strike, BadInputIsRefused) {
  const auto good = made_challenge({"1"}), unknown = made_challenge({"99"}), twice = made_challenge({"1", "1"}),
             empty = made_challenge({});
  const auto error = [&](const Rule* rule, std::vector<const Challenge*> challenges) {
    return test::error_of(four_tables(), StrikeRequest{.rule = rule, .challenges = std::move(challenges)}, Context{})
        .code;
  };
  EXPECT_EQ(error(nullptr, {&good}), ErrorCode::input_insufficient);
  EXPECT_EQ(error(&bolivia, {}), ErrorCode::input_insufficient);
  EXPECT_EQ(error(&bolivia, {&good, &unknown}), ErrorCode::unit_unknown);
  EXPECT_EQ(error(&bolivia, {&twice}), ErrorCode::unit_duplicate);
  EXPECT_EQ(error(&bolivia, {&empty}), ErrorCode::challenge_invalid);
}

// Every reading again, by changing the returns themselves and counting what is left.
TEST(Strike, AgreesWithCountingTheChangedReturns) {
  Rule few_null = Rule::plurality();  // one that looks at the ballots that voided votes become
  few_null.id = "few-null";
  few_null.alternatives[0].clauses.push_back(
      {"few null", {{Quantity::cast, Rational(1, 6)}, {Quantity::null, -1}}, Comparison::at_least});
  const Rule rules[] = {Rule::plurality(), Rule::majority_with_runoff(), bolivia,
                        Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(3, 5)), few_null};
  std::set<Answer> answers;
  for (Seed seed = 0; seed < 150; ++seed) {
    const Count count =
        drawn_count(seed, {.units = 12, .options = 2 + seed % 3, .places = 5, .first_option = seed % 2 ? 1.6 : 1.0});
    Stream stream(seed, Purpose::bootstrap);
    std::vector<std::string> keys;
    std::vector<bool> struck(count.units());
    for (UnitIndex u = 0; u < count.units(); ++u)
      if (stream.below(4) == 0) {
        struck[u] = true;
        keys.emplace_back(count.unit_keys[u]);
      }
    if (keys.empty()) continue;
    const auto challenge = made_challenge(keys);
    const auto order = ranking(tally(count));
    const std::size_t leader = order[0], second = order[1], n = count.units();

    std::vector<std::size_t> outside, outside_places;
    for (UnitIndex u = 0; u < n; ++u) {
      if (!struck[u]) outside.push_back(u);
      bool touched = false;
      for (UnitIndex v = 0; v < n; ++v) touched = touched || (struck[v] && count.unit_place[v] == count.unit_place[u]);
      if (!touched) outside_places.push_back(u);
    }
    Count voided = count, kept = count, moved = count;
    kept.valid_basis = ValidBasis::reported;
    for (UnitIndex u = 0; u < n; ++u) kept.valid.push_back(static_cast<std::int32_t>(count.valid_of(u)));
    for (UnitIndex u = 0; u < n; ++u) {
      if (!struck[u]) continue;
      auto& cell = voided.votes[leader * n + u];
      voided.null[u] += cell;  // the ballots become null: still cast
      kept.votes[leader * n + u] = 0;
      moved.votes[second * n + u] += cell;
      moved.votes[leader * n + u] = 0;
      cell = 0;
    }
    for (const Rule& rule : rules) {
      const auto finding = finding_of(count, rule, {&challenge});
      answers.insert(finding.answer);
      const auto expect = [&](const char* reading, const Count& changed) {
        const Tally total = tally(changed);
        const auto expected = apply(rule, changed.contest, total);
        std::int64_t other = 0;
        for (std::size_t o = 0; o < total.options.size(); ++o)
          if (o != leader) other = std::max(other, total.options[o]);
        EXPECT_EQ(whole(finding, "readings", reading, "leader_votes"), total.options[leader])
            << reading << " seed " << seed;
        EXPECT_EQ(whole(finding, "readings", reading, "runner_up_votes"), other) << reading << " seed " << seed;
        EXPECT_EQ(whole(finding, "readings", reading, "valid"), total.valid) << reading << " seed " << seed;
        EXPECT_EQ(number(finding, reading, "slack_votes"), expected.slack.value())
            << reading << " " << rule.id << " seed " << seed;
        EXPECT_EQ(outcome(finding, reading), describe(expected, count.contest))
            << reading << " " << rule.id << " seed " << seed;
      };
      expect("as-counted", count);
      expect("whole", test::with_units_in(count, outside));
      expect("precinct", test::with_units_in(count, outside_places));
      expect("winner-void", voided);
      expect("transfer", moved);
      expect("winner-void-valid-kept", kept);
    }
  }
  EXPECT_TRUE(answers.contains(Answer::yes) && answers.contains(Answer::no) && answers.contains(Answer::depends))
      << "the draw covers every answer";
}

TEST(Strike, DoesNotDependOnTheOrderOfUnitsOrOfTheList) {
  for (Seed seed = 0; seed < 40; ++seed) {
    const Count count = drawn_count(seed, {.units = 12, .options = 3, .places = 5});
    const std::vector<std::string> keys{"u2", "u5", "u11"};
    const auto listed = made_challenge(keys), backwards = made_challenge({keys.rbegin(), keys.rend()});
    const auto base = finding_of(count, bolivia, {&listed});
    const auto moved = finding_of(test::with_units_in(count, test::drawn_order(12, seed)), bolivia, {&backwards});
    EXPECT_EQ(base.table("readings")->rows, moved.table("readings")->rows) << "seed " << seed;
    EXPECT_EQ(base.answer, moved.answer);
  }
}

}  // namespace
}  // namespace cotejo

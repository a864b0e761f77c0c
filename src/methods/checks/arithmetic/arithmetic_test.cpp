#include "cotejo/methods/checks/arithmetic.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <vector>

#include "../../../vote/tests/made_count.hpp"
#include "../../support/tests/figures.hpp"

namespace cotejo {
namespace {

using test::made_count;
using test::value;
using test::whole;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

Finding finding_of(const Count& count, std::int64_t defect_limit = 100'000) {
  return test::finding_of(count, ArithmeticRequest{.defect_limit = defect_limit}, Context{});
}

// The rows of `defects` as "unit | field | value | rule".
std::vector<std::string> defects_of(const Finding& finding) {
  std::vector<std::string> out;
  for (const auto& row : finding.table("defects")->rows)
    out.push_back(
        fmt::format("{} | {} | {} | {}", words_of(row[0]), words_of(row[1]), words_of(row[2]), words_of(row[3])));
  return out;
}

// Two returns of which everything is reported and adds up.
Count sound() {
  Count count = made_count({"A", "B"},
                           {{.key = "1",
                             .votes = {10, 5},
                             .places = {"X", "P"},
                             .registered = {30},
                             .cast = {20},
                             .valid = {15},
                             .blank = {3},
                             .null = {2}},
                            {.key = "2",
                             .votes = {7, 9},
                             .places = {"X", "Q"},
                             .registered = {17},
                             .cast = {17},
                             .valid = {16},
                             .blank = {1},
                             .null = {0}}},
                           {"region", "precinct"});
  count.fields.push_back({"issued", "Papers issued", {20, 17}});
  count.fields.push_back({"left", "Papers left", {10, 0}});
  return count;
}

TEST(Arithmetic, ReturnsThatAddUpHaveNoDefect) {
  const auto finding = finding_of(sound());
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_THAT(defects_of(finding), IsEmpty());
  EXPECT_EQ(value(finding, "defects"), 0);
  EXPECT_EQ(value(finding, "valid_votes_there"), 0);
}

TEST(Arithmetic, EveryRuleIsCaughtWithUnitFieldValueAndRule) {
  struct Fault {
    const char* what;
    std::function<void(Count&)> plant;
    std::vector<std::string> defects;
  };
  const Fault faults[] = {
      {"one vote too many for A",
       [](Count& c) { c.votes[0] = 11; },
       {"1 | options = valid | 16 ≠ 15 | options-equal-valid"}},
      {"valid one too few",
       [](Count& c) { c.valid[1] = 15; },
       {"2 | options = valid | 16 ≠ 15 | options-equal-valid",
        "2 | valid + blank + null = cast | 16 ≠ 17 | parts-equal-cast"}},
      {"a blank ballot more",
       [](Count& c) { c.blank[0] = 4; },
       {"1 | valid + blank + null = cast | 21 ≠ 20 | parts-equal-cast"}},
      {"more cast than registered",
       [](Count& c) { c.registered[1] = 16; },
       {"2 | cast <= registered | 17 > 16 | cast-within-registered"}},
      {"no valid vote",
       [](Count& c) {
         c.votes[0] = c.votes[2] = c.valid[0] = 0;
         c.cast[0] = 5;
       },
       {"1 | valid | 0 | no-valid-votes"}},
      {"a missing null", [](Count& c) { c.null[1] = missing; }, {"2 | null |  | missing"}},
      {"a missing vote", [](Count& c) { c.votes[3] = missing; }, {"2 | B |  | missing"}},
      {"a missing field", [](Count& c) { c.fields[1].values[0] = missing; }, {"1 | left |  | missing"}},
      {"a unit without a place", [](Count& c) { c.unit_place[1] = no_place; }, {"2 | place |  | outside-hierarchy"}},
      {"a precinct without a name",
       [](Count& c) { c.unit_place[0] = c.hierarchy.add(c.hierarchy.add(no_place, "X"), "", "7"); },
       {"1 | precinct |  | outside-hierarchy"}},
      {"a region without a name",
       [](Count& c) { c.unit_place[0] = c.hierarchy.add(c.hierarchy.add(no_place, "", "7"), "P"); },
       {"1 | region |  | outside-hierarchy"}},
      {"a row kept aside",
       [](Count& c) {
         c.rejected.push_back({"acta.csv", 9, "MAS", "12,5", "not a whole number", "[]"});
       },
       {"(row 9) | MAS | 12,5 | unusable-row"}},
  };
  for (const Fault& fault : faults) {
    Count count = sound();
    fault.plant(count);
    const auto finding = finding_of(count);
    EXPECT_EQ(defects_of(finding), fault.defects) << fault.what;
    EXPECT_EQ(finding.answer, Answer::no) << fault.what;
    EXPECT_EQ(value(finding, "defects"), static_cast<double>(fault.defects.size())) << fault.what;
  }
}

TEST(Arithmetic, IdentitiesOfTheProfileAreJudged) {
  struct Row {
    Identity identity;
    std::vector<std::string> defects;
  };
  const Row rows[] = {
      {{"a", {"issued"}, Relation::equal, {"cast"}, ""}, {}},
      {{"a", {"issued", "left"}, Relation::equal, {"registered"}, ""}, {}},
      {{"b", {"issued", "left"}, Relation::equal, {"cast"}, ""}, {"1 | issued + left = cast | 30 ≠ 20 | b"}},
      {{"c", {"left"}, Relation::at_most, {"blank", "null"}, ""}, {"1 | left <= blank + null | 10 > 5 | c"}},
      {{"d", {"left"}, Relation::at_least, {"null"}, ""}, {}},
      {{"e", {"left"}, Relation::at_least, {"blank"}, ""}, {"2 | left >= blank | 0 < 1 | e"}},
      {{"f", {"options", "blank", "null"}, Relation::equal, {"issued"}, ""}, {}},
      {{"g", {"A"}, Relation::at_least, {"B"}, ""}, {"2 | A >= B | 7 < 9 | g"}},
      {{"h", {"A", "A"}, Relation::equal, {"issued"}, ""},
       {"2 | A + A = issued | 14 ≠ 17 | h"}},  // a name twice counts twice
  };
  for (const Row& row : rows) {
    Count count = sound();
    count.checks = {row.identity};
    const auto finding = finding_of(count);
    EXPECT_EQ(defects_of(finding), row.defects) << row.identity.id;
    EXPECT_EQ(whole(finding, "rules", row.identity.id, "units_judged"), 2) << row.identity.id;
  }
}

TEST(Arithmetic, ACheckOfAFieldThatIsNotThereIsAnErrorThatNamesIt) {
  Count count = sound();
  count.checks = {{"papers", {"recieved"}, Relation::equal, {"issued"}, "received = issued"}};
  const auto error = test::error_of(count, ArithmeticRequest{}, Context{});
  EXPECT_EQ(error.code, ErrorCode::profile_invalid);
  EXPECT_THAT(error.message, testing::HasSubstr("papers"));
}

TEST(Arithmetic, AMissingPartIsADefectAndTheSumIsNotJudged) {
  Count count = sound();
  count.blank[0] = missing;
  count.cast[0] = 999;  // would break two rules
  const auto finding = finding_of(count);
  EXPECT_THAT(defects_of(finding),
              ElementsAre("1 | cast <= registered | 999 > 30 | cast-within-registered", "1 | blank |  | missing"));
  EXPECT_EQ(whole(finding, "rules", "parts-equal-cast", "units_judged"), 1);
  EXPECT_EQ(whole(finding, "rules", "parts-equal-cast", "defects"), 0);
  EXPECT_EQ(whole(finding, "rules", "missing", "defects"), 1);
}

TEST(Arithmetic, RulesAreAppliedOnlyWhereTheirColumnsAreReported) {
  const auto rules_of = [](const Count& count) {
    std::vector<std::string> out;
    const auto finding = finding_of(count);
    for (const auto& row : finding.table("rules")->rows) out.push_back(std::get<std::string>(row[0]));
    return out;
  };
  EXPECT_THAT(rules_of(sound()), ElementsAre("options-equal-valid", "parts-equal-cast", "cast-within-registered",
                                             "no-valid-votes", "missing", "outside-hierarchy", "unusable-row"));
  EXPECT_THAT(rules_of(made_count({"A"}, {{"1", {5}}})), ElementsAre("no-valid-votes", "missing", "unusable-row"));
}

TEST(Arithmetic, WithoutBallotsCastThePartsAreHeldAgainstTheRegister) {
  const auto count = made_count({"A", "B"}, {{.key = "1", .votes = {10, 5}, .registered = {17}, .blank = {3}},
                                             {.key = "2", .votes = {10, 5}, .registered = {18}, .blank = {3}}});
  EXPECT_THAT(defects_of(finding_of(count)),
              ElementsAre("1 | options + blank <= registered | 18 > 17 | cast-within-registered"));
}

TEST(Arithmetic, AUnitWithSeveralDefectsCountsOnceInUnitsAndVotes) {
  Count count = sound();
  count.blank[0] = 9;
  count.registered[0] = 19;
  const auto finding = finding_of(count);
  EXPECT_EQ(value(finding, "defects"), 2);
  EXPECT_EQ(value(finding, "units_defective"), 1);
  EXPECT_EQ(value(finding, "valid_votes_there"), 15);
  EXPECT_EQ(whole(finding, "rules", "parts-equal-cast", "valid_votes_there"), 15);
}

TEST(Arithmetic, EveryDefectIsCountedWhereOnlySomeAreListed) {
  std::vector<test::Row> rows;
  for (int i = 0; i < 20; ++i) rows.push_back({.key = std::to_string(i), .votes = {5}, .registered = {4}});
  const auto finding = finding_of(made_count({"A"}, rows), 7);
  EXPECT_EQ(finding.table("defects")->rows.size(), 7U);
  EXPECT_THAT(finding.table("defects")->title, testing::HasSubstr("7 of 20"));
  EXPECT_EQ(value(finding, "defects"), 20);
}

TEST(Arithmetic, VotesConcernedAreHeldAgainstTheSlack) {
  Count count = sound();  // A 17, B 14
  count.blank[0] = 9;     // the return with 15 valid votes
  const Rule rule = Rule::plurality();
  const auto finding = test::finding_of(count, ArithmeticRequest{.rule = &rule}, Context{});
  ASSERT_TRUE(finding.at_stake);
  EXPECT_EQ(finding.at_stake->votes, 6)
      << "15 + 9 + 2 against 20 ballots: what the defect can hide, not the 15 votes there";
  EXPECT_EQ(finding.at_stake->of_slack, 3);
  EXPECT_TRUE(finding.at_stake->decisive);
}

TEST(Arithmetic, DefectsHideTheirLargestDifferenceAndMissingVotesWhatTheTotalsLeave) {
  struct Row {
    const char* what;
    std::function<void(Count&)> plant;
    double hidden;
  };
  const Row rows[] = {
      {"the same return breaks two rules: the larger difference",
       [](Count& c) {
         c.votes[0] = 13;  // 18 for 15 valid
         c.cast[0] = 25;   // 20 for 25
       },
       5},
      {"two returns", [](Count& c) { c.blank[0] = 4, c.blank[1] = 4; }, 4},
      {"a missing vote: the valid votes leave 5", [](Count& c) { c.votes[2] = missing; }, 5},
      {"without valid votes the ballots leave it",
       [](Count& c) {
         c.valid.clear();
         c.votes[2] = missing;
       },
       5},
      {"a missing field hides no vote", [](Count& c) { c.fields[0].values[0] = missing; }, 0},
      {"no place hides no vote", [](Count& c) { c.unit_place[0] = no_place; }, 0},
      {"a return without votes: its ballots",
       [](Count& c) {
         c.votes[0] = c.votes[2] = c.valid[0] = 0;
         c.cast[0] = 5;
       },
       0},
      {"nothing but registered voters",
       [](Count& c) {
         c.votes[0] = c.votes[2] = 0;
         c.valid.clear();
         c.cast.clear();
         c.blank.clear();
         c.null.clear();
       },
       30},
  };
  for (const Row& row : rows) {
    Count count = sound();
    row.plant(count);
    EXPECT_EQ(value(finding_of(count), "votes_hidden"), row.hidden) << row.what;
  }
}

TEST(Arithmetic, AUnitWithoutAListOfItsOwnIsNoDefectAndIsCountedApart) {
  const auto count =
      made_count({"A", "B"}, {{.key = "1", .votes = {10, 5}, .registered = {30}, .blank = {1}},
                              {.key = "postal", .votes = {40, 70}, .registered = {0}, .blank = {2}},
                              {.key = "abroad", .votes = {3, 2}, .registered = {missing}, .blank = {0}}});
  const auto finding = finding_of(count);
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_THAT(defects_of(finding), IsEmpty());
  EXPECT_EQ(value(finding, "units_without_list"), 2);
  EXPECT_EQ(value(finding, "votes_without_list"), 115);
  EXPECT_EQ(whole(finding, "rules", "no-list-of-its-own", "units_judged"), 2);
  EXPECT_EQ(whole(finding, "rules", "no-list-of-its-own", "defects"), 0);
  EXPECT_EQ(whole(finding, "rules", "cast-within-registered", "units_judged"), 1);
}

TEST(Arithmetic, WhereNoUnitHasAListNoneIsWithoutOne) {
  const auto count = made_count({"A"}, {{.key = "1", .votes = {10}, .registered = {missing}}});
  EXPECT_THAT(defects_of(finding_of(count)), ElementsAre("1 | registered |  | missing"));
}

TEST(Arithmetic, ACellThatCannotBeReadIsADefectWithItsValueAndTheVotesStay) {
  Count count = sound();
  count.registered[0] = missing;
  count.fields[0].values[1] = missing;
  count.unreadable = {{"1", "registered", "3O", "not a whole number", 2},
                      {"2", "issued", "17,5", "not a whole number", 3}};
  const auto finding = finding_of(count);
  EXPECT_THAT(defects_of(finding), ElementsAre("1 | registered | 3O | unreadable", "2 | issued | 17,5 | unreadable"));
  EXPECT_EQ(value(finding, "votes_hidden"), 0);
  EXPECT_EQ(whole(finding, "rules", "unreadable", "defects"), 2);
  EXPECT_EQ(finding.estimate("units_without_list"), nullptr) << "a list that cannot be read is not no list";
}

TEST(Arithmetic, AValidTotalThatCannotBeReadDoesNotTakeTheVotesAlong) {
  Count count = sound();
  count.valid_basis = ValidBasis::reported;
  count.valid[0] = missing;
  count.unreadable = {{"1", "valid", "1S", "not a whole number", 2}};
  EXPECT_EQ(tally(count).valid, 15 + 16);
  EXPECT_EQ(count.valid_of(0), 15);
  EXPECT_THAT(valid_of_units(count), ElementsAre(15, 16));
}

TEST(Arithmetic, NeedsUnitsOrRowsKeptAside) {
  Count count = made_count({"A"}, {});
  EXPECT_EQ(test::error_of(count, ArithmeticRequest{}, Context{}).code, ErrorCode::input_insufficient);
  count.rejected.push_back({"f", 2, "c", "v", "r", "[]"});
  EXPECT_EQ(value(finding_of(count), "rows_set_aside"), 1);
}

TEST(Arithmetic, DoesNotDependOnTheOrderOfUnits) {
  for (Seed seed = 0; seed < 30; ++seed) {
    Count count = test::drawn_count(seed, {.units = 20, .options = 3, .most_votes = 3, .places = 4});
    Stream stream(seed, Purpose::bootstrap);
    for (int k = 0; k < 5; ++k) count.registered[stream.below(20)] = 1;
    const auto base = finding_of(count), moved = finding_of(test::with_units_in(count, test::drawn_order(20, seed)));
    for (const auto& estimate : base.estimates)
      EXPECT_NEAR(value(moved, estimate.name), estimate.value, 1e-12) << estimate.name << " seed " << seed;
    auto a = defects_of(base), b = defects_of(moved);
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    EXPECT_EQ(a, b) << "seed " << seed;
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Repeated vectors.

TEST(RepeatedVectors, PairsOfOnePlaceAreFoundWithEveryColumn) {
  const auto repeated = [](auto change) {
    Count count = made_count({"A", "B"},
                             {{.key = "1", .votes = {7, 3}, .places = {"X"}, .blank = {1}, .null = {0}},
                              {.key = "2", .votes = {7, 3}, .places = {"X"}, .blank = {1}, .null = {0}},
                              {.key = "3", .votes = {7, 3}, .places = {"X"}, .blank = {1}, .null = {0}},
                              {.key = "4", .votes = {7, 3}, .places = {"Y"}, .blank = {1}, .null = {0}},
                              {.key = "5", .votes = {0, 0}, .places = {"Y"}, .blank = {0}, .null = {0}},
                              {.key = "6", .votes = {0, 0}, .places = {"Y"}, .blank = {0}, .null = {0}}},
                             {"precinct"});
    change(count);
    return value(finding_of(count), "repeated_pairs");
  };
  EXPECT_EQ(repeated([](Count&) {}), 3);  // 1-2, 1-3, 2-3; the empty returns of Y are left out
  EXPECT_EQ(repeated([](Count& c) { c.votes[0] = 8; }), 1);
  EXPECT_EQ(repeated([](Count& c) { c.blank[0] = 2; }), 1);
  EXPECT_EQ(repeated([](Count& c) { std::swap(c.blank[0], c.null[0]); }), 1);
  EXPECT_EQ(repeated([](Count& c) { c.unit_place[0] = c.unit_place[3]; }), 2);  // 2-3, and 1-4
  EXPECT_EQ(repeated([](Count& c) { c.unit_place[0] = no_place; }), 1);
}

TEST(RepeatedVectors, AreListedWithTheirPlace) {
  const Count count = made_count({"A", "B"}, {{"1", {7, 3}, {"X"}}, {"2", {7, 3}, {"X"}}}, {"precinct"});
  const auto finding = finding_of(count);
  const Table* table = finding.table("repeated");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 1U);
  EXPECT_EQ(std::get<std::string>(table->rows[0][0]), "1");
  EXPECT_EQ(std::get<std::string>(table->rows[0][1]), "2");
  EXPECT_EQ(std::get<std::int64_t>(table->rows[0][2]), 10);
  EXPECT_EQ(std::get<std::string>(table->rows[0][3]), "X");
}

TEST(RepeatedVectors, WithoutAHierarchyAreNotSoughtAndThatIsSaid) {
  const auto finding = finding_of(made_count({"A"}, {{"1", {5}}, {"2", {5}}}));
  EXPECT_EQ(finding.estimate("repeated_pairs"), nullptr);
  EXPECT_THAT(finding.conditions, Contains(testing::Field(&Condition::met, false)));
}

// The expected number of equal pairs when the ballots of one place are dealt at random among its units, by dealing them
// in every possible way.
double by_dealing(const std::vector<std::vector<std::int32_t>>& units) {
  std::vector<int> ballots;
  std::vector<std::size_t> totals;
  for (const auto& unit : units) {
    totals.push_back(0);
    for (std::size_t c = 0; c < unit.size(); ++c) {
      totals.back() += static_cast<std::size_t>(unit[c]);
      ballots.insert(ballots.end(), static_cast<std::size_t>(unit[c]), static_cast<int>(c));
    }
  }
  std::sort(ballots.begin(), ballots.end());
  double deals = 0, pairs = 0;
  do {  // every order of the ballots is equally likely
    std::vector<std::vector<int>> dealt(units.size(), std::vector<int>(units[0].size()));
    std::size_t at = 0;
    for (std::size_t u = 0; u < units.size(); ++u)
      for (std::size_t k = 0; k < totals[u]; ++k) ++dealt[u][static_cast<std::size_t>(ballots[at++])];
    ++deals;
    for (std::size_t a = 0; a < units.size(); ++a)
      for (std::size_t b = a + 1; b < units.size(); ++b)
        pairs += totals[a] > 0 && totals[a] == totals[b] && dealt[a] == dealt[b];
  } while (std::next_permutation(ballots.begin(), ballots.end()));
  return pairs / deals;
}

Count one_place(const std::vector<std::vector<std::int32_t>>& units, std::size_t options) {
  std::vector<std::string> names;
  for (std::size_t o = 0; o < options; ++o) names.push_back(std::string(1, static_cast<char>('A' + o)));
  std::vector<test::Row> rows;
  for (std::size_t u = 0; u < units.size(); ++u) {
    test::Row row{.key = std::to_string(u),
                  .votes = {units[u].begin(), units[u].begin() + static_cast<std::ptrdiff_t>(options)},
                  .places = {"P"}};
    if (units[u].size() > options) row.blank = {units[u][options]};
    if (units[u].size() > options + 1) row.null = {units[u][options + 1]};
    rows.push_back(std::move(row));
  }
  return made_count(names, rows, {"precinct"});
}

TEST(RepeatedVectors, ExpectedNumberIsThatOfDealingTheBallotsInEveryWay) {
  struct Row {
    std::vector<std::vector<std::int32_t>> units;
    std::size_t options;  // columns beyond are blank and null
  };
  const Row rows[] = {
      {{{1, 0}, {0, 1}}, 2},  // two units, one vote each: never equal
      {{{1, 0}, {1, 0}}, 2},  // always equal
      {{{2, 1}, {1, 2}}, 2},  // an odd number of votes for each: cannot be split evenly
      {{{2, 2}, {1, 3}}, 2},
      {{{3, 2}, {3, 2}}, 2},
      {{{4, 1, 1}, {2, 2, 2}}, 3},
      {{{2, 1}, {1, 2}, {3, 0}}, 2},  // three units of the same size
      {{{2, 1}, {1, 2}, {3, 1}}, 2},  // one of another size
      {{{1, 1, 0}, {0, 1, 1}, {1, 0, 1}, {2, 1, 0}}, 3},
      {{{2, 1, 1, 0}, {1, 1, 0, 2}}, 2},       // with blank and null
      {{{2, 1, 1}, {2, 0, 2}, {0, 0, 0}}, 2},  // an empty unit takes no part
      {{{5, 0}, {5, 0}, {1, 1}}, 2},
      {{{3}, {3}, {2}}, 1},  // one column only
  };
  for (const Row& row : rows) {
    const double truth = by_dealing(row.units);
    EXPECT_NEAR(value(finding_of(one_place(row.units, row.options)), "repeated_pairs_expected"), truth,
                1e-12 + 1e-10 * truth)
        << testing::PrintToString(row.units);
  }
}

TEST(RepeatedVectors, ExpectedNumberOfRandomPlacesIsThatOfDealing) {
  for (Seed seed = 0; seed < 60; ++seed) {
    Stream stream(seed, Purpose::synthetic_election);
    std::vector<std::vector<std::int32_t>> units(2 + seed % 2, std::vector<std::int32_t>(3));
    const std::uint64_t size = 2 + stream.below(2);
    for (auto& unit : units)
      for (std::uint64_t ballot = 0; ballot < size; ++ballot) ++unit[stream.below(3)];
    const double truth = by_dealing(units);
    EXPECT_NEAR(value(finding_of(one_place(units, 3)), "repeated_pairs_expected"), truth, 1e-12 + 1e-10 * truth)
        << "seed " << seed << " " << testing::PrintToString(units);
  }
}

TEST(RepeatedVectors, ExpectedNumbersOfPlacesAddUp) {
  const auto a = one_place({{3, 2}, {3, 2}}, 2), b = one_place({{4, 1}, {2, 3}}, 2);
  Count both =
      made_count({"A", "B"}, {{"1", {3, 2}, {"P"}}, {"2", {4, 1}, {"Q"}}, {"3", {3, 2}, {"P"}}, {"4", {2, 3}, {"Q"}}},
                 {"precinct"});
  EXPECT_NEAR(value(finding_of(both), "repeated_pairs_expected"),
              value(finding_of(a), "repeated_pairs_expected") + value(finding_of(b), "repeated_pairs_expected"), 1e-12);
}

// Two columns in real sizes: the sum over the first column's votes, term by term.
TEST(RepeatedVectors, ExpectedNumberHoldsInRealSizes) {
  for (const auto& [first, second, others] : {std::tuple{150, 60, 1},
                                              {7, 200, 9},
                                              {90, 90, 300},
                                              {50'000, 49'000, 1},
                                              {99'999, 1, 0},
                                              {40'000, 20'000, 500},
                                              {90'000, 9'000, 30}}) {
    std::vector<std::vector<std::int32_t>> units(2, {first, second});
    for (int i = 0; i < others; ++i)
      if (first / 2 + i + second / 3 + 1 != first + second)
        units.push_back({first / 2 + i, second / 3 + 1});  // all of other sizes
    const auto log_factorial = [](double n) { return std::lgamma(n + 1); };
    double s0 = 0, s1 = 0;
    for (const auto& unit : units) s0 += unit[0], s1 += unit[1];
    const double total = first + second;
    const auto log_split = [&](double s, double n) {
      return log_factorial(s) - 2 * log_factorial(n) - log_factorial(s - 2 * n);
    };
    double expected = 0;
    for (double n = std::max(0.0, total - std::floor(s1 / 2)); n <= std::min(total, std::floor(s0 / 2)); ++n)
      if (others > 0 || (2 * n == s0 && 2 * (total - n) == s1))
        expected += std::exp(log_split(s0, n) + log_split(s1, total - n) - log_split(s0 + s1, total));
    const auto finding = finding_of(one_place(units, 2));
    EXPECT_NEAR(value(finding, "repeated_pairs_expected"), expected, 1e-6 * expected)
        << first << " " << second << " among " << others;
  }
}

TEST(RepeatedVectors, UnitsTooLargeToCompareAreLeftOutAndThatIsSaid) {
  const auto finding =
      finding_of(one_place({{2'000'000'000, 1'000'000'000}, {2'000'000'000, 1'000'000'000}, {5, 5}, {5, 5}}, 2));
  EXPECT_EQ(value(finding, "repeated_pairs"), 1);
  EXPECT_THAT(finding.conditions,
              Contains(testing::AllOf(testing::Field(&Condition::met, false),
                                      testing::Field(&Condition::text, testing::HasSubstr("2 hold")))));
}

// A planted fault: copied returns stand out against the number expected.
TEST(RepeatedVectors, CopiedReturnsStandOut) {
  std::vector<test::Row> rows;
  Stream stream(8, Purpose::synthetic_election);
  for (int place = 0; place < 50; ++place)
    for (int table = 0; table < 4; ++table) {
      std::vector<std::int32_t> votes(3);
      for (int ballot = 0; ballot < 200; ++ballot) ++votes[std::min<std::uint64_t>(2, stream.below(4))];
      rows.push_back({fmt::format("{}-{}", place, table), votes, {fmt::format("P{}", place)}});
    }
  const auto fair = finding_of(made_count({"A", "B", "C"}, rows, {"precinct"}));
  for (std::size_t place = 0; place < 50; place += 2) rows[4 * place + 1].votes = rows[4 * place].votes;
  const auto copied = finding_of(made_count({"A", "B", "C"}, rows, {"precinct"}));
  EXPECT_LT(std::abs(value(fair, "repeated_pairs") - value(fair, "repeated_pairs_expected")),
            5 * std::sqrt(value(fair, "repeated_pairs_expected")))
      << "seed 8";
  EXPECT_GT(value(copied, "repeated_pairs"), 20 + value(copied, "repeated_pairs_expected")) << "seed 8";
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/checks/collate.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "../../../vote/tests/made_count.hpp"
#include "../../support/tests/figures.hpp"

namespace cotejo {
namespace {

using test::drawn_count;
using test::made_count;
using test::value;
using test::whole;
using testing::Contains;
using testing::ElementsAre;

Finding finding_of(const Count& first, const Count& second, CollateRequest request = {},
                   Context context = {.seed = 5}) {
  request.other = &second;
  return test::finding_of(first, request, context);
}

Count quick() {
  return made_count({"A", "B", "C"},
                    {{.key = "1", .votes = {50, 30, 5}, .places = {"X"}, .registered = {100}, .blank = {1}},
                     {.key = "2", .votes = {40, 30, 5}, .places = {"X"}, .registered = {100}, .blank = {2}},
                     {.key = "3", .votes = {20, 30, missing}, .places = {"Y"}, .registered = {100}, .blank = {3}},
                     {.key = "4", .votes = {10, 30, 5}, .places = {"Y"}, .registered = {100}, .blank = {4}}},
                    {"precinct"}, "made/quick");
}
// Unit 1: A + 5; unit 3: C is filled in, B - 2; unit 4 is not there; unit 5 is new. Other order, other columns.
Count final_count() {
  return made_count({"C", "B", "A"},
                    {{.key = "5", .votes = {1, 1, 1}, .places = {"Y"}, .registered = {100}, .null = {1}},
                     {.key = "3", .votes = {6, 28, 20}, .places = {"Y"}, .registered = {100}, .null = {0}},
                     {.key = "2", .votes = {5, 30, 40}, .places = {"X"}, .registered = {100}, .null = {0}},
                     {.key = "1", .votes = {5, 30, 55}, .places = {"X"}, .registered = {101}, .null = {0}}},
                    {"precinct"}, "made/final");
}

TEST(Collate, EveryFigureComputedByHand) {
  const auto finding = finding_of(quick(), final_count());
  EXPECT_EQ(value(finding, "units_in_both"), 3);
  EXPECT_EQ(value(finding, "units_differing"), 2);
  EXPECT_EQ(value(finding, "units_only_first"), 1);
  EXPECT_EQ(value(finding, "units_only_second"), 1);
  EXPECT_EQ(value(finding, "net_A"), 5);
  EXPECT_EQ(value(finding, "net_B"), -2);
  EXPECT_EQ(value(finding, "net_C"), 6);
  EXPECT_EQ(value(finding, "margin_votes_change"), 7);  // A - B: + 5 in unit 1, + 2 in unit 3
  EXPECT_DOUBLE_EQ(value(finding, "margin_first_points"), 100.0 * (110 - 90) / 210);
  EXPECT_DOUBLE_EQ(value(finding, "margin_second_points"), 100.0 * (115 - 88) / 219);
  EXPECT_EQ(finding.answer, Answer::no);
  const Table* fields = finding.table("fields");
  ASSERT_NE(fields, nullptr);
  std::vector<std::string> names;
  for (const auto& row : fields->rows) names.push_back(std::get<std::string>(row[0]));
  EXPECT_THAT(names, ElementsAre("A", "B", "C", "registered")) << "blank and null are not in both counts";
  EXPECT_EQ(whole(finding, "fields", "A", "units_differing"), 1);
  EXPECT_EQ(whole(finding, "fields", "A", "increases"), 1);
  EXPECT_EQ(whole(finding, "fields", "B", "decreases"), 1);
  EXPECT_EQ(whole(finding, "fields", "B", "net"), -2);
  EXPECT_EQ(whole(finding, "fields", "B", "gross"), 2);
  EXPECT_EQ(whole(finding, "fields", "registered", "net"), 1);
}

TEST(Collate, EveryDifferenceIsListedCellByCell) {
  const auto finding = finding_of(quick(), final_count());
  std::vector<std::string> rows;
  for (const auto& row : finding.table("differences")->rows) {
    const auto number = [](const Cell& cell) {
      return std::holds_alternative<std::monostate>(cell) ? std::string("-")
                                                          : std::to_string(std::get<std::int64_t>(cell));
    };
    rows.push_back(fmt::format("{} {} {} {} {}", std::get<std::string>(row[0]), std::get<std::string>(row[1]),
                               number(row[2]), number(row[3]), number(row[4])));
  }
  EXPECT_THAT(rows, ElementsAre("1 A 50 55 5", "1 registered 100 101 1", "3 B 30 28 -2", "3 C - 6 -"));
  std::vector<std::string> lonely;
  for (const auto& row : finding.table("unmatched")->rows)
    lonely.push_back(fmt::format("{} {} {}", std::get<std::string>(row[0]), std::get<std::string>(row[1]),
                                 std::get<std::int64_t>(row[2])));
  EXPECT_THAT(lonely, ElementsAre("4 made/quick 45", "5 made/final 3"));
}

TEST(Collate, CountsThatAgreeHaveNothingToTest) {
  const auto finding = finding_of(quick(), quick());
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_EQ(value(finding, "units_differing"), 0);
  EXPECT_FALSE(finding.test);
  EXPECT_THAT(finding.conditions, Contains(testing::Field(&Condition::met, false)));
}

TEST(Collate, ASnapshotMayLackUnitsOfWhatItIsASnapshotOf) {
  Count snapshot = test::with_units_in(final_count(), {1, 2});
  snapshot.id = CountId{"made/snapshot"};
  EXPECT_EQ(finding_of(snapshot, final_count()).answer, Answer::no);
  snapshot.snapshot_of = CountId{"made/final"};
  const auto finding = finding_of(snapshot, final_count());
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_EQ(value(finding, "units_only_second"), 2);
  EXPECT_TRUE(finding.table("unmatched")->rows.empty());
}

TEST(Collate, PlacesThatAreNamedDifferentlyAreCountedApart) {
  Count renamed = quick();
  renamed.id = CountId{"made/renamed"};
  renamed.hierarchy = Hierarchy({"precinct"});
  for (UnitIndex u = 0; u < 4; ++u)
    renamed.unit_place[u] = renamed.hierarchy.add(no_place, u < 2 ? "X" : u == 2 ? "Z" : "Y");
  auto finding = finding_of(quick(), renamed);
  EXPECT_EQ(value(finding, "units_place_differs"), 1);
  EXPECT_EQ(value(finding, "units_differing"), 0);
  EXPECT_EQ(finding.answer, Answer::yes);
  renamed.unit_place[0] = no_place;
  EXPECT_EQ(value(finding_of(quick(), renamed), "units_place_differs"), 2);
  Count bare = made_count({"A", "B", "C"}, {{"1", {50, 30, 5}}});
  EXPECT_EQ(finding_of(quick(), bare).estimate("units_place_differs"), nullptr);
}

TEST(Collate, ListsAreCutWhereAskedAndEverythingIsCounted) {
  Count changed = quick();
  changed.id = CountId{"made/changed"};
  for (auto& votes : changed.votes) votes = votes == missing ? 1 : votes + 1;
  const auto finding = finding_of(quick(), changed, {.list_limit = 5});
  EXPECT_EQ(finding.table("differences")->rows.size(), 5U);
  EXPECT_THAT(finding.table("differences")->title, testing::HasSubstr("5 of 12"));
  EXPECT_EQ(value(finding, "net_B"), 4);
}

TEST(Collate, TheNetChangeIsHeldAgainstTheSlackOfTheSecondCount) {
  const Rule rule = Rule::plurality();
  const auto finding = finding_of(quick(), final_count(), {.rule = &rule});
  ASSERT_TRUE(finding.at_stake);
  const double unmatched = value(finding, "votes_only_first") + value(finding, "votes_only_second");
  EXPECT_EQ(finding.at_stake->votes, 7 + unmatched) << "units that only one count has put their votes in question too";
  EXPECT_EQ(unmatched, 48);
  EXPECT_EQ(finding.at_stake->of_slack, 116 - 89);
  EXPECT_TRUE(finding.at_stake->decisive);
}

TEST(Collate, APartIsHeldAgainstTotalsWhereNoUnitIsShared) {
  // The sheets hold 30 more for G than the totals; M would need 25 in the missing ones.
  const Count sheets = made_count({"G", "M"}, {{"1", {50, 10}}, {"2", {60, 15}}}, {}, "made/sheets");
  const Count totals = made_count({"G", "M"}, {{"all", {80, 50}}}, {}, "made/totals");
  const Rule rule = Rule::plurality();
  for (const auto& [first, second] : {std::pair{&sheets, &totals}, std::pair{&totals, &sheets}}) {
    const auto finding = finding_of(*first, *second, {.rule = &rule});
    EXPECT_EQ(finding.answer, Answer::no);
    EXPECT_EQ(value(finding, "impossible_votes"), 30);
    EXPECT_EQ(value(finding, "missing_G"), -30);
    EXPECT_EQ(value(finding, "missing_M"), 25);
    EXPECT_THAT(finding.headline, testing::HasSubstr("for Option G (30)"));
    EXPECT_EQ(finding.inputs.size(), 2U);
  }
}

TEST(Collate, APartThatTheTotalsCanHoldContradictsNothing) {
  const Count sheets = made_count({"G", "M"}, {{"1", {50, 10}}, {"2", {60, 15}}});
  const Count totals = made_count({"G", "M"}, {{"all", {110, 90}}});
  const auto finding = finding_of(sheets, totals);
  EXPECT_EQ(finding.answer, Answer::undetermined);
  EXPECT_EQ(value(finding, "impossible_votes"), 0);
  EXPECT_EQ(value(finding, "missing_M"), 65);
}

TEST(Collate, NeedsASecondCountWithCommonUnitsAndOptions) {
  const Count count = quick();
  EXPECT_EQ(test::error_of(count, CollateRequest{}, Context{}).code, ErrorCode::input_insufficient);
  const Count other_options = made_count({"SI", "NO"}, {{"1", {1, 2}}});
  EXPECT_EQ(test::error_of(count, CollateRequest{.other = &other_options}, Context{}).code,
            ErrorCode::input_insufficient);
  const Count other_units = made_count({"A", "B"}, {{"mesa 1", {1, 2}}, {"mesa 2", {1, 2}}});
  EXPECT_EQ(test::error_of(count, CollateRequest{.other = &other_units}, Context{}).code,
            ErrorCode::input_insufficient);
}

TEST(Collate, ASingleCommonOptionIsEnough) {
  const auto finding = finding_of(quick(), made_count({"A", "Z"}, {{"1", {51, 3}}, {"2", {40, 3}}}));
  EXPECT_EQ(value(finding, "net_A"), 1);
  EXPECT_EQ(value(finding, "margin_votes_change"), 1);
  EXPECT_EQ(finding.estimate("net_B"), nullptr);
}

// Two counts that differ by these changes of A's votes, one a unit; A leads by far.
std::pair<Count, Count> with_changes(const std::vector<std::int32_t>& changes) {
  std::vector<test::Row> before, after;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    before.push_back({std::to_string(i), {1000, 500}});
    after.push_back({std::to_string(i), {1000 + changes[i], 500}});
  }
  return {made_count({"A", "B"}, before, {}, "made/before"), made_count({"A", "B"}, after, {}, "made/after")};
}

double by_every_sign(const std::vector<std::int32_t>& changes) {
  std::int64_t net = 0;
  for (const auto change : changes) net += change;
  std::uint64_t as_far = 0;
  for (std::uint64_t pattern = 0; pattern < 1ULL << changes.size(); ++pattern) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < changes.size(); ++i) sum += pattern >> i & 1 ? changes[i] : -changes[i];
    as_far += std::abs(sum) >= std::abs(net);
  }
  return static_cast<double>(as_far) / static_cast<double>(1ULL << changes.size());
}

TEST(CollateTest, PermutationPIsThatOfEverySignPatternWithinMonteCarloError) {
  constexpr std::int64_t replicates = 40'000;
  const std::vector<std::vector<std::int32_t>> cases = {{3},
                                                        {1, 1},
                                                        {1, -1},
                                                        {5, 1, 1, -2},
                                                        {1, 2, 3, 4, 5, 6},
                                                        {10, -3, 4, -1, 2, 2, -7, 1},
                                                        {1, 1, 1, 1, 1, 1, 1, -1, 1, 1},
                                                        {100, 1, 1, -1, -1, -1, -1, 1, 1, 1, -1, 2}};
  for (const auto& changes : cases) {
    const auto [before, after] = with_changes(changes);
    const auto finding = finding_of(before, after, {.replicates = replicates}, {.seed = 21});
    ASSERT_TRUE(finding.test);
    const double exact = by_every_sign(changes);
    // 4.9 standard errors: a false alarm in a million for each of the eight cases; the one added to both parts of p
    // comes on top.
    const double tolerance = 4.9 * std::sqrt(exact * (1 - exact) / replicates) + 1.0 / replicates;
    EXPECT_NEAR(finding.test->p_value, exact, tolerance) << testing::PrintToString(changes) << " seed 21";
    EXPECT_EQ(finding.test->kind, TestKind::calibrated);
    EXPECT_EQ(finding.test->replicates, replicates);
  }
}

TEST(CollateTest, SignTestIsExact) {
  const auto [before, after] = with_changes({9, 1, 1, 2, -1, 3});
  const auto finding = finding_of(before, after);
  EXPECT_DOUBLE_EQ(test::number(finding, "tests", "sign", "p_value"), 14.0 / 64);  // 5 of 6: 2 (1 + 6) / 2^6
}

TEST(CollateTest, OverManyEqualChangesThePermutationSaysWhatTheSignTestSays) {
  // 150 changes of one vote, 87 to the leader: both tests ask for the same number of signs.
  constexpr std::int64_t replicates = 40'000;
  std::vector<std::int32_t> changes(150, -1);
  std::fill_n(changes.begin(), 87, 1);
  const auto [before, after] = with_changes(changes);
  const auto finding = finding_of(before, after, {.replicates = replicates}, {.seed = 22});
  const double exact = test::number(finding, "tests", "sign", "p_value");
  EXPECT_NEAR(finding.test->p_value, exact, 4.9 * std::sqrt(exact * (1 - exact) / replicates) + 1.0 / replicates)
      << "seed 22";
}

TEST(CollateTest, APIsNeverZeroAndAtMostOne) {
  const auto [before, after] = with_changes(std::vector<std::int32_t>(60, 1));
  EXPECT_DOUBLE_EQ(finding_of(before, after, {.replicates = 999}).test->p_value, .001);
  const auto [level_before, level_after] = with_changes({4, -4});
  EXPECT_DOUBLE_EQ(finding_of(level_before, level_after).test->p_value, 1);
}

// A count and the same count with slips of the pen in 60 of 400 units; `lean` of them go to the leader.
double p_of_slips(Seed seed, double lean) {
  const Count before =
      drawn_count(seed, {.units = 400, .options = 3, .most_votes = 100, .reports_ballots = false, .first_option = 1.5});
  Count after = before;
  after.id = CountId{"made/after"};
  Stream stream(seed, Purpose::bootstrap);
  for (int slip = 0; slip < 60; ++slip) {
    const auto unit = stream.below(400);
    const auto size = static_cast<std::int32_t>(1 + stream.below(9));
    after.votes[unit] = std::max(0, after.votes[unit] + (stream.uniform() < lean ? size : -size));
  }
  return finding_of(before, after, {.replicates = 399}, {.seed = seed}).test->p_value;
}

TEST(CollateTest, SlipsThatLeanNoWayAreFlaggedAsOftenAsTheLevelSays) {
  // 200 seeds at 5 %: 10 expected. P(Binomial(200, .05) >= 27) = 3e-6, the false-alarm level of this test.
  int flagged = 0;
  for (Seed seed = 0; seed < 200; ++seed) flagged += p_of_slips(seed, .5) <= .05;
  EXPECT_LT(flagged, 27);
  EXPECT_GE(flagged, 1) << "a test that never flags cannot find anything";
}

TEST(CollateTest, SlipsThatLeanToTheLeaderAreCaught) {
  int caught = 0;
  for (Seed seed = 0; seed < 40; ++seed) caught += p_of_slips(seed, .85) <= .01;
  EXPECT_EQ(caught, 40);
}

TEST(Collate, IsTheSameBitForBitOnAnyNumberOfThreads) {
  const Count before = drawn_count(3, {.units = 500, .options = 4, .places = 20});
  Count after = before;
  after.id = CountId{"made/after"};
  Stream stream(3, Purpose::bootstrap);
  for (int i = 0; i < 150; ++i) after.votes[stream.below(after.votes.size())] += 1;
  const auto json = [&](unsigned threads) {
    auto out = to_json(finding_of(before, after, {.replicates = 2000}, {.seed = 9, .threads = threads}));
    out.erase("runtime");
    return out.dump();
  };
  const auto one = json(1);
  for (const unsigned threads : {2U, 3U, 8U}) EXPECT_EQ(json(threads), one) << threads << " threads";
}

TEST(Collate, AnotherSeedGivesAnotherP) {
  const auto [before, after] = with_changes({10, -3, 4, -1, 2, 2, -7, 1});
  EXPECT_NE(finding_of(before, after, {}, {.seed = 1}).test->p_value,
            finding_of(before, after, {}, {.seed = 2}).test->p_value);
}

TEST(Collate, StopsWhenAsked) {
  const auto [before, after] = with_changes({1, 2, 3});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(test::error_of(before, CollateRequest{.other = &after}, Context{.cancel = stop.get_token()}).code,
            ErrorCode::cancelled);
}

TEST(Collate, TurnedRoundEveryNetChangeIsItsOpposite) {
  for (Seed seed = 0; seed < 40; ++seed) {
    const Count first = drawn_count(seed, {.units = 30, .options = 3, .most_votes = 60, .first_option = 3});
    Count second = first;
    second.id = CountId{"made/second"};
    Stream stream(seed, Purpose::bootstrap);
    for (int i = 0; i < 10; ++i) second.votes[stream.below(90)] += static_cast<std::int32_t>(stream.below(4));
    const auto there = finding_of(first, second), back = finding_of(second, first);
    for (const char* name : {"net_A", "net_B", "net_C", "margin_votes_change"})
      EXPECT_EQ(value(there, name), -value(back, name)) << name << " seed " << seed;
    EXPECT_EQ(value(there, "units_differing"), value(back, "units_differing")) << "seed " << seed;
    EXPECT_EQ(value(there, "margin_first_points"), value(back, "margin_second_points")) << "seed " << seed;
  }
}

TEST(Collate, DoesNotDependOnTheOrderOfUnitsOrOptionsOfTheSecondCount) {
  for (Seed seed = 0; seed < 30; ++seed) {
    const Count first = drawn_count(seed, {.units = 20, .options = 3, .most_votes = 60, .first_option = 3});
    Count second = first;
    second.id = CountId{"made/second"};
    Stream stream(seed, Purpose::bootstrap);
    for (int i = 0; i < 6; ++i) second.votes[stream.below(60)] += 1;
    const Count shuffled =
        test::with_options_in(test::with_units_in(second, test::drawn_order(20, seed)), test::drawn_order(3, seed));
    const auto a = finding_of(first, second), b = finding_of(first, shuffled);
    EXPECT_EQ(a.table("differences")->rows, b.table("differences")->rows) << "seed " << seed;
    for (const auto& estimate : a.estimates)
      EXPECT_EQ(value(b, estimate.name), estimate.value) << estimate.name << " seed " << seed;
    ASSERT_EQ(a.test.has_value(), b.test.has_value());
    if (a.test) {
      EXPECT_EQ(a.test->p_value, b.test->p_value) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace cotejo

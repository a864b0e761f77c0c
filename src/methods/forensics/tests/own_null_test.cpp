// Tests with a null of their own: repeated returns, tails of shares, swings.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../support/tests/figures.hpp"
#include "../false_alarm_rates.hpp"
#include "../neighbours.hpp"
#include "cotejo/methods/forensics/battery.hpp"
#include "cotejo/methods/forensics/repeated_returns.hpp"
#include "cotejo/methods/forensics/share_tails.hpp"
#include "cotejo/methods/forensics/swing.hpp"
#include "cotejo/sim/synthetic.hpp"
#include "cotejo/vote/tally.hpp"

namespace cotejo {
namespace {

ForensicRequest with_replicates(std::int64_t replicates) {
  ForensicRequest request;
  request.replicates = replicates;
  return request;
}

using test::finding_of;
using test::value;
using ::testing::HasSubstr;

const SyntheticElection& invented() {
  static const SyntheticElection election = [] {
    auto drawn = draw_synthetic({.units = 4000}, {.seed = 1, .threads = 2});
    for (std::uint64_t seed = 2; !drawn; ++seed) drawn = draw_synthetic({.units = 4000}, {.seed = seed, .threads = 2});
    return *std::move(drawn);
  }();
  return election;
}

// One option's votes become another's, in the unit.
void move_votes(Count& count, std::size_t from, std::size_t to, UnitIndex unit, double share) {
  const std::size_t n = count.units();
  const auto moved = static_cast<std::int32_t>(share * count.vote(from, unit));
  count.votes[from * n + unit] -= moved;
  count.votes[to * n + unit] += moved;
}

// The same votes as another unit of the same place, in every column.
void copy_return(Count& count, UnitIndex from, UnitIndex to) {
  const std::size_t n = count.units();
  for (std::size_t o = 0; o < count.options(); ++o) count.votes[o * n + to] = count.votes[o * n + from];
  for (Column* column : {&count.registered, &count.cast, &count.valid, &count.blank, &count.null})
    if (!column->empty()) (*column)[to] = (*column)[from];
}

TEST(RepeatedReturns, FindsCopiesWithinAPlaceAndNamesThem) {
  const Count& fair = invented().official;
  const auto none = finding_of(fair, RepeatedReturnsRequest{with_replicates(999)}, Context{.seed = 3});
  EXPECT_EQ(none.answer, Answer::no) << none.headline;
  EXPECT_LT(value(none, "expected_pairs"), 1);
  Count copied = fair;
  int copies = 0;
  for (UnitIndex u = 1; u < copied.units() && copies < 5; u += 50)
    if (copied.unit_place[u] == copied.unit_place[u - 1]) {
      copy_return(copied, u - 1, u);
      ++copies;
    }
  copied.sha256 = copied.content_hash();
  const auto found = finding_of(copied, RepeatedReturnsRequest{with_replicates(999)}, Context{.seed = 3});
  EXPECT_EQ(found.answer, Answer::yes);
  EXPECT_GE(value(found, "repeated_pairs"), 5);
  EXPECT_LE(found.test->p_value, .001);
  EXPECT_THAT(found.headline, HasSubstr("at most 0.001")) << "no dealing had as many: the floor is a bound";
  EXPECT_GE(found.table("repeated")->rows.size(), 5u);
}

TEST(RepeatedReturns, SaysWhichConditionFails) {
  Count alone = invented().official;
  alone.unit_place.clear();
  alone.hierarchy = Hierarchy{};
  const auto finding = finding_of(alone, RepeatedReturnsRequest{with_replicates(99)}, Context{.seed = 3});
  EXPECT_EQ(finding.answer, Answer::undetermined);
  EXPECT_THAT(finding.headline, HasSubstr("no places"));
  // One unit per place.
  Count single = invented().official;
  single.hierarchy = Hierarchy({"place"});
  for (UnitIndex u = 0; u < single.units(); ++u)
    single.unit_place[u] = single.hierarchy.add(no_place, std::to_string(u));
  EXPECT_THAT(finding_of(single, RepeatedReturnsRequest{with_replicates(99)}, Context{.seed = 3}).headline,
              HasSubstr("equal total"));
}

TEST(ShareTails, AreEvenInAFairElectionAndNotWhereVotesWereMoved) {
  const Count& fair = invented().official;
  const auto even = finding_of(fair, ShareTailsRequest{with_replicates(99)}, Context{.seed = 3});
  EXPECT_EQ(even.answer, Answer::no) << even.headline;
  EXPECT_GT(value(even, "compared_units"), 1000);
  Count moved = fair;
  const auto order = ranking(tally(fair));
  for (UnitIndex u = 0; u < moved.units(); u += 100) move_votes(moved, order[1], order[0], u, .6);  // 1 % of the units
  moved.sha256 = moved.content_hash();
  const auto found = finding_of(moved, ShareTailsRequest{with_replicates(99)}, Context{.seed = 3});
  EXPECT_EQ(found.answer, Answer::yes) << found.headline;
  EXPECT_GT(value(found, "units_above"), value(found, "units_below"));
  EXPECT_GT(value(found, "runner_up_below"), value(found, "runner_up_above"));
  EXPECT_GT(value(found, "implicated_votes"), 500);
}

TEST(ShareTails, AreRefusedWhereAPlaceIsATown) {
  Count towns = invented().official;
  std::vector<std::string> names(towns.hierarchy.levels());
  names.back() = "commune";
  Hierarchy renamed(names);
  std::vector<PlaceIndex> to(towns.hierarchy.places().size(), no_place);
  for (PlaceIndex p = 0; p < to.size(); ++p) {
    const Place& place = towns.hierarchy[p];
    to[p] = renamed.add(place.parent == no_place ? no_place : to[place.parent], place.name, place.code);
  }
  for (auto& p : towns.unit_place) p = to[p];
  towns.hierarchy = renamed;
  // Units of one commune at different points.
  for (UnitIndex u = 0; u < towns.units(); ++u) towns.latitude[u] += .01 * (u % 7);
  const auto apart = finding_of(towns, ShareTailsRequest{with_replicates(99)}, Context{.seed = 3});
  EXPECT_EQ(apart.answer, Answer::undetermined);
  EXPECT_THAT(apart.headline, HasSubstr("different points"));
  towns.latitude.clear();
  towns.longitude.clear();
  EXPECT_THAT(finding_of(towns, ShareTailsRequest{with_replicates(99)}, Context{.seed = 3}).headline,
              HasSubstr("nothing says that a commune is one building"));
  EXPECT_EQ(finding_of(towns, ShareTailsRequest{with_replicates(99), "yes"}, Context{.seed = 3}).answer, Answer::no);
}

TEST(Swing, NeedsAnotherElectionAndFindsPlacesLiftedAgainstIt) {
  const SyntheticElection& e = invented();
  const auto without = finding_of(e.official, SwingRequest{with_replicates(99)}, Context{.seed = 3});
  EXPECT_EQ(without.answer, Answer::undetermined);
  EXPECT_THAT(without.headline, HasSubstr("--against"));
  const auto fair = finding_of(e.official, SwingRequest{with_replicates(99), {&e.next}}, Context{.seed = 3});
  EXPECT_EQ(fair.answer, Answer::no) << fair.headline;
  Count lifted = e.official;
  const auto order = ranking(tally(e.official));
  for (UnitIndex u = 0; u < lifted.units(); ++u)
    if (lifted.unit_place[u] % 20 == 0) move_votes(lifted, order[1], order[0], u, .7);
  lifted.sha256 = lifted.content_hash();
  const auto found = finding_of(lifted, SwingRequest{with_replicates(99), {&e.next}}, Context{.seed = 3});
  EXPECT_EQ(found.answer, Answer::yes) << found.headline;
}

TEST(Swing, BothNeighboursInTimeMustAgree) {
  const SyntheticElection& e = invented();
  Count lifted = e.official;
  const auto order = ranking(tally(e.official));
  for (UnitIndex u = 0; u < lifted.units(); ++u)
    if (lifted.unit_place[u] % 20 == 0) move_votes(lifted, order[1], order[0], u, .7);
  lifted.sha256 = lifted.content_hash();
  // An election before that has the same lift: against it nothing swings.
  Count before = lifted;
  before.id = CountId{"before/final"};
  before.date = "1990-01-01";
  const auto both = finding_of(lifted, SwingRequest{with_replicates(99), {&e.next, &before}}, Context{.seed = 3});
  EXPECT_EQ(both.table("neighbours")->rows.size(), 2u);
  EXPECT_EQ(both.answer, Answer::no) << both.headline;
}

// 200 fair elections at 5 %: 10 expected, three standard errors of 3.1; a discrete test may flag fewer.
TEST(OwnNulls, FlagNoMoreFairElectionsThanTheirLevelAndFindWhatWasPlanted) {
  const SyntheticElection& e = invented();
  ForensicRequest request{.replicates = 99};
  auto given = forensic_case(e.official, request);
  ASSERT_TRUE(given);
  const std::vector<const Count*> others{&e.next};
  ASSERT_TRUE(find_neighbours(*given, {.others = others}, Context{.seed = 3}));
  ASSERT_EQ(given->neighbours.size(), 1u);
  const FairModel model(given->electorate, given->observed);
  const auto rate = [&](const PlantSpec* planted, std::int64_t elections, const char* id) {
    const auto rates =
        own_false_alarm_rates(*given, model, Generator::model, planted, elections, nullptr, {.seed = 5, .threads = 2});
    for (std::size_t t = 0; t < forensic_tests().size(); ++t)
      if (std::string_view(forensic_tests()[t].id) == id) return (*rates)[t].at_5_percent;
    return -1.0;
  };
  for (const char* id : {"repeated-returns", "share-tails", "swing"}) EXPECT_LE(rate(nullptr, 200, id), 9.7) << id;
  const PlantSpec copied{.kind = Plant::repeated_returns, .dose = .01, .intensity = 0};
  EXPECT_EQ(rate(&copied, 20, "repeated-returns"), 100);
  const PlantSpec moved{.kind = Plant::moved_votes, .dose = .05, .intensity = .5};
  EXPECT_EQ(rate(&moved, 20, "share-tails"), 100);
}

TEST(OwnNulls, AreOnesOfTheBatteryWithTheirReasonWhereTheyAreRefused) {
  const SyntheticElection& e = invented();
  const auto finding =
      finding_of(e.official, BatteryRequest{with_replicates(99), 100}, Context{.seed = 3, .threads = 2});
  for (const char* id : {"repeated-returns", "share-tails"})
    EXPECT_NE(test::text(finding, "false_alarms", id, "presented_as"), "descriptive") << id;
  EXPECT_EQ(test::text(finding, "false_alarms", "swing", "presented_as"), "descriptive");
  EXPECT_THAT(test::text(finding, "false_alarms", "swing", "why"), HasSubstr("no other election"));
}

// The label is what the same table measured, and the headline counts the two kinds apart.
TEST(OwnNulls, ATestThatFlagsFewerFairElectionsThanItsLevelIsConservativeAndNotCalibrated) {
  const SyntheticElection& e = invented();
  const auto finding =
      finding_of(e.official, BatteryRequest{with_replicates(99), 100}, Context{.seed = 3, .threads = 2});
  const Table& alarms = *finding.table("false_alarms");
  double calibrated = 0, conservative = 0;
  for (const auto& row : alarms.rows) {
    const auto& presented = std::get<std::string>(row[1]);
    if (presented == "descriptive") continue;
    const double rate = std::get<double>(row[2]), low = std::get<double>(row[3]), high = std::get<double>(row[4]);
    EXPECT_LE(low, rate);
    EXPECT_GE(high, rate);
    const auto& id = std::get<std::string>(row[0]);
    EXPECT_EQ(presented, (forensic_test(id).own ? rate : high) < 4 ? "conservative" : "calibrated") << id;
    (presented == "calibrated" ? calibrated : conservative) += 1;
  }
  EXPECT_EQ(value(finding, "tests_calibrated"), calibrated);
  EXPECT_EQ(value(finding, "tests_conservative"), conservative);
}

TEST(FalseAlarmRates, TheBinomialIntervalIsClopperAndPearsons) {
  // 0 of 200: 1 - .025^(1/200); 5 of 200 as R's binom.test gives it.
  EXPECT_NEAR(binomial_interval(0, 200).high, 1.8275, 5e-4);
  EXPECT_EQ(binomial_interval(0, 200).low, 0);
  EXPECT_NEAR(binomial_interval(2.5, 200).low, 0.8167, 5e-4);
  EXPECT_NEAR(binomial_interval(2.5, 200).high, 5.7378, 5e-4);
  EXPECT_TRUE(std::isnan(binomial_interval(NAN, 0).low));
}

}  // namespace
}  // namespace cotejo

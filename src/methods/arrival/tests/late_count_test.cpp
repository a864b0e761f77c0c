#include "cotejo/methods/arrival/late_count.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "../../support/tests/small_count.hpp"
#include "cotejo/methods/arrival/curve.hpp"

namespace cotejo {
namespace {

using test::small_count;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Count final_count() {
  return small_count("x/final", {"town", "precinct"}, {"A", "B"},
                     {{"1", {"T", "P"}, {60, 40}, 120},
                      {"2", {"T", "P"}, {30, 70}, 120},
                      {"3", {"T", "Q"}, {80, 20}, 120},
                      {"4", {"U", "R"}, {90, 10}, 120}});
}
Count snapshot(const std::vector<test::SmallUnit>& units) {
  Count out = small_count("x/quick", {"town", "precinct"}, {"A", "B"}, units);
  out.as_of = "2020-01-01T20:00:00";
  return out;
}
Arrival arrival(ArrivalKind kind, const std::vector<std::tuple<std::string, double, double>>& rows) {
  Arrival out;
  out.id = ArrivalId{"x/arrival"};
  out.kind = kind;
  for (const auto& [unit, from, to] : rows) {
    out.unit_keys.push_back(unit);
    out.from.push_back(from);
    out.to.push_back(to);
  }
  return out;
}

TEST(LateCount, EarlyIsWhatTheSnapshotHolds) {
  const Count count = final_count();
  const Count early = snapshot({{"1", {"T", "P"}, {59, 40}, 120}, {"9", {"T", "P"}, {1, 1}, 120}});
  const auto late = late_count(count, {.others = {&early}});
  ASSERT_TRUE(late) << describe(late.error());
  EXPECT_THAT(late->late, ElementsAre(0, 1, 1, 1));
  EXPECT_EQ(late->leader_id(), "A");
  EXPECT_EQ(late->leader_votes[0], 60);
  EXPECT_EQ(late->snapshot_leader[0], 59) << "the snapshot's own votes are kept beside the count's";
  EXPECT_THAT(late->vanished, ElementsAre("9"));
}

TEST(LateCount, WithoutASnapshotTheCutDecidesAndItsOwnInstantIsEarly) {
  const Count count = final_count();
  const Arrival order = arrival(ArrivalKind::order, {{"1", 1, 1}, {"2", 2, 2}, {"3", 3, 3}});
  const auto late = late_count(count, {.arrivals = {&order}, .cut = "2"});
  ASSERT_TRUE(late) << describe(late.error());
  EXPECT_THAT(late->late, ElementsAre(0, 0, 1, 1)) << "what never arrived is late";
  EXPECT_EQ(late->units_without_arrival, 1);
}

TEST(LateCount, PercentilesAreIntervalsSplitAtTheirMiddle) {
  const Count count = final_count();
  const Arrival percent =
      arrival(ArrivalKind::percentile, {{"1", 0, 20}, {"2", 40, 58}, {"3", 45, 70}, {"4", 80, 100}});
  const auto late = late_count(count, {.arrivals = {&percent}, .cut = "50"});
  ASSERT_TRUE(late) << describe(late.error());
  EXPECT_THAT(late->late, ElementsAre(0, 0, 1, 1));
  EXPECT_EQ(late->intervals_cut, 2);
}

TEST(LateCount, TheCutThatTellsTheSnapshotBestIsFoundWhereItHasNoInstant) {
  const Count count = final_count();
  Count early = snapshot({{"1", {"T", "P"}, {60, 40}, 120}, {"3", {"T", "Q"}, {80, 20}, 120}});
  early.as_of = "";
  const Arrival order = arrival(ArrivalKind::order, {{"3", 1, 1}, {"1", 2, 2}, {"2", 3, 3}, {"4", 4, 4}});
  const auto late = late_count(count, {.others = {&early}, .arrivals = {&order}});
  ASSERT_TRUE(late) << describe(late.error());
  EXPECT_TRUE(late->cut_was_found);
  EXPECT_EQ(late->cut, 2);
}

// The published error: times sorted as text on a 12-hour clock.
TEST(LateCount, AnOrderThatIsTheTextOrderOfTheTimesIsRefused) {
  std::vector<test::SmallUnit> units;
  std::vector<std::tuple<std::string, double, double>> times, text_order, true_order;
  std::vector<std::pair<std::string, std::string>> as_text;
  for (int i = 0; i < 200; ++i) {
    const std::string key = std::to_string(i);
    units.push_back({key, {"T", "P"}, {50 + i % 7, 40}, 120});
    const int second = 6 * 3600 + i * 300, hour = second / 3600;
    times.emplace_back(key, 86400.0 * 18000 + second, 86400.0 * 18000 + second);
    true_order.emplace_back(key, i, i);
    char text[32];
    std::snprintf(text, sizeof text, "%02d:%02d %s", hour % 12 == 0 ? 12 : hour % 12, second / 60 % 60,
                  hour < 12 ? "a.m." : "p.m.");
    as_text.emplace_back(text, key);
  }
  std::sort(as_text.begin(), as_text.end());
  for (std::size_t i = 0; i < as_text.size(); ++i)
    text_order.emplace_back(as_text[i].second, static_cast<double>(i), static_cast<double>(i));
  const Count count = small_count("x/final", {"town", "precinct"}, {"A", "B"}, units);
  const Arrival clock = arrival(ArrivalKind::time, times), wrong = arrival(ArrivalKind::order, text_order),
                right = arrival(ArrivalKind::order, true_order);
  EXPECT_TRUE(late_count(count, {.arrivals = {&right, &clock}, .cut = "100"}));
  const auto refused = late_count(count, {.arrivals = {&wrong, &clock}, .cut = "100"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::input_insufficient);
  EXPECT_THAT(refused.error().remedy, HasSubstr("sorted as text"));
}

TEST(LateCount, NeedsTwoSides) {
  const Count count = final_count();
  EXPECT_FALSE(late_count(count, {}));
  EXPECT_FALSE(late_count(count, {.others = {&count}}));
  const Arrival order = arrival(ArrivalKind::order, {{"1", 1, 1}});
  EXPECT_EQ(late_count(count, {.arrivals = {&order}, .cut = "noon"}).error().code, ErrorCode::option_invalid);
  const Arrival other = arrival(ArrivalKind::order, {{"x", 1, 1}});
  EXPECT_FALSE(late_count(count, {.arrivals = {&other}, .cut = "1"}));
}

// A count per precinct, and a snapshot of some of its tables: what is left of each precinct is late.
TEST(LateCount, PartsOfUnitsBecomeUnitsAndWhatIsLeftIsLate) {
  Count count = small_count("x/final", {"town", "precinct"}, {"A", "B"},
                            {{"p1", {"T", "P"}, {100, 60}, 300, missing, "c1"},
                             {"p2", {"T", "Q"}, {50, 50}, 150, missing, "c2"},
                             {"p3", {"T", "R"}, {10, 10}, 50, missing, "c3"},
                             {"p4", {"T", "S"}, {70, 20}, 100, missing, "c4"}});
  const Count early = snapshot({{"t1", {"T", "P"}, {40, 30}, 100, missing, "c1"},
                                {"t2", {"T", "P"}, {20, 20}, 100, missing, "c1"},
                                {"t3", {"T", "Q"}, {50, 50}, 150, missing, "c2"},
                                {"t4", {"T", "R"}, {11, 5}, 30, missing, "c3"}});
  const auto late = late_count(count, {.others = {&early}});
  ASSERT_TRUE(late) << describe(late.error());
  ASSERT_TRUE(late->parts);
  EXPECT_THAT(late->late, ElementsAre(0, 0, 1, 0, 1));
  EXPECT_EQ(late->leader_votes, (std::vector<std::int64_t>{40, 20, 40, 50, 70}));
  EXPECT_EQ(late->registered, (std::vector<std::int64_t>{100, 100, 100, 150, 100}));
  EXPECT_THAT(late->left_out, ElementsAre("p3")) << "more votes early than in the end";
  EXPECT_EQ(late->place.back()[0], late->place.back()[2]) << "parts of one unit share its place";
}

}  // namespace
}  // namespace cotejo

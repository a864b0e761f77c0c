#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cotejo/methods/arrival/curve.hpp"
#include "cotejo/methods/arrival/discontinuity.hpp"
#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/arrival/projection.hpp"
#include "cotejo/methods/arrival/rivals.hpp"
#include "cotejo/methods/arrival/shift.hpp"
#include "late_counts.hpp"

namespace cotejo {
namespace {

using test::made;
using test::Made;
using test::small_count;

TEST(ArrivalMethods, GiveTheSameBitsOnOneThreadAndOnSeveral) {
  const Made m = made(2, 9, 60);
  const auto run_all = [&](unsigned threads) {
    const Context context{.seed = 4, .threads = threads};
    std::vector<std::string> out;
    const ArrivalRequest shared{.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"};
    for (auto finding :
         {run(m.count, CurveRequest{shared}, context), run(m.count, ProjectionRequest{shared, 200, 40}, context),
          run(m.count, ShiftRequest{shared}, context), run(m.count, EarlyLateRequest{shared, 99}, context),
          run(m.count, DiscontinuityRequest{shared, {}, {}, 60}, context)}) {
      EXPECT_TRUE(finding) << describe(finding.error());
      finding->runtime = {};
      out.push_back(to_json(*finding).dump());
    }
    return out;
  };
  EXPECT_EQ(run_all(1), run_all(3));
}

// ---------------------------------------------------------------------------------------------------------------------
// Bad input: every method names the condition that fails, and none answers.

struct Bad {
  const char* name;
  Count count, snapshot;
  Arrival arrival;
};

Arrival order_of(const Count& count) {
  Arrival out;
  out.id = ArrivalId{"x/order"};
  out.kind = ArrivalKind::order;
  for (UnitIndex u = 0; u < count.units(); ++u) {
    out.unit_keys.push_back(count.unit_keys[u]);
    out.from.push_back(u + 1.);
    out.to.push_back(u + 1.);
  }
  return out;
}

Bad bad(const char* name, const std::vector<std::string>& options, const std::vector<test::SmallUnit>& units,
        std::size_t early) {
  Bad out{name,
          small_count("x/final", {"town", "precinct"}, options, units),
          small_count("x/quick", {"town", "precinct"}, options,
                      {units.begin(), units.begin() + static_cast<std::ptrdiff_t>(early)}),
          {}};
  out.arrival = order_of(out.count);
  return out;
}

std::vector<Bad> bad_inputs() {
  std::vector<test::SmallUnit> one_each, few;
  for (int i = 0; i < 200; ++i)
    one_each.push_back(
        {std::to_string(i), {"T" + std::to_string(i / 20), "P" + std::to_string(i)}, {60 + i % 20, 40}, 120});
  std::vector<test::SmallUnit> two{{"1", {"T", "P"}, {60, 40}, 120}, {"2", {"T", "P"}, {50, 50}, 120}};
  std::vector<test::SmallUnit> one_option;
  for (int i = 0; i < 40; ++i) one_option.push_back({std::to_string(i), {"T", "P" + std::to_string(i / 8)}, {60}, 120});
  return {bad("one unit per place", {"A", "B"}, one_each, 150), bad("all units early", {"A", "B"}, one_each, 200),
          bad("one option", {"A"}, one_option, 30), bad("two units", {"A", "B"}, two, 1)};
}

template <class Request>
void expect_no_claim(const Bad& b) {
  Request request;
  static_cast<ArrivalRequest&>(request) = {.others = {&b.snapshot}, .arrivals = {&b.arrival}};
  const auto finding = run(b.count, request, {.seed = 1});
  const std::string where = std::string(b.name) + ", " + Request::info().id;
  if (!finding) {
    EXPECT_EQ(finding.error().code, ErrorCode::input_insufficient) << where;
    EXPECT_FALSE(finding.error().message.empty()) << where;
    return;
  }
  EXPECT_FALSE(finding->test) << where;
  EXPECT_NE(finding->answer, Answer::yes) << where;
  EXPECT_NE(finding->answer, Answer::no) << where;
  if (finding->answer != Answer::descriptive) {
    EXPECT_THAT(finding->conditions, testing::Contains(testing::Field(&Condition::met, false))) << where;
  }
}

TEST(ArrivalMethods, OnBadInputEachNamesTheConditionThatFails) {
  for (const Bad& b : bad_inputs()) {
    expect_no_claim<CurveRequest>(b);
    expect_no_claim<ProjectionRequest>(b);
    expect_no_claim<ShiftRequest>(b);
    expect_no_claim<DiscontinuityRequest>(b);
    expect_no_claim<EarlyLateRequest>(b);
    expect_no_claim<RivalsRequest>(b);
  }
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/arrival/curve.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"

namespace cotejo {
namespace {

using test::made;
using test::Made;
using test::value;

TEST(Curve, ItsPartsAddUpToTheChangeOnEveryLevel) {
  const Made m = made(5, 1);
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}}}, {});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  const auto* table = finding->table("decomposition");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->rows.size(), 2U);
  for (const auto& row : table->rows)
    EXPECT_NEAR(std::get<double>(row[1]) + std::get<double>(row[2]) + std::get<double>(row[3]),
                value(*finding, "change_points"), 1e-9);
}

TEST(Curve, NeededMarginBringsTheBindingClauseToZero) {
  Made m = made(0, 2);
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}, .rule = &rule}}, {});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  const auto* needed = finding->estimate("margin_needed_points");
  const auto* share = finding->estimate("leader_share_needed_percent");
  ASSERT_TRUE(needed || share);
  // Two options: 50 % for the leader is a margin of 0.
  double early_lead = 0, early_valid = 0, valid = 0;
  for (UnitIndex u = 0; u < m.snapshot.units(); ++u) {
    early_lead += m.snapshot.vote(0, u) - m.snapshot.vote(1, u);
    early_valid += 200;
  }
  valid = 200.0 * static_cast<double>(m.count.units());
  const double sign = tally(m.count).options[0] >= tally(m.count).options[1] ? 1 : -1;
  const double late_valid = valid - early_valid;
  if (share)
    EXPECT_NEAR(share->value, 100 * (valid / 2 - (early_valid + sign * early_lead) / 2) / late_valid, 1e-9);
  else
    EXPECT_NEAR(needed->value, 100 * (0.1 * valid - sign * early_lead) / late_valid, 1e-9);
}

TEST(Curve, EveryComponentHasAnErrorThatHoldsTheTruthOfAFairCount) {
  const Made m = made(0, 21);
  const auto finding = run(m.count, CurveRequest{{.others = {&m.snapshot}}}, {.seed = 3});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  for (const char* name : {"composition_points", "within_points", "without_early_points", "within_votes"}) {
    const Estimate* e = finding->estimate(name);
    ASSERT_TRUE(e && e->low && e->high) << name;
    if (std::abs(e->value) < 1e-9) continue;  // every place has the same share of late units: no composition at all
    EXPECT_LT(*e->low, e->value) << name;
    EXPECT_GT(*e->high, e->value) << name;
  }
  // Nothing was planted within places.
  EXPECT_LT(*finding->estimate("within_points")->low, 0.5);
  EXPECT_GT(*finding->estimate("within_points")->high, -0.5);
  EXPECT_GT(std::get<double>(test::cell(*finding, "decomposition", "precinct", "within_error")), 0);
}

}  // namespace
}  // namespace cotejo

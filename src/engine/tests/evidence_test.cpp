#include "cotejo/engine/evidence.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace cotejo {
namespace {

Finding with_p(std::string id, double p) {
  Finding finding;
  finding.id = std::move(id);
  finding.test = cotejo::Test{.p_value = p, .kind = TestKind::calibrated, .null = "n", .replicates = 999};
  return finding;
}

TEST(Evidence, TheSixPValuesOfVersion01AreAtLeast156Corrected) {
  // Bolivia 2019 (docs/published-figures.md, review): .026, .028, .0500, .069, .187, .274: smallest corrected .156.
  std::vector<Finding> findings;
  for (const double p : {.187, .026, .069, .0500, .274, .028}) findings.push_back(with_p("f" + std::to_string(p), p));
  findings.emplace_back();  // without a test
  findings.back().id = "count";
  const Table table = weigh_evidence(findings);
  ASSERT_EQ(table.rows.size(), 7U);
  const Finding* best = strongest(findings);
  ASSERT_TRUE(best);
  EXPECT_EQ(best->id, findings[1].id);
  EXPECT_NEAR(*best->test->p_adjusted, .156, 1e-12);
  EXPECT_NEAR(*findings[5].test->p_adjusted, .156, 1e-12);  // 5 x .028 = .140, no smaller than the one before it
  const auto p = static_cast<std::size_t>(table.column("p_value")),
             error = static_cast<std::size_t>(table.column("p_error"));
  EXPECT_TRUE(std::holds_alternative<std::monostate>(table.rows[6][p]));
  EXPECT_NEAR(std::get<double>(table.rows[0][error]), std::sqrt(.187 * .813 / 999), 1e-12);
}

TEST(Evidence, AFindingThatCorrectedItsOwnTestsBringsThatAndAFloorIsAtMost) {
  std::vector<Finding> findings{with_p("battery", .001), with_p("other", .5)};
  findings[0].test->p_adjusted = .008;
  const Table table = weigh_evidence(findings);
  EXPECT_NEAR(*findings[0].test->p_adjusted, .016, 1e-12);
  EXPECT_NEAR(*findings[1].test->p_adjusted, .5, 1e-12);
  EXPECT_TRUE(std::get<bool>(table.rows[0][static_cast<std::size_t>(table.column("at_most"))]));
  EXPECT_FALSE(std::get<bool>(table.rows[1][static_cast<std::size_t>(table.column("at_most"))]));
}

TEST(Evidence, WithoutATestThereIsNoStrongestFinding) {
  std::vector<Finding> findings(2);
  weigh_evidence(findings);
  EXPECT_EQ(strongest(findings), nullptr);
}

}  // namespace
}  // namespace cotejo

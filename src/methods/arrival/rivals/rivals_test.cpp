#include "cotejo/methods/arrival/rivals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "../../support/tests/figures.hpp"
#include "../tests/late_counts.hpp"
#include "cotejo/methods/arrival/shift.hpp"

namespace cotejo {
namespace {

using test::made;
using test::Made;
using test::with_arrival;

TEST(Rivals, LaysEveryAnalysisSideBySideWithItsAssumption) {
  const Made m = made(2, 10, 60);
  const auto finding =
      run(m.count, RivalsRequest{{.others = {&m.snapshot}, .arrivals = {&m.arrival}, .cut = "1000"}, {}, {}, 99, 40},
          {.seed = 4});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  const auto* table = finding->table("rivals");
  ASSERT_NE(table, nullptr);
  EXPECT_GE(table->rows.size(), 12U);
  const int assumes = table->column("assumes");
  for (const auto& row : table->rows) EXPECT_FALSE(words_of(row[static_cast<std::size_t>(assumes)]).empty());
}

double p_among_placebo_cuts(const Finding& finding) {
  const Table& table = *finding.table("rivals");
  for (const auto& row : table.rows)
    if (words_of(row[0]) == "votes within places, among placebo cuts")
      return std::get<double>(row[static_cast<std::size_t>(table.column("p_value"))]);
  ADD_FAILURE() << "no such row";
  return 0;
}

TEST(Rivals, TakesWhatTheRunHasComputedAlready) {
  const Made m = made(2, 10, 60);
  KeptFindings kept;
  ArrivalRequest shared = with_arrival(m);
  shared.kept_findings = &kept;
  const Context context{.seed = 4};
  const RivalsRequest rivals{shared, {}, {}, 99, 40};
  const ShiftRequest shift{shared, {}, {}, 99, 99};
  auto computed = compute(m.count, shift, context);
  ASSERT_TRUE(computed);
  ASSERT_TRUE(computed->p());
  ShiftResult marked = *computed;
  marked.placebos->as_large = 2 * static_cast<std::int64_t>(marked.placebos->cuts.size());  // more than there can be
  kept.keep(key_of(m.count, shift, "shift", ShiftRequest::table().values(shift), 4, Looks::at_what_it_uses,
                   ShiftRequest::uses),
            std::make_shared<const ShiftResult>(marked));
  const auto finding = run(m.count, rivals, context);
  ASSERT_TRUE(finding);
  EXPECT_EQ(p_among_placebo_cuts(*finding), *marked.p());
  // Another seed is another result.
  EXPECT_NE(p_among_placebo_cuts(*run(m.count, rivals, {.seed = 5})), *marked.p());
}

// Without an order of arrival two analyses have nothing to say, and the headline ends with one full stop.
TEST(Rivals, NamesTheAnalysesThatCannotBeRun) {
  const Made m = made(2, 10, 60);
  const auto finding = run(m.count, RivalsRequest{{.others = {&m.snapshot}}, {}, {}, 99, 40}, {.seed = 4});
  ASSERT_TRUE(finding) << describe(finding.error());
  test::expect_messages(*finding);
  EXPECT_TRUE(std::any_of(finding->conditions.begin(), finding->conditions.end(), [](const Condition& condition) {
    return !condition.met && condition.text.find("`discontinuity` could be run") == 0;
  }));
  EXPECT_TRUE(finding->headline.ends_with("when nothing is held fixed.")) << finding->headline;
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/arrival/rivals.hpp"

#include <gtest/gtest.h>

#include <string>

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
  const auto* table = finding->table("rivals");
  ASSERT_NE(table, nullptr);
  EXPECT_GE(table->rows.size(), 12U);
  const int assumes = table->column("assumes");
  for (const auto& row : table->rows)
    EXPECT_FALSE(std::get<std::string>(row[static_cast<std::size_t>(assumes)]).empty());
}

TEST(Rivals, TakesWhatTheRunHasComputedAlready) {
  const Made m = made(2, 10, 60);
  KeptFindings kept;
  ArrivalRequest shared = with_arrival(m);
  shared.kept_findings = &kept;
  const Context context{.seed = 4};
  const RivalsRequest rivals{shared, {}, {}, 99, 40};
  ShiftRequest shift{shared, {}, {}, 99, 99};
  auto marked = run(m.count, shift, context);
  ASSERT_TRUE(marked);
  marked->test->p_value = 0.123456;
  kept.keep(key_of(m.count, shift, "shift", ShiftRequest::table().values(shift), 4, Looks::at_what_it_uses,
                   ShiftRequest::uses),
            *marked);
  const auto finding = run(m.count, rivals, context);
  ASSERT_TRUE(finding);
  EXPECT_EQ(std::get<double>(test::cell(*finding, "rivals", "votes within places, among placebo cuts", "p_value")),
            0.123456);
  // Another seed is another result.
  EXPECT_NE(std::get<double>(test::cell(*run(m.count, rivals, {.seed = 5}), "rivals",
                                        "votes within places, among placebo cuts", "p_value")),
            0.123456);
}

}  // namespace
}  // namespace cotejo

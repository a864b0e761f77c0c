// Simulated late counts with a planted shift within precincts: how often the permutation of `shift` and the test of `early-late` raise the
// alarm when there is nothing (the level they state) and when there is (their power). The table in src/methods/arrival/shift/shift.md.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/arrival/shift.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo {
namespace {

// Late units lean to the leader by `points` of margin more: so many of the runner-up's votes become the leader's.
Count with_shift(const SyntheticElection& election, double points, std::uint64_t seed) {
  Count out = election.official;
  const UnitLookup early(election.quick);
  const auto order = ranking(tally(out));
  const std::size_t n = out.units();
  for (UnitIndex u = 0; u < n; ++u) {
    if (early.find(out.unit_keys[u])) continue;
    Stream stream(seed, Purpose::hold_out, 0, u);
    const double wanted = points / 200 * static_cast<double>(out.valid_of(u));
    auto& from = out.votes[order[1] * n + u];
    // Rounded at random, so that the shift is the wanted one on average.
    const auto moved = std::min(from, static_cast<std::int32_t>(std::floor(wanted + stream.uniform())));
    from -= moved;
    out.votes[order[0] * n + u] += moved;
  }
  out.sha256 = out.content_hash();
  return out;
}

TEST(LateCountPower, FalseAlarmsAreAtTheStatedLevelAndPowerIsReported) {
  constexpr int elections = 200;
  constexpr double doses[] = {0, 1, 3};
  int shift_alarms[3][2] = {}, early_late_alarms[3][2] = {};
  double estimate[3] = {}, square[3] = {};
  int drawn = 0;
  for (std::uint64_t i = 0; drawn < elections; ++i) {
    ASSERT_LT(i, 3U * elections);
    const Context context{.seed = 7000 + i, .threads = 2};
    const auto election = draw_synthetic({.units = 12000, .quick_lead_points = 8}, context);
    // Not every country drawn has late places that lean so far; which it is says nothing of what is tested.
    if (!election && election.error().code == ErrorCode::option_invalid) continue;
    ASSERT_TRUE(election) << describe(election.error());
    ++drawn;
    for (int d = 0; d < 3; ++d) {
      const Count count = with_shift(*election, doses[d], i);
      const ArrivalRequest shared{.others = {&election->quick}};
      const auto shift = run(count, ShiftRequest{shared, {}, {}, 499}, context);
      const auto early_late = run(count, EarlyLateRequest{shared, 499}, context);
      ASSERT_TRUE(shift) << describe(shift.error());
      ASSERT_TRUE(early_late) << describe(early_late.error());
      for (int l = 0; l < 2; ++l) {
        shift_alarms[d][l] += shift->estimate("permutation_p")->value <= (l == 0 ? 0.05 : 0.01);
        early_late_alarms[d][l] += early_late->test->p_value <= (l == 0 ? 0.05 : 0.01);
      }
      const double coefficient = shift->estimate("late_precinct_points")->value;
      estimate[d] += coefficient / elections;
      square[d] += coefficient * coefficient / elections;
    }
  }
  fmt::print(
      "| planted shift (points) | `shift` at 5 % | at 1 % | `early-late` at 5 % | at 1 % | coefficient: mean, sd |\n");
  for (int d = 0; d < 3; ++d)
    fmt::print("| {} | {:.1f} % | {:.1f} % | {:.1f} % | {:.1f} % | {:.2f}, {:.2f} |\n", doses[d],
               100.0 * shift_alarms[d][0] / elections, 100.0 * shift_alarms[d][1] / elections,
               100.0 * early_late_alarms[d][0] / elections, 100.0 * early_late_alarms[d][1] / elections, estimate[d],
               std::sqrt(square[d] - estimate[d] * estimate[d]));
  // 3.3 standard errors: this test itself fails once in a thousand when the level is right.
  for (const auto* alarms : {shift_alarms[0], early_late_alarms[0]}) {
    EXPECT_NEAR(alarms[0], 0.05 * elections, 3.3 * std::sqrt(elections * 0.05 * 0.95));
    EXPECT_LE(alarms[1], 0.01 * elections + 3.3 * std::sqrt(elections * 0.01 * 0.99));
  }
  EXPECT_GT(shift_alarms[2][0], shift_alarms[1][0]) << "a larger shift is found more often";
  EXPECT_NEAR(estimate[2] - estimate[0], 3, 0.3) << "the coefficient is the shift that was planted";
}

}  // namespace
}  // namespace cotejo

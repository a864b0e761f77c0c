// How often each test flags fair elections: the measurement behind the battery's first table.
//
// Fair election r (r = 1..R) from a generator is treated as observed: every statistic is taken, its own fair model is
// fitted to it, one fair election is drawn from that model and every statistic taken of it. The p-value of r is its rank
// among the R inner statistics:  p_r = (1 + #{inner >= outer_r}) / (R + 1)
// Planted irregularities are put into the fair elections before they are treated as observed: the rates are then powers.
// (one inner election per outer one, their distributions pooled: Giacomini, Politis & White 2013, Econometric Theory
// 29:567). With `inner` > 1, p_r is the rank among r's own inner elections instead: dearer, and it pools nothing.
#pragma once

#include <optional>
#include <vector>

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/sim/planted.hpp"

namespace cotejo {

struct FalseAlarmRate {
  double at_5_percent = 0, at_1_percent = 0;  // % of the elections; NaN: the statistic cannot be told
  std::int64_t elections = 0;
};

// Exact 95 % interval (Clopper & Pearson 1934) of a rate in percent; NaN where there is none.
struct RateInterval {
  double low = 0, high = 0;
};
RateInterval binomial_interval(double percent, std::int64_t elections);

// Of so many elections, those that tests of depth `places` are measured on: they are descriptive and cost most. A tenth, 100 at least.
std::int64_t elections_of_places(std::int64_t elections);

// One rate per test of forensic_tests(); NaN for those with a null of their own. Nothing when cancelled.
std::optional<std::vector<FalseAlarmRate>> false_alarm_rates(const Electorate& electorate, const FairModel& model,
                                                             Generator generator, const PlantSpec* planted,
                                                             std::int64_t elections, std::int64_t inner, RowStore* kept,
                                                             const Context& context);

// The same for the tests with a null of their own (NaN for the others, and where a test is refused): each fair election has
// the p-value of that null, and nothing is fitted to it. Nothing when cancelled.
std::optional<std::vector<FalseAlarmRate>> own_false_alarm_rates(const ForensicCase& given, const FairModel& model,
                                                                 Generator generator, const PlantSpec* planted,
                                                                 std::int64_t elections, RowStore* kept,
                                                                 const Context& context);

}  // namespace cotejo

// Does the sampler draw from its own posterior (simulation-based calibration), and do its net intervals hold the truth of elections that
// were drawn by other generators? The figures are kept in docs/methods/mixture.md.
#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <map>
#include <vector>

#include "../mixture_controls.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace cotejo::mixture {
namespace {

MixtureData small_shape() {
  MixtureData data;
  constexpr std::uint32_t groups = 3, places = 12, units = 48;
  data.places.levels = 2;
  for (std::uint32_t g = 0; g < groups; ++g) {
    data.places.parent.push_back(NestedPlaces::top);
    data.places.level.push_back(0);
  }
  for (std::uint32_t p = 0; p < places; ++p) {
    data.places.parent.push_back(p % groups);
    data.places.level.push_back(1);
  }
  for (std::uint32_t u = 0; u < units; ++u) {
    data.place.push_back(groups + u % places);
    data.registered.push_back(60 + static_cast<std::int32_t>(u * 37 % 240));
  }
  data.abstained.resize(units);
  data.leader.resize(units);
  data.other.resize(units);
  return data;
}

constexpr std::size_t kept = 99, thin = 6, bins = 20;

// How many of the kept draws lie below the truth, of every quantity; ties broken at random.
std::vector<double> ranks_of(std::size_t replicate) {
  MixtureData data = small_shape();
  const auto truth = draw_from_prior({}, data, 20180418, replicate);
  const ChainPlan plan{
      .chains = 1, .warmup = 60, .iterations = kept * thin, .block = kept * thin, .until_mixed = false};
  const auto fit = fit_mixture(data, {}, plan, {.seed = 20180418 + replicate, .threads = 1});
  Stream ties(20180418, Purpose::inner_election, replicate);
  std::vector<double> out;
  for (std::size_t q = 0; q < truth.size(); ++q) {
    std::uint64_t below = 0, same = 0;
    for (std::size_t t = 0; t < kept; ++t) {
      const double drawn = fit->draws.draws[q][(t + 1) * thin - 1];
      below += drawn < truth[q];
      same += drawn == truth[q];
    }
    out.push_back(static_cast<double>(below + ties.below(same + 1)));
  }
  return out;
}

// It fails at this size (200 draws: every p below .0001; docs/methods/mixture.md), which is why no total is printed below 500 units.
// Talts et al. (2018): the rank of the true value among draws of its posterior is uniform. 500 draws from the prior,
// 99 thinned draws each, 20 bins, chi-square; the level is 1 % over all quantities (Bonferroni).
TEST(MixtureCalibration, RanksOfEveryReportedQuantityAreUniformOver500DrawsFromThePrior) {
  constexpr std::size_t replicates = 500;
  const auto names = quantity_names();
  std::vector<std::vector<double>> rank(replicates);
  ASSERT_TRUE(parallel_for(Context{.threads = 2}, replicates, "", [&](std::size_t r) { rank[r] = ranks_of(r); }));
  const boost::math::chi_squared chi(bins - 1);
  for (std::size_t q = 0; q < names.size(); ++q) {
    std::array<double, bins> number{};
    for (const auto& r : rank) number[static_cast<std::size_t>(r[q]) * bins / (kept + 1)] += 1;
    double statistic = 0;
    const double expected = static_cast<double>(replicates) / bins;
    for (const double x : number) statistic += (x - expected) * (x - expected) / expected;
    const double p = boost::math::cdf(complement(chi, statistic));
    std::printf("%-20s chi-square %.1f, p %.4f\n", names[q].c_str(), statistic, p);
    for (const double x : number) std::printf(" %g", x);
    std::printf("\n");
    EXPECT_GT(p, 0.01 / static_cast<double>(names.size())) << names[q];
  }
}

// Fair elections around a synthetic one by five generators that the model does not know, irregularities planted in them: in how many does
// the net interval hold what was planted? 200 a kind and dose. Outside 86 .. 94 % no total is printed, and that is what a run says.
TEST(MixtureCalibration, NetIntervalsAreMeasuredOnElectionsOfOtherGenerators) {
  SyntheticSpec spec;
  spec.units = 1500;
  spec.objected_units = 6;
  spec.objected_precincts = 3;
  const auto made = draw_synthetic(spec, {.seed = 20191020});
  ASSERT_TRUE(made);
  const auto given = mixture_units(made->official, "cast", "");
  ASSERT_TRUE(given);
  const auto trials = run_trials(*given, {}, {.units = 400, .repeats = 200, .doses = {0, 0.01, 0.05, 0.2}},
                                 {.seed = 20191020, .threads = 2});
  ASSERT_TRUE(trials);
  std::map<std::string, std::array<double, 4>> cells;
  for (const Trial& trial : *trials) {
    auto& cell = cells[std::string(to_text(trial.planted)) +
                       (trial.whole_places ? ", whole places, " : ", scattered, ") + std::to_string(trial.dose)];
    cell[0] += 1;
    cell[1] += trial.held();
    cell[2] += trial.truth();
    cell[3] += trial.net.votes;
  }
  for (const auto& [name, cell] : cells)
    std::printf("%-40s %5.1f %% hold the truth; planted %8.1f, net reading %8.1f on average\n", name.c_str(),
                100 * cell[1] / cell[0], cell[2] / cell[0], cell[3] / cell[0]);
  const Coverage coverage = coverage_of(*trials);
  std::printf("all: %ld of %ld\n", static_cast<long>(coverage.held), static_cast<long>(coverage.trials));
  EXPECT_FALSE(coverage.identified);  // were it so, the page would have to say so
}

}  // namespace
}  // namespace cotejo::mixture

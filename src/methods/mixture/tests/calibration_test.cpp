// Does the sampler draw from its own posterior (simulation-based calibration), and do its intervals hold the truth of
// elections that were not drawn from its prior? The figures are kept in docs/methods/mixture.md.
#include <gtest/gtest.h>

#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <cmath>
#include <vector>

#include "../coherent_model.hpp"
#include "../run_chains.hpp"
#include "cotejo/sim/planted.hpp"
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

// Talts et al. (2018): the rank of the true value among draws of its posterior is uniform. 500 draws from the prior,
// 99 thinned draws each, 20 bins, chi-square; the level is 1 % over all quantities (Bonferroni).
TEST(MixtureCalibration, RanksOfEveryReportedQuantityAreUniformOver500DrawsFromThePrior) {
  constexpr std::size_t replicates = 500, kept = 99, thin = 8, warmup = 200, bins = 20;
  const auto names = coherent_names();
  const Context context{.seed = 6, .threads = 2};
  std::vector<std::vector<double>> rank(replicates);
  ASSERT_TRUE(parallel_for(context, replicates, "", [&](std::size_t r) {
    MixtureData data = small_shape();
    const CoherentPrior prior;
    const CoherentTruth truth = draw_prior(prior, data, 20180418, r);
    const Blocks serial = [](std::size_t n, const std::function<void(std::size_t)>& body) {
      for (std::size_t b = 0; b < n; ++b) body(b);
    };
    const auto chain = coherent_chain(data, prior, 20180418 + r, 0, serial);
    Stream ties(20180418, Purpose::inner_election, r);
    std::vector<double> below(names.size(), 0), same(names.size(), 0);
    for (std::size_t t = 1; t <= warmup; ++t) chain->step(t, true, false);
    for (std::size_t t = 1; t <= kept * thin; ++t) {
      chain->step(warmup + t, false, true);
      if (t % thin != 0) continue;
      const auto drawn = chain->quantities();
      for (std::size_t q = 0; q < names.size(); ++q) {
        below[q] += drawn[q] < truth.quantities[q];
        same[q] += drawn[q] == truth.quantities[q];
      }
    }
    // Equal counts: a rank drawn among them.
    for (std::size_t q = 0; q < names.size(); ++q)
      below[q] += static_cast<double>(ties.below(static_cast<std::uint64_t>(same[q]) + 1));
    rank[r] = below;
  }));
  const boost::math::chi_squared chi(bins - 1);
  const double limit = boost::math::quantile(complement(chi, 0.01 / static_cast<double>(names.size())));
  for (std::size_t q = 0; q < names.size(); ++q) {
    std::array<double, bins> number{};
    for (const auto& r : rank) number[static_cast<std::size_t>(r[q]) * bins / (kept + 1)] += 1;
    double statistic = 0;
    const double expected = static_cast<double>(replicates) / bins;
    for (const double x : number) statistic += (x - expected) * (x - expected) / expected;
    std::printf("%-20s chi-square %.1f of %.1f, p %.3f\n", names[q].c_str(), statistic, limit,
                boost::math::cdf(complement(chi, statistic)));
    for (const double x : number) std::printf(" %g", x);
    std::printf("\n");
    EXPECT_LT(statistic, limit) << names[q];
  }
}

struct Coverage {
  double held = 0, mean_found = 0, mean_truth = 0, runs = 0;
};

// Fair elections drawn around a synthetic one, and a dose of units where non-voters' ballots and others' votes went to the
// leader, each with probability 0.3: the truth is known. How often does the 90 % interval hold it?
Coverage coverage_at(double dose, std::size_t runs) {
  SyntheticSpec spec;
  spec.units = 1000;
  spec.objected_units = 6;
  spec.objected_precincts = 3;
  const Context context{.seed = 20191020, .threads = 2};
  auto made = draw_synthetic(spec, context);
  if (!made) throw std::runtime_error(describe(made.error()));
  auto electorate = electorate_of(made->official);
  if (!electorate) throw std::runtime_error(describe(electorate.error()));
  // Its first 300 units: 800 elections have to be fitted.
  Returns observed = returns_of(made->official, *electorate);
  constexpr std::size_t kept = 300;
  electorate->units.resize(kept);
  electorate->registered.resize(kept);
  electorate->place.resize(kept);
  for (auto* column : {&observed.turnout, &observed.cast, &observed.valid, &observed.leader, &observed.runner_up})
    column->resize(kept);
  const FairModel model(*electorate, observed);
  std::vector<std::array<double, 4>> results(runs);
  const Context alone{.seed = 1, .threads = 1};
  parallel_for(context, runs, "", [&](std::size_t r) {
    Returns drawn = model.draw(Depth::places, 777, Purpose::fair_election, r);
    double truth = 0;
    for (const Plant kind : {Plant::added_ballots, Plant::moved_votes}) {
      const auto planted = plant(*electorate, drawn, {.kind = kind, .dose = dose, .intensity = 0.3}, 778, r);
      for (const auto change : planted->leader_change) truth += change;
      drawn = planted->returns;
    }
    const MixtureData data = data_of(*electorate, drawn, false);
    ChainPlan plan{.chains = 2, .warmup = 100, .iterations = 300, .block = 300, .until_mixed = false};
    const auto draws = run_chains(
        [&](std::uint64_t chain, Blocks blocks) { return coherent_chain(data, {}, 779 + r, chain, std::move(blocks)); },
        coherent_names(), data.size(), plan, alone, nullptr);
    const double low = draws->quantile("votes_in_question", 0.05), high = draws->quantile("votes_in_question", 0.95);
    results[r] = {truth, draws->diagnostic("votes_in_question").mean, low, high};
  });
  Coverage out;
  for (const auto& [truth, mean, low, high] : results) {
    out.held += low <= truth && truth <= high;
    out.mean_found += mean;
    out.mean_truth += truth;
    out.runs += 1;
  }
  std::printf("dose %.3f: %.1f %% of %g intervals hold the truth; found %.1f, true %.1f votes on average\n", dose,
              100 * out.held / out.runs, out.runs, out.mean_found / out.runs, out.mean_truth / out.runs);
  std::fflush(stdout);
  return out;
}

// The figures are measured, not wished for: the finding's text names them where they leave 86 .. 94 %.
TEST(MixtureCalibration, IntervalsAreMeasuredAtFourDoses) {
  for (const double dose : {0.0, 0.005, 0.02, 0.05}) {
    const Coverage c = coverage_at(dose, 200);
    EXPECT_EQ(c.runs, 200);
    if (dose == 0) EXPECT_LT(c.mean_found / c.runs / 72000, 0.01);  // of the registered voters
    else EXPECT_GT(c.mean_found, 0.3 * c.mean_truth);
  }
}

}  // namespace
}  // namespace cotejo::mixture

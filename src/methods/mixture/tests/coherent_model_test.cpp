#include "../coherent_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "../coherent_lanes.hpp"
#include "../run_chains.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

// An election of `n` units in places of six; `dose` of the units manipulated with m = s = `strength`.
MixtureData drawn_election(std::size_t n, double dose, double strength, std::uint64_t replicate) {
  MixtureData data;
  const std::size_t groups = n / 60 + 1, places = n / 6 + 1;
  data.places.levels = 2;
  Stream stream(11, Purpose::synthetic_election, replicate);
  std::vector<double> turnout, share;
  for (std::size_t p = 0; p < groups + places; ++p) {
    const bool lower = p >= groups;
    data.places.parent.push_back(lower ? static_cast<std::uint32_t>((p - groups) % groups) : NestedPlaces::top);
    data.places.level.push_back(lower);
    turnout.push_back((lower ? turnout[(p - groups) % groups] : 1.8) + 0.2 * stream.normal());
    share.push_back((lower ? share[(p - groups) % groups] : 0) + 0.4 * stream.normal());
  }
  for (std::size_t u = 0; u < n; ++u) {
    const std::size_t p = groups + u % places;
    const double tau = logistic(turnout[p] + 0.2 * stream.normal()), nu = logistic(share[p] + 0.15 * stream.normal());
    const bool touched = static_cast<double>(u) < dose * static_cast<double>(n);
    const double m = touched ? strength : 0;
    const double weights[3] = {(1 - tau) * (1 - m), tau * (1 - nu) * (1 - m), tau * nu + tau * (1 - nu) * m + (1 - tau) * m};
    std::int32_t counts[3];
    multinomial_rng(stream, 220, weights, counts);
    data.place.push_back(static_cast<std::uint32_t>(p));
    data.registered.push_back(220);
    data.abstained.push_back(counts[0]);
    data.other.push_back(counts[1]);
    data.leader.push_back(counts[2]);
  }
  return data;
}

ChainFactory factory_of(const MixtureData& data, Seed seed) {
  return [&data, seed](std::uint64_t chain, Blocks blocks) { return coherent_chain(data, {}, seed, chain, std::move(blocks)); };
}

// The formula as written, term by term: the prior density of (a, o) under each class, times a o.
TEST(CoherentModel, ClassDensitiesAreTheFormulaSummedOverTheLattice) {
  const CoherentPrior prior;
  const Lattice lattice = lattice_of(prior);
  const std::vector<double> a = {0.12, 0.02, 0.85, 0.29, 0.5}, o = {0.4, 0.05, 0.1, 0.7, 0.02};
  const std::vector<double> mean_t = {2, 1.5, -1, 0.5, 0.1}, mean_n = {0.2, 1, -0.5, -1, 0};
  const double sd_t = 0.3, sd_n = 0.4;
  ClassDensities got;
  class_densities(lattice, prior.tail, a, o, mean_t, mean_n, sd_t, sd_n, got);
  for (std::size_t u = 0; u < a.size(); ++u) {
    double expected[3] = {0, 0, 0};
    for (int node = 0; node < lattice.nodes(); ++node) {
      const double m = lattice.m(node), s = lattice.s(node);
      const double absent = a[u] / (1 - m), others = o[u] / ((1 - s) * (1 - absent));
      if (absent >= 1 || others >= 1) continue;
      const auto t = [&](double logit, double mean, double sd) {
        return std::pow(1 + std::pow((logit - mean) / sd, 2) / prior.tail, -0.5 * (prior.tail + 1));
      };
      // |d logit tau / d a| |d logit nu / d o|
      const double jacobian = 1 / (absent * (1 - absent) * (1 - m)) / (others * (1 - others) * (1 - s) * (1 - absent));
      const int cls = lattice.class_of(node);
      const double number = cls == 0 ? 1 : cls == 1 ? 49 : 9;
      expected[cls] += t(std::log((1 - absent) / absent), mean_t[u], sd_t) *
                       t(std::log((1 - others) / others), mean_n[u], sd_n) * jacobian / number;
    }
    const double factor = a[u] * o[u];
    EXPECT_NEAR(got.none[u] / (expected[0] * factor), 1, 1e-12) << u;
    for (const auto& [value, wanted] : {std::pair{got.incremental[u], expected[1]}, {got.extreme[u], expected[2]}})
      EXPECT_NEAR(value, wanted * factor, 1e-12 * std::max(1e-300, wanted * factor)) << u;
  }
}

// One group of units with every kind of count, manipulated or not.
struct LaneUnits {
  static constexpr std::size_t count = 5;
  double absent[count] = {30, 0, 12, 200, 3}, leader[count] = {90, 203, 226, 10, 40}, other[count] = {100, 35, 0, 14, 40};
  double m[count] = {0, 0.75, 0.35, 0, 0.05}, s[count] = {0, 0.85, 0.15, 0, 0.65};
  double mean_turnout[count] = {2, 2, 1.5, -1, 3}, mean_share[count] = {-0.2, 1, 2, 0, -1};
  double turnout[count] = {2.1, 1, 1.2, -1.5, 2}, share[count] = {0.1, -0.3, 2.5, -0.3, 0.4};
  UnitLanes lane() {
    return {.count = count,
            .absent = absent,
            .leader = leader,
            .other = other,
            .m = m,
            .s = s,
            .mean_turnout = mean_turnout,
            .mean_share = mean_share,
            .sd_turnout = 0.2,
            .sd_share = 0.3,
            .turnout = turnout,
            .share = share};
  }
  double log_multinomial(std::size_t u, double eta, double zeta, double made, double taken) const {
    const double tau = logistic(eta), nu = logistic(zeta), a = (1 - tau) * (1 - made), o = tau * (1 - nu) * (1 - taken);
    return absent[u] * std::log(a) + other[u] * std::log(o) + leader[u] * std::log(1 - a - o);
  }
};

TEST(CoherentLanes, ClassesGivenLogitsAreTheMultinomialAveragedOverTheNodes) {
  LaneUnits units;
  const Lattice lattice = lattice_of({});
  double incremental[LaneUnits::count], extreme[LaneUnits::count];
  classes_given_logits(units.lane(), lattice, incremental, extreme);
  for (std::size_t u = 0; u < LaneUnits::count; ++u) {
    double expected[2] = {0, 0};
    for (std::size_t c = 0; c < 2; ++c)
      for (const double m : lattice.values[c])
        for (const double s : lattice.values[c])
          expected[c] += std::exp(units.log_multinomial(u, units.turnout[u], units.share[u], m, s) -
                                  units.log_multinomial(u, units.turnout[u], units.share[u], 0, 0)) /
                         static_cast<double>(lattice.values[c].size() * lattice.values[c].size());
    // Cancellation of logarithms near 1,000: relative 1e-10.
    EXPECT_NEAR(incremental[u], expected[0], 1e-10 * expected[0]) << u;
    EXPECT_NEAR(extreme[u], expected[1], 1e-10 * expected[1]) << u;
  }
}

TEST(CoherentLanes, TheStretchIsTheMultinomialAndItsGradientTheDifferences) {
  LaneUnits units;
  const auto at = [&](double x, double y) {
    Stretch sum;
    add_stretch(units.lane(), std::exp(x), std::exp(y), sum);
    return sum;
  };
  const auto expected = [&](double x, double y) {
    double sum = 0;
    for (std::size_t u = 0; u < LaneUnits::count; ++u)
      sum += units.log_multinomial(u, units.mean_turnout[u] + std::exp(x) * (units.turnout[u] - units.mean_turnout[u]),
                                   units.mean_share[u] + std::exp(y) * (units.share[u] - units.mean_share[u]), units.m[u], units.s[u]);
    return sum;
  };
  const Stretch here = at(0.1, -0.2);
  // Constants in m and s alone are left out: differences count.
  EXPECT_NEAR(here.log_likelihood - at(0, 0).log_likelihood, expected(0.1, -0.2) - expected(0, 0), 1e-9);
  const double step = 1e-5;
  EXPECT_NEAR(here.gradient[0], (expected(0.1 + step, -0.2) - expected(0.1 - step, -0.2)) / (2 * step), 1e-4);
  EXPECT_NEAR(here.gradient[1], (expected(0.1, -0.2 + step) - expected(0.1, -0.2 - step)) / (2 * step), 1e-4);
  EXPECT_GT(here.information[0] * here.information[2], here.information[1] * here.information[1]);
}

TEST(CoherentModel, OneThreadEightThreadsAndBlocksGiveTheSameBits) {
  const MixtureData data = drawn_election(1100, 0.05, 0.5, 1);
  const ChainPlan plan{.chains = 2, .warmup = 10, .iterations = 20, .block = 10, .until_mixed = false};
  const auto one = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {.threads = 1}, nullptr);
  const auto eight = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {.threads = 8}, nullptr);
  ASSERT_TRUE(one);
  ASSERT_TRUE(eight);
  EXPECT_EQ(one->draws, eight->draws);
  EXPECT_EQ(one->units.stolen, eight->units.stolen);
}

TEST(CoherentModel, ARunThatGoesOnFromACheckpointGivesTheSameBits) {
  const MixtureData data = drawn_election(240, 0.05, 0.5, 2);
  ChainPlan plan{.chains = 2, .warmup = 20, .iterations = 80, .block = 40, .until_mixed = false};
  plan.identity = "this run";
  const auto whole = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, nullptr);
  std::string kept;
  RunControl first{.out_of_time = [] { return true; },
                   .keep = [&](std::string_view, std::string_view bytes) { kept = bytes; }};
  const auto half = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, &first);
  ASSERT_TRUE(half);
  EXPECT_TRUE(half->out_of_time);
  EXPECT_EQ(half->iterations, 40U);
  RunControl second;
  second.checkpoint = kept;
  const auto rest = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, &second);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->draws, whole->draws);
  EXPECT_EQ(rest->units.manufactured, whole->units.manufactured);

  plan.identity = "another run";
  const auto other = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, &second);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, kept.size() / 2, kept.size() - 1}) {
    second.checkpoint = kept.substr(0, cut);
    plan.identity = "this run";
    EXPECT_FALSE(run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, &second)) << cut;
  }
}

TEST(CoherentModel, PlantedExtremeUnitsAreFoundAndOthersAreNot) {
  const MixtureData data = drawn_election(600, 0.04, 0.85, 3);  // the first 24 units
  const ChainPlan plan{.chains = 2, .warmup = 150, .iterations = 200, .block = 200, .until_mixed = false};
  const auto draws = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {.threads = 2}, nullptr);
  ASSERT_TRUE(draws);
  std::size_t found = 0, wrong = 0;
  for (std::size_t u = 0; u < data.size(); ++u) {
    const bool flagged = draws->units.incremental[u] + draws->units.extreme[u] > 0.5;
    (u < 24 ? found : wrong) += flagged;
  }
  EXPECT_GE(found, 22U);
  EXPECT_LE(wrong, 3U);
  EXPECT_NEAR(draws->diagnostic("pi_extreme").mean, 0.04, 0.02);
}

TEST(CoherentModel, ACleanElectionPutsFewVotesInQuestion) {
  const MixtureData data = drawn_election(600, 0, 0, 4);
  const ChainPlan plan{.chains = 2, .warmup = 150, .iterations = 200, .block = 200, .until_mixed = false};
  const auto draws = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {.threads = 2}, nullptr);
  ASSERT_TRUE(draws);
  EXPECT_LT(draws->diagnostic("votes_in_question").mean, 0.005 * 600 * 220);
}

TEST(DrawsCsv, HasTheColumnsThatPosteriorAndArviZRead) {
  const MixtureData data = drawn_election(60, 0, 0, 5);
  const ChainPlan plan{.chains = 2, .warmup = 10, .iterations = 5, .block = 5, .until_mixed = false};
  const auto draws = run_chains(factory_of(data, 5), coherent_names(), data.size(), plan, {}, nullptr);
  ASSERT_TRUE(draws);
  const std::string csv = draws_csv(*draws);
  EXPECT_TRUE(csv.starts_with(".chain,.iteration,.draw,pi_none,pi_incremental,pi_extreme,manufactured_votes,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 11);
  EXPECT_NE(csv.find("\n2,1,6,"), std::string::npos);
}

}  // namespace
}  // namespace cotejo::mixture

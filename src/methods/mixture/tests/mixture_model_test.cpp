// The model: likelihood of a unit, integration over places, prior; its chains.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "../mixture_fit.hpp"
#include "cotejo/sim/samplers.hpp"

namespace cotejo::mixture {
namespace {

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

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
    const double weights[3] = {(1 - tau) * (1 - m), tau * (1 - nu) * (1 - m),
                               tau * nu + tau * (1 - nu) * m + (1 - tau) * m};
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

ChainPlan plan_of(std::size_t iterations) {
  return {.chains = 2, .warmup = 10, .iterations = iterations, .block = iterations, .until_mixed = false};
}

// The multinomial of one unit integrated over both effects on a fine lattice, times exp(shift).
double brute_force(const UnitModel& model, double absent, double leader, double other, double mean_turnout,
                   double mean_share, double m, double s, double shift) {
  const bool clean = m == 0 && s == 0;
  constexpr int steps = 600;
  constexpr double far = 30;
  const auto density = [&](const UnitSpread& spread, double e) {
    return clean ? std::exp(std::lgamma(0.5 * (spread.df + 1)) - std::lgamma(0.5 * spread.df)) /
                       std::sqrt(spread.df * 3.14159265358979324) *
                       std::pow(1 + e * e / spread.df, -0.5 * (spread.df + 1))
                 : std::exp(-0.5 * e * e) / std::sqrt(2 * 3.14159265358979324);
  };
  double sum = 0;
  for (int i = 0; i < steps; ++i)
    for (int j = 0; j < steps; ++j) {
      const double e = far * (2 * (i + 0.5) / steps - 1), g = far * (2 * (j + 0.5) / steps - 1);
      const double q = logistic(-(mean_turnout + model.turnout.sd * e)),
                   r = logistic(-(mean_share + model.share.sd * g));
      const double a = q * (1 - m), o = (1 - q) * r * (1 - s);
      sum += density(model.turnout, e) * density(model.share, g) *
             std::exp(absent * std::log(a) + other * std::log(o) + leader * std::log(1 - a - o) + shift);
    }
  return sum * (2 * far / steps) * (2 * far / steps);
}

TEST(UnitLikelihood, IsTheMultinomialIntegratedOverBothEffectsOfTheUnit) {
  const UnitModel model = unit_model(0.25, 6, 0.2, 7, 1.2);
  const double mean_turnout = 2, mean_share = -0.1, zero = 0;
  for (const auto& [absent, leader, other] :
       {std::array<double, 3>{20, 90, 100}, {12, 120, 60}, {3, 150, 40}, {0, 130, 90}, {25, 180, 15}}) {
    UnitLikelihood unit;
    unit_likelihood({.count = 1,
                     .absent = &absent,
                     .leader = &leader,
                     .other = &other,
                     .centre_turnout = &mean_turnout,
                     .centre_share = &mean_share,
                     .scale_turnout = &zero,
                     .scale_share = &zero},
                    model, unit);
    const double shift = -(unit.turnout[0][0] + unit.share[0][0]);
    // Student's t as nine normals is off by less than 0.2 % of the likelihood within three standard deviations of the place, by up to 2 %
    // where the turnout lies eight away (3 150 40) or the share twelve (25 180 15), by up to 6 % where nobody stayed away (0 130 90).
    const double far = absent == 0 ? 0.06 : absent == 3 || other == 15 ? 0.02 : 0.002;
    const double clean = brute_force(model, absent, leader, other, mean_turnout, mean_share, 0, 0, shift);
    EXPECT_NEAR(clean, 1, far) << absent << " " << leader << " " << other;
    const auto nodes = node_likelihoods(absent, leader, other, mean_turnout, mean_share, model);
    for (std::size_t kind = 0; kind < kinds; ++kind)
      for (std::size_t j = 0; j < fractions; ++j) {
        const double x = fraction_nodes[j];
        const double expected = brute_force(model, absent, leader, other, mean_turnout, mean_share, kind == 1 ? 0 : x,
                                            kind == 0   ? 0
                                            : kind == 1 ? x
                                                        : model.stolen_of_both[j],
                                            shift);
        // Laplace's error; likelihoods that are nothing beside the clean one's may be off by more. Where 0.85 of the abstentions were cast
        // and three voters stayed away, the thinned binomial is skew: 11 % too low, of units that are manipulated or not all the same.
        EXPECT_NEAR(nodes[kind * fractions + j].ratio, expected, (absent == 3 ? 0.12 : 0.08) * expected + 2e-4)
            << absent << " " << leader << " " << other << " kind " << kind << " x " << x;
      }
  }
}

// Seven digits against sixteen, over 4,096 units of up to 1,000 registered voters, some far from their place: log F is off by less than 2e-4 of any
// unit and by 2e-6 on average (35,000 units: 0.07 of log density), ratios by less than 3e-4 of themselves and of the clean unit.
TEST(UnitLikelihood, NumbersOfSevenDigitsAreWithinAKnownErrorOfSixteen) {
  double sum[2] = {0, 0};
  constexpr std::size_t number = 64;
  Stream stream(5, Purpose::synthetic_election, 0);
  for (const double df : {1.5, 8.0, 40.0}) {
    const UnitModel model = unit_model(0.05, df, 0.2, df, 0.7);
    for (std::size_t block = 0; block < number; ++block) {
      std::array<double, lanes> absent{}, leader{}, other{}, centre[2], scale{};
      for (std::size_t i = 0; i < lanes; ++i) {
        const double far = i % 16 == 0 ? 8 : 1;
        centre[0][i] = 1.5 + 0.5 * stream.normal();
        centre[1][i] = stream.normal();
        scale[i] = 0.1;
        const double q = logistic(-centre[0][i] - 0.2 * far * stream.normal()),
                     r = logistic(-centre[1][i] - 0.2 * far * stream.normal());
        const double split[3] = {q, (1 - q) * r, (1 - q) * (1 - r)};
        std::int32_t counts[3];
        multinomial_rng(stream, 20 + static_cast<std::int64_t>(stream.below(981)), split, counts);
        absent[i] = i == 5 ? 0 : counts[0];
        other[i] = i == 9 ? 0 : counts[1];
        leader[i] = counts[2];
      }
      const UnitLanes in{lanes,        absent.data(), leader.data(), other.data(), centre[0].data(), centre[1].data(),
                         scale.data(), scale.data()};
      UnitLikelihood single, exact;
      unit_likelihood(in, model, single);
      unit_likelihood_in_double(in, model, exact);
      for (std::size_t i = 0; i < lanes; ++i)
        for (std::size_t k = 0; k < axis_points; ++k) {
          ASSERT_NEAR(single.turnout[k][i], exact.turnout[k][i], 2e-4)
              << absent[i] << " " << leader[i] << " " << other[i];
          ASSERT_NEAR(single.share[k][i], exact.share[k][i], 2e-4) << absent[i] << " " << leader[i] << " " << other[i];
          sum[0] += single.turnout[k][i] - exact.turnout[k][i];
          sum[1] += single.share[k][i] - exact.share[k][i];
        }
      for (std::size_t i = 0; i < exact.ratio.size(); ++i)
        ASSERT_NEAR(single.ratio[i], exact.ratio[i], 3e-4F * (1 + exact.ratio[i])) << i;
    }
  }
  const auto compared = static_cast<double>(3 * number * lanes * axis_points);
  EXPECT_LT(std::abs(sum[0]) / compared, 2e-6);
  EXPECT_LT(std::abs(sum[1]) / compared, 2e-6);
}

TEST(PlaceEffects, TheEvidenceOfOnePlaceIsTheIntegralOverItsEffects) {
  // Four units of one place below one group: the grid's nine points against a fine lattice over the place's two effects.
  MixtureData data;
  data.places.levels = 1;
  data.places.parent = {NestedPlaces::top};
  data.places.level = {0};
  for (const auto& [absent, leader, other] :
       {std::array<std::int32_t, 3>{30, 90, 80}, {22, 100, 90}, {41, 85, 70}, {8, 160, 40}}) {
    data.abstained.push_back(absent);
    data.leader.push_back(leader);
    data.other.push_back(other);
    data.registered.push_back(absent + leader + other);
    data.place.push_back(0);
  }
  const MixturePrior prior;
  Parameters x = starting_point(prior, 0);
  MixturePosterior posterior(data, prior, serial_blocks);
  for (int round = 0; round < 6; ++round) posterior.recentre(x);
  const double got = posterior.log_density(x) - log_prior(x, prior);
  const UnitModel model = model_of(x);
  const auto weight = weights_of(x).all();
  const double sd = std::hypot(std::exp(x[at::log_place_sd]), prior.top_sd);
  constexpr int steps = 120;
  double sum = 0;
  for (int i = 0; i < steps; ++i)
    for (int j = 0; j < steps; ++j) {
      const double turnout = 1 + 2 * (i + 0.5) / steps, share = -0.8 + 2 * (j + 0.5) / steps, zero = 0;
      double log_sum = -0.5 * (turnout * turnout + share * share) / (sd * sd);
      for (std::size_t u = 0; u < data.size(); ++u) {
        const double counts[3] = {double(data.abstained[u]), double(data.leader[u]), double(data.other[u])};
        UnitLikelihood unit;
        unit_likelihood({.count = 1,
                         .absent = &counts[0],
                         .leader = &counts[1],
                         .other = &counts[2],
                         .centre_turnout = &turnout,
                         .centre_share = &share,
                         .scale_turnout = &zero,
                         .scale_share = &zero},
                        model, unit);
        double mixed = weight[0];
        for (std::size_t c = 0; c < components; ++c)
          mixed += weight[1 + c] * static_cast<double>(unit.ratio[c * place_points * lanes]);
        log_sum += unit.turnout[0][0] + unit.share[0][0] + std::log(mixed);
      }
      sum += std::exp(log_sum - got) * (2.0 / steps) * (2.0 / steps) / (2 * 3.14159265358979324 * sd * sd);
    }
  EXPECT_NEAR(std::log(sum), 0, 0.02);
}

TEST(MixturePrior, BothPureMechanismsLieInsideTheModel) {
  const UnitModel model = unit_model(0.2, 8, 0.2, 8, 1);
  // 40 ballots of non-voters added for the leader, others' votes as expected: added alone explains it best; and moved alone the other.
  const auto best = [&](double absent, double leader, double other) {
    const auto nodes = node_likelihoods(absent, leader, other, 1, 0, model);
    std::array<double, kinds> most{};
    for (std::size_t kind = 0; kind < kinds; ++kind)
      for (std::size_t j = 0; j < fractions; ++j) most[kind] = std::max(most[kind], nodes[kind * fractions + j].ratio);
    return std::max_element(most.begin(), most.end()) - most.begin();
  };
  EXPECT_EQ(best(27, 200, 146), 0);
  EXPECT_EQ(best(107, 220, 73), 1);
}

TEST(MixtureChain, OneThreadEightThreadsAndBlocksGiveTheSameBits) {
  const MixtureData data = drawn_election(300, 0.05, 0.5, 1);
  ChainPlan plan = plan_of(20);
  plan.block = 10;
  const auto one = fit_mixture(data, {}, plan, {.seed = 5, .threads = 1});
  const auto eight = fit_mixture(data, {}, plan, {.seed = 5, .threads = 8});
  ASSERT_TRUE(one);
  ASSERT_TRUE(eight);
  EXPECT_EQ(one->draws.draws, eight->draws.draws);
  EXPECT_EQ(one->draws.units.stolen, eight->draws.units.stolen);
}

TEST(MixtureChain, ARunThatGoesOnFromACheckpointGivesTheSameBits) {
  const MixtureData data = drawn_election(120, 0.05, 0.5, 2);
  ChainPlan plan = plan_of(20);
  plan.block = 10;
  plan.identity = "this run";
  const Context context{.seed = 5};
  const auto whole = fit_mixture(data, {}, plan, context);
  std::string kept;
  RunControl first{.out_of_time = [] { return true; },
                   .keep = [&](std::string_view, std::string_view bytes) { kept = bytes; }};
  const auto half = fit_mixture(data, {}, plan, context, nullptr, &first);
  ASSERT_TRUE(half);
  EXPECT_TRUE(half->draws.out_of_time);
  EXPECT_EQ(half->draws.iterations, 10U);
  RunControl second;
  second.checkpoint = kept;
  const auto rest = fit_mixture(data, {}, plan, context, nullptr, &second);
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->draws.draws, whole->draws.draws);
  EXPECT_EQ(rest->draws.units.manufactured, whole->draws.units.manufactured);
  plan.identity = "another run";
  const auto other = fit_mixture(data, {}, plan, context, nullptr, &second);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  for (const std::size_t cut : {std::size_t{0}, std::size_t{10}, kept.size() / 2, kept.size() - 1}) {
    second.checkpoint = kept.substr(0, cut);
    plan.identity = "this run";
    EXPECT_FALSE(fit_mixture(data, {}, plan, context, nullptr, &second)) << cut;
  }
}

TEST(MixtureChain, PlantedExtremeUnitsAreFoundAndOthersAreNot) {
  const MixtureData data = drawn_election(600, 0.04, 0.85, 3);  // the first 24 units
  const auto fit = fit_mixture(data, {}, plan_of(100), {.seed = 5, .threads = 2});
  ASSERT_TRUE(fit);
  std::size_t found = 0, wrong = 0;
  for (std::size_t u = 0; u < data.size(); ++u) {
    const bool flagged = fit->draws.units.incremental[u] + fit->draws.units.extreme[u] > 0.5;
    (u < 24 ? found : wrong) += flagged;
  }
  EXPECT_GE(found, 22U);
  EXPECT_LE(wrong, 3U);
  EXPECT_NEAR(fit->draws.diagnostic("pi_extreme").mean, 0.04, 0.02);
}

TEST(MixtureChain, ACleanElectionReadsFewVotes) {
  const MixtureData data = drawn_election(600, 0, 0, 4);
  const auto fit = fit_mixture(data, {}, plan_of(100), {.seed = 5, .threads = 2});
  ASSERT_TRUE(fit);
  EXPECT_LT(fit->draws.diagnostic("votes_in_question").mean, 0.005 * 600 * 220);
}

TEST(DrawsCsv, HasTheColumnsThatPosteriorAndArviZRead) {
  const MixtureData data = drawn_election(60, 0, 0, 5);
  const auto fit = fit_mixture(data, {}, plan_of(5), {});
  ASSERT_TRUE(fit);
  const std::string csv = draws_csv(fit->draws);
  EXPECT_TRUE(csv.starts_with(".chain,.iteration,.draw,pi_none,pi_incremental,pi_extreme,manufactured_votes,"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 11);
  EXPECT_NE(csv.find("\n2,1,6,"), std::string::npos);
}

}  // namespace
}  // namespace cotejo::mixture

#include "cotejo/sim/fair_election.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "cotejo/sim/synthetic.hpp"

namespace cotejo {
namespace {

const Count& official() {
  static const Count count = [] {
    auto drawn = draw_synthetic({.units = 6000, .quick_lead_points = 8}, {.seed = 3, .threads = 2});
    for (std::uint64_t seed = 4; !drawn; ++seed)
      drawn = draw_synthetic({.units = 6000, .quick_lead_points = 8}, {.seed = seed, .threads = 2});
    return drawn->official;
  }();
  return count;
}

double mean_share(const std::vector<std::int32_t>& part, const std::vector<std::int32_t>& of) {
  double a = 0, b = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    a += part[i];
    b += of[i];
  }
  return a / b;
}

TEST(FairElection, KeepsUnitsPlacesAndTotalsAndIsAPossibleReturn) {
  const auto electorate = electorate_of(official());
  ASSERT_TRUE(electorate) << describe(electorate.error());
  EXPECT_EQ(electorate->size(), official().units());
  const Returns observed = returns_of(official(), *electorate);
  const FairModel model(*electorate, observed);
  for (const Depth depth : {Depth::units, Depth::places}) {
    const Returns fair = model.draw(depth, 1, Purpose::fair_election, 0);
    for (std::size_t i = 0; i < fair.size(); ++i) {
      ASSERT_LE(fair.cast[i], electorate->registered[i]);
      ASSERT_LE(fair.valid[i], fair.cast[i]);
      ASSERT_LE(fair.leader[i] + fair.runner_up[i], fair.valid[i]);
      ASSERT_GE(fair.runner_up[i], 0);
    }
    EXPECT_NEAR(mean_share(fair.cast, electorate->registered), mean_share(observed.cast, electorate->registered),
                0.004);
    EXPECT_NEAR(mean_share(fair.leader, fair.valid), mean_share(observed.leader, observed.valid), 0.004);
  }
}

TEST(FairElection, TheModelFindsTheSpreadThatUnitsWereDrawnWith) {
  // The synthetic election draws units around their precinct with 0.15 on the softmax scale; on the logit scale of the
  // leader against all others that is between 0.15 and 0.15 sqrt(2).
  const auto electorate = electorate_of(official());
  ASSERT_TRUE(electorate);
  const FairModel model(*electorate, returns_of(official(), *electorate));
  EXPECT_GT(model.unit_sd(2), 0.13);
  EXPECT_LT(model.unit_sd(2), 0.23);
  const Returns again = model.draw(Depth::places, 5, Purpose::fair_election, 1);
  const FairModel refitted(*electorate, again);
  EXPECT_NEAR(refitted.unit_sd(2), model.unit_sd(2), 0.01) << "what is drawn has the spread that was fitted";
}

TEST(FairElection, ResemblesAFairElectionAndNotOneWithBlocs) {
  const auto electorate = electorate_of(official());
  ASSERT_TRUE(electorate);
  const Returns observed = returns_of(official(), *electorate);
  const FairModel model(*electorate, observed);
  for (const auto& check : fit_of(*electorate, observed, model, Depth::places, 20, {.seed = 2}))
    EXPECT_TRUE(check.resembles()) << check.what << ": " << check.observed;
  const Returns fair = model.draw(Depth::places, 9, Purpose::fair_election, 1);
  for (const auto& check : fit_of(*electorate, fair, model, Depth::places, 39, {.seed = 2})) {
    EXPECT_GT(check.p_value, 0.05) << check.what << ": one of the model's own is no farther than others";
    EXPECT_FALSE(check.at_most);
  }
  // The planted misfit: units of a place in two camps.
  Returns split = observed;
  for (std::size_t i = 0; i < split.size(); i += 2) {
    split.leader[i] = split.valid[i] / 20;
    split.runner_up[i] = std::min(split.runner_up[i], split.valid[i] - split.leader[i]);
  }
  const FairModel of_split(*electorate, observed);
  const auto checks = fit_of(*electorate, split, of_split, Depth::places, 20, {.seed = 2});
  EXPECT_TRUE(std::any_of(checks.begin(), checks.end(), [](const FitCheck& c) { return !c.resembles(); }));
  EXPECT_TRUE(std::any_of(checks.begin(), checks.end(), [](const FitCheck& c) {
    return c.at_most && std::abs(c.p_value - 1 / 21.) < 1e-12;
  })) << "the floor of 20 fair elections";
}

TEST(FairElection, TheSameStreamGivesTheSameElectionAndAnotherReplicateAnother) {
  const auto electorate = electorate_of(official());
  ASSERT_TRUE(electorate);
  const FairModel model(*electorate, returns_of(official(), *electorate));
  EXPECT_EQ(model.draw(Depth::units, 1, Purpose::fair_election, 3).leader,
            model.draw(Depth::units, 1, Purpose::fair_election, 3).leader);
  EXPECT_NE(model.draw(Depth::units, 1, Purpose::fair_election, 3).leader,
            model.draw(Depth::units, 1, Purpose::fair_election, 4).leader);
  for (const Generator generator : all_generators)
    EXPECT_EQ(model.draw_from(generator, 1, 0).leader, model.draw_from(generator, 1, 0).leader) << to_text(generator);
}

TEST(Electorate, RefusesWhatCannotBeDrawnAndLeavesOutImpossibleUnits) {
  Count count = official();
  count.registered[5] = 1;
  const auto electorate = electorate_of(count);
  ASSERT_TRUE(electorate);
  EXPECT_EQ(electorate->left_out, 1);
  Count one = official();
  one.contest.options.resize(1);
  one.votes.resize(one.units());
  EXPECT_EQ(electorate_of(one).error().code, ErrorCode::input_insufficient);
  EXPECT_EQ(electorate_of(Count{}).error().code, ErrorCode::input_insufficient);
  EXPECT_EQ(electorate_of(official(), {{"no-such-field"}}).error().code, ErrorCode::option_invalid);
}

}  // namespace
}  // namespace cotejo

// Can a mixture of clean and manipulated units say how many votes were manipulated, and could they change the outcome?
//
// The model (unit_likelihood.hpp and mixture_prior.hpp write it out): per unit (A, W, O) ~ Multinomial(N; p_A, p_W, p_O),
//   p_A = (1 - tau)(1 - m),  p_O = tau (1 - nu)(1 - s),  p_W the rest;  clean: m = s = 0;
//   manipulated: ballots added (m = x, s = 0), votes moved (m = 0, s = x) or both (m = x, s = x^alpha, alpha estimated), x below 0.7
//   (incremental) or above (extreme); tau, nu logit-normal around nested places, with Student tails whose degrees of freedom are estimated.
// What the model reads is no measure by itself: the same model reads votes where sides are swapped and in fair elections, and misses them where
// places were manipulated as a whole. So every run reads those too (mixture_controls.hpp): the total is net of them, and it is printed only
// where, in trials with planted irregularities by other generators, its interval holds the truth in 86 % or more. Elsewhere the finding
// says "no total can be identified", with the table of the trials, and answers whether the outcome could change by bounds: the most
// votes, by mechanism, that the reading does not exclude.
// Estimates pi_none, pi_incremental, pi_extreme, manufactured_votes, stolen_votes: null (NaN) where no total is identified.
// Shapes: n units; leader and runner-up are the count's. Units: votes; pi 0..1. Missing: such units are left out and counted
// (mixture_data.hpp). Ties of leaders: the first, and a condition says so.
// Errors: input_insufficient, option_invalid (mixture_data.hpp); cancelled; conflict (another run's checkpoint).
// Seed: streams per chain, iteration and unit; the same bits for any number of threads and ranks. Cost: linear in units.
// Does NOT show fraud: units where the leader has more than their place explains are all it sees; nor that there was none.
// Source: the classes are Mebane's (2016), the tied fractions Klimek et al.'s (2012); model and sampler are ours. Verified in
// src/methods/mixture/tests/mixture_model_test.cpp and mixture_test.cpp; calibration: docs/methods/mixture.md.
#pragma once

#include "cotejo/base/context.hpp"
#include "cotejo/base/options.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/method_info.hpp"
#include "cotejo/methods/support/run_control.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

struct MixtureRequest {
  const Rule* rule = nullptr;
  const RunControl* control = nullptr;
  std::int64_t chains = 4;
  std::int64_t iterations = 600;
  std::int64_t warmup = 20;
  std::string ballots = "cast";
  std::string covariates = "";
  double manipulated_percent = 10;
  double level = 0.9;
  std::int64_t fair_elections = 2;
  std::int64_t trials = 1;
  std::int64_t trial_units = 400;
  std::string published = "none";
  std::int64_t list_limit = 200;

  static MethodInfo info();
  static const OptionTable<MixtureRequest>& table();
};

Result<Finding> run(const Count& count, const MixtureRequest& request, const Context& context);

}  // namespace cotejo

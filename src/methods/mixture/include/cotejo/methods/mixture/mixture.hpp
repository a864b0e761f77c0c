// How many votes does a mixture of clean, incrementally and extremely manipulated units put in question?
//
// The model (coherent_model.hpp writes it out): per unit (A, W, O) ~ Multinomial(N; p_A, p_W, p_O),
//   p_A = (1 - tau)(1 - m),  p_O = tau (1 - nu)(1 - s),  p_W the rest;
//   class none: m = s = 0; incremental: m, s in (0, k); extreme: in (k, 1), k = 0.7; pi uniform where none is the largest;
//   tau, nu logit-normal with Student tails around nested place effects and covariates.
// manufactured_votes and stolen_votes are drawn with every iteration: the leader's votes in a unit split into genuine,
// manufactured (non-voters' ballots) and stolen (others' ballots) by a multinomial draw.
// Shapes: n units; leader and runner-up are the count's. Units: votes; pi 0..1. Missing: such units are left out and counted
// (mixture_data.hpp). Ties of leaders: the first, and a condition says so.
// Reported: what has mixed (split R-hat < 1.01, bulk and tail ESS > 400); else the answer is "undetermined" and the
// offenders are named. Beside it: prior sensitivity, the same fit on fair elections of the same shape and with the sides
// swapped, and the published models.
// Errors: input_insufficient, option_invalid (mixture_data.hpp); cancelled; conflict (another run's checkpoint).
// Seed: streams per chain, iteration and unit; the same bits for any number of threads and ranks. Cost: linear in units.
// Does NOT show fraud: units where turnout and the leader's share are both higher than their place explains are all it sees.
// Source: the classes are Mebane's (2016); model and sampler are ours. Verified in
// src/methods/mixture/tests/coherent_model_test.cpp and mixture_test.cpp; calibration: docs/methods/mixture.md.
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
  std::int64_t iterations = 4000;
  std::int64_t warmup = 300;
  std::string ballots = "cast";
  std::string covariates = "";
  std::string tail = "7";
  double skeptic = 0;
  double level = 0.9;
  std::int64_t fair_elections = 2;
  std::int64_t side_iterations = 400;
  bool sensitivity = true;
  std::string published = "none";
  std::int64_t list_limit = 200;

  static MethodInfo info();
  static const OptionTable<MixtureRequest>& table();
};

Result<Finding> run(const Count& count, const MixtureRequest& request, const Context& context);

}  // namespace cotejo

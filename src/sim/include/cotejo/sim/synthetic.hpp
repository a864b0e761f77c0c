// An invented national election, fair and of known truth: official count, quick count, objected list, next election.
//
// For unit u in precinct p, below locality, municipality, province, department and country, and category k (the
// options, blank, null), with lambda(x) = 1 / (1 + exp(-x)):
//   cast_u ~ Bin(registered_u, lambda(a_0 + sum_l s_l z_{l,0} + t_0 e_{u,0}))
//   (votes_u, blank_u, null_u) ~ Mult(cast_u, softmax_k(a_k + b_k r_p + sum_l s_l z_{l,k} + t e_{u,k}))
// z (one per place of level l and category) and e (one per unit and category) are standard normal: shares are
// logistic-normal with nested place effects, and units are overdispersed against the multinomial. r_p is how rural the
// precinct is (minus the log of its locality's units, with noise, standardised; 0 abroad); b_k > 0 for the leader, as
// much < 0 for the runner-up, else 0.
// Intercepts a are solved, not guessed: a_0 by bisection so that the expected turnout, the others by the contraction
//   a_k <- a_k + log(wanted share_k / expected share_k)
// so that the expected shares, given places, units and ballots cast, are the wanted ones. What is drawn differs from
// them by the draws alone (sd of the lead at most about 91 / sqrt(valid) points: 0.04 by default).
//
// Quick count: units arrive in the order of c r_p + noise (of precinct and unit); the first `quick_share` of them are
//   in it. c is solved so that its lead is `quick_lead_points`: later units are more rural and therefore friendlier to
//   the leader; given the precinct, lateness says nothing. In `slip_share` of its units 1 to 9 votes stand under
//   another option, or as blank or null, a slip being as likely as its opposite: nobody gains in expectation.
// Objected list: of the precincts with at least 3 units the `objected_precincts` with the leader's highest shares of
//   valid votes; in each the unit with the highest share, then the next highest among them all, up to `objected_units`
//   (of further precincts where these have too few). Chosen because the share is high, and for no other reason.
// Next election: the same places (0.5 % of the precincts stay closed, 1 % have another name; codes stay), about 2 %
//   more registered voters, place effects correlated 0.93 with the earlier ones, unit effects anew, the first five
//   options, the leader at `next_leader_share`.
//
// Shapes: official: `units` units; options "A" (leader), "B" (runner-up), ...; registered, cast, valid, blank, null,
//   coordinates (degrees, in empty ocean). quick: a subset of its units in the same order. next: its own units. Six
//   levels from country to precinct; precincts have codes. Every return adds up; no cell is missing.
// Errors: option_invalid (out of bounds; shares that leave the third option ahead of the second; a quick lead that no
//   order of arrival by r_p reaches), cancelled.
// Seed: context.seed, streams of Purpose::synthetic_election per part and unit or place; the same bits for any number
//   of threads. Cost: linear in units x options; the default takes 0.2 s, 1,000,000 units x 20 options 7 s and 0.7 GB.
// Does not show: that real fair elections look like this one. Real units differ in ways that no such model has.
// Sources: Aitchison, J., & Shen, S. M. (1980). Logistic-normal distributions. Biometrika 67:261. Berry, S., Levinsohn,
//   J., & Pakes, A. (1995). Automobile prices in market equilibrium. Econometrica 63:841 (the contraction). How like
//   Bolivia 2019 it is: docs/methods/synthetic-election.md.
// Verified in src/sim/tests/synthetic_test.cpp.
#pragma once

#include <cstdint>

#include "cotejo/base/context.hpp"
#include "cotejo/base/options.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

struct SyntheticSpec {
  std::int64_t units = 34555;
  std::int64_t voters_per_unit = 240;
  double abroad_share = 0.044;
  std::int64_t options = 9;
  double turnout = 0.88;
  double leader_share = 0.47;
  double lead_points = 10.6;
  double quick_share = 0.84;
  double quick_lead_points = 8.0;
  double slip_share = 0.015;
  std::int64_t objected_units = 226;
  std::int64_t objected_precincts = 86;
  double next_leader_share = 0.52;
  double place_effect = 1;
  double unit_effect = 0.15;

  static const OptionTable<SyntheticSpec>& table();
};

// Every option within the bounds of the table, and together possible. Errors: option_invalid.
Result<void> validate(const SyntheticSpec& spec);

struct SyntheticElection {
  Count official;      // "demo/official"
  Count quick;         // "demo/quick", a snapshot of it
  Count next;          // "demo-next/final"
  Challenge objected;  // of demo/official
};

Result<SyntheticElection> draw_synthetic(const SyntheticSpec& spec, const Context& context);

}  // namespace cotejo

// Did the same places vote the same way in another election, with other officials?
//
// Places (level `level`, precincts as a rule) of the first count are linked to those of the second (link.hpp). "Before"
// takes every unit of the precincts in which a unit is objected to, "after" every unit of the linked ones. With M votes
// of the option and V valid votes of a precinct, s = M / V and d = 100 (s_after - s_before):
//   leader_share_before_percent = 100 sum M_before / sum V_before over the linked objected precincts, and so after;
//   precincts_same_or_more_share: s_after >= s_before, compared as fractions; ..._votes: M_after >= M_before;
//   difference_in_differences_points = sum_i V_i (d_i - mean of d over the controls of i) / sum_i V_i,  V_i valid votes before.
// Controls of i: linked precincts without any objected unit whose share before is within caliper_points and whose size
// (registered, else valid votes, before) within size_ratio of i's; from the nearest level of the first count that has
// at least min_controls of them (place above, ..., whole count); of more than max_controls the nearest in share before.
// Answer: about that difference, never about the raw "same or more", which has a ceiling near 100 %: no where the interval
// lies below zero, else yes; undetermined where the bound in votes could change the outcome, or nothing is matched.
//   votes above the matched places = -difference sum V_i / 100, its upper end from the lower end of the interval.
// Matching on the share before makes both sides equally subject to regression to the mean; what is left of it is bounded
// by `placebos` lists of places nobody objected to, chosen as the objected ones are (matched_places.hpp): how many of
// their intervals hold zero, and their mean. Where fewer than 90 % do, the bound comes from their spread.
// Leave-one-out: the difference without each place (table influence); matches from the whole count are counted.
// Interval: Bayesian cluster bootstrap (Rubin 1981): every cluster (precinct, or the place on cluster_level) gets a
// weight -log U, objected precincts and controls alike; quantiles of the replicates (type 7 of Hyndman & Fan 1996).
// Shapes: any two counts with a common level (or level "unit": unit keys). Missing cells count as 0. V = 0 in either
// count: the precinct is linked but not compared. Nothing compared: undetermined.
// Errors: input_insufficient (no challenge, no second count, no common level, a crosswalk that names no unit),
// option_invalid (no such level or option in either count; tied leaders), unit_unknown, unit_duplicate,
// challenge_invalid, cancelled.
// Seed: context.seed, purposes bootstrap (one stream per replicate and list) and permutation_test: the same bits for any thread count and
// any order of units. Cost: linking, plus (replicates + 199 placebos) x controls used.
// Does not show: that either count is right; the same fault may repeat, and opinions change. Votes depend on turnout
// and on the number of voters; where the second count is partial or carries a caveat on votes, only shares can be
// compared.
// Source: Rubin, D. B. (1981), The Bayesian bootstrap, Ann. Stat. 9:130; Angrist & Pischke (2009), Mostly Harmless
// Econometrics, ch. 5.
// Verified in src/methods/review/tests/next_election_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct NextElectionRequest {
  const Rule* rule = nullptr;  // optional: votes above the later share are held against its slack
  std::vector<const Challenge*> challenges{};
  const Count* other = nullptr;          // the second count
  const Crosswalk* crosswalk = nullptr;  // optional: unit keys of the first count -> codes of places of the second
  std::string level{};                   // empty: the lowest level that both counts have
  std::string link = "auto";             // auto, codes, names
  double threshold = 0.8;
  std::string option{};        // empty: the leader of the first count
  std::string option_after{};  // empty: the same id
  std::int64_t min_controls = 3;
  std::int64_t max_controls = 20;
  double caliper_points = 5;
  double size_ratio = 2;
  std::string cluster_level{};  // empty: the linked places themselves
  std::int64_t replicates = 1999;
  double confidence = 0.95;
  std::int64_t placebos = 200;
  std::int64_t list_limit = 100000;

  static MethodInfo info();
  static const OptionTable<NextElectionRequest>& table();
};

Result<Finding> run(const Count& first, const NextElectionRequest& request, const Context& context);

}  // namespace cotejo

// Could ballots of which nobody knows for whom they were cast change the outcome, and how likely is that?
//
// k ballots are contested. Kinds: `irregular` and `surplus` are in the count and would be withdrawn; `shut-out` were kept
// from the count and would be added; `misread` may have been read for the other option.
// Bounds, without any assumption. With the leader L, the runner-up R (first and second of the count), under each treatment:
//   least_voided   the least x such that withdrawing x ballots of L and k - x of R changes the outcome
//   least_added    the least votes that change the outcome when added, whichever option they go to
//   least_moved    the least votes that change the outcome when read for one option instead of another
// (the last two by vote/stakes.hpp, for any rule and any pair of options).
// Probability, only where `contested = at-random` states that the ballots came to be contested without regard to the vote.
// Withdrawn: with N ballots in the pool, l of L and r of R among the k have
//   P(l, r) ~ C(L, l) C(R, r) C(N - L - R, k - l - r)        (multivariate hypergeometric)
// Added: l and r are drawn by the pool's shares with the intra-place correlation rho (Dirichlet-multinomial, alpha_i =
// share_i (1 / rho - 1); rho = 0: multinomial). The rule is applied at every (l, r); the other options give up or gain the
// rest in proportion to their votes, which matters only where a third option could reach the first two places: then no
// probability is printed. A tie is an outcome of its own: probability_reversed counts other outcomes without ties.
// Odds: P_delta(l, r) ~ P(l, r) delta^l for what is withdrawn (Fisher's noncentral hypergeometric), delta^r for what is added;
// odds_5_percent, odds_50_percent are the least delta at which the outcome is reversed with that probability.
// Strata: the contested ballots of units or places of one level, as the votes of a second count (its keys: unit keys, or codes,
// paths or names of places; several options are added up); or one stratum, the units that challenges name. Each stratum's ballots are among its own; the sums over all have
// the convolution of the strata's distributions. Bounds are those of the sums, no stratum losing more votes of an option than
// it has.
// Shapes: the whole count, or strata that do not overlap; k at most the pool, everywhere. Units: ballots. Sums run over every l and over every r whose conditional
// probability exceeds 1e-18 of the largest; the mass left out is below 1e-14.
// Errors: input_insufficient (no rule, fewer than two options, k not given), option_invalid (k larger than the pool, of the
// count or of a place; a stratum that is no unit or place; k given twice; challenges and a second count).
// No randomness. Cost: k log k applications of the rule and about 200 k terms (with a correlation k^2); no probability
// beyond 4 x 10^8 terms.
// Does NOT show that ballots were contested without regard to the vote, or how they were cast.
// Source: Finkelstein & Robbins (1973), Mathematical Probability in Election Challenges, Columbia Law Review 73, 241-248;
// rules other than plurality, the odds and ties are ours.
// Verified in src/methods/dispute/contested_ballots/contested_ballots_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

struct ContestedBallotsRequest {
  const Rule* rule = nullptr;
  std::vector<const Count*> others{};      // none, or the contested ballots of each unit or place, instead of `ballots`
  std::vector<const Challenge*> within{};  // none, or the ballots lie in the units that these name
  std::int64_t ballots = 0;                // 0, with `within`: all that are there
  std::string kind = "irregular";          // irregular, surplus, shut-out, misread
  std::string pool = "valid";              // what irregular ballots are among: valid votes, or all ballots cast
  std::string contested = "unknown";       // how they came to be contested: unknown, at-random
  double correlation = 0;                  // rho, for shut-out

  static MethodInfo info();
  static const OptionTable<ContestedBallotsRequest>& table();
};

// Why there are bounds only.
enum class NoProbability {
  not_assumed,     // nothing is assumed of how the ballots came to be contested
  misread,         // nothing is known of how often a ballot is misread
  blank_or_null,   // nor how many of the contested ballots are
  other_option,    // the rule looks at one that is neither first nor second
  third_option,    // could reach the first two places
  too_many,        // contested ballots for the sum over all shares
  no_valid_votes,  // in a place with contested ballots
};

struct ContestedBallotsResult {
  Tally all;
  Outcome base;
  std::size_t leader = 0, runner_up = 0;
  std::int64_t ballots = 0, pool = 0;
  std::optional<std::int64_t> least_voided{}, least_moved{}, least_added{};
  CouldChange could =
      CouldChange::unknown;  // `yes`: some direction of up to k ballots changes the outcome, others need not
  struct Stratum {
    std::string place;
    Tally all;
    std::int64_t ballots;
  };
  std::vector<Stratum> strata{};                       // where the contested ballots are told by place
  std::optional<NoProbability> without_probability{};  // nothing: there is a probability
  double reversed = 0, tied = 0;
  std::optional<double> odds_5{}, odds_50{};
  struct AtOdds {
    double odds, reversed, tied;
  };
  std::vector<AtOdds> curve{};
  struct Direction {
    std::string name;  // "as-counted", "all-leader", "pro-rata", "all-runner-up"
    std::int64_t of_leader = 0;
    Tally after;
    Outcome outcome;
  };
  std::vector<Direction> directions{};
};

Result<ContestedBallotsResult> compute(const Count& count, const ContestedBallotsRequest& request,
                                       const Context& context);
Finding present(const ContestedBallotsResult& result, const Count& count, const ContestedBallotsRequest& request,
                const Context& context);

}  // namespace cotejo

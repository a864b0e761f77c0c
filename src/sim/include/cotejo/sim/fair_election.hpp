// Fair elections drawn from a count: the same units, sizes and places; turnout and shares from an overdispersed
// hierarchical model fitted to it.
//
// The ballots of a unit come in steps, each a share x of n:
//   turnout of registered, (cast of turnout,) valid of cast, the leader's of valid, the runner-up's of the rest of valid.
// Turnout is the ballots cast, or, where the options name fields (ballots issued), their sum.
// Step by step, with lambda(t) = 1 / (1 + exp(-t)), unit u in place p, places nested:
//   x_u ~ Bin(n_u, lambda(theta_u)),  theta_u = theta_p + N(0, s^2),  theta_p = theta_parent + N(0, tau_level^2)
// Fitted on y = logit((x + 1/2) / (n + 1)), whose error has variance 1 / (n q (1 - q)), q the share of its place: variances by
// DerSimonian & Laird's moments, level by level from the units up (closed form, one pass), effects by the exact normal
// posterior on the tree (nested_effects.hpp). A level on which every place holds one unit is left out: it is the unit.
// Two depths of drawing anew:
//   units:  theta_p and theta_u from their posterior: the same units again. For what should not depend on places, such
//           as digits and round percentages: a fair election is smooth where the observed one may be jagged.
//   places: theta_p from its posterior, theta_u = theta_p + a residual drawn from those of all units (less what sampling
//           and their place's mean explain of them, with standard deviation s): other units in the same places, tails as
//           heavy as the election's. For what compares units with their place.
//   mirrored: as places, and a residual is as likely as its opposite: units lie as far above their place as below it.
//           For what asks whether they do.
// Shapes: n units that can be drawn (a unit with more votes than voters is left out, counted). Steps without a column
// (no registered, no cast) are kept as they are. Errors: input_insufficient (fewer than 20 units, one option, no votes).
// Seed: streams of the given purpose, replicate and step; the same bits for any number of threads or ranks.
// Cost: a fit is linear (3 ms for 34,555 units), a draw too (about 20 ms).
// Does NOT show that the election was fair. fit_of() says where the model does not resemble it.
// Source: DerSimonian, R., & Laird, N. (1986). Controlled Clinical Trials 7:177; Chou, Willsky & Nikoukhah (1994).
// Verified in src/sim/tests/fair_election_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/stats/nested_effects.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

// What a fair election has: one entry per unit of the electorate.
struct Returns {
  std::vector<std::int32_t> turnout;  // voters: the ballots cast, or the fields that the options name
  std::vector<std::int32_t> cast, valid, leader, runner_up;
  std::size_t size() const { return valid.size(); }
};

// What stays the same from one fair election to the next.
struct Electorate {
  std::size_t leader = 0, runner_up = 0;  // options of the count
  std::vector<UnitIndex> units;           // of the count; those that can be drawn
  std::int64_t left_out = 0;
  std::vector<std::int32_t> registered;  // n, or empty
  bool has_cast = false;                 // else cast = valid
  bool has_issued = false;               // turnout is not the ballots cast
  bool two_options = false;              // the runner-up has what the leader does not
  std::vector<std::uint32_t> place;      // the lowest place of each unit, in `places`
  NestedPlaces places;                   // above the units; one place where the count has none
  int place_level = -1;                  // the count's level on which `place` lies; -1: it has none
  std::size_t size() const { return units.size(); }
};

struct ElectorateOptions {
  std::vector<std::string> ballots{};  // fields whose sum is the turnout; none: the ballots cast
};
Result<Electorate> electorate_of(const Count& count, const ElectorateOptions& options = {});
Returns returns_of(const Count& count, const Electorate& electorate, const ElectorateOptions& options = {});

enum class Depth { units, places, mirrored };

// What is added to every unit on the logit scale, to draw elections that are fair and that the model does not know.
struct Tilt {
  std::vector<double> turnout, share;  // n
};
enum class Generator {
  model,         // the fitted model itself
  heavy_tails,   // units around their place as Student's t with 3 degrees of freedom, as wide again
  correlated,    // neighbouring units of a place alike (first-order, 0.8)
  two_peaked,    // places lean 0.6 to the one or the other side
  blocs,         // one place in twenty votes nearly as one, and more of it votes
  size_turnout,  // turnout falls with the unit's size
};
inline constexpr std::array<Generator, 6> all_generators = {Generator::model,      Generator::heavy_tails,
                                                            Generator::correlated, Generator::two_peaked,
                                                            Generator::blocs,      Generator::size_turnout};
std::string_view to_text(Generator generator);

class FairModel {
 public:
  // `observed` has the electorate's units. Linear.
  FairModel(const Electorate& electorate, const Returns& observed);
  Returns draw(Depth depth, Seed seed, Purpose purpose, std::uint64_t replicate, const Tilt* tilt = nullptr) const;
  // A fair election from another generator; depth places or mirrored.
  Returns draw_from(Generator generator, Seed seed, std::uint64_t replicate, Depth depth = Depth::places) const;

  // Of step k (0 turnout, 1 valid, 2 leader, 3 runner-up, 4 cast of turnout): the standard deviation of units around their place, on the
  // logit scale, and of places around the place above, the lowest last.
  double unit_sd(std::size_t step) const;
  std::vector<double> place_sds(std::size_t step) const;
  // The prediction for a unit of step k from its place: the mean of lambda(theta_p).
  const std::vector<double>& place_logit(std::size_t step) const { return steps_[step].place_mean; }
  bool has(std::size_t step) const { return steps_[step].posterior.has_value(); }

 private:
  struct Step {
    std::vector<double> y, weight;  // of each unit; weight 0: no trials
    NestedVariances variances;
    std::vector<double> place_mean;
    std::vector<double> residuals;  // of units around their place, to draw from
    std::vector<double> mirrored;   // these and their opposites
    std::optional<NestedPosterior> posterior;
  };
  void fit(Step& step, const std::vector<std::int32_t>& trials, const std::vector<std::int32_t>& successes);
  const Electorate* electorate_;
  Returns observed_;
  std::array<Step, 5> steps_;
};

// One way in which the model may fail to resemble the election, against fair elections drawn from it.
//   p = (1 + #{fair distance >= observed}) / (replicates + 1)
// A large count tells any model from its election: whether it resembles is decided by the size of the difference, and p is
// shown beside it.
struct FitCheck {
  std::string what;
  double observed = 0, expected = 0, low = 0, high = 0;  // 95 % of the fair elections lie in low..high
  double difference = 0;                                 // in the unit of `limit`
  double limit = 0;                                      // a difference larger than this is too large
  double p_value = 1;
  bool at_most = false;  // no fair election lies as far: p can be no smaller
  bool resembles() const { return difference <= limit; }
};
// Distances (Kolmogorov-Smirnov) between distributions over the units: turnout, the leader's share; of depth `places` also
// the residuals from the place. Twenty fair elections together are what the election and `replicates` others are held against.
// Errors: none; cancelled gives what there is.
std::vector<FitCheck> fit_of(const Electorate& electorate, const Returns& observed, const FairModel& model, Depth depth,
                             std::int64_t replicates, const Context& context);

}  // namespace cotejo

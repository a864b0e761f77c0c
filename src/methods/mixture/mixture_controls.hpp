// What the same model reads where the truth is known, or where there is nothing to read: the trials that its total has to pass.
//
// sides swapped: the leader and all others change places. fair elections: drawn from the model of fair elections fitted to these units
// (sim/fair_election.hpp). tails: the degrees of freedom held at 3 and at 31.
// Nothing is read of a fit that has not converged (split R-hat < 1.01 and both ESS > 400 of every class share and of the votes, in trials
// R-hat < 1.05 and ESS > 100; where the other parameters stay at their mode, the mode found): its votes are NaN, and so is whatever is
// computed from them.
// net reading = votes read, less the larger of what is read with the sides swapped and, on average, in fair elections of the same shape.
// trials: elections of a random part of these places (whole places, `units` units), drawn by generators that the model does not know, with
// irregularities of `sim` planted in them: ballots added, votes moved, both, each with `intensity` 0.3; in scattered units or in whole
// places; doses of the units. Each is read as the election itself is, its own sides swapped and fair elections of its own shape among it.
// Seed: streams of Purpose::generator and planted by trial. Threads: one trial a thread. Errors: cancelled.
// Verified in tests/mixture_test.cpp and, over 200 elections a kind and dose, in tests/calibration_test.cpp.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "mixture_fit.hpp"

namespace cotejo::mixture {

// What a fit reads: votes with their interval, manufactured and stolen apart. All NaN but rhat and ess where it has not converged.
struct Reading {
  std::string election{};  // "this one", "sides swapped", "fair election 1", ...
  double incremental = 0, extreme = 0, manufactured = 0, stolen = 0, votes = 0, low = 0, high = 0;
  double error = 0, low_error = 0;  // Monte Carlo errors of votes and of low
  double rhat = 0, ess = 0;         // the largest and the smallest of what is read
  bool mixed = false;
};
Reading reading_of(std::string election, const ChainDraws& draws, double level, bool mode_found = true);
// What has to converge before anything is read.
const std::vector<std::string>& quantities_read();

struct NetReading {
  double votes = 0, low = 0, high = 0;  // may be negative; NaN: not known
  double low_error = 0;                 // Monte Carlo error
  bool known() const { return !std::isnan(votes); }
};
// What is subtracted, with its Monte Carlo error.
struct ReadElsewhere {
  double votes = 0, error = 0;
};
NetReading net_of(const Reading& reading, const ReadElsewhere& elsewhere);

// Fits of the whole election.
struct Controls {
  std::vector<Reading> readings;  // sides swapped, fair elections, tails
  Reading swapped;
  double fair = 0, fair_low = 0, fair_high = 0;  // votes: on average, the least and the most
  NetReading net;
};
struct ControlPlan {
  std::int64_t fair_elections = 2, iterations = 400;  // of each of four chains, at most
  double level = 0.9;
};
Result<Controls> run_controls(const MixtureUnits& given, const MixturePrior& prior, const Mode& like,
                              const Reading& reading, const ControlPlan& plan, const Context& context);

inline constexpr double trial_rhat = 1.05, trial_ess = 100;

enum class PlantedBy { added, moved, both };
inline constexpr std::array<PlantedBy, 3> all_planted = {PlantedBy::added, PlantedBy::moved, PlantedBy::both};
std::string_view to_text(PlantedBy planted);

struct Trial {
  PlantedBy planted = PlantedBy::added;
  bool whole_places = false;
  double dose = 0;
  Generator generator = Generator::heavy_tails;
  std::int64_t units = 0, registered = 0;
  double manufactured = 0, stolen = 0;  // planted
  double read = 0, rhat = 0;
  NetReading net;
  double truth() const { return manufactured + stolen; }
  bool held() const { return net.low <= truth() && truth() <= net.high; }  // never where the net reading is not known
};
struct TrialPlan {
  std::int64_t units = 1000, repeats = 1, iterations = 150;  // iterations: of each of four chains, at most
  std::vector<double> doses = {0.01, 0.05, 0.2};
  double intensity = 0.3, level = 0.9;
};
// Trials in the order planted, placement, dose, repeat. Fewer units in all than wanted: all of them.
Result<std::vector<Trial>> run_trials(const MixtureUnits& given, const MixturePrior& prior, const TrialPlan& plan,
                                      const Context& context);

// How often the intervals hold the truth, of the trials that could be read; and whether a total can be identified: in at least 86 % of at
// least 200 trials of every kind, placement and dose.
struct Coverage {
  std::int64_t held = 0, trials = 0, not_read = 0;
  bool identified = false;
  double share() const { return trials > 0 ? static_cast<double>(held) / static_cast<double>(trials) : 0; }
};
inline constexpr double least_coverage = 0.86;
inline constexpr std::int64_t trials_needed = 200;
Coverage coverage_of(const std::vector<Trial>& trials);

// A bound on the votes of a kind and placement. A dose is excluded where it is known at 95 % (exact, one-sided) that at least 86 % of its
// elections read more than this one does at most (net, by share of the registered voters): by 20 trials if all do. The bound: from the
// smallest dose on of which, and of every larger one, this holds, the most votes planted at that dose, by share of the registered voters,
// times the voters here. Between it and the dose below nothing was tried.
// No bound is given (votes NaN) where one would not be the same tomorrow, or not there at all; the first of these reasons is given:
enum class NoBound {
  none,       // there is a bound
  few,        // too few trials of a dose to exclude it whatever they read
  controls,   // what is read with the sides swapped or in fair elections has not converged
  trials,     // a trial has not converged
  uncertain,  // whether a dose is excluded hangs on Monte Carlo error
  open        // not even the largest dose is excluded
};
inline constexpr std::int64_t trials_for_bound = 20;
struct HiddenVotes {
  PlantedBy planted = PlantedBy::added;
  bool whole_places = false;
  double manufactured = 0, stolen = 0;
  NoBound no_bound = NoBound::none;
  double votes() const { return manufactured + stolen; }
};
std::vector<HiddenVotes> hidden_votes(const std::vector<Trial>& trials, const NetReading& net, std::int64_t registered);

}  // namespace cotejo::mixture

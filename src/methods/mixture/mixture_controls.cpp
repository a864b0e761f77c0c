#include "mixture_controls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include "cotejo/sim/planted.hpp"

namespace cotejo::mixture {

namespace {

constexpr std::uint64_t part_index = 1, trial_index = 1000;  // of the streams

// As long as what is read takes to converge.
ChainPlan control_plan(std::int64_t iterations) {
  return {.chains = 4,
          .warmup = 10,
          .iterations = static_cast<std::size_t>(iterations),
          .block = 50,
          .needed = quantities_read(),
          .stage = ""};
}

// Of a trial what counts is whether its interval holds the truth: shorter.
ChainPlan trial_plan(std::int64_t iterations) {
  ChainPlan out = control_plan(iterations);
  out.wanted_rhat = trial_rhat;
  out.wanted_ess = trial_ess;
  return out;
}

MixtureData sides_swapped(const MixtureData& data) {
  MixtureData out = data;
  std::swap(out.leader, out.other);
  return out;
}

// Half the width of what a quantile of so many independent draws may be off by.
double quantile_error(const ChainDraws& draws, std::string_view name, double p, double ess) {
  const double off = std::sqrt(p * (1 - p) / std::max(1.0, ess));
  return 0.5 * (draws.quantile(name, std::min(1.0, p + off)) - draws.quantile(name, std::max(0.0, p - off)));
}

}  // namespace

const std::vector<std::string>& quantities_read() {
  static const std::vector<std::string> names = {"pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes",
                                                 "votes_in_question"};
  return names;
}

Reading reading_of(std::string election, const ChainDraws& draws, double level, bool mode_found) {
  Reading out{.election = std::move(election), .ess = 1e300, .mixed = mode_found && draws.mixed(quantities_read())};
  for (const auto& name : quantities_read()) {
    const Diagnostic& d = draws.diagnostic(name);
    if (std::isnan(d.rhat)) continue;  // the same in every draw
    out.rhat = std::max(out.rhat, d.rhat);
    out.ess = std::min({out.ess, d.ess_bulk, d.ess_tail});
  }
  const auto mean = [&](std::string_view name) { return out.mixed ? draws.diagnostic(name).mean : NAN; };
  out.incremental = mean("pi_incremental");
  out.extreme = mean("pi_extreme");
  out.manufactured = mean("manufactured_votes");
  out.stolen = mean("stolen_votes");
  out.votes = mean("votes_in_question");
  const Diagnostic& votes = draws.diagnostic("votes_in_question");
  out.low = out.mixed ? draws.quantile(votes.quantity, (1 - level) / 2) : NAN;
  out.high = out.mixed ? draws.quantile(votes.quantity, (1 + level) / 2) : NAN;
  out.error = votes.mcse;
  out.low_error = quantile_error(draws, votes.quantity, (1 - level) / 2, votes.ess_tail);
  return out;
}

NetReading net_of(const Reading& reading, const ReadElsewhere& elsewhere) {
  return {reading.votes - elsewhere.votes, reading.low - elsewhere.votes, reading.high - elsewhere.votes,
          std::hypot(reading.low_error, elsewhere.error)};
}

namespace {

// The larger of what is read with the sides swapped and, on average, in fair elections; NaN where one of them has not converged.
ReadElsewhere larger_of(const Reading& swapped, const std::vector<Reading>& fair) {
  ReadElsewhere mean;
  for (const Reading& reading : fair) {
    mean.votes += reading.votes / static_cast<double>(fair.size());
    mean.error = std::hypot(mean.error, reading.error / static_cast<double>(fair.size()));
  }
  if (std::isnan(mean.votes) || swapped.votes < mean.votes) return mean;
  return {swapped.votes, swapped.error};
}

}  // namespace

Result<Controls> run_controls(const MixtureUnits& given, const MixturePrior& prior, const Mode& like,
                              const Reading& reading, const ControlPlan& plan, const Context& context) {
  struct Job {
    std::string name;
    MixtureData data;
    MixturePrior prior;
  };
  std::vector<Job> jobs;
  jobs.push_back({"sides swapped", sides_swapped(given.data), prior});
  const FairModel fair(given.electorate, given.returns);
  for (std::int64_t i = 0; i < plan.fair_elections; ++i)
    jobs.push_back(
        {fmt::format("fair election {}", i + 1),
         data_of(given.electorate,
                 fair.draw(Depth::places, context.seed, Purpose::fair_election, static_cast<std::uint64_t>(i)),
                 given.of_valid),
         prior});
  for (const double df : {3.0, 31.0}) {
    jobs.push_back({fmt::format("tails with {:g} degrees of freedom", df), given.data, prior});
    jobs.back().prior.fixed_df = df;
  }
  std::vector<std::optional<Reading>> read(jobs.size());
  const bool finished = parallel_for(context, jobs.size(), "mixture: controls", [&](std::size_t j) {
    Mode from = like;
    if (jobs[j].prior.fixed_df > 0) {
      for (std::size_t d = 0; d < 2; ++d) from.x[at::log_df + d] = std::log(jobs[j].prior.fixed_df);
      from = without(from, {at::log_df, at::log_df + 1});
    }
    const Context alone{.seed = context.seed + j, .threads = 1, .cancel = context.cancel};
    auto fit =
        fit_mixture(jobs[j].data, jobs[j].prior, control_plan(plan.iterations), alone,
                    jobs[j].data.covariates.size() == given.data.covariates.size() ? &from : nullptr, nullptr, true);
    if (fit) read[j] = reading_of(jobs[j].name, fit->draws, plan.level, fit->mode.found());
  });
  if (!finished || context.cancelled()) return cancelled_error();
  Controls out;
  for (auto& r : read) out.readings.push_back(std::move(*r));
  out.swapped = out.readings[0];
  const std::vector<Reading> fair_ones(out.readings.begin() + 1, out.readings.begin() + 1 + plan.fair_elections);
  out.fair_low = out.fair_high = fair_ones[0].votes;
  for (const Reading& r : fair_ones) {
    out.fair += r.votes / static_cast<double>(plan.fair_elections);
    out.fair_low = std::min(out.fair_low, r.votes);
    out.fair_high = std::max(out.fair_high, r.votes);
  }
  out.net = net_of(reading, larger_of(out.swapped, fair_ones));
  return out;
}

std::string_view to_text(PlantedBy planted) {
  switch (planted) {
    case PlantedBy::added:
      return "added";
    case PlantedBy::moved:
      return "moved";
    case PlantedBy::both:
      return "both";
  }
  return "";
}

namespace {

// Some of the electorate's units, with the places that they need.
struct Part {
  Electorate electorate;
  Returns returns;
};

Part part_of(const Electorate& whole, const Returns& returns, const std::vector<std::size_t>& chosen) {
  Part out{whole, {}};
  Electorate& e = out.electorate;
  e.units.clear();
  e.registered.clear();
  e.place.clear();
  e.places = {.parent = {}, .level = {}, .place_size = {}, .levels = whole.places.levels};
  constexpr auto absent = NestedPlaces::top;
  std::vector<std::uint32_t> number(whole.places.size(), absent);
  std::vector<char> needed(whole.places.size(), 0);
  for (const auto i : chosen)
    for (auto p = whole.place[i]; p != NestedPlaces::top && !needed[p]; p = whole.places.parent[p]) needed[p] = 1;
  for (std::uint32_t p = 0; p < whole.places.size(); ++p) {
    if (!needed[p]) continue;
    number[p] = static_cast<std::uint32_t>(e.places.size());
    const auto parent = whole.places.parent[p];
    e.places.parent.push_back(parent == NestedPlaces::top ? parent : number[parent]);
    e.places.level.push_back(whole.places.level[p]);
    if (!whole.places.place_size.empty()) e.places.place_size.push_back(whole.places.place_size[p]);
  }
  const auto copy = [&](const std::vector<std::int32_t>& from, std::vector<std::int32_t>& to) {
    if (from.empty()) return;
    for (const auto i : chosen) to.push_back(from[i]);
  };
  for (const auto i : chosen) {
    e.units.push_back(whole.units[i]);
    e.place.push_back(number[whole.place[i]]);
  }
  copy(whole.registered, e.registered);
  copy(returns.turnout, out.returns.turnout);
  copy(returns.cast, out.returns.cast);
  copy(returns.valid, out.returns.valid);
  copy(returns.leader, out.returns.leader);
  copy(returns.runner_up, out.returns.runner_up);
  return out;
}

// Whole places of the lowest level in random order until there are `wanted` units.
std::vector<std::size_t> some_places(const Electorate& electorate, std::size_t wanted, Seed seed) {
  std::vector<std::vector<std::size_t>> of_place(electorate.places.size());
  for (std::size_t i = 0; i < electorate.size(); ++i) of_place[electorate.place[i]].push_back(i);
  std::vector<std::size_t> order(of_place.size()), out;
  std::iota(order.begin(), order.end(), std::size_t{0});
  Stream stream(seed, Purpose::generator, part_index);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[stream.below(i)]);
  for (const auto p : order) {
    if (out.size() >= wanted) break;
    out.insert(out.end(), of_place[p].begin(), of_place[p].end());
  }
  std::sort(out.begin(), out.end());
  return out;
}

struct PlantedElection {
  Returns returns;
  double manufactured = 0, stolen = 0;
};

PlantedElection planted_in(const Electorate& electorate, Returns fair, const Trial& trial, double intensity, Seed seed,
                           std::uint64_t index) {
  PlantedElection out{std::move(fair)};
  for (const Plant kind : {Plant::moved_votes, Plant::added_ballots}) {
    if (trial.planted == (kind == Plant::added_ballots ? PlantedBy::moved : PlantedBy::added)) continue;
    auto planted = plant(electorate, out.returns,
                         {.kind = kind, .dose = trial.dose, .intensity = intensity, .whole_places = trial.whole_places},
                         seed, index);
    if (!planted) continue;  // doses and intensities are within their bounds, and registered voters are there
    for (const auto change : planted->leader_change)
      (kind == Plant::added_ballots ? out.manufactured : out.stolen) += change;
    out.returns = std::move(planted->returns);
  }
  return out;
}

Reading read_in(const MixtureData& data, const MixturePrior& prior, const Mode& like, const TrialPlan& plan,
                const Context& context, bool weights_alone) {
  auto fit = fit_mixture(data, prior, trial_plan(plan.iterations), context, &like, nullptr, weights_alone);
  return fit ? reading_of("", fit->draws, plan.level, !weights_alone || fit->mode.found()) : Reading{.votes = NAN};
}

}  // namespace

Result<std::vector<Trial>> run_trials(const MixtureUnits& given, const MixturePrior& prior, const TrialPlan& plan,
                                      const Context& context) {
  const Part part = part_of(given.electorate, given.returns,
                            some_places(given.electorate, static_cast<std::size_t>(plan.units), context.seed));
  const FairModel fair(part.electorate, part.returns);
  const Context alone{.seed = context.seed, .threads = 1, .cancel = context.cancel};
  // The mode of a fair election of this shape, where every other fit starts; and what is read in fair ones.
  MixtureData first =
      data_of(part.electorate, fair.draw(Depth::places, context.seed, Purpose::generator, 0), given.of_valid);
  MixturePosterior posterior(first, prior, serial_blocks);
  const Mode like = find_mode(posterior, nullptr);
  constexpr std::size_t fair_ones = 4;
  std::vector<Trial> trials;
  for (const PlantedBy planted : all_planted)
    for (const bool whole : {false, true})
      for (const double dose : plan.doses)
        for (std::int64_t r = 0; r < plan.repeats; ++r) {
          const Generator generator = all_generators[1 + trials.size() % (all_generators.size() - 1)];
          trials.push_back(
              {.planted = planted, .whole_places = whole, .dose = dose, .generator = generator, .net = {}});
        }
  std::vector<Reading> in_fair(fair_ones), readings(trials.size()), swapped(trials.size());
  const auto read_trial = [&](std::size_t j) {
    Trial& trial = trials[j];
    const std::uint64_t index = trial_index + j;
    const PlantedElection election = planted_in(part.electorate, fair.draw_from(trial.generator, context.seed, index),
                                                trial, plan.intensity, context.seed, index);
    trial.manufactured = election.manufactured;
    trial.stolen = election.stolen;
    trial.units = static_cast<std::int64_t>(part.electorate.size());
    for (const auto n : part.electorate.registered) trial.registered += n;
    const MixtureData data = data_of(part.electorate, election.returns, given.of_valid);
    readings[j] = read_in(data, prior, like, plan, alone, false);
    swapped[j] = read_in(sides_swapped(data), prior, like, plan, alone, true);
    trial.read = readings[j].votes;
    trial.rhat = readings[j].rhat;
  };
  const bool finished =
      parallel_for(context, trials.size() + fair_ones, "mixture: planted elections", [&](std::size_t j) {
        if (j < trials.size()) return read_trial(j);
        const std::size_t f = j - trials.size();
        in_fair[f] = read_in(
            data_of(part.electorate, fair.draw(Depth::places, context.seed, Purpose::generator, 1 + f), given.of_valid),
            prior, like, plan, alone, true);
      });
  if (!finished || context.cancelled()) return cancelled_error();
  for (std::size_t j = 0; j < trials.size(); ++j) trials[j].net = net_of(readings[j], larger_of(swapped[j], in_fair));
  return trials;
}

Coverage coverage_of(const std::vector<Trial>& trials) {
  Coverage out;
  std::map<std::tuple<PlantedBy, bool, double>, Coverage> cells;
  for (const Trial& trial : trials)
    for (Coverage* to : {&out, &cells[{trial.planted, trial.whole_places, trial.dose}]}) {
      ++(trial.net.known() ? to->trials : to->not_read);
      to->held += trial.held();
    }
  out.identified = !cells.empty();
  for (const auto& [cell, coverage] : cells)
    out.identified = out.identified && coverage.not_read == 0 && coverage.trials >= trials_needed &&
                     coverage.share() >= least_coverage;
  return out;
}

namespace {

// Of one dose: how many trials read more than this election for sure, and how many may, by two Monte Carlo errors.
struct Dose {
  std::int64_t trials = 0, surely = 0, perhaps = 0;
};

// Known at 95 % that so many of so many stand for at least 86 % (exact, one-sided).
bool nearly_all(std::int64_t more, std::int64_t trials) {
  using binomial = boost::math::binomial_distribution<>;
  return more > 0 && binomial::find_lower_bound_on_p(static_cast<double>(trials), static_cast<double>(more), 0.05) >=
                         least_coverage;
}

// The smallest dose from which on all are excluded; none: the largest is not.
std::optional<double> smallest_excluded(const std::map<double, Dose>& doses, std::int64_t Dose::*more) {
  std::optional<double> out;
  for (auto dose = doses.rbegin(); dose != doses.rend() && nearly_all(dose->second.*more, dose->second.trials); ++dose)
    out = dose->first;
  return out;
}

HiddenVotes hidden_in(const std::vector<const Trial*>& trials, const NetReading& net, std::int64_t registered) {
  HiddenVotes out{.planted = trials[0]->planted, .whole_places = trials[0]->whole_places};
  const auto without = [&](NoBound reason) {
    out.manufactured = out.stolen = NAN;
    out.no_bound = reason;
    return out;
  };
  std::map<double, Dose> doses;
  for (const Trial* trial : trials) ++doses[trial->dose].trials;
  for (const auto& [size, dose] : doses)
    if (dose.trials < trials_for_bound) return without(NoBound::few);  // first: it hangs on no seed
  if (!net.known()) return without(NoBound::controls);
  const double most = std::max(0.0, net.high) / static_cast<double>(registered);
  for (const Trial* trial : trials) {
    if (!trial->net.known()) return without(NoBound::trials);
    Dose& dose = doses[trial->dose];
    const double above = trial->net.low - most * static_cast<double>(trial->registered);
    dose.surely += above > 2 * trial->net.low_error;
    dose.perhaps += above > -2 * trial->net.low_error;
  }
  const auto dose = smallest_excluded(doses, &Dose::surely);
  if (dose != smallest_excluded(doses, &Dose::perhaps)) return without(NoBound::uncertain);
  if (!dose) return without(NoBound::open);
  for (const Trial* trial : trials) {
    const double scale = static_cast<double>(registered) / static_cast<double>(trial->registered);
    if (trial->dose != *dose || trial->truth() * scale < out.votes()) continue;
    out.manufactured = trial->manufactured * scale;
    out.stolen = trial->stolen * scale;
  }
  return out;
}

}  // namespace

std::vector<HiddenVotes> hidden_votes(const std::vector<Trial>& trials, const NetReading& net,
                                      std::int64_t registered) {
  std::vector<HiddenVotes> out;
  for (const PlantedBy planted : all_planted)
    for (const bool whole : {false, true}) {
      std::vector<const Trial*> of_cell;
      for (const Trial& trial : trials)
        if (trial.planted == planted && trial.whole_places == whole) of_cell.push_back(&trial);
      if (!of_cell.empty()) out.push_back(hidden_in(of_cell, net, registered));
    }
  return out;
}

}  // namespace cotejo::mixture

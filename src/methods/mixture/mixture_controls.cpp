#include "mixture_controls.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>

#include "cotejo/sim/planted.hpp"

namespace cotejo::mixture {

namespace {

constexpr std::uint64_t part_index = 1, trial_index = 1000;  // of the streams

ChainPlan short_plan(std::int64_t iterations) {
  return {.chains = 2,
          .warmup = 5,
          .iterations = static_cast<std::size_t>(iterations),
          .block = static_cast<std::size_t>(iterations),
          .until_mixed = false,
          .stage = ""};
}

MixtureData sides_swapped(const MixtureData& data) {
  MixtureData out = data;
  std::swap(out.leader, out.other);
  return out;
}

double worst_rhat(const ChainDraws& draws) {
  double worst = 0;
  for (const auto& d : draws.diagnostics) worst = std::max(worst, std::isnan(d.rhat) ? 1.0 : d.rhat);
  return worst;
}

}  // namespace

Reading reading_of(std::string election, const ChainDraws& draws, double level) {
  return {std::move(election),
          draws.diagnostic("pi_incremental").mean,
          draws.diagnostic("pi_extreme").mean,
          draws.diagnostic("manufactured_votes").mean,
          draws.diagnostic("stolen_votes").mean,
          draws.diagnostic("votes_in_question").mean,
          draws.quantile("votes_in_question", (1 - level) / 2),
          draws.quantile("votes_in_question", (1 + level) / 2),
          worst_rhat(draws)};
}

NetReading net_of(const Reading& reading, double swapped, double fair) {
  const double elsewhere = std::max(swapped, fair);
  return {reading.votes - elsewhere, reading.low - elsewhere, reading.high - elsewhere};
}

Result<Controls> run_controls(const MixtureUnits& given, const MixturePrior& prior, const Mode& like, const Reading& reading,
                              const ControlPlan& plan, const Context& context) {
  struct Job {
    std::string name;
    MixtureData data;
    MixturePrior prior;
  };
  std::vector<Job> jobs;
  jobs.push_back({"sides swapped", sides_swapped(given.data), prior});
  const FairModel fair(given.electorate, given.returns);
  for (std::int64_t i = 0; i < plan.fair_elections; ++i)
    jobs.push_back({fmt::format("fair election {}", i + 1),
                    data_of(given.electorate,
                            fair.draw(Depth::places, context.seed, Purpose::fair_election, static_cast<std::uint64_t>(i)), given.of_valid),
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
    auto fit = fit_mixture(jobs[j].data, jobs[j].prior, short_plan(plan.iterations), alone,
                           jobs[j].data.covariates.size() == given.data.covariates.size() ? &from : nullptr, nullptr, true);
    if (fit) read[j] = reading_of(jobs[j].name, fit->draws, plan.level);
  });
  if (!finished || context.cancelled()) return cancelled_error();
  Controls out;
  for (std::size_t j = 0; j < jobs.size(); ++j) {
    out.readings.push_back(*read[j]);
    if (j == 0) out.swapped = read[j]->votes;
    if (j > 0 && j <= static_cast<std::size_t>(plan.fair_elections)) out.fair += read[j]->votes / static_cast<double>(plan.fair_elections);
  }
  out.net = net_of(reading, out.swapped, out.fair);
  return out;
}

std::string_view to_text(PlantedBy planted) {
  switch (planted) {
    case PlantedBy::added: return "added";
    case PlantedBy::moved: return "moved";
    case PlantedBy::both: return "both";
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

PlantedElection planted_in(const Electorate& electorate, Returns fair, const Trial& trial, double intensity, Seed seed, std::uint64_t index) {
  PlantedElection out{std::move(fair)};
  for (const Plant kind : {Plant::moved_votes, Plant::added_ballots}) {
    if (trial.planted == (kind == Plant::added_ballots ? PlantedBy::moved : PlantedBy::added)) continue;
    auto planted = plant(electorate, out.returns,
                         {.kind = kind, .dose = trial.dose, .intensity = intensity, .whole_places = trial.whole_places}, seed, index);
    if (!planted) continue;  // doses and intensities are within their bounds, and registered voters are there
    for (const auto change : planted->leader_change) (kind == Plant::added_ballots ? out.manufactured : out.stolen) += change;
    out.returns = std::move(planted->returns);
  }
  return out;
}

double votes_read(const MixtureData& data, const MixturePrior& prior, const Mode& like, std::int64_t iterations, const Context& context,
                  double level, bool weights_alone, Reading& out) {
  auto fit = fit_mixture(data, prior, short_plan(iterations), context, &like, nullptr, weights_alone);
  if (fit) out = reading_of("", fit->draws, level);
  return out.votes;
}

}  // namespace

Result<std::vector<Trial>> run_trials(const MixtureUnits& given, const MixturePrior& prior, const TrialPlan& plan, const Context& context) {
  const Part part = part_of(given.electorate, given.returns,
                            some_places(given.electorate, static_cast<std::size_t>(plan.units), context.seed));
  const FairModel fair(part.electorate, part.returns);
  const Context alone{.seed = context.seed, .threads = 1, .cancel = context.cancel};
  // The mode of a fair election of this shape, where every other fit starts; and what is read in fair ones.
  MixtureData first = data_of(part.electorate, fair.draw(Depth::places, context.seed, Purpose::generator, 0), given.of_valid);
  MixturePosterior posterior(first, prior, serial_blocks);
  const Mode like = find_mode(posterior, nullptr);
  constexpr std::size_t fair_ones = 4;
  std::vector<Trial> trials;
  for (const PlantedBy planted : all_planted)
    for (const bool whole : {false, true})
      for (const double dose : plan.doses)
        for (std::int64_t r = 0; r < plan.repeats; ++r) {
          const Generator generator = all_generators[1 + trials.size() % (all_generators.size() - 1)];
          trials.push_back({.planted = planted, .whole_places = whole, .dose = dose, .generator = generator, .net = {}});
        }
  std::vector<double> in_fair(fair_ones, 0);
  std::vector<Reading> readings(trials.size());
  std::vector<double> swapped(trials.size(), 0);
  const auto read_trial = [&](std::size_t j) {
    Trial& trial = trials[j];
    const std::uint64_t index = trial_index + j;
    const PlantedElection election = planted_in(part.electorate, fair.draw_from(trial.generator, context.seed, index), trial,
                                                plan.intensity, context.seed, index);
    trial.manufactured = election.manufactured;
    trial.stolen = election.stolen;
    trial.units = static_cast<std::int64_t>(part.electorate.size());
    for (const auto n : part.electorate.registered) trial.registered += n;
    const MixtureData data = data_of(part.electorate, election.returns, given.of_valid);
    trial.read = votes_read(data, prior, like, plan.iterations, alone, plan.level, false, readings[j]);
    Reading other;
    swapped[j] = votes_read(sides_swapped(data), prior, like, plan.iterations / 2, alone, plan.level, true, other);
  };
  const bool finished = parallel_for(context, trials.size() + fair_ones, "mixture: planted elections", [&](std::size_t j) {
    if (j < trials.size()) return read_trial(j);
    const std::size_t f = j - trials.size();
    Reading reading;
    in_fair[f] = votes_read(data_of(part.electorate, fair.draw(Depth::places, context.seed, Purpose::generator, 1 + f), given.of_valid), prior,
                            like, plan.iterations / 2, alone, plan.level, true, reading);
  });
  if (!finished || context.cancelled()) return cancelled_error();
  const double fair_mean = std::accumulate(in_fair.begin(), in_fair.end(), 0.0) / fair_ones;
  for (std::size_t j = 0; j < trials.size(); ++j) trials[j].net = net_of(readings[j], swapped[j], fair_mean);
  return trials;
}

Coverage coverage_of(const std::vector<Trial>& trials) {
  Coverage out;
  std::map<std::tuple<PlantedBy, bool, double>, Coverage> cells;
  for (const Trial& trial : trials)
    for (Coverage* to : {&out, &cells[{trial.planted, trial.whole_places, trial.dose}]}) {
      ++to->trials;
      to->held += trial.held();
    }
  out.identified = !cells.empty();
  for (const auto& [cell, coverage] : cells)
    out.identified = out.identified && coverage.trials >= trials_needed && coverage.share() >= least_coverage;
  return out;
}

std::vector<HiddenVotes> hidden_votes(const std::vector<Trial>& trials, const NetReading& net, std::int64_t registered) {
  std::vector<HiddenVotes> out;
  const double most = std::max(0.0, net.high) / static_cast<double>(registered);
  for (const PlantedBy planted : all_planted)
    for (const bool whole : {false, true}) {
      std::map<double, bool> excluded;  // by dose: every trial reads more
      for (const Trial& trial : trials)
        if (trial.planted == planted && trial.whole_places == whole) {
          auto& all = excluded.try_emplace(trial.dose, true).first->second;
          all = all && trial.net.low > most * static_cast<double>(trial.registered);
        }
      HiddenVotes hidden{planted, whole};
      if (excluded.empty()) continue;
      auto first = excluded.end();  // the smallest dose from which on all are excluded
      while (first != excluded.begin() && std::prev(first)->second) --first;
      hidden.open = first == excluded.end();
      const double dose = hidden.open ? excluded.rbegin()->first : first->first;
      for (const Trial& trial : trials) {
        if (trial.planted != planted || trial.whole_places != whole || trial.dose != dose) continue;
        const double scale = static_cast<double>(registered) / static_cast<double>(trial.registered);
        if (trial.truth() * scale < hidden.manufactured + hidden.stolen) continue;
        hidden.manufactured = trial.manufactured * scale;
        hidden.stolen = trial.stolen * scale;
      }
      out.push_back(hidden);
    }
  return out;
}

}  // namespace cotejo::mixture

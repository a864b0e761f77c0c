#include "cotejo/methods/mixture/mixture.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "coherent_model.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"
#include "cotejo/methods/support/support.hpp"
#include "published_fit.hpp"

namespace cotejo {

namespace {

using mixture::ChainDraws;
using mixture::ChainPlan;
using mixture::CoherentPrior;

Result<ChainDraws> fit(const MixtureData& data, const CoherentPrior& prior, const ChainPlan& plan, Seed seed,
                       const Context& context, const RunControl* control = nullptr) {
  return mixture::run_chains(
      [&](std::uint64_t chain, mixture::Blocks blocks) {
        return mixture::coherent_chain(data, prior, seed, chain, std::move(blocks));
      },
      mixture::coherent_names(), data.size(), plan, context, control);
}

// Each draw weighted by what another prior on pi gives: pi_none^power more.
struct Reweighted {
  double votes = 0, low = 0, high = 0, none = 0, effective_share = 0;
};
Reweighted reweighted(const ChainDraws& draws, double power, double level) {
  const auto& none = draws.of("pi_none");
  const auto& votes = draws.of("votes_in_question");
  std::vector<std::pair<double, double>> weighted;
  double sum = 0, square = 0, mean = 0, mean_none = 0;
  for (std::size_t i = 0; i < none.size(); ++i) {
    const double w = std::pow(none[i], power);
    weighted.emplace_back(votes[i], w);
    sum += w;
    square += w * w;
    mean += w * votes[i];
    mean_none += w * none[i];
  }
  std::sort(weighted.begin(), weighted.end());
  const auto quantile = [&](double p) {
    double so_far = 0;
    for (const auto& [v, w] : weighted)
      if ((so_far += w) >= p * sum) return v;
    return weighted.back().first;
  };
  return {mean / sum, quantile((1 - level) / 2), quantile((1 + level) / 2), mean_none / sum,
          sum * sum / square / static_cast<double>(none.size())};
}

std::string votes_text(double votes) {
  return with_thousands(std::llround(votes));
}

double worst_rhat(const ChainDraws& draws) {
  double worst = 0;
  for (const auto& d : draws.diagnostics) worst = std::max(worst, std::isnan(d.rhat) ? 99 : d.rhat);
  return worst;
}

std::vector<Cell> side_row(std::string name, std::string model, const ChainDraws& d, double level) {
  return {std::move(name),
          std::move(model),
          d.diagnostic("pi_incremental").mean,
          d.diagnostic("pi_extreme").mean,
          d.diagnostic("votes_in_question").mean,
          d.quantile("votes_in_question", (1 - level) / 2),
          d.quantile("votes_in_question", (1 + level) / 2),
          worst_rhat(d)};
}

}  // namespace

MethodInfo MixtureRequest::info() {
  return {.id = "mixture",
          .family = "mixture",
          .title = "A mixture of clean and manipulated units",
          .question = "How many votes does a mixture of clean, incrementally and extremely manipulated units put in question, "
                      "and would they change the outcome?",
          .assumes =
              "Units differ from their place by chance, symmetrically on the logit scale; turnout and the leader's share do "
              "so independently. Whatever raises both in some units is counted as manipulation, whether or not it is.",
          .cost = "linear in units x chains x iterations: about a microsecond each",
          .references = {
              "Mebane, W. R. (2016). Election forensics: frauds tests and observation-level frauds probabilities. Midwest "
              "Political Science Association (the classes; the model and its sampler are ours).",
              "Vehtari, A., Gelman, A., Simpson, D., Carpenter, B., & Burkner, P.-C. (2021). Bayesian Analysis 16:667.",
              "Talts, S., Betancourt, M., Simpson, D., Vehtari, A., & Gelman, A. (2018). arXiv:1804.06788."}};
}

const OptionTable<MixtureRequest>& MixtureRequest::table() {
  using R = MixtureRequest;
  static const OptionTable<R> options = [] {
    OptionTable<R> t;
    t.add(&R::chains, {.name = "chains", .unit = "chains", .text = "How many chains.", .low = 2, .high = 64});
    t.add(&R::iterations,
          {.name = "iterations",
           .unit = "iterations",
           .text = "The most that each chain keeps; it stops earlier when every reported quantity has mixed.",
           .low = 50,
           .high = 1e6});
    t.add(&R::warmup, {.name = "warmup",
                       .unit = "iterations",
                       .text = "That each chain takes before it keeps any.",
                       .low = 20,
                       .high = 1e6});
    t.add(&R::ballots, {.name = "ballots",
                        .unit = "",
                        .text = "What turnout is: ballots cast, or valid votes (then blank and null count as staying away).",
                        .choices = {"cast", "valid"}});
    t.add(&R::covariates, {.name = "covariates",
                           .unit = "fields",
                           .text = "Fields of the count that explain turnout and share, comma-separated; `registered` is the "
                                   "logarithm of the registered voters."});
    t.add(&R::tail, {.name = "tail",
                     .unit = "degrees of freedom",
                     .text = "How heavy the tails of units around their place are (31: nearly normal).",
                     .choices = {"3", "7", "15", "31"}});
    t.add(&R::skeptic, {.name = "skeptic",
                        .unit = "power",
                        .text = "The prior of the class shares, uniform at 0, is times pi_none to this power.",
                        .low = 0,
                        .high = 1000});
    t.add(&R::level, {.name = "level", .unit = "share 0..1", .text = "Of the intervals.", .low = 0.5, .high = 0.99});
    t.add(&R::fair_elections,
          {.name = "fair_elections",
           .unit = "elections",
           .text = "Fair elections of the same shape that are fitted too: what the model finds where there is nothing.",
           .low = 0,
           .high = 1000});
    t.add(&R::side_iterations, {.name = "side_iterations",
                                .unit = "iterations",
                                .text = "That each of two chains keeps in those fits and in the prior sensitivity.",
                                .low = 50,
                                .high = 1e6});
    t.add(&R::sensitivity, {.name = "sensitivity", .unit = "", .text = "Fit again under other priors."});
    t.add(&R::published, {.name = "published",
                          .unit = "",
                          .text = "Published models to lay beside it, of `side_iterations` each.",
                          .choices = {"none", "bl", "qbl", "both"}});
    t.add(&R::list_limit, {.name = "list_limit",
                           .unit = "rows",
                           .text = "How many units the table of the most probable ones lists.",
                           .low = 0,
                           .high = 1e6});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const MixtureRequest& request, const Context& context) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  COTEJO_TRY(given, mixture_units(count, request.ballots, request.covariates));
  const CoherentPrior prior{.tail = std::stoi(request.tail), .skeptic = request.skeptic};
  ChainPlan plan{.chains = static_cast<std::size_t>(request.chains),
                 .warmup = static_cast<std::size_t>(request.warmup),
                 .iterations = static_cast<std::size_t>(request.iterations)};
  plan.stage = "mixture: chains";
  Finding finding = open_finding(MixtureRequest::info(), count, context);
  plan.identity = fmt::format("mixture {} seed {} chains {} warmup {} ballots {} covariates {} tail {} skeptic {}",
                              finding.inputs[0].sha256, context.seed, request.chains, request.warmup, request.ballots,
                              request.covariates, request.tail, request.skeptic);
  COTEJO_TRY(draws, fit(given.data, prior, plan, context.seed, context, request.control));
  if (request.control && request.control->keep && context.rank == 0)
    request.control->keep("draws.csv", mixture::draws_csv(draws));

  const Tally all = tally(count);
  name_shared_places(finding, count.contest, all);
  const double level = request.level;
  // The intervals held the truth too seldom in elections with known irregularities (docs/methods/mixture.md): no total is printed. What the
  // model reads stands in the table `side_by_side`.
  const auto withheld = [&](const std::string& name, std::string unit, const std::string& definition) {
    finding.estimates.push_back({name, NAN, std::move(unit), definition + "; null: no total can be identified"});
  };
  withheld("pi_none", "share 0..1", "posterior mean share of units that are not manipulated");
  withheld("pi_incremental", "share 0..1", "posterior mean share of units with m and s below 0.7");
  withheld("pi_extreme", "share 0..1", "posterior mean share of units with m and s above 0.7");
  withheld("manufactured_votes", "votes of the leader", "that the model takes to be ballots of people who did not vote");
  withheld("stolen_votes", "votes of the leader", "that the model takes to be ballots cast for others");
  const auto estimate = [&](const std::string& name, std::string unit, std::string definition) {
    const auto& d = draws.diagnostic(name);
    finding.estimates.push_back({name, d.mean, std::move(unit), std::move(definition),
                                 draws.quantile(name, (1 - level) / 2), draws.quantile(name, (1 + level) / 2), level});
  };
  estimate("unit_sd_turnout", "logit", "spread of units' turnout around their place");
  estimate("unit_sd_share", "logit", "spread of units' leader share around their place");

  // What has mixed, what has not.
  std::vector<std::string> offenders;
  for (const auto& d : draws.diagnostics)
    if (!d.mixed) offenders.push_back(fmt::format("{} (R-hat {:.3f}, ESS {:.0f} and {:.0f})", d.quantity, d.rhat, d.ess_bulk, d.ess_tail));
  finding.conditions.push_back({"Every reported quantity has mixed: R-hat < 1.01, bulk and tail ESS > 400", offenders.empty()});
  // docs/methods/mixture.md, from the validation test MixtureCalibration.
  finding.conditions.push_back(
      {"Intervals that hold the truth as often as they say: of 200 simulated elections of 300 units each, 90 % intervals held "
       "it in 100, 88, 68 and 59.5 % at doses of 0, 0.5, 2 and 5 % of the units (m = s = 0.3); weak manipulation of many units is "
       "underestimated",
       false});
  if (draws.out_of_time) finding.conditions.push_back({"The chains had the time they needed", offenders.empty()});

  finding.tables.push_back(mixture::diagnostics_table(draws, plan));

  // Units, the most probable first.
  const std::size_t n = given.data.size();
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto probability = [&](std::size_t u) { return draws.units.incremental[u] + draws.units.extreme[u]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return probability(a) > probability(b); });
  std::size_t flagged = 0;
  while (flagged < n && probability(order[flagged]) > 0.5) ++flagged;
  Table units{.id = "units",
              .title = fmt::format("Units by their probability of manipulation; {} are more probable than not", with_thousands(static_cast<long long>(flagged))),
              .columns = {{"unit"},
                          {"p_incremental", "share 0..1"},
                          {"p_extreme", "share 0..1"},
                          {"manufactured", "votes", "posterior mean"},
                          {"stolen", "votes", "posterior mean"},
                          {"registered", "voters"},
                          {"abstained", "voters"},
                          {"leader", "votes"},
                          {"other", "ballots"},
                          {"place"}},
              .rows = {},
              .brief = {"unit", "p_incremental", "p_extreme", "registered", "abstained", "leader", "other"}};
  nlohmann::ordered_json flags{{"columns", {"turnout_percent", "leader_percent", "probability"}}, {"rows", nlohmann::ordered_json::array()}};
  for (std::size_t i = 0; i < std::min(n, static_cast<std::size_t>(request.list_limit)); ++i) {
    const auto u = order[i];
    const UnitIndex index = given.units[u];
    units.rows.push_back({std::string(count.unit_keys[index]), draws.units.incremental[u], draws.units.extreme[u],
                          draws.units.manufactured[u], draws.units.stolen[u], std::int64_t{given.data.registered[u]},
                          std::int64_t{given.data.abstained[u]}, std::int64_t{given.data.leader[u]},
                          std::int64_t{given.data.other[u]},
                          count.unit_place.empty() || count.unit_place[index] == no_place
                              ? std::string()
                              : count.hierarchy.path(count.unit_place[index])});
    const double turnout = given.data.registered[u] - given.data.abstained[u];
    flags["rows"].push_back({100 * turnout / given.data.registered[u],
                             turnout > 0 ? 100 * given.data.leader[u] / turnout : 0, probability(u)});
  }
  finding.tables.push_back(std::move(units));
  finding.estimates.push_back({"flagged_units", static_cast<double>(flagged), "units", "with a posterior probability of manipulation above 1/2"});

  // Beside it: other priors, the sides swapped, fair elections.
  ChainPlan side{.chains = 2,
                 .warmup = plan.warmup,
                 .iterations = static_cast<std::size_t>(request.side_iterations),
                 .block = static_cast<std::size_t>(request.side_iterations),
                 .until_mixed = false};
  if (request.sensitivity) {
    Table table{.id = "prior_sensitivity",
                .title = "The votes in question under other priors",
                .columns = {{"prior"},
                            {"pi_none", "share 0..1"},
                            {"votes", "votes", "posterior mean"},
                            {"low", "votes"},
                            {"high", "votes"},
                            {"rhat", "", "the largest; short fits of two chains"},
                            {"effective_share", "share 0..1", "of the draws that the other prior leaves (reweighted rows)"}},
                .rows = {}};
    const auto& d = draws.diagnostic("votes_in_question");
    table.rows.push_back({std::string("as reported"), draws.diagnostic("pi_none").mean, d.mean,
                          draws.quantile("votes_in_question", (1 - level) / 2),
                          draws.quantile("votes_in_question", (1 + level) / 2), worst_rhat(draws), Cell{}});
    for (const double power : {5.0, 50.0}) {
      const auto r = reweighted(draws, power, level);
      table.rows.push_back({fmt::format("pi_none to the power {:g} more", power), r.none, r.votes, r.low, r.high, Cell{}, r.effective_share});
    }
    std::vector<std::pair<std::string, CoherentPrior>> others;
    for (const int tail : {3, 31})
      if (tail != prior.tail) {
        others.emplace_back(fmt::format("tails with {} degrees of freedom", tail), prior);
        others.back().second.tail = tail;
      }
    others.emplace_back("a coarser lattice of m and s (4 and 2)", prior);
    others.back().second.incremental = 4;
    others.back().second.extreme = 2;
    for (const auto& [name, other] : others) {
      side.stage = "mixture: other priors";
      COTEJO_TRY(refit, fit(given.data, other, side, context.seed, context));
      table.rows.push_back({name, refit.diagnostic("pi_none").mean, refit.diagnostic("votes_in_question").mean,
                            refit.quantile("votes_in_question", (1 - level) / 2),
                            refit.quantile("votes_in_question", (1 + level) / 2), worst_rhat(refit), Cell{}});
    }
    finding.tables.push_back(std::move(table));
  }
  Table beside{.id = "side_by_side",
               .title = "What the same model finds elsewhere: sides swapped, and fair elections of the same shape",
               .columns = {{"election"},
                           {"model"},
                           {"pi_incremental", "share 0..1"},
                           {"pi_extreme", "share 0..1"},
                           {"votes", "votes", "posterior mean of manufactured + stolen"},
                           {"low", "votes"},
                           {"high", "votes"},
                           {"rhat", "", "the largest"}},
               .rows = {},
               .brief = {"election", "model", "votes", "low", "high"}};
  beside.rows.push_back(side_row("this one", "mixture", draws, level));
  const auto beside_published = [&](const std::string& election, const MixtureData& data) -> Result<void> {
    for (const auto& [name, model] : {std::pair{"bl", mixture::Published::bl}, {"qbl", mixture::Published::qbl}}) {
      if (request.published != "both" && request.published != name) continue;
      side.stage = fmt::format("mixture: {} beside it", name);
      const MixtureData used = mixture::only(data, mixture::units_that_voted(data));
      COTEJO_TRY(fitted, mixture::fit_published(used, model, side, context.seed, context));
      beside.rows.push_back(side_row(election, name, fitted, level));
    }
    return {};
  };
  COTEJO_CHECK(beside_published("this one", given.data));
  double most_found = NAN, swapped_votes = NAN;
  if (request.fair_elections > 0) {
    MixtureData swapped = given.data;
    std::swap(swapped.leader, swapped.other);
    side.stage = "mixture: sides swapped";
    COTEJO_TRY(other_side, fit(swapped, prior, side, context.seed, context));
    swapped_votes = other_side.diagnostic("votes_in_question").mean;
    beside.rows.push_back(side_row("sides swapped", "mixture", other_side, level));
    const FairModel fair(given.electorate, given.returns);
    for (std::int64_t i = 0; i < request.fair_elections; ++i) {
      const Returns drawn = fair.draw(Depth::places, context.seed, Purpose::fair_election, static_cast<std::uint64_t>(i));
      side.stage = fmt::format("mixture: fair election {} of {}", i + 1, request.fair_elections);
      const MixtureData data = data_of(given.electorate, drawn, given.of_valid);
      COTEJO_TRY(clean, fit(data, prior, side, context.seed, context));
      const double votes = clean.diagnostic("votes_in_question").mean;
      most_found = std::isnan(most_found) ? votes : std::max(most_found, votes);
      beside.rows.push_back(side_row(fmt::format("fair election {}", i + 1), "mixture", clean, level));
      COTEJO_CHECK(beside_published(fmt::format("fair election {}", i + 1), data));
    }
    finding.estimates.push_back({"votes_in_fair_elections", most_found, "votes",
                                 "the most that the model puts in question in the fair elections it was fitted to"});
    finding.estimates.push_back({"votes_sides_swapped", swapped_votes, "votes",
                                 "that the model puts in question when the leader and all others change places"});
  }
  finding.tables.push_back(std::move(beside));

  Table left{.id = "left_out", .title = "Units that the model leaves out", .columns = {{"reason"}, {"units"}}, .rows = {}};
  std::int64_t left_out = 0;
  for (const auto& [reason, number] : given.left_out) {
    left.rows.push_back({reason, number});
    left_out += number;
  }
  finding.tables.push_back(std::move(left));
  finding.conditions.push_back({fmt::format("{} of {} units are used, {} are left out", with_thousands(static_cast<long long>(n)),
                                            with_thousands(static_cast<long long>(count.units())), with_thousands(left_out)),
                                20 * left_out <= static_cast<std::int64_t>(count.units())});
  const std::vector<std::string> shown = {"pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"};
  finding.figures.push_back(mixture::densities_figure(draws, shown));
  finding.figures.push_back(mixture::traces_figure(draws, shown));
  finding.figures.push_back({"flagged", "flagged-units", "Units by turnout, leader share and probability of manipulation", flags.dump()});

  const double low = draws.quantile("votes_in_question", (1 - level) / 2);
  const double elsewhere = std::max(std::isnan(most_found) ? 0 : most_found, std::isnan(swapped_votes) ? 0 : swapped_votes);
  if (!std::isnan(most_found))
    finding.conditions.push_back({fmt::format("The model finds clearly more here than where nothing was manipulated (fair elections {}, sides swapped {})",
                                              votes_text(most_found), votes_text(swapped_votes)),
                                  low > elsewhere});
  if (request.rule) finding.for_outcome = ForOutcome::unknown;
  finding.answer = Answer::undetermined;
  finding.headline =
      offenders.empty()
          ? "No total of manipulated votes can be identified: of simulated elections with known irregularities the 90 % intervals held the truth in 59.5 to 88 %."
          : fmt::format("Undetermined: the chains have not mixed in {}.", fmt::join(offenders, ", "));
  finding.does_not_show = {
      "Fraud: the model sees units where turnout and the leader's share are both higher than their place explains, from whatever cause.",
      "Manipulation of whole places, or everywhere alike: a place effect takes it up.",
      "That the votes are there when fair elections, or the sides swapped, give as many.",
      "A total: what the model reads hangs on how heavy the tails of units are taken to be, and neither pure stuffing nor pure transfer lies inside the model."};
  return finding;
}

}  // namespace cotejo

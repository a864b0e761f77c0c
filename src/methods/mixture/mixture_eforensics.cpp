#include "cotejo/methods/mixture/mixture_eforensics.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"
#include "cotejo/methods/mixture/votes_in_question.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/support.hpp"
#include "mixture_finding.hpp"
#include "published_fit.hpp"

namespace cotejo {

namespace mixture {

std::vector<std::size_t> units_that_voted(const MixtureData& data) {
  std::vector<std::size_t> out;
  for (std::size_t u = 0; u < data.size(); ++u)
    if (data.abstained[u] < data.registered[u]) out.push_back(u);
  return out;
}

Result<ChainDraws> fit_published(const MixtureData& data, Published model, const ChainPlan& plan, Seed seed,
                                 const Context& context, const RunControl* control) {
  return run_chains(
      [&](std::uint64_t chain, Blocks blocks) { return published_chain(data, model, seed, chain, std::move(blocks)); },
      published_names(), data.size(), plan, context, control);
}

}  // namespace mixture

MethodInfo MixtureEforensicsRequest::info() {
  return {.id = "mixture-eforensics",
          .family = "mixture",
          .title = "The published finite-mixture models",
          .question = "What do the published models bl and qbl give on these units?",
          .assumes =
              "What their authors assume, which is not coherent: a success probability may leave 0..1, and abstentions "
              "and the leader's votes may exceed the registered voters.",
          .cost = "linear in units x chains x iterations: about three microseconds each",
          .references = {
              "Mebane, W. R. (2016). Election forensics: frauds tests and observation-level frauds probabilities.",
              "Mebane, W. R. (2019). Evidence against fraudulent votes being decisive in the Bolivia 2019 election."}};
}

const OptionTable<MixtureEforensicsRequest>& MixtureEforensicsRequest::table() {
  using R = MixtureEforensicsRequest;
  static const OptionTable<R> options = [] {
    OptionTable<R> t;
    t.add(&R::model, {.name = "model",
                      .unit = "",
                      .text = "Binomial-logistic, or with unit effects (quasi-binomial).",
                      .choices = {"bl", "qbl"}});
    t.add(&R::chains, {.name = "chains", .unit = "chains", .text = "How many chains.", .low = 2, .high = 64});
    t.add(&R::iterations,
          {.name = "iterations",
           .unit = "iterations",
           .text = "The most that each chain keeps; it stops earlier when every quantity has converged.",
           .low = 50,
           .high = 1e6});
    t.add(&R::warmup, {.name = "warmup",
                       .unit = "iterations",
                       .text = "That each chain takes before it keeps any.",
                       .low = 20,
                       .high = 1e6});
    t.add(&R::ballots, {.name = "ballots",
                        .unit = "",
                        .text = "What turnout is: ballots cast, or valid votes as in the published runs.",
                        .choices = {"cast", "valid"}});
    t.add(&R::covariates,
          {.name = "covariates",
           .unit = "fields",
           .text = "Fields of the count in all six predictors, comma-separated; `registered` is the logarithm "
                   "of the registered voters. Standardised."});
    t.add(&R::level, {.name = "level", .unit = "share 0..1", .text = "Of the intervals.", .low = 0.5, .high = 0.99});
    t.add(&R::fair_elections, {.name = "fair_elections",
                               .unit = "elections",
                               .text = "Fair elections of the same shape that are fitted too.",
                               .low = 0,
                               .high = 1000});
    t.add(&R::list_limit, {.name = "list_limit",
                           .unit = "rows",
                           .text = "How many units the table of the most probable ones lists.",
                           .low = 0,
                           .high = 1e6});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const MixtureEforensicsRequest& request, const Context& context) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  COTEJO_TRY(given, mixture_units(count, request.ballots, request.covariates));
  const auto voted = mixture::units_that_voted(given.data);
  const MixtureData data = only(given.data, voted);
  if (data.size() < given.data.size())
    given.left_out.emplace_back("nobody voted (the published p does not depend on nu)",
                                static_cast<std::int64_t>(given.data.size() - data.size()));
  const auto model = request.model == "bl" ? mixture::Published::bl : mixture::Published::qbl;
  mixture::ChainPlan plan{.chains = static_cast<std::size_t>(request.chains),
                          .warmup = static_cast<std::size_t>(request.warmup),
                          .iterations = static_cast<std::size_t>(request.iterations)};
  plan.stage = fmt::format("{}: chains", request.model);
  Finding finding = open_finding(MixtureEforensicsRequest::info(), count, context);
  plan.identity =
      fmt::format("{} {} seed {} chains {} warmup {} ballots {} covariates {}", request.model, finding.inputs[0].sha256,
                  context.seed, request.chains, request.warmup, request.ballots, request.covariates);
  COTEJO_TRY(draws, mixture::fit_published(data, model, plan, context.seed, context, request.control));
  if (request.control && request.control->keep && context.rank == 0)
    request.control->keep("draws.csv", mixture::draws_csv(draws));

  const Tally all = tally(count);
  name_shared_places(finding, count.contest, all);
  const double level = request.level;
  const auto estimate = [&](const std::string& name, std::string unit, std::string definition) {
    finding.estimates.push_back({name, draws.diagnostic(name).mean, std::move(unit), std::move(definition),
                                 draws.quantile(name, (1 - level) / 2), draws.quantile(name, (1 + level) / 2), level});
  };
  estimate("pi_none", "share 0..1", "posterior mean");
  estimate("pi_incremental", "share 0..1", "posterior mean");
  estimate("pi_extreme", "share 0..1", "posterior mean");
  estimate("manufactured_votes", "votes",
           "sum of m (1 - tau) N over the units' classes, as the literature computes it");
  estimate("stolen_votes", "votes", "sum of s tau (1 - nu) N over the units' classes");
  estimate("votes_in_question", "votes", "manufactured + stolen");
  std::vector<std::string> offenders;
  for (const auto& d : draws.diagnostics)
    if (!d.mixed)
      offenders.push_back(
          fmt::format("{} (R-hat {:.3f}, ESS {:.0f} and {:.0f})", d.quantity, d.rhat, d.ess_bulk, d.ess_tail));
  finding.conditions.push_back(
      {"Every reported quantity has converged: R-hat < 1.01, bulk and tail ESS > 400", offenders.empty()});
  if (draws.out_of_time) finding.conditions.push_back({"The chains had the time they needed", offenders.empty()});
  const auto consequences = consequences_of(count.contest, all, request.rule, given.leader, given.runner_up,
                                            draws.of("manufactured_votes"), draws.of("stolen_votes"), level);
  finding.tables.push_back(mixture::diagnostics_table(draws, plan));
  finding.tables.push_back(consequences.table);

  // Each chain's own totals beside pi: what a pooled mean hides.
  Table chains{.id = "chains",
               .title = "Each chain alone: totals may differ while the class shares agree",
               .columns = {{"chain"}, {"pi_none", "share 0..1"}, {"manufactured", "votes"}, {"stolen", "votes"}},
               .rows = {}};
  for (std::size_t c = 0; c < draws.chains; ++c) {
    const auto mean = [&](std::string_view name) {
      const auto& x = draws.of(name);
      double sum = 0;
      for (std::size_t t = 0; t < draws.iterations; ++t) sum += x[c * draws.iterations + t];
      return sum / static_cast<double>(draws.iterations);
    };
    chains.rows.push_back(
        {static_cast<std::int64_t>(c + 1), mean("pi_none"), mean("manufactured_votes"), mean("stolen_votes")});
  }
  finding.tables.push_back(std::move(chains));

  std::vector<std::size_t> order(data.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto probability = [&](std::size_t u) { return draws.units.incremental[u] + draws.units.extreme[u]; };
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probability(a) > probability(b); });
  std::size_t flagged = 0;
  while (flagged < order.size() && probability(order[flagged]) > 0.5) ++flagged;
  Table units{.id = "units",
              .title = fmt::format("Units by their probability of manipulation; {} are more probable than not",
                                   with_thousands(static_cast<long long>(flagged))),
              .columns = {{"unit"},
                          {"p_incremental", "share 0..1"},
                          {"p_extreme", "share 0..1"},
                          {"manufactured", "votes", "posterior mean"},
                          {"stolen", "votes", "posterior mean"}},
              .rows = {}};
  for (std::size_t i = 0; i < std::min(order.size(), static_cast<std::size_t>(request.list_limit)); ++i) {
    const auto u = order[i];
    units.rows.push_back({std::string(count.unit_keys[given.units[voted[u]]]), draws.units.incremental[u],
                          draws.units.extreme[u], draws.units.manufactured[u], draws.units.stolen[u]});
  }
  finding.tables.push_back(std::move(units));
  finding.estimates.push_back({"flagged_units", static_cast<double>(flagged), "units",
                               "with a posterior probability of manipulation above 1/2"});

  if (request.fair_elections > 0) {
    Table fair_table{.id = "false_alarms",
                     .title = "What the same model finds in fair elections of the same shape",
                     .columns = {{"election"},
                                 {"pi_incremental", "share 0..1"},
                                 {"pi_extreme", "share 0..1"},
                                 {"votes", "votes", "posterior mean"}},
                     .rows = {}};
    const FairModel fair(given.electorate, given.returns);
    mixture::ChainPlan side = plan;
    side.chains = 2;
    side.iterations = std::min<std::size_t>(plan.iterations, 400);
    side.block = side.iterations;
    side.until_mixed = false;
    for (std::int64_t i = 0; i < request.fair_elections; ++i) {
      side.stage = fmt::format("{}: fair election {} of {}", request.model, i + 1, request.fair_elections);
      const Returns drawn =
          fair.draw(Depth::places, context.seed, Purpose::fair_election, static_cast<std::uint64_t>(i));
      const MixtureData clean = data_of(given.electorate, drawn, given.of_valid);
      const MixtureData used = only(clean, mixture::units_that_voted(clean));
      COTEJO_TRY(fitted, mixture::fit_published(used, model, side, context.seed, context));
      fair_table.rows.push_back({i + 1, fitted.diagnostic("pi_incremental").mean, fitted.diagnostic("pi_extreme").mean,
                                 fitted.diagnostic("votes_in_question").mean});
    }
    finding.tables.push_back(std::move(fair_table));
  }
  mixture::add_left_out(count, data.size(), given.left_out, finding);
  finding.conditions.push_back({"The model is coherent: probabilities within 0..1, A + M within N", false});
  const std::vector<std::string> shown = {"pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"};
  finding.figures.push_back(mixture::densities_figure(draws, shown));
  finding.figures.push_back(mixture::traces_figure(draws, shown));
  if (request.rule) {
    // Each kind by its own mechanism; what the model gives is no measure of the election, so nothing follows for the outcome.
    const auto in_question = [&](const char* quantity, Mechanism mechanism, const char* what) {
      return VotesInQuestion{.mechanism = mechanism,
                             .votes = draws.diagnostic(quantity).mean,
                             .low = draws.quantile(quantity, 0.05),
                             .high = draws.quantile(quantity, 0.95),
                             .direction = {.from = given.leader, .to = given.runner_up},
                             .what = what};
    };
    const VotesInQuestion entries[] = {
        in_question("manufactured_votes", Mechanism::withdrawn, "manufactured votes of the published model"),
        in_question("stolen_votes", Mechanism::moved, "stolen votes of the published model"),
        in_question("votes_in_question", Mechanism::unknown, "both together, by whatever mechanism")};
    hold_against_rule(finding, *request.rule, count.contest, all, entries);
    finding.for_outcome = ForOutcome::unknown;
  }
  if (offenders.empty()) {
    finding.answer = Answer::descriptive;
    finding.headline = fmt::format(
        "The published model {} gives pi = {:.4f}, {:.4f}, {:.4f} and {} votes ({} manufactured), which is for "
        "comparison "
        "with the literature and no measure of this election.",
        request.model, draws.diagnostic("pi_none").mean, draws.diagnostic("pi_incremental").mean,
        draws.diagnostic("pi_extreme").mean, with_thousands(std::llround(draws.diagnostic("votes_in_question").mean)),
        with_thousands(std::llround(draws.diagnostic("manufactured_votes").mean)));
  } else {
    finding.answer = Answer::undetermined;
    finding.headline = fmt::format("Undetermined: the chains have not converged in {}.", fmt::join(offenders, ", "));
  }
  finding.does_not_show = {
      "Fraud: units differ by more than the model's chance allows, and it has no other word for that than fraud.",
      "A total that can be held against a margin: the model is not coherent, and its prior alone expects 0.477 of the "
      "units to "
      "be fraudulent (E[pi_none] = 3 log 3 - 4 log 2 = 0.523)."};
  return finding;
}

}  // namespace cotejo

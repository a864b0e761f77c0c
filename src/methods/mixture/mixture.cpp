#include "cotejo/methods/mixture/mixture.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/methods/support/support.hpp"
#include "mixture_finding.hpp"
#include "published_fit.hpp"

namespace cotejo {

namespace {

using mixture::ChainPlan;
using mixture::MixtureResult;

// The published models on the same units, two chains each.
Result<void> add_published(const MixtureRequest& request, MixtureResult& result, const Context& context) {
  for (const auto& [name, model] : {std::pair{"bl", mixture::Published::bl}, {"qbl", mixture::Published::qbl}}) {
    if (request.published != "both" && request.published != name) continue;
    const ChainPlan plan{.chains = 2,
                         .warmup = 300,
                         .iterations = 400,
                         .block = 400,
                         .until_mixed = false,
                         .stage = fmt::format("mixture: {} beside it", name)};
    const MixtureData used = only(result.given.data, mixture::units_that_voted(result.given.data));
    COTEJO_TRY(draws, mixture::fit_published(used, model, plan, context.seed, context));
    result.published.emplace_back(name, mixture::reading_of("this one", draws, request.level));
  }
  return {};
}

}  // namespace

MethodInfo MixtureRequest::info() {
  return {
      .id = "mixture",
      .family = "mixture",
      .title = "A mixture of clean and manipulated units",
      .question =
          "Can a mixture of clean and manipulated units say how many votes were manipulated, and could they change the "
          "outcome?",
      .assumes =
          "Clean units differ from their place by chance, symmetrically on the logit scale; turnout and the leader's "
          "share do "
          "so independently. Whether a total can be identified at all is tried in every run, on elections with planted "
          "irregularities.",
      .cost = "linear in units: about two minutes of two processors for 35,000",
      .references = {
          "Mebane, W. R. (2016). Election forensics: frauds tests and observation-level frauds probabilities. Midwest "
          "Political Science Association (the classes; the model and its sampler are ours).",
          "Klimek, P., Yegorov, Y., Hanel, R., & Thurner, S. (2012). PNAS 109:16469 (the fraction x of non-voters, "
          "x^alpha of others' votes).",
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
           .text = "The most that each chain keeps; it stops earlier when every reported quantity has converged.",
           .low = 50,
           .high = 1e6});
    t.add(&R::warmup, {.name = "warmup",
                       .unit = "iterations",
                       .text = "That each chain takes before it keeps any.",
                       .low = 1,
                       .high = 1e6});
    t.add(&R::ballots,
          {.name = "ballots",
           .unit = "",
           .text = "What turnout is: ballots cast, or valid votes (then blank and null count as staying away).",
           .choices = {"cast", "valid"}});
    t.add(&R::covariates,
          {.name = "covariates",
           .unit = "fields",
           .text = "Fields of the count that explain turnout and share, comma-separated; `registered` is the "
                   "logarithm of the registered voters."});
    t.add(&R::manipulated_percent, {.name = "manipulated_percent",
                                    .unit = "% of units",
                                    .text = "The share of manipulated units that the prior expects.",
                                    .low = 0.1,
                                    .high = 50});
    t.add(&R::level, {.name = "level", .unit = "share 0..1", .text = "Of the intervals.", .low = 0.5, .high = 0.99});
    t.add(&R::fair_elections,
          {.name = "fair_elections",
           .unit = "elections",
           .text = "Fair elections of the same shape that are read too: what the model reads where there is nothing.",
           .low = 1,
           .high = 1000});
    t.add(&R::trials,
          {.name = "trials",
           .unit = "elections",
           .text = "Elections with planted irregularities, for each of three kinds, two placements and three doses.",
           .low = 1,
           .high = 1000});
    t.add(&R::trial_units, {.name = "trial_units",
                            .unit = "units",
                            .text = "How many units, of whole places, an election with planted irregularities has.",
                            .low = 100,
                            .high = 1e6});
    t.add(&R::published, {.name = "published",
                          .unit = "",
                          .text = "Published models to lay beside it.",
                          .choices = {"none", "bl", "qbl", "both"}});
    t.add(&R::list_limit, {.name = "list_limit",
                           .unit = "rows",
                           .text = "How many units the table of those that stand out lists.",
                           .low = 0,
                           .high = 1e6});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const MixtureRequest& request, const Context& context) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  COTEJO_TRY(given, mixture_units(count, request.ballots, request.covariates));
  Finding finding = open_finding(MixtureRequest::info(), count, context);
  if (request.fair_elections < 1 || request.trials < 1) {
    mixture::present_unchecked(request, finding);
    return finding;
  }
  MixtureResult result{.given = std::move(given),
                       .prior = {.manipulated = request.manipulated_percent / 100},
                       .plan = {.chains = static_cast<std::size_t>(request.chains),
                                .warmup = static_cast<std::size_t>(request.warmup),
                                .iterations = static_cast<std::size_t>(request.iterations),
                                .block = 50,
                                .stage = "mixture: chains"},
                       .draws = {},
                       .reading = {},
                       .controls = {},
                       .trials = {},
                       .published = {}};
  result.plan.identity = fmt::format("mixture/2 {} seed {} chains {} warmup {} ballots {} covariates {} prior {}",
                                     finding.inputs[0].sha256, context.seed, request.chains, request.warmup,
                                     request.ballots, request.covariates, request.manipulated_percent);
  COTEJO_TRY(fit,
             mixture::fit_mixture(result.given.data, result.prior, result.plan, context, nullptr, request.control));
  if (request.control && request.control->keep && context.rank == 0)
    request.control->keep("draws.csv", mixture::draws_csv(fit.draws));
  result.draws = std::move(fit.draws);
  result.reading = mixture::reading_of("this one", result.draws, request.level);
  Context here = context;  // every rank reads the controls: they are the same everywhere
  here.rank = 0;
  here.ranks = 1;
  COTEJO_TRY(controls, mixture::run_controls(result.given, result.prior, fit.mode, result.reading,
                                             {.fair_elections = request.fair_elections,
                                              .iterations = std::min<std::int64_t>(400, request.iterations),
                                              .level = request.level},
                                             here));
  result.controls = std::move(controls);
  COTEJO_TRY(trials, mixture::run_trials(result.given, result.prior,
                                         {.units = request.trial_units,
                                          .repeats = request.trials,
                                          .iterations = std::min<std::int64_t>(150, request.iterations),
                                          .level = request.level},
                                         here));
  result.trials = std::move(trials);
  COTEJO_CHECK(add_published(request, result, context));
  mixture::present(count, request, result, finding);
  return finding;
}

}  // namespace cotejo

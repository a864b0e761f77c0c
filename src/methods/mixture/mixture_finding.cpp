#include "mixture_finding.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/mixture/votes_in_question.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo::mixture {

namespace {

constexpr std::size_t least_units =
    500;  // on 48 units the ranks of simulation-based calibration are not uniform (docs/methods/mixture.md)

std::string votes_text(double votes) {
  return with_thousands(std::llround(votes));
}

// Empty where a fit has not converged.
Cell known(double value) {
  return std::isnan(value) ? Cell{} : Cell{value};
}

std::string_view placement(bool whole_places) {
  return whole_places ? "whole places" : "scattered units";
}

std::vector<std::string> not_mixed(const ChainDraws& draws) {
  std::vector<std::string> out;
  for (const auto& d : draws.diagnostics)
    if (!d.mixed)
      out.push_back(
          fmt::format("{} (R-hat {:.3f}, ESS {:.0f} and {:.0f})", d.quantity, d.rhat, d.ess_bulk, d.ess_tail));
  return out;
}

// The five fixed estimates: net of what the controls read, or null with the reason.
void add_estimates(const MixtureResult& result, bool identified, double level, Finding& finding) {
  const auto share = [&](const std::string& name, std::string definition) {
    const auto& d = result.draws;
    if (identified)
      finding.estimates.push_back({name, d.diagnostic(name).mean, "share 0..1", std::move(definition),
                                   d.quantile(name, (1 - level) / 2), d.quantile(name, (1 + level) / 2), level});
    else
      finding.estimates.push_back({name, NAN, "share 0..1", definition + "; null: no total can be identified"});
  };
  share("pi_none", "posterior mean share of units that are not manipulated");
  share("pi_incremental", "posterior mean share of units with fractions below 0.7");
  share("pi_extreme", "posterior mean share of units with fractions above 0.7");
  const double votes = result.reading.votes,
               of_net = votes > 0 && result.controls.net.known() ? std::max(0.0, result.controls.net.votes) / votes : 0;
  const auto net = [&](const std::string& name, double value, std::string definition) {
    finding.estimates.push_back({name, identified ? value * of_net : NAN, "votes of the leader",
                                 identified ? definition : definition + "; null: no total can be identified"});
  };
  net("manufactured_votes", result.reading.manufactured, "ballots of people who did not vote, net of the controls");
  net("stolen_votes", result.reading.stolen, "ballots cast for others, net of the controls");
  // Of fits that have not converged nothing is given.
  const auto read = [&](const std::string& name, double value, std::string definition, double low = NAN,
                        double high = NAN, std::optional<double> of_level = {}) {
    const auto bound = [](double x) { return std::isnan(x) ? std::nullopt : std::optional(x); };
    if (std::isnan(value)) definition += "; null: a fit that it comes from has not converged";
    finding.estimates.push_back({name, value, "votes", std::move(definition), bound(low), bound(high),
                                 std::isnan(low) ? std::nullopt : of_level});
  };
  read("votes_read", votes,
       "what the model reads as manufactured or stolen, before anything is subtracted: no measure of this election",
       result.reading.low, result.reading.high, level);
  read("votes_net", result.controls.net.votes,
       "votes_read less the larger of what is read with the sides swapped and in fair elections of the same shape",
       result.controls.net.low, result.controls.net.high, level);
  read("votes_sides_swapped", result.controls.swapped.votes,
       "what the model reads when the leader and all others change places");
  read("votes_in_fair_elections", result.controls.fair,
       "what the model reads in fair elections of the same shape, on average, between the least and the most",
       result.controls.fair_low, result.controls.fair_high);
  const double units = result.prior.manipulated * static_cast<double>(result.given.data.size());
  finding.estimates.push_back({"prior_units", units, "units", "manipulated units that the prior expects"});
  finding.estimates.push_back({"prior_votes", votes_expected_before(result.prior, result.given.data), "votes",
                               "manufactured or stolen votes that the prior expects in these units"});
  const Coverage coverage = coverage_of(result.trials);
  finding.estimates.push_back(
      {"coverage_percent", 100 * coverage.share(), "%",
       "of the elections with planted irregularities, those where the net interval holds the truth"});
}

Table readings_table(const MixtureResult& result) {
  Table table{
      .id = "side_by_side",
      .title = "What the same model reads elsewhere: sides swapped, fair elections of the same shape, other tails",
      .columns = {{"election"},
                  {"model"},
                  {"pi_incremental", "share 0..1"},
                  {"pi_extreme", "share 0..1"},
                  {"votes", "votes", "posterior mean of manufactured + stolen"},
                  {"low", "votes"},
                  {"high", "votes"},
                  {"rhat", "", "the largest of these quantities"},
                  {"mixed", "", "R-hat < 1.01 and both ESS > 400; where not, nothing is read"}},
      .rows = {},
      .brief = {"election", "model", "votes", "low", "high"}};
  const auto add = [&](const std::string& model, const Reading& r) {
    table.rows.push_back({r.election, model, known(r.incremental), known(r.extreme), known(r.votes), known(r.low),
                          known(r.high), r.rhat, r.mixed});
  };
  add("mixture", result.reading);
  for (const auto& reading : result.controls.readings) add("mixture", reading);
  for (const auto& [model, reading] : result.published) add(model, reading);
  return table;
}

Table trials_table(const MixtureResult& result) {
  const Coverage coverage = coverage_of(result.trials);
  Table table{
      .id = "trials",
      .title = fmt::format("Elections with planted irregularities: the net interval holds the truth in {} of {}",
                           coverage.held, coverage.trials),
      .columns = {{"planted", "", "added: ballots of non-voters; moved: votes of others; both"},
                  {"where"},
                  {"dose_percent", "% of units"},
                  {"generator", "", "of the fair election underneath"},
                  {"units", "units"},
                  {"truth", "votes", "planted"},
                  {"read", "votes", "before anything is subtracted"},
                  {"low", "votes", "net"},
                  {"high", "votes", "net"},
                  {"held", "", "the net interval holds the truth"},
                  {"rhat", "", "the largest of what is read; nothing is read from 1.05 on"}},
      .rows = {},
      .brief = {"planted", "where", "dose_percent", "truth", "low", "high", "held"}};
  for (const Trial& t : result.trials)
    table.rows.push_back({std::string(to_text(t.planted)), std::string(placement(t.whole_places)), 100 * t.dose,
                          std::string(to_text(t.generator)), t.units, t.truth(), known(t.read), known(t.net.low),
                          known(t.net.high), t.net.known() ? Cell{t.held()} : Cell{}, t.rhat});
  return table;
}

std::int64_t registered_in(const MixtureData& data) {
  return std::accumulate(data.registered.begin(), data.registered.end(), std::int64_t{0});
}

std::string_view to_text(NoBound reason) {
  switch (reason) {
    case NoBound::none:
      return "";
    case NoBound::controls:
      return "what is read here, with the sides swapped or in fair elections has not converged";
    case NoBound::trials:
      return "a trial has not converged";
    case NoBound::few:
      return "fewer than 20 trials of a dose";
    case NoBound::uncertain:
      return "whether a dose is excluded hangs on Monte Carlo error";
    case NoBound::open:
      return "not even the largest dose tried is excluded";
  }
  return "";
}

Table bounds_table(const std::vector<HiddenVotes>& hidden) {
  Table table{.id = "bounds",
              .title = "Up to how many votes, by what was done and where, the reading excludes nothing",
              .columns = {{"planted"},
                          {"where"},
                          {"votes_low", "votes", "nothing has to be manipulated"},
                          {"votes_high", "votes",
                           "planted at the smallest dose from which on nearly every trial reads more than this "
                           "election; smaller doses were not tried or are not excluded"},
                          {"manufactured", "votes"},
                          {"stolen", "votes"},
                          {"no_bound", "", "why none can be given"}},
              .rows = {}};
  const auto whole = [](double votes) { return std::isnan(votes) ? Cell{} : Cell{std::int64_t{std::llround(votes)}}; };
  for (const auto& h : hidden)
    table.rows.push_back({std::string(to_text(h.planted)), std::string(placement(h.whole_places)), std::int64_t{0},
                          whole(h.votes()), whole(h.manufactured), whole(h.stolen), std::string(to_text(h.no_bound))});
  return table;
}

bool bounded(const std::vector<HiddenVotes>& hidden) {
  return std::all_of(hidden.begin(), hidden.end(), [](const HiddenVotes& h) { return h.no_bound == NoBound::none; });
}

// The bounds held against the rule, where there is one of every kind: added ballots withdrawn, moved votes moved back, both by any mechanism.
void hold_bounds(const std::vector<HiddenVotes>& hidden, const Rule& rule, const Contest& contest, const Tally& tally,
                 std::size_t leader, Finding& finding) {
  if (!bounded(hidden)) {
    finding.for_outcome = ForOutcome::unknown;
    return;
  }
  std::vector<VotesInQuestion> entries;
  for (const auto& h : hidden) {
    const double votes = h.votes();
    const Mechanism mechanism = h.planted == PlantedBy::added   ? Mechanism::withdrawn
                                : h.planted == PlantedBy::moved ? Mechanism::moved
                                                                : Mechanism::unknown;
    entries.push_back(
        {.mechanism = mechanism,
         .votes = votes,
         .low = 0,
         .high = votes,
         .direction = {.from = leader},
         .what = fmt::format("{}, {}: the most that is not excluded", to_text(h.planted), placement(h.whole_places))});
  }
  hold_against_rule(finding, rule, contest, tally, entries);
}

struct Standing {
  std::vector<std::size_t> order;  // units, the most probable first
  std::size_t flagged = 0;
};

Standing standing_of(const UnitSums& units) {
  Standing out;
  const auto probability = [&](std::size_t u) { return units.incremental[u] + units.extreme[u]; };
  out.order.resize(units.incremental.size());
  std::iota(out.order.begin(), out.order.end(), std::size_t{0});
  std::stable_sort(out.order.begin(), out.order.end(),
                   [&](std::size_t a, std::size_t b) { return probability(a) > probability(b); });
  while (out.flagged < out.order.size() && probability(out.order[out.flagged]) > 0.5) ++out.flagged;
  return out;
}

void add_units(const Count& count, const MixtureResult& result, std::size_t limit, Finding& finding) {
  const Standing standing = standing_of(result.draws.units);
  const MixtureData& data = result.given.data;
  Table table{.id = "units",
              .title = fmt::format("Units that stand out from their place; {} are more probably so than not",
                                   with_thousands(static_cast<long long>(standing.flagged))),
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
  nlohmann::ordered_json flags{{"columns", {"turnout_percent", "leader_percent", "probability"}},
                               {"rows", nlohmann::ordered_json::array()}};
  const UnitSums& units = result.draws.units;
  for (std::size_t i = 0; i < std::min(standing.order.size(), limit); ++i) {
    const auto u = standing.order[i];
    const UnitIndex index = result.given.units[u];
    const bool placed = !count.unit_place.empty() && count.unit_place[index] != no_place;
    table.rows.push_back({std::string(count.unit_keys[index]), units.incremental[u], units.extreme[u],
                          units.manufactured[u], units.stolen[u], std::int64_t{data.registered[u]},
                          std::int64_t{data.abstained[u]}, std::int64_t{data.leader[u]}, std::int64_t{data.other[u]},
                          placed ? count.hierarchy.path(count.unit_place[index]) : std::string()});
    const double ballots = data.registered[u] - data.abstained[u];
    flags["rows"].push_back({100 * ballots / data.registered[u], ballots > 0 ? 100 * data.leader[u] / ballots : 0,
                             units.incremental[u] + units.extreme[u]});
  }
  finding.tables.push_back(std::move(table));
  finding.figures.push_back(
      {"flagged", "flagged-units", "Units by turnout, leader share and probability of manipulation", flags.dump()});
}

// Units that share their lowest place with another: only they say what is usual there.
std::int64_t units_with_neighbours(const MixtureData& data) {
  std::vector<std::int64_t> of_place(data.places.size(), 0);
  for (const auto p : data.place) ++of_place[p];
  return std::accumulate(of_place.begin(), of_place.end(), std::int64_t{0},
                         [](std::int64_t sum, std::int64_t n) { return n > 1 ? sum + n : sum; });
}

// What the controls say, as far as they have converged.
void add_control_conditions(const MixtureResult& result, Finding& finding) {
  const auto& readings = result.controls.readings;
  const auto mixed = std::count_if(readings.begin(), readings.end(), [](const Reading& r) { return r.mixed; });
  const auto trials = coverage_of(result.trials);
  finding.conditions.push_back(
      {fmt::format("Every control and every trial has converged as well: {} of {}", mixed + trials.trials,
                   static_cast<std::int64_t>(readings.size()) + trials.trials + trials.not_read),
       mixed == static_cast<std::ptrdiff_t>(readings.size()) && trials.not_read == 0});
  if (result.controls.net.known())
    finding.conditions.push_back({fmt::format("The model reads clearly more here ({}) than where nothing was "
                                              "manipulated (fair elections {}, sides swapped {})",
                                              votes_text(result.reading.votes), votes_text(result.controls.fair),
                                              votes_text(result.controls.swapped.votes)),
                                  result.controls.net.low > 0});
  else
    finding.conditions.push_back(
        {"The model reads clearly more here than where nothing was manipulated: not known, as a fit has not converged",
         false});
  double least = result.reading.votes, most = least;
  bool known = result.reading.mixed;
  for (const auto& reading : readings) {
    if (!reading.election.starts_with("tails")) continue;
    known = known && reading.mixed;
    least = std::min(least, reading.votes);
    most = std::max(most, reading.votes);
  }
  if (known)
    finding.conditions.push_back(
        {fmt::format("What is read does not hang on how heavy the tails of units are (from {} to {} votes)",
                     votes_text(least), votes_text(most)),
         most <= 1.5 * std::max(1.0, least)});
  else
    finding.conditions.push_back(
        {"What is read does not hang on how heavy the tails of units are: not known, as a fit has not converged",
         false});
}

void add_conditions(const MixtureResult& result, bool mixed, Finding& finding) {
  finding.conditions.push_back({"Every reported quantity has converged: R-hat < 1.01, bulk and tail ESS > 400", mixed});
  const auto units = static_cast<std::int64_t>(result.given.data.size()),
             neighbours = units_with_neighbours(result.given.data);
  finding.conditions.push_back({fmt::format("Units can be compared with others of their place: {} of {} share it",
                                            with_thousands(neighbours), with_thousands(units)),
                                2 * neighbours >= units && result.given.data.places.size() > 1});
  finding.conditions.push_back(
      {fmt::format("The posterior was checked for counts of this size: at least {} units (here {})", least_units,
                   with_thousands(units)),
       result.given.data.size() >= least_units});
  const Coverage coverage = coverage_of(result.trials);
  finding.conditions.push_back(
      {fmt::format("A total can be identified: in at least 86 % of 200 elections with planted irregularities of every "
                   "kind, placement and dose the net interval holds the truth (here in {} of {} in all)",
                   coverage.held, coverage.trials),
       coverage.identified});
  add_control_conditions(result, finding);
  if (result.draws.out_of_time) finding.conditions.push_back({"The chains had the time they needed", mixed});
}

// Why no bound can be given, of the first kind that has none.
std::string_view no_bound_sentence(NoBound reason) {
  switch (reason) {
    case NoBound::few:
      return " No bound can be given either: that takes at least 20 such elections of every kind, placement and dose.";
    case NoBound::open:
      return " No bound can be given either: not even the most that was planted always reads more than this election.";
    case NoBound::uncertain:
      return " No bound can be given either: it would hang on Monte Carlo error.";
    default:
      return " No bound can be given either: a fit that it comes from has not converged.";
  }
}

std::string outcome_sentence(const Finding& finding, const std::vector<HiddenVotes>& hidden) {
  for (const auto& h : hidden)
    if (h.no_bound != NoBound::none) return std::string(no_bound_sentence(h.no_bound));
  if (!finding.for_outcome) return "";
  if (*finding.for_outcome == ForOutcome::holds)
    return " Not even the most votes that its reading leaves open could change the outcome.";
  if (*finding.for_outcome == ForOutcome::unknown)
    return " Whether the votes that its reading leaves open could change the outcome is not known.";
  const auto most = [&](bool whole) {
    double votes = 0;
    for (const auto& h : hidden)
      if (h.whole_places == whole) votes = std::max(votes, h.votes());
    return votes_text(votes);
  };
  return fmt::format(
      " Its reading excludes nothing up to {} votes in scattered units and {} in whole places; so many could change "
      "the outcome.",
      most(false), most(true));
}

}  // namespace

void add_left_out(const Count& count, std::size_t used,
                  const std::vector<std::pair<std::string, std::int64_t>>& reasons, Finding& finding) {
  Table left{
      .id = "left_out", .title = "Units that the model leaves out", .columns = {{"reason"}, {"units"}}, .rows = {}};
  std::int64_t left_out = 0;
  for (const auto& [reason, number] : reasons) {
    left.rows.push_back({reason, number});
    left_out += number;
  }
  finding.tables.push_back(std::move(left));
  finding.conditions.push_back(
      {fmt::format("{} of {} units are used, {} are left out", with_thousands(static_cast<long long>(used)),
                   with_thousands(static_cast<long long>(count.units())), with_thousands(left_out)),
       20 * left_out <= static_cast<std::int64_t>(count.units())});
}

void present(const Count& count, const MixtureRequest& request, const MixtureResult& result, Finding& finding) {
  const Tally all = tally(count);
  name_shared_places(finding, count.contest, all);
  const auto offenders = not_mixed(result.draws);
  const Coverage coverage = coverage_of(result.trials);
  const bool identified = offenders.empty() && coverage.identified && result.controls.net.known() &&
                          result.given.data.size() >= least_units;
  add_estimates(result, identified, request.level, finding);
  add_conditions(result, offenders.empty(), finding);
  finding.tables.push_back(diagnostics_table(result.draws, result.plan));
  finding.tables.push_back(trials_table(result));
  finding.tables.push_back(readings_table(result));
  const auto hidden = hidden_votes(result.trials, result.controls.net, registered_in(result.given.data));
  finding.tables.push_back(bounds_table(hidden));
  add_units(count, result, static_cast<std::size_t>(request.list_limit), finding);
  add_left_out(count, result.given.data.size(), result.given.left_out, finding);
  const std::vector<std::string> shown = {"pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"};
  finding.figures.push_back(densities_figure(result.draws, shown));
  finding.figures.push_back(traces_figure(result.draws, shown));
  if (request.rule) hold_bounds(hidden, *request.rule, count.contest, all, result.given.leader, finding);
  if (!offenders.empty()) {
    finding.answer = Answer::undetermined;
    if (request.rule) finding.for_outcome = ForOutcome::unknown;
    finding.headline = fmt::format("Undetermined: the chains have not converged in {}.", fmt::join(offenders, ", "));
  } else if (!identified) {
    finding.answer = Answer::undetermined;
    finding.headline = fmt::format(
        "No total of manipulated votes can be identified: of elections with planted irregularities the interval holds "
        "the truth in {} of {}, "
        "and a total takes 86 % of 200 of every kind.{}",
        coverage.held, coverage.trials, outcome_sentence(finding, hidden));
    finding.in_short = {
        "no total of manipulated votes can be identified: elections with planted irregularities are not read back"};
  } else {
    finding.answer = !request.rule                                ? Answer::descriptive
                     : finding.for_outcome == ForOutcome::holds   ? Answer::no
                     : finding.for_outcome == ForOutcome::changes ? Answer::yes
                                                                  : Answer::depends;
    finding.headline = fmt::format(
        "Net of what the same model reads where nothing was manipulated, {} votes [{}, {}] are in question.{}",
        votes_text(std::max(0.0, result.controls.net.votes)), votes_text(std::max(0.0, result.controls.net.low)),
        votes_text(std::max(0.0, result.controls.net.high)), outcome_sentence(finding, hidden));
  }
  finding.does_not_show = {
      "Fraud: the model sees units where the leader has more than their place explains, from whatever cause.",
      "Manipulation of whole places, or everywhere alike: a place effect takes it up, and the table of trials shows by "
      "how much it is missed.",
      "That nothing was manipulated: what is not excluded stands in the table of bounds."};
}

void present_unchecked(const MixtureRequest& request, Finding& finding) {
  for (const char* name : {"pi_none", "pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"})
    finding.estimates.push_back({name, NAN, "", "null: the checks that it depends on were switched off"});
  finding.conditions.push_back({"Fair elections and elections with planted irregularities are read too", false});
  finding.answer = Answer::undetermined;
  if (request.rule) finding.for_outcome = ForOutcome::unknown;
  finding.headline =
      "Undetermined: fair elections or elections with planted irregularities were not to be read, and without them "
      "nothing that the model "
      "reads has a meaning.";
}

}  // namespace cotejo::mixture

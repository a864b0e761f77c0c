#include "cotejo/methods/mixture/mixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "../mixture_controls.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"
#include "cotejo/methods/mixture/mixture_eforensics.hpp"
#include "cotejo/methods/mixture/votes_in_question.hpp"
#include "cotejo/sim/synthetic.hpp"
#include "cotejo/stats/convergence.hpp"

namespace cotejo {
namespace {

const Count& election() {
  static const Count count = [] {
    SyntheticSpec spec;
    spec.units = 1000;
    spec.objected_units = 6;
    spec.objected_precincts = 3;
    auto made = draw_synthetic(spec, {.seed = 4});
    EXPECT_TRUE(made);
    return made->official;
  }();
  return count;
}

Count with_field(std::string id, std::vector<std::int32_t> values) {
  Count count = election();
  count.fields.push_back({.id = std::move(id), .name = "", .values = std::move(values)});
  return count;
}

std::int64_t left_out(const MixtureUnits& units, std::string_view reason) {
  for (const auto& [text, number] : units.left_out)
    if (text.find(reason) != std::string::npos) return number;
  return 0;
}

// Mebane (2019) on Bolivia: F = 22,519.8 against a lead of 648,439 of 6,137,778 valid votes. His .10198 takes F from the
// leader once; votes that were moved change the lead by 2 F: .09831.
TEST(VotesInQuestion, ThePublishedMarginsAreTwoReadingsOfTheSameVotes) {
  Tally tally{.options = {2889359, 2240920}, .units = 34555, .valid = 6137778};
  const auto margin = [&](VoteReading reading) {
    const Tally after = without_votes(tally, 0, 1, reading, 5296, 22520 - 5296);
    return static_cast<double>(after.options[0] - after.options[1]) / static_cast<double>(after.valid);
  };
  EXPECT_NEAR(margin(VoteReading::subtracted_once), 0.10198, 5e-6);
  EXPECT_NEAR(margin(VoteReading::moved), 0.09831, 5e-6);
  EXPECT_NEAR(margin(VoteReading::voided), (648439.0 - 22520) / (6137778.0 - 22520), 1e-12);
  EXPECT_NEAR(margin(VoteReading::as_modelled), (648439.0 - 22520 - (22520 - 5296)) / (6137778.0 - 5296), 1e-12);
}

TEST(VotesInQuestion, NeverTakesMoreThanTheLeaderHas) {
  const Tally tally{.options = {100, 90}, .units = 1, .valid = 190};
  const Tally after = without_votes(tally, 0, 1, VoteReading::moved, 80, 80);
  EXPECT_EQ(after.options[0], 0);
  EXPECT_EQ(after.options[1], 190);
}

TEST(MixtureUnits, EveryUnitLeftOutIsCountedUnderItsReason) {
  Count count = election();
  const std::size_t leader = mixture_units(count, "valid", "")->leader;
  count.registered[0] = 0;
  count.registered[1] = missing;
  count.registered[2] = 3;                                            // fewer than ballots
  count.votes[leader * count.units() + 3] = count.registered[3] + 5;  // A + W > N
  count.cast.clear();
  count.valid_basis = ValidBasis::reported;
  const auto units = mixture_units(count, "valid", "");
  ASSERT_TRUE(units);
  EXPECT_EQ(left_out(*units, "no registered voters"), 2);
  EXPECT_EQ(left_out(*units, "more ballots than registered"), 1);
  EXPECT_EQ(left_out(*units, "A + W > N"), 1);
  EXPECT_EQ(units->data.size() + 4, count.units());
  for (std::size_t u = 0; u < units->data.size(); ++u)
    EXPECT_EQ(units->data.abstained[u] + units->data.leader[u] + units->data.other[u], units->data.registered[u]);
}

TEST(MixtureUnits, WithoutRegisteredVotersTheAnswerIsThatTheDataLackThem) {
  Count count = election();
  count.registered.clear();
  const auto units = mixture_units(count, "cast", "");
  ASSERT_FALSE(units);
  EXPECT_EQ(units.error().code, ErrorCode::input_insufficient);
}

TEST(MixtureUnits, ACovariateThatIsConstantCollinearMissingSeparatingOrUnknownIsNamed) {
  const std::size_t n = election().units();
  std::vector<std::int32_t> constant(n, 7), absent(n, missing), halves(n), some(n);
  for (std::size_t u = 0; u < n; ++u) {
    halves[u] = u % 2 == 0;
    some[u] = u < 10 ? missing : static_cast<std::int32_t>(u % 17);
  }
  const auto error_of = [](const Count& count, const std::string& names) {
    const auto units = mixture_units(count, "cast", names);
    EXPECT_FALSE(units);
    return units ? std::string() : units.error().message;
  };
  EXPECT_NE(error_of(with_field("x", constant), "x").find("same in every unit"), std::string::npos);
  EXPECT_NE(error_of(with_field("x", absent), "x").find("missing in every unit"), std::string::npos);
  EXPECT_NE(error_of(with_field("x", halves), "x, x").find("collinear"), std::string::npos);
  EXPECT_NE(error_of(election(), "nothing").find("no such field"), std::string::npos);
  Count separated = with_field("x", halves);
  for (std::size_t u = 0; u < n; u += 2)
    separated.registered[u] = static_cast<std::int32_t>(separated.cast_of(static_cast<UnitIndex>(u)));
  EXPECT_NE(error_of(separated, "x").find("separates"), std::string::npos);
  const auto units = mixture_units(with_field("x", some), "cast", "x, registered");
  ASSERT_TRUE(units);
  EXPECT_EQ(left_out(*units, "covariate 'x' is missing"), 10);
  EXPECT_EQ(units->data.covariates.size(), 2U);
}

// The first 60 units: without registered voters the others are left out.
Count few_units() {
  Count count = election();
  for (std::size_t u = 60; u < count.units(); ++u) count.registered[u] = 0;
  return count;
}

MixtureRequest short_run() {
  MixtureRequest request;
  request.chains = 2;
  request.warmup = 5;
  request.iterations = 50;
  request.fair_elections = 1;
  request.trial_units = 60;
  return request;
}

constexpr const char* fixed_names[] = {"pi_none", "pi_incremental", "pi_extreme", "manufactured_votes", "stolen_votes"};

// One short run with a rule.
const Result<Finding>& short_finding() {
  static const Result<Finding> finding = [] {
    MixtureRequest request = short_run();
    request.manipulated_percent = 5;
    const Rule rule = Rule::plurality();
    request.rule = &rule;
    return run(election(), request, {.seed = 4, .threads = 2});
  }();
  return finding;
}

TEST(Mixture, ChainsTooShortToMixGiveUndeterminedAndThePriorAndTheControlsStandInTheFinding) {
  const auto& finding = short_finding();
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->answer, Answer::undetermined);
  EXPECT_NE(finding->headline.find("R-hat"), std::string::npos);
  for (const char* name : fixed_names) {
    ASSERT_NE(finding->estimate(name), nullptr) << name;
    EXPECT_TRUE(std::isnan(finding->estimate(name)->value)) << name;
  }
  for (const char* id : {"diagnostics", "trials", "side_by_side", "bounds", "units", "left_out"})
    EXPECT_NE(finding->table(id), nullptr) << id;
  EXPECT_EQ(finding->table("diagnostics")->columns[1].name, "rhat");
  EXPECT_FALSE(finding->conditions[0].met);
  // The controls are always run: sides swapped, a fair election, two other tails beside this one.
  EXPECT_EQ(finding->table("side_by_side")->rows.size(), 5U);
  EXPECT_EQ(finding->table("trials")->rows.size(), 18U);
  // The prior in units and votes.
  EXPECT_NEAR(finding->estimate("prior_units")->value, 0.05 * 1000, 0.5);
  EXPECT_GT(finding->estimate("prior_votes")->value, 0);
}

// One trial of every kind gives no bound, whatever it reads: no votes at stake, and nothing is claimed of the outcome.
TEST(Mixture, ARunOfOneTrialOfEveryKindPutsNoVotesAtStakeAndTheOutcomeIsUnknown) {
  const auto& finding = short_finding();
  ASSERT_TRUE(finding);
  EXPECT_FALSE(finding->at_stake);
  EXPECT_EQ(finding->for_outcome, ForOutcome::unknown);
  EXPECT_EQ(finding->table("stakes"), nullptr);
  const Table* bounds = finding->table("bounds");
  ASSERT_NE(bounds, nullptr);
  ASSERT_EQ(bounds->rows.size(), 6U);
  for (const auto& row : bounds->rows) {
    EXPECT_TRUE(std::holds_alternative<std::monostate>(row[3])) << "votes_high";
    EXPECT_FALSE(std::get<std::string>(row[6]).empty());
  }
}

TEST(Mixture, ItsChecksCannotBeSwitchedOff) {
  MixtureRequest request;
  for (const char* option : {"fair_elections", "trials"}) {
    const auto set = MixtureRequest::table().set(request, option, "0");
    ASSERT_FALSE(set) << option;
    EXPECT_EQ(set.error().code, ErrorCode::option_invalid);
  }
  EXPECT_FALSE(MixtureRequest::table().set(request, "sensitivity", "false"));
  // A caller of the library who sets them all the same gets no conclusion.
  for (const bool fair : {true, false}) {
    request = short_run();
    (fair ? request.fair_elections : request.trials) = 0;
    const Rule rule = Rule::plurality();
    request.rule = &rule;
    const auto finding = run(few_units(), request, {.seed = 4, .threads = 2});
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->answer, Answer::undetermined);
    EXPECT_EQ(finding->for_outcome, ForOutcome::unknown);
    EXPECT_NE(finding->headline.find("were not to be read"), std::string::npos) << finding->headline;
    for (const char* name : fixed_names) EXPECT_TRUE(std::isnan(finding->estimate(name)->value)) << name;
  }
}

TEST(Mixture, WithoutPlacesOrWithFewUnitsTheConditionThatFailsIsNamed) {
  Count count = few_units();
  count.unit_place.clear();
  MixtureRequest request = short_run();
  request.trial_units = 40;
  const auto finding = run(count, request, {.seed = 4, .threads = 2});
  ASSERT_TRUE(finding);
  EXPECT_EQ(finding->answer, Answer::undetermined);
  for (const char* text : {"Units can be compared", "The posterior was checked for counts of this size"}) {
    const auto at = std::find_if(finding->conditions.begin(), finding->conditions.end(),
                                 [&](const Condition& c) { return c.text.english().starts_with(text); });
    ASSERT_NE(at, finding->conditions.end()) << text;
    EXPECT_FALSE(at->met) << text;
  }
}

TEST(Mixture, TwoUnitsOrOneOptionAreTooFewAndTheErrorSaysOfWhat) {
  Count count = election();
  for (std::size_t u = 2; u < count.units(); ++u) count.registered[u] = 0;
  const auto two = run(count, short_run(), {.seed = 4});
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, ErrorCode::input_insufficient);
  Count alone = election();
  alone.contest.options.resize(1);
  alone.votes.resize(alone.units());
  const auto one = run(alone, short_run(), {.seed = 4});
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, ErrorCode::input_insufficient);
}

TEST(Mixture, CancellingIsAnError) {
  std::stop_source stop;
  stop.request_stop();
  const auto finding = run(election(), short_run(), {.seed = 4, .cancel = stop.get_token()});
  ASSERT_FALSE(finding);
  EXPECT_EQ(finding.error().code, ErrorCode::cancelled);
}

mixture::Trial trial_of(mixture::PlantedBy planted, bool whole, double dose, double truth, double low, double high) {
  return {.planted = planted,
          .whole_places = whole,
          .dose = dose,
          .units = 100,
          .registered = 20000,
          .stolen = truth,
          .read = 0,
          .net = {.votes = 0, .low = low, .high = high}};
}

TEST(MixtureControls, TheNetReadingSubtractsWhatIsReadElsewhereAndIsNotKnownWhereThatIsNot) {
  mixture::Reading reading;
  reading.votes = 100;
  reading.low = 80;
  reading.high = 130;
  const auto net = mixture::net_of(reading, {.votes = 60, .error = 1});
  EXPECT_EQ(net.votes, 40);
  EXPECT_EQ(net.low, 20);
  EXPECT_EQ(net.high, 70);
  EXPECT_TRUE(net.known());
  EXPECT_FALSE(mixture::net_of(reading, {.votes = NAN, .error = 1}).known());
}

// Draws of two chains around two centres.
mixture::ChainDraws draws_around(double first, double second) {
  constexpr std::size_t iterations = 600;
  mixture::ChainDraws out{.names = mixture::quantities_read(),
                          .chains = 2,
                          .iterations = iterations,
                          .draws = {},
                          .diagnostics = {},
                          .units = {}};
  Stream stream(3, Purpose::posterior_draw, 0);
  for (const auto& name : out.names) {
    std::vector<double> x;
    for (std::size_t t = 0; t < 2 * iterations; ++t) x.push_back((t < iterations ? first : second) + stream.normal());
    mixture::Diagnostic d{.quantity = name, .mean = (first + second) / 2};
    d.rhat = rhat(x, 2);
    d.ess_bulk = ess_bulk(x, 2);
    d.ess_tail = ess_tail(x, 2);
    d.mixed = d.rhat < 1.01 && d.ess_bulk > 400 && d.ess_tail > 400;
    out.draws.push_back(std::move(x));
    out.diagnostics.push_back(d);
  }
  return out;
}

TEST(MixtureControls, NothingIsReadOfAFitThatHasNotMixedOrWhoseModeWasNotFound) {
  const auto mixed = mixture::reading_of("", draws_around(100, 100), 0.9),
             apart = mixture::reading_of("", draws_around(100, 102), 0.9);
  EXPECT_TRUE(mixed.mixed);
  EXPECT_EQ(mixed.votes, 100);
  EXPECT_FALSE(apart.mixed);
  EXPECT_GT(apart.rhat, 1.1);
  for (const double x :
       {apart.votes, apart.low, apart.high, apart.manufactured, apart.stolen, apart.incremental, apart.extreme})
    EXPECT_TRUE(std::isnan(x));
  EXPECT_TRUE(std::isnan(mixture::reading_of("", draws_around(100, 100), 0.9, false).votes));
}

TEST(MixtureControls, CoverageCountsTheTrialsWhoseNetIntervalHoldsTheTruth) {
  using mixture::PlantedBy;
  const auto coverage = mixture::coverage_of(
      {trial_of(PlantedBy::moved, false, 0.01, 100, 50, 150), trial_of(PlantedBy::moved, false, 0.05, 500, 50, 150)});
  EXPECT_EQ(coverage.held, 1);
  EXPECT_EQ(coverage.trials, 2);
  EXPECT_FALSE(coverage.identified);
}

TEST(MixtureControls, ATotalTakes86PercentOf200TrialsOfEveryKindAndDose) {
  using mixture::PlantedBy;
  const auto trials = [](std::size_t number, std::size_t wrong) {
    std::vector<mixture::Trial> out(number, trial_of(PlantedBy::moved, false, 0.01, 100, 50, 150));
    for (std::size_t i = 0; i < wrong; ++i) out[i].stolen = 500;
    return out;
  };
  EXPECT_TRUE(mixture::coverage_of(trials(200, 28)).identified);
  EXPECT_FALSE(mixture::coverage_of(trials(200, 29)).identified);
  EXPECT_FALSE(mixture::coverage_of(trials(199, 0)).identified);
  EXPECT_FALSE(mixture::coverage_of({}).identified);
}

// `number` trials of every dose (1 % plants 100 votes, 5 % 500) whose net readings start at `low`.
std::vector<mixture::Trial> doses_of_moved(bool whole, std::size_t number, double low_of_small, double low_of_large) {
  std::vector<mixture::Trial> out;
  for (std::size_t i = 0; i < number; ++i) {
    out.push_back(trial_of(mixture::PlantedBy::moved, whole, 0.01, 100, low_of_small, low_of_small + 50));
    out.push_back(trial_of(mixture::PlantedBy::moved, whole, 0.05, 500, low_of_large, low_of_large + 50));
  }
  return out;
}
constexpr mixture::NetReading read_here = {
    .votes = 20, .low = 10, .high = 40};  // of 40,000 voters: 20 of a trial's 20,000
mixture::HiddenVotes hidden_in(const std::vector<mixture::Trial>& trials, const mixture::NetReading& net = read_here) {
  const auto hidden = mixture::hidden_votes(trials, net, 40000);
  EXPECT_EQ(hidden.size(), 1U) << "nothing is given of what was not tried";
  return hidden.at(0);
}

TEST(MixtureControls, ABoundIsTheVotesOfTheSmallestDoseFromWhichOnNearlyAllTrialsReadMore) {
  const auto hidden = hidden_in(doses_of_moved(false, 20, 10, 200));
  EXPECT_EQ(hidden.no_bound, mixture::NoBound::none);
  EXPECT_EQ(hidden.stolen, 1000);  // twice the registered voters of a trial: one in a hundred is not excluded, five are
  EXPECT_EQ(hidden_in(doses_of_moved(false, 20, 100, 200)).stolen, 200);
}

// What one trial a dose gave was 57,205 votes with one order of adding up and 230,102 with another.
TEST(MixtureControls, NoBoundIsGivenFromFewerThan20TrialsOfADose) {
  for (const std::size_t number : {1U, 4U, 19U}) {
    const auto hidden = hidden_in(doses_of_moved(false, number, 10, 200));
    EXPECT_EQ(hidden.no_bound, mixture::NoBound::few) << number;
    EXPECT_TRUE(std::isnan(hidden.votes())) << number;
    // The reason is the same whether the fits have converged: that hangs on the seed.
    auto trials = doses_of_moved(false, number, 10, 200);
    trials[0].net = {.votes = NAN, .low = NAN, .high = NAN};
    EXPECT_EQ(hidden_in(trials).no_bound, mixture::NoBound::few) << number;
  }
}

TEST(MixtureControls, NoBoundIsGivenWhereAFitHasNotMixedOrADoseHangsOnMonteCarloErrorOrNoneIsExcluded) {
  using mixture::NoBound;
  EXPECT_EQ(hidden_in(doses_of_moved(true, 20, 10, 15)).no_bound, NoBound::open);
  EXPECT_EQ(hidden_in(doses_of_moved(false, 20, 10, 200), {.votes = NAN, .low = NAN, .high = NAN}).no_bound,
            NoBound::controls);
  auto trials = doses_of_moved(false, 20, 10, 200);
  trials[7].net = {.votes = NAN, .low = NAN, .high = NAN};
  EXPECT_EQ(hidden_in(trials).no_bound, NoBound::trials);
  trials = doses_of_moved(false, 20, 10, 200);
  for (auto& trial : trials) trial.net.low_error = 6;  // 1 % reads 10 (6), and 20 is what is read here: it may be more
  EXPECT_EQ(hidden_in(trials).no_bound, NoBound::uncertain);
}

TEST(MixtureControls, ATrialThatHasNotMixedIsNoTrialOfTheIntervals) {
  auto trials = doses_of_moved(false, 2, 50, 460);
  trials[0].net = {.votes = NAN, .low = NAN, .high = NAN};
  const auto coverage = mixture::coverage_of(trials);
  EXPECT_EQ(coverage.trials, 3);
  EXPECT_EQ(coverage.not_read, 1);
  EXPECT_FALSE(coverage.identified);
}

TEST(MixtureEforensics, BothModelsRunAndSayThatTheyAreNotCoherent) {
  for (const char* model : {"bl", "qbl"}) {
    MixtureEforensicsRequest request;
    request.model = model;
    request.chains = 2;
    request.warmup = 20;
    request.iterations = 50;
    request.covariates = "registered";
    const auto finding = run(election(), request, {.seed = 4, .threads = 2});
    ASSERT_TRUE(finding);
    EXPECT_EQ(finding->answer, Answer::undetermined);
    EXPECT_NE(finding->table("chains"), nullptr);
  }
}

}  // namespace
}  // namespace cotejo

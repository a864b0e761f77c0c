#include "cotejo/methods/forensics/forensic_test.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t fit_replicates = 39;

std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> out;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto end = std::min(text.find('+', begin), text.size());
    out.emplace_back(trimmed(std::string_view(text).substr(begin, end - begin)));
    begin = end + 1;
  }
  return out;
}

}  // namespace

double Calibration::p_value(std::size_t component) const {
  std::size_t as_large = 0, used = 0;
  for (std::size_t b = 0; b * width < fair.size(); ++b) {
    const double x = fair[b * width + component];
    if (std::isnan(x)) continue;
    ++used;
    as_large += x >= observed[component];
  }
  return static_cast<double>(1 + as_large) / static_cast<double>(1 + used);
}

double Calibration::mean(std::size_t component) const {
  double sum = 0, n = 0;
  for (std::size_t b = 0; b * width < fair.size(); ++b)
    if (const double x = fair[b * width + component]; !std::isnan(x)) {
      sum += x;
      ++n;
    }
  return n > 0 ? sum / n : NAN;
}

double Calibration::quantile(std::size_t component, double share) const {
  std::vector<double> values;
  for (std::size_t b = 0; b * width < fair.size(); ++b)
    if (const double x = fair[b * width + component]; !std::isnan(x)) values.push_back(x);
  if (values.empty()) return NAN;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1) + 0.5)];
}

double Calibration::votes_beyond_fair(const ForensicTest& test) const {
  const double beyond = observed[test.votes] - mean(test.votes);
  return beyond > 0 ? beyond : 0;
}

Result<ForensicCase> forensic_case(const Count& count, const ForensicRequest& request) {
  ForensicCase out{.count = &count, .options = {names_in(request.ballots)}, .electorate = {}, .observed = {}};
  COTEJO_TRY(electorate, electorate_of(count, out.options));
  out.electorate = std::move(electorate);
  out.observed = returns_of(count, out.electorate, out.options);
  return out;
}

Result<CalibratedFinding> calibrated(const MethodInfo& info, const ForensicTest& test, const ForensicCase& given,
                                     const ForensicRequest& request, const Context& context) {
  const Electorate& electorate = given.electorate;
  if (test.needs_registered && electorate.registered.empty())
    return needs("registered voters", "The count does not report them; without them there is no turnout.");
  const FairModel model(electorate, given.observed);
  CalibratedFinding out{.finding = open_finding(info, *given.count, context), .calibration = {}};
  Finding& finding = out.finding;
  Calibration& calibration = out.calibration;
  calibration.width = test.components.size();
  calibration.observed.resize(calibration.width);
  test.measure(electorate, given.observed, calibration.observed);
  if (std::isnan(calibration.observed[0]))
    return needs("units that the statistic can be told from", "See the conditions in the method's page.");
  auto fair = kept_rows_over_ranks(
      context, request.kept, static_cast<std::size_t>(request.replicates), calibration.width, "drawing fair elections",
      [&](std::size_t b, std::span<double> row) {
        test.measure(electorate, model.draw(test.depth, context.seed, Purpose::fair_election, b), row);
      });
  if (!fair) return cancelled_error();
  calibration.fair = std::move(*fair);

  Table table{.id = "statistics",
              .title = "The election beside fair elections drawn from its own units",
              .columns = {{"statistic"},
                          {"observed"},
                          {"fair_mean", "", "mean over the fair elections"},
                          {"fair_low_95"},
                          {"fair_high_95"},
                          {"unit"},
                          {"definition"}},
              .rows = {}};
  for (std::size_t k = 0; k < calibration.width; ++k) {
    const auto& c = test.components[k];
    const auto cell = [](double x) { return std::isnan(x) ? Cell{} : Cell{x}; };
    table.rows.push_back({std::string(c.name), cell(calibration.observed[k]), cell(calibration.mean(k)),
                          cell(calibration.quantile(k, 0.025)), cell(calibration.quantile(k, 0.975)),
                          std::string(c.unit), std::string(c.definition)});
    finding.estimates.push_back({c.name, calibration.observed[k], c.unit, c.definition});
  }
  finding.estimates.push_back({"units_used", static_cast<double>(electorate.size()), "units",
                               "units whose ballots do not exceed their voters"});
  if (electorate.left_out > 0)
    finding.caveats.push_back(
        electorate.left_out == 1
            ? std::string("1 unit whose votes exceed its ballots, or ballots its voters, is left out.")
            : fmt::format("{} units whose votes exceed their ballots, or ballots their voters, are left out.",
                          with_thousands(electorate.left_out)));
  finding.tables.push_back(std::move(table));

  const auto checks = fit_of(electorate, given.observed, model, test.depth, fit_replicates, context);
  if (checks.empty() && context.cancelled()) return cancelled_error();
  Table fit{.id = "fit",
            .title =
                "Does the fair model resemble the election? Distances between distributions over the units "
                "(Kolmogorov-Smirnov)",
            .columns = {{"distribution"},
                        {"observed_distance", "", "of the election from all fair ones together"},
                        {"fair_distance", "", "of one fair election from them, mean"},
                        {"p_value", "", "fair elections that lie as far"},
                        {"at_most", "", "none does: the p-value is at most this"},
                        {"limit"},
                        {"resembles", "", "no farther than the limit: a large count tells any model from itself"}},
            .rows = {}};
  bool resembles = true;
  for (const auto& check : checks) {
    fit.rows.push_back(
        {check.what, check.observed, check.expected, check.p_value, check.at_most, check.limit, check.resembles()});
    resembles = resembles && check.resembles();
  }
  finding.tables.push_back(std::move(fit));
  finding.conditions.push_back(
      {"The fair model resembles the election (no distribution farther from its own than the limit in table `fit`)",
       resembles});
  if (!test.descriptive_because)
    finding.test = Test{.statistic = calibration.observed[0],
                        .p_value = calibration.p_value(),
                        .kind = TestKind::calibrated,
                        .null = test.depth == Depth::units
                                    ? "every unit voted as a fair election around its own turnout and shares gives"
                                    : "units differ from their place as fair units do, at random",
                        .replicates = request.replicates};
  finding.answer = test.descriptive_because        ? Answer::descriptive
                   : !resembles                    ? Answer::undetermined
                   : finding.test->p_value <= 0.05 ? Answer::yes
                                                   : Answer::no;
  if (!resembles && finding.test) {
    finding.caveats.push_back(fmt::format(
        "The rank among fair elections would be {:.4f}; it is withheld because they do not resemble the election.",
        finding.test->p_value));
    finding.test.reset();
  }
  if (test.descriptive_because)
    finding.caveats.push_back(fmt::format("Descriptive, without a p-value: {}.", test.descriptive_because));
  COTEJO_CHECK(put_at_stake(finding, given, request, calibration.votes_beyond_fair(test)));
  return out;
}

std::string p_value_text(const OwnAnswer& answer) {
  return fmt::format("{}{:.{}f}", answer.at_most ? "at most " : "", answer.p_value, answer.p_value < 0.001 ? 4 : 3);
}

Result<OwnFinding> with_own_null(const MethodInfo& info, const ForensicTest& test, const ForensicCase& given,
                                 const ForensicRequest& request, const Context& context) {
  OwnFinding out{.finding = open_finding(info, *given.count, context),
                 .observed = std::vector<double>(test.components.size(), NAN),
                 .answer = {}};
  Finding& finding = out.finding;
  const std::string refused = test.own->refused(given);
  finding.conditions.push_back({refused.empty() ? std::string(info.assumes) : refused, refused.empty()});
  if (!refused.empty()) {
    finding.answer = Answer::undetermined;
    finding.headline = fmt::format("Undetermined: {}.", refused);
    return out;
  }
  out.answer = test.own->observed(given, request.replicates, context.seed, out.observed);
  for (std::size_t k = 0; k < test.components.size(); ++k)
    finding.estimates.push_back(
        {test.components[k].name, out.observed[k], test.components[k].unit, test.components[k].definition});
  if (std::isnan(out.answer.p_value))
    return needs("units that the statistic can be told from", "See the conditions in the method's page.");
  finding.test = Test{.statistic = out.observed[0],
                      .p_value = out.answer.p_value,
                      .kind = out.answer.kind,
                      .null = test.own->null,
                      .replicates = out.answer.replicates};
  finding.answer = out.answer.p_value <= 0.05 ? Answer::yes : Answer::no;
  COTEJO_CHECK(put_at_stake(finding, given, request, std::max(0.0, out.observed[test.votes])));
  return out;
}

Result<void> put_at_stake(Finding& finding, const ForensicCase& given, const ForensicRequest& request, double votes) {
  if (!request.rule) return {};
  COTEJO_CHECK(validate(*request.rule, *given.count));
  // A test of patterns cannot tell what was done: moved to the leader, or added for it.
  const auto implicated = [&](Mechanism mechanism) {
    return VotesInQuestion{.mechanism = mechanism,
                           .votes = std::max(0.0, votes),
                           .direction = {.from = given.electorate.leader},
                           .what = "votes that the test implicates"};
  };
  const std::array entries{implicated(Mechanism::moved), implicated(Mechanism::withdrawn)};
  hold_against_rule(finding, *request.rule, given.count->contest, tally(*given.count), entries);
  // Implicated, not shown to be wrong: at most they leave it open.
  if (finding.for_outcome == ForOutcome::changes) finding.for_outcome = ForOutcome::unknown;
  return {};
}

const std::vector<ForensicTest>& forensic_tests() {
  static const std::vector<ForensicTest> tests{last_digit_test(),       second_digit_test(),   integer_percent_test(),
                                               spikes_test(),           excess_turnout_test(), turnout_share_test(),
                                               outliers_test(),         small_units_test(),    fingerprint_test(),
                                               repeated_returns_test(), share_tails_test(),    swing_test()};
  return tests;
}

const ForensicTest& forensic_test(std::string_view id) {
  const auto& all = forensic_tests();
  return *std::find_if(all.begin(), all.end(), [&](const ForensicTest& t) { return t.id == id; });
}

}  // namespace cotejo

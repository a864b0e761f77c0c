#include "cotejo/methods/forensics/second_digit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "binomial_window.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr double least_counts = 50;

const std::array<double, 10>& law() {
  static const auto table = [] {
    std::array<double, 10> out{};
    for (int d = 0; d < 10; ++d)
      for (int k = 1; k < 10; ++k) out[static_cast<std::size_t>(d)] += std::log10(1 + 1.0 / (10 * k + d));
    return out;
  }();
  return table;
}

struct SecondDigits {
  std::array<double, 10> n{}, expected{};
  double counts = 0, sum = 0, votes_counted = 0;
  void add(std::int32_t valid, std::int32_t votes) {
    add_second_digit_chances(valid, votes, expected);
    if (votes < 10) return;
    const std::size_t digit = second_digit_of(votes);
    ++n[digit];
    sum += static_cast<double>(digit);
    ++counts;
    votes_counted += votes;
  }
  // Of the counts that would have to have another second digit.
  double votes_beyond() const {
    double beyond = 0;
    for (std::size_t d = 0; d < 10; ++d) beyond += std::max(0.0, n[d] - expected[d]);
    return counts > 0 ? beyond * votes_counted / counts : 0;
  }
  double chi_square() const {
    double out = 0;
    for (std::size_t d = 0; d < 10; ++d) out += (n[d] - expected[d]) * (n[d] - expected[d]) / expected[d];
    return counts >= least_counts ? out : NAN;
  }
  double chi_square_of_law() const {
    double out = 0;
    for (std::size_t d = 0; d < 10; ++d)
      out += (n[d] - counts * law()[d]) * (n[d] - counts * law()[d]) / (counts * law()[d]);
    return out;
  }
};

void measure(const Electorate&, const Returns& r, std::span<double> out) {
  SecondDigits leader, runner_up;
  for (std::size_t i = 0; i < r.size(); ++i) {
    leader.add(r.valid[i], r.leader[i]);
    runner_up.add(r.valid[i], r.runner_up[i]);
  }
  const double a = leader.chi_square(), b = runner_up.chi_square();
  out[0] = std::isnan(a) ? b : std::isnan(b) ? a : a + b;
  out[1] = leader.sum / leader.counts;
  out[2] = runner_up.sum / runner_up.counts;
  out[3] = leader.chi_square_of_law();
  out[4] = runner_up.chi_square_of_law();
  out[5] = leader.votes_beyond() + runner_up.votes_beyond();
}

}  // namespace

ForensicTest second_digit_test() {
  return {.id = "second-digit",
          .depth = Depth::units,
          .needs_registered = false,
          .descriptive_because = nullptr,
          .components = {{"chi_square", "",
                          "of the second digits of both options against what chance around each count gives"},
                         {"mean_leader", "digit",
                          "mean second digit of the leader's counts of 10 or more (4.187 under the law)"},
                         {"mean_runner_up", "digit", "the runner-up's"},
                         {"chi_square_law_leader", "", "of the leader's against the second-digit law"},
                         {"chi_square_law_runner_up", "", "of the runner-up's against the second-digit law"},
                         {"implicated_votes", "votes",
                          "of both options, in as many counts as would have to have another second digit; chance gives "
                          "some too"}},
          .votes = 5,
          .measure = measure};
}

MethodInfo SecondDigitRequest::info() {
  return {.id = "second-digit",
          .family = "forensics",
          .title = "Second digits",
          .question = "Are the second digits of the counts as a fair election of these units leaves them?",
          .assumes = "Units vote as a fair election around their own turnout and shares gives.",
          .cost = "linear in units x replicates",
          .references = {"Mebane, W. R. (2006). Election forensics: vote counts and Benford's law.",
                         "Deckert, J., Myagkov, M., & Ordeshook, P. C. (2011). Benford's law and the detection of "
                         "election fraud. Political Analysis 19:245 (the warning)."}};
}

const OptionTable<SecondDigitRequest>& SecondDigitRequest::table() {
  static const OptionTable<SecondDigitRequest> options = [] {
    OptionTable<SecondDigitRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const SecondDigitRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(SecondDigitRequest::info(), forensic_test("second-digit"), given, request, context));
  Finding& finding = made.finding;
  finding.caveats.emplace_back(
      "The literature warns against this test (Deckert, Myagkov & Ordeshook 2011): fair elections do not follow the "
      "second-digit law. Here it is held against fair elections of the same units instead.");
  finding.headline = fmt::format(
      "The mean second digit of the leader is {:.3f}; in fair elections of the same units {:.3f} [{:.3f}, {:.3f}] (the "
      "law of second digits says 4.187)",
      made.calibration.observed[1], made.calibration.mean(1), made.calibration.quantile(1, 0.025),
      made.calibration.quantile(1, 0.975));
  finding.headline += finding.test ? fmt::format("; p = {:.3f}.", finding.test->p_value) : ".";
  finding.does_not_show = {"Manipulation: strategic voting and the sizes of units change second digits as well."};
  return std::move(made.finding);
}

}  // namespace cotejo

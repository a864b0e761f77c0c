#include "cotejo/methods/forensics/last_digit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "binomial_window.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::size_t least_counts = 50;

struct Digits {
  std::array<double, 10> last{}, expected{};
  double repeats = 0, adjacent = 0, distant = 0, counts = 0, votes_counted = 0;

  void add(std::int32_t valid, std::int32_t votes) {
    add_last_digit_chances(valid, votes, expected);
    if (votes < least_count_of_last_digit) return;
    const int d = votes % 10, tens = votes / 10 % 10;
    ++counts;
    votes_counted += votes;
    ++last[static_cast<std::size_t>(d)];
    const int apart = std::min((d - tens + 10) % 10, (tens - d + 10) % 10);
    (apart == 0 ? repeats : apart == 1 ? adjacent : distant) += 1;
  }
  double chi_square() const {
    double sum = 0;
    for (std::size_t d = 0; d < 10; ++d) sum += (last[d] - expected[d]) * (last[d] - expected[d]) / expected[d];
    return counts >= least_counts ? sum : NAN;
  }
  // Of the counts that would have to end in another digit.
  double votes_beyond() const {
    double beyond = 0;
    for (std::size_t d = 0; d < 10; ++d) beyond += std::max(0.0, last[d] - expected[d]);
    return counts > 0 ? beyond * votes_counted / counts : 0;
  }
};

void measure(const Electorate&, const Returns& r, std::span<double> out) {
  Digits leader, runner_up;
  for (std::size_t i = 0; i < r.size(); ++i) {
    leader.add(r.valid[i], r.leader[i]);
    runner_up.add(r.valid[i], r.runner_up[i]);
  }
  const double a = leader.chi_square(), b = runner_up.chi_square();
  const double counts = leader.counts + runner_up.counts;
  out[0] = std::isnan(a) ? b : std::isnan(b) ? a : a + b;
  out[1] = a;
  out[2] = b;
  out[3] = 100 * (leader.repeats + runner_up.repeats) / counts;
  out[4] = 100 * (leader.adjacent + runner_up.adjacent) / counts;
  out[5] = 100 * (leader.distant + runner_up.distant) / counts;
  out[6] = 100 * (leader.last[0] + leader.last[5] + runner_up.last[0] + runner_up.last[5]) / counts;
  out[7] = counts;
  out[8] = leader.votes_beyond() + runner_up.votes_beyond();
}

}  // namespace

ForensicTest last_digit_test() {
  return {.id = "last-digit",
          .depth = Depth::units,
          .needs_registered = false,
          .descriptive_because = nullptr,
          .components =
              {{"chi_square", "",
                "of the last digits of both options against what chance around each count gives, counts of 20 or more"},
               {"chi_square_leader", "", "the leader's alone"},
               {"chi_square_runner_up", "", "the runner-up's alone"},
               {"repeats_percent", "% of counts", "the last two digits are the same"},
               {"adjacent_percent", "% of counts", "the last two digits are neighbours (9 and 0 too)"},
               {"distant_percent", "% of counts", "the last two digits are neither"},
               {"zeros_and_fives_percent", "% of counts", "the last digit is 0 or 5"},
               {"counts", "counts", "of 20 or more, both options"},
               {"implicated_votes", "votes",
                "of both options, in as many counts as would have to end in another digit; chance gives some too"}},
          .votes = 8,
          .measure = measure};
}

MethodInfo LastDigitRequest::info() {
  return {.id = "last-digit",
          .family = "forensics",
          .title = "Last digits",
          .question = "Are the last digits of the counts as a fair election of these units leaves them?",
          .assumes = "Units vote as a fair election around their own turnout and shares gives.",
          .cost = "linear in units x replicates",
          .references = {"Beber, B., & Scacco, A. (2012). What the numbers say. Political Analysis 20:211."}};
}

const OptionTable<LastDigitRequest>& LastDigitRequest::table() {
  static const OptionTable<LastDigitRequest> options = [] {
    OptionTable<LastDigitRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const LastDigitRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(LastDigitRequest::info(), forensic_test("last-digit"), given, request, context));
  Finding& finding = made.finding;
  // Digit by digit, with what the fair elections show, for the figure.
  const FairModel model(given.electorate, given.observed);
  constexpr std::size_t few = 50;
  std::array<double, 20> observed{};
  std::vector<std::array<double, 20>> fair(few);
  const auto digits = [&](const Returns& r, std::array<double, 20>& out) {
    Digits a, b;
    for (std::size_t i = 0; i < r.size(); ++i) {
      a.add(r.valid[i], r.leader[i]);
      b.add(r.valid[i], r.runner_up[i]);
    }
    for (std::size_t d = 0; d < 10; ++d) {
      out[d] = 100 * a.last[d] / a.counts;
      out[10 + d] = 100 * b.last[d] / b.counts;
    }
  };
  digits(given.observed, observed);
  if (!parallel_for(context, few, "digits of fair elections", [&](std::size_t b) {
        digits(model.draw(Depth::units, context.seed, Purpose::fair_election, b), fair[b]);
      }))
    return cancelled_error();
  Table table{.id = "digits",
              .title = "Each last digit, and what 50 fair elections show",
              .columns = {{"option"},
                          {"digit"},
                          {"observed_percent", "%"},
                          {"fair_percent", "%"},
                          {"fair_low", "%"},
                          {"fair_high", "%"}},
              .rows = {}};
  nlohmann::ordered_json data{{"columns", {"option", "digit", "observed", "fair", "low", "high"}},
                              {"rows", nlohmann::ordered_json::array()}};
  for (std::size_t k = 0; k < 20; ++k) {
    double mean = 0, low = INFINITY, high = -INFINITY;
    for (const auto& f : fair) {
      mean += f[k] / few;
      low = std::min(low, f[k]);
      high = std::max(high, f[k]);
    }
    const auto& id = count.contest.options[k < 10 ? given.electorate.leader : given.electorate.runner_up].id.text;
    table.rows.push_back({id, static_cast<std::int64_t>(k % 10), observed[k], mean, low, high});
    data["rows"].push_back({id, k % 10, observed[k], mean, low, high});
  }
  finding.tables.push_back(std::move(table));
  finding.figures.push_back({"digits", "digit-bars", "Last digits, observed and fair", data.dump()});
  finding.headline =
      fmt::format("The last digits give chi-square {:.1f}; fair elections of the same units {:.1f} on average",
                  made.calibration.observed[0], made.calibration.mean(0));
  finding.headline += finding.test ? fmt::format(" (p = {:.3f}).", finding.test->p_value) : ".";
  finding.does_not_show = {"Invention: rounding, copying errors and merged returns leave digits too.",
                           "Any manipulation that leaves last digits alone, such as adding real ballots."};
  return std::move(made.finding);
}

}  // namespace cotejo

#include "cotejo/methods/forensics/integer_percent.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "binomial_window.hpp"
#include "cotejo/base/text.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::int32_t least_voters = 100;
constexpr double largest_percent = 99, half_width = 0.05;
constexpr double rounding = 1e-9;  // of a percentage that lies on the edge of the window

bool near_whole(std::int32_t x, std::int32_t n) {
  const double percent = 100.0 * x / n;
  return std::abs(percent - std::round(percent)) <= half_width + rounding;
}

// P(100 X / n within 0.05 of a whole number), X ~ Bin(n, x / n), 0 < x < n; to 1e-10.
double chance_around(std::int32_t n, std::int32_t x) {
  const double p = static_cast<double>(x) / n, sd = std::sqrt(n * p * (1 - p));
  const auto low = std::max(0, static_cast<std::int32_t>(x - 6.5 * sd - 1)),
             high = std::min(n, static_cast<std::int32_t>(x + 6.5 * sd + 2));
  std::array<std::int32_t, 256> counts;
  std::size_t number = 0;
  double sum = 0;
  const auto add_up = [&] {
    sum += binomial_chance_of_any(n, x, std::span(counts).first(number));
    number = 0;
  };
  for (auto whole = static_cast<std::int32_t>(100.0 * low / n); whole <= 100 && whole <= 100.0 * high / n + 1;
       ++whole) {
    const auto first = static_cast<std::int32_t>(std::ceil((whole - half_width - rounding) * n / 100));
    const auto last = static_cast<std::int32_t>(std::floor((whole + half_width + rounding) * n / 100));
    for (auto k = std::max(first, low); k <= std::min(last, high); ++k) {
      counts[number++] = k;
      if (number == counts.size()) add_up();
    }
  }
  add_up();
  return std::min(sum, 1.0);
}

double chance_near_whole(std::int32_t x, std::int32_t n) {
  if (x <= 0 || x >= n) return 1;
  static PairMemo memo(chance_around);
  return memo.of(n, x);
}

struct Unit {
  bool counts = false, turnout = false, share = false;
};
Unit look(std::int32_t registered, std::int32_t turnout, std::int32_t cast, std::int32_t leader) {
  Unit out;
  out.counts = registered >= least_voters && cast > 0 && 100.0 * turnout <= largest_percent * registered &&
               100.0 * leader <= largest_percent * cast;
  if (!out.counts) return out;
  out.turnout = near_whole(turnout, registered);
  out.share = near_whole(leader, cast);
  return out;
}

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  double units = 0, observed = 0, expected = 0, turnout = 0, share = 0, expected_turnout = 0, expected_share = 0,
         votes = 0;
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (e.registered.empty()) break;
    const Unit unit = look(e.registered[i], r.turnout[i], r.cast[i], r.leader[i]);
    if (!unit.counts) continue;
    ++units;
    observed += unit.turnout || unit.share;
    if (unit.turnout || unit.share) votes += r.leader[i];
    turnout += unit.turnout;
    share += unit.share;
    const double a = chance_near_whole(r.turnout[i], e.registered[i]), b = chance_near_whole(r.leader[i], r.cast[i]);
    expected += 1 - (1 - a) * (1 - b);
    expected_turnout += a;
    expected_share += b;
  }
  out[0] = units > 0 ? observed - expected : NAN;
  out[1] = observed;
  out[2] = expected;
  out[3] = units;
  out[4] = turnout - expected_turnout;
  out[5] = share - expected_share;
  out[6] = observed > 0 ? (observed - expected) * votes / observed : 0;
}

}  // namespace

ForensicTest integer_percent_test() {
  return {.id = "integer-percent",
          .depth = Depth::units,
          .needs_registered = true,
          .descriptive_because = nullptr,
          .components = {{"anomaly_units", "units", "observed - expected"},
                         {"observed_units", "units", "turnout or the leader's share within 0.05 of a whole percent"},
                         {"expected_units", "units", "exact, T ~ Bin(N, T / N), M ~ Bin(B, M / B)"},
                         {"units", "units", "N >= 100, B > 0, turnout and the leader's share at most 99 %"},
                         {"anomaly_turnout_units", "units", "of turnout alone"},
                         {"anomaly_share_units", "units", "of the leader's share alone"},
                         {"implicated_votes", "votes of the leader",
                          "the anomaly times the mean of the leader's votes in units with a whole percentage"}},
          .votes = 6,
          .measure = measure};
}

MethodInfo IntegerPercentRequest::info() {
  return {
      .id = "integer-percent",
      .family = "forensics",
      .title = "Whole percentages",
      .question = "Are there more units with a whole percentage of turnout or of the leader's share than chance gives?",
      .assumes = "Units vote as a fair election around their own turnout and shares gives.",
      .cost = "linear in units x replicates",
      .references = {"Kobak, D., Shpilkin, S., & Pshenichnikov, M. S. (2016). Integer percentages as electoral "
                     "falsification fingerprints. Annals of Applied Statistics 10:54."}};
}

const OptionTable<IntegerPercentRequest>& IntegerPercentRequest::table() {
  static const OptionTable<IntegerPercentRequest> options = [] {
    OptionTable<IntegerPercentRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const IntegerPercentRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made,
             calibrated(IntegerPercentRequest::info(), forensic_test("integer-percent"), given, request, context));
  Finding& finding = made.finding;
  // The comb: units by percentage in steps of 0.1, for the figure.
  std::vector<std::int64_t> turnout(1001), share(1001);
  for (std::size_t i = 0; i < given.electorate.size(); ++i) {
    const Unit unit = look(given.electorate.registered[i], given.observed.turnout[i], given.observed.cast[i],
                           given.observed.leader[i]);
    if (!unit.counts) continue;
    ++turnout[static_cast<std::size_t>(
        std::lround(1000.0 * given.observed.turnout[i] / given.electorate.registered[i]))];
    ++share[static_cast<std::size_t>(std::lround(1000.0 * given.observed.leader[i] / given.observed.cast[i]))];
  }
  finding.figures.push_back(
      {"comb", "peak-comb", "Units by turnout and by the leader's share, steps of 0.1 %",
       nlohmann::ordered_json{{"step_percent", 0.1}, {"turnout", turnout}, {"share", share}}.dump()});
  const double anomaly = made.calibration.observed[0];
  finding.headline = fmt::format(
      "{} of {} units have a whole percentage of turnout or of the leader's share, {:.1f} are expected: {} {:.1f}",
      with_thousands(static_cast<long long>(made.calibration.observed[1])),
      with_thousands(static_cast<long long>(made.calibration.observed[3])), made.calibration.observed[2],
      anomaly >= 0 ? "an excess of" : "a lack of", std::abs(anomaly));
  finding.headline += finding.test ? fmt::format(" (p = {:.3f}).", finding.test->p_value) : ".";
  finding.does_not_show = {"Who rounded, or that the votes behind a round figure were invented.",
                           "Irregularities that leave no round figures."};
  return std::move(made.finding);
}

}  // namespace cotejo

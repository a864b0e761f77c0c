#include "cotejo/methods/forensics/spikes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "binomial_window.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

constexpr std::int32_t least_ballots = 50;
constexpr int cells = 1000;  // of width 0.001: half a cell on both sides of a multiple of 0.001

// Multiples of 0.05, and the thirds, fourths and fifths, as fractions of 1.
const std::vector<double>& coarse_fractions() {
  static const auto list = [] {
    std::vector<double> out;
    for (int k = 1; k < 20; ++k) out.push_back(k / 20.0);
    for (const double third : {1.0 / 3, 2.0 / 3}) out.push_back(third);
    std::sort(out.begin(), out.end());
    return out;
  }();
  return list;
}

bool on_coarse(std::int32_t x, std::int32_t n) {
  const double share = static_cast<double>(x) / n;
  const auto& list = coarse_fractions();
  const auto above = std::lower_bound(list.begin(), list.end(), share);
  const auto near = [&](auto it) { return std::abs(*it - share) <= 0.5 / cells + 1e-12; };
  return (above != list.end() && near(above)) || (above != list.begin() && near(above - 1));
}

// P(X / n on a coarse fraction), X ~ Bin(n, x / n), 0 < x < n; to 1e-6.
double chance_around(std::int32_t n, std::int32_t x) {
  const double p = static_cast<double>(x) / n, sd = std::sqrt(n * p * (1 - p));
  std::array<std::int32_t, 256> counts;
  std::size_t number = 0;
  double sum = 0;
  const auto add_up = [&] {
    sum += binomial_chance_of_any(n, x, std::span(counts).first(number));
    number = 0;
  };
  // Only the counts on a coarse fraction matter: the few multiples of it within reach.
  for (const double c : coarse_fractions()) {
    if (std::abs(c - p) * n > 5 * sd + 2) continue;
    const auto first = static_cast<std::int32_t>(std::ceil((c - 0.5 / cells) * n - 1e-9)),
               last = static_cast<std::int32_t>(std::floor((c + 0.5 / cells) * n + 1e-9));
    for (auto k = first; k <= last; ++k) {
      counts[number++] = k;
      if (number == counts.size()) add_up();
    }
  }
  add_up();
  return sum;
}

double chance_on_coarse(std::int32_t x, std::int32_t n) {
  static PairMemo memo(chance_around);
  return memo.of(n, x);
}

// Units on a coarse fraction, less what chance around each gives.
double excess_of(const std::vector<std::int32_t>& of, const std::vector<std::int32_t>& successes,
                 const std::vector<std::int32_t>& leader, double& units, double& votes) {
  double excess = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    if (of[i] < least_ballots || successes[i] >= of[i] || successes[i] <= 0) continue;
    ++units;
    const double beyond = on_coarse(successes[i], of[i]) - chance_on_coarse(successes[i], of[i]);
    excess += beyond;
    votes += beyond * leader[i];
  }
  return excess;
}

void shares_of(const Electorate& e, const Returns& r, std::vector<double>& turnout, std::vector<double>& share) {
  for (std::size_t i = 0; i < r.size(); ++i) {
    if (!e.registered.empty() && e.registered[i] >= least_ballots && r.turnout[i] < e.registered[i])
      turnout.push_back(static_cast<double>(r.turnout[i]) / e.registered[i]);
    if (r.valid[i] >= least_ballots && r.leader[i] < r.valid[i])
      share.push_back(static_cast<double>(r.leader[i]) / r.valid[i]);
  }
  std::sort(turnout.begin(), turnout.end());
  std::sort(share.begin(), share.end());
}

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  out[3] = out[4] = 0;
  out[1] = e.registered.empty() ? 0 : excess_of(e.registered, r.turnout, r.leader, out[3], out[4]);
  out[2] = excess_of(r.valid, r.leader, r.leader, out[3], out[4]);
  out[0] = out[3] > 0 ? out[1] + out[2] : NAN;
}

}  // namespace

ForensicTest spikes_test() {
  return {
      .id = "spikes",
      .depth = Depth::units,
      .needs_registered = false,
      .descriptive_because = nullptr,
      .components = {{"excess_units", "units",
                      "turnout and the leader's share on coarse fractions, less what chance around each unit gives"},
                     {"excess_turnout_units", "units", "of turnout alone"},
                     {"excess_share_units", "units", "of the leader's share of valid votes alone"},
                     {"shares", "shares", "that were looked at: units of 50 ballots or more, not 100 %"},
                     {"implicated_votes", "votes of the leader",
                      "in units on coarse fractions, less what chance around each unit gives"}},
      .votes = 4,
      .measure = measure};
}

MethodInfo SpikesRequest::info() {
  return {.id = "spikes",
          .family = "forensics",
          .title = "Spikes on coarse fractions",
          .question = "Do turnout and shares pile up on coarse fractions?",
          .assumes = "Units vote as a fair election around their own turnout and shares gives.",
          .cost = "linear in units x replicates",
          .references = {"Rozenas, A. (2017). Detecting election fraud from irregularities in vote-share "
                         "distributions. Political Analysis 25:41 (the idea; statistic and null are ours)."}};
}

const OptionTable<SpikesRequest>& SpikesRequest::table() {
  static const OptionTable<SpikesRequest> options = [] {
    OptionTable<SpikesRequest> t;
    add_forensic_options(t);
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const SpikesRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(SpikesRequest::info(), forensic_test("spikes"), given, request, context));
  Finding& finding = made.finding;
  // The density, in cells of 0.001, of the election and of 20 fair ones.
  const FairModel model(given.electorate, given.observed);
  const auto histogram = [&](const Returns& r) {
    std::vector<double> turnout, share, out(2 * (cells + 1), 0.0);
    shares_of(given.electorate, r, turnout, share);
    for (const double x : turnout) ++out[static_cast<std::size_t>(std::lround(x * cells))];
    for (const double x : share) ++out[static_cast<std::size_t>(cells + 1 + std::lround(x * cells))];
    return out;
  };
  constexpr std::size_t few = 20;
  std::vector<std::vector<double>> fair(few);
  if (!parallel_for(context, few, "densities of fair elections", [&](std::size_t b) {
        fair[b] = histogram(model.draw(Depth::units, context.seed, Purpose::fair_election, b));
      }))
    return cancelled_error();
  std::vector<double> mean(fair[0].size(), 0.0);
  for (const auto& one : fair)
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += one[k] / few;
  finding.figures.push_back(
      {"density", "spike-density", "Shares in cells of 0.001: first turnout, then the leader's share",
       nlohmann::ordered_json{{"cells", cells}, {"observed", histogram(given.observed)}, {"fair", mean}}.dump()});
  finding.headline = fmt::format(
      "{:.1f} more shares lie on coarse fractions than chance around each unit gives; in fair elections of the same "
      "units {:.1f} [{:.1f}, {:.1f}]",
      made.calibration.observed[0], made.calibration.mean(0), made.calibration.quantile(0, 0.025),
      made.calibration.quantile(0, 0.975));
  finding.headline += finding.test ? fmt::format("; p = {:.3f}.", finding.test->p_value) : ".";
  finding.does_not_show = {
      "Invention: officials round, and small units share few possible fractions (which the fair elections share too)."};
  return std::move(made.finding);
}

}  // namespace cotejo

#include "cotejo/methods/forensics/excess_turnout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "tests_of_the_family.hpp"

namespace cotejo {

namespace {

struct Bins {
  std::array<double, 101> leader{}, others{};
  void add(std::int32_t registered, std::int32_t cast, std::int32_t valid, std::int32_t votes, double times = 1) {
    if (registered <= 0) return;
    const auto bin = static_cast<std::size_t>(std::clamp(100.0 * cast / registered, 0.0, 100.0));
    leader[bin] += times * votes;
    others[bin] += times * (valid - votes);
  }
};

struct Excess {
  double votes = NAN, kappa = NAN, peak = NAN;
};
Excess excess_of(const Bins& bins) {
  double all = 0;
  for (std::size_t t = 0; t <= 100; ++t) all += bins.leader[t] + bins.others[t];
  if (all <= 0) return {};
  // The peak: most ballots, not beyond the turnout of the middle ballot.
  std::size_t peak = 0, middle = 0;
  double sum = 0;
  for (std::size_t t = 0; t <= 100; ++t) {
    sum += bins.leader[t] + bins.others[t];
    if (sum >= all / 2) {
      middle = t;
      break;
    }
  }
  for (std::size_t t = 0; t <= middle; ++t)
    if (bins.leader[t] + bins.others[t] > bins.leader[peak] + bins.others[peak]) peak = t;
  double w = 0, o = 0;
  for (std::size_t t = 0; t <= peak; ++t) {
    w += bins.leader[t];
    o += bins.others[t];
  }
  if (o <= 0) return {};
  Excess out{.votes = 0, .kappa = w / o, .peak = static_cast<double>(peak)};
  for (std::size_t t = peak + 1; t <= 100; ++t) out.votes += bins.leader[t] - out.kappa * bins.others[t];
  return out;
}

Bins bins_of(const Electorate& e, const Returns& r) {
  Bins out;
  for (std::size_t i = 0; i < r.size(); ++i) out.add(e.registered[i], r.turnout[i], r.valid[i], r.leader[i]);
  return out;
}

void measure(const Electorate& e, const Returns& r, std::span<double> out) {
  const Excess excess = e.registered.empty() ? Excess{} : excess_of(bins_of(e, r));
  out[0] = excess.votes;
  out[1] = excess.kappa;
  out[2] = excess.peak;
}

}  // namespace

ForensicTest excess_turnout_test() {
  return {
      .id = "excess-turnout",
      .depth = Depth::places,
      .needs_registered = true,
      .descriptive_because =
          "turnout and the leader's share go together from place to place in fair elections too, and "
          "the statistic cannot tell why",
      .components = {{"excess_votes", "votes of the leader", "F = sum over turnout bins above the peak of W - kappa O"},
                     {"kappa", "", "leader's votes per other vote, up to the peak"},
                     {"peak_percent", "% turnout",
                      "the lower edge of the bin with most votes, at or below the median ballot's"}},
      .votes = 0,
      .measure = measure};
}

MethodInfo ExcessTurnoutRequest::info() {
  return {
      .id = "excess-turnout",
      .family = "forensics",
      .title = "The leader's votes above the turnout where the others' end",
      .question = "How many of the leader's votes lie above the turnout at which the others' votes end?",
      .assumes =
          "Places with higher turnout would give the leader the same share: seldom true, and why this is descriptive.",
      .cost = "linear in units x (replicates + bootstrap)",
      .references = {"Shpilkin, S., as in Kobak, D., Shpilkin, S., & Pshenichnikov, M. S. (2012). Statistical "
                     "anomalies in 2011-2012 Russian elections revealed by 2D correlation analysis. arXiv:1205.0741."}};
}

const OptionTable<ExcessTurnoutRequest>& ExcessTurnoutRequest::table() {
  static const OptionTable<ExcessTurnoutRequest> options = [] {
    OptionTable<ExcessTurnoutRequest> t;
    add_forensic_options(t);
    t.add(&ExcessTurnoutRequest::bootstrap, {.name = "bootstrap",
                                             .unit = "resamples",
                                             .text = "Resamples of units for the interval.",
                                             .low = 99,
                                             .high = 1e6});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const ExcessTurnoutRequest& request, const Context& context) {
  COTEJO_TRY(given, forensic_case(count, request));
  COTEJO_TRY(made, calibrated(ExcessTurnoutRequest::info(), forensic_test("excess-turnout"), given, request, context));
  Finding& finding = made.finding;
  const auto& e = given.electorate;
  const auto& r = given.observed;
  auto resampled = kept_rows_over_ranks(context, request.kept, static_cast<std::size_t>(request.bootstrap), 1,
                                        "resampling units", [&](std::size_t b, std::span<double> row) {
                                          Stream stream(context.seed, Purpose::bootstrap, b);
                                          Bins bins;
                                          for (std::size_t k = 0; k < e.size(); ++k) {
                                            const auto i = stream.below(e.size());
                                            bins.add(e.registered[i], r.turnout[i], r.valid[i], r.leader[i]);
                                          }
                                          row[0] = excess_of(bins).votes;
                                        });
  if (!resampled) return cancelled_error();
  std::sort(resampled->begin(), resampled->end());
  const auto at = [&](double share) {
    return (*resampled)[static_cast<std::size_t>(share * static_cast<double>(resampled->size() - 1) + 0.5)];
  };
  finding.estimates[0].low = at(0.025);
  finding.estimates[0].high = at(0.975);
  finding.estimates[0].level = 0.95;
  const Bins bins = bins_of(e, r);
  finding.figures.push_back({"excess", "excess-curve", "Votes by turnout: the leader's and the others'",
                             nlohmann::ordered_json{{"leader", bins.leader},
                                                    {"others", bins.others},
                                                    {"kappa", made.calibration.observed[1]},
                                                    {"peak_percent", made.calibration.observed[2]}}
                                 .dump()});
  finding.headline = fmt::format(
      "{} of the leader's votes lie above the proportion seen up to {:.0f} % turnout; fair elections of the same "
      "places have {} [{}, {}] there: heterogeneity alone gives that.",
      fixed(made.calibration.observed[0], 0), made.calibration.observed[2], fixed(made.calibration.mean(0), 0),
      fixed(made.calibration.quantile(0, 0.025), 0), fixed(made.calibration.quantile(0, 0.975), 0));
  finding.does_not_show = {
      "A number of fraudulent votes: places with high turnout may favour the leader, everywhere and fairly.",
      "Fraud that is spread over whole places: the fair elections keep the places as they are."};
  return std::move(made.finding);
}

}  // namespace cotejo

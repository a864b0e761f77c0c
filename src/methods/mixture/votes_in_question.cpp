#include "cotejo/methods/mixture/votes_in_question.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "run_chains.hpp"

namespace cotejo {

std::string_view to_text(VoteReading reading) {
  switch (reading) {
    case VoteReading::subtracted_once:
      return "subtracted-once";
    case VoteReading::voided:
      return "voided";
    case VoteReading::moved:
      return "moved";
    case VoteReading::as_modelled:
      return "as-modelled";
  }
  return "";
}

Tally without_votes(const Tally& tally, std::size_t leader, std::size_t runner_up, VoteReading reading,
                    std::int64_t manufactured, std::int64_t stolen) {
  Tally out = tally;
  manufactured = std::min(manufactured, tally.options[leader]);
  stolen = std::min(stolen, tally.options[leader] - manufactured);
  const std::int64_t all = manufactured + stolen;
  out.options[leader] -= all;
  const std::int64_t voided = reading == VoteReading::voided        ? all
                              : reading == VoteReading::as_modelled ? manufactured
                                                                    : 0;
  const std::int64_t moved = reading == VoteReading::moved ? all : reading == VoteReading::as_modelled ? stolen : 0;
  out.valid -= voided;
  out.null += voided;
  out.options[runner_up] += moved;
  return out;
}

VoteConsequences consequences_of(const Contest& contest, const Tally& tally, const Rule* rule, std::size_t leader,
                                 std::size_t runner_up, std::span<const double> manufactured,
                                 std::span<const double> stolen, double level) {
  VoteConsequences out;
  out.table = {.id = "readings",
               .title = "The result without the votes in question, under every reading",
               .columns = {{"reading"},
                           {"margin_points", "points of valid votes", "leader less runner-up, posterior mean"},
                           {"margin_low", "points"},
                           {"margin_high", "points"},
                           {"slack_votes", "votes", "of the rule, posterior mean"},
                           {"outcome", "", "at the posterior mean of the votes"},
                           {"changes_percent", "%", "of the draws: the outcome is another"}},
               .rows = {},
               .brief = {"reading", "margin_points", "margin_low", "margin_high", "outcome"}};
  const auto margin = [&](const Tally& t) {
    return t.valid > 0
               ? 100.0 * static_cast<double>(t.options[leader] - t.options[runner_up]) / static_cast<double>(t.valid)
               : NAN;
  };
  const Outcome base = rule ? apply(*rule, contest, tally) : Outcome{};
  out.table.rows.push_back({std::string("as-counted"), margin(tally), Cell{}, Cell{},
                            rule ? Cell{base.slack.value()} : Cell{}, rule ? Cell{describe(base, contest)} : Cell{},
                            Cell{}});
  const std::size_t draws = manufactured.size();
  std::vector<char> any(draws, 0), every(draws, 1);
  double mean_made = 0, mean_stolen = 0;
  for (std::size_t i = 0; i < draws; ++i) {
    mean_made += manufactured[i] / static_cast<double>(draws);
    mean_stolen += stolen[i] / static_cast<double>(draws);
  }
  for (const VoteReading reading : all_vote_readings) {
    std::vector<double> margins;
    double slack = 0, changed = 0;
    for (std::size_t i = 0; i < draws; ++i) {
      const Tally after =
          without_votes(tally, leader, runner_up, reading, std::llround(manufactured[i]), std::llround(stolen[i]));
      margins.push_back(margin(after));
      if (!rule) continue;
      const Outcome outcome = apply(*rule, contest, after);
      slack += outcome.slack.value() / static_cast<double>(draws);
      const bool differs = !outcome.same_as(base);
      changed += differs;
      any[i] |= differs;
      every[i] &= differs;
    }
    const Tally at_mean =
        without_votes(tally, leader, runner_up, reading, std::llround(mean_made), std::llround(mean_stolen));
    double mean = 0;
    for (const double m : margins) mean += m / static_cast<double>(draws);
    out.table.rows.push_back({std::string(to_text(reading)), mean, mixture::quantile_of(margins, (1 - level) / 2),
                              mixture::quantile_of(margins, (1 + level) / 2), rule ? Cell{slack} : Cell{},
                              rule ? Cell{describe(apply(*rule, contest, at_mean), contest)} : Cell{},
                              rule ? Cell{100 * changed / static_cast<double>(draws)} : Cell{}});
  }
  if (rule) {
    const auto n = static_cast<double>(draws);
    out.changed_in_any_percent = 100 * static_cast<double>(std::count(any.begin(), any.end(), 1)) / n;
    out.changed_in_all_percent = 100 * static_cast<double>(std::count(every.begin(), every.end(), 1)) / n;
  }
  return out;
}

}  // namespace cotejo

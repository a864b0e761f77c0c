#include "model_check.hpp"

#include <algorithm>
#include <cmath>

#include "hold_out.hpp"

namespace cotejo {

namespace {

constexpr std::array<double, 3> normal_quantile = {0.6744897501960817, 1.2815515655446004,
                                                   1.959963984540054};  // of levels_checked
constexpr int check_draws = 60;

struct Trial {
  std::array<double, 3> error{}, sd{};  // of all hidden, of whole places, of parts of places
  std::array<bool, 3> there{};
};

// What was hidden, and what it held: all, whole places, parts of places.
struct Asked {
  std::vector<std::vector<std::uint32_t>> groups;  // whole places, parts
  std::vector<char> seen;
  std::array<double, 3> lead{}, valid{};

  Asked(const LateCount& late, const FittedModel& model, Hidden hidden)
      : groups{std::move(hidden.whole_places), std::move(hidden.parts)}, seen(model.early) {
    for (std::size_t g = 0; g < 2; ++g) {
      std::erase_if(groups[g], [&](std::uint32_t u) { return late.registered[u] <= 0; });
      for (const auto u : groups[g]) {
        seen[u] = 0;
        lead[g + 1] += lead_of(late, u);
        valid[g + 1] += valid_of(late, u);
      }
      lead[0] += lead[g + 1];
      valid[0] += valid[g + 1];
    }
  }
};

Trial try_once(const LateCount& late, const FittedModel& model, const HoldOut& hold_out, Stream stream) {
  Trial out;
  const Asked asked(late, model, hold_out.draw(stream));
  const LeadAndValid known(late, model.tree, asked.seen);
  if (known.lead.y.size() < 2) return out;
  const MarginDrawer of_hidden(late, model.tree, known, model.lead, model.valid, asked.groups);
  std::array<double, 3> mean{}, square{};
  MarginDrawer::Drawn drawn;
  for (int j = 0; j < check_draws; ++j) {
    of_hidden.draw(stream, drawn);
    const auto& [lead, valid, theta] = drawn;
    const std::array<double, 3> margins{(lead[0] + lead[1]) / (valid[0] + valid[1]), lead[0] / valid[0],
                                        lead[1] / valid[1]};
    for (std::size_t k = 0; k < 3; ++k) {
      mean[k] += 100 * margins[k] / check_draws;
      square[k] += 1e4 * margins[k] * margins[k] / check_draws;
    }
  }
  for (std::size_t k = 0; k < 3; ++k) {
    out.there[k] = asked.valid[k] > 0;
    out.error[k] = 100 * asked.lead[k] / asked.valid[k] - mean[k];
    out.sd[k] = std::sqrt(std::max(0.0, square[k] - mean[k] * mean[k]) * check_draws / (check_draws - 1.0));
  }
  return out;
}

ProjectionResult::Coverage coverage_of(const std::vector<Trial>& trials, std::size_t k) {
  std::array<double, 3> reached{};
  double n = 0, mean = 0, z2 = 0;
  for (const Trial& t : trials) {
    if (!t.there[k]) continue;
    ++n;
    mean += t.error[k];
    z2 += t.error[k] * t.error[k] / (t.sd[k] * t.sd[k]);
    for (std::size_t q = 0; q < 3; ++q) reached[q] += std::abs(t.error[k]) <= normal_quantile[q] * t.sd[k];
  }
  ProjectionResult::Coverage out{.hold_outs = static_cast<std::int64_t>(n)};
  if (n == 0) return out;
  for (std::size_t q = 0; q < 3; ++q) out.reached[q] = 100 * reached[q] / n;
  out.mean_error = mean / n;
  out.error_over_sd = std::sqrt(z2 / n);
  return out;
}

}  // namespace

double ProjectionResult::Coverage::standard_error(std::size_t level) const {
  const double share = levels_checked[level];
  return 100 * std::sqrt(share * (1 - share) / static_cast<double>(hold_outs));
}

bool ProjectionResult::Coverage::calibrated() const {
  for (std::size_t q = 0; q < reached.size(); ++q)
    if (!(std::abs(reached[q] - 100 * levels_checked[q]) <= bound(q))) return false;
  return hold_outs > 0;
}

Result<std::array<ProjectionResult::Coverage, 3>> check_model(const LateCount& late, const FittedModel& model,
                                                              std::int64_t hold_outs, const Context& context) {
  const HoldOut hold_out(late);
  std::vector<Trial> trials(static_cast<std::size_t>(hold_outs));
  if (!parallel_for(context, trials.size(), "hiding early units as the late ones are missing", [&](std::size_t i) {
        trials[i] = try_once(late, model, hold_out, Stream(context.seed, Purpose::hold_out, i));
      }))
    return cancelled_error();
  std::array<ProjectionResult::Coverage, 3> out;
  for (std::size_t k = 0; k < 3; ++k) out[k] = coverage_of(trials, k);
  return out;
}

}  // namespace cotejo

// Deviations far above and far below: how many lie more than `limit` robust deviations on either side.
//
//   z_i = d_i / sqrt(v_i + s^2 (1 + 1 / (k_i - 1))),   s^2 = max(0, (1.4826 median |d|)^2 - median v) / 1.1
// d_i: the deviation of item i from the other k_i - 1 of its group; v_i: the variance that sampling gives it; s: how far
// items lie from their group beyond that, told from the middle of all of them, which tails do not move (1.1: the others'
// mean has its share of s^2, ten items a group). Above and below are counted; were tails even, either would be as likely:
//   p_above = P(X >= above),  X ~ Binomial(above + below, 1/2)            (exact, one-sided)
// Shapes: n entries each; n = 0 gives no tails and p = 1. Ties at the limit are inside.
// A small p does NOT show that somebody changed the figures: fair figures can have a longer tail on one side.
// Source: Dixon & Mood (1946), JASA 41:557 (the sign test); the residual is ours.
// Verified in src/stats/tests/robust_tails_test.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cotejo {

struct RobustTails {
  std::int64_t above = 0, below = 0;
  double spread = 0;      // s
  std::vector<double> z;  // n
  double p_above = 1;
};

RobustTails robust_tails(std::span<const double> deviation, std::span<const double> variance,
                         std::span<const std::uint32_t> group_size, double limit);

// P(X >= above), X ~ Binomial(above + below, 1/2); nothing: 1.
double one_sided_sign_p(std::int64_t above, std::int64_t below);

}  // namespace cotejo

// A jump at a known point: local linear regression on both sides with a bandwidth chosen from the data.
//
//   minimise  sum_i w_i max(0, 1 - |x_i - c| / h) (y_i - a - J 1[x_i >= c] - b (x_i - c) - d 1[x_i >= c] (x_i - c))^2
// J is the jump. Its error is robust to clusters (absorbed_regression's formula on the kernel's weights).
// The bandwidth h is that of Imbens & Kalyanaraman (2012), section 4.2, steps 1-3, for the triangular kernel
// (C_K = 3.4375), with the pilot bandwidth 1.84 s n^(-1/5) and their regularisation; `largest` bounds it.
// Shapes: n points with x ascending; y, weights, clusters of the same length (weights and clusters may be empty).
// Ties in x are taken as they are: a batch at the cut belongs to the right side.
// Errors: input_insufficient (fewer than 20 points, or 5 distinct x, within the bandwidth on a side).
// Cost: linear in the points (bandwidth) and in the points within it (the jump). Deterministic.
// A jump does NOT show manipulation: whatever else changes at that point, such as which places report, jumps too.
// Source: Imbens, G., & Kalyanaraman, K. (2012). Review of Economic Studies 79:933. Verified in
// src/stats/tests/local_linear_test.cpp against an independent program.
#pragma once

#include <cstdint>
#include <limits>
#include <span>

#include "cotejo/base/result.hpp"

namespace cotejo {

struct JumpData {
  std::span<const double> x, y;
  std::span<const double> weights{};
  std::span<const std::uint32_t> clusters{};
};

struct Jump {
  double jump = 0, error = 0, bandwidth = 0;
  std::size_t left = 0, right = 0;  // points within the bandwidth
};

Result<double> ik_bandwidth(const JumpData& data, double cut);
Result<Jump> jump_at(const JumpData& data, double cut, double bandwidth);

}  // namespace cotejo

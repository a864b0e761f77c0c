// Weighted least squares with fixed effects of many groups absorbed, and errors robust to clusters.
//
//   minimise  sum_i w_i (y_i - sum_k b_k x_ik - sum_f a_f[g_f(i)])^2
// The effects a are taken out first: y and every x are replaced by what is left of them after their weighted means of
// each group are subtracted (Frisch & Waugh 1933); with several factors by turns (von Neumann's alternating
// projections) until nothing moves by more than 1e-12 of the column's size. Without factors an intercept is fitted.
//   V = c (X'WX)^-1 (sum_g s_g s_g') (X'WX)^-1,   s_g = sum over cluster g of w_i e_i x_i,
//   c = G / (G - 1) (n - 1) / (n - k), k = regressors, and the intercept or the effects of factors that are not nested
//   in the clusters;  without clusters every row is one and c = n / (n - k).
// `errors_uncorrected` are those with c = 1 (what R's plm::vcovHC(type = "HC0") gives).
// Shapes: n rows; x is k columns of n. Weights > 0, or none: 1. Groups and clusters are any numbers below 2^32 - 1.
// Null: rows are to be complete; the caller leaves others out. Groups of one row say nothing and cost nothing.
// Errors: input_insufficient (no rows; fewer rows than unknowns; a regressor that does not vary within the groups, or
// is a sum of others, by its index in `value`; the projections do not settle). Cost: linear in rows x columns, once for
// one factor; deterministic, one thread.
// Source: Arellano, M. (1987). Oxford Bulletin of Economics and Statistics 49:431 (clusters within groups). Guimaraes,
// P., & Portugal, P. (2010). Stata Journal 10:628. Verified in src/stats/tests/absorbed_regression_test.cpp against
// dummy variables, and in bench/arrival.py against R's plm.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cotejo/base/result.hpp"

namespace cotejo {

struct RegressionData {
  std::span<const double> y;
  std::vector<std::span<const double>> x;
  std::span<const double> weights{};
  std::vector<std::span<const std::uint32_t>> factors{};
  std::span<const std::uint32_t> clusters{};
};

struct Regression {
  std::vector<double> coefficients;        // k
  std::vector<double> errors;              // k, corrected for few clusters
  std::vector<double> errors_uncorrected;  // k
  double intercept = 0;                    // without factors; NaN with
  std::size_t rows = 0, groups = 0, clusters = 0;
  double residual_variance = 0;  // weighted, n - k - groups in the denominator
};

Result<Regression> absorbed_regression(const RegressionData& data);

}  // namespace cotejo

// The two-sample Kolmogorov-Smirnov comparison.
//
//   D = sup_x |F_a(x) - F_b(x)|,  F the share of a sample at or below x
//   p ~ 2 sum_{j>=1} (-1)^(j-1) exp(-2 j^2 z^2),  z = D (sqrt(m) + 0.12 + 0.11 / sqrt(m)),  m = n_a n_b / (n_a + n_b)
// Shapes: two samples of any order; ties, within and between, are taken as they are. Empty sample: NaN. The p-value is
// asymptotic, for independent samples of continuous values; with ties it is too large, with dependence it is nothing.
// A small p does NOT show why the samples differ. Source: Smirnov, N. (1948). Annals of Mathematical Statistics 19:279;
// Stephens, M. A. (1970). JRSS B 32:115 (the correction of z). Verified in
// src/stats/tests/kolmogorov_smirnov_test.cpp.
#pragma once

#include <span>
#include <vector>

namespace cotejo {

double ks_distance(std::vector<double> a, std::vector<double> b);
// Of samples that are in ascending order already.
double ks_distance_sorted(std::span<const double> a, std::span<const double> b);
double ks_asymptotic_p(double distance, std::size_t a, std::size_t b);

}  // namespace cotejo

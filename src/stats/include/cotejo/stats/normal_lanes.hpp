// The normal distribution over arrays, written for vector registers: quantiles of the standard normal, and draws from
// normals cut at zero.
//
//   normals:    z = -H(u) for u uniform in (0, 1), H the upper-tail quantile of N(0, 1)
//   truncated:  z ~ N(mean, 1) given that sign * z > 0, by inversion: with t = sign * mean and p = u Phi(t),
//               z = mean + sign * H(p); H works on -log p, so that no tail underflows.
// Shapes: `words` (64 random bits each, the upper 52 are used), `mean`, `sign` and `out` have one entry per draw; `out` may
// be `mean`. `sign` is +1, -1, or 0 for an entry that was not observed: 0 is written there.
// Ranges: |mean| up to 50 or so. Relative error of H and of Phi below 1e-9 (rational approximations of our own, fitted in
// 40 digits), far below what any number of draws can show. Same bits for any vector width.
// No errors. Cost: about 5 ns a truncated draw where registers hold eight doubles.
// Source: inversion, Devroye, L. (1986). Non-Uniform Random Variate Generation, II.2.
// Verified in src/stats/tests/normal_lanes_test.cpp against Boost.
#pragma once

#include <cstdint>
#include <span>

namespace cotejo {

void normals_from(std::span<const std::uint64_t> words, std::span<double> out);
void truncated_normals_from(std::span<const std::uint64_t> words, std::span<const double> mean,
                            std::span<const double> sign, std::span<double> out);

}  // namespace cotejo

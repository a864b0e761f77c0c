// Hormann's transformed rejection with squeeze (1993) for Bin(n, p), 0 < p <= 1/2, n p >= 10: the constants, and one
// attempt. Shared by the sampler of one value and that of many units.
#pragma once

#include <cmath>
#include <cstdint>

namespace cotejo {

double stirling_tail(double k);  // the tail of Stirling's series for log k!

struct BinomialRejection {
  double n, p, sd, b, a, c, within;

  BinomialRejection(double trials, double chance)
      : n(trials),
        p(chance),
        sd(std::sqrt(n * p * (1 - p))),
        b(1.15 + 2.53 * sd),
        a(-0.0873 + 0.0248 * b + 0.01 * p),
        c(n * p + 0.5),
        within(0.92 - 4.2 / b) {}

  // u in [-1/2, 1/2), v in [0, 1): whether k is drawn.
  bool attempt(double u, double v, double& k) const {
    const double us = 0.5 - std::abs(u);
    k = std::floor((2 * a / us + b) * u + c);
    if (us >= 0.07 && v <= within) return true;
    if (k < 0 || k > n) return false;
    const double r = p / (1 - p), alpha = (2.83 + 5.1 / b) * sd, m = std::floor((n + 1) * p);
    const double limit = (m + 0.5) * std::log((m + 1) / (r * (n - m + 1))) +
                         (n + 1) * std::log((n - m + 1) / (n - k + 1)) +
                         (k + 0.5) * std::log(r * (n - k + 1) / (k + 1)) + stirling_tail(m) + stirling_tail(n - m) -
                         stirling_tail(k) - stirling_tail(n - k);
    return std::log(v * alpha / (a / (us * us) + b)) <= limit;
  }
};

}  // namespace cotejo

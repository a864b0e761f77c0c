// p-values corrected for how many there are.
//
//   Holm: p_(i) -> max over j <= i of min(1, (m - j + 1) p_(j));  Benjamini-Hochberg: min over j >= i of min(1, m p_(j) / j)
// in ascending order, returned in the order given. NaN stays NaN and does not count. Ties get the same value.
// Source: Holm, S. (1979). Scandinavian Journal of Statistics 6:65; Benjamini & Hochberg (1995). JRSS B 57:289.
// Verified in src/stats/tests/multiplicity_test.cpp.
#pragma once

#include <vector>

namespace cotejo {

std::vector<double> holm_adjusted(const std::vector<double>& p);
std::vector<double> benjamini_hochberg_adjusted(const std::vector<double>& p);

}  // namespace cotejo

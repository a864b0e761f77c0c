#include "cotejo/stats/hypergeometric.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <vector>

namespace cotejo {
namespace {

TEST(Hypergeometric, AgreesWithEnumerationOfEverySample) {
  for (const int all : {1, 5, 9})
    for (int marked = 0; marked <= all; ++marked)
      for (int drawn = 0; drawn <= all; ++drawn) {
        std::vector<double> of(static_cast<std::size_t>(all) + 1, 0);
        double samples = 0;
        for (unsigned pattern = 0; pattern < 1U << all; ++pattern) {
          if (std::popcount(pattern) != drawn) continue;
          ++samples;
          ++of[static_cast<std::size_t>(std::popcount(pattern & ((1U << marked) - 1)))];
        }
        double below = 0;
        for (int k = 0; k <= drawn; ++k) {
          const double exact = of[static_cast<std::size_t>(k)] / samples;
          below += exact;
          EXPECT_NEAR(std::exp(hypergeometric_lpmf(k, all, marked, drawn)), exact, 1e-12);
          EXPECT_NEAR(hypergeometric_cdf(k, all, marked, drawn), below, 1e-12)
              << all << " " << marked << " " << drawn << " " << k;
        }
      }
}

TEST(Hypergeometric, DrawsFollowTheLaw) {
  // Chi-square over the counts with at least ten expected, 20,000 draws; false alarm 1e-4 each.
  for (const auto& [all, marked, drawn] : {std::array{50, 20, 10}, std::array{4000, 1500, 200}}) {
    Stream stream(11, Purpose::permutation_test, static_cast<std::uint64_t>(all));
    std::vector<double> seen(static_cast<std::size_t>(drawn) + 1, 0);
    constexpr int draws = 20000;
    for (int i = 0; i < draws; ++i) ++seen[static_cast<std::size_t>(hypergeometric_rng(stream, all, marked, drawn))];
    double chi = 0, cells = 0;
    for (int k = 0; k <= drawn; ++k) {
      const double expected = draws * std::exp(hypergeometric_lpmf(k, all, marked, drawn));
      if (expected < 10) continue;
      const double d = seen[static_cast<std::size_t>(k)] - expected;
      chi += d * d / expected;
      ++cells;
    }
    EXPECT_LT(chi, cells + 4 * std::sqrt(2 * cells) + 8) << all;
  }
}

TEST(Hypergeometric, BoundsAreTheLargestAndSmallestNumbersNotRuledOut) {
  for (const int all : {6, 40, 300})
    for (const int drawn : {1, 5, 6})
      for (int found = 0; found <= drawn; ++found) {
        const auto bounds = marked_bounds(all, drawn, found, .05);
        std::int64_t least = all, most = 0;
        for (int marked = found; marked <= all - (drawn - found); ++marked) {
          if (hypergeometric_cdf(found, all, marked, drawn) > .05) most = marked;
          if (found == 0 || 1 - hypergeometric_cdf(found - 1, all, marked, drawn) > .05)
            least = std::min<std::int64_t>(least, marked);
        }
        EXPECT_EQ(bounds.most, most) << all << " " << drawn << " " << found;
        EXPECT_EQ(bounds.least, least) << all << " " << drawn << " " << found;
      }
}

// src/methods/dispute/copies/copies.md: 299 copies without a discrepancy rule out 1 % (altered, of many units), 59 rule out 5 %; one copy fewer does not.
TEST(Hypergeometric, CopiesThatRuleOutOneAndFivePercent) {
  constexpr std::int64_t all = 100'000'000;
  for (const auto& [copies, percent] : {std::pair{299, 1}, std::pair{59, 5}}) {
    EXPECT_LE(hypergeometric_cdf(0, all, all / 100 * percent, copies), .05);
    EXPECT_GT(hypergeometric_cdf(0, all, all / 100 * percent, copies - 1), .05);
  }
}

}  // namespace
}  // namespace cotejo

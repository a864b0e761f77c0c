#include "cotejo/stats/dealt_repeats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

namespace cotejo {
namespace {

using Rows = std::vector<std::vector<std::int32_t>>;  // items x columns

DealtRepeats repeats_of(const Rows& rows, std::vector<std::uint32_t> group = {}) {
  const std::size_t n = rows.size(), k = rows[0].size();
  std::vector<std::int32_t> values(n * k);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < k; ++c) values[c * n + i] = rows[i][c];
  group.resize(n, 0);
  return {values, k, group, n};
}

// Every way to deal the group's things, one by one: the chance of each number of pairs.
std::map<std::int64_t, double> by_enumeration(const Rows& rows) {
  std::vector<int> things;
  for (std::size_t c = 0; c < rows[0].size(); ++c)
    for (const auto& row : rows) things.insert(things.end(), static_cast<std::size_t>(row[c]), static_cast<int>(c));
  std::sort(things.begin(), things.end());
  std::map<std::int64_t, double> out;
  double all = 0;
  do {
    Rows dealt(rows.size(), std::vector<std::int32_t>(rows[0].size(), 0));
    std::size_t at = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (int t = std::accumulate(rows[i].begin(), rows[i].end(), 0); t > 0; --t)
        ++dealt[i][static_cast<std::size_t>(things[at++])];
    std::int64_t pairs = 0;
    for (std::size_t i = 0; i < rows.size(); ++i)
      for (std::size_t j = i + 1; j < rows.size(); ++j) pairs += dealt[i] == dealt[j];
    ++out[pairs];
    ++all;
  } while (std::next_permutation(things.begin(), things.end()));
  for (auto& [pairs, chance] : out) chance /= all;
  return out;
}

TEST(DealtRepeats, ExpectedPairsAndDealingsAgreeWithEveryDealing) {
  for (const Rows& rows : {Rows{{2, 1}, {1, 2}, {2, 2}}, Rows{{2, 1}, {1, 2}, {3, 0}},
                           Rows{{1, 1, 1}, {2, 1, 0}, {1, 0, 0}}, Rows{{1, 1}, {2, 0}, {0, 2}, {1, 1}}}) {
    const auto exact = by_enumeration(rows);
    double expected = 0;
    for (const auto& [pairs, chance] : exact) expected += static_cast<double>(pairs) * chance;
    const auto repeats = repeats_of(rows);
    EXPECT_NEAR(repeats.expected(1000), expected, 1e-12);
    constexpr int dealings = 20000;
    std::map<std::int64_t, double> seen;
    DealtRepeats::Room room;
    for (int d = 0; d < dealings; ++d) {
      Stream stream(5, Purpose::permutation_test, static_cast<std::uint64_t>(d));
      ++seen[repeats.deal(stream, room)];
    }
    for (const auto& [pairs, chance] : exact)
      EXPECT_NEAR(seen[pairs] / dealings, chance, 4 * std::sqrt(chance * (1 - chance) / dealings) + 1e-9) << pairs;
  }
}

TEST(DealtRepeats, CountsPairsWithinGroupsAndOnlyOfItemsThatHoldSomething) {
  const Rows rows = {{3, 2}, {3, 2}, {3, 2}, {0, 0}, {0, 0}, {2, 3}};
  EXPECT_EQ(repeats_of(rows).pairs(), 3);
  EXPECT_EQ(repeats_of(rows).comparable(), 6);
  EXPECT_EQ(repeats_of(rows, {0, 0, 1, 0, 0, 1}).pairs(), 1);
  EXPECT_EQ(repeats_of(rows, {0, 1, 2, 3, 4, 5}).pairs(), 0);
}

TEST(DealtRepeats, CopiedRowsHaveASmallPAndNoneHasNone) {
  Rows rows;
  Stream stream(3, Purpose::planted);
  for (int i = 0; i < 60; ++i)
    rows.push_back(
        {static_cast<std::int32_t>(90 + stream.below(20)), static_cast<std::int32_t>(50 + stream.below(20)), 40});
  for (auto& row : rows) row[2] = 200 - row[0] - row[1];
  EXPECT_GT(dealt_p(repeats_of(rows), 7, 0, 199, 20).p_value, .01);
  for (std::size_t i = 0; i < 6; ++i) rows[i + 10] = rows[i];
  const auto copied = dealt_p(repeats_of(rows), 7, 0, 999, 20);
  EXPECT_LE(copied.p_value, .01);
  EXPECT_EQ(dealt_p(repeats_of({{1, 2}, {2, 3}}), 7, 0, 99, 20).p_value, 1);
}

}  // namespace
}  // namespace cotejo

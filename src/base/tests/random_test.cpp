#include "cotejo/base/random.hpp"

#include <Random123/threefry.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <cstdint>
#include <set>
#include <vector>

namespace cotejo {
namespace {

// Seeds are fixed, so a test either always passes or always fails; the level is the chance that a right generator would
// have failed when the seed was chosen: a suite level of 1e-4 over the tests of this file, as 1 - (1 - 1e-4)^(1/n).
constexpr int statistical_checks = 17;
const double level = 1 - std::pow(1 - 1e-4, 1.0 / statistical_checks);

// P(chi-square at least as large as seen) over equally likely cells.
double p_of_equal_cells(const std::vector<std::uint64_t>& seen) {
  double draws = 0, statistic = 0;
  for (const auto n : seen) draws += static_cast<double>(n);
  const double expected = draws / static_cast<double>(seen.size());
  for (const auto n : seen) statistic += std::pow(static_cast<double>(n) - expected, 2) / expected;
  return boost::math::cdf(
      boost::math::complement(boost::math::chi_squared(static_cast<double>(seen.size() - 1)), statistic));
}

// Neither too uneven nor too even.
void expect_equal_cells(const std::vector<std::uint64_t>& seen, const std::string& what) {
  const double p = p_of_equal_cells(seen);
  EXPECT_GT(p, level / 2) << what << ": too uneven";
  EXPECT_LT(p, 1 - level / 2) << what << ": too even to be random";
}

std::vector<std::uint64_t> first_of(Stream stream, std::size_t n) {
  std::vector<std::uint64_t> out(n);
  for (auto& value : out) value = stream();
  return out;
}

constexpr auto any = Purpose::permutation_test;

TEST(Stream, IsThreefry4x64With20RoundsAsPublished) {
  // Random123 (Salmon et al. 2011), tests/kat_vectors, "threefry 4 64 20": counter 0, key 0. The key is (seed, purpose,
  // replicate, unit).
  EXPECT_EQ(
      first_of(Stream(0, Purpose{0}, 0, 0), 4),
      (std::vector<std::uint64_t>{0x09218ebde6c85537, 0x55941f5266d86105, 0x4bd25e16282434dc, 0xee29ec846bd2e40b}));
}

TEST(Random123, AgreesWithItsPublishedVectors) {
  // The library that the streams rest on, at the other two vectors of the same file: all ones, and digits of pi.
  using Block = std::array<std::uint64_t, 4>;
  const auto of = [](const Block& counter, const Block& key) {
    const auto out =
        r123::Threefry4x64()({{counter[0], counter[1], counter[2], counter[3]}}, {{key[0], key[1], key[2], key[3]}});
    return Block{out[0], out[1], out[2], out[3]};
  };
  constexpr std::uint64_t ones = ~0ULL;
  EXPECT_EQ(of({ones, ones, ones, ones}, {ones, ones, ones, ones}),
            (Block{0x29c24097942bba1b, 0x0371bbfb0f6f4e11, 0x3c231ffa33f83a1c, 0xcd29113fde32d168}));
  EXPECT_EQ(of({0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89},
               {0x452821e638d01377, 0xbe5466cf34e90c6c, 0xbe5466cf34e90c6c, 0xc0ac29b7c97c50dd}),
            (Block{0xa7e8fde591651bd9, 0xbaafd0c30138319b, 0x84a5c1a729e685b9, 0x901d406ccebc1ba4}));
}

TEST(Stream, CountsBlocksUnderTheKeySeedPurposeReplicateUnit) {
  const r123::Threefry4x64::key_type key = {{20191020, 3, 7, 11}};
  std::vector<std::uint64_t> expected;
  for (std::uint64_t block = 0; block < 5; ++block)
    for (const auto word : r123::Threefry4x64()({{block, 0, 0, 0}}, key)) expected.push_back(word);
  EXPECT_EQ(first_of(Stream(20191020, Purpose::permutation_test, 7, 11), 20), expected);
}

TEST(Stream, FillsASpanWithWhatItGivesOneByOne) {
  for (const std::size_t before : {0U, 1U, 3U, 4U})
    for (const std::size_t length : {0U, 1U, 5U, 31U, 32U, 33U, 200U}) {
      Stream single(20191020, any, 7, 11), filled = single;
      for (std::size_t k = 0; k < before; ++k) EXPECT_EQ(single(), filled());
      std::vector<std::uint64_t> out(length);
      filled.fill(out);
      for (std::size_t k = 0; k < length; ++k) EXPECT_EQ(out[k], single()) << before << ' ' << length << ' ' << k;
      EXPECT_EQ(filled(), single());
    }
}

// Results on disk depend on these numbers, so they never change.
TEST(Purpose, KeepsItsNumbersForEver) {
  EXPECT_EQ(static_cast<std::uint64_t>(Purpose::synthetic_election), 1U);
  EXPECT_EQ(static_cast<std::uint64_t>(Purpose::randomisation_test), 2U);
  EXPECT_EQ(static_cast<std::uint64_t>(Purpose::permutation_test), 3U);
  EXPECT_EQ(static_cast<std::uint64_t>(Purpose::bootstrap), 4U);
}

TEST(Stream, AChangeOfSeedPurposeReplicateOrUnitGivesOtherNumbers) {
  std::set<std::uint64_t> seen;
  std::size_t drawn = 0;
  for (const Seed seed : {0ULL, 1ULL, 2ULL, 0xFFFFFFFFFFFFFFFFULL})
    for (const auto purpose :
         {Purpose::synthetic_election, Purpose::randomisation_test, Purpose::permutation_test, Purpose::bootstrap})
      for (const std::uint64_t replicate : {0ULL, 1ULL, 2ULL, 1ULL << 40})
        for (const std::uint64_t unit : {0ULL, 1ULL, 2ULL, 34555ULL})
          for (const auto value : first_of(Stream(seed, purpose, replicate, unit), 8)) {
            seen.insert(value);
            ++drawn;
          }
  EXPECT_EQ(seen.size(), drawn) << "two of 2,048 numbers of 64 bits are equal";
}

TEST(Stream, IsTheSameWhateverTheOrderOfCreationAndUse) {
  constexpr std::size_t streams = 20, draws = 9;
  std::vector<std::vector<std::uint64_t>> apart(streams), woven(streams);
  for (std::size_t k = streams; k-- > 0;) apart[k] = first_of(Stream(5, any, k), draws);
  std::vector<Stream> all;
  for (std::size_t k = 0; k < streams; ++k) all.emplace_back(5, any, k);
  for (std::size_t i = 0; i < draws; ++i)
    for (std::size_t k = 0; k < streams; ++k) woven[k].push_back(all[k]());
  EXPECT_EQ(apart, woven);
}

TEST(Stream, ACopyGoesOnFromWhereItWasTaken) {
  Stream stream(5, any);
  for (int i = 0; i < 5; ++i) stream();
  Stream copy = stream;
  for (int i = 0; i < 9; ++i) EXPECT_EQ(stream(), copy()) << i;
}

TEST(Stream, EveryBitIsAsOftenSetAsNot) {
  constexpr std::uint64_t seed = 11, draws = 20'000;
  Stream stream(seed, any);
  std::array<std::uint64_t, 64> set{};
  for (std::uint64_t i = 0; i < draws; ++i) {
    const auto value = stream();
    for (std::size_t bit = 0; bit < 64; ++bit) set[bit] += value >> bit & 1;
  }
  double statistic = 0;
  for (const auto n : set) statistic += std::pow(static_cast<double>(n) - draws / 2.0, 2) / (draws / 4.0);
  EXPECT_GT(boost::math::cdf(boost::math::complement(boost::math::chi_squared(64), statistic)), level)
      << "seed " << seed;
}

TEST(Stream, UniformFillsTheUnitIntervalEvenly) {
  constexpr std::uint64_t seed = 12;
  Stream stream(seed, any);
  std::vector<std::uint64_t> cells(100);
  for (int i = 0; i < 200'000; ++i) {
    const double u = stream.uniform();
    ASSERT_GE(u, 0);
    ASSERT_LT(u, 1);
    ++cells[static_cast<std::size_t>(u * 100)];
  }
  expect_equal_cells(cells, "uniform, seed 12");
}

TEST(Stream, NeighboursInAStreamAreIndependent) {
  Stream stream(13, any);
  std::vector<std::uint64_t> cells(20 * 20);
  double previous = stream.uniform();
  for (int i = 0; i < 200'000; ++i) {
    const double u = stream.uniform();
    ++cells[static_cast<std::size_t>(previous * 20) * 20 + static_cast<std::size_t>(u * 20)];
    previous = u;
  }
  expect_equal_cells(cells, "pairs of neighbours, seed 13");
}

TEST(Stream, FirstNumbersOfNeighbouringStreamsAreIndependent) {
  std::vector<std::uint64_t> cells(20 * 20);
  for (std::uint64_t k = 0; k < 100'000; ++k)
    ++cells[static_cast<std::size_t>(Stream(14, any, k).uniform() * 20) * 20 +
            static_cast<std::size_t>(Stream(14, any, k, 1).uniform() * 20)];
  expect_equal_cells(cells, "first numbers of neighbouring streams, seed 14");
}

TEST(Stream, BelowIsEvenForEverySize) {
  for (const std::uint64_t n : {2ULL, 3ULL, 6ULL, 7ULL, 10ULL, 64ULL, 100ULL, 365ULL}) {
    Stream stream(15, any, n);
    std::vector<std::uint64_t> cells(n);
    for (std::uint64_t i = 0; i < 400 * n; ++i) {
      const auto value = stream.below(n);
      ASSERT_LT(value, n);
      ++cells[value];
    }
    expect_equal_cells(cells, "below(" + std::to_string(n) + "), seed 15");
  }
}

TEST(Stream, BelowAHugeNumberIsNotBiased) {
  // Without rejection, every third number below 3 x 2^62 would come up twice as often as the others.
  constexpr std::uint64_t n = 3ULL << 62;
  Stream stream(16, any);
  std::vector<std::uint64_t> remainders(3), thirds(3);
  for (int i = 0; i < 60'000; ++i) {
    const auto value = stream.below(n);
    ++remainders[value % 3];
    ++thirds[value / (n / 3)];
  }
  expect_equal_cells(remainders, "below(3 x 2^62) mod 3, seed 16");
  expect_equal_cells(thirds, "below(3 x 2^62) by thirds, seed 16");
}

TEST(Stream, BelowOneIsZero) {
  Stream stream(17, any);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(stream.below(1), 0U);
}

TEST(Stream, NormalFollowsTheNormalLaw) {
  constexpr std::size_t cells = 50;
  Stream stream(18, any);
  std::vector<std::uint64_t> seen(cells);
  const boost::math::normal law;
  for (int i = 0; i < 100'000; ++i) {
    const double x = stream.normal();
    ASSERT_TRUE(std::isfinite(x));
    ++seen[std::min(cells - 1, static_cast<std::size_t>(boost::math::cdf(law, x) * cells))];
  }
  expect_equal_cells(seen, "normal, seed 18");
}

// The test itself can fail: a generator that is off by 3 % is caught.
TEST(ChiSquareOfTheseTests, CatchesAPlantedBias) {
  Stream stream(19, any);
  std::vector<std::uint64_t> cells(10);
  for (int i = 0; i < 100'000; ++i) {
    auto value = stream.below(10);
    if (value == 9 && stream.below(10) == 0) value = 0;
    ++cells[value];
  }
  EXPECT_LT(p_of_equal_cells(cells), level / 2);
}

}  // namespace
}  // namespace cotejo

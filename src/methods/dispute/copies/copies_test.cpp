#include "cotejo/methods/dispute/copies.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::finding_of;
using test::small_count;
using test::SmallUnit;
using test::value;

// `n` units of 100 votes; the leader has 60.
Count official(int n) {
  std::vector<SmallUnit> units;
  for (int u = 0; u < n; ++u) units.push_back({.key = fmt::format("u{}", u), .votes = {60, 40}});
  return small_count("official", {}, {"A", "B"}, units);
}
Count copies(int n, int different) {
  std::vector<SmallUnit> units;
  for (int u = 0; u < n; ++u)
    units.push_back({.key = fmt::format("u{}", u), .votes = {u < different ? 50 : 60, u < different ? 50 : 40}});
  return small_count("copies", {}, {"A", "B"}, units);
}

// src/methods/dispute/copies/copies.md: 299 copies without a discrepancy bound the share altered by 1 %, 59 by 5 %.
TEST(Copies, TwoHundredNinetyNineRuleOutOnePercentAndFiftyNineFive) {
  const Count count = official(100'000);
  for (const auto& [n, percent] : {std::pair{299, 1.0}, std::pair{59, 5.0}}) {
    const auto finding = finding_of(count, CopiesRequest{.copies = n, .drawn = "at-random"}, Context{});
    EXPECT_LE(value(finding, "altered_units_most"), percent / 100 * 100'000);
    EXPECT_EQ(value(finding, "altered_units_least"), 0);
    const auto fewer = finding_of(count, CopiesRequest{.copies = n - 3, .drawn = "at-random"}, Context{});
    EXPECT_GT(value(fewer, "altered_units_most"), percent / 100 * 100'000);
  }
}

TEST(Copies, DiscrepanciesGiveTheExactIntervalAndTheNetVotes) {
  const Count count = official(40);
  const Count sample = copies(10, 2);
  const Rule rule = Rule::plurality();
  const auto finding =
      finding_of(count, CopiesRequest{.rule = &rule, .others = {&sample}, .drawn = "at-random"}, Context{});
  EXPECT_EQ(value(finding, "copies"), 10);
  EXPECT_EQ(value(finding, "discrepancies"), 2);
  EXPECT_EQ(value(finding, "net_A"), -20);
  EXPECT_EQ(value(finding, "net_B"), 20);
  // P(X <= 2 | d) > .05 and P(X >= 2 | d) > .05, hypergeometric, enumerated by hand with C(n, k).
  const auto choose = [](double n, double k) {
    return std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1));
  };
  int most = 0, least = 40;
  for (int d = 2; d <= 32; ++d) {
    double at_most = 0, below = 0;
    for (int x = 0; x <= 2; ++x) {
      const double p = choose(d, x) * choose(40 - d, 10 - x) / choose(40, 10);
      at_most += p;
      if (x < 2) below += p;
    }
    if (at_most > .05) most = d;
    if (1 - below > .05) least = std::min(least, d);
  }
  EXPECT_EQ(value(finding, "altered_units_most"), most);
  EXPECT_EQ(value(finding, "altered_units_least"), least);
  EXPECT_EQ(value(finding, "votes_most"), 60.0 * most);
  EXPECT_EQ(finding.table("differences")->rows.size(), 4u);
}

TEST(Copies, WithoutARandomSampleNothingIsAnswered) {
  const Count count = official(1000);
  const Rule rule = Rule::plurality();
  const auto unknown = finding_of(count, CopiesRequest{.rule = &rule, .copies = 900}, Context{});
  EXPECT_EQ(unknown.answer, Answer::undetermined);
  EXPECT_FALSE(unknown.conditions[0].met);
  EXPECT_EQ(unknown.headline.english().rfind("If they are a random sample", 0), 0u);
  const auto random = finding_of(count, CopiesRequest{.rule = &rule, .copies = 900, .drawn = "at-random"}, Context{});
  EXPECT_EQ(random.answer, Answer::no);
  EXPECT_EQ(random.for_outcome, ForOutcome::holds);
  const auto few = finding_of(count, CopiesRequest{.rule = &rule, .copies = 2, .drawn = "at-random"}, Context{});
  EXPECT_EQ(few.answer, Answer::yes) << "two copies rule nothing out";
}

TEST(Copies, BadInputIsNamed) {
  const Count count = official(10);
  EXPECT_EQ(error_of(count, CopiesRequest{}, Context{}).code, ErrorCode::input_insufficient);
  EXPECT_EQ(error_of(count, CopiesRequest{.copies = 11}, Context{}).code, ErrorCode::option_invalid);
  EXPECT_EQ(error_of(count, CopiesRequest{.copies = 5, .discrepancies = 6}, Context{}).code, ErrorCode::option_invalid);
  EXPECT_EQ(error_of(Count{}, CopiesRequest{.copies = 5}, Context{}).code, ErrorCode::input_insufficient);
  const Count other = small_count("x", {}, {"A", "B"}, {{.key = "elsewhere", .votes = {1, 2}}});
  EXPECT_EQ(error_of(count, CopiesRequest{.others = {&other}}, Context{}).code, ErrorCode::input_insufficient);
  const Count options = small_count("x", {}, {"C", "D"}, {{.key = "u1", .votes = {1, 2}}});
  EXPECT_EQ(error_of(count, CopiesRequest{.others = {&options}}, Context{}).code, ErrorCode::input_insufficient);
  // One unit, one option: a bound all the same.
  const Count one = small_count("x", {}, {"A"}, {{.key = "u0", .votes = {5}}});
  EXPECT_EQ(value(finding_of(one, CopiesRequest{.copies = 1, .drawn = "at-random"}, Context{}), "altered_units_most"),
            0);
}

}  // namespace
}  // namespace cotejo

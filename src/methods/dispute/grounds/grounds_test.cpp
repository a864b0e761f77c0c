#include "cotejo/methods/dispute/grounds.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::finding_of;
using test::small_challenge;
using test::small_count;
using test::SmallUnit;

struct Drawn {
  Count count;
  std::vector<Challenge> challenges;
  Rule rule;
  std::vector<const Challenge*> pointers() const {
    std::vector<const Challenge*> out;
    for (const auto& challenge : challenges) out.push_back(&challenge);
    return out;
  }
};

// A tiny election with overlapping lists; small numbers, so that ties happen.
Drawn drawn(std::uint64_t seed, std::size_t grounds) {
  Stream stream(seed, Purpose::permutation_test);
  Drawn out;
  const std::size_t options = 2 + stream.below(3), n = 4 + stream.below(6);
  std::vector<std::string> names;
  for (std::size_t o = 0; o < options; ++o) names.push_back(std::string(1, static_cast<char>('A' + o)));
  std::vector<SmallUnit> units;
  for (std::size_t u = 0; u < n; ++u) {
    SmallUnit unit{.key = fmt::format("u{}", u)};
    for (std::size_t o = 0; o < options; ++o) unit.votes.push_back(static_cast<std::int32_t>(stream.below(5)));
    units.push_back(std::move(unit));
  }
  out.count = small_count("tiny", {}, names, units);
  for (std::size_t g = 0; g < grounds; ++g) {
    std::vector<std::string> keys;
    for (std::size_t u = 0; u < n; ++u)
      if (stream.below(3) == 0) keys.push_back(units[u].key);
    if (keys.empty()) keys.push_back(units[stream.below(n)].key);
    out.challenges.push_back(small_challenge(keys, fmt::format("g{}", g)));
  }
  out.rule = seed % 3 == 0   ? Rule::plurality()
             : seed % 3 == 1 ? Rule::majority_with_runoff()
                             : Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  return out;
}

// The tally after a set is struck, written out plainly.
Tally struck(const Drawn& d, GroundSet set, std::string_view reading) {
  std::vector<UnitIndex> units;
  for (UnitIndex u = 0; u < d.count.units(); ++u)
    for (std::size_t g = 0; g < d.challenges.size(); ++g) {
      const auto& keys = d.challenges[g].unit_keys;
      if (((set >> g) & 1U) != 0 && std::find(keys.begin(), keys.end(), d.count.unit_keys[u]) != keys.end()) {
        units.push_back(u);
        break;
      }
    }
  Tally out = tally(d.count);
  const auto order = ranking(out);
  const Tally there = tally(d.count, units);
  const auto votes = there.options[order[0]];
  if (reading == "whole") {
    out -= there;
    return out;
  }
  out.options[order[0]] -= votes;
  if (reading == "winner-void") out.valid -= votes, out.null += votes;
  if (reading == "transfer") out.options[order[1]] += votes;
  return out;
}

TEST(Grounds, EverySetUnderEveryReadingIsThePlainEnumeration) {
  int decisive = 0, ties = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    const Drawn d = drawn(seed, 1 + seed % 5);
    const auto result = compute(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
    ASSERT_TRUE(result);
    const Outcome base = apply(d.rule, d.count.contest, tally(d.count));
    for (const auto& reading : result->readings) {
      std::vector<bool> changes(result->units.size());
      for (GroundSet set = 0; set < result->units.size(); ++set) {
        const Tally after = struck(d, set, reading.name);
        const Tally ours = result->after(set, reading.name);
        EXPECT_EQ(ours.options, after.options);
        EXPECT_EQ(ours.valid, after.valid);
        EXPECT_EQ(ours.null, after.null);
        EXPECT_EQ(ours.units, after.units);
        const Outcome outcome = apply(d.rule, d.count.contest, after);
        EXPECT_TRUE(result->outcomes[reading.outcome[set]].same_as(outcome)) << seed << " " << set << reading.name;
        changes[set] = !outcome.same_as(base);
        ties += outcome.verdict == Verdict::tie;
      }
      for (GroundSet set = 0; set < changes.size(); ++set) {
        bool smaller = false;  // every proper subset
        for (GroundSet sub = (set - 1) & set; set != 0; sub = (sub - 1) & set) {
          smaller = smaller || changes[sub];
          if (sub == 0) break;
        }
        const bool listed = std::find(reading.minimal.begin(), reading.minimal.end(), set) != reading.minimal.end();
        EXPECT_EQ(listed, changes[set] && !smaller) << seed << " " << set << reading.name;
      }
      decisive += std::count(changes.begin(), changes.end(), true) > 0;
      EXPECT_EQ(reading.decisive, std::count(changes.begin(), changes.end(), true));
    }
  }
  EXPECT_GT(decisive, 100) << "otherwise the test shows little";
  EXPECT_GT(ties, 100);
}

TEST(Grounds, AShapleyValueIsTheMeanOverAllOrders) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    const Drawn d = drawn(seed, 4);
    const auto result = compute(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
    ASSERT_TRUE(result);
    for (const auto& reading : result->readings) {
      std::vector<std::size_t> order{0, 1, 2, 3};
      std::vector<double> sum(4);
      int orders = 0;
      do {
        GroundSet accepted = 0;
        for (const std::size_t g : order) {
          sum[g] += reading.loss[accepted | (GroundSet{1} << g)] - reading.loss[accepted];
          accepted |= GroundSet{1} << g;
        }
        ++orders;
      } while (std::next_permutation(order.begin(), order.end()));
      for (std::size_t g = 0; g < 4; ++g) EXPECT_NEAR(reading.shapley[g], sum[g] / orders, 1e-9);
      EXPECT_NEAR(std::accumulate(reading.shapley.begin(), reading.shapley.end(), 0.0), reading.loss[15], 1e-9);
    }
  }
}

// A leads by 20; a alone and b alone leave it ahead, together they do not; both name u1, which is struck once.
Drawn overlapping() {
  Drawn out;
  out.count = small_count("c", {}, {"A", "B"},
                          {{.key = "u0", .votes = {100, 96}},
                           {.key = "u1", .votes = {12, 4}},
                           {.key = "u2", .votes = {10, 4}},
                           {.key = "u3", .votes = {10, 8}}});
  out.challenges = {small_challenge({"u1", "u2"}, "a"), small_challenge({"u1", "u3"}, "b"),
                    small_challenge({"u3"}, "c")};
  out.rule = Rule::plurality();
  return out;
}

TEST(Grounds, TheSmallestDecisiveSetIsNamedAndAnOverlapIsStruckOnce) {
  Drawn d = overlapping();
  d.count.votes[0] = 95;  // u0: A 95, B 96; the lead is 15
  const auto finding = finding_of(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
  EXPECT_EQ(finding.answer, Answer::depends);
  EXPECT_EQ(finding.for_outcome, ForOutcome::depends);
  EXPECT_EQ(test::value(finding, "units_named"), 3);
  const Table* minimal = finding.table("minimal");
  ASSERT_NE(minimal, nullptr);
  ASSERT_FALSE(minimal->rows.empty());
  EXPECT_EQ(std::get<std::string>(minimal->rows[0][0]), "a + b");
  EXPECT_EQ(std::get<std::string>(minimal->rows[0][1]), "whole");
  EXPECT_EQ(std::get<std::int64_t>(minimal->rows[0][3]), 3);
  EXPECT_NE(finding.headline.find("the smallest such set is "), std::string::npos);
}

TEST(Grounds, WhatNoSetChangesStands) {
  Drawn d = overlapping();
  d.count.votes[0] = 1000;
  const auto finding = finding_of(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
  EXPECT_EQ(finding.answer, Answer::yes);
  EXPECT_EQ(finding.for_outcome, ForOutcome::holds);
  EXPECT_FALSE(finding.at_stake->decisive);
  EXPECT_EQ(finding.table("subsets")->rows.size(), 8 * 4);
  EXPECT_TRUE(finding.table("minimal")->rows.empty());
}

TEST(Grounds, ATriggerIsAConditionThatTheLawStates) {
  const Drawn d = overlapping();
  for (const auto& [percent, met] : {std::pair{75.0, false}, std::pair{76.0, true}}) {
    const auto finding = finding_of(
        d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers(), .trigger_percent = percent}, Context{});
    ASSERT_FALSE(finding.conditions.empty());
    EXPECT_EQ(finding.conditions.back().met, met) << "3 of 4 units are named";
  }
}

TEST(Grounds, TheResultIsTheSameOnAnyNumberOfThreads) {
  const Drawn d = drawn(11, 13);
  const auto one = compute(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{.threads = 1});
  const auto three =
      compute(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{.threads = 3});
  ASSERT_TRUE(one && three);
  for (std::size_t r = 0; r < one->readings.size(); ++r) {
    EXPECT_EQ(one->readings[r].outcome, three->readings[r].outcome);
    EXPECT_EQ(one->readings[r].shapley, three->readings[r].shapley);
  }
}

TEST(Grounds, WhatDoesNotFitIsRefusedWithItsPlace) {
  Drawn d = overlapping();
  EXPECT_EQ(error_of(d.count, GroundsRequest{.rule = nullptr, .challenges = d.pointers()}, Context{}).code,
            ErrorCode::input_insufficient);
  d.challenges.push_back(small_challenge({"u1"}, "a"));
  const Error twice = error_of(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
  EXPECT_EQ(twice.code, ErrorCode::option_invalid);
  EXPECT_EQ(twice.value, "a");
  d.challenges.back() = small_challenge({"u1", "nowhere"}, "d");
  EXPECT_EQ(error_of(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{}).code,
            ErrorCode::unit_unknown);
  d.challenges.clear();
  for (int g = 0; g <= 20; ++g) d.challenges.push_back(small_challenge({"u1"}, fmt::format("g{}", g)));
  const Error many = error_of(d.count, GroundsRequest{.rule = &d.rule, .challenges = d.pointers()}, Context{});
  EXPECT_EQ(many.code, ErrorCode::option_invalid);
  EXPECT_EQ(many.value, "21");
}

}  // namespace
}  // namespace cotejo

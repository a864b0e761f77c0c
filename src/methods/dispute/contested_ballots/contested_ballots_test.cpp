#include "cotejo/methods/dispute/contested_ballots.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>

#include "../../support/tests/figures.hpp"
#include "../../support/tests/small_count.hpp"

namespace cotejo {
namespace {

using test::error_of;
using test::finding_of;
using test::small_count;
using test::value;

Count of(std::vector<std::int32_t> votes) {
  std::vector<std::string> names;
  for (std::size_t o = 0; o < votes.size(); ++o) names.push_back(std::string(1, static_cast<char>('A' + o)));
  return small_count("c", {}, names, {{.key = "u", .votes = std::move(votes)}});
}

ContestedBallotsResult computed(const Count& count, ContestedBallotsRequest request) {
  auto result = compute(count, request, Context{});
  EXPECT_TRUE(result) << (result ? "" : describe(result.error()));
  return result ? *std::move(result) : ContestedBallotsResult{};
}

// Ippolito v. Power: 101 irregular of 2,827 votes, 1,422 to 1,405 (Finkelstein & Robbins 1973).
TEST(ContestedBallots, IppolitoAgainstPower) {
  const Rule rule = Rule::plurality();
  const auto finding = finding_of(
      of({1422, 1405}), ContestedBallotsRequest{.rule = &rule, .ballots = 101, .contested = "at-random"}, Context{});
  EXPECT_NEAR(value(finding, "probability_reversed"), 0.0387230, 5e-8);
  EXPECT_NEAR(value(finding, "probability_reversed_or_tied"), 0.0591725, 5e-8);
  EXPECT_EQ(value(finding, "least_voided"), 59) << "59 - 42 = 17 makes a tie";
  EXPECT_EQ(finding.answer, Answer::depends);
  EXPECT_EQ(finding.for_outcome, ForOutcome::depends);
}

// Austria 2016: 77,926 ballots against a lead of 30,863.
TEST(ContestedBallots, AustriaTwoThousandSixteen) {
  const Rule rule = Rule::plurality();
  const auto result = computed(of({2251517, 2220654}), {.rule = &rule, .ballots = 77926});
  EXPECT_EQ(result.least_voided, 54395);
  EXPECT_EQ(result.least_moved, 15432);
  EXPECT_EQ(result.could, CouldChange::yes);
  EXPECT_EQ(result.without_probability, NoProbability::not_assumed);
  EXPECT_NEAR(100.0 * 54395 / 77926, 69.80, .005);
}

// Germany 2025: 2,472,947 of 49,649,512 valid votes under a threshold of 5 %.
TEST(ContestedBallots, AThresholdOfFivePercent) {
  Rule rule;
  rule.id = "threshold";
  rule.met = Verdict::adopted;
  rule.otherwise = Verdict::rejected;
  rule.alternatives = {{"share",
                        {{"share",
                          {{.quantity = Quantity::option, .coefficient = Rational(1), .option = OptionId{"B"}},
                           {.quantity = Quantity::valid, .coefficient = Rational(-1, 20)}},
                          Comparison::at_least}}}};
  const auto result = computed(of({49649512 - 2472947, 2472947}), {.rule = &rule, .ballots = 10000, .kind = "misread"});
  EXPECT_EQ(result.least_moved, 9529);
  EXPECT_EQ(result.least_added, 10031);
}

// Every way to withdraw k of a tiny election's ballots, one by one.
TEST(ContestedBallots, TheProbabilityIsTheShareOfAllWaysToDraw) {
  int decided = 0;
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    Stream stream(seed, Purpose::permutation_test);
    const auto a = static_cast<std::int32_t>(2 + stream.below(5)), b = static_cast<std::int32_t>(1 + stream.below(5));
    const Count count = of({a, b});
    const auto k = static_cast<std::int64_t>(1 + stream.below(static_cast<std::uint64_t>(a + b)));
    const Rule rule = seed % 2 ? Rule::plurality() : Rule::majority_with_runoff();
    const auto result = computed(count, {.rule = &rule, .ballots = k, .contested = "at-random"});
    ASSERT_FALSE(result.without_probability);
    std::int64_t ways = 0, reversed = 0, tied = 0;
    bool could = false;
    for (std::uint32_t drawn = 0; drawn < (1U << (a + b)); ++drawn) {
      if (std::popcount(drawn) != k) continue;
      const int of_a = std::popcount(drawn & ((1U << a) - 1));
      Tally after = tally(count);
      after.options[0] -= of_a;
      after.options[1] -= k - of_a;
      after.valid -= k;
      const Outcome outcome = apply(rule, count.contest, after);
      ++ways;
      if (outcome.same_as(result.base)) continue;
      could = true;
      (outcome.verdict == Verdict::tie ? tied : reversed) += 1;
    }
    EXPECT_NEAR(result.reversed, static_cast<double>(reversed) / static_cast<double>(ways), 1e-12) << seed;
    EXPECT_NEAR(result.tied, static_cast<double>(tied) / static_cast<double>(ways), 1e-12) << seed;
    EXPECT_TRUE(result.could == CouldChange::yes || !could) << seed;
    decided += could;
  }
  EXPECT_GT(decided, 100) << "otherwise the test shows little";
}

TEST(ContestedBallots, ProbabilitiesOfAllOptionsAddUpWithAThirdThatCannotReachThem) {
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const auto result = computed(of({470, 360, 30}), {.rule = &rule, .ballots = 40, .contested = "at-random"});
  ASSERT_FALSE(result.without_probability);
  double sum = 0, ways = 0;
  const auto choose = [](double n, double x) {
    return x < 0 || x > n ? 0.0 : std::exp(std::lgamma(n + 1) - std::lgamma(x + 1) - std::lgamma(n - x + 1));
  };
  for (int l = 0; l <= 40; ++l)
    for (int r = 0; l + r <= 40; ++r) {
      const double way = choose(470, l) * choose(360, r) * choose(30, 40 - l - r);
      ways += way;
      const double m = 470 - l, c = 360 - r, v = 820;
      if (!(2 * m > v || (m >= .4 * v && m - c >= .1 * v))) sum += way;
    }
  EXPECT_NEAR(result.reversed, sum / ways, 1e-9);
}

TEST(ContestedBallots, TheProbabilityGrowsWithTheOddsAndReachesTheirThresholds) {
  const Rule rule = Rule::plurality();
  const Count count = of({1422, 1405});
  const auto result = computed(count, {.rule = &rule, .ballots = 101, .contested = "at-random"});
  for (std::size_t i = 1; i < result.curve.size(); ++i)
    EXPECT_GT(result.curve[i].reversed, result.curve[i - 1].reversed);
  ASSERT_TRUE(result.odds_5 && result.odds_50);
  EXPECT_GT(*result.odds_5, 1);
  EXPECT_LT(*result.odds_5, *result.odds_50);
  // Fisher's noncentral hypergeometric, summed plainly.
  double all = 0, reversed = 0;
  for (int l = 0; l <= 101; ++l) {
    const double way =
        std::exp(std::lgamma(1423) - std::lgamma(l + 1) - std::lgamma(1423 - l) + std::lgamma(1406) -
                 std::lgamma(102 - l) - std::lgamma(1406 - (101 - l)) + l * std::log(*result.odds_5) - 200);
    all += way;
    if (1422 - l < 1405 - (101 - l)) reversed += way;
  }
  EXPECT_NEAR(reversed / all, .05, 1e-9);
}

TEST(ContestedBallots, ShutOutBallotsFollowThePoolMoreLooselyWithACorrelation) {
  const Rule rule = Rule::plurality();
  const Count count = of({1020, 1000});
  const auto at = [&](double rho) {
    return computed(count,
                    {.rule = &rule, .ballots = 200, .kind = "shut-out", .contested = "at-random", .correlation = rho});
  };
  const auto independent = at(0), alike = at(.02);
  ASSERT_FALSE(independent.without_probability);
  // The binomial, summed plainly: reversed when the second gains more than 20.
  double plain = 0;
  for (int r = 0; r <= 200; ++r)
    if (1000 + r > 1020 + 200 - r)
      plain += std::exp(std::lgamma(201) - std::lgamma(r + 1) - std::lgamma(201 - r) + r * std::log(1000.0 / 2020) +
                        (200 - r) * std::log(1020.0 / 2020));
  EXPECT_NEAR(independent.reversed, plain, 1e-10);
  EXPECT_GT(alike.reversed, 1.5 * independent.reversed);
}

// Places of few votes, the contested ballots of each drawn among its own, one by one.
struct Places {
  Count count, contested;
  std::vector<std::pair<std::int32_t, std::int32_t>> votes;
  std::vector<std::int32_t> ballots;
};

Places drawn_places(std::uint64_t seed) {
  Stream stream(seed, Purpose::permutation_test);
  Places out;
  std::vector<test::SmallUnit> units, contested;
  const std::size_t places = 2 + stream.below(2);
  for (std::size_t p = 0; p < places; ++p) {
    const auto a = static_cast<std::int32_t>(1 + stream.below(4)), b = static_cast<std::int32_t>(1 + stream.below(3));
    const auto k = static_cast<std::int32_t>(stream.below(static_cast<std::uint64_t>(a + b) + 1));
    const std::string name = fmt::format("P{}", p);
    // Two units of one place: the place's ballots are among both.
    units.push_back({.key = name + "/1", .places = {name}, .votes = {a, 0}});
    units.push_back({.key = name + "/2", .places = {name}, .votes = {0, b}});
    contested.push_back({.key = name, .votes = {k}});
    out.votes.emplace_back(a, b), out.ballots.push_back(k);
  }
  // A place without contested ballots.
  units.push_back({.key = "rest", .places = {"Q"}, .votes = {1, 1}});
  out.count = small_count("c", {"place"}, {"A", "B"}, units);
  out.contested = small_count("k", {}, {"contested"}, contested);
  return out;
}

TEST(ContestedBallots, OfSeveralPlacesTheProbabilityIsTheShareOfAllWaysToDraw) {
  int decided = 0, of_lead = 0;
  for (std::uint64_t seed = 1; seed <= 120; ++seed) {
    const Places places = drawn_places(seed);
    const std::int64_t k = std::accumulate(places.ballots.begin(), places.ballots.end(), std::int64_t{0});
    if (k == 0) continue;
    const Rule rule = seed % 2 ? Rule::plurality() : Rule::majority_with_runoff();
    const auto result =
        computed(places.count, {.rule = &rule, .others = {&places.contested}, .contested = "at-random"});
    ASSERT_FALSE(result.without_probability);
    ASSERT_EQ(result.ballots, k);
    // Of each place, in how many ways x of A's ballots are among its contested ones; then all places together.
    const auto choose = [](int n, int x) {
      return x < 0 || x > n
                 ? 0.0
                 : std::round(std::exp(std::lgamma(n + 1.0) - std::lgamma(x + 1.0) - std::lgamma(n - x + 1.0)));
    };
    std::map<std::int64_t, double> ways{{0, 1.0}};
    for (std::size_t p = 0; p < places.votes.size(); ++p) {
      std::map<std::int64_t, double> next;
      for (const auto& [so_far, number] : ways)
        for (int x = 0; x <= places.ballots[p]; ++x)
          if (const double here =
                  choose(places.votes[p].first, x) * choose(places.votes[p].second, places.ballots[p] - x);
              here > 0)
            next[so_far + x] += number * here;
      ways = std::move(next);
    }
    const auto at = [&](double odds) {
      double all = 0, reversed = 0, tied = 0;
      bool could = false;
      for (const auto& [x, number] : ways) {
        Tally after = tally(places.count);
        after.options[0] -= x, after.options[1] -= k - x, after.valid -= k;
        const Outcome outcome = apply(rule, places.count.contest, after);
        const std::int64_t favoured = result.leader == 0 ? x : k - x;
        const double weight = number * std::pow(odds, static_cast<double>(favoured));
        all += weight;
        if (outcome.same_as(result.base)) continue;
        could = true;
        (outcome.verdict == Verdict::tie ? tied : reversed) += weight;
      }
      decided += could;
      EXPECT_TRUE(result.could != CouldChange::no || !could) << seed;
      return std::pair{reversed / all, tied / all};
    };
    EXPECT_NEAR(result.reversed, at(1).first, 1e-12) << seed;
    EXPECT_NEAR(result.tied, at(1).second, 1e-12) << seed;
    ASSERT_EQ(result.curve.size(), result.could == CouldChange::no ? 0U : 8U) << seed;
    if (result.curve.empty()) continue;
    EXPECT_NEAR(result.curve[4].reversed, at(2).first, 1e-12) << seed << ": odds of 2";
    if (result.odds_5) {
      EXPECT_NEAR(at(*result.odds_5).first, .05, 1e-6) << seed;
    }
    of_lead += seed % 2;
  }
  EXPECT_GT(decided, 60) << "otherwise the test shows little";
  EXPECT_GT(of_lead, 30);
}

TEST(ContestedBallots, OnePlaceThatIsTheWholeIsTheWhole) {
  const Rule rule = Rule::plurality();
  const Count count = of({1422, 1405}), k = small_count("k", {}, {"contested"}, {{.key = "u", .votes = {101}}});
  const auto result = computed(count, {.rule = &rule, .others = {&k}, .contested = "at-random"});
  EXPECT_NEAR(result.reversed, 0.0387230, 5e-8);
  EXPECT_NEAR(result.reversed + result.tied, 0.0591725, 5e-8);
  EXPECT_EQ(result.least_voided, 59);
  const auto plain = computed(count, {.rule = &rule, .ballots = 101, .contested = "at-random"});
  EXPECT_NEAR(*result.odds_5, *plain.odds_5, 1e-6);
}

// 30 contested ballots could close a lead of 20 anywhere, but not where the leader has 5 votes.
TEST(ContestedBallots, NoPlaceLosesMoreVotesOfAnOptionThanItHas) {
  const Rule rule = Rule::plurality();
  const Count count =
      small_count("c", {"place"}, {"A", "B"},
                  {{.key = "1", .places = {"X"}, .votes = {5, 40}}, {.key = "2", .places = {"Y"}, .votes = {115, 60}}});
  const Count k = small_count("k", {}, {"contested"}, {{.key = "X", .votes = {30}}});
  EXPECT_EQ(computed(count, {.rule = &rule, .ballots = 30}).could, CouldChange::yes);
  EXPECT_EQ(computed(count, {.rule = &rule, .others = {&k}}).could, CouldChange::no);
  const auto finding = finding_of(count, ContestedBallotsRequest{.rule = &rule, .others = {&k}}, Context{});
  EXPECT_EQ(finding.for_outcome, ForOutcome::holds);
  EXPECT_EQ(test::whole(finding, "places", "X", "ballots"), 30);
  EXPECT_EQ(computed(count, {.rule = &rule, .others = {&k}, .contested = "at-random"}).reversed, 0);
}

// 200 places of 20 contested ballots, under a rule of three clauses of which one can change: the same as of all drawn at once
// where the places are alike.
// The ballots lie in the units objected to: the same as a place of their own.
TEST(ContestedBallots, WithinTheUnitsOfAChallengeIsAPlaceOfTheirOwn) {
  const Rule rule = Rule::plurality();
  const Count count =
      small_count("c", {}, {"A", "B"},
                  {{.key = "1", .votes = {40, 20}}, {.key = "2", .votes = {10, 25}}, {.key = "3", .votes = {30, 30}}});
  const Challenge list = test::small_challenge({"1", "2"}, "list");
  const auto within = computed(count, {.rule = &rule, .within = {&list}, .ballots = 30, .contested = "at-random"});
  ASSERT_EQ(within.strata.size(), 1);
  EXPECT_EQ(within.strata[0].all.options, (std::vector<std::int64_t>{50, 45}));
  const Count merged =
      small_count("m", {}, {"A", "B"}, {{.key = "12", .votes = {50, 45}}, {.key = "3", .votes = {30, 30}}});
  const Count contested = small_count("k", {}, {"contested"}, {{.key = "12", .votes = {30}}});
  const auto by_place = computed(merged, {.rule = &rule, .others = {&contested}, .contested = "at-random"});
  EXPECT_GT(within.reversed, 0);
  EXPECT_DOUBLE_EQ(within.reversed, by_place.reversed);
  EXPECT_EQ(within.least_voided, by_place.least_voided);
  EXPECT_EQ(computed(count, {.rule = &rule, .within = {&list}}).ballots, 95) << "all that are there";
  const Error more =
      error_of(count, ContestedBallotsRequest{.rule = &rule, .within = {&list}, .ballots = 96}, Context{});
  EXPECT_EQ(more.code, ErrorCode::option_invalid);
  EXPECT_EQ(more.column, "list");
}

TEST(ContestedBallots, ManyPlacesUnderARuleOfSeveralClausesAreAddedUpExactly) {
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  std::vector<test::SmallUnit> units, contested;
  for (int p = 0; p < 200; ++p) {
    units.push_back({.key = fmt::format("{}", p), .votes = {430, 341, 114}});
    contested.push_back({.key = fmt::format("{}", p), .votes = {20}});
  }
  const Count count = small_count("c", {}, {"A", "B", "C"}, units), k = small_count("k", {}, {"contested"}, contested);
  const auto result = computed(count, {.rule = &rule, .others = {&k}, .contested = "at-random"});
  ASSERT_FALSE(result.without_probability);
  const auto at_once = computed(count, {.rule = &rule, .ballots = 4000, .contested = "at-random"});
  EXPECT_NE(result.base.verdict, Verdict::tie);
  EXPECT_GT(at_once.reversed, 0);
  EXPECT_NEAR(result.reversed, at_once.reversed, .1 * at_once.reversed)
      << "drawn within places, the spread is a little smaller";
}

TEST(ContestedBallots, WhatCannotBeKnownHasNoProbability) {
  const Rule rule = Rule::plurality();
  EXPECT_EQ(computed(of({50, 40, 39}), {.rule = &rule, .ballots = 9, .contested = "at-random"}).without_probability,
            NoProbability::third_option)
      << "the third may become second, or first";
  EXPECT_EQ(computed(of({50, 40}), {.rule = &rule, .ballots = 9, .kind = "misread", .contested = "at-random"})
                .without_probability,
            NoProbability::misread);
  const auto finding = finding_of(of({50, 40}), ContestedBallotsRequest{.rule = &rule, .ballots = 5}, Context{});
  EXPECT_EQ(finding.estimate("probability_reversed"), nullptr);
  EXPECT_FALSE(finding.conditions.back().met);
  EXPECT_EQ(finding.answer, Answer::no) << "five ballots cannot close a gap of ten";
  EXPECT_EQ(finding.for_outcome, ForOutcome::holds);
}

TEST(ContestedBallots, BallotsOfUnknownDirectionNeverDecideByThemselves) {
  const Rule rule = Rule::plurality();
  for (const char* kind : {"irregular", "surplus", "shut-out", "misread"}) {
    const auto finding =
        finding_of(of({50, 40}), ContestedBallotsRequest{.rule = &rule, .ballots = 60, .kind = kind}, Context{});
    EXPECT_EQ(finding.answer, Answer::depends) << kind;
    EXPECT_EQ(finding.for_outcome, ForOutcome::depends) << kind;
  }
}

TEST(ContestedBallots, BadInputIsNamed) {
  const Rule rule = Rule::plurality();
  const Error many = error_of(of({5, 4}), ContestedBallotsRequest{.rule = &rule, .ballots = 10}, Context{});
  EXPECT_EQ(many.code, ErrorCode::option_invalid);
  EXPECT_EQ(many.column, "ballots");
  EXPECT_EQ(error_of(of({5, 4}), ContestedBallotsRequest{.rule = &rule}, Context{}).code,
            ErrorCode::input_insufficient);
  EXPECT_EQ(error_of(of({5}), ContestedBallotsRequest{.rule = &rule, .ballots = 1}, Context{}).code,
            ErrorCode::input_insufficient);
  const Count count = small_count("c", {}, {"A", "B"}, {{.key = "1", .votes = {5, 4}}, {.key = "2", .votes = {5, 4}}});
  const Count strange = small_count("k", {}, {"contested"}, {{.key = "1", .votes = {1}}, {.key = "3", .votes = {1}}});
  const Error no_unit = error_of(count, ContestedBallotsRequest{.rule = &rule, .others = {&strange}}, Context{});
  EXPECT_EQ(no_unit.value, "3");
  const Count more = small_count("k", {}, {"contested"}, {{.key = "1", .votes = {1}}, {.key = "2", .votes = {10}}});
  const Error too_many = error_of(count, ContestedBallotsRequest{.rule = &rule, .others = {&more}}, Context{});
  EXPECT_EQ(too_many.column, "2");
  EXPECT_EQ(too_many.value, "10");
  // One key that is mistyped is not taken for the whole.
  const Count mistyped = small_count("k", {}, {"contested"}, {{.key = "11", .votes = {1}}});
  EXPECT_EQ(error_of(count, ContestedBallotsRequest{.rule = &rule, .others = {&mistyped}}, Context{}).value, "11");
  const Error twice =
      error_of(count, ContestedBallotsRequest{.rule = &rule, .others = {&more}, .ballots = 3}, Context{});
  EXPECT_EQ(twice.column, "ballots");
}

}  // namespace
}  // namespace cotejo

#include "cotejo/vote/rule.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "made_count.hpp"

namespace cotejo {
namespace {

using test::drawn_count;
using test::drawn_order;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Wide = Slack::Wide;

Contest contest_of(std::size_t options) {
  Contest contest;
  for (std::size_t i = 0; i < options; ++i)
    contest.options.push_back({OptionId{std::string(1, static_cast<char>('A' + i))}, ""});
  return contest;
}

struct Ballots {
  std::int64_t cast = 0, registered = 0, null = 0;
};

// Valid votes are the sum of the options.
Tally tally_of(std::vector<std::int64_t> options, Ballots ballots = {}) {
  Tally tally;
  tally.valid = std::accumulate(options.begin(), options.end(), std::int64_t{0});
  tally.options = std::move(options);
  tally.cast = ballots.cast;
  tally.registered = ballots.registered;
  tally.null = ballots.null;
  return tally;
}

Outcome outcome_of(const Rule& rule, const Tally& tally) {
  return apply(rule, contest_of(tally.options.size()), tally);
}

Rule bolivia() {
  return Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
}

struct Case {
  std::vector<std::int64_t> votes;
  const char* outcome;
  double slack;
  const char* why;
};

void expect_cases(const Rule& rule, const std::vector<Case>& cases) {
  for (const auto& row : cases) {
    const auto outcome = outcome_of(rule, tally_of(row.votes));
    EXPECT_EQ(describe(outcome, contest_of(row.votes.size())), row.outcome) << row.why;
    EXPECT_DOUBLE_EQ(outcome.slack.value(), row.slack) << row.why;
  }
}

TEST(Plurality, TheMostVotesWinAndTiesAreNamed) {
  expect_cases(Rule::plurality(),
               {
                   {{5, 9, 3}, "winner: B", 4, "plain"},
                   {{9, 9, 3}, "tie: A and B", 0, "leaders tied"},
                   {{3, 9, 9}, "tie: B and C", 0, "the tie is not broken by the order of the options"},
                   {{7, 7, 7}, "tie: A and B and C", 0, "three tied"},
                   {{9, 5, 5}, "winner: A", 4, "a tie for second decides nothing"},
                   {{1, 0}, "winner: A", 1, "one vote"},
                   {{0, 0, 0}, "tie: A and B and C", 0, "no votes at all"},
                   {{4}, "winner: A", 4, "a single option"},
                   {{0}, "none", 0, "a single option without votes"},
               });
}

TEST(MajorityWithRunoff, ExactlyHalfIsNotMoreThanHalf) {
  expect_cases(Rule::majority_with_runoff(),
               {
                   {{51, 30, 19}, "winner: A", 1, "51 of 100"},
                   {{50, 30, 20}, "runoff: A and B", 0, "exactly 50 %: the strict clause is on the edge"},
                   {{49, 30, 21}, "runoff: A and B", -1, "49 of 100"},
                   {{50, 50}, "runoff: A and B", 0, "two tied leaders are the two of the runoff"},
                   {{51, 50}, "winner: A", .5, "half a vote is enough"},
                   {{20, 40, 30}, "runoff: B and C", -5, "listed in the order of the contest"},
                   {{40, 30, 30}, "tie: B and C", -10, "who meets A is not decided"},
                   {{30, 30, 30}, "tie: A and B and C", -15, "three share the first place"},
                   {{40, 40, 20}, "runoff: A and B", -10, "tied leaders, third behind"},
                   {{40, 20, 20, 20}, "tie: B and C and D", -10, "three share the second place"},
                   {{3}, "winner: A", 1.5, "a single option"},
                   {{0}, "runoff: A", 0, "a single option without votes"},
                   {{0, 0}, "runoff: A and B", 0, "no votes at all, two options"},
                   {{0, 0, 0}, "tie: A and B and C", 0, "no votes at all, three options"},
               });
  EXPECT_TRUE(outcome_of(Rule::majority_with_runoff(), tally_of({50, 30, 20})).clauses[0].on_the_edge);
  EXPECT_FALSE(outcome_of(Rule::majority_with_runoff(), tally_of({50, 30, 20})).clauses[0].holds);
}

TEST(ShareAndLead, HoldsOnTheEdgeOfBothClausesAndFailsOneVoteBelow) {
  expect_cases(bolivia(), {
                              {{40, 30, 30}, "winner: A", 0, "exactly 40.000 % and exactly 10 points"},
                              {{400, 300, 150, 150}, "winner: A", 0, "the same in larger numbers"},
                              {{399, 299, 151, 151}, "runoff: A and B", -1, "39.9 % and 10 points"},
                              {{400, 301, 150, 149}, "runoff: A and B", -1, "40 % and 9.9 points"},
                              {{450, 350, 200}, "winner: A", 0, "45 % and exactly 10 points"},
                              {{450, 351, 199}, "runoff: A and B", -1, "9.9 points: binding is the lead"},
                              {{501, 499}, "winner: A", 1, "an absolute majority needs no lead"},
                              {{500, 500}, "runoff: A and B", 0, "exactly half: neither alternative"},
                              {{41, 31, 28}, "winner: A", 0, "the lead binds at 0: 41 - 31 = 10 % of 100"},
                          });
  EXPECT_TRUE(outcome_of(bolivia(), tally_of({40, 30, 30})).clauses[1].on_the_edge);
  EXPECT_TRUE(outcome_of(bolivia(), tally_of({40, 30, 30})).clauses[2].on_the_edge);
}

TEST(ShareAndLead, BindingClauseIsTheOneThatTheOutcomeHangsOn) {
  const auto binding = [](std::vector<std::int64_t> votes) {
    return outcome_of(bolivia(), tally_of(std::move(votes))).binding;
  };
  EXPECT_EQ(binding({60, 20, 20}),
            "40 % and 10 points: 40 % of the valid votes");  // 20 over 40 %, 30 over the lead, 10 over half
  EXPECT_EQ(binding({52, 48}), "absolute majority: more than half of the valid votes");  // lead of 4 points only
  EXPECT_EQ(binding({47, 36, 17}), "40 % and 10 points: 10 points ahead of the second");
  EXPECT_EQ(binding({35, 15, 14, 14, 22}), "40 % and 10 points: 40 % of the valid votes");
}

TEST(ShareAndLead, SlackOfBolivia2019IsThePublishedOne) {
  // docs/published-figures.md: M 2,889,359, C 2,240,920, V 6,137,671, slack 34,671.9 (the lead binds).
  const auto outcome =
      outcome_of(bolivia(), tally_of({2889359, 2240920, 539081, 6137671 - 2889359 - 2240920 - 539081}));
  EXPECT_EQ(outcome.verdict, Verdict::winner);
  EXPECT_EQ(outcome.slack.numerator, Wide{346719});
  EXPECT_EQ(outcome.slack.denominator, 10);
}

TEST(Referendum, NeedsMoreYesThanNoAndTheQuorum) {
  const Rule rule = Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(1, 2));
  struct Row {
    std::int64_t yes, no, cast, registered;
    Verdict verdict;
    const char* binding;
  };
  const Row rows[] = {
      {60, 40, 100, 200, Verdict::adopted, "adoption: turnout quorum"},     // exactly half of the registered
      {60, 40, 100, 201, Verdict::rejected, "adoption: turnout quorum"},    // half a voter short
      {50, 50, 100, 150, Verdict::rejected, "adoption: more yes than no"},  // a tie adopts nothing
      {51, 50, 101, 150, Verdict::adopted, "adoption: more yes than no"},
      {40, 60, 100, 100, Verdict::rejected, "adoption: more yes than no"},
      {0, 0, 0, 0, Verdict::rejected,
       "adoption: more yes than no"},  // both clauses at 0: the strict one fails and binds
      {60, 40, 100, 0, Verdict::adopted, "adoption: more yes than no"},
  };
  for (const Row& row : rows) {
    const auto outcome =
        outcome_of(rule, tally_of({row.yes, row.no}, {.cast = row.cast, .registered = row.registered}));
    EXPECT_EQ(outcome.verdict, row.verdict) << row.yes << "-" << row.no << " of " << row.registered;
    EXPECT_EQ(outcome.binding, row.binding) << row.yes << "-" << row.no << " of " << row.registered;
    EXPECT_THAT(outcome.options, IsEmpty());
  }
}

// As a profile could write it: two thirds of the valid votes, or a lead of 1,000 votes with at most a tenth of the
// ballots null.
Rule general() {
  return {.id = "general",
          .title = "",
          .source = "",
          .met = Verdict::winner,
          .otherwise = Verdict::none,
          .alternatives = {
              {"two thirds",
               {{"share", {{Quantity::leader, 1}, {Quantity::valid, Rational(-2, 3)}}, Comparison::at_least}}},
              {"lead",
               {{"a thousand",
                 {{Quantity::leader, 1}, {Quantity::runner_up, -1}, {Quantity::constant, -1000}},
                 Comparison::at_least},
                {"few null", {{Quantity::cast, Rational(1, 10)}, {Quantity::null, -1}}, Comparison::greater}}}}};
}

TEST(GeneralRule, DisjunctionTakesTheLargestSlackAndConjunctionTheSmallest) {
  const Tally tally = tally_of({2500, 1400, 100}, {.cast = 4500, .null = 440});
  const auto outcome = outcome_of(general(), tally);
  ASSERT_EQ(outcome.clauses.size(), 3U);
  EXPECT_NEAR(outcome.clauses[0].slack.value(), 2500 - 8000 / 3.0, 1e-12);
  EXPECT_EQ(outcome.clauses[1].slack.numerator, Wide{100});
  EXPECT_DOUBLE_EQ(outcome.clauses[2].slack.value(), 10);
  EXPECT_DOUBLE_EQ(outcome.slack.value(), 10);
  EXPECT_EQ(outcome.binding, "lead: few null");
  EXPECT_EQ(describe(outcome, contest_of(3)), "winner: A");
}

TEST(GeneralRule, AStrictClauseAtZeroFailsItsAlternative) {
  const auto outcome = outcome_of(general(), tally_of({2500, 1400, 100}, {.cast = 4400, .null = 440}));
  EXPECT_EQ(outcome.verdict, Verdict::none);
  EXPECT_TRUE(outcome.clauses[2].on_the_edge);
  EXPECT_FALSE(outcome.clauses[2].holds);
  EXPECT_EQ(outcome.slack.numerator, Wide{0});
}

TEST(GeneralRule, OfTwoClausesAtZeroTheOneThatFailsBinds) {
  const auto outcome = outcome_of(
      general(), tally_of({2500, 1500}, {.cast = 4400, .null = 440}));  // lead of exactly 1,000, null exactly a tenth
  EXPECT_EQ(outcome.verdict, Verdict::none);
  EXPECT_EQ(outcome.slack.numerator, Wide{0});
  EXPECT_EQ(outcome.binding, "lead: few null");
}

TEST(GeneralRule, AnAlternativeThatHoldsAtZeroOutranksOneThatFailsAtZero) {
  Rule rule = general();
  rule.alternatives[0].clauses[0].comparison = Comparison::greater;  // at 0: fails
  const auto outcome = outcome_of(rule, tally_of({3000, 1500, 0}, {.cast = 5000, .null = 440}));
  EXPECT_EQ(outcome.verdict, Verdict::winner);  // through the lead
  const auto edge = outcome_of(rule, tally_of({2000, 1000}, {.cast = 3100, .null = 100}));
  EXPECT_EQ(edge.verdict, Verdict::winner);
  EXPECT_EQ(edge.binding, "lead: a thousand");
}

TEST(GeneralRule, ATieForFirstPlaceIsNamedEvenWhereNothingIsMet) {
  EXPECT_EQ(describe(outcome_of(general(), tally_of({40, 40, 20}, {.cast = 100})), contest_of(3)), "tie: A and B");
}

TEST(GeneralRule, AnOptionByNameIsThatOptionWhereverItStands) {
  Rule rule = Rule::plurality();
  rule.met = Verdict::adopted;
  rule.otherwise = Verdict::rejected;
  rule.alternatives = {{"a",
                        {{"c beats a",
                          {{Quantity::option, 1, OptionId{"C"}}, {Quantity::option, -1, OptionId{"A"}}},
                          Comparison::greater}}}};
  EXPECT_EQ(outcome_of(rule, tally_of({1, 9, 2})).verdict, Verdict::adopted);
  EXPECT_EQ(outcome_of(rule, tally_of({2, 9, 2})).verdict, Verdict::rejected);
  EXPECT_EQ(outcome_of(rule, tally_of({3, 9, 2})).verdict, Verdict::rejected);
}

TEST(GeneralRule, ARuleWithoutRolesThatElectsStillNamesATie) {
  Rule rule = Rule::plurality();
  rule.alternatives = {{"quorum",
                        {{"half of the registered",
                          {{Quantity::valid, 1}, {Quantity::registered, Rational(-1, 2)}},
                          Comparison::at_least}}}};
  EXPECT_EQ(describe(outcome_of(rule, tally_of({6, 4}, {.registered = 20})), contest_of(2)), "winner: A");
  EXPECT_EQ(describe(outcome_of(rule, tally_of({5, 5}, {.registered = 20})), contest_of(2)), "tie: A and B");
  EXPECT_EQ(describe(outcome_of(rule, tally_of({5, 5}, {.registered = 21})), contest_of(2)), "none");
}

TEST(Slack, IsExactForVotesNearTwoToThe31InManyUnits) {
  // A million units of 2^31 - 1 votes; one vote decides, far below the precision of a double.
  const std::int64_t big = 2147483647LL * 1'000'000;
  const auto half = Rule::majority_with_runoff();
  EXPECT_EQ(outcome_of(half, tally_of({big + 1, big})).verdict, Verdict::winner);
  EXPECT_EQ(outcome_of(half, tally_of({big, big})).verdict, Verdict::runoff);
  const auto outcome = outcome_of(half, tally_of({big + 1, big}));
  EXPECT_EQ(outcome.slack.numerator, Wide{1});
  EXPECT_EQ(outcome.slack.denominator, 2);

  // Coefficients with the largest denominators allowed.
  Rule rule = Rule::plurality();
  rule.alternatives[0].clauses[0] = {
      "edge",
      {{Quantity::leader, Rational(999'983, 1'000'000)}, {Quantity::valid, Rational(-999'979, 1'000'000)}},
      Comparison::at_least};
  const std::int64_t leader = 4 * big + 12'345, valid = 4 * big + 28'342;
  const auto edge = outcome_of(rule, tally_of({leader, valid - leader}));
  EXPECT_TRUE(edge.slack.numerator == Wide{999'983} * leader - Wide{999'979} * valid);
  EXPECT_EQ(edge.slack.denominator, 1'000'000);
}

TEST(Slack, ComparesFractionsWithDifferentDenominators) {
  EXPECT_TRUE((Slack{1, 3} < Slack{1, 2}));
  EXPECT_FALSE((Slack{2, 4} < Slack{1, 2}));
  EXPECT_TRUE((Slack{-1, 2} < Slack{-1, 3}));
}

// What a rule says, recomputed with nothing but whole numbers and written out by hand for the Bolivian rule.
TEST(ShareAndLead, AgreesWithTheArticleOnRandomTallies) {
  int winners = 0, runoffs = 0, ties = 0;
  for (Seed seed = 0; seed < 3000; ++seed) {
    Stream stream(seed, Purpose::synthetic_election);
    std::vector<std::int64_t> votes;
    for (std::size_t o = 0; o < 2 + seed % 4; ++o)
      votes.push_back(static_cast<std::int64_t>(stream.below(o == 0 ? 30 : 15)));
    auto sorted = votes;
    std::sort(sorted.rbegin(), sorted.rend());
    const std::int64_t m = sorted[0], c = sorted[1], v = std::accumulate(votes.begin(), votes.end(), std::int64_t{0});
    const bool met = 2 * m > v || (5 * m >= 2 * v && 10 * (m - c) >= v);
    const auto outcome = outcome_of(bolivia(), tally_of(votes));
    const auto holders = [&](std::int64_t x) { return std::count(votes.begin(), votes.end(), x); };
    Verdict expected = met ? Verdict::winner : Verdict::runoff;
    if (met && holders(m) > 1) expected = Verdict::tie;
    if (!met && (m == c ? holders(m) > 2 : holders(c) > 1)) expected = Verdict::tie;
    EXPECT_EQ(outcome.verdict, expected) << "seed " << seed << ": " << fmt::format("{}", fmt::join(votes, " "));
    winners += expected == Verdict::winner;
    runoffs += expected == Verdict::runoff;
    ties += expected == Verdict::tie;
    if (outcome.verdict == Verdict::winner) {
      EXPECT_EQ(votes[outcome.options.at(0)], m) << "seed " << seed;
    }
    if (outcome.verdict == Verdict::runoff) {
      EXPECT_EQ(votes[outcome.options.at(0)] + votes[outcome.options.at(1)], m + c) << "seed " << seed;
    }
  }
  EXPECT_GT(std::min({winners, runoffs, ties}), 100) << "the draw covers every kind of outcome";
}

std::vector<Rule> presets() {
  return {Rule::plurality(), Rule::majority_with_runoff(), bolivia(),
          Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(2, 5)), general()};
}

TEST(EveryRule, IsMetExactlyWhenItsSlackSaysSo) {
  for (Seed seed = 0; seed < 500; ++seed)
    for (const Rule& rule : presets()) {
      const auto outcome =
          outcome_of(rule, tally(drawn_count(seed, {.units = 2, .options = 2 + seed % 3, .most_votes = 6})));
      bool met = false;
      for (const auto& alternative : rule.alternatives) {
        bool all = true;
        for (const auto& state : outcome.clauses)
          if (state.alternative == alternative.name) all = all && state.holds;
        met = met || all;
      }
      if (outcome.slack.numerator > 0) {
        EXPECT_TRUE(met) << rule.id << " seed " << seed;
      }
      if (outcome.slack.numerator < 0) {
        EXPECT_FALSE(met) << rule.id << " seed " << seed;
      }
      if (outcome.verdict != Verdict::tie) {
        EXPECT_EQ(outcome.verdict == rule.met, met) << rule.id << " seed " << seed;
      }
    }
}

TEST(EveryRule, DoesNotDependOnTheOrderOfOptionsOrUnits) {
  for (Seed seed = 0; seed < 200; ++seed)
    for (const Rule& rule : presets()) {
      const Count count = drawn_count(seed, {.units = 4, .options = 2 + seed % 4, .most_votes = 5});
      const auto base = apply(rule, count.contest, tally(count));
      const auto moved = test::with_units_in(count, drawn_order(count.units(), seed));
      EXPECT_TRUE(base.same_as(apply(rule, count.contest, tally(moved)))) << rule.id << " seed " << seed;

      const auto order = drawn_order(count.options(), seed);
      const Count relabelled = test::with_options_in(count, order);
      const auto outcome = apply(rule, relabelled.contest, tally(relabelled));
      std::vector<std::size_t> back;
      for (const auto option : outcome.options) back.push_back(order[option]);
      std::sort(back.begin(), back.end());
      EXPECT_EQ(outcome.verdict, base.verdict) << rule.id << " seed " << seed;
      EXPECT_EQ(back, base.options) << rule.id << " seed " << seed;
      EXPECT_TRUE(!(outcome.slack < base.slack) && !(base.slack < outcome.slack)) << rule.id << " seed " << seed;
    }
}

TEST(EveryRule, DoesNotChangeWhenTheUnitsOfAPrecinctAreMerged) {
  for (Seed seed = 0; seed < 100; ++seed)
    for (const Rule& rule : presets()) {
      const Count count = drawn_count(seed, {.units = 12, .options = 3, .places = 4});
      const Count merged = test::with_precincts_merged(count);
      ASSERT_LT(merged.units(), count.units());
      EXPECT_TRUE(apply(rule, count.contest, tally(count)).same_as(apply(rule, merged.contest, tally(merged))))
          << rule.id << " seed " << seed;
    }
}

TEST(EveryRule, ScalesWithTheVotes) {
  for (Seed seed = 0; seed < 100; ++seed)
    for (const Rule& rule : {presets()[0], presets()[1], presets()[2], presets()[3]}) {  // those without a constant
      const Count count = drawn_count(seed, {.units = 3, .options = 3, .most_votes = 9});
      const auto base = apply(rule, count.contest, tally(count)),
                 tenfold = apply(rule, count.contest, tally(test::scaled(count, 10)));
      EXPECT_TRUE(base.same_as(tenfold)) << rule.id << " seed " << seed;
      EXPECT_EQ(tenfold.slack.numerator * base.slack.denominator, 10 * base.slack.numerator * tenfold.slack.denominator)
          << rule.id << " seed " << seed;
    }
}

TEST(Validate, AcceptsThePresetsAndTheGeneralRule) {
  for (const Rule& rule : presets()) EXPECT_TRUE(validate(rule, contest_of(3))) << rule.id;
}

TEST(Validate, RefusesARuleThatCannotBeApplied) {
  const auto refused = [](auto change, std::size_t options = 2) {
    Rule rule = general();
    change(rule);
    const auto result = validate(rule, contest_of(options));
    EXPECT_FALSE(result);
    return result ? Error{} : result.error();
  };
  const Error errors[] = {
      refused([](Rule&) {}, 0),
      refused([](Rule& r) { r.alternatives.clear(); }),
      refused([](Rule& r) { r.alternatives[0].clauses.clear(); }),
      refused([](Rule& r) { r.alternatives[0].clauses[0].terms.clear(); }),
      refused([](Rule& r) { r.met = Verdict::runoff; }),
      refused([](Rule& r) { r.otherwise = Verdict::winner; }),
      refused([](Rule& r) { r.otherwise = Verdict::tie; }),
      refused([](Rule& r) {
        r.alternatives[0].clauses[0].terms.push_back({Quantity::option, 1, OptionId{"Z"}});
      }),
      refused([](Rule& r) {
        r.alternatives[0].clauses[0].terms.push_back({Quantity::blank, Rational(1, 999'983)});
      }),  // 3 x 999,983
      refused([](Rule& r) {
        r.alternatives[0].clauses[0].terms.push_back({Quantity::blank, Rational(1, 1LL << 62)});
      }),
      refused([](Rule& r) {
        r.alternatives[0].clauses[0].terms.push_back({Quantity::blank, Rational(1LL << 62)});
      }),
  };
  for (const Error& error : errors) {
    EXPECT_EQ(error.code, ErrorCode::profile_invalid) << error.message;
    EXPECT_THAT(error.message, HasSubstr("general"));
  }
  EXPECT_EQ(errors[7].value, "Z");
}

TEST(Validate, RefusesARuleThatLooksAtWhatTheCountDoesNotReport) {
  const auto with = [](Quantity quantity) {
    Rule rule = Rule::plurality();
    rule.alternatives[0].clauses[0].terms.push_back({quantity, 1});
    return rule;
  };
  Count count = test::made_count({"A", "B"}, {{.key = "1", .votes = {5, 4}}});
  for (const auto quantity : {Quantity::cast, Quantity::registered, Quantity::blank, Quantity::null}) {
    const auto result = validate(with(quantity), count);
    ASSERT_FALSE(result) << static_cast<int>(quantity);
    EXPECT_EQ(result.error().code, ErrorCode::input_insufficient);
    EXPECT_THAT(result.error().message, HasSubstr("made/count"));
  }
  EXPECT_TRUE(validate(with(Quantity::valid), count));
  EXPECT_TRUE(validate(with(Quantity::constant), count));
  count.blank = {1};
  EXPECT_TRUE(validate(with(Quantity::blank), count));
  EXPECT_TRUE(validate(with(Quantity::cast), count));  // derivable
  EXPECT_FALSE(validate(with(Quantity::null), count));
  count.null = {0};
  count.registered = {20};
  EXPECT_TRUE(validate(with(Quantity::null), count));
  EXPECT_TRUE(validate(with(Quantity::registered), count));
}

TEST(ParseRational, ReadsWholeNumbersDecimalsAndFractionsExactly) {
  const std::pair<const char*, Rational> rows[] = {{"0", 0},
                                                   {"1", 1},
                                                   {"-3", -3},
                                                   {"2/5", Rational(2, 5)},
                                                   {"-2/5", Rational(-2, 5)},
                                                   {"4/10", Rational(2, 5)},
                                                   {"0.4", Rational(2, 5)},
                                                   {"-0.4", Rational(-2, 5)},
                                                   {".5", Rational(1, 2)},
                                                   {"1.25", Rational(5, 4)},
                                                   {"0.000001", Rational(1, 1'000'000)},
                                                   {"1000000", 1'000'000},
                                                   {"1000000/1000000", 1}};
  for (const auto& [text, value] : rows) {
    const auto parsed = parse_rational(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, value) << text;
  }
}

TEST(ParseRational, RefusesEverythingElseAndQuotesIt) {
  for (const char* text : {"",
                           "-",
                           ".",
                           "1.",
                           "1/",
                           "/2",
                           "1/0",
                           "1/-2",
                           "--1",
                           "+1",
                           "1e3",
                           "0.0000001",
                           "1000001",
                           "1/1000001",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "1 /2",
                           " 1",
                           "1/2/3",
                           "1.2.3",
                           "1.-5",
                           "nan",
                           "½"}) {
    const auto parsed = parse_rational(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::profile_invalid) << text;
    EXPECT_EQ(parsed.error().value, text);
  }
}

TEST(ToText, OfAFractionReadsBack) {
  for (const auto& value : {Rational(2, 5), Rational(-1, 3), Rational(7), Rational(0)})
    EXPECT_EQ(*parse_rational(to_text(value)), value);
  EXPECT_EQ(to_text(Rational(4, 2)), "2");
}

TEST(Presets, AreNamedByTheirNumbers) {
  EXPECT_THAT(bolivia().title, HasSubstr("40 % and a lead of 10 points"));
  EXPECT_THAT(Rule::referendum(OptionId{"SI"}, OptionId{"NO"}, Rational(1, 2)).title, HasSubstr("1/2"));
}

TEST(ToText, OfEveryVerdictIsItsNameInTheRuleFile) {
  EXPECT_EQ(to_text(Verdict::winner), "winner");
  EXPECT_EQ(to_text(Verdict::runoff), "runoff");
  EXPECT_EQ(to_text(Verdict::adopted), "adopted");
  EXPECT_EQ(to_text(Verdict::rejected), "rejected");
  EXPECT_EQ(to_text(Verdict::none), "none");
  EXPECT_EQ(to_text(Verdict::tie), "tie");
}

}  // namespace
}  // namespace cotejo

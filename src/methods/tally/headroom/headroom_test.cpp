#include "cotejo/methods/tally/headroom.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>

#include "../../../vote/tests/made_count.hpp"
#include "../../support/tests/figures.hpp"

namespace cotejo {
namespace {

using test::Drawn;
using test::drawn_count;
using test::made_count;
using test::value;
using testing::HasSubstr;

Finding finding_of(const Count& count, const Rule& rule, std::int64_t sets_to_try = HeadroomRequest{}.sets_to_try) {
  return test::finding_of(count, HeadroomRequest{.rule = &rule, .sets_to_try = sets_to_try}, Context{});
}

// Rules of every shape: with and without roles, one clause and several, every kind of otherwise, a runner-up that hurts
// and one that helps.
std::vector<Rule> rules() {
  std::vector<Rule> out{Rule::plurality(), Rule::majority_with_runoff(),
                        Rule::share_and_lead(Rational(2, 5), Rational(1, 10)),
                        Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(2, 3)),
                        Rule::referendum(OptionId{"B"}, OptionId{"A"}, Rational(3, 5))};
  const auto rule = [&](std::string id, Verdict met, Verdict otherwise, std::vector<Alternative> alternatives) {
    out.push_back({.id = std::move(id),
                   .title = "",
                   .source = "",
                   .met = met,
                   .otherwise = otherwise,
                   .alternatives = std::move(alternatives)});
  };
  const Clause sixty{"60 %", {{Quantity::leader, 1}, {Quantity::valid, Rational(-3, 5)}}, Comparison::at_least};
  const Clause lead{"lead",
                    {{Quantity::leader, 1}, {Quantity::runner_up, -1}, {Quantity::valid, Rational(-1, 8)}},
                    Comparison::greater};
  const Clause turnout{
      "turnout", {{Quantity::cast, 1}, {Quantity::registered, Rational(-7, 10)}}, Comparison::at_least};
  const Clause few_null{"few null", {{Quantity::cast, Rational(1, 10)}, {Quantity::null, -1}}, Comparison::greater};
  const Clause two_horse{"the first two hold 80 %",
                         {{Quantity::leader, 1}, {Quantity::runner_up, 1}, {Quantity::valid, Rational(-4, 5)}},
                         Comparison::at_least};
  const Clause b_small{"B has under 30 %",
                       {{Quantity::valid, Rational(3, 10)}, {Quantity::option, -1, OptionId{"B"}}},
                       Comparison::greater};
  rule("sixty-or-none", Verdict::winner, Verdict::none, {{"sixty", {sixty}}});
  rule("lead-and-turnout", Verdict::winner, Verdict::runoff, {{"both", {lead, turnout}}});
  rule("three-ways", Verdict::winner, Verdict::runoff,
       {{"sixty", {sixty}}, {"lead", {lead, few_null}}, {"b", {b_small, turnout, lead}}});
  rule("helpful-runner-up", Verdict::winner, Verdict::runoff, {{"two horses", {two_horse}}});
  rule("helpful-and-lead", Verdict::winner, Verdict::none, {{"two horses", {two_horse, lead}}});
  rule("adopted-by-roles", Verdict::adopted, Verdict::rejected, {{"lead", {lead, turnout}}, {"sixty", {sixty}}});
  rule("no-roles-but-a-winner", Verdict::winner, Verdict::none, {{"turnout", {turnout, b_small}}});
  rule("a-constant", Verdict::winner, Verdict::runoff,
       {{"lead",
         {{"7 votes",
           {{Quantity::leader, 1}, {Quantity::runner_up, -1}, {Quantity::constant, -7}},
           Comparison::at_least}}}});
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// Oracles: nothing but the rule, applied to every case.

struct Shift {
  const char* estimate;
  std::int64_t limit;
  std::function<void(Tally&, std::int64_t)> by;  // changes the tally by x votes
};

std::vector<Shift> shifts_of(const Tally& all, std::size_t leader, std::optional<std::size_t> second) {
  std::vector<Shift> out;
  out.push_back({"votes_void", all.options[leader],
                 [=](Tally& t, std::int64_t x) { t.options[leader] -= x, t.valid -= x, t.null += x; }});
  out.push_back({"votes_gain", 2 * (all.valid + all.registered) + 1,
                 [=](Tally& t, std::int64_t x) { t.options[leader] += x, t.valid += x, t.cast += x; }});
  if (!second) return out;
  out.push_back({"votes_transfer", all.options[leader],
                 [=](Tally& t, std::int64_t x) { t.options[leader] -= x, t.options[*second] += x; }});
  out.push_back({"votes_gain_transfer", all.options[*second],
                 [=](Tally& t, std::int64_t x) { t.options[leader] += x, t.options[*second] -= x; }});
  return out;
}

// The largest x before the first change, by taking one vote after the other.
std::optional<std::int64_t> by_stepping(const Rule& rule, const Contest& contest, const Tally& all,
                                        const Shift& shift) {
  const Outcome base = apply(rule, contest, all);
  for (std::int64_t x = 1; x <= shift.limit; ++x) {
    Tally changed = all;
    shift.by(changed, x);
    if (!apply(rule, contest, changed).same_as(base)) return x - 1;
  }
  return std::nullopt;
}

// The size of the smallest set of parts whose removal changes the outcome, by trying every set (in an order in which
// one part changes at a time).
std::optional<std::size_t> by_enumeration(const Rule& rule, const Contest& contest, const Tally& all,
                                          const std::vector<Tally>& parts) {
  const Outcome base = apply(rule, contest, all);
  std::optional<std::size_t> smallest;
  Tally rest = all;
  std::uint32_t removed = 0;
  const auto add = [&](const Tally& part) {
    for (std::size_t o = 0; o < rest.options.size(); ++o) rest.options[o] += part.options[o];
    rest.valid += part.valid, rest.cast += part.cast, rest.registered += part.registered, rest.blank += part.blank,
        rest.null += part.null;
  };
  for (std::uint32_t step = 1; step < 1U << parts.size(); ++step) {
    const auto flipped = static_cast<std::size_t>(std::countr_zero(step));
    removed ^= 1U << flipped;
    if (removed >> flipped & 1)
      rest -= parts[flipped];
    else
      add(parts[flipped]);
    const auto size = static_cast<std::size_t>(std::popcount(removed));
    if ((!smallest || size < *smallest) && !apply(rule, contest, rest).same_as(base)) smallest = size;
  }
  return smallest;
}

std::vector<Tally> units_of(const Count& count) {
  std::vector<Tally> out;
  for (UnitIndex u = 0; u < count.units(); ++u) out.push_back(tally(count, std::vector<UnitIndex>{u}));
  return out;
}

std::vector<Tally> places_of(const Count& count, std::string_view level) {
  std::map<PlaceIndex, std::vector<UnitIndex>> members;
  const auto place = places_on_level(count, level);
  for (UnitIndex u = 0; u < count.units(); ++u) members[place[u]].push_back(u);
  std::vector<Tally> out;
  for (const auto& [p, units] : members) out.push_back(tally(count, units));
  return out;
}

// What the finding claims of one level, held against the truth.
struct Level {
  std::optional<std::size_t> minimum, lower;
  bool proved = false;
};
Level level_of(const Finding& finding, std::string_view name) {
  const auto size = [&](std::string_view column) -> std::optional<std::size_t> {
    const Cell found = test::cell(finding, "levels", name, column);
    if (std::holds_alternative<std::monostate>(found)) return std::nullopt;
    return static_cast<std::size_t>(std::get<std::int64_t>(found));
  };
  return {size("minimum"), size("lower_bound"), test::flag(finding, "levels", name, "proved")};
}

struct Tried {
  int claims = 0, proved = 0, at_truth = 0, changeable = 0;
};

void hold_against(const Level& claim, const std::optional<std::size_t>& truth, Tried& tried, const std::string& where) {
  ++tried.claims;
  tried.proved += claim.proved;
  tried.changeable += truth.has_value();
  tried.at_truth += claim.minimum == truth;
  if (claim.minimum) {
    ASSERT_TRUE(truth) << where << ": a removal was found where none changes the outcome";
    EXPECT_GE(*claim.minimum, *truth) << where;
  }
  if (truth && claim.lower) {
    EXPECT_LE(*claim.lower, *truth) << where << ": the lower bound is wrong";
  }
  if (truth) {
    EXPECT_TRUE(claim.lower) << where << ": said to be impossible";
  }
  if (claim.proved) {
    EXPECT_EQ(claim.minimum, truth) << where << ": proved, and wrong";
  }
}

// The units listed do change the outcome when they are removed.
void expect_list_changes(const Finding& finding, const Count& count, const Rule& rule, const std::string& where) {
  const Table* list = finding.table("smallest_set_unit");
  if (!list) return;
  const UnitLookup lookup(count);
  std::vector<UnitIndex> units;
  for (const auto& row : list->rows) units.push_back(lookup.find(std::get<std::string>(row[1])).value());
  std::sort(units.begin(), units.end());
  ASSERT_EQ(std::adjacent_find(units.begin(), units.end()), units.end()) << where;
  const Tally all = tally(count);
  Tally rest = all;
  rest -= tally(count, units);
  EXPECT_FALSE(apply(rule, count.contest, rest).same_as(apply(rule, count.contest, all)))
      << where << ": the list does not do it";
}

// ---------------------------------------------------------------------------------------------------------------------

TEST(HeadroomVotes, PluralityByHand) {
  const auto finding =
      finding_of(made_count({"A", "B"}, {{"1", {60, 50}}, {"2", {40, 40}}}), Rule::plurality());  // 100 : 90
  EXPECT_EQ(value(finding, "votes_void"), 9);      // 90 : 90 would be a tie
  EXPECT_EQ(value(finding, "votes_transfer"), 4);  // 95 : 95 too
  EXPECT_EQ(finding.estimate("votes_gain"), nullptr) << "no number of votes for the winner changes that it wins";
  EXPECT_EQ(value(finding, "units_minimum"), 1);  // without unit 1: 40 : 40
}

TEST(HeadroomVotes, Bolivia2019AsRecomputed) {
  // docs/published-figures.md: 38,524 voided or 17,335 moved, from the totals alone.
  const Count count = made_count({"MAS", "CC", "PDC", "others"},
                                 {{"all", {2889359, 2240920, 539081, 6137671 - 2889359 - 2240920 - 539081}}});
  const auto finding = finding_of(count, Rule::share_and_lead(Rational(2, 5), Rational(1, 10)));
  EXPECT_EQ(value(finding, "votes_void"), 38524);
  EXPECT_EQ(value(finding, "votes_transfer"), 17335);
}

TEST(HeadroomVotes, ARunoffChangesByTheLeadersGainToo) {
  const auto finding = finding_of(made_count({"A", "B", "C"}, {{"1", {45, 30, 25}}}), Rule::majority_with_runoff());
  EXPECT_EQ(value(finding, "votes_gain"), 10);          // 55 of 110 is exactly half
  EXPECT_EQ(value(finding, "votes_gain_transfer"), 4);  // 50 : 25 would tie B with C
  EXPECT_EQ(value(finding, "votes_void"), 19);          // 25 : 30 : 25 ties A with C
}

TEST(HeadroomVotes, AgreeWithTakingOneVoteAfterTheOther) {
  std::set<std::string> seen, absent;
  const auto all_rules = rules();
  for (Seed seed = 0; seed < 40; ++seed) {
    const Count count = drawn_count(
        seed, {.units = 3, .options = 1 + seed % 4, .most_votes = 12, .first_option = seed % 3 == 0 ? 2.0 : 1.0});
    const Tally all = tally(count);
    const auto order = ranking(all);
    const auto shifts = shifts_of(all, order[0], order.size() > 1 ? std::optional(order[1]) : std::nullopt);
    for (const Rule& rule : all_rules) {
      if (!validate(rule, count)) continue;  // options A and B may be wanting
      const auto finding = finding_of(count, rule, 0);
      for (const Shift& shift : shifts) {
        const auto truth = by_stepping(rule, count.contest, all, shift);
        const auto* claim = finding.estimate(shift.estimate);
        (claim ? seen : absent).insert(shift.estimate);
        EXPECT_EQ(claim ? std::optional(static_cast<std::int64_t>(claim->value)) : std::nullopt, truth)
            << shift.estimate << " under " << rule.id << ", seed " << seed << ": "
            << fmt::format("{}", fmt::join(all.options, " "));
      }
    }
  }
  EXPECT_EQ(seen.size(), 4U) << "the draw reaches every kind of change";
  EXPECT_EQ(absent.size(), 4U) << "and cases where no number of votes is enough";
}

// Each pair agrees with moving one vote after the other.
TEST(HeadroomVotes, EveryPairOfOptionsAgreesWithMovingOneVoteAfterTheOther) {
  int rows = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed)
    for (const Rule& rule : rules()) {
      const Count count = drawn_count(seed, {.units = 4, .options = 3, .most_votes = 12});
      if (!validate(rule, count)) continue;
      const Tally all = tally(count);
      const Outcome base = apply(rule, count.contest, all);
      if (base.verdict == Verdict::tie) continue;
      const Finding finding = finding_of(count, rule, 0);
      const Table* pairs = finding.table("pairs");
      ASSERT_NE(pairs, nullptr);
      std::map<std::pair<std::string, std::string>, std::int64_t> least;
      for (const auto& row : pairs->rows)
        least[{std::get<std::string>(row[0]), std::get<std::string>(row[1])}] = std::get<std::int64_t>(row[2]);
      for (std::size_t a = 0; a < 3; ++a)
        for (std::size_t b = 0; b < 3; ++b) {
          if (a == b) continue;
          std::optional<std::int64_t> expected;
          Tally moved = all;
          for (std::int64_t x = 1; x <= all.options[a] && !expected; ++x) {
            --moved.options[a], ++moved.options[b];
            if (!apply(rule, count.contest, moved).same_as(base)) expected = x;
          }
          const auto at = least.find({count.contest.options[a].id.text, count.contest.options[b].id.text});
          ASSERT_EQ(at != least.end(), expected.has_value()) << rule.id << ' ' << seed << ' ' << a << b;
          if (expected) {
            EXPECT_EQ(at->second, *expected) << rule.id << ' ' << seed << ' ' << a << b;
          }
          rows += expected.has_value();
        }
    }
  EXPECT_GT(rows, 200) << "otherwise the test shows little";
}

TEST(HeadroomUnits, RunoffPairChangesByHand) {
  // A 100, B 40, C 38: no removal of A's strongholds elects it sooner than unit 2 leaves, which ties B with C.
  const Count count =
      made_count({"A", "B", "C"}, {{"1", {50, 20, 19}}, {"2", {0, 2, 0}}, {"3", {30, 18, 19}}, {"4", {0, 20, 19}}});
  const auto finding = finding_of(count, Rule::majority_with_runoff());
  EXPECT_EQ(value(finding, "units_minimum"), 1);
  EXPECT_TRUE(level_of(finding, "unit").proved);
}

TEST(HeadroomUnits, AListNamesTheUnitsThatWeighMost) {
  const Count count = made_count(
      {"A", "B"}, {{"small", {6, 5}}, {"big", {30, 3}}, {"bigger", {40, 4}}, {"against", {1, 20}}, {"more", {10, 12}}});
  const auto finding = finding_of(count, Rule::plurality());  // 87 : 44; 27 + 36 >= 43
  EXPECT_EQ(value(finding, "units_minimum"), 2);
  const Table* list = finding.table("smallest_set_unit");
  ASSERT_NE(list, nullptr);
  ASSERT_EQ(list->rows.size(), 2U);
  EXPECT_EQ(std::get<std::string>(list->rows[0][1]), "bigger");
  EXPECT_EQ(std::get<std::int64_t>(list->rows[0][4]), 36);
  EXPECT_EQ(std::get<std::string>(list->rows[1][1]), "big");
}

TEST(HeadroomUnits, TheListIsCutWhereAskedAndSaysSo) {
  const Count count =
      made_count({"A", "B"}, {{"1", {5, 0}}, {"2", {5, 0}}, {"3", {5, 0}}, {"4", {5, 0}}, {"5", {0, 5}}});
  const Rule rule = Rule::plurality();
  const auto finding = test::finding_of(count, HeadroomRequest{.rule = &rule, .list_limit = 2}, Context{});
  EXPECT_EQ(value(finding, "units_minimum"), 3);
  EXPECT_EQ(finding.table("smallest_set_unit")->rows.size(), 2U);
  EXPECT_THAT(finding.table("smallest_set_unit")->title, HasSubstr("first 2"));
}

TEST(HeadroomUnits, WhereNoRemovalChangesTheOutcomeThatIsProved) {
  // "No" leads everywhere, so that no removal adopts; and the rest of nothing is rejected too.
  const Count count = made_count({"A", "B"}, {{.key = "1", .votes = {5, 9}, .registered = {20}, .blank = {0}},
                                              {.key = "2", .votes = {1, 9}, .registered = {20}, .blank = {0}}});
  const auto finding = finding_of(count, Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(1, 10)), 0);
  EXPECT_EQ(finding.estimate("units_minimum"), nullptr);
  const auto level = level_of(finding, "unit");
  EXPECT_FALSE(level.minimum);
  EXPECT_TRUE(level.proved);
}

TEST(HeadroomUnits, ATieIsBrokenByOneUnit) {
  const Count count = made_count({"A", "B", "C"}, {{"1", {5, 4, 0}}, {"2", {4, 5, 1}}});
  const auto finding = finding_of(count, Rule::plurality());
  EXPECT_EQ(value(finding, "votes_void"), 0);
  EXPECT_EQ(value(finding, "units_minimum"), 1);
  EXPECT_THAT(finding.conditions, testing::Contains(testing::Field(&Condition::text, HasSubstr("tie"))));
}

TEST(HeadroomUnits, ATieThatNoUnitBreaksMayStillBeOvertaken) {
  const Count count = made_count({"A", "B", "C"}, {{"1", {5, 5, 0}}, {"2", {5, 5, 9}}});  // without unit 1, C leads
  const auto bounds = level_of(finding_of(count, Rule::plurality(), 0), "unit");
  EXPECT_FALSE(bounds.proved);
  EXPECT_EQ(bounds.lower, std::optional<std::size_t>(1));
  EXPECT_EQ(value(finding_of(count, Rule::plurality()), "units_minimum"), 1);
}

struct Settings {
  const char* name;
  std::int64_t sets_to_try;
  double least_proved, least_at_truth;  // shares of the claims, as measured less a margin
};

// Every claim on several hundred random elections under every rule, with and without trying sets one by one.
TEST(HeadroomUnits, BoundsAgreeWithTheEnumerationOfAllSets) {
  const auto all_rules = rules();
  const Settings settings[] = {{"bounds alone", 0, .93, .98}, {"with sets tried", 20'000, 1, 1}};
  std::map<std::string, Tried> tried;
  std::set<std::string> verdicts;
  for (Seed seed = 0; seed < 200; ++seed) {
    Drawn how{.units = 4 + seed % 5,
              .options = 2 + seed % 3,
              .most_votes = seed % 2 ? 30UL : 6UL,
              .places = seed % 4 == 0 ? 5UL : 0UL};
    if (seed % 11 < 3) how.first_option = 1.7;
    if (seed % 80 == 3) how.units = 10;
    Count count = drawn_count(seed, how);
    if (seed % 7 == 0) {  // valid votes as reported, which need not be the sum
      count.valid_basis = ValidBasis::reported;
      Stream stream(seed, Purpose::bootstrap);
      for (UnitIndex u = 0; u < count.units(); ++u) {
        std::int32_t sum = static_cast<std::int32_t>(stream.below(3));
        for (std::size_t o = 0; o < count.options(); ++o) sum += count.vote(o, u);
        count.valid.push_back(sum);
      }
    }
    const Tally all = tally(count);
    const auto units = units_of(count);
    for (const Rule& rule : all_rules) {
      const Outcome base = apply(rule, count.contest, all);
      verdicts.insert(std::string(to_text(base.verdict)));
      const auto truth = by_enumeration(rule, count.contest, all, units);
      for (const Settings& s : settings) {
        const std::string where = fmt::format("{}, {}, seed {}, {} units, {}", s.name, rule.id, seed, count.units(),
                                              describe(base, count.contest));
        const auto finding = finding_of(count, rule, s.sets_to_try);
        hold_against(level_of(finding, "unit"), truth, tried[s.name], where);
        expect_list_changes(finding, count, rule, where);
        for (const char* level : {"region", "precinct"})
          if (how.places > 0 && finding.table("levels")->row(level))
            hold_against(level_of(finding, level), by_enumeration(rule, count.contest, all, places_of(count, level)),
                         tried[s.name], where + ", level " + level);
        if (HasFatalFailure()) return;
      }
    }
  }
  EXPECT_EQ(verdicts.size(), 6U) << "the draw covers every verdict";
  for (const Settings& s : settings) {
    const Tried& t = tried[s.name];
    const auto share = [&](int n) { return static_cast<double>(n) / t.claims; };
    RecordProperty(std::string("proved_of_") + std::to_string(t.claims), t.proved);
    fmt::print("{}: {} claims, {:.2f} % proved, {:.2f} % at the true minimum\n", s.name, t.claims,
               100 * share(t.proved), 100 * share(t.at_truth));
    EXPECT_GE(share(t.proved), s.least_proved) << s.name;
    EXPECT_GE(share(t.at_truth), s.least_at_truth) << s.name;
    EXPECT_GT(t.changeable, t.claims / 2) << s.name;
  }
}

TEST(HeadroomUnits, LargerElectionsAreEnumeratedToo) {
  for (Seed seed = 0; seed < 3; ++seed) {
    const Count count = drawn_count(seed, {.units = 14, .options = 4, .most_votes = 60, .first_option = 1.2});
    const Tally all = tally(count);
    for (const Rule& rule : {rules()[0], rules()[1], rules()[2], rules()[6]}) {
      Tried tried;
      hold_against(level_of(finding_of(count, rule, 0), "unit"),
                   by_enumeration(rule, count.contest, all, units_of(count)), tried,
                   fmt::format("{}, seed {}", rule.id, seed));
    }
  }
}

TEST(HeadroomUnits, VotesOfAnySizeAreCountedExactly) {
  // Units from one vote to 2^31 - 1: a single vote decides among billions.
  constexpr std::int32_t huge = std::numeric_limits<std::int32_t>::max();
  for (Seed seed = 0; seed < 30; ++seed) {
    Stream stream(seed, Purpose::synthetic_election);
    std::vector<test::Row> rows;
    for (int i = 0; i < 8; ++i) {
      const auto size = [&] {
        return static_cast<std::int32_t>(stream.below(2) ? stream.below(5)
                                                         : static_cast<std::uint64_t>(huge) - stream.below(5));
      };
      rows.push_back({std::to_string(i), {size(), size(), size()}});
    }
    const Count count = made_count({"A", "B", "C"}, rows);
    const Tally all = tally(count);
    for (const Rule& rule : {rules()[0], rules()[1], rules()[2]}) {
      Tried tried;
      hold_against(level_of(finding_of(count, rule, 0), "unit"),
                   by_enumeration(rule, count.contest, all, units_of(count)), tried,
                   fmt::format("{}, seed {}", rule.id, seed));
    }
  }
}

TEST(HeadroomUnits, CoefficientsTooLargeForExactSumsClaimNothing) {
  // Contributions past 64 bits: no bound is claimed, and no overflow happens (the sanitizers look on).
  constexpr std::int32_t huge = std::numeric_limits<std::int32_t>::max();
  Rule rule = Rule::plurality();
  rule.alternatives[0].clauses[0] = {
      "c",
      {{Quantity::leader, Rational(1'000'000, 999'983)}, {Quantity::valid, Rational(-999'979)}},
      Comparison::at_least};
  std::vector<test::Row> rows;
  for (int i = 0; i < 3000; ++i) rows.push_back({std::to_string(i), {huge, 1}});
  const auto level = level_of(finding_of(made_count({"A", "B"}, rows), rule, 0), "unit");
  EXPECT_FALSE(level.proved && level.minimum);
  EXPECT_EQ(level.lower, std::optional<std::size_t>(1));
}

// One condition, many units: the textbook greedy, written again with a full sort.
TEST(HeadroomUnits, ManyUnitsUnderOneConditionAreThoseThatWeighMost) {
  for (Seed seed = 0; seed < 5; ++seed) {
    const Count count = drawn_count(seed, {.units = 5000, .options = 2, .most_votes = 400, .first_option = 1.1});
    const Tally all = tally(count);
    std::vector<std::int64_t> leads;
    for (UnitIndex u = 0; u < count.units(); ++u) leads.push_back(count.vote(0, u) - count.vote(1, u));
    std::sort(leads.rbegin(), leads.rend());
    std::int64_t left = all.options[0] - all.options[1];
    ASSERT_GT(left, 0);
    std::size_t needed = 0;
    while (left > 0) left -= leads[needed++];
    const auto level = level_of(finding_of(count, Rule::plurality(), 0), "unit");
    EXPECT_EQ(level.minimum, std::optional(needed)) << "seed " << seed;
    EXPECT_TRUE(level.proved) << "seed " << seed;
  }
}

TEST(HeadroomUnits, ManyUnitsUnderSeveralConditionsAreBoundedWithinAPercent) {
  const auto rule = rules()[6];  // a lead and a turnout
  for (Seed seed = 0; seed < 4; ++seed) {
    const Count count = drawn_count(seed, {.units = 4000, .options = 3, .most_votes = 300, .first_option = 1.0});
    const auto finding = finding_of(count, rule, 0);
    const auto level = level_of(finding, "unit");
    ASSERT_TRUE(level.minimum && level.lower) << "seed " << seed;
    EXPECT_LE(*level.lower, *level.minimum);
    EXPECT_LE(static_cast<double>(*level.minimum), 1 + 1.01 * static_cast<double>(*level.lower)) << "seed " << seed;
  }
}

TEST(HeadroomLevels, PrecinctsAreWhatTheirMergedUnitsWouldBe) {
  for (Seed seed = 0; seed < 60; ++seed) {
    const Count count = drawn_count(seed, {.units = 20, .options = 3, .places = 8});
    const Count merged = test::with_precincts_merged(count);
    for (const Rule& rule : {rules()[0], rules()[1], rules()[2], rules()[3]}) {
      const auto finding = finding_of(count, rule), of_merged = finding_of(merged, rule);
      const auto *precincts = finding.estimate("precincts_minimum"), *units = of_merged.estimate("units_minimum");
      ASSERT_EQ(precincts == nullptr, units == nullptr) << rule.id << " seed " << seed;
      if (precincts) {
        EXPECT_EQ(precincts->value, units->value) << rule.id << " seed " << seed;
      }
      EXPECT_EQ(level_of(finding, "region").minimum, level_of(of_merged, "region").minimum)
          << rule.id << " seed " << seed;
    }
  }
}

TEST(HeadroomLevels, UnitsAttachedHigherUpOrOutsideAreCountedOnceOnEveryLevel) {
  Count count = made_count({"A", "B"},
                           {{"1", {30, 5}, {"X", "P"}},
                            {"2", {30, 5}, {"X"}},
                            {"3", {9, 40}, {"Y", "P"}},
                            {"4", {25, 1}, {}},
                            {"5", {2, 3}, {"X", "Q"}}},
                           {"region", "precinct"});  // 96 : 54
  const auto finding = finding_of(count, Rule::plurality());
  EXPECT_EQ(test::whole(finding, "levels", "region", "places"), 3);                 // X, Y, outside
  EXPECT_EQ(test::whole(finding, "levels", "precinct", "places"), 4);               // X/P, Y/P, X/Q; 2 and 4 have none
  EXPECT_EQ(level_of(finding, "region").minimum, std::optional<std::size_t>(1));    // X: 50 - 1
  EXPECT_EQ(level_of(finding, "precinct").minimum, std::optional<std::size_t>(1));  // 2 and 4 together: 25 + 24
  EXPECT_EQ(words_of(finding.table("smallest_set_precinct")->rows.at(0)[1]), "(outside the hierarchy)");
  EXPECT_EQ(std::get<std::string>(finding.table("smallest_set_region")->rows.at(0)[1]), "X");
}

TEST(Headroom, DoesNotDependOnTheOrderOfUnitsOrOptions) {
  for (Seed seed = 0; seed < 60; ++seed) {
    const Count count = drawn_count(seed, {.units = 9, .options = 4, .most_votes = 200});
    const Tally all = tally(count);
    const auto order = ranking(all);
    // Shared places are named (below); "the runner-up" is then a matter of order.
    if (all.options[order[0]] == all.options[order[1]] || all.options[order[1]] == all.options[order[2]]) continue;
    for (const Rule& rule : {rules()[0], rules()[1], rules()[2], rules()[3]}) {
      const auto base = finding_of(count, rule);
      for (const auto& other : {finding_of(test::with_units_in(count, test::drawn_order(9, seed)), rule),
                                finding_of(test::with_options_in(count, test::drawn_order(4, seed)), rule)}) {
        ASSERT_EQ(other.estimates.size(), base.estimates.size()) << rule.id << " seed " << seed;
        for (const auto& estimate : base.estimates)
          EXPECT_EQ(value(other, estimate.name), estimate.value) << estimate.name << " " << rule.id << " seed " << seed;
      }
    }
  }
}

TEST(Headroom, SharedPlacesAreNamed) {
  const auto conditions = [](std::vector<std::int32_t> votes) {
    return finding_of(made_count({"A", "B", "C"}, {{"1", std::move(votes)}}), Rule::majority_with_runoff()).conditions;
  };
  const auto says = [](const char* text) {
    return testing::Contains(
        testing::AllOf(testing::Field(&Condition::text, HasSubstr(text)), testing::Field(&Condition::met, false)));
  };
  EXPECT_THAT(conditions({30, 30, 20}), says("One option leads (A, B have as many votes; the leader here is A)"));
  EXPECT_THAT(conditions({40, 20, 20}),
              says("One option comes second (B, C have as many votes; the runner-up here is B)"));
  EXPECT_THAT(conditions({40, 30, 20}), testing::IsEmpty());
}

TEST(Headroom, UnitsDoNotChangeWhenEveryVoteIsCountedTenfold) {
  for (Seed seed = 0; seed < 40; ++seed) {
    const Count count = drawn_count(seed, {.units = 9, .options = 3});
    for (const Rule& rule : {rules()[0], rules()[1], rules()[2], rules()[3]}) {
      const auto base = level_of(finding_of(count, rule), "unit"),
                 tenfold = level_of(finding_of(test::scaled(count, 10), rule), "unit");
      EXPECT_EQ(base.minimum, tenfold.minimum) << rule.id << " seed " << seed;
    }
  }
}

TEST(Headroom, NeedsARuleAndUnitsAndStopsWhenAsked) {
  const Rule rule = Rule::plurality();
  const Count count = drawn_count(1, {.units = 6, .places = 3});
  EXPECT_EQ(test::error_of(count, HeadroomRequest{}, Context{}).code, ErrorCode::input_insufficient);
  EXPECT_EQ(test::error_of(made_count({"A"}, {}), HeadroomRequest{.rule = &rule}, Context{}).code,
            ErrorCode::input_insufficient);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(test::error_of(count, HeadroomRequest{.rule = &rule}, Context{.cancel = stop.get_token()}).code,
            ErrorCode::cancelled);
}

}  // namespace
}  // namespace cotejo

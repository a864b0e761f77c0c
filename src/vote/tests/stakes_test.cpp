#include "cotejo/vote/stakes.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "cotejo/base/random.hpp"

namespace cotejo {
namespace {

Contest contest_of(std::size_t options) {
  Contest contest;
  contest.id = ContestId{"made/contest"};
  for (std::size_t o = 0; o < options; ++o)
    contest.options.push_back({OptionId{std::string(1, static_cast<char>('A' + o))}, ""});
  return contest;
}

Tally tally_of(std::vector<std::int64_t> votes, std::int64_t blank = 0, std::int64_t null = 0,
               std::int64_t registered = 0) {
  Tally out;
  out.options = std::move(votes);
  for (const auto v : out.options) out.valid += v;
  out.blank = blank;
  out.null = null;
  out.cast = out.valid + blank + null;
  out.registered = registered;
  return out;
}

// ---------------------------------------------------------------------------------------------------------------------
// Oracle: every change of v votes, one vote after the other, and the rule applied to each. `left` are the votes of each
// option that were there to begin with: only those can be lost.

using State = std::vector<std::int64_t>;  // options, valid, cast, registered, blank, null, left of each option

State state_of(const Tally& tally) {
  State out = tally.options;
  out.insert(out.end(), {tally.valid, tally.cast, tally.registered, tally.blank, tally.null});
  out.insert(out.end(), tally.options.begin(), tally.options.end());
  return out;
}

Tally tally_of_state(const State& state, std::size_t m) {
  Tally out;
  out.options.assign(state.begin(), state.begin() + static_cast<std::ptrdiff_t>(m));
  out.valid = state[m], out.cast = state[m + 1], out.registered = state[m + 2], out.blank = state[m + 3],
  out.null = state[m + 4];
  return out;
}

void step(const State& s, std::size_t m, Mechanism mechanism, const Direction& d, std::set<State>& into) {
  const auto loses = [&](std::size_t a, auto change) {
    if (s[m + 5 + a] == 0 || (d.from && *d.from != a)) return;
    State next = s;
    --next[a], --next[m + 5 + a];
    change(next);
  };
  const auto put = [&](State next) { into.insert(std::move(next)); };
  const bool any = mechanism == Mechanism::unknown;
  const bool free_loss = !any || d.from || !d.to, free_gain = !any || d.to || !d.from;
  for (std::size_t a = 0; a < m; ++a) {
    if (mechanism == Mechanism::moved || mechanism == Mechanism::miscounted || any)
      loses(a, [&](const State& next) {
        for (std::size_t b = 0; b < m; ++b) {
          if (d.to && *d.to != b) continue;
          State moved = next;
          ++moved[b];
          put(std::move(moved));
        }
      });
    if (mechanism == Mechanism::miscounted && d.from && d.to && a == *d.to && s[m + 5 + a] > 0) {
      State back = s;
      --back[a], --back[m + 5 + a], ++back[*d.from];
      put(std::move(back));
    }
    if (free_loss && (mechanism == Mechanism::voided || any))
      loses(a, [&](State next) { --next[m], ++next[m + 4], put(std::move(next)); });
    if (free_loss && (mechanism == Mechanism::voided_valid_kept || any)) loses(a, put);
    if (free_loss && (mechanism == Mechanism::withdrawn || any))
      loses(a, [&](State next) { --next[m], --next[m + 1], put(std::move(next)); });
    if (free_gain && (mechanism == Mechanism::added || any) && (!d.to || *d.to == a)) {
      State next = s;
      ++next[a], ++next[m], ++next[m + 1];
      put(std::move(next));
    }
  }
}

// The least number of votes up to `most` that changes the outcome; most + 1: none does.
std::int64_t by_enumeration(const Rule& rule, const Contest& contest, const Tally& tally, Mechanism mechanism,
                            const Direction& direction, std::int64_t most) {
  const std::size_t m = contest.options.size();
  const Outcome base = apply(rule, contest, tally);
  std::set<State> now{state_of(tally)};
  for (std::int64_t v = 1; v <= most; ++v) {
    std::set<State> next;
    for (const State& state : now) step(state, m, mechanism, direction, next);
    for (const State& state : next)
      if (!apply(rule, contest, tally_of_state(state, m)).same_as(base)) return v;
    now = std::move(next);
  }
  return most + 1;
}

// ---------------------------------------------------------------------------------------------------------------------
// Rules and elections drawn at random.

Rule drawn_rule(Stream& stream, std::size_t options) {
  const auto pick = [&](std::size_t n) { return static_cast<std::size_t>(stream.below(n)); };
  Rule rule;
  rule.id = "drawn";
  rule.met = pick(3) == 0 ? Verdict::adopted : Verdict::winner;
  constexpr Verdict otherwise[] = {Verdict::runoff, Verdict::none, Verdict::rejected};
  rule.otherwise = otherwise[pick(3)];
  const std::size_t alternatives = 1 + pick(2);
  for (std::size_t i = 0; i < alternatives; ++i) {
    Alternative alternative{fmt::format("alternative {}", i), {}};
    const std::size_t clauses = 1 + pick(2);
    for (std::size_t j = 0; j < clauses; ++j) {
      Clause clause{fmt::format("clause {}", j), {}, pick(2) == 0 ? Comparison::greater : Comparison::at_least};
      clause.terms.push_back({pick(3) == 0 ? Quantity::option : Quantity::leader, Rational(1 + pick(2)),
                              OptionId{std::string(1, static_cast<char>('A' + pick(options)))}});
      if (pick(2) == 0)
        clause.terms.push_back({pick(3) == 0 ? Quantity::option : Quantity::runner_up, -Rational(1, 1 + pick(2)),
                                OptionId{std::string(1, static_cast<char>('A' + pick(options)))}});
      constexpr Quantity totals[] = {Quantity::valid,      Quantity::valid, Quantity::cast,
                                     Quantity::registered, Quantity::null,  Quantity::constant};
      clause.terms.push_back({totals[pick(6)], Rational(-static_cast<std::int64_t>(pick(8)), 3 + pick(8)), OptionId{}});
      alternative.clauses.push_back(std::move(clause));
    }
    rule.alternatives.push_back(std::move(alternative));
  }
  return rule;
}

std::string describe_rule(const Rule& rule) {
  std::string out = fmt::format("{} else {}", to_text(rule.met), to_text(rule.otherwise));
  for (const auto& alternative : rule.alternatives) {
    out += " |";
    for (const auto& clause : alternative.clauses) {
      for (const auto& term : clause.terms)
        out += fmt::format(" {}*{}{}", to_text(term.coefficient), static_cast<int>(term.quantity), term.option.text);
      out += clause.comparison == Comparison::greater ? " > 0;" : " >= 0;";
    }
  }
  return out;
}

constexpr Mechanism mechanisms[] = {Mechanism::moved,  Mechanism::voided,    Mechanism::voided_valid_kept,
                                    Mechanism::added,  Mechanism::withdrawn, Mechanism::miscounted,
                                    Mechanism::unknown};

TEST(Stakes, CouldChangeIsWhatFullEnumerationFindsFor60RandomRulesAndElections) {
  Stream stream(16, Purpose::synthetic_election);
  int changed = 0, unproved = 0, decided = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const std::size_t options = 2 + static_cast<std::size_t>(stream.below(2));
    const Contest contest = contest_of(options);
    const Rule rule = drawn_rule(stream, options);
    ASSERT_TRUE(validate(rule, contest)) << describe_rule(rule);
    std::vector<std::int64_t> votes;
    for (std::size_t o = 0; o < options; ++o) votes.push_back(static_cast<std::int64_t>(stream.below(13)));
    const auto blank = static_cast<std::int64_t>(stream.below(3)), null = static_cast<std::int64_t>(stream.below(3));
    Tally tally = tally_of(votes, blank, null);
    tally.registered = tally.cast + static_cast<std::int64_t>(stream.below(12));
    for (const Mechanism mechanism : mechanisms) {
      Direction direction;
      if (stream.below(2) == 0) direction.from = static_cast<std::size_t>(stream.below(options));
      if (stream.below(2) == 0) direction.to = static_cast<std::size_t>(stream.below(options));
      const std::int64_t most = mechanism == Mechanism::unknown ? 3 : 6;
      const std::int64_t oracle = by_enumeration(rule, contest, tally, mechanism, direction, most);
      const FewestVotes fewest = fewest_votes(rule, contest, tally, mechanism, direction);
      const std::string given =
          fmt::format("{} {} votes {} blank {} null {} registered {} from {} to {} rule {}", trial, to_text(mechanism),
                      fmt::join(votes, ","), blank, null, tally.registered, direction.from ? *direction.from : 9,
                      direction.to ? *direction.to : 9, describe_rule(rule));
      if (!fewest.proved) {
        ++unproved;
        continue;
      }
      for (std::int64_t high = 0; high <= most; ++high) {
        const auto low = high / 2;
        const CouldChange expected = low >= oracle    ? CouldChange::yes
                                     : high >= oracle ? CouldChange::depends
                                                      : CouldChange::no;
        EXPECT_EQ(could_change(rule, contest, tally, {mechanism, low, high, direction}), expected)
            << given << " low " << low << " high " << high << " oracle " << oracle;
      }
      ++decided;
      changed += oracle <= most ? 1 : 0;
    }
  }
  EXPECT_GT(changed, 150);  // the drawn elections are close enough to be a test
  EXPECT_GT(decided - changed, 50);
  EXPECT_LT(unproved, 10) << "of " << 60 * std::size(mechanisms);
}

// ---------------------------------------------------------------------------------------------------------------------
// Figures: the official count of Bolivia 2019 (docs/published-figures.md).

Tally bolivia() {
  Tally out = tally_of({2240920, 23725, 76827, 25283, 2889359, 260316, 539081, 42334, 39826}, 93507, 229337, 7315364);
  return out;
}

TEST(Stakes, BoliviaChangesAt17336Moved34672VoidedWithTheValidTotalKeptAnd38525VoidedWithIt) {
  const Contest contest = contest_of(9);
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const Tally tally = bolivia();
  ASSERT_EQ(tally.valid, 6137671);
  const std::pair<Mechanism, std::int64_t> rows[] = {
      {Mechanism::moved, 17336}, {Mechanism::voided_valid_kept, 34672}, {Mechanism::voided, 38525}};
  for (const auto& [mechanism, expected] : rows) {
    const auto fewest = fewest_votes(rule, contest, tally, mechanism);
    ASSERT_TRUE(fewest.votes) << to_text(mechanism);
    EXPECT_EQ(*fewest.votes, expected) << to_text(mechanism);
    EXPECT_TRUE(fewest.proved) << to_text(mechanism);
    EXPECT_EQ(describe(*fewest.becomes, contest), "runoff: A and E");
    EXPECT_EQ(could_change(rule, contest, tally, {mechanism, 0, expected - 1}), CouldChange::no);
    EXPECT_EQ(could_change(rule, contest, tally, {mechanism, 0, expected}), CouldChange::depends);
    EXPECT_EQ(could_change(rule, contest, tally, {mechanism, expected, expected}), CouldChange::yes);
  }
  // 20,000 votes are not 20,000 votes.
  EXPECT_EQ(could_change(rule, contest, tally, {Mechanism::moved, 20000, 20000}), CouldChange::yes);
  EXPECT_EQ(could_change(rule, contest, tally, {Mechanism::voided, 20000, 20000}), CouldChange::no);
  // Added to the runner-up, with the valid total: f = M - C - V/10 falls by 1.1 a vote.
  EXPECT_EQ(*fewest_votes(rule, contest, tally, Mechanism::added, {.to = 0}).votes, 31520);
  // Moved from the leader to others than the runner-up takes twice as many.
  EXPECT_EQ(*fewest_votes(rule, contest, tally, Mechanism::moved, {.from = 4, .to = 8}).votes, 34672);
}

// The lead of a plurality is halved by moved votes and used up by all others; a tie is another outcome.
TEST(Stakes, AnyLeadOfAPluralityIsFoundHoweverLargeTheElection) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Stream stream(seed, Purpose::permutation_test);
    std::vector<std::int64_t> votes(2 + stream.below(8));
    const std::int64_t size = std::int64_t{1} << (10 + stream.below(20));
    for (auto& v : votes) v = static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(size / 2)));
    votes[1] = size;
    votes[0] = size + 1 + static_cast<std::int64_t>(stream.below(static_cast<std::uint64_t>(size / 4)));
    const std::int64_t lead = votes[0] - votes[1];
    const Contest contest = contest_of(votes.size());
    for (const auto& [mechanism, fewest] : {std::pair{Mechanism::moved, (lead + 1) / 2},
                                            {Mechanism::voided, lead},
                                            {Mechanism::withdrawn, lead},
                                            {Mechanism::added, lead},
                                            {Mechanism::unknown, (lead + 1) / 2}}) {
      const auto found = fewest_votes(Rule::plurality(), contest, tally_of(votes), mechanism);
      EXPECT_EQ(found.votes, fewest) << seed << " " << to_text(mechanism) << " " << votes[0] << " " << votes[1];
      EXPECT_TRUE(found.proved) << seed << " " << to_text(mechanism);
    }
  }
}

TEST(Stakes, SeveralMechanismsTogetherCanDoWhatEachAloneCannot) {
  const Contest contest = contest_of(9);
  const Rule rule = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  const Tally tally = bolivia();
  const Stake moved{Mechanism::moved, 5000, 10000}, voided{Mechanism::voided, 5000, 20000};
  EXPECT_EQ(could_change(rule, contest, tally, moved), CouldChange::no);
  EXPECT_EQ(could_change(rule, contest, tally, voided), CouldChange::no);
  const Stake both[] = {moved, voided};
  // 2 x 10,000 + 0.9 x 20,000 = 38,000 > 34,671.9 at the upper end, 14,500 at the lower one.
  EXPECT_EQ(could_change(rule, contest, tally, both), CouldChange::depends);
  const Stake fewer[] = {moved, {Mechanism::voided, 5000, 16000}};  // 34,400
  EXPECT_EQ(could_change(rule, contest, tally, fewer), CouldChange::no);
}

TEST(Stakes, VotesOfASmallOptionCannotBeLostTwice) {
  const Contest contest = contest_of(2);
  // B has 3 votes: no number of votes that B loses changes who leads.
  const auto fewest = fewest_votes(Rule::plurality(), contest, tally_of({10, 3}), Mechanism::voided, {.from = 1});
  EXPECT_FALSE(fewest.votes);
  EXPECT_TRUE(fewest.proved);
}

TEST(Stakes, ASingleVoteBreaksATie) {
  for (const Mechanism mechanism : mechanisms) {
    const auto fewest = fewest_votes(Rule::plurality(), contest_of(3), tally_of({7, 7, 2}), mechanism);
    ASSERT_TRUE(fewest.votes) << to_text(mechanism);
    EXPECT_EQ(*fewest.votes, 1);
    EXPECT_TRUE(fewest.proved);
  }
}

TEST(Stakes, AQuorumCanFailWhenBallotsAreWithdrawnButNotWhenTheyAreVoided) {
  const Contest contest = contest_of(2);
  const Rule rule = Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(1, 2));
  const Tally tally = tally_of({4000, 1000}, 100, 0, 10000);  // 5,100 of 10,000
  EXPECT_EQ(*fewest_votes(rule, contest, tally, Mechanism::withdrawn).votes, 101);
  EXPECT_EQ(*fewest_votes(rule, contest, tally, Mechanism::voided).votes, 3000);  // 1,000 against 1,000: not adopted
  EXPECT_EQ(*fewest_votes(rule, contest, tally, Mechanism::moved).votes, 1500);
}

// ---------------------------------------------------------------------------------------------------------------------
// Votes set aside.

bool box_by_enumeration(const Rule& rule, const Contest& contest, const Tally& tally,
                        const std::vector<VoteRange>& added) {
  const Outcome base = apply(rule, contest, tally);
  std::vector<std::int64_t> x;
  for (const auto& range : added) x.push_back(range.least);
  for (;;) {
    Tally then = tally;
    for (std::size_t o = 0; o < x.size(); ++o) then.options[o] += x[o], then.valid += x[o], then.cast += x[o];
    if (!apply(rule, contest, then).same_as(base)) return true;
    std::size_t o = 0;
    while (o < x.size() && ++x[o] > added[o].most) x[o] = added[o].least, ++o;
    if (o == x.size()) return false;
  }
}

TEST(Stakes, CouldDecideIsWhatEveryCombinationWithinTheRangesShows) {
  Stream stream(61, Purpose::synthetic_election);
  int yes = 0;
  constexpr int trials = 300;
  for (int trial = 0; trial < trials; ++trial) {
    const Contest contest = contest_of(3);
    Rule rule = drawn_rule(stream, 3);
    for (auto& alternative : rule.alternatives)  // what is unknown of the rows is not enumerated here
      for (auto& clause : alternative.clauses)
        for (auto& term : clause.terms)
          if (term.quantity == Quantity::registered || term.quantity == Quantity::null ||
              term.quantity == Quantity::cast)
            term.quantity = Quantity::valid;
    std::vector<std::int64_t> votes;
    std::vector<VoteRange> added;
    for (int o = 0; o < 3; ++o) {
      votes.push_back(static_cast<std::int64_t>(stream.below(20)));
      const auto least = static_cast<std::int64_t>(stream.below(4));
      added.push_back({least, least + static_cast<std::int64_t>(stream.below(6))});
    }
    const Tally tally = tally_of(votes);
    if (apply(rule, contest, tally).verdict == Verdict::tie) continue;
    const bool oracle = box_by_enumeration(rule, contest, tally, added);
    EXPECT_EQ(could_decide(rule, contest, tally, added), oracle)
        << trial << " votes " << fmt::format("{}", fmt::join(votes, ",")) << " " << describe_rule(rule);
    yes += oracle;
  }
  EXPECT_GT(yes, trials / 5);
  EXPECT_LT(yes, trials * 4 / 5);
}

TEST(Stakes, RowsWithoutVotesDecideNothingUnlessTheRuleLooksAtWhatIsUnknownOfThem) {
  const Contest contest = contest_of(2);
  const VoteRange nothing[] = {{0, 0}, {0, 0}}, few[] = {{0, 3}, {0, 3}}, enough[] = {{0, 3}, {0, 4}},
                  unknown[] = {{0, no_upper_bound}, {0, no_upper_bound}};
  const Tally tally = tally_of({10, 6}, 0, 0, 20);
  EXPECT_FALSE(could_decide(Rule::plurality(), contest, tally, nothing));
  EXPECT_FALSE(could_decide(Rule::plurality(), contest, tally, few));
  EXPECT_TRUE(could_decide(Rule::plurality(), contest, tally, enough));
  EXPECT_TRUE(could_decide(Rule::plurality(), contest, tally, unknown));
  EXPECT_FALSE(could_decide(Rule::plurality(), contest, tally_of({7, 7}), nothing));
  // Adopted with 16 of 20: a row with ten registered voters and no ballot would break the quorum of 3/5.
  EXPECT_TRUE(could_decide(Rule::referendum(OptionId{"A"}, OptionId{"B"}, Rational(3, 5)), contest, tally, nothing));
}

}  // namespace
}  // namespace cotejo

// seats, recount, coalition and mandate on an invented assembly, each figure worked out by hand.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>

#include "../smallest_sets.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/methods/assembly/coalition.hpp"
#include "cotejo/methods/assembly/mandate.hpp"
#include "cotejo/methods/assembly/recount.hpp"
#include "cotejo/methods/assembly/seats.hpp"
#include "invented.hpp"

namespace cotejo {
namespace {

using testing::HasSubstr;
using namespace test;

template <class Request>
Finding must(const Assembly& a, const Request& request) {
  auto finding = run(a, request, Context{});
  if (!finding) {
    ADD_FAILURE() << describe(finding.error());
    return {};
  }
  return std::move(*finding);
}

// 1994-03-01: seven on the roll with Gorland, whose exit is disputed; Farland suspended until 1995; Corland's delegate contested.
TEST(Recount, EveryReadingOfAContestedSeatAndOfADisputedMember) {
  const auto f = must(invented(), RecountRequest{.roll_call = "V1", .of = "6"});
  EXPECT_EQ(f.estimate("yes")->value, 4);
  EXPECT_EQ(f.estimate("needed")->value, 4);
  EXPECT_EQ(f.estimate("slack_seats")->value, 0);
  EXPECT_EQ(f.answer, Answer::depends);
  // counted: 4 of 7 needed. Without the contested yes: 3 of 7, rejected.
  EXPECT_EQ(text(cell(f, "readings", {"members", "counted"}, "outcome")), "adopted");
  EXPECT_EQ(text(cell(f, "readings", {"members", "C not-counted"}, "outcome")), "rejected");
  EXPECT_EQ(whole(cell(f, "readings", {"members", "C not-counted"}, "slack_seats")), -1);
  EXPECT_EQ(whole(cell(f, "readings", {"members", "C rival-no"}, "no")), 2);
  // Gorland out: six members, four needed still; in good standing (without Farland) five, three needed.
  EXPECT_EQ(whole(cell(f, "readings", {"members", "G not-a-member"}, "denominator")), 6);
  EXPECT_EQ(whole(cell(f, "readings", {"members", "G not-a-member"}, "abstain")), 0);
  EXPECT_EQ(whole(cell(f, "readings", {"good-standing", "G not-a-member"}, "needed")), 3);
  EXPECT_EQ(text(cell(f, "readings", {"good-standing", "C not-counted, G not-a-member"}, "outcome")), "adopted");
  // A seat that is not counted is not represented: 7 - Farland - Corland.
  EXPECT_EQ(whole(cell(f, "readings", {"represented", "C not-counted"}, "denominator")), 5);
  EXPECT_EQ(whole(cell(f, "readings", {"present-and-voting", "counted"}, "denominator")), 5);
  EXPECT_EQ(whole(cell(f, "readings", {"of-6", "counted"}, "needed")), 4);
  EXPECT_EQ(text(cell(f, "contested", {"C"}, "disputed")), "credential");
  EXPECT_EQ(text(cell(f, "contested", {"G"}, "disputed")), "membership");
  EXPECT_EQ(f.at_stake->decisive, true);
}

TEST(Recount, AnUncontestedVoteHasOneOutcome) {
  const auto f = must(invented(), RecountRequest{.roll_call = "V2"});
  EXPECT_EQ(f.answer, Answer::yes);
  EXPECT_EQ(text(cell(f, "readings", {"members"}, "credential")), "none-contested");
  EXPECT_EQ(f.estimate("slack_seats")->value, 1);
  EXPECT_THAT(f.headline, HasSubstr("same under all"));
}

TEST(Recount, ADisputedRecordIsRecountedUnderEach) {
  const auto f = must(invented(), RecountRequest{.roll_call = "V3"});
  EXPECT_EQ(f.answer, Answer::depends);
  const Table& t = *f.table("readings");
  std::vector<std::string> records;
  for (const auto& row : t.rows)
    if (text(row[0]) == "members")
      records.push_back(text(row[static_cast<std::size_t>(t.column("record"))]) + " " +
                        text(row[static_cast<std::size_t>(t.column("outcome"))]));
  EXPECT_THAT(records, testing::ElementsAre("listed adopted", "as-reported rejected", "announced rejected"));
  bool named = false;
  for (const auto& c : f.conditions)
    named =
        named || (!c.met && c.text.find("3-4-?-?") != std::string::npos && c.text.find("4-3-0-0") != std::string::npos);
  EXPECT_TRUE(named) << "totals that do not match the roll call are named";
  // As known before the correction, the announced vote is the record.
  const auto then = must(invented(), RecountRequest{.roll_call = "V3", .known = "1985-04-01"});
  EXPECT_EQ(then.estimate("yes")->value, 3);
}

TEST(Recount, ASecretBallotIsRecountedFromItsTotalsAtTheWorst) {
  const auto f = must(invented(), RecountRequest{.roll_call = "V4"});
  EXPECT_EQ(f.estimate("yes")->value, 4);
  EXPECT_EQ(text(cell(f, "readings", {"members", "counted"}, "outcome")), "adopted");
  EXPECT_EQ(text(cell(f, "readings", {"members", "C not-counted (if it was a yes)"}, "outcome")), "rejected");
  EXPECT_EQ(f.answer, Answer::depends);
}

TEST(Recount, WeightsAndVetoesAreTheRules) {
  // 59 of 100 people do not reach 60; of those present and voting they are all.
  const auto without = must(invented(), RecountRequest{.roll_call = "V5"});
  EXPECT_EQ(without.answer, Answer::depends);
  EXPECT_EQ(text(cell(without, "readings", {"members"}, "outcome")), "rejected");
  EXPECT_EQ(text(cell(without, "readings", {"present-and-voting"}, "outcome")), "adopted");
  EXPECT_EQ(text(cell(without, "readings", {"members"}, "binding")), "people");
  EXPECT_EQ(whole(cell(without, "readings", {"members"}, "slack_seats")), -1);
  const auto vetoed = must(invented(), RecountRequest{.roll_call = "V6"});
  EXPECT_EQ(vetoed.answer, Answer::no);
  EXPECT_EQ(text(cell(vetoed, "readings", {"members"}, "binding")), "veto of A");
}

TEST(Recount, PivotalMembersAreThoseWhoseVoteAloneDecides) {
  const auto f = must(invented(), RecountRequest{.roll_call = "V3"});
  const Table& t = *f.table("roll");
  for (const auto& row : t.rows)
    EXPECT_EQ(std::get<bool>(row[static_cast<std::size_t>(t.column("pivotal"))]), text(row[2]) == "yes")
        << text(row[0]);
}

TEST(Recount, ARuleWithoutAMajorityIsNoRule) {
  const auto f = run(invented(), RecountRequest{.roll_call = "V7"}, Context{});
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, ErrorCode::input_insufficient);
  const auto missing = run(invented(), RecountRequest{.roll_call = "V8"}, Context{});
  EXPECT_EQ(missing.error().code, ErrorCode::option_invalid);
  EXPECT_THAT(missing.error().remedy, HasSubstr("Did you mean"));
  EXPECT_EQ(run(invented(), RecountRequest{.roll_call = "V1", .rule_id = "x"}, Context{}).error().code,
            ErrorCode::option_invalid);
  EXPECT_EQ(run(invented(), RecountRequest{.roll_call = "V1", .of = "0"}, Context{}).error().code,
            ErrorCode::option_invalid);
  EXPECT_EQ(run(invented(), RecountRequest{.known = "yesterday"}, Context{}).error().code, ErrorCode::option_invalid);
}

TEST(Recount, AllVotesSayWhichDependAndWhichCannotBeRecounted) {
  const auto f = must(invented(), RecountRequest{});
  EXPECT_EQ(f.estimate("decisions")->value, 7);
  EXPECT_EQ(text(cell(f, "decisions", {"V7"}, "outcome")), "undetermined");
  EXPECT_EQ(text(cell(f, "decisions", {"V2"}, "answer")), "yes");
  EXPECT_EQ(text(cell(f, "decisions", {"V1"}, "answer")), "depends");
  EXPECT_EQ(f.estimate("decisions_depending")->value, 4) << "V1, V3, V4, V5";
  EXPECT_EQ(f.estimate("decisions_by_contested_seat")->value, 2) << "V1 and V4";
  const auto some = must(invented(), RecountRequest{.from = "1994-01-01", .to = "1994-05-01"});
  EXPECT_EQ(some.estimate("decisions")->value, 1);
}

// Renaming and reordering members changes no figure.
TEST(Recount, DoesNotDependOnTheOrderOfMembers) {
  std::string reordered = invented_tables;
  const std::string a = "[[member]]\nid = \"A\"\nname = \"Aland\"\n",
                    g = "[[member]]\nid = \"G\"\nname = \"Gorland\"\n";
  reordered.replace(reordered.find(g), g.size(), "");
  reordered.insert(reordered.find(a), g);
  const auto other = parse_assembly(reordered, "isles.toml");
  ASSERT_TRUE(other);
  EXPECT_EQ(other->members[0].id, "G");
  for (const char* vote : {"V1", "V2", "V3", "V5"}) {
    const auto x = must(invented(), RecountRequest{.roll_call = vote}),
               y = must(*other, RecountRequest{.roll_call = vote});
    EXPECT_EQ(x.answer, y.answer) << vote;
    EXPECT_EQ(x.estimate("slack_seats")->value, y.estimate("slack_seats")->value);
    EXPECT_EQ(x.table("readings")->rows.size(), y.table("readings")->rows.size());
  }
}

TEST(Seats, TheRollUnderEveryReading) {
  const auto f = must(invented(), SeatsRequest{.on = "1994-03-01"});
  EXPECT_EQ(f.answer, Answer::depends);
  EXPECT_EQ(f.estimate("members_least")->value, 6);
  EXPECT_EQ(f.estimate("members_most")->value, 7);
  EXPECT_EQ(f.estimate("good_standing")->value, 6);
  EXPECT_EQ(f.estimate("disputed_memberships")->value, 1);
  EXPECT_EQ(f.estimate("contested_credentials")->value, 1);
  EXPECT_EQ(text(cell(f, "seats", {"F"}, "status")), "suspended");
  EXPECT_EQ(text(cell(f, "seats", {"G"}, "may_vote")), "disputed");
  EXPECT_EQ(text(cell(f, "seats", {"C"}, "holder")), "Ms New (the new government)");
  EXPECT_EQ(whole(cell(f, "readings", {"G a member (condition-unmet)"}, "two_thirds_of_members")), 5);
  EXPECT_EQ(whole(cell(f, "readings", {"G no member (took-effect)"}, "two_thirds_of_members")), 4);
}

TEST(Seats, ThePlainDayIsPlain) {
  const auto f = must(invented(), SeatsRequest{.on = "1985-03-01"});
  EXPECT_EQ(f.answer, Answer::descriptive);
  EXPECT_EQ(f.estimate("members_least")->value, f.estimate("members_most")->value);
}

TEST(Seats, TheMapOverTimeAndWhatTwoBodiesShare) {
  const auto f = must(invented(), SeatsRequest{.on = "1994-03-01"});
  EXPECT_EQ(whole(cell(f, "bodies_over_time", {"LEAGUE", "1981"}, "members")), 3);
  EXPECT_EQ(whole(cell(f, "bodies_over_time", {"LEAGUE", "1991"}, "members")), 2);
  EXPECT_EQ(text(cell(f, "bodies_over_time", {"LEAGUE", "1991"}, "left_or_ceased")), "B");
  EXPECT_EQ(whole(cell(f, "bodies_at_once", {"UNION", "LEAGUE"}, "shared")), 2);
  EXPECT_EQ(text(cell(f, "timeline", {"LEAGUE", "A"}, "known")), "by recall");
}

TEST(Seats, ADayBeforeTheBodyExistedIsRefused) {
  const auto f = run(invented(), SeatsRequest{.on = "1949-01-01"}, Context{});
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, ErrorCode::option_invalid);
  EXPECT_EQ(f.error().column, "on");
  EXPECT_FALSE(run(invented(), SeatsRequest{.body = "X", .on = "1990-01-01"}, Context{}));
}

// 1994-01-01: 5 of 7 needed; A for, C's seated delegate against, B leans; D and E vote together; F suspended; G disputed.
TEST(Coalition, WhatIsMissingAndWhichSmallestSetsWouldDo) {
  const auto f = must(invented(), CoalitionRequest{.on = "1994-01-01"});
  EXPECT_EQ(f.estimate("needed")->value, 5);
  EXPECT_EQ(f.estimate("declared_for")->value, 1);
  EXPECT_EQ(f.estimate("declared_against")->value, 1);
  EXPECT_EQ(f.estimate("undeclared")->value, 4) << "B, D, E, G; Farland is suspended";
  EXPECT_EQ(f.estimate("short_by")->value, 4);
  EXPECT_EQ(f.estimate("smallest_set")->value, 4);
  EXPECT_EQ(f.estimate("smallest_sets")->value, 1);
  EXPECT_EQ(f.answer, Answer::depends);
  EXPECT_EQ(text(cell(f, "positions", {"F"}, "side")), "cannot-vote");
  EXPECT_EQ(text(cell(f, "positions", {"B"}, "stance")), "leans-for") << "the last position counts";
  EXPECT_THAT(text(cell(f, "positions", {"C"}, "other_voice")), HasSubstr("for"));
  // Without Gorland: 4 of 6.
  const Table& t = *f.table("readings");
  bool seen = false;
  for (const auto& row : t.rows)
    if (text(row[0]) == "members" && text(row[1]) == "disputed ones out") {
      seen = true;
      EXPECT_EQ(whole(row[static_cast<std::size_t>(t.column("needed"))]), 4);
      EXPECT_EQ(whole(row[static_cast<std::size_t>(t.column("short_by"))]), 3);
    }
  EXPECT_TRUE(seen);
  const auto leaning = must(invented(), CoalitionRequest{.on = "1994-01-01", .leaning = "count"});
  EXPECT_EQ(leaning.estimate("declared_for")->value, 2);
}

TEST(Coalition, ScenariosAreTheSetsTheyDescribe) {
  const auto f = must(invented(), CoalitionRequest{.on = "1994-01-01"});
  EXPECT_EQ(text(cell(f, "scenarios", {"S1"}, "members")), "F G");
  EXPECT_EQ(whole(cell(f, "scenarios", {"S1"}, "short_of_members")), 3);
  EXPECT_EQ(text(cell(f, "scenarios", {"S2"}, "members")), "A D E F G") << "B and C spoke against it once";
  EXPECT_EQ(text(cell(f, "scenarios", {"S2"}, "reaches")), "yes");
}

TEST(Coalition, AnotherCountThatNeedsTheWrongNumberIsNamed) {
  const auto f = must(invented(), CoalitionRequest{.on = "1994-01-01"});
  EXPECT_EQ(whole(cell(f, "estimations", {"A newspaper"}, "needed_computed")), 5);
  bool named = false;
  for (const auto& c : f.conditions) named = named || (!c.met && c.text.find("4 of 7") != std::string::npos);
  EXPECT_TRUE(named);
}

TEST(Coalition, BeforeAnyoneBelongsTheDenominatorIsEmpty) {
  auto a = invented();
  a.events.clear();
  a.events.push_back({.body = "UNION", .member = 0, .kind = EventKind::accession, .date = *parse_date("1990-01-01")});
  const auto f = run(a, CoalitionRequest{.on = "1980-01-01"}, Context{});
  ASSERT_FALSE(f);
  EXPECT_EQ(f.error().code, ErrorCode::input_insufficient);
  EXPECT_THAT(f.error().message, HasSubstr("empty"));
}

// Against all 2^n sets, for players of several sizes and one or two majorities, drawn at random.
TEST(SmallestSets, AgreeWithFullEnumeration) {
  for (std::uint64_t trial = 0; trial < 200; ++trial) {
    Stream draw(20201021, Purpose::synthetic_election, trial);
    const std::size_t n = 1 + draw.below(9), majorities = 1 + draw.below(2);
    std::vector<Player> players;
    std::vector<std::int64_t> total(majorities), quotas;
    for (std::size_t i = 0; i < n; ++i) {
      Player p{.size = 1 + static_cast<std::int64_t>(draw.below(3)), .weights = {}};
      for (std::size_t j = 0; j < majorities; ++j) {
        p.weights.push_back(static_cast<std::int64_t>(draw.below(6)));
        total[j] += p.weights[j];
      }
      players.push_back(std::move(p));
    }
    for (std::size_t j = 0; j < majorities; ++j)
      quotas.push_back(static_cast<std::int64_t>(draw.below(static_cast<std::uint64_t>(total[j] + 2))));
    std::int64_t best = -1, sets = 0;
    std::vector<std::int64_t> with(n);
    for (std::uint32_t set = 0; set < (1u << n); ++set) {
      std::int64_t size = 0;
      std::vector<std::int64_t> sum(majorities);
      for (std::size_t i = 0; i < n; ++i)
        if (set >> i & 1u) {
          size += players[i].size;
          for (std::size_t j = 0; j < majorities; ++j) sum[j] += players[i].weights[j];
        }
      bool reaches = true;
      for (std::size_t j = 0; j < majorities; ++j) reaches = reaches && sum[j] >= quotas[j];
      if (!reaches || (best >= 0 && size > best)) continue;
      if (best < 0 || size < best) best = size, sets = 0, with.assign(n, 0);
      ++sets;
      for (std::size_t i = 0; i < n; ++i) with[i] += set >> i & 1u;
    }
    const auto found = smallest_sets(players, quotas);
    ASSERT_EQ(found.possible, best >= 0) << "trial " << trial;
    if (best < 0) continue;
    EXPECT_EQ(found.size.value_or(-1), best) << "trial " << trial;
    ASSERT_TRUE(found.sets);
    EXPECT_EQ(*found.sets, sets) << "trial " << trial;
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(found.with[i], with[i]) << "trial " << trial << ", player " << i;
  }
}

TEST(SmallestSets, CountsWhatCouldNeverBeListed) {
  const std::vector<Player> players(300, Player{.size = 1, .weights = {1}});
  const auto found = smallest_sets(players, {150});
  EXPECT_EQ(found.size.value_or(-1), 150);
  BigCount binomial = 1;  // 300 choose 150
  for (int i = 1; i <= 150; ++i) binomial = binomial * (150 + i) / i;
  EXPECT_EQ(*found.sets, binomial);
  EXPECT_EQ(found.with[0] * 2, *found.sets) << "each member is in half of them";
}

TEST(SmallestSets, WhatIsTooMuchToCountIsNotCounted) {
  std::vector<Player> players;
  for (std::int64_t i = 0; i < 60; ++i)
    players.push_back({.size = 1, .weights = {(std::int64_t{1} << i % 40) + i, 1 + i * i}});
  const auto found = smallest_sets(players, {std::int64_t{1} << 39, 30'000}, 100'000);
  EXPECT_TRUE(found.possible);
  EXPECT_FALSE(found.size);
  EXPECT_FALSE(found.sets);
}

TEST(Mandate, TheLedgerKeepsUnknownApartFromNo) {
  const auto f = must(invented(), MandateRequest{});
  EXPECT_EQ(f.answer, Answer::depends);
  EXPECT_EQ(f.estimate("acts")->value, 3);
  EXPECT_EQ(f.estimate("submitted")->value, 1);
  EXPECT_EQ(f.estimate("not_submitted")->value, 1);
  EXPECT_EQ(f.estimate("unknown")->value, 1);
  EXPECT_EQ(f.estimate("without_stated_basis")->value, 2);
  EXPECT_EQ(text(cell(f, "decisions", {"second", "V1"}, "outcome")), "adopted");
  EXPECT_EQ(text(cell(f, "decisions", {"second", "V1"}, "answer")), "depends");
  EXPECT_EQ(text(cell(f, "acts", {"third"}, "known")), "by recall");
  EXPECT_EQ(f.table("without")->rows.size(), 2u);
  const auto none = run(invented(), MandateRequest{.actor = "Nobody"}, Context{});
  EXPECT_EQ(none.error().code, ErrorCode::input_insufficient);
  EXPECT_EQ(must(invented(), MandateRequest{.from = "1994-01-01"}).estimate("acts")->value, 1);
}

}  // namespace
}  // namespace cotejo

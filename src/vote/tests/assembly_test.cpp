// Dates, memberships in time, rules of assemblies, known time.
#include "cotejo/vote/assembly.hpp"

#include <gtest/gtest.h>

#include "cotejo/vote/assembly_rule.hpp"
#include "cotejo/vote/seats.hpp"

namespace cotejo {
namespace {

std::int32_t day(const char* text) {
  return parse_date(text)->first;
}

// Five members of one invented body.
Assembly council() {
  Assembly a;
  a.id = AssemblyId{"council"};
  a.body = "COUNCIL";
  for (const char* id : {"A", "B", "C", "D", "E"}) a.members.push_back({.id = id, .name = std::string("State ") + id});
  a.bodies.push_back({.id = "COUNCIL", .name = "The Council", .founded = *parse_date("1950-01-01")});
  for (MemberIndex m = 0; m < 5; ++m)
    a.events.push_back(
        {.body = "COUNCIL", .member = m, .kind = EventKind::accession, .date = *parse_date("1950-01-01")});
  return a;
}

MembershipEvent event(EventKind kind, MemberIndex member, const char* date) {
  return {.body = "COUNCIL", .member = member, .kind = kind, .date = *parse_date(date)};
}

TEST(CivilDate, ReadsDaysMonthsAndYearsAndWritesThemBack) {
  for (const char* text : {"2020-10-21", "2020-10", "2020", "1962-01-31", "2000-02-29"})
    EXPECT_EQ(to_text(*parse_date(text)), text);
  EXPECT_EQ(day_text(parse_date("2019-02")->last), "2019-02-28");
  for (const char* text :
       {"", "20", "2020-13", "2020-02-30", "1900-02-29", "2020/10/21", "2020-1-1", "abcd", "0999", "2020-10-21x"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(CivilDate, AReducedDateHasPassedOnlyWhenItIsOver) {
  const auto march = *parse_date("2019-03");
  EXPECT_EQ(passed(march, day("2019-02-28")), Passed::no);
  EXPECT_EQ(passed(march, day("2019-03-15")), Passed::perhaps);
  EXPECT_EQ(passed(march, day("2019-03-31")), Passed::yes);
  EXPECT_EQ(passed(CivilDate{}, day("2019-03-31")), Passed::no);
}

TEST(Seats, ADenunciationTakesEffectOnItsDateAndNotBefore) {
  auto a = council();
  auto notice = event(EventKind::denunciation, 1, "2017-04-27");
  notice.effective = *parse_date("2019-04-27");
  a.events.push_back(notice);
  EXPECT_TRUE(seat_on(a, "COUNCIL", 1, day("2019-04-26")).surely_member());
  EXPECT_FALSE(seat_on(a, "COUNCIL", 1, day("2019-04-27")).perhaps_member());
  EXPECT_EQ(status_of(seat_on(a, "COUNCIL", 1, day("2019-04-27"))), "out");
}

TEST(Seats, ARevokedNoticeThatNobodyDisputesLeavesTheMember) {
  auto a = council();
  auto notice = event(EventKind::denunciation, 1, "2017-04-27");
  notice.effective = *parse_date("2019-04-27");
  a.events.push_back(notice);
  a.events.push_back(event(EventKind::revocation, 1, "2018-01-01"));
  EXPECT_TRUE(seat_on(a, "COUNCIL", 1, day("2020-01-01")).surely_member());
}

TEST(Seats, ADisputedRevocationOrAnUnmetConditionGivesReadingsInsteadOfAChoice) {
  auto a = council();
  auto notice = event(EventKind::denunciation, 1, "2017-04-27");
  notice.effective = *parse_date("2019-04-27");
  notice.condition = "debts paid";
  notice.condition_state = ConditionState::disputed;
  a.events.push_back(notice);
  auto revocation = event(EventKind::revocation, 1, "2019-03");
  revocation.disputed_by = {"the government"};
  a.events.push_back(revocation);
  const auto seat = seat_on(a, "COUNCIL", 1, day("2020-10-21"));
  EXPECT_TRUE(seat.contested());
  ASSERT_EQ(seat.readings.size(), 3u);
  EXPECT_EQ(seat.readings[0].id, "took-effect");
  EXPECT_FALSE(seat.readings[0].member);
  EXPECT_EQ(seat.readings[1].id, "revoked");
  EXPECT_EQ(seat.readings[2].id, "condition-unmet");
  EXPECT_TRUE(seat.readings[1].member && seat.readings[2].member);
  // Before it took effect nothing is disputed.
  EXPECT_TRUE(seat_on(a, "COUNCIL", 1, day("2019-04-26")).surely_member());
}

TEST(Seats, AMonthWithoutADayIsTwoReadingsWhileItLasts) {
  auto a = council();
  a.events.push_back(event(EventKind::withdrawal, 2, "2018-08"));
  EXPECT_TRUE(seat_on(a, "COUNCIL", 2, day("2018-07-31")).surely_member());
  EXPECT_TRUE(seat_on(a, "COUNCIL", 2, day("2018-08-10")).contested());
  EXPECT_FALSE(seat_on(a, "COUNCIL", 2, day("2018-08-31")).perhaps_member());
}

TEST(Seats, WhoLeavesAndComesBackHasTwoStretches) {
  auto a = council();
  a.events.push_back(event(EventKind::withdrawal, 2, "2018-08-01"));
  a.events.push_back(event(EventKind::accession, 2, "2020-01-01"));
  std::vector<MembershipSpan> spans;
  for (auto& span : timeline(a))
    if (span.member == 2) spans.push_back(span);
  ASSERT_EQ(spans.size(), 2u);
  EXPECT_EQ(to_text(spans[0].until), "2018-08-01");
  EXPECT_EQ(to_text(spans[1].from), "2020-01-01");
  EXPECT_FALSE(spans[1].until);
}

TEST(Seats, ASuspensionEndsOnItsLastDay) {
  auto a = council();
  auto suspension = event(EventKind::suspension, 3, "2009-07-04");
  suspension.until = *parse_date("2011-06-01");
  a.events.push_back(suspension);
  EXPECT_FALSE(seat_on(a, "COUNCIL", 3, day("2011-05-31")).good_standing());
  EXPECT_TRUE(seat_on(a, "COUNCIL", 3, day("2011-06-01")).good_standing());
  EXPECT_TRUE(seat_on(a, "COUNCIL", 3, day("2010-01-01")).surely_member()) << "suspended, and still on the roll";
}

TEST(Seats, ADayBeforeTheBodyExistedIsNamed) {
  const auto seats = seats_on(council(), "COUNCIL", day("1949-12-31"));
  ASSERT_FALSE(seats);
  EXPECT_EQ(seats.error().code, ErrorCode::value_invalid);
  EXPECT_NE(seats.error().message.find("1950-01-01"), std::string::npos) << describe(seats.error());
  EXPECT_FALSE(seats_on(council(), "NOWHERE", day("2000-01-01")));
}

TEST(KnownTime, ACorrectionIsNotKnownBeforeItIsMade) {
  auto a = council();
  RollCall vote{.id = "V1", .date = *parse_date("2019-06-28")};
  vote.versions.push_back(
      {.id = "announced", .changes = {{0, Ballot::abstain}}, .superseded_on = *parse_date("2019-07-05")});
  a.roll_calls.push_back(vote);
  a.ballots = {1, 1, 1, 2, 2};
  a.sha256 = a.content_hash();
  const auto then = as_known(a, day("2019-07-01"));
  EXPECT_EQ(then.ballot(0, 0), Ballot::abstain);
  EXPECT_TRUE(then.roll_calls[0].versions.empty());
  const auto later = as_known(a, day("2019-07-05"));
  EXPECT_EQ(later.ballot(0, 0), Ballot::yes);
  EXPECT_EQ(later.roll_calls[0].versions.size(), 1u);
  EXPECT_TRUE(as_known(a, day("2019-06-27")).roll_calls.empty());
  EXPECT_NE(then.sha256, later.sha256);
}

TEST(AssemblyHash, EveryFieldAndEveryVoteChangesIt) {
  auto a = council();
  a.roll_calls.push_back({.id = "V1", .date = *parse_date("2019-06-28")});
  a.ballots = {1, 1, 1, 2, 2};
  const auto before = a.content_hash();
  EXPECT_EQ(before, a.content_hash());
  auto other = a;
  other.ballots[4] = 3;
  EXPECT_NE(other.content_hash(), before);
  other = a;
  other.events[0].fact.mark = Mark::recall;
  EXPECT_NE(other.content_hash(), before);
  other = a;
  other.roll_calls[0].fact.note = "x";
  EXPECT_NE(other.content_hash(), before);
}

// needed() against the definition, by trying every number.
TEST(AssemblyRule, NeededIsTheLeastNumberThatMeetsTheThreshold) {
  for (const auto& threshold :
       {Rational(1, 2), Rational(2, 3), Rational(3, 4), Rational(11, 20), Rational(0), Rational(1)})
    for (const bool strict : {false, true})
      for (std::int64_t n = 1; n <= 60; ++n) {
        std::int64_t least = 0;
        while (strict ? Rational(least, n) <= threshold : Rational(least, n) < threshold) ++least;
        EXPECT_EQ(needed(threshold, strict, n), least)
            << to_text(threshold) << " of " << n << (strict ? " strict" : "");
      }
  EXPECT_EQ(needed(Rational(2, 3), false, 35), 24);
  EXPECT_EQ(needed(Rational(2, 3), false, 34), 23);
  EXPECT_EQ(needed(Rational(2, 3), false, 33), 22);
  EXPECT_EQ(needed(Rational(1, 2), true, 35), 18);
}

Chamber chamber_of(const std::vector<Ballot>& ballots) {
  const std::vector<bool> all(ballots.size(), true);
  return {ballots, all, all, all, std::vector<bool>(ballots.size())};
}

// Every vote of four members under a rule with a weight, a veto and two majorities, against the rule said in code.
TEST(AssemblyRule, ConjunctionOfMajoritiesWithAVetoAgreesWithEnumeration) {
  Assembly a;
  for (const char* id : {"A", "B", "C", "D"}) a.members.push_back({.id = id, .name = id});
  const std::vector<std::int64_t> people{50, 30, 15, 5};
  for (MemberIndex m = 0; m < 4; ++m) a.weights.push_back({.name = "people", .member = m, .value = people[m]});
  AssemblyRule rule{.id = "double", .title = "Members and people"};
  rule.ways.push_back({"",
                       {{.name = "members", .threshold = {1, 2}, .strict = true},
                        {.name = "people", .threshold = {13, 20}, .weight = "people"}}});
  rule.veto = {1};
  const std::vector<Ballot> options{Ballot::yes, Ballot::no, Ballot::abstain, Ballot::absent};
  for (int code = 0; code < 256; ++code) {
    std::vector<Ballot> ballots;
    for (int m = 0, c = code; m < 4; ++m, c /= 4) ballots.push_back(options[static_cast<std::size_t>(c % 4)]);
    int yes = 0;
    std::int64_t yes_people = 0;
    for (std::size_t m = 0; m < 4; ++m)
      if (ballots[m] == Ballot::yes) ++yes, yes_people += people[m];
    const bool expected = 2 * yes > 4 && 20 * yes_people >= 13 * 100 && ballots[1] != Ballot::no;
    const auto decision = decide(a, rule, chamber_of(ballots), 0);
    ASSERT_TRUE(decision);
    EXPECT_EQ(decision->adopted, expected) << "vote number " << code;
  }
}

TEST(AssemblyRule, DenominatorsCountWhomTheyName) {
  Assembly a;
  for (const char* id : {"A", "B", "C", "D", "E", "F"}) a.members.push_back({.id = id, .name = id});
  Chamber chamber =
      chamber_of({Ballot::yes, Ballot::yes, Ballot::no, Ballot::abstain, Ballot::absent, Ballot::not_recorded});
  chamber.good_standing[5] = chamber.represented[5] = chamber.represented[4] = false;
  chamber.party[0] = true;
  const auto sums = sums_of(chamber);
  EXPECT_EQ(sums.denominator(Denominator::members, 0), 6);
  EXPECT_EQ(sums.denominator(Denominator::good_standing, 0), 5);
  EXPECT_EQ(sums.denominator(Denominator::represented, 0), 4);
  EXPECT_EQ(sums.denominator(Denominator::present, 0), 4);
  EXPECT_EQ(sums.denominator(Denominator::present_and_voting, 0), 3);
  EXPECT_EQ(sums.denominator(Denominator::less_parties, 0), 5);
  EXPECT_EQ(sums.denominator(Denominator::fixed, 35), 35);
  AssemblyRule rule{.id = "r", .title = "r"};
  rule.ways.push_back(
      {"", {{.name = "half", .threshold = {1, 2}, .strict = true, .denominator = Denominator::less_parties}}});
  const auto decision = decide(a, rule, chamber, 0);
  ASSERT_TRUE(decision);
  EXPECT_EQ(decision->majorities[0].yes, 1) << "a party's own yes does not count";
}

TEST(AssemblyRule, ConsensusFallsWithOneNoAndAQuorumWithOneMissing) {
  Assembly a;
  for (const char* id : {"A", "B", "C", "D"}) a.members.push_back({.id = id, .name = id});
  AssemblyRule consensus{.id = "c", .title = "c", .consensus = true};
  EXPECT_TRUE(
      decide(a, consensus, chamber_of({Ballot::yes, Ballot::abstain, Ballot::absent, Ballot::yes}), 0)->adopted);
  EXPECT_FALSE(decide(a, consensus, chamber_of({Ballot::yes, Ballot::no, Ballot::yes, Ballot::yes}), 0)->adopted);
  AssemblyRule quorum{.id = "q", .title = "q"};
  quorum.ways.push_back(
      {"", {{.name = "voting", .threshold = {1, 2}, .strict = true, .denominator = Denominator::present_and_voting}}});
  quorum.quorum.push_back({.name = "quorum", .threshold = {1, 2}, .strict = true});
  EXPECT_TRUE(decide(a, quorum, chamber_of({Ballot::yes, Ballot::yes, Ballot::no, Ballot::absent}), 0)->adopted);
  const auto without = decide(a, quorum, chamber_of({Ballot::yes, Ballot::yes, Ballot::absent, Ballot::absent}), 0);
  EXPECT_FALSE(without->adopted);
  EXPECT_EQ(without->binding, "quorum");
}

TEST(AssemblyRule, AnEmptyDenominatorIsNamed) {
  Assembly a;
  a.members.push_back({.id = "A", .name = "A"});
  AssemblyRule rule{.id = "voting", .title = "v"};
  rule.ways.push_back({"", {{.name = "half", .threshold = {1, 2}, .denominator = Denominator::present_and_voting}}});
  const auto decision = decide(a, rule, chamber_of({Ballot::absent}), 0);
  ASSERT_FALSE(decision);
  EXPECT_EQ(decision.error().code, ErrorCode::input_insufficient);
  EXPECT_NE(decision.error().message.find("present-and-voting"), std::string::npos);
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/support/at_stake.hpp"

#include <gtest/gtest.h>

namespace cotejo {
namespace {

Contest contest_of(std::size_t options) {
  Contest contest;
  for (std::size_t o = 0; o < options; ++o)
    contest.options.push_back({OptionId{std::string(1, static_cast<char>('A' + o))}, ""});
  return contest;
}

Tally tally_of(std::vector<std::int64_t> votes) {
  Tally out;
  out.options = std::move(votes);
  for (const auto v : out.options) out.valid += v;
  out.cast = out.valid;
  return out;
}

Finding held(const VotesInQuestion& entry) {
  Finding finding;
  hold_against_rule(finding, Rule::plurality(), contest_of(2), tally_of({100, 60}), entry);
  return finding;
}

TEST(AtStake, TheAnswerForTheOutcomeComesFromTheRuleAtBothEnds) {
  const VotesInQuestion few{Mechanism::moved, 10, 5, 19}, many{Mechanism::moved, 25, 20, 30},
      between{Mechanism::moved, 10, 5, 20};
  EXPECT_EQ(held(few).for_outcome, ForOutcome::holds);
  EXPECT_FALSE(held(few).at_stake->decisive);
  EXPECT_EQ(*held(few).at_stake->needed, 20);
  EXPECT_EQ(held(few).at_stake->mechanism, "moved");
  EXPECT_EQ(held(many).for_outcome, ForOutcome::changes);
  EXPECT_TRUE(held(many).at_stake->decisive);
  EXPECT_EQ(held(between).for_outcome, ForOutcome::depends);
  EXPECT_TRUE(held(between).at_stake->decisive);
}

TEST(AtStake, TheSameVotesDecideUnderOneMechanismAndNotUnderAnother) {
  Finding finding;
  const VotesInQuestion entries[] = {{Mechanism::voided, 30}, {Mechanism::moved, 30}};
  hold_against_rule(finding, Rule::plurality(), contest_of(2), tally_of({100, 60}), entries);
  EXPECT_EQ(finding.for_outcome, ForOutcome::depends);
  EXPECT_TRUE(finding.at_stake->decisive);
  EXPECT_EQ(finding.at_stake->mechanism, "voided, moved");
  const Table* table = finding.table("stakes");
  ASSERT_TRUE(table);
  const auto could = static_cast<std::size_t>(table->column("could_change"));
  EXPECT_EQ(words_of((*table->row("voided"))[could]), "no");
  EXPECT_EQ(words_of((*table->row("moved"))[could]), "yes");
  EXPECT_EQ(words_of((*table->row("moved"))[could], "es"), "sí");
  EXPECT_EQ(words_of((*table->row("moved"))[0], "es"), "trasladados");
  EXPECT_EQ(words_of((*table->row("moved"))[1], "es"), "cualquiera") << "no direction is given";
}

TEST(AtStake, NoVotesInQuestionLeaveTheOutcomeAsItIs) {
  EXPECT_EQ(held({Mechanism::unknown, 0}).for_outcome, ForOutcome::holds);
}

TEST(AtStake, ALeadIsHalfAsManyVotesMovedAsVoided) {
  const auto entries = lead_in_question(38, 30, 41, 0, 1);
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].mechanism, Mechanism::moved);
  EXPECT_EQ(entries[0].votes, 19);
  EXPECT_EQ(*entries[0].high, 20.5);
  EXPECT_EQ(*entries[0].direction.from, 0U);
  EXPECT_EQ(entries[1].votes, 38);
  const auto back = lead_in_question(-38, -41, -30, 0, 1);
  EXPECT_EQ(back[0].votes, 19);
  EXPECT_EQ(*back[0].direction.from, 1U);
  EXPECT_EQ(*back[0].low, 15);
  EXPECT_EQ(*back[0].high, 20.5);
}

}  // namespace
}  // namespace cotejo

#include "cotejo/methods/support/outcome_words.hpp"

#include <gtest/gtest.h>

#include "cotejo/methods/support/words.hpp"

namespace cotejo {
namespace {

const Contest contest{.id = ContestId{"c"},
                      .title = "T",
                      .options = {{OptionId{"A"}, "List A"}, {OptionId{"B"}, "List B"}, {OptionId{"C"}, ""}}};

Tally tally_of(std::vector<std::int64_t> votes) {
  Tally out;
  out.options = std::move(votes);
  for (const auto v : out.options) out.valid += v;
  return out;
}

std::string came(const Rule& rule, std::vector<std::int64_t> votes) {
  const Tally tally = tally_of(std::move(votes));
  return came_to(apply(rule, contest, tally), contest, tally, rule);
}

TEST(OutcomeWords, EveryOutcomeIsToldByNamesAndWholeVotes) {
  const Rule lead = Rule::share_and_lead(Rational(2, 5), Rational(1, 10));
  EXPECT_EQ(came(lead, {47, 36, 16}), "List A won without a runoff, by 1 vote to spare");  // 47 - 36 - 9.9 = 1.1
  EXPECT_EQ(came(lead, {42, 36, 22}), "List A and List B go to a runoff: List A lacked 4 votes for a win without one");
  EXPECT_EQ(came(Rule::plurality(), {3000, 1500, 0}), "List A won, by 1,500 votes to spare");
  EXPECT_EQ(came(Rule::plurality(), {1, 1, 7}), "C won, by 6 votes to spare") << "an option without a name has its id";
  EXPECT_EQ(came(Rule::plurality(), {5, 5, 1}), "List A and List B are tied");
}

TEST(OutcomeWords, ASlackThatIsNotNoneIsNeverWrittenAsNone) {
  EXPECT_EQ(whole_votes({.numerator = -461, .denominator = 10}), 46);
  EXPECT_EQ(whole_votes({.numerator = 346719, .denominator = 10}), 34672);
  EXPECT_EQ(whole_votes({.numerator = -1, .denominator = 10}), 1);
  EXPECT_EQ(whole_votes({.numerator = 0, .denominator = 10}), 0);
}

TEST(OutcomeWords, AChangeIsAPredicate) {
  const Rule rule = Rule::majority_with_runoff();
  const auto becomes = [&](std::vector<std::int64_t> votes) {
    return does("it", apply(rule, contest, tally_of(std::move(votes))), contest, rule);
  };
  EXPECT_EQ(becomes({45, 35, 20}), "it forces a runoff, by 5 votes");
  EXPECT_EQ(becomes({20, 60, 20}), "it lets List B win without a runoff, by 10 votes");
  EXPECT_EQ(becomes({50, 25, 25}), "it leaves List B and C tied");
}

TEST(Words, ATitleNamesTheRowsThatAreShownWhereNotAllAre) {
  EXPECT_EQ(first_of("Every defect", 3, 3), Text("Every defect"));
  EXPECT_EQ(first_of("Every defect", 3, 1200), Text("Every defect (the first 3 of 1,200)"));
}

TEST(Words, AnOptionIsShownInTheDigitsItWasGivenIn) {
  EXPECT_EQ(as_given(95).digits, "95");
  EXPECT_EQ(as_given(99.5).digits, "99.5");
}

}  // namespace
}  // namespace cotejo

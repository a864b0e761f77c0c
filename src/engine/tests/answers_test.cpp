#include "cotejo/engine/answers.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace cotejo {
namespace {

Finding finding(std::string id, std::optional<ForOutcome> for_outcome, std::vector<Text> in_short,
                std::string headline = "A headline.") {
  Finding out;
  out.id = std::move(id);
  out.for_outcome = for_outcome;
  out.in_short = std::move(in_short);
  out.headline = std::move(headline);
  return out;
}

PlanAnswer answer_to(std::vector<std::string> named, const std::vector<Finding>& findings) {
  Plan plan;
  plan.questions = {{.id = "q", .text = "Who won?", .findings = std::move(named), .primary = true}};
  return answer_questions(plan, findings).front();
}

const std::vector<Finding> some{
    finding("count", ForOutcome::holds, {"A won, by 12 votes to spare"}),
    finding("strike", ForOutcome::depends, {"excluding 3 tables does not change the outcome", "moving them does"}),
    finding("other", ForOutcome::changes, {}), finding("power", std::nullopt, {"all weigh the same"}),
    finding("late", ForOutcome::unknown, {"nobody can tell"})};

TEST(Answers, OneSentenceOfWhatTheFindingsStateInTheOrderOfTheQuestion) {
  EXPECT_EQ(answer_to({"strike", "count"}, some).sentence,
            "Excluding 3 tables does not change the outcome; moving them does; A won, by 12 votes to spare.");
  EXPECT_EQ(answer_to({"other"}, some).sentence, "A headline.");
}

TEST(Answers, NothingIsStatedTwice) {
  auto twice = some;
  twice[1].in_short = twice[0].in_short;
  EXPECT_EQ(answer_to({"count", "strike"}, twice).sentence, "A won, by 12 votes to spare.");
}

TEST(Answers, ForTheOutcomeTheyHoldOrChangeOnlyWhereAllDo) {
  const auto together = [](std::vector<std::string> named) { return answer_to(std::move(named), some).for_outcome; };
  EXPECT_EQ(together({"count"}), ForOutcome::holds);
  EXPECT_EQ(together({"count", "power"}), ForOutcome::holds);
  EXPECT_EQ(together({"other"}), ForOutcome::changes);
  EXPECT_EQ(together({"count", "other"}), ForOutcome::depends);
  EXPECT_EQ(together({"count", "late"}), ForOutcome::unknown);
  EXPECT_EQ(together({"strike", "late"}), ForOutcome::depends);
  EXPECT_EQ(together({"power"}), std::nullopt);
}

TEST(Answers, APlanWithOneQuestionIsAnsweredByWhatConcludesSomethingAboutTheOutcome) {
  EXPECT_EQ(answer_to({}, some).findings, (std::vector<std::string>{"count", "strike", "other"}));
  EXPECT_EQ(answer_to({}, {some[3], some[4]}).findings, std::vector<std::string>{"power"});
}

TEST(Answers, TheJsonKeepsQuestionFindingsAndClauses) {
  Plan plan;
  plan.questions = {{.id = "q", .text = "Who won?", .findings = {"power"}, .primary = false}};
  const auto json = to_json(answer_questions(plan, some));
  EXPECT_EQ(json.at("schema"), "cotejo.answers/1");
  const auto& answer = json.at("answers").at(0);
  EXPECT_EQ(answer.at("question"), "Who won?");
  EXPECT_EQ(answer.at("sentence"), "All weigh the same.");
  EXPECT_EQ(answer.at("clauses").size(), 1U);
  EXPECT_TRUE(answer.at("for_outcome").is_null());
}

}  // namespace
}  // namespace cotejo

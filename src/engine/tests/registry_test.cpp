#include "cotejo/engine/registry.hpp"

#include <gtest/gtest.h>

#include <set>

namespace cotejo {
namespace {

Count two_units() {
  Count count;
  count.id = CountId{"x/final"};
  count.contest = {ContestId{"x"}, "x", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
  count.unit_keys.push_back("1");
  count.unit_keys.push_back("2");
  count.votes = {60, 10, 20, 10};
  return count;
}

TEST(Registry, SeeAlsoNamesOtherMethods) {
  for (const auto& m : methods())
    for (const auto& other : m.info.see_also) {
      EXPECT_NE(other, m.info.id);
      EXPECT_TRUE(find_method(other)) << m.info.id << " leads to " << other;
    }
}

TEST(Registry, EveryMethodSaysWhatItAsksAndHasItsOwnId) {
  std::set<std::string> ids;
  for (const auto& m : methods()) {
    EXPECT_TRUE(ids.insert(m.info.id).second) << m.info.id << " twice";
    for (const Text& text : {Text(m.info.family), m.info.title, m.info.question, m.info.assumes, m.info.cost})
      EXPECT_FALSE(text.empty()) << m.info.id;
    for (const auto& option : m.options) EXPECT_FALSE(option.text.empty()) << m.info.id << " " << option.name;
    for (const auto& option : m.options)
      EXPECT_TRUE(parse_option(option, to_text(option.initial)))
          << m.info.id << ": the default of " << option.name << " is out of its own bounds";
  }
  for (const char* id : {"count", "strike", "headroom", "arithmetic", "collate", "controls", "next-election"})
    EXPECT_TRUE(ids.contains(id)) << id;
}

TEST(Registry, AnUnknownMethodIsAnsweredWithTheNearestOne) {
  const auto found = find_method("strke");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ErrorCode::method_unknown);
  EXPECT_NE(found.error().remedy.find("strike"), std::string::npos);
}

TEST(Registry, RunFillsInEveryOptionAndRefusesOneThatDoesNotExist) {
  const Count count = two_units();
  const Rule rule = Rule::plurality();
  const MethodInputs inputs{.count = &count, .rule = &rule};
  const auto method = find_method("headroom");
  const auto finding = (*method)->run(inputs, {{"list_limit", "7"}}, Context{.seed = 42});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(finding->options.size(), (*method)->options.size());
  EXPECT_EQ(std::get<std::int64_t>(finding->options[0].second), 7);
  EXPECT_EQ(finding->seed, 42U);
  const auto refused = (*method)->run(inputs, {{"list_limitt", "7"}}, Context{});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::option_invalid);
  EXPECT_NE(refused.error().remedy.find("list_limit"), std::string::npos);
}

TEST(Registry, DataThatLackWhatAMethodNeedsGiveAnUndeterminedFindingWithTheReason) {
  const Count count = two_units();
  const auto finding = (*find_method("count"))->run({.count = &count}, {}, Context{});
  ASSERT_TRUE(finding) << describe(finding.error());
  EXPECT_EQ(finding->answer, Answer::undetermined);
  EXPECT_NE(finding->headline.find("rule"), std::string::npos) << finding->headline;
  ASSERT_EQ(finding->conditions.size(), 1U);
  EXPECT_FALSE(finding->conditions[0].met);
}

// Every method that takes a count, on one whose rows set aside could decide: whatever it answers.
TEST(Registry, EveryFindingOnACountCarriesWhatWasSetAsideOfIt) {
  Count count = two_units();
  count.rejected = {{"f.csv", 4, "B", "x", "no number", "[]", {{0, 0}, {0, 90}}}};
  Count other = two_units();
  other.id = CountId{"x/quick"};
  Challenge challenge;
  challenge.id = ChallengeId{"c"};
  challenge.count = count.id;
  challenge.unit_keys = {"1"};
  const Rule rule = Rule::plurality();
  int tried = 0;
  for (const auto& method : methods()) {
    if (method.takes_assembly) continue;
    MethodInputs inputs{.count = &count, .rule = &rule};
    if (method.takes_other || method.takes_others) inputs.others = {&other};
    if (method.needs_challenges) inputs.challenges = {&challenge};
    const auto finding = method.run(inputs, {}, Context{.seed = 1});
    ASSERT_TRUE(finding) << method.info.id << ": " << describe(finding.error());
    ++tried;
    for (const auto& input : finding->inputs) {
      if (input.kind != "count") continue;
      ASSERT_TRUE(input.set_aside) << method.info.id << " " << input.id;
      EXPECT_EQ(input.set_aside->rows, input.id == "x/final" ? 1 : 0) << method.info.id;
    }
    EXPECT_EQ(finding->inputs.at(0).set_aside->votes_at_most, 90) << method.info.id;
    EXPECT_TRUE(finding->inputs.at(0).set_aside->could_decide) << method.info.id;
    EXPECT_NE(finding->headline.find("Rows set aside could decide the outcome"), std::string::npos)
        << method.info.id << ": " << finding->headline;
  }
  EXPECT_GE(tried, 20);
}

TEST(Registry, WhatAMethodDoesNotTakeIsAUsageError) {
  const Count count = two_units();
  const Rule rule = Rule::plurality();
  const Challenge challenge{ChallengeId{"c"}, count.id, "b", "r", "s", {"1"}};
  const auto code = [&](const char* method, const MethodInputs& inputs) {
    const auto ran = (*find_method(method))->run(inputs, {}, Context{});
    return ran ? ErrorCode::internal : ran.error().code;
  };
  EXPECT_EQ(code("count", {.count = &count, .others = {&count}, .rule = &rule}), ErrorCode::usage);
  EXPECT_EQ(code("count", {.count = &count, .challenges = {&challenge}, .rule = &rule}), ErrorCode::usage);
  EXPECT_EQ(code("collate", {.count = &count, .others = {&count, &count}, .rule = &rule}), ErrorCode::usage);
}

TEST(Registry, AForgottenChallengeOrSecondCountIsAUsageError) {
  const Count count = two_units();
  const Rule rule = Rule::plurality();
  const MethodInputs inputs{.count = &count, .rule = &rule};
  EXPECT_EQ((*find_method("strike"))->run(inputs, {}, Context{}).error().code, ErrorCode::usage);
  EXPECT_EQ((*find_method("collate"))->run(inputs, {}, Context{}).error().code, ErrorCode::usage);
}

}  // namespace
}  // namespace cotejo

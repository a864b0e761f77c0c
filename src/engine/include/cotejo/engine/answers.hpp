// The answer to each question of a plan, in one sentence, from the findings that answer it.
//
// The sentence joins what those findings state in short (Finding::in_short; else the headline), in the order in which the
// question names them, each clause once. for_outcome: of the findings that conclude something, `holds` or `changes` where all do, `depends`
// where they differ or one depends, else `unknown` where one is unknown; nothing where none concludes anything.
// No errors, no randomness, linear in the findings. Verified in src/engine/tests/answers_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/engine/plan.hpp"
#include "cotejo/finding/finding.hpp"

namespace cotejo {

struct PlanAnswer {
  std::string id, text;  // of the question
  bool primary = false;
  std::vector<std::string> findings;  // that answer it
  std::optional<ForOutcome> for_outcome{};
  std::vector<Text> clauses;  // of the sentence, so that a face can show each in its language
  std::string sentence;
};

// In the order of the plan's questions. A question without findings (plan.hpp) is answered by those that conclude something
// about the outcome; where none does, by the first finding.
std::vector<PlanAnswer> answer_questions(const Plan& plan, const std::vector<Finding>& findings);

// Schema cotejo.answers/1: { "schema", "answers": [{ "id", "question", "primary", "findings", "for_outcome", "sentence", "clauses", "messages" }] }.
nlohmann::ordered_json to_json(const std::vector<PlanAnswer>& answers);

}  // namespace cotejo

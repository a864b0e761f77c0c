#include "cotejo/engine/answers.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

// What all of them come to together.
std::optional<ForOutcome> together(const std::vector<const Finding*>& findings) {
  std::vector<ForOutcome> each;
  for (const auto* finding : findings)
    if (finding->for_outcome) each.push_back(*finding->for_outcome);
  if (each.empty()) return std::nullopt;
  const auto some = [&](ForOutcome wanted) { return std::find(each.begin(), each.end(), wanted) != each.end(); };
  if (some(ForOutcome::depends) || (some(ForOutcome::holds) && some(ForOutcome::changes))) return ForOutcome::depends;
  if (some(ForOutcome::unknown)) return ForOutcome::unknown;
  return each.front();
}

// A headline as a clause: without the full stop at its end.
std::string as_clause(std::string headline) {
  if (headline.ends_with('.')) headline.pop_back();
  return headline;
}

std::vector<std::string> in_english(const std::vector<Text>& clauses) {
  std::vector<std::string> out;
  for (const auto& clause : clauses) out.push_back(as_clause(clause));
  return out;
}

std::string sentence_of(const std::vector<Text>& clauses) {
  std::string out = fmt::format("{}.", fmt::join(in_english(clauses), "; "));
  if (out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}

std::vector<const Finding*> those_that_answer(const PlanQuestion& question, const std::vector<Finding>& findings) {
  std::vector<const Finding*> out;
  for (const auto& id : question.findings)
    for (const auto& finding : findings)
      if (finding.id == id) out.push_back(&finding);
  if (!question.findings.empty()) return out;
  for (const auto& finding : findings)
    if (finding.for_outcome && *finding.for_outcome != ForOutcome::unknown) out.push_back(&finding);
  if (out.empty() && !findings.empty()) out.push_back(&findings.front());
  return out;
}

}  // namespace

std::vector<PlanAnswer> answer_questions(const Plan& plan, const std::vector<Finding>& findings) {
  std::vector<PlanAnswer> out;
  for (const auto& question : plan.questions) {
    const auto chosen = those_that_answer(question, findings);
    PlanAnswer answer{.id = question.id,
                      .text = question.text,
                      .primary = question.primary,
                      .findings = {},
                      .for_outcome = together(chosen),
                      .clauses = {},
                      .sentence = {}};
    for (const auto* finding : chosen) {
      answer.findings.push_back(finding->id);
      const auto state = [&](const Text& clause) {
        if (std::find(answer.clauses.begin(), answer.clauses.end(), clause) == answer.clauses.end())
          answer.clauses.push_back(clause);
      };
      if (finding->in_short.empty()) state(finding->headline);
      for (const auto& clause : finding->in_short) state(clause);
    }
    answer.sentence = sentence_of(answer.clauses);
    out.push_back(std::move(answer));
  }
  return out;
}

Json to_json(const std::vector<PlanAnswer>& answers) {
  Json listed = Json::array();
  for (const auto& answer : answers) {
    Json messages = Json::object();
    for (std::size_t i = 0; i < answer.clauses.size(); ++i)
      if (const auto* message = answer.clauses[i].message())
        messages[fmt::format("/clauses/{}", i)] = to_json(*message);
    listed.push_back({{"id", answer.id},
                      {"question", answer.text},
                      {"primary", answer.primary},
                      {"findings", answer.findings},
                      {"for_outcome", answer.for_outcome ? Json(to_text(*answer.for_outcome)) : Json(nullptr)},
                      {"sentence", answer.sentence},
                      {"clauses", in_english(answer.clauses)},
                      {"messages", std::move(messages)}});
  }
  return {{"schema", "cotejo.answers/1"}, {"answers", std::move(listed)}};
}

}  // namespace cotejo

#include "cotejo/methods/support/outcome_words.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

namespace cotejo {

namespace {

// "A and B and C": the same word between all of them, as a table has it.
Argument joined(const std::vector<std::string>& names) {
  if (names.empty()) return "";
  Argument out = names.back();
  for (std::size_t i = names.size() - 1; i-- > 0;)
    out = Message{"support.and", {{"first", names[i]}, {"second", std::move(out)}}};
  return out;
}

Argument names_of(const Outcome& outcome, const Contest& contest) {
  std::vector<std::string> names;
  for (const auto option : outcome.options) names.push_back(name_of(contest, option));
  return joined(names);
}

Argument without_runoff(const Rule& rule) {
  return rule.otherwise == Verdict::runoff ? "yes" : "no";
}

// "support.came_to" and "support.does" have a text for each verdict.
std::string id_of(const std::string& what, Verdict verdict) {
  return what + "." + std::string(to_text(verdict));
}

}  // namespace

const std::string& name_of(const Contest& contest, std::size_t option) {
  const Option& named = contest.options[option];
  return named.name.empty() ? named.id.text : named.name;
}

Message outcome_message(const Outcome& outcome, const Contest& contest) {
  Message verdict{"support.outcome", {{"verdict", to_text(outcome.verdict)}}};
  if (outcome.options.empty()) return verdict;
  std::vector<std::string> ids;
  for (const auto option : outcome.options) ids.push_back(contest.options[option].id.text);
  return {"support.outcome_of", {{"outcome", std::move(verdict)}, {"options", joined(ids)}}};
}

std::int64_t whole_votes(const Slack& slack) {
  const std::int64_t rounded = std::llround(std::abs(slack.value()));
  return slack.numerator == 0 ? 0 : std::max<std::int64_t>(1, rounded);
}

Text came_to(const Outcome& outcome, const Contest& contest, const Tally& tally, const Rule& rule) {
  return Message{id_of("support.came_to", outcome.verdict),
                 {{"who", names_of(outcome, contest)},
                  {"leader", name_of(contest, ranking(tally).front())},
                  {"n", whole_votes(outcome.slack)},
                  {"runoff", without_runoff(rule)}}};
}

Text does(const Argument& subject, const Outcome& becomes, const Contest& contest, const Rule& rule) {
  return Message{id_of("support.does", becomes.verdict),
                 {{"subject", subject},
                  {"who", names_of(becomes, contest)},
                  {"n", whole_votes(becomes.slack)},
                  {"runoff", without_runoff(rule)}}};
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace cotejo

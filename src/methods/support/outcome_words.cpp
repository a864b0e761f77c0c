#include "cotejo/methods/support/outcome_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "cotejo/base/plural.hpp"

namespace cotejo {

namespace {

std::string names_of(const Outcome& outcome, const Contest& contest) {
  std::vector<std::string> names;
  for (const auto option : outcome.options) names.push_back(name_of(contest, option));
  return fmt::format("{}", fmt::join(names, " and "));
}

}  // namespace

const std::string& name_of(const Contest& contest, std::size_t option) {
  const Option& named = contest.options[option];
  return named.name.empty() ? named.id.text : named.name;
}

std::string whole_votes(const Slack& slack) {
  const long long rounded = std::llround(std::abs(slack.value()));
  return counted(slack.numerator == 0 ? 0 : std::max(1LL, rounded), "vote");
}

std::string came_to(const Outcome& outcome, const Contest& contest, const Tally& tally, const Rule& rule) {
  const std::string votes = whole_votes(outcome.slack);
  switch (outcome.verdict) {
    case Verdict::winner:
      return fmt::format("{} won{}, by {} to spare", names_of(outcome, contest),
                         rule.otherwise == Verdict::runoff ? " without a runoff" : "", votes);
    case Verdict::runoff:
      return fmt::format("{} go to a runoff: {} lacked {} for a win without one", names_of(outcome, contest),
                         name_of(contest, ranking(tally).front()), votes);
    case Verdict::adopted:
      return fmt::format("the proposal was adopted, by {} to spare", votes);
    case Verdict::rejected:
      return fmt::format("the proposal was rejected: it lacked {}", votes);
    case Verdict::tie:
      return fmt::format("{} are tied", names_of(outcome, contest));
    case Verdict::none:
      break;
  }
  return fmt::format("nobody was elected: {} lacked {}", name_of(contest, ranking(tally).front()), votes);
}

std::string does(const Outcome& becomes, const Contest& contest, const Rule& rule) {
  const std::string votes = whole_votes(becomes.slack);
  switch (becomes.verdict) {
    case Verdict::winner:
      return fmt::format("lets {} win{}, by {}", names_of(becomes, contest),
                         rule.otherwise == Verdict::runoff ? " without a runoff" : "", votes);
    case Verdict::runoff:
      return fmt::format("forces a runoff, by {}", votes);
    case Verdict::adopted:
      return fmt::format("makes it adopted, by {}", votes);
    case Verdict::rejected:
      return fmt::format("makes it rejected, by {}", votes);
    case Verdict::tie:
      return fmt::format("leaves {} tied", names_of(becomes, contest));
    case Verdict::none:
      break;
  }
  return fmt::format("leaves nobody elected, by {}", votes);
}

std::string capitalised(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z') text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return text;
}

}  // namespace cotejo

#include "cotejo/methods/support/set_aside.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/support.hpp"
#include "cotejo/vote/stakes.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

SetAsideVotes set_aside_of(const Count& count, const Rule* rule) {
  SetAsideVotes out;
  const auto rows_aside = rows_set_aside(count);
  out.rows = static_cast<std::int64_t>(rows_aside.size());
  out.options.resize(count.options());
  if (out.rows == 0) return out;
  for (const auto* row : rows_aside) {
    if (row->votes.size() != count.options()) {
      ++out.rows_unknown;
      continue;
    }
    bool holds = false;
    for (std::size_t option = 0; option < count.options(); ++option) {
      const auto& votes = row->votes[option];
      out.options[option].least += votes.least;
      out.options[option].most += votes.most;
      out.votes.least += votes.least;
      out.votes.most += votes.most;
      holds = holds || votes.most > 0;
    }
    out.rows_with_votes += holds;
  }
  if (out.rows_unknown > 0) {
    const auto valid = valid_of_units(count);
    const auto largest = valid.empty() ? std::int64_t{0} : *std::max_element(valid.begin(), valid.end());
    for (auto& option : out.options) option.most += out.rows_unknown * largest;
    out.votes.most += out.rows_unknown * largest;
    out.rows_with_votes += out.rows_unknown;
  }
  static const Rule plurality = Rule::plurality();
  const Rule& judge = rule != nullptr && validate(*rule, count) ? *rule : plurality;
  out.rule = judge.title;
  if (out.votes.most > 0)
    out.could_decide = count.units() == 0 || could_decide(judge, count.contest, tally(count), out.options);
  const auto rows = static_cast<double>(count.units()) + static_cast<double>(out.rows);
  out.needs_reason = out.could_decide || static_cast<double>(out.rows_with_votes) > most_set_aside * rows;
  return out;
}

Text describe(const SetAsideVotes& votes, const Count& count) {
  return Message{
      "support.set_aside",
      {{"rows", votes.rows}, {"count", count.id.text}, {"least", votes.votes.least}, {"most", votes.votes.most}}};
}

Result<void> accept_set_aside(Count& count, const Rule* rule, const std::string& reason) {
  const auto rows_aside = rows_set_aside(count);
  if (rows_aside.empty()) return {};
  count.set_aside_accepted = std::string(trimmed(reason));
  if (!count.set_aside_accepted.empty()) return {};
  const auto votes = set_aside_of(count, rule);
  if (!votes.needs_reason) return {};
  const auto& first = *rows_aside.front();
  return Error{
      .code = ErrorCode::conflict,
      .message = fmt::format("{}{}. The first: {}", describe(votes, count),
                             votes.could_decide
                                 ? fmt::format(", which could decide the outcome under the rule \"{}\"", votes.rule)
                                 : "; that is more than 1 % of the rows",
                             first.reason),
      .file = first.file,
      .row = first.row,
      .column = first.column,
      .value = first.value,
      .remedy =
          "Correct the profile so that the rows are read, or give the reason for which the count is "
          "taken without them (--accept-set-aside REASON, or `accept_set_aside` of the plan's "
          "[[input]])."};
}

void show_set_aside(Finding& finding, const Count& count, const Rule* rule) {
  const auto votes = set_aside_of(count, rule);
  const std::string sha256 = input_of(count).sha256;
  bool is_input = false;
  for (auto& input : finding.inputs)
    if (input.kind == "count" && input.id == count.id.text && input.sha256 == sha256) {
      input.set_aside = votes.summary();
      is_input = true;
    }
  if (is_input && !count.set_aside_accepted.empty())
    finding.caveats.push_back(
        Message{"support.set_aside.accepted", {{"count", count.id.text}, {"reason", count.set_aside_accepted}}});
  if (is_input && votes.could_decide) {
    const Argument what = argument(describe(votes, count));
    finding.headline.append(Message{"support.set_aside.decides", {{"what", what}}});
    if (!finding.in_short.empty())
      finding.in_short.push_back(Message{"support.set_aside.decides_in_short", {{"what", what}}});
  }
}

}  // namespace cotejo

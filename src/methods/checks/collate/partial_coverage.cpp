#include "partial_coverage.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"

namespace cotejo {

namespace {

struct Compared {
  std::string id, name;
  std::int64_t part = 0, total = 0;
  std::int64_t excess() const { return part > total ? part - total : 0; }
};

std::vector<Compared> shared_options(Finding& finding, const Count& part, const Count& totals) {
  const Tally of_part = tally(part), of_totals = tally(totals);
  std::vector<Compared> out;
  std::vector<std::string> alone;
  for (std::size_t i = 0; i < part.options(); ++i) {
    const auto& option = part.contest.options[i];
    const int j = totals.contest.index_of(option.id);
    if (j < 0)
      alone.push_back(option.id.text);
    else
      out.push_back({option.id.text, option.name, of_part.options[i], of_totals.options[static_cast<std::size_t>(j)]});
  }
  for (const auto& option : totals.contest.options)
    if (part.contest.index_of(option.id) < 0) alone.push_back(option.id.text);
  if (!alone.empty())
    finding.conditions.push_back(
        {fmt::format("Both counts have the same options (only one of them has: {})", fmt::join(alone, ", ")), false});
  if (of_part.valid > 0 && of_totals.valid > 0) out.push_back({"valid", "valid", of_part.valid, of_totals.valid});
  return out;
}

}  // namespace

void compare_with_totals(Finding& finding, const Count& part, const Count& totals, const Rule* rule) {
  const auto compared = shared_options(finding, part, totals);
  Table bounds{.id = "bounds",
               .title = "What the units hold, what the totals say, and what units that are missing would have to hold",
               .columns = {{"option"},
                           {"in_units", "votes", fmt::format("summed over the units of {}", part.id.text)},
                           {"in_totals", "votes", fmt::format("as {} has them", totals.id.text)},
                           {"missing_would_hold", "votes", "in_totals - in_units; negative: no completion can give it"},
                           {"impossible", "votes", "in_units - in_totals where that is above 0"}},
               .rows = {}};
  std::int64_t impossible = 0;
  std::vector<std::string> contradictions, needed;
  for (const auto& c : compared) {
    bounds.rows.push_back({c.id, c.part, c.total, c.total - c.part, c.excess()});
    if (c.id == "valid") continue;
    impossible += c.excess();
    if (c.excess() > 0)
      contradictions.push_back(fmt::format("{} ({})", c.name, with_thousands(c.excess())));
    else if (c.total > c.part)
      needed.push_back(fmt::format("{} ({})", c.name, with_thousands(c.total - c.part)));
    finding.estimates.push_back({"missing_" + c.id, static_cast<double>(c.total - c.part), "votes",
                                 "what units that are missing would have to hold; negative: no completion can give it"});
  }
  finding.estimates.insert(
      finding.estimates.begin(),
      {"impossible_votes", static_cast<double>(impossible), "votes",
       "votes in the units beyond the totals, summed over the options: no content of missing units can repair them"});
  finding.tables.push_back(std::move(bounds));
  finding.conditions.push_back({"The two counts share units, so that they can be compared unit by unit", false});
  const std::string lacking = needed.empty() ? "" : fmt::format(" Units that are missing would have to hold, in votes: {}.", fmt::join(needed, ", "));
  if (impossible > 0) {
    finding.answer = Answer::no;
    finding.headline = fmt::format(
        "The {} of {} alone hold more votes than {} has in all, for {}: no content of missing units can give those "
        "totals.{}",
        counted(part.units(), "unit"), part.id.text, totals.id.text, fmt::join(contradictions, ", "), lacking);
  } else {
    finding.answer = Answer::undetermined;
    finding.headline = fmt::format("Undetermined: the {} of {} do not contradict the totals of {}.{}",
                                   counted(part.units(), "unit"), part.id.text, totals.id.text, lacking);
  }
  if (rule != nullptr && validate(*rule, totals))
    hold_against_rule(finding, *rule, totals.contest, tally(totals),
                      {.mechanism = Mechanism::unknown,
                       .votes = static_cast<double>(impossible),
                       .what = "votes in the units beyond the totals"});
  finding.does_not_show = {"Which of the two counts is right.", "What the missing units hold."};
}

}  // namespace cotejo

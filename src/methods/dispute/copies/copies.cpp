#include "cotejo/methods/dispute/copies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/methods/support/at_stake.hpp"
#include "cotejo/stats/hypergeometric.hpp"

namespace cotejo {

namespace {

// The copies beside the official figures.
struct Checked {
  std::int64_t copies = 0, discrepancies = 0, unknown_units = 0;
  std::vector<std::int64_t> net{};  // copy - official, per option of the official count, over the copies
  Table differences{.id = "differences",
                    .title = "Copies that differ from the official figure",
                    .columns = {{"unit"}, {"option"}, {"copy", "votes"}, {"official", "votes"}, {"difference", "votes"}},
                    .rows = {}};
};

// The options that both counts have: official index, index in the copies.
std::vector<std::pair<std::size_t, std::size_t>> shared_options(const Count& official, const Count& copies) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t o = 0; o < official.options(); ++o)
    if (const int c = copies.contest.index_of(official.contest.options[o].id); c >= 0)
      out.emplace_back(o, static_cast<std::size_t>(c));
  return out;
}

Result<Checked> check(const Count& official, const Count& copies, std::size_t limit) {
  const auto options = shared_options(official, copies);
  if (options.empty()) return needs("an option that the count and the copies share", "Give the options the same ids.");
  Checked out;
  out.net.assign(official.options(), 0);
  const UnitLookup lookup(official);
  for (UnitIndex c = 0; c < copies.units(); ++c) {
    const auto unit = lookup.find(copies.unit_keys[c]);
    if (!unit) {
      ++out.unknown_units;
      continue;
    }
    ++out.copies;
    bool differs = false;
    for (const auto& [o, k] : options) {
      const std::int32_t theirs = copies.vote(k, c), ours = official.vote(o, *unit);
      if (theirs == missing || ours == missing || theirs == ours) continue;
      differs = true;
      out.net[o] += std::int64_t{theirs} - ours;
      if (out.differences.rows.size() < limit)
        out.differences.rows.push_back({std::string(copies.unit_keys[c]), official.contest.options[o].id.text,
                                        std::int64_t{theirs}, std::int64_t{ours}, std::int64_t{theirs} - ours});
    }
    out.discrepancies += differs;
  }
  if (out.copies == 0)
    return needs("copies of units that the count has",
                 fmt::format("None of the {} unit keys of '{}' is in '{}'.", copies.units(), copies.id.text,
                             official.id.text));
  return out;
}

// The most votes of one option that so many units hold.
std::int64_t votes_in_largest(const Count& count, std::size_t option, std::int64_t units) {
  std::vector<std::int32_t> votes(count.option(option).begin(), count.option(option).end());
  for (auto& v : votes) v = std::max(v, 0);
  const auto middle = votes.begin() + std::min<std::ptrdiff_t>(units, static_cast<std::ptrdiff_t>(votes.size()));
  std::partial_sort(votes.begin(), middle, votes.end(), std::greater<>());
  return std::accumulate(votes.begin(), middle, std::int64_t{0});
}

// How many copies without a discrepancy rule out a share.
std::int64_t copies_needed(std::int64_t units, std::int64_t altered, double alpha) {
  std::int64_t low = 1, high = units;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (hypergeometric_cdf(0, units, altered, middle) <= alpha)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

Table needed_table(std::int64_t units, double alpha) {
  Table out{.id = "copies_needed",
            .title = "How many random copies without a discrepancy rule out a share of altered units",
            .columns = {{"altered_percent", "%"}, {"altered_units", "units"}, {"copies", "copies"}},
            .rows = {}};
  for (const double percent : {0.1, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    const auto altered = static_cast<std::int64_t>(std::ceil(percent / 100 * static_cast<double>(units)));
    if (altered > 0 && altered < units) out.rows.push_back({percent, altered, copies_needed(units, altered, alpha)});
  }
  return out;
}

Result<Checked> what_was_checked(const Count& count, const CopiesRequest& request) {
  if (request.others.size() > 1)
    return Error{.code = ErrorCode::usage,
                 .message = fmt::format("copies takes one count of copies, {} are given", request.others.size()),
                 .remedy = "Import all copies as one count, and give --against once."};
  if (!request.others.empty()) return check(count, *request.others[0], static_cast<std::size_t>(request.list_limit));
  if (request.copies == 0)
    return needs("copies",
                 "Name a count of copies with --against, or give their number with options copies and discrepancies.");
  Checked out;
  out.copies = request.copies;
  out.discrepancies = request.discrepancies;
  if (out.copies > static_cast<std::int64_t>(count.units()))
    return Error{.code = ErrorCode::option_invalid,
                 .message = "there are more copies than units",
                 .column = "copies",
                 .value = std::to_string(out.copies),
                 .remedy = fmt::format("'{}' has {}.", count.id.text, counted(count.units(), "unit"))};
  if (out.discrepancies > out.copies)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "there are more discrepancies than copies",
                 .column = "discrepancies",
                 .value = std::to_string(out.discrepancies),
                 .remedy = fmt::format("At most {}.", out.copies)};
  return out;
}

}  // namespace

const OptionTable<CopiesRequest>& CopiesRequest::table() {
  static const OptionTable<CopiesRequest> options = [] {
    OptionTable<CopiesRequest> t;
    t.add(&CopiesRequest::copies, {.name = "copies",
                                   .unit = "copies",
                                   .text = "How many copies were checked, where they are not given as a count.",
                                   .low = 0,
                                   .high = 1e9});
    t.add(&CopiesRequest::discrepancies, {.name = "discrepancies",
                                          .unit = "copies",
                                          .text = "How many of them differ from the official figure.",
                                          .low = 0,
                                          .high = 1e9});
    t.add(&CopiesRequest::drawn, {.name = "drawn",
                                  .unit = "",
                                  .text = "How the checked units were chosen: at random, or not known.",
                                  .choices = {"unknown", "at-random"}});
    t.add(&CopiesRequest::confidence,
          {.name = "confidence", .unit = "share 0..1", .text = "Of each bound.", .low = .5, .high = .9999});
    t.add(&CopiesRequest::list_limit, {.name = "list_limit",
                                       .unit = "rows",
                                       .text = "How many differences the table lists; all are counted.",
                                       .low = 0,
                                       .high = 1e7});
    return t;
  }();
  return options;
}

Result<Finding> run(const Count& count, const CopiesRequest& request, const Context& context) {
  const auto units = static_cast<std::int64_t>(count.units());
  if (units == 0) return needs("at least one unit", "Import a count that has returns.");
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  COTEJO_TRY(checked, what_was_checked(count, request));
  const double alpha = 1 - request.confidence;
  const MarkedBounds bounds = marked_bounds(units, checked.copies, checked.discrepancies, alpha);
  const bool random = request.drawn == "at-random";
  const auto of_units = [&](std::int64_t n) { return 100 * static_cast<double>(n) / static_cast<double>(units); };

  Finding finding = open_finding(CopiesRequest::info(), count, context);
  for (const Count* other : request.others) add_input(finding, *other);
  const auto order = ranking(tally(count));
  const std::int64_t votes = votes_in_largest(count, order[0], bounds.most);
  finding.estimates = {
      {"copies", static_cast<double>(checked.copies), "copies", "copies of units that the count has"},
      {"discrepancies", static_cast<double>(checked.discrepancies), "copies", "that differ from the official figure"},
      {"altered_percent", of_units(checked.discrepancies) * static_cast<double>(units) /
                              static_cast<double>(checked.copies),
       "% of units", "the share of copies that differ; bounds for all units, each at the level", of_units(bounds.least),
       of_units(bounds.most), request.confidence},
      {"altered_units_most", static_cast<double>(bounds.most), "units",
       "the most altered units that the copies do not rule out"},
      {"altered_units_least", static_cast<double>(bounds.least), "units",
       "the fewest altered units that the copies do not rule out"},
      {"votes_most", static_cast<double>(votes), "votes",
       fmt::format("all votes of {} in so many units, those where it has most: no alteration of so many units can have "
                   "made more",
                   count.contest.options[order[0]].id.text)}};
  for (std::size_t o = 0; o < checked.net.size(); ++o)
    finding.estimates.push_back({fmt::format("net_{}", count.contest.options[o].id.text),
                                 static_cast<double>(checked.net[o]), "votes",
                                 "copies less official figures, over the copies"});
  finding.tables = {needed_table(units, alpha)};
  if (!request.others.empty()) finding.tables.push_back(std::move(checked.differences));
  finding.conditions = {
      {fmt::format("The checked units are a random sample of all (option drawn = {}{})", request.drawn,
                   random ? "" : ": nobody has said so"),
       random},
      {fmt::format("Every copy is of a unit that the count has ({} are not)", checked.unknown_units),
       checked.unknown_units == 0}};
  finding.does_not_show = {
      "Anything where the copies are no random sample: agents who are absent where something is altered are none.",
      "That a copy is right: where it differs, either may be.",
      "What happened before the return was written: a copy of a return shows what it says, not how the votes were cast."};
  bool decisive = true;
  if (request.rule) {
    const auto hidden = [&](Mechanism mechanism) {
      return VotesInQuestion{.mechanism = mechanism,
                             .votes = static_cast<double>(votes),
                             .low = 0,
                             .high = static_cast<double>(votes),
                             .direction = {.from = order[0]},
                             .what = "what so many altered units can hide"};
    };
    const std::array entries{hidden(Mechanism::moved), hidden(Mechanism::withdrawn)};
    hold_against_rule(finding, *request.rule, count.contest, tally(count), entries);
    decisive = finding.at_stake->decisive;
    if (!random) finding.for_outcome = ForOutcome::unknown;
  }
  finding.answer = !random || !request.rule ? Answer::undetermined : decisive ? Answer::yes : Answer::no;
  if (random && !request.rule) finding.answer = Answer::descriptive;
  finding.headline = fmt::format(
      "{}{}, {} of them differ from the official figure: at most {} % of the {} are altered ({} confident), "
      "with at most {} of {}{}.",
      random ? "" : "If they are a random sample: ", counted(checked.copies, "copy", "copies"),
      with_thousands(checked.discrepancies), fixed(of_units(bounds.most), 2), counted(units, "unit"),
      fmt::format("{:g} %", 100 * request.confidence), counted(votes, "vote"), count.contest.options[order[0]].id.text,
      finding.at_stake && finding.at_stake->needed
          ? fmt::format(" against {} needed", with_thousands(std::llround(*finding.at_stake->needed)))
          : "");
  return finding;
}

}  // namespace cotejo

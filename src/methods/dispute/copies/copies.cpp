#include "cotejo/methods/dispute/copies.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "cotejo/base/plural.hpp"
#include "cotejo/stats/hypergeometric.hpp"

namespace cotejo {

namespace {

// The options that both counts have: official index, index in the copies.
std::vector<std::pair<std::size_t, std::size_t>> shared_options(const Count& official, const Count& copies) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (std::size_t o = 0; o < official.options(); ++o)
    if (const int c = copies.contest.index_of(official.contest.options[o].id); c >= 0)
      out.emplace_back(o, static_cast<std::size_t>(c));
  return out;
}

// The copies beside the official figures.
Result<void> check(CopiesResult& out, const Count& official, const Count& copies, std::size_t limit) {
  const auto options = shared_options(official, copies);
  if (options.empty()) return needs("an option that the count and the copies share", "Give the options the same ids.");
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
      if (out.differences.size() < limit) out.differences.push_back({c, o, theirs, ours});
    }
    out.discrepancies += differs;
  }
  if (out.copies == 0)
    return needs("copies of units that the count has", fmt::format("None of the {} unit keys of '{}' is in '{}'.",
                                                                   copies.units(), copies.id.text, official.id.text));
  return {};
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

std::vector<CopiesResult::Needed> needed_of(std::int64_t units, double alpha) {
  std::vector<CopiesResult::Needed> out;
  for (const double percent : {0.1, 0.5, 1.0, 2.0, 5.0, 10.0}) {
    const auto altered = static_cast<std::int64_t>(std::ceil(percent / 100 * static_cast<double>(units)));
    if (altered > 0 && altered < units) out.push_back({percent, altered, copies_needed(units, altered, alpha)});
  }
  return out;
}

Result<void> take_what_was_checked(CopiesResult& out, const Count& count, const CopiesRequest& request) {
  if (request.others.size() > 1)
    return Error{.code = ErrorCode::usage,
                 .message = fmt::format("copies takes one count of copies, {} are given", request.others.size()),
                 .remedy = "Import all copies as one count, and give --against once."};
  if (!request.others.empty())
    return check(out, count, *request.others[0], static_cast<std::size_t>(request.list_limit));
  if (request.copies == 0)
    return needs("copies",
                 "Name a count of copies with --against, or give their number with options copies and discrepancies.");
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
  return {};
}

}  // namespace

double CopiesResult::percent_of_units(std::int64_t altered) const {
  return 100 * static_cast<double>(altered) / static_cast<double>(counted.units);
}

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

Result<CopiesResult> compute(const Count& count, const CopiesRequest& request, const Context&) {
  const auto units = static_cast<std::int64_t>(count.units());
  if (units == 0) return needs("at least one unit", "Import a count that has returns.");
  if (request.rule) COTEJO_CHECK(validate(*request.rule, count));
  CopiesResult out;
  COTEJO_CHECK(take_what_was_checked(out, count, request));
  const double alpha = 1 - request.confidence;
  const MarkedBounds bounds = marked_bounds(units, out.copies, out.discrepancies, alpha);
  out.least = bounds.least;
  out.most = bounds.most;
  out.counted = tally(count);
  out.leader = ranking(out.counted)[0];
  out.votes_most = votes_in_largest(count, out.leader, out.most);
  out.needed = needed_of(units, alpha);
  return out;
}

}  // namespace cotejo

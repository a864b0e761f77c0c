#include "cotejo/methods/dispute/parallel_tally.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cotejo {

namespace {

using Pair = std::pair<std::size_t, std::size_t>;  // an option's index in the copies, and in what was proclaimed

std::vector<Pair> shared_options(const Count& copies, const Count& proclaimed) {
  std::vector<Pair> out;
  for (std::size_t o = 0; o < copies.options(); ++o)
    if (const int p = proclaimed.contest.index_of(copies.contest.options[o].id); p >= 0)
      out.emplace_back(o, static_cast<std::size_t>(p));
  return out;
}

// Unit by unit: what differs, and which proclaimed units have no copy.
void compare_units(const Count& copies, const Count& proclaimed, const std::vector<Pair>& options, std::size_t limit,
                   ParallelTally& out) {
  std::vector<bool> copied(proclaimed.units());
  const UnitLookup lookup(proclaimed);
  for (UnitIndex u = 0; u < copies.units(); ++u) {
    const auto unit = lookup.find(copies.unit_keys[u]);
    if (!unit) {
      ++out.unknown_units;
      continue;
    }
    copied[*unit] = true;
    bool differs = false;
    for (std::size_t i = 0; i < options.size(); ++i) {
      const std::int32_t theirs = copies.vote(options[i].first, u), official = proclaimed.vote(options[i].second, *unit);
      if (theirs == missing || official == missing || theirs == official) continue;
      differs = true;
      const std::int64_t difference = std::int64_t{official} - theirs;
      out.options[i].net += difference;
      out.impossible += std::abs(difference);
      if (out.differences.rows.size() < limit)
        out.differences.rows.push_back({std::string(copies.unit_keys[u]), out.options[i].id, std::int64_t{theirs},
                                        std::int64_t{official}, difference});
    }
    out.differing += differs;
  }
  std::vector<UnitIndex> without;
  for (UnitIndex u = 0; u < copied.size(); ++u)
    if (!copied[u]) without.push_back(u);
  out.units_missing = static_cast<std::int64_t>(without.size());
  if (!proclaimed.registered.empty()) out.voters_missing = tally(proclaimed, without).registered;
}

Error fewer_in_all(std::string_view option, std::int64_t in_all, std::int64_t copied, std::string_view what) {
  return {.code = ErrorCode::option_invalid,
          .message = fmt::format("there are fewer {} in all than in the copies", what),
          .column = std::string(option),
          .value = std::to_string(in_all),
          .remedy = fmt::format("The copies have {}.", copied)};
}

Result<void> missing_of_totals(const ParallelTallyRequest& request, const Tally& all, ParallelTally& out) {
  if (request.units_in_all > 0) {
    if (request.units_in_all < all.units)
      return fewer_in_all("units_in_all", request.units_in_all, all.units, "units");
    out.units_missing = request.units_in_all - all.units;
  }
  if (request.registered_in_all > 0 && all.registered > 0) {
    if (request.registered_in_all < all.registered)
      return fewer_in_all("registered_in_all", request.registered_in_all, all.registered, "registered voters");
    out.voters_missing = request.registered_in_all - all.registered;
  }
  return {};
}

// The copies with more valid votes, every one of them a ballot cast by a registered voter.
Tally completed(Tally tally, const std::vector<std::int64_t>& votes, std::int64_t voters) {
  for (std::size_t o = 0; o < votes.size(); ++o) {
    tally.options[o] += votes[o];
    tally.valid += votes[o];
    tally.cast += votes[o];
  }
  tally.registered += voters;
  return tally;
}

void complete(const Tally& all, ParallelTally& out) {
  const auto order = ranking(all);
  const std::int64_t voters = *out.voters_missing;
  std::vector<std::int64_t> votes(all.options.size());
  votes[order[0]] = voters;
  out.readings.push_back({"all-to-leader", completed(all, votes, voters)});
  if (order.size() < 2) return;
  votes[order[0]] = 0;
  votes[order[1]] = voters;
  out.readings.push_back({"all-to-runner-up", completed(all, votes, voters)});
  if (all.registered == 0) return;
  const double valid_per_voter = static_cast<double>(all.valid) / static_cast<double>(all.registered);
  const double valid = static_cast<double>(voters) * valid_per_voter;
  for (std::size_t o = 0; o < votes.size(); ++o)
    votes[o] = all.valid == 0 ? 0
                              : std::llround(valid * static_cast<double>(all.options[o]) / static_cast<double>(all.valid));
  out.readings.push_back({"equal-shares", completed(all, votes, voters)});
  const auto lead = static_cast<double>(all.options[order[0]] - all.options[order[1]]);
  if (valid > 0) out.needed_share_percent = 100 * (.5 + lead / (2 * valid));
}

}  // namespace

Result<ParallelTally> compute_parallel_tally(const Count& copies, const ParallelTallyRequest& request) {
  if (request.others.size() != 1)
    return needs("the proclaimed figures", "Name their count with --against, once.");
  if (copies.units() == 0) return needs("copies", "Import a count that has returns.");
  const Count& proclaimed = *request.others[0];
  const auto options = shared_options(copies, proclaimed);
  if (options.empty())
    return needs("an option that the copies and the proclaimed figures share", "Give the options the same ids.");
  ParallelTally out;
  out.by_unit = proclaimed.units() > 1 || copies.units() == 1;
  out.copies = static_cast<std::int64_t>(copies.units());
  const Tally all = tally(copies), official = tally(proclaimed);
  for (const auto& [o, p] : options)
    out.options.push_back({.id = copies.contest.options[o].id.text,
                           .copied = all.options[o],
                           .proclaimed = official.options[p],
                           .over = std::max<std::int64_t>(0, all.options[o] - official.options[p])});
  out.differences = {.id = "differences",
                     .title = "Units whose copy differs from the proclaimed figure",
                     .columns = {{"unit"}, {"option"}, {"copied", "votes"}, {"proclaimed", "votes"}, {"difference", "votes"}},
                     .rows = {}};
  if (out.by_unit) {
    compare_units(copies, proclaimed, options, static_cast<std::size_t>(request.list_limit), out);
    if (out.unknown_units == out.copies)
      return needs("copies of units that were proclaimed",
                   fmt::format("None of the {} unit keys of '{}' is in '{}'.", copies.units(), copies.id.text,
                               proclaimed.id.text));
  } else {
    COTEJO_CHECK(missing_of_totals(request, all, out));
    for (const auto& option : out.options) out.impossible += option.over;
  }
  if (out.voters_missing) {
    std::int64_t more = 0;
    for (const auto& option : out.options) more += std::max<std::int64_t>(0, option.proclaimed - option.copied);
    if (!out.by_unit) out.unreachable = std::max<std::int64_t>(0, more - *out.voters_missing);
  }
  out.readings.push_back({"copies-alone", all});
  Tally announced = all;
  std::fill(announced.options.begin(), announced.options.end(), 0);
  for (const auto& [o, p] : options) announced.options[o] = official.options[p];
  announced.valid = official.valid, announced.cast = official.cast, announced.registered = official.registered;
  announced.blank = official.blank, announced.null = official.null, announced.units = official.units;
  out.readings.push_back({"proclaimed", std::move(announced)});
  if (out.voters_missing) complete(all, out);
  return out;
}

}  // namespace cotejo

#include "cotejo/methods/dispute/grounds.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <span>

#include "../rule_rows.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t largest_table = std::int64_t{1} << 27;  // sums of 64 bits: 1 GiB

// Which objections name each unit.
Result<std::vector<GroundSet>> named_by(const Count& count, const std::vector<const Challenge*>& challenges) {
  std::vector<GroundSet> out(count.units());
  for (std::size_t g = 0; g < challenges.size(); ++g) {
    const bool twice = std::any_of(challenges.begin(), challenges.begin() + static_cast<std::ptrdiff_t>(g),
                                   [&](const Challenge* earlier) { return earlier->id == challenges[g]->id; });
    if (twice)
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the same objection is given twice",
                   .column = "challenge",
                   .value = challenges[g]->id.text,
                   .remedy = "Name each objection once."};
    COTEJO_TRY(units, resolve(*challenges[g], count));
    for (const UnitIndex unit : units) out[unit] |= GroundSet{1} << g;
  }
  return out;
}

// Sums over the units of each cell, then over every cell within a set: f[S + b] += f[S], bit after bit.
template <class T>
void sum_within(std::vector<T>& sums, std::size_t width, std::size_t grounds) {
  for (std::size_t g = 0; g < grounds; ++g) {
    const std::size_t half = width << g;
    for (std::size_t begin = 0; begin < sums.size(); begin += 2 * half)
      for (std::size_t i = begin; i < begin + half; ++i) sums[i + half] += sums[i];
  }
}

// The tally of each cell: the units that exactly these objections name.
void add_cells(const Count& count, const std::vector<GroundSet>& named, GroundsResult& out) {
  std::vector<UnitIndex> units;
  for (UnitIndex u = 0; u < named.size(); ++u)
    if (named[u] != 0) units.push_back(u);
  std::stable_sort(units.begin(), units.end(), [&](UnitIndex a, UnitIndex b) { return named[a] < named[b]; });
  for (auto begin = units.begin(); begin != units.end();) {
    const GroundSet cell = named[*begin];
    const auto end = std::find_if(begin, units.end(), [&](UnitIndex u) { return named[u] != cell; });
    const Tally there = tally(count, std::span(begin, end));
    write_row(there, &out.sums[cell * out.width]);
    out.units[cell] = there.units;
    if (std::has_single_bit(cell)) out.own[static_cast<std::size_t>(std::countr_zero(cell))] = there.units;
    begin = end;
  }
}

// One row after a set is struck.
void strike(const GroundsResult& result, std::size_t runner_up, GroundSet set, std::size_t reading,
            const std::int64_t* all, std::int64_t* row) {
  const GroundSet every = (GroundSet{1} << result.grounds) - 1;
  const std::int64_t* const named = &result.sums[every * result.width];
  const std::int64_t* const kept = &result.sums[(every ^ set) * result.width];
  std::copy(all, all + result.width, row);
  if (reading == 0) {
    for (std::size_t k = 0; k < result.width; ++k) row[k] -= named[k] - kept[k];
    return;
  }
  const RowLayout layout{result.width - 5};
  const std::int64_t votes = named[result.leader] - kept[result.leader];
  row[result.leader] -= votes;
  if (reading == 1) {
    row[layout.valid()] -= votes;
    row[layout.null()] += votes;
  }
  if (reading == 3) row[runner_up] += votes;
}

// The decisive sets none of whose smaller sets is decisive.
std::vector<GroundSet> minimal_sets(const std::vector<std::uint16_t>& outcome, std::size_t grounds) {
  std::vector<GroundSet> out;
  std::vector<bool> reached(outcome.size());  // the set or a smaller one is decisive
  for (GroundSet set = 0; set < outcome.size(); ++set) {
    bool below = false;
    for (std::size_t g = 0; g < grounds && !below; ++g)
      below = ((set >> g) & 1U) != 0 && reached[set ^ (GroundSet{1} << g)];
    reached[set] = below || outcome[set] != 0;
    if (!below && outcome[set] != 0) out.push_back(set);
  }
  std::stable_sort(out.begin(), out.end(), [](GroundSet a, GroundSet b) { return std::popcount(a) < std::popcount(b); });
  return out;
}

std::vector<double> shapley_values(const std::vector<double>& value, std::size_t grounds) {
  std::vector<double> weight(grounds, 1.0 / static_cast<double>(grounds));  // s! (n - s - 1)! / n!
  for (std::size_t s = 1; s < grounds; ++s) weight[s] = weight[s - 1] * static_cast<double>(s) / static_cast<double>(grounds - s);
  std::vector<double> out(grounds);
  for (std::size_t g = 0; g < grounds; ++g)
    for (GroundSet set = 0; set < value.size(); ++set)
      if (((set >> g) & 1U) == 0)
        out[g] += weight[static_cast<std::size_t>(std::popcount(set))] * (value[set | (GroundSet{1} << g)] - value[set]);
  return out;
}

}  // namespace

Tally GroundsResult::after(GroundSet set, std::string_view reading) const {
  const auto at = static_cast<std::size_t>(
      std::find(grounds_readings.begin(), grounds_readings.end(), reading) - grounds_readings.begin());
  std::vector<std::int64_t> whole(width), row(width);
  write_row(all, whole.data());
  const auto order = ranking(all);
  strike(*this, order.size() > 1 ? order[1] : order[0], set, at, whole.data(), row.data());
  Tally out = tally_of_row(all, row.data());
  if (at == 0) {
    const GroundSet every = (GroundSet{1} << grounds) - 1;
    out.units -= units[every] - units[every ^ set];
  }
  return out;
}

Result<GroundsResult> compute_grounds(const Count& count, const GroundsRequest& request, const Context& context) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  if (request.challenges.empty())
    return needs("an objection", "Name each with --challenge; `cotejo list CASE` shows those there are.");
  if (request.challenges.size() > most_grounds)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("at most {} objections can be combined", most_grounds),
                 .column = "challenge",
                 .value = std::to_string(request.challenges.size()),
                 .remedy = "Unite lists that stand or fall together into one objection."};
  COTEJO_CHECK(validate(*request.rule, count));
  COTEJO_TRY(named, named_by(count, request.challenges));

  GroundsResult out;
  out.grounds = request.challenges.size();
  const std::size_t sets = std::size_t{1} << out.grounds;
  const RowLayout layout{count.options()};
  out.width = layout.totals();
  if (static_cast<std::int64_t>(sets * out.width) > largest_table)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("the sums of {} sets with {} options do not fit into memory", sets,
                                        count.options()),
                 .column = "challenge",
                 .value = std::to_string(out.grounds),
                 .remedy = "Name fewer objections."};
  out.all = tally(count);
  const auto order = ranking(out.all);
  out.leader = order[0];
  const std::size_t runner_up = order.size() > 1 ? order[1] : order[0];
  out.sums.assign(sets * out.width, 0);
  out.units.assign(sets, 0);
  out.own.assign(out.grounds, 0);
  context.report("summing the units of each set of objections", 0);
  add_cells(count, named, out);
  sum_within(out.sums, out.width, out.grounds);
  sum_within(out.units, 1, out.grounds);

  const RuleRows forms(*request.rule, count.contest);
  std::vector<std::int64_t> whole(out.width);
  write_row(out.all, whole.data());
  out.outcomes = {apply(*request.rule, count.contest, out.all)};
  std::vector<std::pair<std::uint64_t, std::uint16_t>> known;  // few: the outcomes that sets lead to
  for (std::size_t r = 0; r < grounds_readings.size() - (order.size() > 1 ? 0 : 1); ++r) {
    GroundsReading reading{.name = grounds_readings[r], .outcome = {}, .loss = {}, .minimal = {}, .decisive = 0,
                           .shapley = {}};
    std::vector<std::uint64_t> codes(sets);
    std::vector<double> slack(sets);
    constexpr std::size_t block = 4096;
    const bool finished = parallel_for(
        context, (sets + block - 1) / block, fmt::format("applying the rule to every set, {}", reading.name),
        [&](std::size_t b) {
          std::vector<std::int64_t> row(layout.size());
          for (std::size_t set = b * block; set < std::min(sets, (b + 1) * block); ++set) {
            strike(out, runner_up, static_cast<GroundSet>(set), r, whole.data(), row.data());
            const auto judged = forms.judge(row.data(), out.leader);
            codes[set] = judged.outcome;
            slack[set] = judged.slack;
          }
        });
    if (!finished) return cancelled_error();
    reading.outcome.resize(sets);
    reading.loss.resize(sets);
    for (std::size_t set = 0; set < sets; ++set) {
      reading.loss[set] = slack[0] - slack[set];
      const auto found = std::find_if(known.begin(), known.end(), [&](const auto& k) { return k.first == codes[set]; });
      if (codes[set] != shared_place && found != known.end()) {
        reading.outcome[set] = found->second;
      } else {
        const Outcome outcome =
            apply(*request.rule, count.contest, out.after(static_cast<GroundSet>(set), reading.name));
        const auto same = std::find_if(out.outcomes.begin(), out.outcomes.end(),
                                       [&](const Outcome& other) { return other.same_as(outcome); });
        reading.outcome[set] = static_cast<std::uint16_t>(same - out.outcomes.begin());
        if (same == out.outcomes.end()) out.outcomes.push_back(outcome);
        if (codes[set] != shared_place) known.emplace_back(codes[set], reading.outcome[set]);
      }
      reading.decisive += reading.outcome[set] != 0;
    }
    reading.minimal = minimal_sets(reading.outcome, out.grounds);
    reading.shapley = shapley_values(reading.loss, out.grounds);
    out.readings.push_back(std::move(reading));
  }
  return out;
}

}  // namespace cotejo

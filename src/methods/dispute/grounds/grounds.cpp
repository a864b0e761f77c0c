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
  const GroundSet every = result.every();
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
  std::stable_sort(out.begin(), out.end(),
                   [](GroundSet a, GroundSet b) { return std::popcount(a) < std::popcount(b); });
  return out;
}

std::vector<double> shapley_values(const std::vector<double>& value, std::size_t grounds) {
  std::vector<double> weight(grounds, 1.0 / static_cast<double>(grounds));  // s! (n - s - 1)! / n!
  for (std::size_t s = 1; s < grounds; ++s)
    weight[s] = weight[s - 1] * static_cast<double>(s) / static_cast<double>(grounds - s);
  std::vector<double> out(grounds);
  for (std::size_t g = 0; g < grounds; ++g)
    for (GroundSet set = 0; set < value.size(); ++set)
      if (((set >> g) & 1U) == 0)
        out[g] +=
            weight[static_cast<std::size_t>(std::popcount(set))] * (value[set | (GroundSet{1} << g)] - value[set]);
  return out;
}

Result<void> check(const Count& count, const GroundsRequest& request) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  if (request.challenges.empty())
    return needs("an objection", "Name each with --challenge; `cotejo list CASE` shows those there are.");
  const std::size_t grounds = request.challenges.size();
  if (grounds > most_grounds)
    return Error{.code = ErrorCode::option_invalid,
                 .message = fmt::format("at most {} objections can be combined", most_grounds),
                 .column = "challenge",
                 .value = std::to_string(grounds),
                 .remedy = "Unite lists that stand or fall together into one objection."};
  return validate(*request.rule, count);
}

Result<void> check_memory(const Count& count, const GroundsResult& result) {
  if (result.sets() * static_cast<std::int64_t>(result.width) <= largest_table) return {};
  return Error{.code = ErrorCode::option_invalid,
               .message = fmt::format("the sums of {} sets with {} options do not fit into memory", result.sets(),
                                      count.options()),
               .column = "challenge",
               .value = std::to_string(result.grounds),
               .remedy = "Name fewer objections."};
}

// What the rule makes of each set under one reading: the outcome in one number, and the slack.
struct Judged {
  std::vector<std::uint64_t> codes;
  std::vector<double> slack;
};

// The rule applied to every set under one reading.
class Judge {
 public:
  Judge(const Rule& rule, const Contest& contest, const GroundsResult& result)
      : forms_(rule, contest), result_(result), layout_{contest.options.size()}, whole_(result.width) {
    write_row(result.all, whole_.data());
    const auto order = ranking(result.all);
    runner_up_ = order.size() > 1 ? order[1] : order[0];
  }

  Result<Judged> operator()(std::size_t reading, const Context& context) const {
    const auto sets = static_cast<std::size_t>(result_.sets());
    Judged out{std::vector<std::uint64_t>(sets), std::vector<double>(sets)};
    constexpr std::size_t block = 4096;
    const bool finished =
        parallel_for(context, (sets + block - 1) / block,
                     fmt::format("applying the rule to every set, {}", grounds_readings[reading]), [&](std::size_t b) {
                       std::vector<std::int64_t> row(layout_.size());
                       for (std::size_t set = b * block; set < std::min(sets, (b + 1) * block); ++set) {
                         strike(result_, runner_up_, static_cast<GroundSet>(set), reading, whole_.data(), row.data());
                         const auto judged = forms_.judge(row.data(), result_.leader);
                         out.codes[set] = judged.outcome;
                         out.slack[set] = judged.slack;
                       }
                     });
    if (!finished) return cancelled_error();
    return out;
  }

 private:
  RuleRows forms_;
  const GroundsResult& result_;
  RowLayout layout_;
  std::vector<std::int64_t> whole_;
  std::size_t runner_up_ = 0;
};

// The distinct outcomes of a result, found by their codes.
class Outcomes {
 public:
  Outcomes(const Rule& rule, const Contest& contest, GroundsResult& result)
      : rule_(rule), contest_(contest), result_(result) {}

  std::uint16_t index_of(std::uint64_t code, GroundSet set, std::string_view reading) {
    const auto found = std::find_if(known_.begin(), known_.end(), [&](const auto& k) { return k.first == code; });
    if (code != shared_place && found != known_.end()) return found->second;
    const Outcome outcome = apply(rule_, contest_, result_.after(set, reading));
    auto& all = result_.outcomes;
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const Outcome& other) { return other.same_as(outcome); });
    const auto index = static_cast<std::uint16_t>(same - all.begin());
    if (same == all.end()) all.push_back(outcome);
    if (code != shared_place) known_.emplace_back(code, index);
    return index;
  }

 private:
  const Rule& rule_;
  const Contest& contest_;
  GroundsResult& result_;
  std::vector<std::pair<std::uint64_t, std::uint16_t>> known_;  // few: the outcomes that sets lead to
};

GroundsReading reading_of(std::size_t reading, const Judged& judged, Outcomes& outcomes, std::size_t grounds) {
  const std::size_t sets = judged.codes.size();
  GroundsReading out{
      .name = grounds_readings[reading], .outcome = {}, .loss = {}, .minimal = {}, .decisive = 0, .shapley = {}};
  out.outcome.resize(sets);
  out.loss.resize(sets);
  for (std::size_t set = 0; set < sets; ++set) {
    out.loss[set] = judged.slack[0] - judged.slack[set];
    out.outcome[set] = outcomes.index_of(judged.codes[set], static_cast<GroundSet>(set), out.name);
    out.decisive += out.outcome[set] != 0;
  }
  out.minimal = minimal_sets(out.outcome, grounds);
  out.shapley = shapley_values(out.loss, grounds);
  return out;
}

}  // namespace

Tally GroundsResult::after(GroundSet set, std::string_view reading) const {
  const auto at = static_cast<std::size_t>(std::find(grounds_readings.begin(), grounds_readings.end(), reading) -
                                           grounds_readings.begin());
  std::vector<std::int64_t> whole(width), row(width);
  write_row(all, whole.data());
  const auto order = ranking(all);
  strike(*this, order.size() > 1 ? order[1] : order[0], set, at, whole.data(), row.data());
  Tally out = tally_of_row(all, row.data());
  if (at == 0) out.units -= units_struck(set);
  return out;
}

const GroundsReading& GroundsResult::most_decisive() const {
  return *std::max_element(readings.begin(), readings.end(),
                           [](const auto& a, const auto& b) { return a.decisive < b.decisive; });
}

double GroundsResult::slack(GroundSet set, const GroundsReading& reading) const {
  return reading.loss[0] - reading.loss[set] + outcomes[0].slack.value();
}

bool GroundsResult::stands() const {
  return most_decisive().decisive == 0;
}

bool GroundsResult::falls() const {
  return std::all_of(readings.begin(), readings.end(),
                     [&](const auto& reading) { return reading.decisive == sets() - 1; });
}

const OptionTable<GroundsRequest>& GroundsRequest::table() {
  static const OptionTable<GroundsRequest> options = [] {
    OptionTable<GroundsRequest> t;
    t.add(&GroundsRequest::trigger_percent,
          {.name = "trigger_percent",
           .unit = "% of units",
           .text = "The share of units struck at which the law annuls the election; 0: there is none.",
           .low = 0,
           .high = 100});
    t.add(&GroundsRequest::list_limit, {.name = "list_limit",
                                        .unit = "rows",
                                        .text = "How many rows the tables of sets have; all sets are counted.",
                                        .low = 0,
                                        .high = 1e7});
    return t;
  }();
  return options;
}

Result<GroundsResult> compute(const Count& count, const GroundsRequest& request, const Context& context) {
  COTEJO_CHECK(check(count, request));
  COTEJO_TRY(named, named_by(count, request.challenges));
  GroundsResult out;
  out.grounds = request.challenges.size();
  out.width = RowLayout{count.options()}.totals();
  COTEJO_CHECK(check_memory(count, out));
  const auto sets = static_cast<std::size_t>(out.sets());
  out.all = tally(count);
  out.leader = ranking(out.all)[0];
  out.sums.assign(sets * out.width, 0);
  out.units.assign(sets, 0);
  out.own.assign(out.grounds, 0);
  context.report("summing the units of each set of objections", 0);
  add_cells(count, named, out);
  sum_within(out.sums, out.width, out.grounds);
  sum_within(out.units, 1, out.grounds);

  out.outcomes = {apply(*request.rule, count.contest, out.all)};
  const Judge judge(*request.rule, count.contest, out);
  Outcomes outcomes(*request.rule, count.contest, out);
  const std::size_t readings = grounds_readings.size() - (count.options() > 1 ? 0 : 1);
  for (std::size_t r = 0; r < readings; ++r) {
    COTEJO_TRY(judged, judge(r, context));
    out.readings.push_back(reading_of(r, judged, outcomes, out.grounds));
  }
  return out;
}

}  // namespace cotejo

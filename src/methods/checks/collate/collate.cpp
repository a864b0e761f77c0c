#include "cotejo/methods/checks/collate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <span>

#include "cotejo/base/units.hpp"
#include "cotejo/stats/sign_test.hpp"
#include "partial_coverage.hpp"

namespace cotejo {

namespace {

struct SharedColumn {
  std::string name;
  std::span<const std::int32_t> first, second;
  bool is_option = false;
};

std::vector<SharedColumn> shared_columns(const Count& first, const Count& second) {
  std::vector<SharedColumn> out;
  for (std::size_t i = 0; i < first.options(); ++i) {
    const int j = second.contest.index_of(first.contest.options[i].id);
    if (j >= 0)
      out.push_back(
          {first.contest.options[i].id.text, first.option(i), second.option(static_cast<std::size_t>(j)), true});
  }
  for (const char* name : {"registered", "cast", "valid", "blank", "null"})
    if (!first.column(name).empty() && !second.column(name).empty())
      out.push_back({name, first.column(name), second.column(name)});
  return out;
}

// How many of B random sign patterns give a sum at least as far from 0 as the one observed. The same for any thread
// count: each replicate has its own stream.
std::int64_t as_extreme(const std::vector<std::int64_t>& change, std::int64_t observed, std::int64_t replicates,
                        const Context& context, bool& finished) {
  std::vector<char> extreme(static_cast<std::size_t>(replicates));
  finished = parallel_for(context, extreme.size(), "permutation of signs", [&](std::size_t replicate) {
    Stream stream(context.seed, Purpose::permutation_test, replicate);
    std::int64_t sum = 0;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < change.size(); ++i) {
      if (i % 64 == 0) bits = stream();
      sum += bits & 1 ? change[i] : -change[i];
      bits >>= 1;
    }
    extreme[replicate] = std::abs(sum) >= std::abs(observed);
  });
  return std::count(extreme.begin(), extreme.end(), 1);
}

using Pairs = std::vector<std::pair<UnitIndex, UnitIndex>>;  // a unit of the first count, and the same of the second

Pairs match(const Count& first, const Count& second, CollateResult& out) {
  const UnitLookup lookup(second);
  Pairs both;
  std::vector<bool> matched(second.units());
  for (UnitIndex unit = 0; unit < first.units(); ++unit) {
    if (const auto other = lookup.find(first.unit_keys[unit])) {
      both.emplace_back(unit, *other);
      matched[*other] = true;
    } else {
      out.only_first.push_back(unit);
    }
  }
  for (UnitIndex unit = 0; unit < second.units(); ++unit)
    if (!matched[unit]) out.only_second.push_back(unit);
  out.units_in_both = static_cast<std::int64_t>(both.size());
  out.votes_only_first = tally(first, out.only_first).valid;
  out.votes_only_second = tally(second, out.only_second).valid;
  return both;
}

std::optional<std::int64_t> known(std::int32_t value) {
  return value == missing ? std::nullopt : std::optional(std::int64_t{value});
}

// Every field that differs, unit by unit.
void compare_fields(const std::vector<SharedColumn>& columns, const Pairs& both, std::int64_t list_limit,
                    CollateResult& out) {
  for (const auto& column : columns) out.fields.push_back({.name = column.name, .is_option = column.is_option});
  for (const auto& [a, b] : both) {
    bool differs = false;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const std::int32_t x = columns[c].first[a], y = columns[c].second[b];
      if (x == y) continue;
      differs = true;
      const std::int64_t change = known(y).value_or(0) - known(x).value_or(0);
      CollateResult::Field& field = out.fields[c];
      ++field.differing;
      field.up += change > 0;
      field.down += change < 0;
      field.net += change;
      field.gross += std::abs(change);
      if (++out.cells_differing <= list_limit) out.differences.push_back({a, c, known(x), known(y)});
    }
    out.units_differing += differs;
  }
}

// The second count's options that the first has too, most votes first; and each one's index in the first.
std::vector<std::pair<std::size_t, std::size_t>> shared_options(const Count& first, const Count& second) {
  std::vector<std::pair<std::size_t, std::size_t>> out;
  for (const auto option : ranking(tally(second)))
    if (const int i = first.contest.index_of(second.contest.options[option].id); i >= 0)
      out.emplace_back(option, static_cast<std::size_t>(i));
  return out;
}

// The margin of the units that both have, as each count tells it; what is returned is the change of M - C in the units
// where it is not 0.
std::vector<std::int64_t> compare_margins(const Count& first, const Count& second, const Pairs& both,
                                          CollateResult& out) {
  const auto options = shared_options(first, second);
  const auto leader = options[0];
  const auto rival = options.size() > 1 ? std::optional(options[1]) : std::nullopt;
  out.leader = leader.first;
  std::vector<std::int64_t> change;
  std::vector<UnitIndex> in_first, in_second;
  const auto change_of = [&](const auto& option, UnitIndex a, UnitIndex b) {
    return known(second.vote(option.first, b)).value_or(0) - known(first.vote(option.second, a)).value_or(0);
  };
  for (const auto& [a, b] : both) {
    in_first.push_back(a);
    in_second.push_back(b);
    const std::int64_t d = change_of(leader, a, b) - (rival ? change_of(*rival, a, b) : 0);
    if (d == 0) continue;
    change.push_back(d);
    out.net += d;
    (d > 0 ? out.toward : out.away) += 1;
  }
  const auto points = [](std::int64_t m, std::int64_t c, const Tally& t) {
    return percent_of(static_cast<double>(m - c), static_cast<double>(t.valid)).value;
  };
  const Tally of_first = tally(first, in_first), of_second = tally(second, in_second);
  out.margin_first_points =
      points(of_first.options[leader.second], rival ? of_first.options[rival->second] : 0, of_first);
  out.margin_second_points =
      points(of_second.options[leader.first], rival ? of_second.options[rival->first] : 0, of_second);
  return change;
}

// Units whose place has another name on a level that both counts have.
std::int64_t renamed(const Count& first, const Count& second, const Pairs& both) {
  std::vector<std::pair<std::vector<PlaceIndex>, std::vector<PlaceIndex>>> levels;
  for (const auto& level : first.hierarchy.levels())
    if (second.hierarchy.level_index(level) >= 0)
      levels.emplace_back(places_on_level(first, level), places_on_level(second, level));
  const auto differs = [&](UnitIndex a, UnitIndex b) {
    return std::any_of(levels.begin(), levels.end(), [&](const auto& level) {
      const PlaceIndex p = level.first[a], q = level.second[b];
      return (p == no_place) != (q == no_place) ||
             (p != no_place && first.hierarchy[p].name != second.hierarchy[q].name);
    });
  };
  return std::count_if(both.begin(), both.end(), [&](const auto& pair) { return differs(pair.first, pair.second); });
}

Result<void> test_changes(const std::vector<std::int64_t>& change, const CollateRequest& request,
                          const Context& context, CollateResult& out) {
  if (change.empty()) return {};
  bool finished = true;
  const auto extreme = as_extreme(change, out.net, request.replicates, context, finished);
  if (!finished) return cancelled_error();
  out.p_permutation = static_cast<double>(1 + extreme) / static_cast<double>(request.replicates + 1);
  out.p_sign = sign_test_p(out.toward, out.away);
  return {};
}

}  // namespace

const OptionTable<CollateRequest>& CollateRequest::table() {
  static const OptionTable<CollateRequest> options = [] {
    OptionTable<CollateRequest> t;
    t.add(&CollateRequest::replicates, {.name = "replicates",
                                        .unit = "sign patterns",
                                        .text = "How many random sign patterns the permutation test draws.",
                                        .low = 99,
                                        .high = 1e6});
    t.add(&CollateRequest::list_limit, {.name = "list_limit",
                                        .unit = "rows",
                                        .text = "How many differences the table lists; all are counted.",
                                        .low = 0,
                                        .high = 1e7});
    return t;
  }();
  return options;
}

Result<CollateResult> compute(const Count& first, const CollateRequest& request, const Context& context) {
  if (!request.other)
    return needs("a second count", "Name it with --against; `cotejo list CASE` shows those there are.");
  const Count& second = *request.other;
  const auto columns = shared_columns(first, second);
  if (std::none_of(columns.begin(), columns.end(), [](const SharedColumn& c) { return c.is_option; }))
    return needs("an option that both counts have",
                 fmt::format("Give the options of '{}' and '{}' the same ids in their profiles.", first.id.text,
                             second.id.text));
  CollateResult out;
  const Pairs both = match(first, second, out);
  if (both.empty() && (first.units() == 1) != (second.units() == 1)) {
    const bool second_is_totals = second.units() == 1;
    out.with_totals = compare_with_totals(second_is_totals ? first : second, second_is_totals ? second : first);
    out.with_totals->second_is_totals = second_is_totals;
    return out;
  }
  if (both.empty())
    return needs("units that both counts have",
                 fmt::format("'{}' and '{}' share no unit key; check [unit] key in their profiles.", first.id.text,
                             second.id.text));
  compare_fields(columns, both, request.list_limit, out);
  const auto change = compare_margins(first, second, both, out);
  if (!first.unit_place.empty() && !second.unit_place.empty()) out.units_place_differs = renamed(first, second, both);
  COTEJO_CHECK(test_changes(change, request, context, out));
  if (request.rule) COTEJO_CHECK(validate(*request.rule, second));
  return out;
}

}  // namespace cotejo

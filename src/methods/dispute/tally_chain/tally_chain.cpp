#include "cotejo/methods/dispute/tally_chain.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "../sheet_places.hpp"
#include "cotejo/methods/support/naming.hpp"
#include "cotejo/vote/stakes.hpp"

namespace cotejo {

namespace {

// Fields beside the options, in the order in which a row of values holds them; `valid` is no field that is compared: it
// follows from the options, or is printed.
constexpr std::array<std::string_view, 4> fields = {"registered", "cast", "blank", "null"};
constexpr std::int64_t none = no_sheet;

// Values by position: the options, then `fields`, then valid.
struct Values {
  std::size_t width;
  std::vector<std::int64_t> cells;
  std::span<std::int64_t> at(std::size_t p) { return std::span(cells).subspan(p * width, width); }
  std::span<const std::int64_t> at(std::size_t p) const { return std::span(cells).subspan(p * width, width); }
};

Values values_of_units(const Count& count) {
  const std::size_t m = count.options();
  Values out{m + fields.size() + 1, std::vector<std::int64_t>(count.units() * (m + fields.size() + 1))};
  const auto valid = valid_of_units(count), cast = cast_of_units(count);
  for (UnitIndex u = 0; u < count.units(); ++u) {
    const auto row = out.at(u);
    for (std::size_t o = 0; o < m; ++o) row[o] = votes_of(count, o, u);
    for (std::size_t f = 0; f < fields.size(); ++f) {
      const auto column = count.column(fields[f]);
      if (!column.empty() && column[u] != missing) row[m + f] = column[u];
    }
    row[m + 1] = cast[u];
    row[m + fields.size()] = valid[u];
  }
  return out;
}

Tally sum_of(const Values& values, std::size_t m, std::int64_t units) {
  Tally out{.options = std::vector<std::int64_t>(m), .units = units};
  for (std::size_t p = 0; p * values.width < values.cells.size(); ++p) {
    const auto row = values.at(p);
    for (std::size_t o = 0; o < m; ++o) out.options[o] += row[o];
    out.registered += row[m], out.cast += row[m + 1], out.blank += row[m + 2], out.null += row[m + 3];
    out.valid += row[m + fields.size()];
  }
  return out;
}

// One level's sheets laid on the sums below: its differences, and the values that the level above adds up.
class Laying {
 public:
  Laying(const Count& lowest, const SheetPlaces& placer, TallyChainResult& out)
      : lowest_(lowest), placer_(placer), out_(out) {}

  void lay(const Count& sheets, const PlacedSheets& placed, Values& values) {
    const std::size_t index = out_.levels.size();
    TallyChainResult::Level level{.level = placed.level, .count = sheets.id};
    const auto columns = columns_of(sheets, level);
    std::vector<bool> has_units(placed.size);
    for (const auto p : placed.of_unit) has_units[p] = true;
    for (std::size_t p = 0; p < placed.size; ++p) {
      if (!has_units[p]) continue;
      const std::string label = placer_.label(placed, p);
      if (placed.sheet_of[p] == none) {
        ++level.places_without;
        out_.lone.push_back({index, label, values.at(p)[lowest_.options() + fields.size()], false});
        continue;
      }
      ++level.sheets;
      compare(sheets, static_cast<UnitIndex>(placed.sheet_of[p]), columns, values.at(p), label, level);
    }
    for (const auto s : placed.unplaced) {
      ++level.unplaced;
      out_.lone.push_back({index, std::string(sheets.unit_keys[s]), sheets.valid_of(s), true});
    }
    level.counted = sum_of(values, lowest_.options(), level.sheets);
    out_.levels.push_back(std::move(level));
  }

 private:
  using Columns = std::vector<std::span<const std::int32_t>>;

  // The columns that both have, in the order of Values; what else the sheets have goes into the level.
  Columns columns_of(const Count& sheets, TallyChainResult::Level& level) const {
    const std::size_t m = lowest_.options();
    Columns columns(m + fields.size());
    for (std::size_t o = 0; o < m; ++o)
      if (const int j = sheets.contest.index_of(lowest_.contest.options[o].id); j >= 0)
        columns[o] = sheets.option(static_cast<std::size_t>(j));
    for (std::size_t f = 0; f < fields.size(); ++f)
      if (!lowest_.column(fields[f]).empty()) columns[m + f] = sheets.column(fields[f]);
    for (std::size_t c = 0; c < columns.size(); ++c)
      if (!columns[c].empty())
        level.changes.push_back({.field = c < m ? lowest_.contest.options[c].id.text : std::string(fields[c - m])});
    for (const auto& option : sheets.contest.options)
      if (lowest_.contest.index_of(option.id) < 0) level.strange_options.push_back(option.id.text);
    return columns;
  }

  void compare(const Count& sheets, UnitIndex s, const Columns& columns, std::span<std::int64_t> below,
               const std::string& label, TallyChainResult::Level& level) {
    const std::size_t m = lowest_.options();
    std::int64_t more = 0, less = 0;
    bool differs = false;
    std::size_t change = 0;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].empty()) continue;
      auto& sum = level.changes[change++];
      if (columns[c][s] == missing) continue;
      const std::int64_t d = columns[c][s] - below[c];
      if (d == 0) continue;
      differs = true;
      ++sum.sheets;
      (d > 0 ? sum.gained : sum.lost) += std::abs(d);
      if (c < m) (d > 0 ? more : less) += std::abs(d);
      out_.differences.push_back({out_.levels.size(), label, sum.field, below[c], columns[c][s]});
      below[c] = columns[c][s];
    }
    const auto valid = sheets.column("valid");
    std::int64_t& below_valid = below[m + fields.size()];
    const std::int64_t change_of_valid = !valid.empty() && valid[s] != missing ? valid[s] - below_valid : more - less;
    below_valid += change_of_valid;
    if (columns[m + 1].empty() || columns[m + 1][s] == missing) below[m + 1] += change_of_valid;
    level.differing += differs;
    level.appear += std::max<std::int64_t>(0, more - less);
    level.vanish += std::max<std::int64_t>(0, less - more);
    level.moved += std::min(more, less);
  }

  const Count& lowest_;
  const SheetPlaces& placer_;
  TallyChainResult& out_;
};

// The values of `lower` added up over the positions of `upper`: each of the lower level's positions lies in one.
Values added_up(const Values& values, const PlacedSheets* lower, const PlacedSheets& upper, std::size_t units) {
  Values out{values.width, std::vector<std::int64_t>(upper.size * values.width)};
  std::vector<bool> done(values.cells.size() / values.width);
  for (UnitIndex u = 0; u < units; ++u) {
    const std::size_t p = lower ? lower->of_unit[u] : u;
    if (done[p]) continue;
    done[p] = true;
    const auto from = values.at(p);
    const auto to = out.at(upper.of_unit[u]);
    for (std::size_t c = 0; c < from.size(); ++c) to[c] += from[c];
  }
  return out;
}

// The counts of sheets, from the units up.
using Chain = std::vector<std::pair<const Count*, PlacedSheets>>;

Result<Chain> chain_of(const Count& lowest, const TallyChainRequest& request, const SheetPlaces& placer) {
  Chain out;
  for (const Count* sheets : request.others) {
    const auto shares = [&](const Option& option) { return lowest.contest.index_of(option.id) >= 0; };
    if (!std::any_of(sheets->contest.options.begin(), sheets->contest.options.end(), shares))
      return needs(fmt::format("an option that '{}' and '{}' share", lowest.id.text, sheets->id.text),
                   "Give the options the same ids.");
    auto placed = placer.place(*sheets);
    if (!placed)
      return needs(
          fmt::format("sheets of '{}' that belong to a unit or place of '{}'", sheets->id.text, lowest.id.text),
          fmt::format("'{}' is no key, code, path or unique name there.", sheets->unit_keys[0]));
    out.emplace_back(sheets, std::move(*placed));
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.second.depth > b.second.depth; });
  return out;
}

// Some differences resolved as on the sheet, the others as below: could that change the outcome of the lowest level?
bool differences_could_decide(const TallyChainResult& result, const Count& lowest, const Rule& rule) {
  std::vector<VoteRange> ranges(lowest.options());
  for (const auto& level : result.levels)
    for (const auto& change : level.changes)
      if (const int o = lowest.contest.index_of(OptionId{change.field}); o >= 0) {
        ranges[static_cast<std::size_t>(o)].least -= change.lost;
        ranges[static_cast<std::size_t>(o)].most += change.gained;
      }
  return could_decide(rule, lowest.contest, result.levels[0].counted, ranges);
}

OutcomeByLevel outcome_by_level(TallyChainResult& result, const Count& lowest, const Rule& rule) {
  if (!result.sums().comparable()) return OutcomeByLevel::not_comparable;
  for (auto& level : result.levels) level.outcome = apply(rule, lowest.contest, level.counted);
  const bool same = std::all_of(result.levels.begin(), result.levels.end(),
                                [&](const auto& level) { return level.outcome->same_as(*result.levels[0].outcome); });
  if (!same) return OutcomeByLevel::differs;
  if (!result.differences.empty() && differences_could_decide(result, lowest, rule))
    return OutcomeByLevel::same_but_differences_could_change_it;
  return OutcomeByLevel::same;
}

}  // namespace

TallyChainResult::Sums TallyChainResult::sums() const {
  Sums out;
  for (std::size_t l = 1; l < levels.size(); ++l) {
    const Level& level = levels[l];
    out.sheets += level.sheets;
    out.differing += level.differing;
    out.unplaced += level.unplaced;
    out.places_without += level.places_without;
    out.appear += level.appear;
    out.vanish += level.vanish;
    out.moved += level.moved;
    out.strange_options.insert(out.strange_options.end(), level.strange_options.begin(), level.strange_options.end());
  }
  return out;
}

const OptionTable<TallyChainRequest>& TallyChainRequest::table() {
  static const OptionTable<TallyChainRequest> options = [] {
    OptionTable<TallyChainRequest> t;
    t.add(&TallyChainRequest::list_limit,
          {.name = "list_limit",
           .unit = "rows",
           .text = "How many differences, and sheets at one level only, the tables list; "
                   "all are counted.",
           .low = 0,
           .high = 1e7});
    return t;
  }();
  return options;
}

Result<TallyChainResult> compute(const Count& lowest, const TallyChainRequest& request, const Context&) {
  if (request.rule) COTEJO_CHECK(validate(*request.rule, lowest));
  if (request.others.empty())
    return needs("the sheets of a level above", "Name their count with --against; once for each level.");
  const SheetPlaces placer(lowest);
  COTEJO_TRY(chain, chain_of(lowest, request, placer));
  TallyChainResult out;
  Values values = values_of_units(lowest);
  const auto units = static_cast<std::int64_t>(lowest.units());
  out.levels.push_back(
      {.level = "unit", .count = lowest.id, .sheets = units, .counted = sum_of(values, lowest.options(), units)});
  Laying laying(lowest, placer, out);
  const PlacedSheets* below = nullptr;
  for (const auto& [sheets, placed] : chain) {
    values = added_up(values, below, placed, lowest.units());
    laying.lay(*sheets, placed, values);
    below = &placed;
  }
  std::stable_sort(out.differences.begin(), out.differences.end(), [](const auto& a, const auto& b) {
    return std::abs(a.sheet - a.below) > std::abs(b.sheet - b.below);
  });
  if (request.rule) out.outcome = outcome_by_level(out, lowest, *request.rule);
  return out;
}

}  // namespace cotejo

#include "cotejo/casefile/entered_count.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>
#include <unordered_map>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/text.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

const std::string contested_option = "contested";

std::string title_of(Entered kind, const Count& like) {
  switch (kind) {
    case Entered::totals:
      return "Figures as announced";
    case Entered::units:
      return fmt::format("Register: every {} expected", like.unit_name);
    case Entered::contested:
      return "Contested ballots";
  }
  return {};
}

// The options that cells may name: those of the contest, the one of contested ballots, none of a register.
std::vector<Option> options_of(Entered kind, const Count& like) {
  if (kind == Entered::totals) return like.contest.options;
  if (kind == Entered::contested) return {{OptionId{contested_option}, "Contested ballots"}};
  return {};
}

Count head_of(const EnteredCount& entered, const Count& like) {
  Count out;
  out.id = entered.id;
  out.title = entered.title.empty() ? title_of(entered.kind, like) : entered.title;
  out.contest = {like.contest.id, like.contest.title, {}};
  if (entered.kind == Entered::contested) out.contest.id.text += "/contested";
  out.date = like.date;
  out.source = entered.source;
  out.caveats = {fmt::format("The figures were typed by {} from {}{}.", entered.by, entered.source,
                             entered.reason.empty() ? std::string() : fmt::format(" ({})", entered.reason))};
  return out;
}

// The columns that the cells name, all cells missing.
Result<void> lay_out(const std::vector<CellChange>& cells, const std::vector<Option>& options, Count& out) {
  std::set<std::string> named;
  for (const auto& cell : cells) named.insert(cell.field);
  for (const auto& option : options)
    if (named.erase(option.id.text) > 0) out.contest.options.push_back(option);
  out.votes.assign(out.options() * out.units(), missing);
  for (auto& [name, column] : columns_of(out))
    if (named.erase(name) > 0) column->assign(out.units(), missing);
  if (named.empty()) return {};
  std::vector<std::string> known;
  for (const auto& option : options) known.push_back(option.id.text);
  for (const auto& [name, column] : columns_of(out)) known.push_back(name);
  const auto near = nearest_name(*named.begin(), known);
  return Error{.code = ErrorCode::column_missing,
               .message = "there is no such field or option",
               .column = *named.begin(),
               .remedy = near.empty() ? fmt::format("There are: {}.", fmt::join(known, ", "))
                                      : fmt::format("Did you mean '{}'?", near)};
}

Result<void> votes_are_complete(const Count& count) {
  for (std::size_t o = 0; o < count.options(); ++o)
    for (UnitIndex u = 0; u < count.units(); ++u)
      if (count.vote(o, u) == missing)
        return Error{.code = ErrorCode::value_invalid,
                     .message = fmt::format("'{}' has no votes of an option that another unit has", count.unit_keys[u]),
                     .column = count.contest.options[o].id.text,
                     .remedy = "Give every unit the same options; 0 where there were no votes."};
  return {};
}

// No part is more than its whole: a slip of typing, or what the document has wrong and is then not to be counted with.
Result<void> figures_agree(const Count& count) {
  const auto cell = [](const Column& column, UnitIndex u) { return column.empty() ? missing : column[u]; };
  for (UnitIndex u = 0; u < count.units(); ++u) {
    std::int64_t options = 0;
    for (std::size_t o = 0; o < count.options(); ++o) options += count.vote(o, u);
    const std::int64_t valid = cell(count.valid, u), cast = cell(count.cast, u), registered = cell(count.registered, u);
    const auto refuse = [&](std::string_view column, std::int64_t whole, std::string_view part, std::int64_t parts) {
      return Error{
          .code = ErrorCode::value_invalid,
          .message = fmt::format("'{}' has fewer {} than {} ({})", count.unit_keys[u], column, part, parts),
          .column = std::string(column),
          .value = std::to_string(whole),
          .remedy = "Check the figures. If the document has them so, leave one out and write that in --reason."};
    };
    if (count.options() > 0 && valid != missing && valid < options)
      return refuse("valid", valid, "votes of options", options);
    const std::int64_t votes = std::max(options, valid == missing ? 0 : valid);
    if (cast != missing && cast < votes) return refuse("cast", cast, "valid votes", votes);
    const std::int64_t ballots = std::max(votes, cast == missing ? 0 : cast);
    if (registered != missing && registered < ballots) return refuse("registered", registered, "ballots", ballots);
  }
  return {};
}

// What makes it a count of its kind.
Result<void> has_its_columns(Entered kind, const Count& count) {
  if (kind == Entered::units && count.registered.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "a register needs the registered voters of its units",
                 .column = "registered",
                 .remedy = "Give each unit registered=NUMBER."};
  if (kind != Entered::units && count.options() == 0)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "no figure is of an option",
                 .remedy = kind == Entered::totals ? "Give the votes of at least one option as ID=NUMBER."
                                                   : "Give the ballots of each unit or place as contested=NUMBER."};
  return {};
}

}  // namespace

Result<Count> entered_count(const EnteredCount& entered, const Count& like) {
  if (entered.cells.empty())
    return Error{.code = ErrorCode::value_invalid,
                 .message = "no figure was given",
                 .remedy = "Give at least one as FIELD=NUMBER."};
  Count out = head_of(entered, like);
  std::unordered_map<std::string_view, UnitIndex> units;
  for (const auto& cell : entered.cells)
    if (units.emplace(cell.unit, static_cast<UnitIndex>(units.size())).second) out.unit_keys.push_back(cell.unit);
  COTEJO_CHECK(lay_out(entered.cells, options_of(entered.kind, like), out));
  COTEJO_CHECK(has_its_columns(entered.kind, out));
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const auto& cell : entered.cells) {
    if (!seen.emplace(cell.unit, cell.field).second)
      return Error{.code = ErrorCode::unit_duplicate,
                   .message = "this figure is given twice",
                   .column = cell.field,
                   .value = cell.unit,
                   .remedy = "Leave one of the two out."};
    const UnitIndex unit = units.at(cell.unit);
    const int option = out.contest.index_of(OptionId{cell.field});
    if (option >= 0) out.votes[static_cast<std::size_t>(option) * out.units() + unit] = cell.value.value_or(missing);
    if (option >= 0) continue;
    for (auto& [name, column] : columns_of(out))
      if (name == cell.field) (*column)[unit] = cell.value.value_or(missing);
  }
  COTEJO_CHECK(votes_are_complete(out));
  COTEJO_CHECK(figures_agree(out));
  if (!out.valid.empty()) out.valid_basis = ValidBasis::reported;
  out.unit_name = out.units() == 1 ? "total" : like.unit_name;
  out.sha256 = out.content_hash();
  return out;
}

SourceFile source_of(const EnteredCount& entered) {
  std::string text;
  for (const auto& cell : entered.cells)
    text += fmt::format("{}\t{}\t{}\n", cell.unit, cell.field, cell.value ? std::to_string(*cell.value) : "");
  return {.name = "typed by " + entered.by,
          .sha256 = sha256_of(text),
          .bytes = static_cast<std::int64_t>(text.size()),
          .profile_name = {},
          .profile_sha256 = {}};
}

}  // namespace cotejo

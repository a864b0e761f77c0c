#include "cotejo/intake/propose.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "propose_meaning.hpp"

namespace cotejo {

namespace {

using namespace proposing;

template <class T>
void move_into(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// Every answer is of use, or an error.
Result<void> check_answers(const ProposeOptions& options, const Meaning& meaning) {
  if (!options.contest_value.empty() && meaning.layout != Meaning::Layout::names_in_rows)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the file has one row per unit and no column of contests, so that this answer is of no use",
                 .column = "--contest",
                 .value = options.contest_value,
                 .remedy = "Leave it out; --valid names the total of one of several contests in columns."};
  if (!options.names.empty() && meaning.layout != Meaning::Layout::names_in_rows)
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the file is not read as one row per unit and name, so that this answer is of no use",
                 .column = "--names",
                 .value = options.names,
                 .remedy = "Name a column of texts that come again in every unit, beside one column of votes."};
  if (!options.empty.empty() && options.empty != "zero" && options.empty != "missing")
    return Error{.code = ErrorCode::option_invalid,
                 .message = "expected zero or missing",
                 .column = "--empty",
                 .value = options.empty,
                 .remedy = "Say what an empty cell of votes stands for: 0, or a number that was not reported."};
  if (!options.repeated.empty() && options.repeated != "sum" && options.repeated != "set-aside")
    return Error{.code = ErrorCode::option_invalid,
                 .message = "expected sum or set-aside",
                 .column = "--repeated",
                 .value = options.repeated,
                 .remedy = "Say whether rows of one name in one unit are parts of its number."};
  return {};
}

Result<Meaning> interpret(Table& table, const ProposeOptions& options) {
  Meaning meaning;
  COTEJO_TRY(rows, chosen_rows(table, options, meaning));
  if (rows.size() < table.rows) count_cells(table, rows);
  if (rows.empty())
    return Error{.code = ErrorCode::option_invalid,
                 .message = "no row is left after --leave-out and --only",
                 .column = "--only",
                 .remedy = "Leave out fewer rows."};
  COTEJO_TRY(groups, read_as_groups(table, rows, options, meaning));
  if (!groups) {
    COTEJO_TRY(is_long, read_as_long(table, rows, options, meaning));
    if (!is_long) COTEJO_CHECK(read_as_wide(table, std::move(rows), options, meaning));
  }
  COTEJO_CHECK(check_answers(options, meaning));
  return meaning;
}

// Each number is mostly the one above it and one: the numbers of lists, or of names within a list.
bool is_running(const TableColumn& column) {
  std::size_t changes = 0, rises = 0;
  std::int32_t last = missing;
  for (std::size_t row = 0; row < column.ids.size(); ++row) {
    const auto now = column.number(row);
    if (now == missing) continue;
    changes += last != missing && now != last ? 1U : 0U;
    rises += last != missing && now == last + 1 ? 1U : 0U;
    last = now;
  }
  return rises * 2 >= changes;
}

// The columns from the left that hold no votes (texts, running numbers): where rows and columns change places, they become the header.
std::int64_t columns_of_text(const Table& table) {
  std::int64_t out = 0;
  for (const auto& column : table.columns) {
    std::size_t large = 0;
    for (TextId id = 1; id < column.texts.size(); ++id) large += column.numbers[id] > 60 ? column.texts.times(id) : 0U;
    if (column.is_whole() && (large * 4 > column.filled || !is_running(column))) break;
    ++out;
  }
  return std::clamp<std::int64_t>(out, 1, most_header_rows);
}

}  // namespace

Result<Proposal> propose(const std::filesystem::path& file, const ProposeOptions& options, const Context& context) {
  Proposal out;
  COTEJO_TRY(opening, sniff(file, options));
  move_into(out.guesses, opening.guesses);
  move_into(out.questions, opening.questions);
  if (!out.questions.empty()) return out;
  opening.format.cancel = context.cancel;
  COTEJO_TRY(table, read_table(file, opening.format, context));
  if (!options.transposed.empty() && options.transposed != "yes" && options.transposed != "no")
    return Error{.code = ErrorCode::option_invalid,
                 .message = "expected yes or no",
                 .column = "--transposed",
                 .value = options.transposed,
                 .remedy = "Say whether the units stand in columns."};
  const bool told = options.transposed == "yes";
  if (!is_database(file.string()) && (told || (options.transposed.empty() && looks_transposed(table)))) {
    opening.format.transposed = true;
    opening.format.header_row = 1;
    opening.format.header_rows = columns_of_text(table);
    std::erase_if(out.guesses, [](const Guess& guess) { return guess.what == "header"; });
    out.guesses.push_back(
        {"header", fmt::format("{} columns", opening.format.header_rows),
         told ? "rows and columns change places, as the answer says"
              : "what the file counts stands in rows (each name once, registered, blank or valid votes "
                "among them), its units in columns: rows and columns change places",
         told ? 0.0 : 0.2});
    COTEJO_TRY(turned, read_table(file, opening.format, context));
    table = std::move(turned);
  }
  move_into(out.guesses, table.guesses);
  if (!table.all_rows)
    out.guesses.push_back(
        {"rows", with_thousands(static_cast<long long>(table.rows)),
         "the file has more than fit into memory: the proposal rests on its beginning, and the import "
         "refuses what is not in it",
         0.5});
  if (table.broken > 0)
    out.guesses.push_back({"broken rows", with_thousands(static_cast<long long>(table.broken)),
                           "they cannot be read as rows (number of cells, quotation marks, encoding)", 0.3});
  COTEJO_TRY(meaning, interpret(table, options));
  move_into(out.guesses, meaning.guesses);
  move_into(out.questions, meaning.questions);
  if (out.questions.empty()) out.toml = write_profile(file, options, opening, table, meaning, out.guesses);
  return out;
}

}  // namespace cotejo

// One row per unit: roles of the columns, rows that are totals, key and places.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "propose_meaning.hpp"

namespace cotejo::proposing {

namespace {

bool has(const std::vector<std::size_t>& all, std::size_t c) {
  return std::find(all.begin(), all.end(), c) != all.end();
}

constexpr std::string_view every_column = "*";

// "column=text" of --leave-out and --keep.
struct Answer {
  std::size_t column = 0;
  std::string text;
};
Result<Answer> answer_of(const Table& table, const std::string& given, const char* option) {
  const auto invalid = [&](std::string message, std::string remedy) {
    return Error{.code = ErrorCode::option_invalid,
                 .message = std::move(message),
                 .column = option,
                 .value = given,
                 .remedy = std::move(remedy)};
  };
  // A column's name may hold "=": the longest beginning that is a column decides.
  for (auto equals = given.rfind('='); equals != std::string::npos && equals > 0;
       equals = given.rfind('=', equals - 1)) {
    const auto column = find_column(table, given.substr(0, equals));
    if (!column) continue;
    const std::string text(trimmed(std::string_view(given).substr(equals + 1)));
    const auto& texts = table.columns[*column].texts;
    for (TextId id = 0; id < texts.size(); ++id)
      if (texts[id] == text && texts.times(id) > 0) return Answer{*column, text};
    std::vector<std::string> all;
    for (TextId id = 1; id < std::min<std::size_t>(texts.size(), 1'000); ++id) all.emplace_back(texts[id]);
    return invalid("no row has this text in this column", fmt::format("The column has {}.", listed(all, 8)));
  }
  return invalid("expected COLUMN=TEXT", "For example --leave-out 'status=Annulled'.");
}

// "'vote' holds yes, no, abstain", or nothing.
std::string roll_call(const Table& table) {
  static const std::vector<std::string> words = {"yes",    "no", "yea", "nay", "aye",        "abstain", "abstention",
                                                 "absent", "si", "oui", "non", "abstencion", "for",     "against"};
  for (const auto& column : table.columns) {
    if (column.is_whole() || column.distinct < 2 || column.distinct > 12) continue;
    std::vector<std::string> texts;
    std::size_t known = 0;
    for (TextId id = 1; id < column.texts.size(); ++id) {
      texts.emplace_back(column.texts[id]);
      known += std::find(words.begin(), words.end(), folded(texts.back())) != words.end() ? 1U : 0U;
    }
    if (known >= 2) return fmt::format("'{}' holds {}", printable(column.name, 40), listed(texts, 4));
  }
  return {};
}

// Grows from row to row: a running number, or running totals of published states.
bool only_grows(const Quantity& quantity, const std::vector<std::uint32_t>& rows) {
  // Few different numbers are codes in a sorted file.
  if (rows.size() < 20 || quantity.file_column->distinct < 20) return false;
  std::size_t falls = 0;
  std::int32_t last = std::numeric_limits<std::int32_t>::min();
  for (const auto row : rows) {
    const auto value = quantity[row];
    if (value == missing) continue;
    falls += value < last ? 1U : 0U;
    last = value;
  }
  return falls * 50 <= rows.size();
}

// "COLUMN=TEXT" of texts whose rows hold whole numbers, where those of the column's other texts hold fractions.
std::vector<std::string> mixed_numbers(const Table& table) {
  for (const auto& by : table.columns) {
    if (by.is_whole() || by.distinct < 2 || by.distinct > 6) continue;
    std::vector<std::size_t> whole(by.texts.size()), real(by.texts.size());
    for (const auto& column : table.columns)
      for (std::size_t row = 0; row < table.rows && &column != &by; ++row) {
        const auto kind = column.kinds[column.ids[row]];
        whole[by.ids[row]] += kind == CellKind::whole ? 1U : 0U;
        real[by.ids[row]] += kind == CellKind::real || kind == CellKind::percent ? 1U : 0U;
      }
    std::vector<std::string> out;
    bool fractions = false;
    for (TextId id = 1; id < by.texts.size(); ++id) {
      if (whole[id] > 9 * real[id] && whole[id] > by.texts.times(id))
        out.push_back(fmt::format("{}={}", by.name, by.texts[id]));
      fractions = fractions || real[id] > whole[id];
    }
    if (fractions && !out.empty()) return out;
  }
  return {};
}

// Why there are no columns of votes, as a question.
void ask_for_options(const Table& table, const Matrix& matrix, Meaning& meaning) {
  if (meaning.if_not_wide) return meaning.questions.push_back(*meaning.if_not_wide);
  std::vector<std::string> names, all;
  std::size_t growing = 0;
  std::int32_t largest = 0;
  for (const auto& quantity : matrix.quantities) {
    all.push_back(quantity.name);
    const auto& words = quantity.words;
    const bool grows = only_grows(quantity, matrix.rows);
    growing +=
        grows && !words.is_code && words.role != Role::unit && words.role != Role::code && words.role != Role::place
            ? 1U
            : 0U;
    if (grows || words.is_code || words.role == Role::unit || words.role == Role::place || words.role == Role::code)
      continue;
    names.push_back(quantity.name);
    largest = std::max(largest, quantity.largest);
  }
  if (table.columns.size() == 1 || (table.columns.size() == 2 && table.columns[0].title == "unit" && names.empty()))
    return meaning.ask(
        "The file is a list, not a count: one column and no votes. If it lists units objected to, add it with `cotejo "
        "challenge CASE add`. If a column does hold votes, which? If every line has the same length, the file may be "
        "of "
        "fixed width: name its columns with --columns NAME=FROM-TO",
        "--option", all);
  std::string why = "No columns of votes were found";
  if (const auto roll = roll_call(table); !roll.empty())
    why += fmt::format(": {}, as in a roll call, and a profile is for votes counted per unit", roll);
  else if (!names.empty() && largest <= 9)
    why += fmt::format(": the whole numbers in {} go from 0 to {}, as codes do", listed(names, 4), largest);
  else if (growing > 0 && growing * 2 >= matrix.quantities.size())
    why += fmt::format(": {} columns only grow from row to row, as running totals or numbers of rows do", growing);
  else if (names.empty())
    why += ": no column holds whole numbers that may be votes";
  else
    why += fmt::format(
        ": no sum of columns equals another, and no header speaks of valid, blank, null or cast votes (whole numbers: "
        "{})",
        listed(names, 8));
  if (const auto mixed = mixed_numbers(table); !mixed.empty())
    return meaning.ask(fmt::format("{}: rows with {} hold whole numbers, other rows fractions. Which rows count votes?",
                                   why, listed(mixed, 3)),
                       "--only", mixed);
  meaning.ask(why +
                  ". Which columns count the votes of an option? (--option '*' takes all that no "
                  "word names otherwise. Where each row is of one option: the column of votes, "
                  "and --names COLUMN, that of the options' names. Where units "
                  "stand in columns: --transposed yes)",
              "--option", all);
}

// Unit keys beside codes, no votes.
bool find_crosswalk(const Table& table, const std::vector<std::uint32_t>& rows, const Matrix& matrix,
                    Meaning& meaning) {
  for (const auto& quantity : matrix.quantities) {
    const auto& words = quantity.words;
    if (words.role != Role::unit && words.role != Role::code && !words.is_code && words.role != Role::place &&
        !only_grows(quantity, rows) && quantity.file_column->distinct * 100 < quantity.file_column->filled * 95)
      return false;
  }
  std::optional<std::size_t> from, to;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto& column = table.columns[c];
    if (column.filled < table.rows) continue;
    if (column.words.role == Role::unit && column.distinct == table.rows && !from)
      from = c;
    else if (column.words.is_code && !to)
      to = c;
  }
  if (!from || !to) return false;
  meaning.layout = Meaning::Layout::crosswalk;
  meaning.from = from;
  meaning.to = to;
  meaning.guess("kind", "crosswalk",
                fmt::format("'{}' tells all rows apart, '{}' is called a code, and there are no votes",
                            printable(table.columns[*from].name), printable(table.columns[*to].name)),
                0.4);
  return true;
}

void find_coordinates(const Table& table, Meaning& meaning) {
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto& column = table.columns[c];
    if (column.filled == 0 || column.real * 100 < column.filled * 95) continue;
    if (column.words.role == Role::latitude && column.least_real >= -90 && column.largest_real <= 90 &&
        !meaning.latitude)
      meaning.latitude = c;
    if (column.words.role == Role::longitude && column.least_real >= -180 && column.largest_real <= 180 &&
        !meaning.longitude)
      meaning.longitude = c;
  }
  if (!meaning.latitude || !meaning.longitude) {
    meaning.latitude.reset();
    meaning.longitude.reset();
    return;
  }
  meaning.used.insert(*meaning.latitude);
  meaning.used.insert(*meaning.longitude);
  meaning.guess("coordinates",
                fmt::format("{}, {}", table.columns[*meaning.latitude].name, table.columns[*meaning.longitude].name),
                "named so, and within 90 and 180 degrees");
}

// A whole number that is no count: a code, a running number, a register's line.
bool is_identifier(const Quantity& quantity, const Matrix& matrix) {
  const auto& words = quantity.words;
  if (words.role == Role::unit || words.role == Role::code || words.role == Role::place ||
      words.role == Role::election_date || words.is_code)
    return true;
  if (form_strength(quantity) > 0 || words.role == Role::votes) return false;
  const auto& column = *quantity.file_column;
  if (column.leading_zeros || words.role == Role::other) return true;
  if (quantity.least == quantity.largest) return true;
  if (matrix.rows.size() >= 200 && column.distinct * 100 >= column.filled * 95) return true;
  return is_ordered(column, matrix.rows);
}

std::vector<std::size_t> votes_of(const Roles& roles) {
  auto out = roles.options;
  out.insert(out.end(), roles.blank.begin(), roles.blank.end());
  out.insert(out.end(), roles.null.begin(), roles.null.end());
  return out;
}

// Empty cells among the parts of a sum, and numbers of special kinds in the columns that are read.
void note_numbers(const Table& table, const Matrix& matrix, const Roles& roles, const ProposeOptions& options,
                  Meaning& meaning) {
  std::size_t empty = 0, noisy = 0, negative = 0;
  for (const auto row : matrix.rows) {
    std::size_t of_row = 0;
    for (const auto q : roles.options) of_row += matrix.quantities[q][row] == missing ? 1U : 0U;
    if (of_row < roles.options.size()) empty += of_row;  // a row without any number has not reported
  }
  for (const auto c : meaning.number_columns) {
    noisy += table.columns[c].noisy;
    negative += table.columns[c].negative;
  }
  if (noisy > 0) {
    meaning.round = true;
    meaning.guess("rounding", counted(noisy, "cell"),
                  "within a millionth of a whole number, as programs leave it: rounded", 0.15);
  }
  if (negative > 0) meaning.negative_is_correction = true;
  if (options.empty == "zero") {
    meaning.empty_is_zero = true;
  } else if (roles.with_empty > 0 && roles.proved_zero * 10 >= roles.with_empty * 9) {
    meaning.empty_is_zero = true;
    meaning.guess(
        "empty cells", "0",
        fmt::format("of {} with an empty cell of votes, the printed total is the sum of the others in {}",
                    counted(roles.with_empty, "row"), with_thousands(static_cast<long long>(roles.proved_zero))),
        roles.proved_zero == roles.with_empty ? 0.05 : 0.3);
  } else if (empty * 100 > matrix.rows.size() && options.empty.empty()) {
    meaning.ask(
        fmt::format("{} of votes {} empty, and no printed total shows what {}. Is it 0, or a number that was not "
                    "reported (then the rows are set aside)?",
                    counted(empty, "cell"), empty == 1 ? "is" : "are", empty == 1 ? "it stands for" : "they stand for"),
        "--empty", {"zero", "missing"});
  }
}

}  // namespace

// The rows with negative numbers, and a text that only they have.
void find_corrections(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& texts,
                      Meaning& meaning) {
  std::vector<bool> negative(table.rows);
  std::size_t found = 0;
  for (const auto row : rows)
    for (const auto c : meaning.number_columns)
      if (const auto value = table.columns[c].number(row); value != missing && value < 0 && !negative[row]) {
        negative[row] = true;
        ++found;
      }
  auto few_first = texts;
  std::stable_sort(few_first.begin(), few_first.end(),
                   [&](std::size_t a, std::size_t b) { return table.columns[a].distinct < table.columns[b].distinct; });
  for (const auto c : few_first) {
    const auto& column = table.columns[c];
    if (column.distinct < 2 || column.distinct > 12 || column.distinct * 2 > rows.size()) continue;
    std::map<TextId, std::pair<std::size_t, std::size_t>> of_text;  // rows, negative ones
    for (const auto row : rows) {
      auto& [all, less] = of_text[column.ids[row]];
      ++all;
      less += negative[row] ? 1U : 0U;
    }
    std::size_t picked = 0, covered = 0;
    TextId text = 0;
    for (const auto& [id, counts] : of_text)
      if (counts.second > 0) {
        ++picked;
        covered = counts.first;
        text = id;
      }
    if (picked != 1 || covered * 2 > rows.size()) continue;
    meaning.correction_rows.emplace_back(c, std::string(column.texts[text]));
    meaning.guess(
        "corrections", fmt::format("{} = {}", column.name, std::string(column.texts[text])),
        fmt::format("{} with a negative number, and {} of this kind: such rows add to the unit that they name",
                    counted(found, "row"), counted(covered, "row")),
        0.2);
    return;
  }
  meaning.guess("corrections", counted(found, "row"),
                "with a negative number: each adds to the unit that its key names", 0.4);
}

Result<std::size_t> find_column(const Table& table, const std::string& name) {
  std::vector<std::string> all;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    if (table.columns[c].name == name || table.columns[c].title == name) return c;
    all.push_back(table.columns[c].name);
  }
  const auto near = nearest_name(name, all);
  return Error{.code = ErrorCode::option_invalid,
               .message = "the file has no such column",
               .column = name,
               .remedy = near.empty() ? fmt::format("It has {}.", listed(all, 12))
                                      : fmt::format("Did you mean '{}'?", printable(near))};
}

// Rows with one cell alone, in a table of several columns: titles, sources, notes.
static void leave_out_notes(const Table& table, std::vector<std::uint32_t>& rows, Meaning& meaning) {
  if (table.columns.size() < 4) return;
  std::vector<bool> note(table.rows);
  std::size_t notes = 0;
  for (const auto row : rows) {
    std::size_t cells = 0, numbers = 0;
    for (const auto& column : table.columns) {
      cells += column.is_empty(row) ? 0U : 1U;
      numbers += column.number(row) != missing ? 1U : 0U;
    }
    note[row] = cells == 1 && numbers == 0;
    notes += note[row] ? 1U : 0U;
  }
  if (notes == 0 || notes * 4 > rows.size()) return;
  // A column that is empty in the notes and in no other row.
  for (const auto& column : table.columns) {
    const bool tells =
        std::all_of(rows.begin(), rows.end(), [&](std::uint32_t row) { return column.is_empty(row) == note[row]; });
    if (!tells) continue;
    meaning.where.push_back(
        {.column = column.name, .key = "not_equals", .values = {""}, .comment = "titles and notes: one cell alone"});
    meaning.guess("notes", counted(notes, "row"), "with one cell alone: left out", 0.05);
    std::erase_if(rows, [&](std::uint32_t row) { return note[row]; });
    return;
  }
}

Result<std::vector<std::uint32_t>> chosen_rows(const Table& table, const ProposeOptions& options, Meaning& meaning) {
  std::map<std::size_t, std::vector<std::string>> out;
  for (const auto& given : options.leave_out) {
    COTEJO_TRY(answer, answer_of(table, given, "--leave-out"));
    out[answer.column].push_back(answer.text);
  }
  for (const auto& given : options.keep) COTEJO_CHECK(answer_of(table, given, "--keep"));
  std::map<std::size_t, std::vector<std::string>> only;
  for (const auto& given : options.only) {
    COTEJO_TRY(answer, answer_of(table, given, "--only"));
    only[answer.column].push_back(answer.text);
  }
  for (const auto& [column, texts] : only)
    meaning.where.push_back({.column = table.columns[column].name,
                             .key = texts.size() == 1 ? "equals" : "one_of",
                             .values = texts,
                             .comment = "the answer to a question"});
  for (const auto& [column, texts] : out)
    meaning.where.push_back({.column = table.columns[column].name,
                             .key = texts.size() == 1 ? "not_equals" : "not_one_of",
                             .values = texts,
                             .comment = "left out by the answer to a question"});
  std::vector<std::uint32_t> rows;
  for (std::uint32_t row = 0; row < table.rows; ++row) {
    const auto holds = [&](const auto& condition) {
      const auto& [column, texts] = condition;
      return std::find(texts.begin(), texts.end(), table.columns[column].text(row)) != texts.end();
    };
    const bool kept = std::none_of(out.begin(), out.end(), holds) && std::all_of(only.begin(), only.end(), holds);
    if (kept) rows.push_back(row);
  }
  if (table.repeated_headers > 0) {
    const auto named = std::find_if(table.columns.begin(), table.columns.end(),
                                    [](const TableColumn& column) { return !column.title.empty(); });
    meaning.where.push_back(
        {.column = named->name, .key = "not_equals", .values = {named->title}, .comment = "the header again"});
    meaning.guess("repeated header", counted(table.repeated_headers, "row"),
                  "the header again, as on every page of a printed list: left out", 0.05);
  }
  leave_out_notes(table, rows, meaning);
  return rows;
}

Matrix matrix_of_columns(const Table& table, const std::vector<std::uint32_t>& rows) {
  Matrix out;
  out.rows = rows;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const auto& column = table.columns[c];
    if (!column.is_whole() || column.percent > 0) continue;
    Quantity quantity;
    quantity.name = column.name;
    quantity.title = column.title;
    quantity.words = column.words;
    quantity.column = c;
    quantity.file_column = &column;
    out.quantities.push_back(std::move(quantity));
  }
  out.summarise();
  return out;
}

// What --option '*' takes: no word of a form, no code, no number that tells all rows apart and only grows.
static bool may_be_an_option(const Quantity& quantity, const Matrix& matrix) {
  if (form_strength(quantity) == 2) return false;
  if (quantity.file_column == nullptr) return true;
  const auto role = quantity.words.role;
  const auto& column = *quantity.file_column;
  const bool numbers_rows = column.distinct == matrix.rows.size() && is_ordered(column, matrix.rows);
  return (role == Role::none || role == Role::candidate || role == Role::votes || role == Role::mode) &&
         !quantity.words.is_code && !column.leading_zeros && !numbers_rows;
}

Result<GivenRoles> given_roles(const Matrix& matrix, const ProposeOptions& options) {
  GivenRoles out;
  const auto find = [&](const std::string& name) -> Result<std::size_t> {
    std::vector<std::string> all;
    for (std::size_t q = 0; q < matrix.quantities.size(); ++q) {
      if (matrix.quantities[q].name == name || matrix.quantities[q].title == name) return q;
      all.push_back(matrix.quantities[q].name);
    }
    const auto near = nearest_name(name, all);
    return Error{.code = ErrorCode::option_invalid,
                 .message = "the file has no whole numbers of this name",
                 .column = name,
                 .remedy = near.empty() ? fmt::format("It has {}.", listed(all, 12))
                                        : fmt::format("Did you mean '{}'?", printable(near))};
  };
  for (const auto& name : options.options) {
    if (name == every_column) {
      for (std::size_t q = 0; q < matrix.quantities.size(); ++q)
        if (may_be_an_option(matrix.quantities[q], matrix)) out.options.push_back(q);
      continue;
    }
    COTEJO_TRY(q, find(name));
    out.options.push_back(q);
  }
  for (const auto& name : options.not_options) {
    COTEJO_TRY(q, find(name));
    out.not_options.push_back(q);
  }
  const std::pair<const std::string*, std::optional<std::size_t>*> standard[] = {{&options.registered, &out.registered},
                                                                                 {&options.cast, &out.cast},
                                                                                 {&options.valid, &out.valid},
                                                                                 {&options.blank, &out.blank},
                                                                                 {&options.null, &out.null}};
  for (const auto& [name, to] : standard) {
    if (name->empty()) continue;
    COTEJO_TRY(q, find(*name));
    *to = q;
  }
  return out;
}

void take_roles(const Matrix& matrix, const Roles& roles, Meaning& meaning, bool with_fields) {
  const auto number = [&](const std::vector<std::size_t>& quantities) {
    Number out{.title = matrix.quantities[quantities.front()].title, .columns = {}};
    for (const auto q : quantities) {
      out.columns.push_back(matrix.quantities[q].name);
      if (matrix.quantities[q].file_column != nullptr) {
        meaning.number_columns.push_back(matrix.quantities[q].column);
        meaning.used.insert(matrix.quantities[q].column);
      }
    }
    return out;
  };
  for (const auto q : roles.options) meaning.options.push_back(number({q}));
  const auto standard = [&](const char* key, const std::vector<std::size_t>& quantities) {
    if (!quantities.empty()) meaning.standard.emplace_back(key, number(quantities));
  };
  const auto one = [](const std::optional<std::size_t>& q) {
    return q ? std::vector<std::size_t>{*q} : std::vector<std::size_t>{};
  };
  standard("registered", one(roles.registered));
  standard("cast", roles.cast ? one(roles.cast) : roles.cast_parts);
  standard("valid", one(roles.valid));
  standard("blank", roles.blank);
  standard("null", roles.null);
  meaning.valid_is_reported = roles.valid_is_reported;
  if (with_fields)
    for (const auto q : roles.others) meaning.fields.push_back(number({q}));
}

std::vector<std::size_t> text_columns(const Table& table, const std::vector<std::size_t>& without) {
  std::vector<std::size_t> out;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    if (!has(without, c) && table.columns[c].distinct > 0) out.push_back(c);
  return out;
}

void ask_about_status(const Table& table, const std::vector<std::uint32_t>& rows,
                      const std::vector<std::size_t>& columns, const std::vector<std::size_t>& votes,
                      const ProposeOptions& options, Meaning& meaning) {
  const auto answered = [&](const std::string& column, std::string_view text) {
    return std::find(options.keep.begin(), options.keep.end(), fmt::format("{}={}", column, text)) !=
           options.keep.end();
  };
  for (const auto c : columns) {
    const auto& column = table.columns[c];
    if (column.distinct < 1 || column.distinct > 20 || column.words.role == Role::candidate) continue;
    const bool flag_of_annulment = is_annulment_word(column.title) && is_flag(column);
    const bool called_status = column.words.role == Role::other && column.words.words == "status";
    bool any_annulled = flag_of_annulment || called_status;
    for (TextId id = 1; id < column.texts.size(); ++id)
      any_annulled = any_annulled || is_annulment_word(column.texts[id]);
    if (!any_annulled) continue;
    std::map<TextId, std::pair<std::size_t, std::int64_t>> of_text;  // rows, votes
    for (const auto row : rows) {
      auto& [count, sum] = of_text[column.ids[row]];
      ++count;
      for (const auto v : votes)
        if (const auto value = table.columns[v].number(row); value != missing) sum += value;
    }
    if (of_text.size() < 2) continue;
    std::vector<std::string> told, choices;
    bool doubtful = false;
    for (const auto& [id, figures] : of_text) {
      const auto text = column.texts[id];
      told.push_back(fmt::format("'{}' in {} with {}", printable(text, 40), counted(figures.first, "row"),
                                 counted(figures.second, "vote")));
      const bool negative_flag = folded(text) == "false" || folded(text) == "no" || folded(text) == "n" || text == "0";
      const bool annulled = is_annulment_word(text) || (flag_of_annulment && id != 0 && !negative_flag);
      if (!annulled || answered(column.name, text)) continue;
      doubtful = true;
      choices.push_back(fmt::format("{}={}", column.name, text));
    }
    if (doubtful) {
      meaning.ask(
          fmt::format("'{}' holds {}. Do the rows with {} count? Leave them out with --leave-out '{}', or count "
                      "them with --keep '{}'",
                      printable(column.name, 40), fmt::join(told, "; "), choices.front(), choices.front(),
                      choices.front()),
          "--leave-out", choices);
    } else if (called_status) {
      meaning.guess("status", column.name,
                    fmt::format("it holds {}; all are counted (--leave-out '{}=TEXT' leaves some out)",
                                fmt::join(told, "; "), printable(column.name, 40)),
                    0.3);
    }
  }
}

void leave_out_totals(const TotalRows& totals, std::vector<std::uint32_t>& rows, Meaning& meaning) {
  meaning.where.insert(meaning.where.end(), totals.where.begin(), totals.where.end());
  meaning.guesses.insert(meaning.guesses.end(), totals.guesses.begin(), totals.guesses.end());
  meaning.questions.insert(meaning.questions.end(), totals.questions.begin(), totals.questions.end());
  std::vector<std::uint32_t> kept;
  for (std::size_t i = 0; i < rows.size(); ++i)
    if (!totals.is_total[i]) kept.push_back(rows[i]);
  rows = std::move(kept);
}

void find_units(Table& table, const std::vector<std::uint32_t>& rows, std::vector<std::size_t> candidates,
                const std::vector<std::size_t>& given_key, const ProposeOptions& options, Meaning& meaning) {
  for (const auto c : fill_down(table, rows, candidates, meaning.guesses)) meaning.filled_down.insert(c);
  std::vector<std::size_t> for_key, last_resort;
  for (const auto c : candidates) {
    const auto& column = table.columns[c];
    std::size_t filled = 0;
    for (const auto row : rows) filled += column.is_empty(row) ? 0U : 1U;
    if (filled * 100 < rows.size() * 90 || (column.distinct < 2 && rows.size() > 1) || is_time(column) ||
        is_share(column) || is_flag(column) || column.words.role == Role::latitude ||
        column.words.role == Role::longitude)
      continue;
    (column.words.role == Role::other ? last_resort : for_key).push_back(c);
  }
  meaning.places = find_places(table, rows, candidates, meaning.guesses);
  auto key = find_key(table, rows, for_key, given_key);
  if (!key.questions.empty() && !last_resort.empty()) {  // statuses, addresses, links
    for_key.insert(for_key.end(), last_resort.begin(), last_resort.end());
    key = find_key(table, rows, for_key, given_key);
  }
  if (key.columns.size() == 1 && given_key.empty() && options.transposed.empty() &&
      table.columns[key.columns.front()].words.role == Role::candidate &&
      table.columns[key.columns.front()].words.whole) {
    meaning.ask(
        fmt::format("{} tells the rows apart, and it is called like parties or candidates: do units stand in columns, "
                    "so that rows and columns change places?",
                    listed({table.columns[key.columns.front()].name})),
        "--transposed", {"yes", "no"});
    return;
  }
  meaning.key = key.columns;
  meaning.drop_identical = key.identical > 0;
  if (key.conflicting > 0) {
    if (options.repeated.empty())
      meaning.ask(
          fmt::format("{} the key of another row and other figures ({}). Are they parts of one unit (--repeated sum "
                      "adds them up), or does nothing say which holds (--repeated set-aside: the first stands, the "
                      "others are set aside with what they would change)? If another column tells them apart, name "
                      "it with --key; leave a wrong row out with --leave-out COLUMN=TEXT",
                      counted(key.conflicting, "row") + (key.conflicting == 1 ? " has" : " have"),
                      listed(key.conflicts, 3)),
          "--repeated", {"sum", "set-aside"});
    meaning.repeated_is_sum = options.repeated == "sum";
    if (meaning.repeated_is_sum) meaning.drop_identical = false;
    meaning.guess("conflicting rows", counted(key.conflicting, "row"),
                  meaning.repeated_is_sum ? "added to the first row of their unit, as the answer says"
                                          : "the first row of their unit stands, as the answer says",
                  0.3);
  }
  meaning.guesses.insert(meaning.guesses.end(), key.guesses.begin(), key.guesses.end());
  meaning.questions.insert(meaning.questions.end(), key.questions.begin(), key.questions.end());
  for (const auto c : meaning.key) meaning.used.insert(c);
  for (const auto& place : meaning.places) {
    meaning.used.insert(place.name);
    if (place.code) meaning.used.insert(*place.code);
  }
}

Result<void> read_as_wide(Table& table, std::vector<std::uint32_t> rows, const ProposeOptions& options,
                          Meaning& meaning) {
  find_coordinates(table, meaning);
  auto matrix = matrix_of_columns(table, rows);
  COTEJO_TRY(given, given_roles(matrix, options));
  std::vector<std::size_t> given_key;
  for (const auto& name : options.key) {
    COTEJO_TRY(c, find_column(table, name));
    given_key.push_back(c);
  }
  auto sums = find_sums(matrix);
  auto roles = find_roles(matrix, sums, given);
  if (!roles.found() && roles.questions.empty()) {
    if (!find_crosswalk(table, rows, matrix, meaning)) ask_for_options(table, matrix, meaning);
    return {};
  }
  if (meaning.if_not_wide && given.options.empty() && !roles.from_a_sum && roles.questions.empty()) {
    ask_for_options(table, matrix, meaning);  // one row per name is as good a reading as words of headers alone
    return {};
  }
  // Rows that add up others stay out of everything else.
  std::vector<std::size_t> counts;
  for (std::size_t q = 0; q < matrix.quantities.size(); ++q)
    if (!is_identifier(matrix.quantities[q], matrix) || has(votes_of(roles), q))
      counts.push_back(matrix.quantities[q].column);
  const auto totals = find_total_rows(table, matrix, {}, votes_of(roles), text_columns(table, counts), options.keep);
  if (totals.found > 0) {
    leave_out_totals(totals, rows, meaning);
    matrix.rows = rows;
    matrix.summarise();
    sums = find_sums(matrix);
    roles = find_roles(matrix, sums, given);
  }
  const auto grow =
      static_cast<std::size_t>(std::count_if(roles.options.begin(), roles.options.end(), [&](std::size_t q) {
        return only_grows(matrix.quantities[q], matrix.rows);
      }));
  if (options.options.empty() && grow >= 2 && grow * 5 >= roles.options.size() * 4) {
    ask_for_options(table, matrix, meaning);  // running totals of one count, not units
    return {};
  }
  meaning.guesses.insert(meaning.guesses.end(), roles.guesses.begin(), roles.guesses.end());
  meaning.questions.insert(meaning.questions.end(), roles.questions.begin(), roles.questions.end());
  if (!roles.found()) return {};
  const auto others = roles.others;
  roles.others.clear();
  std::vector<std::size_t> not_key;
  for (const auto q : others)
    if (!is_identifier(matrix.quantities[q], matrix) && !has(given_key, matrix.quantities[q].column))
      roles.others.push_back(q);
  take_roles(matrix, roles, meaning, true);
  for (const auto c : meaning.number_columns) not_key.push_back(c);
  const auto texts = text_columns(table, not_key);
  std::vector<std::size_t> votes;
  for (const auto q : roles.options) votes.push_back(matrix.quantities[q].column);
  ask_about_status(table, rows, texts, votes, options, meaning);
  note_numbers(table, matrix, roles, options, meaning);
  auto unit_rows = rows;
  if (meaning.negative_is_correction) {
    find_corrections(table, rows, texts, meaning);
    std::erase_if(unit_rows, [&](std::uint32_t row) {
      const bool negative =
          std::any_of(meaning.number_columns.begin(), meaning.number_columns.end(), [&](std::size_t c) {
            const auto value = table.columns[c].number(row);
            return value != missing && value < 0;
          });
      if (negative && meaning.correction_rows.empty()) return true;
      return std::any_of(meaning.correction_rows.begin(), meaning.correction_rows.end(),
                         [&](const auto& pair) { return table.columns[pair.first].text(row) == pair.second; });
    });
  }
  auto for_units = texts;
  for (const auto& [column, text] : meaning.correction_rows) std::erase(for_units, column);
  find_units(table, unit_rows, for_units, given_key, options, meaning);
  return {};
}

}  // namespace cotejo::proposing

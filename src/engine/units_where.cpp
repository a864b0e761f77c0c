#include "cotejo/engine/units_where.hpp"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <functional>
#include <memory>
#include <optional>
#include <regex>
#include <set>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

constexpr std::size_t longest_condition = 4096;

// One column of the table: its name, and its cell for a unit.
struct WhereColumn {
  std::string name;
  std::function<void(SQLite::Statement& row, int at, UnitIndex unit)> bind;
};

void bind_number(SQLite::Statement& row, int at, std::int64_t value, bool known) {
  known ? row.bind(at, value) : row.bind(at);
}

class Columns {
 public:
  // `beside`: a second count of the same units, or nullptr.
  explicit Columns(const Count& count, const Count* beside = nullptr) : count_(count) {
    add("unit", "",
        [&](SQLite::Statement& row, int at, UnitIndex u) { row.bind(at, std::string(count_.unit_keys[u])); });
    for (const auto& [name, column] :
         {std::pair{"registered", &count.registered}, {"blank", &count.blank}, {"null", &count.null}})
      add(name, "", [column = column](SQLite::Statement& row, int at, UnitIndex u) {
        bind_number(row, at, column->empty() ? 0 : (*column)[u], !column->empty() && (*column)[u] != missing);
      });
    add("valid", "", [&](SQLite::Statement& row, int at, UnitIndex u) { row.bind(at, count_.valid_of(u)); });
    add("cast", "", [&](SQLite::Statement& row, int at, UnitIndex u) {
      bind_number(row, at, count_.cast_of(u), count_.knows_cast());
    });
    add("margin", "", [&](SQLite::Statement& row, int at, UnitIndex u) { row.bind(at, margin_of(u)); });
    const auto& levels = count.hierarchy.levels();
    for (std::size_t level = 0; level < levels.size(); ++level)
      add(levels[level], "place:", [&, level](SQLite::Statement& row, int at, UnitIndex u) {
        const auto lowest = count_.unit_place.empty() ? no_place : count_.unit_place[u];
        const auto place =
            lowest == no_place ? no_place : count_.hierarchy.ancestor(lowest, static_cast<std::uint32_t>(level));
        place == no_place ? row.bind(at) : row.bind(at, count_.hierarchy.places()[place].name);
      });
    for (const auto& field : count.fields)
      add(field.id, "field:", [&field](SQLite::Statement& row, int at, UnitIndex u) {
        bind_number(row, at, field.values[u], field.values[u] != missing);
      });
    for (std::size_t o = 0; o < count.options(); ++o)
      add(count.contest.options[o].id.text, "option:", [&, o](SQLite::Statement& row, int at, UnitIndex u) {
        bind_number(row, at, count_.vote(o, u), count_.vote(o, u) != missing);
      });
    if (beside) add_beside(*beside);
  }
  const std::vector<WhereColumn>& list() const { return list_; }

 private:
  void add(std::string name, const std::string& otherwise, decltype(WhereColumn::bind) bind) {
    const auto lower = [](std::string text) {
      std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
      return text;
    };
    if (!taken_.insert(lower(name)).second) {
      name = otherwise + name;
      if (!taken_.insert(lower(name)).second) return;
    }
    list_.push_back({std::move(name), std::move(bind)});
  }
  // The second count's cells under other:NAME, and by how many votes of options the two differ; NULL where it lacks the unit.
  void add_beside(const Count& beside) {
    beside_ = std::make_unique<Columns>(beside);
    units_of_beside_.emplace(beside);
    for (const auto& column : beside_->list())
      add("other:" + column.name, "", [this, &column](SQLite::Statement& row, int at, UnitIndex u) {
        const auto unit = units_of_beside_->find(count_.unit_keys[u]);
        unit ? column.bind(row, at, *unit) : row.bind(at);
      });
    std::vector<std::pair<std::size_t, std::size_t>> shared;
    for (std::size_t o = 0; o < count_.options(); ++o)
      if (const int other = beside.contest.index_of(count_.contest.options[o].id); other >= 0)
        shared.emplace_back(o, static_cast<std::size_t>(other));
    add("difference", "", [this, &beside, shared](SQLite::Statement& row, int at, UnitIndex u) {
      const auto unit = units_of_beside_->find(count_.unit_keys[u]);
      std::int64_t sum = 0;
      if (unit)
        for (const auto& [mine, other] : shared)
          if (count_.vote(mine, u) != missing && beside.vote(other, *unit) != missing)
            sum += std::abs(std::int64_t{count_.vote(mine, u)} - beside.vote(other, *unit));
      bind_number(row, at, sum, unit.has_value());
    });
  }
  std::int64_t margin_of(UnitIndex u) const {
    std::int64_t first = 0, second = 0;
    for (std::size_t o = 0; o < count_.options(); ++o) {
      const std::int64_t votes = std::max(0, count_.vote(o, u));
      if (votes > first)
        second = std::exchange(first, votes);
      else
        second = std::max(second, votes);
    }
    return first - second;
  }

  const Count& count_;
  std::vector<WhereColumn> list_;
  std::set<std::string> taken_;
  std::unique_ptr<Columns> beside_;
  std::optional<UnitLookup> units_of_beside_;
};

std::string quoted(const std::string& name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

// `cast` and `null` are words of SQL and columns of every count: where they are not used as the words, they are the columns.
std::string with_columns_quoted(const std::string& condition) {
  static const std::regex word(R"re('[^']*'|"[^"]*"|\b(?:is|not)\s+null\b|\bcast\s*\(|\b(?:cast|null)\b)re",
                               std::regex::ECMAScript | std::regex::icase);
  std::string out;
  auto rest = condition.begin();
  for (std::sregex_iterator match(condition.begin(), condition.end(), word), none; match != none; ++match) {
    const std::string text = match->str();
    const bool bare = text.size() == 4 && std::isalpha(static_cast<unsigned char>(text.front())) != 0;
    out.append(rest, condition.begin() + match->position());
    out += bare ? '"' + text + '"' : text;
    rest = condition.begin() + match->position() + match->length();
  }
  return out.append(rest, condition.end());
}

// What the condition may do: read the one table, by functions that are SQLite's own.
int authorize(void*, int action, const char* first, const char* second, const char*, const char*) {
  if (action == SQLITE_SELECT) return SQLITE_OK;
  if (action == SQLITE_READ) return std::string_view(first) == "units" ? SQLITE_OK : SQLITE_DENY;
  if (action == SQLITE_FUNCTION) return std::string_view(second) == "load_extension" ? SQLITE_DENY : SQLITE_OK;
  return SQLITE_DENY;
}

int stop_asked(void* context) {
  return static_cast<const Context*>(context)->cancelled() ? 1 : 0;
}

// The count as one table of SQL, and what may be asked of it.
class UnitsDatabase {
 public:
  UnitsDatabase(const Count& count, const Count* beside, const Context& context)
      : count_(count),
        columns_(count, beside),
        context_(context),
        database_(":memory:", SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE) {
    for (const auto& column : columns_.list()) names_.push_back(column.name);
  }

  std::vector<std::string> quoted_names() const {
    std::vector<std::string> out;
    for (const auto& name : names_) out.push_back(quoted(name));
    return out;
  }
  const std::vector<std::string>& names() const { return names_; }

  Error refused(const std::string& part, const std::string& text, const std::string& why) const {
    return {.code = ErrorCode::option_invalid,
            .message =
                fmt::format("not {} over the count's columns: {}", part == "where" ? "a condition" : "an order", why),
            .column = part,
            .value = printable(text, 200),
            .remedy = fmt::format("Columns: {}.", fmt::join(quoted_names(), ", "))};
  }

  // Errors: cancelled.
  Result<void> fill() {
    sqlite3* const handle = database_.getHandle();
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);  // "no such column" is an error, not a text
    sqlite3_limit(handle, SQLITE_LIMIT_COLUMN, 32767);
    sqlite3_limit(handle, SQLITE_LIMIT_VARIABLE_NUMBER, 32766);
    const std::vector<std::string> marks(names_.size(), "?");
    database_.exec(fmt::format("CREATE TABLE units ({})", fmt::join(quoted_names(), ", ")));
    SQLite::Transaction whole(database_);
    SQLite::Statement row(database_, fmt::format("INSERT INTO units VALUES ({})", fmt::join(marks, ", ")));
    for (UnitIndex u = 0; u < count_.units(); ++u) {
      if (u % 4096 == 0 && context_.cancelled()) return cancelled_error();
      int at = 0;
      for (const auto& column : columns_.list()) column.bind(row, ++at, u);
      row.exec();
      row.reset();
    }
    whole.commit();
    return {};
  }

  // From here on the table is read and nothing else.
  void close() {
    sqlite3* const handle = database_.getHandle();
    for (const auto& [limit, value] :
         {std::pair{SQLITE_LIMIT_LENGTH, 1 << 20}, std::pair{SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
          std::pair{SQLITE_LIMIT_EXPR_DEPTH, 100}, std::pair{SQLITE_LIMIT_ATTACHED, 0}})
      sqlite3_limit(handle, limit, value);
    sqlite3_set_authorizer(handle, &authorize, nullptr);
    sqlite3_progress_handler(handle, 10'000, &stop_asked, const_cast<Context*>(&context_));
  }

  SQLite::Database& database() { return database_; }

 private:
  const Count& count_;
  Columns columns_;
  const Context& context_;
  SQLite::Database database_;
  std::vector<std::string> names_;
};

// The line break ends a comment that the text may end with.
std::string where_clause(const std::string& condition) {
  return condition.empty() ? std::string() : fmt::format(" WHERE ({}\n)", with_columns_quoted(condition));
}

Result<void> check_length(const UnitsDatabase& units, const std::string& part, const std::string& text) {
  if (text.size() <= longest_condition) return {};
  return units.refused(part, text, fmt::format("it is longer than {} letters", longest_condition));
}

Cell cell_of(const SQLite::Column& column) {
  if (column.isNull()) return {};
  if (column.isInteger()) return std::int64_t{column.getInt64()};
  if (column.isFloat()) return column.getDouble();
  return column.getString();
}

Result<std::vector<std::string>> known_columns(const UnitsDatabase& units, const std::vector<std::string>& wanted) {
  for (const auto& name : wanted)
    if (std::find(units.names().begin(), units.names().end(), name) == units.names().end()) {
      const auto near = nearest_name(name, units.names());
      return Error{.code = ErrorCode::option_invalid,
                   .message = "the count has no such column",
                   .column = "columns",
                   .value = printable(name),
                   .remedy = near.empty() ? fmt::format("Columns: {}.", fmt::join(units.quoted_names(), ", "))
                                          : fmt::format("Did you mean '{}'?", near)};
    }
  return wanted.empty() ? units.names() : wanted;
}

}  // namespace

Result<std::vector<std::string>> units_where(const Count& count, const std::string& condition, const Context& context,
                                             const Count* beside) {
  if (trimmed(condition).empty())
    return UnitsDatabase(count, beside, context).refused("where", condition, "it is empty");
  COTEJO_TRY(table, units_table(count, {.condition = condition, .columns = {"unit"}, .beside = beside}, context));
  std::vector<std::string> out;
  for (auto& row : table.rows) out.push_back(std::get<std::string>(std::move(row[0])));
  return out;
}

Result<Table> units_table(const Count& count, const UnitsRequest& request, const Context& context) {
  UnitsDatabase units(count, request.beside, context);
  COTEJO_CHECK(check_length(units, "where", request.condition));
  COTEJO_CHECK(check_length(units, "sort", request.sort));
  COTEJO_TRY(names, known_columns(units, request.columns));
  COTEJO_CHECK(units.fill());
  units.close();
  std::vector<std::string> selected;
  Table out{.id = "units", .title = "", .columns = {}, .rows = {}};
  for (const auto& name : names) {
    selected.push_back(quoted(name));
    out.columns.push_back({name});
  }
  bool condition_holds = false;  // as SQL: what is wrong afterwards is the order
  try {
    const std::string where = where_clause(request.condition);
    SQLite::Statement(units.database(), "SELECT unit FROM units" + where);
    condition_holds = true;
    const auto order = request.sort.empty() ? std::string() : with_columns_quoted(request.sort) + "\n, ";
    SQLite::Statement rows(units.database(), fmt::format("SELECT {} FROM units{} ORDER BY {}rowid LIMIT {}",
                                                         fmt::join(selected, ", "), where, order, request.most));
    while (rows.executeStep()) {
      std::vector<Cell> cells;
      for (int c = 0; c < rows.getColumnCount(); ++c) cells.push_back(cell_of(rows.getColumn(c)));
      out.rows.push_back(std::move(cells));
    }
  } catch (const SQLite::Exception& fault) {
    if (context.cancelled()) return cancelled_error();
    return condition_holds && !request.sort.empty() ? units.refused("sort", request.sort, fault.what())
                                                    : units.refused("where", request.condition, fault.what());
  }
  return out;
}

}  // namespace cotejo

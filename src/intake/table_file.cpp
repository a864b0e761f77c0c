#include "table_file.hpp"

#include <fmt/format.h>
#include <ogr_geometry.h>
#include <ogr_spatialref.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>

#include "cotejo/base/context.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "gdal_files.hpp"

namespace cotejo {

namespace {

constexpr int steps_between_checks = 100;  // of SQLite's machine; each may make a cell of the largest size
// Of a view in all, or of one row of a table: about half a minute.
constexpr std::int64_t most_steps = 1'000'000'000;
constexpr std::int64_t most_rows_of_a_view = 20'000'000;
constexpr std::int64_t most_memory = 512 << 20;  // that a statement may take, in bytes
constexpr int largest_cell = 16 << 20;           // of a table; geometries lie beside the votes
// A view's functions take time as the product of two cells' lengths at worst.
constexpr int largest_cell_of_a_view = 256 << 10;
constexpr std::size_t most_objects = 10'000;  // of a schema

// What a view may call: no files, no clock, no state of the connection, and one call ends soon.
constexpr std::string_view view_functions[] = {
    "abs",       "avg",        "cast",       "ceil",         "char",      "coalesce", "count",      "cume_dist",
    "date",      "datetime",   "dense_rank", "first_value",  "floor",     "format",   "glob",       "group_concat",
    "hex",       "ifnull",     "iif",        "instr",        "julianday", "lag",      "last_value", "lead",
    "length",    "like",       "likelihood", "likely",       "lower",     "ltrim",    "max",        "min",
    "nth_value", "ntile",      "nullif",     "percent_rank", "printf",    "quote",    "rank",       "replace",
    "round",     "row_number", "rtrim",      "sign",         "strftime",  "substr",   "substring",  "sum",
    "time",      "total",      "trim",       "trunc",        "typeof",    "unicode",  "unlikely",   "upper"};

// Triggers and virtual tables that the GeoPackage standard and its extensions put into every file; they are passed over.
bool is_of_geopackage(std::string_view name) {
  for (const auto prefix : {"rtree_", "gpkg_", "trigger_", "fid_", "fk_"})
    if (name.starts_with(prefix)) return true;
  return false;
}

// Tables that hold how a file is organised.
bool is_organisation(LayerKind kind, std::string_view name) {
  if (name.starts_with("sqlite_")) return true;
  if (kind == LayerKind::geopackage) return name.starts_with("gpkg_") || name.starts_with("rtree_");
  return name == "geometry_columns" || name == "spatial_ref_sys";
}

std::string quoted_name(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

// Ends a statement that was cancelled or takes more than its allowance.
struct Allowance {
  enum class Stop { none, cancelled, steps, memory };
  std::stop_token cancel;
  std::int64_t steps = 0, memory_before = sqlite3_memory_used();
  Stop stop = Stop::none;

  static int check(void* self) {
    auto& allowance = *static_cast<Allowance*>(self);
    allowance.steps += steps_between_checks;
    if (allowance.cancel.stop_requested())
      allowance.stop = Stop::cancelled;
    else if (allowance.steps > most_steps)
      allowance.stop = Stop::steps;
    else if (sqlite3_memory_used() - allowance.memory_before > most_memory)
      allowance.stop = Stop::memory;
    return allowance.stop == Stop::none ? 0 : 1;
  }
};

// What a statement may do: read the tables in `readable`, with the functions above.
int authorize(void* readable, int action, const char* first, const char* second, const char*, const char*) {
  switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
      return SQLITE_OK;
    case SQLITE_READ:
      if (second == nullptr || *second == '\0') return SQLITE_OK;  // rows are counted, and no cell is read
      return static_cast<const std::set<std::string>*>(readable)->contains(first == nullptr ? "" : first) ? SQLITE_OK
                                                                                                          : SQLITE_DENY;
    case SQLITE_FUNCTION: {
      const std::string_view name = second == nullptr ? "" : second;
      const auto same = [&](std::string_view known) {
        return sqlite3_strnicmp(known.data(), name.data(), static_cast<int>(known.size())) == 0 &&
               known.size() == name.size();
      };
      return std::any_of(std::begin(view_functions), std::end(view_functions), same) ? SQLITE_OK : SQLITE_DENY;
    }
    default:
      return SQLITE_DENY;
  }
}

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

std::string_view text_at(sqlite3_stmt* row, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return text == nullptr ? std::string_view()
                         : std::string_view(text, static_cast<std::size_t>(sqlite3_column_bytes(row, column)));
}

class TableFile final : public RawRecords {
 public:
  TableFile(LayerKind kind, std::string name, std::string short_name, const SourceFormat& format)
      : kind_(kind), name_(std::move(name)), short_name_(std::move(short_name)) {
    allowance_.cancel = format.cancel;
  }

  Result<void> open(TableBytes bytes) {
    bytes_ = std::move(bytes);
    sqlite3* opened = nullptr;
    int status = SQLITE_OK;
    constexpr int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    if (const auto* path = std::get_if<std::filesystem::path>(&bytes_)) {
      COTEJO_CHECK(refuse_log_beside(*path));
      status = sqlite3_open_v2(address_of(*path).c_str(), &opened, flags, nullptr);
      database_.reset(opened);
    } else {
      const auto& memory = *std::get<std::shared_ptr<const std::string>>(bytes_);
      status = sqlite3_open_v2(":memory:", &opened,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, nullptr);
      database_.reset(opened);
      // SQLite does not write to bytes that are read-only.
      auto* content = reinterpret_cast<unsigned char*>(const_cast<char*>(memory.data()));
      const auto size = static_cast<sqlite3_int64>(memory.size());
      if (status == SQLITE_OK)
        status = sqlite3_deserialize(opened, "main", content, size, size, SQLITE_DESERIALIZE_READONLY);
    }
    if (status != SQLITE_OK) return cannot_open();
    restrict();
    return read_schema();
  }

  // The table or view called `wanted`, or the only one.
  Result<void> choose(const std::string& wanted) {
    COTEJO_TRY(name, choose_name(wanted));
    if (names_of_tables_.size() > 1) {
      name_ += "/" + name;
      short_name_ += "/" + name;
    }
    is_view_ = views_.contains(name);
    COTEJO_CHECK(find_geometry(name));
    if (is_view_) sqlite3_limit(database_.get(), SQLITE_LIMIT_LENGTH, largest_cell_of_a_view);
    COTEJO_TRY(rows, prepare("SELECT * FROM " + quoted_name(name)));
    rows_ = std::move(rows);
    const int columns = sqlite3_column_count(rows_.get());
    if (columns > static_cast<int>(most_columns))
      return damaged(
          fmt::format("{} columns; at most {} are read", with_thousands(columns), with_thousands(most_columns)),
          "Name a table with fewer columns.");
    for (int i = 0; i < columns; ++i) {
      const char* title = sqlite3_column_name(rows_.get(), i);
      if (title != nullptr && title == geometry_)
        geometry_column_ = i;
      else
        names_.emplace_back(trimmed(title == nullptr ? "" : title));
    }
    if (transformation_)
      for (const char* column : {"@longitude", "@latitude"}) names_.emplace_back(column);
    return {};
  }

  Result<bool> read() override {
    cells_.clear();
    texts_.clear();
    if (!is_view_) allowance_.steps = 0;
    const int status = sqlite3_step(rows_.get());
    if (status == SQLITE_DONE) return false;
    ++row_;
    if (is_view_ && row_ > most_rows_of_a_view)
      return damaged(fmt::format("the view has more than {} rows", with_thousands(most_rows_of_a_view)),
                     "The view may never end: save its rows as a table or CSV file.");
    if (status != SQLITE_ROW) return failure(fmt::format("row {} cannot be read", row_));
    std::size_t bytes = 0;
    const int columns = sqlite3_column_count(rows_.get());
    for (int i = 0; i < columns; ++i) {
      if (i == geometry_column_) continue;
      texts_.push_back(text_of(i));
      bytes += texts_.back().size();
      if (bytes > largest_record)
        return damaged(fmt::format("row {} has more than {} bytes", row_, with_thousands(largest_record)),
                       "No row of a count is that long: check `table` under [file].");
    }
    if (transformation_) add_point();
    for (const auto& text : texts_) cells_.emplace_back(text);
    return true;
  }
  std::span<const std::string_view> cells() const override { return cells_; }
  std::optional<RowFault> fault(std::size_t& cell) const override {
    for (cell = 0; cell < texts_.size(); ++cell)
      if (!is_utf8(texts_[cell]))
        return RowFault{ErrorCode::file_damaged,
                        "expected text in UTF-8, found bytes that are not",
                        {},
                        texts_[cell],
                        "Correct the cell."};
    return std::nullopt;
  }
  std::int64_t row() const override { return row_; }
  double fraction() const override { return 0.5; }
  const std::string& name() const override { return name_; }
  const std::string& short_name() const override { return short_name_; }
  std::vector<std::string> names() const override { return names_; }

 private:
  Error damaged(std::string message, std::string remedy) const {
    return {.code = ErrorCode::file_damaged, .message = std::move(message), .file = name_, .remedy = std::move(remedy)};
  }
  Error cannot_open() const {
    return damaged(fmt::format("the file cannot be opened as SQLite ({})", sqlite3_errmsg(database_.get())),
                   "Get the file again and compare its SHA-256; it may be cut short or encrypted.");
  }
  // The log is not read, nor merged into the stranger's file: without it the table would lack rows in silence.
  Result<void> refuse_log_beside(const std::filesystem::path& path) const {
    for (const char* suffix : {"-wal", "-journal"}) {
      const std::filesystem::path log = path.string() + suffix;
      const auto file = open_regular(log);
      if (!file) continue;
      if (const int first = std::fgetc(file->stream.get()); first == EOF || first == 0)
        continue;  // emptied, or done with
      return damaged(fmt::format("changes of the file may lie beside it, in '{}', and not be in it yet",
                                 printable(log.filename().string())),
                     "Close the program that has it open; or copy both files elsewhere, run `sqlite3 COPY \"VACUUM\"`, "
                     "and name the copy.");
    }
    return {};
  }
  // Why a statement ended.
  Error failure(std::string what) const {
    switch (allowance_.stop) {
      case Allowance::Stop::cancelled:
        return cancelled_error();
      case Allowance::Stop::steps:
        return damaged(fmt::format("{}: it takes more than {} steps", what, with_thousands(most_steps)),
                       "The view may never end: save its rows as a table or CSV file.");
      case Allowance::Stop::memory:
        return damaged(fmt::format("{}: it takes more than {} bytes of memory", what, with_thousands(most_memory)),
                       "Save the view's rows as a table or CSV file.");
      case Allowance::Stop::none:
        break;
    }
    const int code = sqlite3_errcode(database_.get());
    if (code == SQLITE_TOOBIG)
      return damaged(fmt::format("row {} has more than {} bytes", row_, with_thousands(largest_record)),
                     "No row of a count is that long: check `table` under [file].");
    if (code == SQLITE_AUTH)
      return damaged(fmt::format("{}: its definition calls what a published table may not call ({})", what,
                                 printable(sqlite3_errmsg(database_.get()))),
                     "Save the view's rows as a table or CSV file.");
    return damaged(fmt::format("{} (SQLite: {})", what, printable(sqlite3_errmsg(database_.get()))),
                   "Get the file again and compare its SHA-256.");
  }

  // "file:PATH?immutable=1" with what has a meaning in an address escaped.
  static std::string address_of(const std::filesystem::path& path) {
    std::string out = "file:";
    for (const char c : std::filesystem::absolute(path).string())
      out +=
          c == '?' || c == '#' || c == '%' ? fmt::format("%{:02X}", static_cast<unsigned char>(c)) : std::string(1, c);
    return out + "?mode=ro&immutable=1";
  }

  void restrict() {
    sqlite3* database = database_.get();
    for (const auto& [option, value] :
         {std::pair{SQLITE_DBCONFIG_DEFENSIVE, 1}, std::pair{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
          std::pair{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
          std::pair{SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0}, std::pair{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0}})
      sqlite3_db_config(database, option, value, nullptr);
    for (const auto& [limit, value] :
         {std::pair{SQLITE_LIMIT_LENGTH, largest_cell}, std::pair{SQLITE_LIMIT_SQL_LENGTH, 1 << 20},
          std::pair{SQLITE_LIMIT_EXPR_DEPTH, 100}, std::pair{SQLITE_LIMIT_COMPOUND_SELECT, 100},
          std::pair{SQLITE_LIMIT_ATTACHED, 0}, std::pair{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 100},
          std::pair{SQLITE_LIMIT_WORKER_THREADS, 0}, std::pair{SQLITE_LIMIT_TRIGGER_DEPTH, 1}})
      sqlite3_limit(database, limit, value);
    for (const char* pragma : {"PRAGMA temp_store=MEMORY", "PRAGMA mmap_size=0", "PRAGMA query_only=1",
                               "PRAGMA cell_size_check=1", "PRAGMA recursive_triggers=0"})
      sqlite3_exec(database, pragma, nullptr, nullptr, nullptr);
    sqlite3_progress_handler(database, steps_between_checks, &Allowance::check, &allowance_);
    sqlite3_set_authorizer(database, &authorize, &readable_);
  }

  Result<Statement> prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    const int status =
        sqlite3_prepare_v2(database_.get(), sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr);
    Statement out(statement);
    if (status != SQLITE_OK) return failure("the table cannot be read");
    return out;
  }

  Result<void> read_schema() {
    auto objects = prepare("SELECT type, name, sql FROM sqlite_schema ORDER BY rowid");
    if (!objects) {
      if (allowance_.stop != Allowance::Stop::none) return std::move(objects).error();
      return cannot_open();
    }
    for (std::size_t n = 0;; ++n) {
      const int status = sqlite3_step(objects->get());
      if (status == SQLITE_DONE) break;
      if (status != SQLITE_ROW) return failure("the list of the file's tables cannot be read");
      if (n == most_objects)
        return damaged(fmt::format("more than {} tables, views and indexes", with_thousands(most_objects)),
                       "Export the table that is wanted as a CSV file.");
      COTEJO_CHECK(take(std::string(text_at(objects->get(), 0)), std::string(text_at(objects->get(), 1)),
                        std::string(text_at(objects->get(), 2))));
    }
    readable_ = std::move(objects_);
    return {};
  }

  // One object of the schema.
  Result<void> take(const std::string& type, const std::string& name, const std::string& sql) {
    const auto refuse = [&](std::string_view what) {
      return damaged(fmt::format("the file has {} '{}', which can do more than hold rows", what, printable(name, 60)),
                     "Export the table that is wanted as a CSV file, or copy it into a file of its own.");
    };
    const bool passed_over = kind_ == LayerKind::geopackage && is_of_geopackage(name);
    if (type == "trigger") {
      if (passed_over) return {};
      return refuse("a trigger");
    }
    if (type != "table" && type != "view") return {};
    // SQLite itself keeps these words at the beginning, whatever the table's maker typed.
    if (!sql.starts_with(type == "view" ? "CREATE VIEW " : "CREATE TABLE ")) {
      if (passed_over) return {};
      return refuse("a virtual table");
    }
    if (type == "view") views_.insert(name);
    if (!name.starts_with("sqlite_")) objects_.insert(name);
    if (!is_organisation(kind_, name)) names_of_tables_.push_back(name);
    return {};
  }

  Result<std::string> choose_name(const std::string& wanted) const {
    const auto& names = names_of_tables_;
    const auto missing = [&](std::string message, std::string remedy) {
      return Error{.code = ErrorCode::file_missing,
                   .message = std::move(message),
                   .file = name_,
                   .value = wanted,
                   .remedy = std::move(remedy)};
    };
    if (names.empty()) return damaged("the file has no table", "Check the file.");
    if (wanted.empty() && names.size() > 1)
      return missing(fmt::format("the file has {} tables: {}", names.size(), gdal::listed(names)),
                     "Name one of them as `table` under [file].");
    if (wanted.empty()) return names.front();
    if (std::find(names.begin(), names.end(), wanted) != names.end()) return wanted;
    const auto near = nearest_name(wanted, names);
    return missing(fmt::format("the file has no such table; it has {}", gdal::listed(names)),
                   near.empty() ? "Name one of them as `table` under [file]."
                                : fmt::format("Did you mean '{}'?", printable(near)));
  }

  // One row of a statement with one parameter; false where there is none or the file has no such table.
  bool one_row(const char* sql, const std::string& parameter, const std::function<void(sqlite3_stmt*)>& use) {
    auto statement = prepare(sql);
    if (!statement) return false;
    sqlite3_bind_text(statement->get(), 1, parameter.c_str(), static_cast<int>(parameter.size()), SQLITE_TRANSIENT);
    if (sqlite3_step(statement->get()) != SQLITE_ROW) return false;
    use(statement->get());
    return true;
  }

  // The table's registered geometry, and for points the way from its coordinates to degrees.
  Result<void> find_geometry(const std::string& table) {
    const bool package = kind_ == LayerKind::geopackage;
    std::string type, system;
    one_row(package ? "SELECT column_name, geometry_type_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?1"
                    : "SELECT f_geometry_column, geometry_type, srid FROM geometry_columns WHERE f_table_name = ?1",
            table, [&](sqlite3_stmt* row) {
              geometry_ = text_at(row, 0);
              type = text_at(row, 1);
              system = text_at(row, 2);
            });
    if (allowance_.stop == Allowance::Stop::cancelled) return cancelled_error();
    const bool point = package ? sqlite3_stricmp(type.c_str(), "POINT") == 0 : type == "1" || type == "1001";
    if (geometry_.empty() || !point) return {};
    std::string authority, code, definition;
    one_row(
        package
            ? "SELECT organization, organization_coordsys_id, definition FROM gpkg_spatial_ref_sys WHERE srs_id = ?1"
            : "SELECT auth_name, auth_srid, srtext FROM spatial_ref_sys WHERE srid = ?1",
        system, [&](sqlite3_stmt* row) {
          authority = text_at(row, 0);
          code = text_at(row, 1);
          definition = text_at(row, 2);
        });
    OGRSpatialReference from, degrees;
    const bool registered =
        sqlite3_stricmp(authority.c_str(), "EPSG") == 0 && from.importFromEPSG(std::atoi(code.c_str())) == OGRERR_NONE;
    if (!registered && from.importFromWkt(definition.c_str()) != OGRERR_NONE) return {};
    degrees.importFromEPSG(4326);
    for (auto* each : {&from, &degrees}) each->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
    transformation_.reset(OGRCreateCoordinateTransformation(&from, &degrees));
    return {};
  }

  std::string text_of(int column) const {
    switch (sqlite3_column_type(rows_.get(), column)) {
      case SQLITE_NULL:
        return {};
      case SQLITE_FLOAT:
        return fmt::format("{}", sqlite3_column_double(rows_.get(), column));
      case SQLITE_BLOB: {
        const auto* bytes = static_cast<const unsigned char*>(sqlite3_column_blob(rows_.get(), column));
        const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows_.get(), column));
        if (2 * size > largest_record) return std::string(largest_record + 1, '0');  // refused by its size
        std::string out;
        for (std::size_t i = 0; i < size; ++i) out += fmt::format("{:02X}", bytes[i]);
        return out;
      }
      default:
        return std::string(text_at(rows_.get(), column));
    }
  }

  // The well-known binary inside a geometry's cell: behind a GeoPackage's header (magic, version, flags, system, and an
  // envelope whose size the flags tell), or as it is.
  static std::string_view well_known_binary(LayerKind kind, std::string_view cell) {
    if (kind != LayerKind::geopackage) return cell;
    static constexpr std::array<std::size_t, 5> envelope_bytes = {0, 32, 48, 48, 64};
    if (cell.size() < 8 || !cell.starts_with("GP")) return {};
    const auto envelope = (static_cast<unsigned char>(cell[3]) >> 1) & 7U;
    if (envelope >= envelope_bytes.size() || cell.size() < 8 + envelope_bytes[envelope]) return {};
    return cell.substr(8 + envelope_bytes[envelope]);
  }

  void add_point() {
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(rows_.get(), geometry_column_));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(rows_.get(), geometry_column_));
    const auto binary = well_known_binary(kind_, bytes == nullptr ? std::string_view() : std::string_view(bytes, size));
    OGRGeometry* made = nullptr;
    if (!binary.empty() &&
        OGRGeometryFactory::createFromWkb(binary.data(), nullptr, &made, binary.size()) != OGRERR_NONE)
      made = nullptr;
    const std::unique_ptr<OGRGeometry> geometry(made);
    texts_.resize(texts_.size() + 2);
    if (!geometry || geometry->IsEmpty() || wkbFlatten(geometry->getGeometryType()) != wkbPoint) return;
    double x = geometry->toPoint()->getX(), y = geometry->toPoint()->getY();
    if (transformation_->Transform(1, &x, &y) == 0 || !std::isfinite(x) || !std::isfinite(y)) return;
    texts_[texts_.size() - 2] = fmt::format("{:.9f}", x);
    texts_[texts_.size() - 1] = fmt::format("{:.9f}", y);
  }

  gdal::Scope scope_;
  LayerKind kind_;
  std::string name_, short_name_;
  TableBytes bytes_;
  Allowance allowance_;
  std::unique_ptr<sqlite3, CloseDatabase> database_;
  Statement rows_;
  std::vector<std::string> names_of_tables_, names_, texts_;
  std::set<std::string> views_, objects_;
  std::set<std::string> readable_ = {"sqlite_master", "sqlite_schema"};  // until the schema is known
  bool is_view_ = false;
  std::string geometry_;
  int geometry_column_ = -1;
  std::unique_ptr<OGRCoordinateTransformation> transformation_;
  std::vector<std::string_view> cells_;
  std::int64_t row_ = 0;
};

}  // namespace

void leave_log_mode(std::string& bytes) {
  constexpr std::size_t write_version = 18, read_version = 19;  // 1: rollback journal, 2: write-ahead log
  if (bytes.size() <= read_version) return;
  for (const auto at : {write_version, read_version})
    if (bytes[at] == 2) bytes[at] = 1;
}

Result<std::unique_ptr<RawRecords>> open_table_file(LayerKind kind, TableBytes bytes, std::string name,
                                                    std::string short_name, const SourceFormat& format) {
  auto file = std::make_unique<TableFile>(kind, std::move(name), std::move(short_name), format);
  COTEJO_CHECK(file->open(std::move(bytes)));
  COTEJO_CHECK(file->choose(format.table));
  return std::unique_ptr<RawRecords>(std::move(file));
}

}  // namespace cotejo

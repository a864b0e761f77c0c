#include "layer_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <ogr_spatialref.h>
#include <ogrsf_frmts.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "cotejo/base/context.hpp"
#include "cotejo/base/text.hpp"
#include "sheet_parts.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t largest_sheet = 1 << 30;  // bytes of XML
constexpr std::int64_t most_sheet_rows = 1'048'576, most_cells = 50'000'000, most_texts = 20'000'000;

void register_drivers() {
  static std::once_flag once;
  std::call_once(once, [] {
    RegisterOGRXLSX();
    RegisterOGRODS();
    RegisterOGRPG();
  });
}

struct DatasetCloser {
  void operator()(GDALDataset* dataset) const { GDALClose(dataset); }
};
using Dataset = std::unique_ptr<GDALDataset, DatasetCloser>;

std::string quoted_sql(std::string_view name) {
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + "\"";
}

class LayerFile final : public RawRecords {
 public:
  LayerFile(std::string name, std::string short_name, bool is_sheet)
      : name_(std::move(name)), short_name_(std::move(short_name)), is_sheet_(is_sheet) {}
  ~LayerFile() override {
    feature_.reset();
    if (result_ != nullptr) dataset_->ReleaseResultSet(result_);
  }

  Error damaged(std::string message, std::string remedy) const {
    return {.code = ErrorCode::file_damaged, .message = std::move(message), .file = name_, .remedy = std::move(remedy)};
  }
  // What GDAL said, in brackets, if it said something.
  std::string said() const {
    return scope_.failure().empty() ? std::string() : fmt::format(" (GDAL: {})", printable(scope_.failure()));
  }

  Result<void> open(const char* driver, const std::string& path, const char* const* options) {
    register_drivers();
    const char* const drivers[] = {driver, nullptr};
    dataset_.reset(GDALDataset::Open(path.c_str(), GDAL_OF_VECTOR | GDAL_OF_READONLY, drivers, options, nullptr));
    if (dataset_) return {};
    if (is_database(name_))
      return Error{.code = ErrorCode::file_missing,
                   .message = fmt::format("the database cannot be opened{}", said()),
                   .file = name_,
                   .remedy =
                       "Check host, port, dbname and user; a password goes into PGPASSWORD or ~/.pgpass, which are "
                       "used with --allow-database."};
    return damaged(fmt::format("the file cannot be opened as {}{}", driver, said()),
                   "Get the file again and compare its SHA-256; it may be cut short or protected by a password.");
  }

  // The layer called `table`, or the only one.
  Result<void> choose(const std::string& table) {
    std::vector<std::string> names;
    for (int i = 0; i < dataset_->GetLayerCount(); ++i) names.emplace_back(dataset_->GetLayer(i)->GetName());
    const char* kind = is_sheet_ ? "sheet" : "table";
    const auto missing = [&](std::string message, std::string remedy) {
      return Error{.code = ErrorCode::file_missing,
                   .message = std::move(message),
                   .file = name_,
                   .value = table,
                   .remedy = std::move(remedy)};
    };
    if (names.empty()) return damaged(fmt::format("the file has no {}{}", kind, said()), "Check the file.");
    if (table.empty() && names.size() > 1)
      return missing(fmt::format("the file has {} {}s: {}", names.size(), kind, gdal::listed(names)),
                     is_sheet_ ? "Name one of them as `table` under [file], or all, one below the other, as \"*\"."
                               : "Name one of them as `table` under [file].");
    if (is_sheet_ && table == all_parts) {
      all_sheets_ = true;
      base_name_ = name_;
      short_name_ += "/" + table;
      return open_sheet(0);
    }
    const auto found = table.empty() ? names.begin() : std::find(names.begin(), names.end(), table);
    if (found == names.end()) {
      const auto near = nearest_name(table, names);
      return missing(fmt::format("the file has no such {}; it has {}", kind, gdal::listed(names)),
                     near.empty() ? "Name one of them as `table` under [file]."
                                  : fmt::format("Did you mean '{}'?", printable(near)));
    }
    layer_ = dataset_->GetLayer(static_cast<int>(found - names.begin()));
    if (names.size() > 1) {
      name_ += "/" + *found;
      short_name_ += "/" + *found;
    }
    return describe_layer();
  }

  Result<void> open_sheet(int sheet) {
    sheet_ = sheet;
    layer_ = dataset_->GetLayer(sheet);
    sheet_name_ = layer_->GetName();
    name_ = base_name_ + "/" + sheet_name_;
    layer_->ResetReading();
    return describe_layer();
  }

  Result<void> select(const std::string& sql) {
    layer_ = result_ = dataset_->ExecuteSQL(sql.c_str(), nullptr, nullptr);
    if (layer_ == nullptr)
      return Error{.code = ErrorCode::file_missing,
                   .message = fmt::format("the table cannot be read{}", said()),
                   .file = name_,
                   .remedy = "Check `table` (\"schema.table\") and the user's right to read it."};
    return describe_layer();
  }

  void keep(std::unique_ptr<gdal::Mount> mount) { mount_ = std::move(mount); }

  Result<bool> read() override {
    feature_.reset(layer_->GetNextFeature());
    texts_.clear();
    cells_.clear();
    if (!feature_) {
      if (scope_.failure().find("Too much accumulated memory") != std::string::npos)
        return damaged(
            fmt::format("the sheet has more cells than GDAL reads from an ODS file (it stopped after row {})", row_),
            "Save the sheet as XLSX or CSV.");
      if (!scope_.failure().empty())
        return damaged(fmt::format("row {} cannot be read{}", row_ + 1, said()), "Get the file again.");
      if (!all_sheets_ || sheet_ + 1 >= dataset_->GetLayerCount()) return false;
      COTEJO_CHECK(open_sheet(sheet_ + 1));
      return read();
    }
    // A sheet's feature ids are its row numbers; a table has none that a person could count by.
    row_ = is_sheet_ ? feature_->GetFID() : row_ + 1;
    std::size_t bytes = 0;
    if (all_sheets_) texts_.push_back(sheet_name_);
    if (shows_id_) texts_.push_back(std::to_string(feature_->GetFID()));
    for (int i = 0; i < feature_->GetFieldCount(); ++i) {
      texts_.emplace_back(feature_->IsFieldSetAndNotNull(i) ? text_of(i) : std::string());
      bytes += texts_.back().size();
    }
    if (bytes > largest_record)
      return damaged(fmt::format("row {} has more than {} bytes", row_, with_thousands(largest_record)),
                     "No row of a count is that long: check `table` under [file].");
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
  double fraction() const override {
    const double part = rows_ > 0 ? std::min(1.0, static_cast<double>(row_) / static_cast<double>(rows_)) : 0.0;
    return all_sheets_ ? (sheet_ + part) / dataset_->GetLayerCount() : part;
  }
  const std::string& name() const override { return name_; }
  const std::string& short_name() const override { return short_name_; }
  std::vector<std::string> names() const override { return names_; }
  bool ragged() const override { return is_sheet_; }

 private:
  Result<void> describe_layer() {
    auto* definition = layer_->GetLayerDefn();
    const std::string id = layer_->GetFIDColumn();
    shows_id_ = !is_sheet_ && !id.empty();
    if (!is_sheet_) {
      if (shows_id_) names_.push_back(id);
      for (int i = 0; i < definition->GetFieldCount(); ++i)
        names_.emplace_back(trimmed(definition->GetFieldDefn(i)->GetNameRef()));
    }
    if (definition->GetFieldCount() > static_cast<int>(most_columns))
      return damaged(fmt::format("{} columns; at most {} are read", with_thousands(definition->GetFieldCount()),
                                 with_thousands(most_columns)),
                     "Name a table with fewer columns.");
    rows_ = layer_->GetFeatureCount(is_sheet_ ? TRUE : FALSE);
    if (is_sheet_ && rows_ > most_sheet_rows)
      return damaged(
          fmt::format("{} rows; a sheet has at most {}", with_thousands(rows_), with_thousands(most_sheet_rows)),
          "Get the file again.");
    if (wkbFlatten(layer_->GetGeomType()) == wkbPoint && layer_->GetSpatialRef() != nullptr) {
      OGRSpatialReference degrees;
      degrees.importFromEPSG(4326);
      degrees.SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
      const std::unique_ptr<OGRSpatialReference> from(layer_->GetSpatialRef()->Clone());
      from->SetAxisMappingStrategy(OAMS_TRADITIONAL_GIS_ORDER);
      transformation_.reset(OGRCreateCoordinateTransformation(from.get(), &degrees));
      if (transformation_)
        for (const char* column : {"@longitude", "@latitude"}) names_.emplace_back(column);
    }
    return {};
  }

  std::string text_of(int field) const {
    const auto type = feature_->GetFieldDefnRef(field)->GetType();
    if (type == OFTReal) return fmt::format("{}", feature_->GetFieldAsDouble(field));
    std::string text = feature_->GetFieldAsString(field);
    if (type == OFTDate || type == OFTDateTime) std::replace(text.begin(), text.end(), '/', '-');
    return text;
  }

  void add_point() {
    const auto* geometry = feature_->GetGeometryRef();
    if (geometry == nullptr || geometry->IsEmpty() || wkbFlatten(geometry->getGeometryType()) != wkbPoint) {
      texts_.resize(texts_.size() + 2);
      return;
    }
    double x = geometry->toPoint()->getX(), y = geometry->toPoint()->getY();
    const bool known = transformation_->Transform(1, &x, &y) != 0 && std::isfinite(x) && std::isfinite(y);
    texts_.push_back(known ? fmt::format("{:.9f}", x) : std::string());
    texts_.push_back(known ? fmt::format("{:.9f}", y) : std::string());
  }

  gdal::Scope scope_;
  std::unique_ptr<gdal::Mount> mount_;
  Dataset dataset_;
  std::string name_, short_name_;
  bool is_sheet_;
  bool all_sheets_ = false;
  int sheet_ = 0;
  std::string base_name_, sheet_name_;
  OGRLayer* layer_ = nullptr;
  OGRLayer* result_ = nullptr;
  OGRFeatureUniquePtr feature_;
  std::unique_ptr<OGRCoordinateTransformation> transformation_;
  bool shows_id_ = false;
  std::vector<std::string> names_, texts_;
  std::vector<std::string_view> cells_;
  std::int64_t row_ = 0, rows_ = 0;
};

// What GDAL will hold of a spreadsheet in memory, bounded before it begins: the bytes as they unpack (what a zip
// declares is what its maker wrote there), and of an XLSX the texts, and the rows times the widest row, which take room
// even where their cells are empty. Any part may be a sheet: a part's name is its maker's choice.
class SheetSize {
 public:
  explicit SheetSize(std::string name) : name_(std::move(name)) {}

  void begin_part() {
    tag_.clear();
    rows_ = columns_ = 0;
  }

  // The next bytes of a part.
  Result<void> add(std::string_view chunk) {
    bytes_ += static_cast<std::int64_t>(chunk.size());
    if (bytes_ > largest_sheet)
      return refuse(fmt::format("the spreadsheet unpacks to more than {} bytes", with_thousands(largest_sheet)));
    for (std::size_t at = 0; at < chunk.size();) {
      if (tag_.empty()) at = chunk.find('<', at);
      if (at == std::string_view::npos) break;
      const auto end = std::min(chunk.find('>', at), chunk.size());
      if (tag_.size() < longest_tag) tag_ += chunk.substr(at, std::min(end - at, longest_tag));
      at = end + 1;
      if (end == chunk.size()) break;
      use_tag();
      tag_.clear();
    }
    if (texts_ > most_texts)
      return refuse(fmt::format("the spreadsheet has more than {} texts", with_thousands(most_texts)));
    if (rows_ > most_sheet_rows)
      return refuse(fmt::format("more than {} rows; a sheet has no more", with_thousands(most_sheet_rows)));
    if (rows_ * columns_ > most_cells)
      return refuse(fmt::format("{} rows of {} columns; at most {} cells are read", with_thousands(rows_),
                                with_thousands(columns_), with_thousands(most_cells)));
    return {};
  }

 private:
  static constexpr std::size_t longest_tag = 256;
  static constexpr std::string_view last_cell = "XFD1048576";

  Error refuse(std::string message) const {
    return {.code = ErrorCode::file_damaged,
            .message = std::move(message),
            .file = name_,
            .remedy = "Save the sheet as CSV, which is read row by row."};
  }

  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
  bool is(std::string_view element) const {
    const auto rest = std::string_view(tag_).substr(1);
    return rest.starts_with(element) &&
           (rest.size() == element.size() || rest[element.size()] == '/' || is_blank(rest[element.size()]));
  }
  // The attribute r, "C12" of a cell and "12" of a row, or empty. A tag that is not written as spreadsheet programs
  // write it (a ">" in a value, character references, a tag of 256 bytes) counts as that of the last cell.
  std::string_view reference() const {
    if (tag_.size() >= longest_tag || tag_.find('&') != std::string::npos ||
        std::count(tag_.begin(), tag_.end(), '"') % 2 + std::count(tag_.begin(), tag_.end(), '\'') % 2 > 0)
      return last_cell;
    for (auto at = tag_.find('r'); at != std::string::npos; at = tag_.find('r', at + 1)) {
      if (at == 0 || !is_blank(tag_[at - 1])) continue;
      auto next = at + 1;
      while (next < tag_.size() && (is_blank(tag_[next]) || tag_[next] == '=')) ++next;
      if (next > at + 1 && next < tag_.size()) return std::string_view(tag_).substr(next + 1);
    }
    return {};
  }

  void use_tag() {
    if (is("si")) {
      ++texts_;
    } else if (is("row")) {
      ++rows_;
      column_ = 0;
      std::int64_t row = 0;
      for (const char c : reference().substr(0, 11)) {
        if (c >= '0' && c <= '9')
          row = 10 * row + (c - '0');
        else if (c < 'A' || c > 'Z')
          break;
      }
      rows_ = std::max(rows_, row);
    } else if (is("c")) {
      ++column_;
      std::int64_t column = 0;
      for (const char c : reference().substr(0, 6)) {
        const char upper = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
        if (upper < 'A' || upper > 'Z') break;
        column = 26 * column + (upper - 'A' + 1);
      }
      columns_ = std::max({columns_, column_, column});
    }
  }

  std::string name_, tag_;
  std::int64_t bytes_ = 0, texts_ = 0, rows_ = 0, column_ = 0, columns_ = 0;
};

Result<void> check_size(const std::string& mounted, const std::string& name, const std::stop_token& cancel) {
  const std::string inside = "/vsizip/{" + mounted + "}";
  const CPLStringList parts(VSIReadDirRecursive(inside.c_str()), TRUE);
  SheetSize size(name);
  std::vector<char> chunk(1u << 16);
  for (int i = 0; i < parts.Count(); ++i) {
    const gdal::File file(VSIFOpenL((inside + "/" + parts[i]).c_str(), "rb"));
    if (!file) continue;
    size.begin_part();
    while (const auto got = VSIFReadL(chunk.data(), 1, chunk.size(), file.get())) {
      if (cancel.stop_requested()) return cancelled_error();
      COTEJO_CHECK(size.add({chunk.data(), got}));
    }
  }
  return {};
}

}  // namespace

std::optional<LayerKind> layer_kind_of(std::string_view first_bytes) {
  if (!first_bytes.starts_with(std::string_view("SQLite format 3\0", 16))) return std::nullopt;
  const auto application = first_bytes.size() >= 72 ? first_bytes.substr(68, 4) : std::string_view();
  return application == "GPKG" || application == "GP10" || application == "GP11" ? LayerKind::geopackage
                                                                                 : LayerKind::sqlite;
}

Result<std::unique_ptr<RawRecords>> open_layer(LayerKind kind, std::uint64_t size, gdal::Mount::Open open,
                                               std::string name, std::string short_name, const SourceFormat& format) {
  const bool is_xlsx = kind == LayerKind::xlsx;
  auto file = std::make_unique<LayerFile>(std::move(name), std::move(short_name), true);
  auto mount = std::make_unique<gdal::Mount>(size, std::move(open), is_xlsx ? ".xlsx" : ".ods");
  const std::string path = mount->path();
  file->keep(std::move(mount));
  COTEJO_CHECK(check_size(path, file->name(), format.cancel));
  const char* const options[] = {nullptr};
  COTEJO_CHECK(file->open(is_xlsx ? "XLSX" : "ODS", path, options));
  COTEJO_CHECK(file->choose(format.table));
  return std::unique_ptr<RawRecords>(std::move(file));
}

Result<std::unique_ptr<RawRecords>> open_database(std::string_view path, const SourceFormat& format) {
  const auto refused = [](std::string message, std::string remedy) {
    return Error{.code = ErrorCode::usage,
                 .message = std::move(message),
                 .file = std::string(database_prefix),
                 .remedy = std::move(remedy)};
  };
  if (format.database == DatabaseUse::refused || path == database_prefix)
    return refused("the address of a database is given on the command line, and nowhere else",
                   "cotejo import CASE PROFILE.toml --input \"postgresql:host=... dbname=...\"");
  if (path.find("password") != std::string_view::npos)
    return refused("a password in a database's address would be kept in the case",
                   "Give it in the variable PGPASSWORD or in the file ~/.pgpass, with --allow-database.");
  // What libpq would add by itself goes to whoever answers at the address. A variable of the environment does not reach
  // what is given here; a file that cannot be is asked for no password.
  const std::string credentials = format.database == DatabaseUse::address_and_credentials
                                      ? ""
                                      : " password='' passfile='/dev/null/none' sslcert='' sslkey=''";
  auto file = std::make_unique<LayerFile>("postgresql:" + format.table, format.table, false);
  const std::string connection = fmt::format("PG:{} options='-c default_transaction_read_only=on'{}",
                                             path.substr(database_prefix.size()), credentials);
  const char* const options[] = {"LIST_ALL_TABLES=NO", nullptr};
  COTEJO_CHECK(file->open("PostgreSQL", connection, options));
  std::string table;
  for (std::string_view rest = format.table;;) {
    const auto dot = rest.find('.');
    table += (table.empty() ? "" : ".") + quoted_sql(rest.substr(0, dot));
    if (dot == std::string_view::npos) break;
    rest = rest.substr(dot + 1);
  }
  // A database has no order of its own, and a count's hash must be the same tomorrow.
  std::string order;
  for (const auto& column : format.order) order += (order.empty() ? " ORDER BY " : ", ") + quoted_sql(column);
  COTEJO_CHECK(file->select("SELECT * FROM " + table + order));
  return std::unique_ptr<RawRecords>(std::move(file));
}

}  // namespace cotejo

#include "cotejo/intake/reader.hpp"

#include <algorithm>
#include <unordered_set>

#include "cotejo/base/text.hpp"
#include "count_builder.hpp"

namespace cotejo {

namespace {

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<Count> read_count(const Profile& profile, const std::filesystem::path& file, const Context& context) {
  COTEJO_TRY(rows, ProfiledRows::open(profile, file, context));
  COTEJO_TRY(builder, CountBuilder::bind(profile, rows));
  COTEJO_TRY(rejected, rows.for_each_row(context, [&](const Records& row) { return builder.use(row); }));
  return std::move(builder).finish(rows, std::move(rejected));
}

Result<Crosswalk> read_crosswalk(const Profile& profile, const std::filesystem::path& file, const Context& context) {
  Profile strict = profile;  // a crosswalk has no place for rows that are set aside
  strict.bad_rows = BadRows::refuse;
  COTEJO_TRY(profiled, ProfiledRows::open(strict, file, context));
  COTEJO_TRY(from, profiled.bind(strict.from));
  COTEJO_TRY(to, profiled.bind(strict.to));
  Crosswalk out{.id = profile.crosswalk_id, .source = {}, .rows = {}};
  for (const auto* part : {&profile.publisher, &profile.source_title, &profile.url})
    if (!part->empty()) out.source += (out.source.empty() ? "" : "; ") + *part;
  std::unordered_set<std::string> seen;
  std::string unit, place;
  auto rows = profiled.for_each_row(context, [&](const Records& row) -> std::optional<RowFault> {
    if (auto fault = evaluate(from, row, unit)) return fault;
    if (auto fault = evaluate(to, row, place)) return fault;
    if (unit.empty() || place.empty())
      return RowFault{.message = "expected a unit's key and a place's code, found an empty cell",
                      .column = row.header()[(unit.empty() ? from : to).columns.back()],
                      .value = {},
                      .remedy = {}};
    if (!seen.insert(unit).second)
      return RowFault{.code = ErrorCode::unit_duplicate,
                      .message = "expected each unit once",
                      .column = row.header()[from.columns.back()],
                      .value = unit,
                      .remedy = {}};
    out.rows.emplace_back(unit, place);
    return std::nullopt;
  });
  if (!rows) return std::move(rows).error();
  return out;
}

Result<std::vector<std::string>> read_unit_list(const std::filesystem::path& path) {
  COTEJO_TRY(commas, Records::open(path, {}));
  std::optional<Records> file = std::move(commas);
  const std::string first = file->header()[0];
  if (file->header().size() == 1 && first != "unit") {
    // One cell: perhaps another separator.
    for (const char separator : {';', '\t', '|'}) {
      if (first.find(separator) == std::string::npos) continue;
      file.reset();
      COTEJO_TRY(other, Records::open(path, {.member = {}, .table = {}, .separator = separator}));
      file = std::move(other);
      break;
    }
  }
  std::size_t column = 0;
  if (file->header().size() > 1) {
    COTEJO_TRY(unit, file->column("unit"));
    column = unit;
  } else if (all_digits(file->header()[0])) {
    return Error{.code = ErrorCode::column_missing,
                 .message = "expected the header 'unit' in the first row, found what looks like a unit",
                 .file = file->name(),
                 .row = 1,
                 .column = "unit",
                 .value = file->header()[0],
                 .remedy = "Write a first line with the word unit."};
  }
  std::vector<std::string> out;
  for (;;) {
    COTEJO_TRY(more, file->next());
    if (!more) break;
    auto fault = file->fault();
    if (!fault && trimmed(file->cells()[column]).empty())
      fault = RowFault{.message = "expected a unit's key, found an empty cell",
                       .column = file->header()[column],
                       .value = {},
                       .remedy = "Remove the row or fill the cell in."};
    if (fault)
      return Error{.code = fault->code,
                   .message = fault->message,
                   .file = file->name(),
                   .row = file->row(),
                   .column = fault->column,
                   .value = printable(fault->value),
                   .remedy = fault->remedy};
    out.emplace_back(trimmed(file->cells()[column]));
  }
  if (out.empty())
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the list has a header and no units",
                 .file = file->name(),
                 .remedy = "Write one unit's key per line."};
  return out;
}

}  // namespace cotejo

#include "profiled_rows.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t rows_between_reports = 4'096;
// A file whose first rows are all unusable is the wrong file or has the wrong profile; it is not kept row by row.
constexpr std::int64_t rejected_without_a_use = 10'000;
// What is kept row by row is bounded, whatever a file of a few kilobytes unpacks to.
constexpr std::size_t most_rejected = 1'000'000;

// An error shows a cell, it does not carry megabytes of it.
std::string shortened(const std::string& value) {
  return value.size() <= 1'000 && is_utf8(value) ? value : printable(value, 200);
}

}  // namespace

std::optional<RowFault> evaluate(const BoundText& bound, std::span<const std::string_view> cells,
                                 const std::vector<std::string>& header, std::string& out) {
  const auto& expression = *bound.expression;
  out.clear();
  if (bound.columns.empty()) {
    out = expression.constant;
    return std::nullopt;
  }
  bool any = false;
  for (std::size_t i = 0; i < bound.columns.size(); ++i) {
    auto cell = trimmed(cells[bound.columns[i]]);
    if (cell.empty() && !bound.above.empty()) cell = *bound.above[i];
    if (cell.empty() && !bound.may_be_empty[i])
      return RowFault{.message = "expected text, found an empty cell",
                      .column = header[bound.columns[i]],
                      .value = {},
                      .remedy = "If the cells of this column may be empty, list it as `optional` under [file]."};
    any = any || !cell.empty();
    if (i > 0) out += expression.join;
    if (!expression.widths.empty() && cell.size() < expression.widths[i])
      out.append(expression.widths[i] - cell.size(), '0');
    out += cell;
  }
  if (any)
    out.insert(0, expression.prefix);
  else
    out.clear();
  if (expression.drop_last == 0 || out.empty()) return std::nullopt;
  std::size_t size = out.size();
  for (std::size_t dropped = 0; dropped < expression.drop_last && size > 0; ++dropped) do
      --size;
    while (size > 0 && (static_cast<unsigned char>(out[size]) & 0xC0U) == 0x80U);
  if (size == 0)
    return RowFault{.message = fmt::format("expected more than {} characters, of which the last {} are dropped",
                                           expression.drop_last, expression.drop_last),
                    .column = header[bound.columns.back()],
                    .value = out,
                    .remedy = {}};
  out.resize(size);
  return std::nullopt;
}

Result<BoundFilter> BoundFilter::bind(const RowFilter& filter, const Records& file) {
  COTEJO_TRY(column, file.column(filter.column));
  BoundFilter out(filter, column);
  if (!filter.matches.empty()) out.matches_.emplace(filter.matches);
  if (!filter.not_matches.empty()) out.not_matches_.emplace(filter.not_matches);
  out.compares_parts_ = !filter.length.empty() || !filter.not_length.empty() || filter.starts_with ||
                        filter.not_starts_with || filter.ends_with || filter.not_ends_with || out.matches_ ||
                        out.not_matches_;
  return out;
}

namespace {

std::size_t characters_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool holds(const std::vector<std::string>& texts, std::string_view cell) {
  return std::find(texts.begin(), texts.end(), cell) != texts.end();
}

}  // namespace

bool BoundFilter::keeps_text(std::string_view cell) const {
  const auto& f = *filter_;
  const auto has = [length = characters_of(cell)](const std::vector<std::size_t>& lengths) {
    return std::find(lengths.begin(), lengths.end(), length) != lengths.end();
  };
  return (f.length.empty() || has(f.length)) && !has(f.not_length) &&
         (!f.starts_with || cell.starts_with(*f.starts_with)) &&
         (!f.not_starts_with || !cell.starts_with(*f.not_starts_with)) &&
         (!f.ends_with || cell.ends_with(*f.ends_with)) && (!f.not_ends_with || !cell.ends_with(*f.not_ends_with));
}

Result<bool> BoundFilter::keeps(const Records& file) const {
  const auto cell = trimmed(file.cells()[column_]);
  const auto& f = *filter_;
  if ((f.equals && cell != *f.equals) || (f.not_equals && cell == *f.not_equals) ||
      (f.at_least && cell < *f.at_least) || (f.at_most && cell > *f.at_most) ||
      (!f.one_of.empty() && !holds(f.one_of, cell)) || (!f.not_one_of.empty() && holds(f.not_one_of, cell)))
    return false;
  if (!compares_parts_) return true;
  if (!keeps_text(cell)) return false;
  for (const auto& [pattern, wanted] : {std::pair{&matches_, true}, std::pair{&not_matches_, false}}) {
    if (!*pattern) continue;
    auto found = (*pattern)->matches(cell);
    if (!found) {
      Error error = std::move(found).error();
      error.file = file.name();
      error.row = file.row();
      error.column = file.header()[column_];
      return error;
    }
    if (*found != wanted) return false;
  }
  return true;
}

Result<ProfiledRows> ProfiledRows::open(const Profile& profile, const std::filesystem::path& path,
                                        const Context& context) {
  SourceFormat format = profile.format;
  format.cancel = context.cancel;
  // A database has no order of its own.
  format.order = profile.kind == ProfileKind::count       ? profile.unit_key.columns
                 : profile.kind == ProfileKind::crosswalk ? profile.from.columns
                                                          : profile.arrival.unit.columns;
  if (profile.long_layout)
    format.order.insert(format.order.end(), profile.long_layout->name.columns.begin(),
                        profile.long_layout->name.columns.end());
  COTEJO_TRY(file, Records::open(path, format));
  ProfiledRows out(profile, std::move(file));
  for (const auto& name : profile.optional_columns) {
    COTEJO_TRY(column, out.file_.column(name));
    out.optional_.push_back(column);
  }
  for (const auto& filter : profile.where) {
    COTEJO_TRY(bound, BoundFilter::bind(filter, out.file_));
    out.filters_.push_back(std::move(bound));
  }
  return out;
}

Result<BoundText> ProfiledRows::bind(const TextExpression& expression) {
  BoundText out{.expression = &expression, .columns = {}, .may_be_empty = {}, .above = {}};
  for (const auto& name : expression.columns) {
    COTEJO_TRY(column, file_.column(name));
    out.columns.push_back(column);
    out.may_be_empty.push_back(is_optional(column));
    if (expression.fill_down) out.above.push_back(text_above(column));
  }
  return out;
}

const std::string* ProfiledRows::text_above(std::size_t column) {
  for (const auto& [known, text] : above_)
    if (known == column) return text.get();
  return above_.emplace_back(column, std::make_unique<std::string>()).second.get();
}

// Of every row, also of those that the filters drop: a merged cell may stand on a row of totals.
void ProfiledRows::remember_texts() {
  for (auto& [column, text] : above_)
    if (column < file_.cells().size())
      if (const auto cell = trimmed(file_.cells()[column]); !cell.empty()) *text = cell;
}

Result<void> ProfiledRows::begin_row(const Context& context, const std::string& stage) {
  if (rows_++ % rows_between_reports != 0) return {};
  if (context.cancelled()) return cancelled_error();
  context.report(stage, file_.fraction());
  return {};
}

Result<void> ProfiledRows::set_aside(const RowFault& fault, bool damaged) {
  ++bad_;
  if (!first_) first_ = error_of(fault, file_.row());
  if (rejected_.size() == most_rejected) {
    first_->message += fmt::format("; more than {} rows cannot be used", with_thousands(most_rejected));
    return std::move(*first_);
  }
  if (profile_->bad_rows == BadRows::set_aside) {
    auto cells = nlohmann::json::array();
    for (const auto cell : file_.cells())
      cells.push_back(is_utf8(cell) ? std::string(cell) : printable(cell, cell.size()));
    rejected_.push_back(rejected_row(fault, file_.row(), cells.dump()));
    damaged_.push_back(damaged);
  }
  if (bad_ == kept_ && bad_ >= rejected_without_a_use) {
    first_->message += fmt::format("; none of the first {} rows can be used", with_thousands(bad_));
    return std::move(*first_);
  }
  return {};
}

Result<void> ProfiledRows::judge() {
  if (rows_ == 0) return nothing("the file has a header and no rows", "Get the file again.");
  if (kept_ == 0)
    return nothing(rows_ == 1 ? std::string("the only row does not satisfy [[where]]")
                              : fmt::format("none of the {} rows satisfies [[where]]", with_thousands(rows_)),
                   "Check [[where]] in the profile.");
  if (bad_ == kept_ || (first_ && profile_->bad_rows == BadRows::refuse)) {
    if (bad_ > 1)
      first_->message +=
          fmt::format(" (and {} more unusable {})", with_thousands(bad_ - 1), bad_ == 2 ? "row" : "rows");
    return std::move(*first_);
  }
  return {};
}

Error ProfiledRows::nothing(std::string message, std::string remedy) const {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = file_.name(),
          .remedy = std::move(remedy)};
}

Error ProfiledRows::error_of(const RowFault& fault, std::int64_t row) const {
  Error error{.code = fault.code,
              .message = fault.message,
              .file = file_.name(),
              .row = row,
              .column = fault.column,
              .value = shortened(fault.value),
              .remedy = fault.remedy};
  if (error.remedy.empty())
    error.remedy = profile_->kind == ProfileKind::count
                       ? "Correct the file, or keep such rows apart with bad_rows = \"set-aside\" under [file]."
                       : "Correct the file.";
  return error;
}

RejectedRow ProfiledRows::rejected_row(const RowFault& fault, std::int64_t row, std::string text) const {
  return {.file = file_.short_name(),
          .row = row,
          .column = fault.column,
          .value = shortened(fault.value),
          .reason = fault.message,
          .text = std::move(text)};
}

}  // namespace cotejo

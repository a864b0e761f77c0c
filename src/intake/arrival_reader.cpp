#include <fmt/format.h>
#include <fmt/ranges.h>

#include <optional>
#include <unordered_map>
#include <utility>

#include "cotejo/base/text.hpp"
#include "cotejo/intake/reader.hpp"
#include "numbers.hpp"
#include "profiled_rows.hpp"
#include "times.hpp"

namespace cotejo {

namespace {

constexpr std::int64_t most_unread = 5;  // one in so many; with more of them the profile is wrong, not the file

class ArrivalBuilder {
 public:
  static Result<ArrivalBuilder> bind(const Profile& profile, ProfiledRows& rows) {
    ArrivalBuilder out(profile);
    COTEJO_TRY(unit, rows.bind(profile.arrival.unit));
    out.unit_ = unit;
    for (const auto& [name, to] :
         {std::pair{&profile.arrival.value, &out.value_}, std::pair{&profile.arrival.until, &out.until_},
          std::pair{&profile.arrival.time_column, &out.time_}}) {
      if (name->empty()) continue;
      COTEJO_TRY(column, rows.file().column(*name));
      *to = column;
    }
    return out;
  }

  std::optional<RowFault> use(const Records& row) {
    if (auto fault = evaluate(unit_, row, key_)) return fault;
    if (key_.empty())
      return RowFault{.message = "expected a unit's key, found an empty cell",
                      .column = row.header()[unit_.columns.back()],
                      .value = {},
                      .remedy = {}};
    ++position_;
    if (!seen_.emplace(key_, row.row()).second)
      return RowFault{.code = ErrorCode::unit_duplicate,
                      .message = fmt::format("expected each unit once; row {} is the same unit", seen_[key_]),
                      .column = row.header()[unit_.columns.back()],
                      .value = key_,
                      .remedy = "Keep the row that counts with [[where]]."};
    double from = static_cast<double>(position_), to = from, time = 0;
    if (auto fault = read_interval(row, from, to, time)) {  // the unit has no time; its votes are another file's
      ++unread_;
      if (!first_unread_) first_unread_ = {std::move(*fault), row.row()};
      return std::nullopt;
    }
    if (time_) {
      times_.push_back(time);
      time_texts_.emplace_back(trimmed(row.cells()[*time_]));
    }
    arrival_.unit_keys.push_back(key_);
    arrival_.from.push_back(from);
    arrival_.to.push_back(to);
    if (arrival_.kind == ArrivalKind::order) rows_.push_back(row.row());
    return std::nullopt;
  }

  Result<Arrival> finish(const ProfiledRows& rows) && {
    if (unread_ > 0) {
      const auto& [fault, row] = *first_unread_;
      if (unread_ * most_unread > position_) return rows.error_of(fault, row);
      arrival_.caveats.push_back(fmt::format(
          "{} of {} rows {} without a {} that can be read ({}; row {}: '{}'): {} no place in the order of arrival.",
          with_thousands(unread_), with_thousands(position_), unread_ == 1 ? "is" : "are",
          arrival_.kind == ArrivalKind::time ? "time" : "position", fault.message, row, printable(fault.value, 40),
          unread_ == 1 ? "its unit has" : "their units have"));
    }
    if (time_) COTEJO_CHECK(order_is_no_text_order(rows));
    return std::move(arrival_);
  }

 private:
  explicit ArrivalBuilder(const Profile& profile)
      : profile_(&profile), numbers_(profile.numbers), time_reader_(profile.arrival.time_formats) {
    arrival_.id = profile.arrival.id;
    arrival_.title = profile.arrival.title;
    arrival_.kind = profile.arrival.kind;
    arrival_.caveats = profile.caveats;
    for (const auto* part : {&profile.publisher, &profile.source_title, &profile.url})
      if (!part->empty()) arrival_.source += (arrival_.source.empty() ? "" : "; ") + *part;
  }

  std::optional<RowFault> read_interval(const Records& row, double& from, double& to, double& time) const {
    if (value_)
      if (auto fault = read(row, *value_, from)) return fault;
    to = from;
    if (until_)
      if (auto fault = read(row, *until_, to)) return fault;
    if (to < from)
      return RowFault{.message = "the interval ends before it begins",
                      .column = row.header()[*until_],
                      .value = std::string(trimmed(row.cells()[*until_])),
                      .remedy = "`at` names the column with the beginning, `until` the one with the end."};
    return time_ ? read_time(row, *time_, time) : std::nullopt;
  }

  std::optional<RowFault> read(const Records& row, std::size_t column, double& out) const {
    if (arrival_.kind == ArrivalKind::time) return read_time(row, column, out);
    const auto cell = trimmed(row.cells()[column]);
    const auto value = numbers_.real(cell);
    const bool percentile = arrival_.kind == ArrivalKind::percentile;
    if (value && *value == *value && !(percentile && (*value < 0 || *value > 100)) && std::abs(*value) < 1e15) {
      out = *value;
      return std::nullopt;
    }
    const bool looks_like_time = cell.find(':') != std::string_view::npos;
    return RowFault{.message = percentile ? "expected a percentile from 0 to 100" : "expected a position, a number",
                    .column = row.header()[column],
                    .value = std::string(cell),
                    .remedy = looks_like_time
                                  ? "This is a time: read it with kind = \"time\". Times that are compared as text are "
                                    "out of order (\"01:00 p.m.\" comes before \"01:01 a.m.\")."
                                  : ""};
  }

  std::optional<RowFault> read_time(const Records& row, std::size_t column, double& out) const {
    const auto cell = trimmed(row.cells()[column]);
    if (const auto time = time_reader_.read(cell)) {
      out = *time;
      return std::nullopt;
    }
    const auto& formats = profile_->arrival.time_formats;
    return RowFault{
        .message = formats.empty() ? "expected a time such as 2019-10-20T19:40:57"
                   : formats.size() == 1
                       ? fmt::format("expected a time of the form {}", formats[0])
                       : fmt::format("expected a time of exactly one of the forms {}", fmt::join(formats, ", ")),
        .column = row.header()[column],
        .value = std::string(cell),
        .remedy =
            has_half_day_mark(cell) && formats.empty()
                ? "This is a 12-hour clock: say how it is written, as in time_format = \"dd/MM/yyyy hh:mm:ss a\". "
                  "As text such times are out of order: \"01:00 p.m.\" comes before \"01:01 a.m.\"."
                : "Say how times are written with `time_format`, as ICU does: \"dd/MM/yyyy HH:mm:ss\"."};
  }

  // The known error: an order of arrival that somebody made by sorting times as text.
  Result<void> order_is_no_text_order(const ProfiledRows& rows) const {
    std::vector<std::size_t> order(times_.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return arrival_.from[a] < arrival_.from[b]; });
    std::vector<std::string> texts;
    std::vector<double> times;
    for (const auto i : order) {
      texts.push_back(time_texts_[i]);
      times.push_back(times_[i]);
    }
    const auto bad = sorted_as_text(texts, times);
    if (!bad) return {};
    return Error{
        .code = ErrorCode::value_invalid,
        .message = fmt::format(
            "the order is that of its times sorted as text, not that of the times: \"{}\" stands before \"{}\"",
            printable(texts[*bad - 1], 40), printable(texts[*bad], 40)),
        .file = rows.file().name(),
        .row = rows_[order[*bad]],
        .column = profile_->arrival.time_column,
        .value = printable(texts[*bad], 40),
        .remedy = "Read the times themselves with kind = \"time\"; an order made of their text says nothing."};
  }

  const Profile* profile_;
  NumberReader numbers_;
  TimeReader time_reader_;
  Arrival arrival_;
  BoundText unit_;
  std::optional<std::size_t> value_, until_, time_;
  std::string key_;
  std::int64_t position_ = 0, unread_ = 0;
  std::optional<std::pair<RowFault, std::int64_t>> first_unread_;
  std::unordered_map<std::string, std::int64_t> seen_;
  std::vector<std::string> time_texts_;
  std::vector<double> times_;
  std::vector<std::int64_t> rows_;
};

}  // namespace

Result<Arrival> read_arrival(const Profile& profile, const std::filesystem::path& file, const Context& context) {
  COTEJO_TRY(rows, ProfiledRows::open(profile, file, context));
  COTEJO_TRY(builder, ArrivalBuilder::bind(profile, rows));
  auto read = rows.for_each_row(context, [&](const Records& row) { return builder.use(row); });
  if (!read) return std::move(read).error();
  return std::move(builder).finish(rows);
}

}  // namespace cotejo

#include "cotejo/intake/writer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <functional>
#include <system_error>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

// Writes beside `file` and puts the result in its place only when it is whole.
Result<void> write_whole(const fs::path& file, const std::function<void(std::ostream&)>& write) {
  const auto failed = [&](std::string message) {
    return Error{.code = ErrorCode::file_write,
                 .message = std::move(message),
                 .file = file.string(),
                 .remedy = "Check the folder, its permissions and the free space."};
  };
  fs::path part = file;
  part += ".part";
  std::error_code status;
  {
    std::ofstream out(part, std::ios::binary | std::ios::trunc);
    if (!out) return failed("the file cannot be written");
    write(out);
    out.flush();
    if (!out) {
      out.close();
      fs::remove(part, status);
      return failed("the file cannot be written to its end");
    }
  }
  fs::rename(part, file, status);
  if (!status) return {};
  const auto reason = status.message();
  fs::remove(part, status);
  return failed(fmt::format("the file cannot be put in its place: {}", reason));
}

bool is_number(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc{} && end == text.data() + text.size() && std::isfinite(value);
}

void end_row(std::string& row, std::ostream& out) {
  row += "\r\n";
  out << row;
  row.clear();
}

}  // namespace

std::string csv_cell(std::string_view text) {
  std::string out;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos && !is_number(text))
    out += '\'';
  out += text;
  if (out.find_first_of(",;|\t\"\r\n") == std::string::npos && trimmed(out).size() == out.size()) return out;
  std::string quoted = "\"";
  for (const char c : out) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

Result<void> write_count_csv(const Count& count, const fs::path& file) {
  // One entry per column after the unit and its places: its title and how a cell is written.
  struct Output {
    std::string title;
    std::function<void(UnitIndex, std::string&)> cell;
  };
  std::vector<Output> outputs;
  const auto add_degrees = [&](std::string title, const std::vector<double>& values) {
    if (values.empty()) return;
    outputs.push_back({std::move(title), [&values](UnitIndex unit, std::string& row) {
                         if (!std::isnan(values[unit])) fmt::format_to(std::back_inserter(row), "{}", values[unit]);
                       }});
  };
  const auto add_numbers = [&](std::string title, std::span<const std::int32_t> values) {
    if (values.empty()) return;
    outputs.push_back({std::move(title), [values](UnitIndex unit, std::string& row) {
                         if (values[unit] != missing) fmt::format_to(std::back_inserter(row), "{}", values[unit]);
                       }});
  };
  add_degrees("latitude", count.latitude);
  add_degrees("longitude", count.longitude);
  for (const char* name : {"registered", "cast", "valid", "blank", "null"}) add_numbers(name, count.column(name));
  for (std::size_t i = 0; i < count.options(); ++i) add_numbers(count.contest.options[i].id.text, count.option(i));
  for (const auto& field : count.fields) add_numbers(field.id, field.values);

  const auto& hierarchy = count.hierarchy;
  const std::size_t levels = count.unit_place.empty() ? 0 : hierarchy.levels().size();
  std::vector<bool> has_code(levels);
  for (const auto& place : hierarchy.places())
    if (place.level < levels && !place.code.empty()) has_code[place.level] = true;

  return write_whole(file, [&](std::ostream& out) {
    std::string row = "unit";
    for (std::size_t level = 0; level < levels; ++level) {
      row += ',' + csv_cell(hierarchy.levels()[level]);
      if (has_code[level]) row += ',' + csv_cell(hierarchy.levels()[level] + "_code");
    }
    for (const auto& output : outputs) row += ',' + csv_cell(output.title);
    end_row(row, out);
    for (UnitIndex unit = 0; unit < count.units(); ++unit) {
      row = csv_cell(count.unit_keys[unit]);
      for (std::uint32_t level = 0; level < levels; ++level) {
        const auto place =
            count.unit_place[unit] == no_place ? no_place : hierarchy.ancestor(count.unit_place[unit], level);
        row += ',';
        if (place != no_place) row += csv_cell(hierarchy[place].name);
        if (has_code[level]) row += ',';
        if (has_code[level] && place != no_place) row += csv_cell(hierarchy[place].code);
      }
      for (const auto& output : outputs) {
        row += ',';
        output.cell(unit, row);
      }
      end_row(row, out);
    }
  });
}

Result<void> write_unit_list(const std::vector<std::string>& keys, const fs::path& file) {
  return write_whole(file, [&](std::ostream& out) {
    std::string row = "unit";
    end_row(row, out);
    for (const auto& key : keys) {
      row = csv_cell(key);
      end_row(row, out);
    }
  });
}

}  // namespace cotejo

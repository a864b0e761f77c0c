#include "cotejo/engine/table_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "cotejo/intake/writer.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

bool is_number(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
}

// Everything but texts, which each format quotes in its own way.
std::string plain_text(const Cell& cell) {
  if (const auto* whole = std::get_if<std::int64_t>(&cell)) return std::to_string(*whole);
  if (const auto* number = std::get_if<double>(&cell)) return std::isfinite(*number) ? fmt::format("{}", *number) : "";
  if (const auto* truth = std::get_if<bool>(&cell)) return *truth ? "true" : "false";
  return "";
}

bool is_text(const Cell& cell) {
  return std::holds_alternative<std::string>(cell) || std::holds_alternative<Message>(cell);
}

std::string csv_text(const Cell& cell) {
  if (is_text(cell)) return csv_cell(words_of(cell));
  return plain_text(cell);
}

Cell cell_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  return {};
}

template <class Cells, class Text>
void add_csv_line(std::string& out, const Cells& cells, const Text& text) {
  bool first = true;
  for (const auto& cell : cells) {
    if (!std::exchange(first, false)) out += ',';
    out += text(cell);
  }
  out += "\r\n";
}

}  // namespace

std::string csv_of(const Table& table) {
  std::string out;
  add_csv_line(out, table.columns, [](const TableColumn& column) { return csv_cell(column.name); });
  for (const auto& row : table.rows) add_csv_line(out, row, csv_text);
  return out;
}

std::string csv_of(const Json& table) {
  std::string out;
  add_csv_line(out, table.at("columns"), [](const Json& column) { return csv_cell(column.value("name", "")); });
  for (const auto& row : table.at("rows"))
    add_csv_line(out, row, [](const Json& cell) { return csv_text(cell_of(cell)); });
  return out;
}

std::string markdown_text(std::string_view text) {
  static constexpr std::string_view markup = "\\`*_[]<>|#~&$";
  std::string out;
  for (const char c : text) {
    if (markup.find(c) != std::string_view::npos) out += '\\';
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
  }
  return out;
}

std::string markdown_of(const Table& table) {
  std::string out = "|", rule = "|";
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    out += fmt::format(" {} |", markdown_text(table.columns[c].name));
    const bool numbers =
        std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return is_number(row[c]); });
    const bool texts =
        std::any_of(table.rows.begin(), table.rows.end(), [&](const auto& row) { return is_text(row[c]); });
    rule += numbers && !texts ? " ---: |" : " --- |";
  }
  out += "\n" + rule + "\n";
  for (const auto& row : table.rows) {
    out += '|';
    for (const auto& cell : row) {
      out += fmt::format(" {} |", is_text(cell) ? markdown_text(words_of(cell)) : plain_text(cell));
    }
    out += '\n';
  }
  return out;
}

Json rows_of(const Table& table) {
  Json out = Json::array();
  for (const auto& row : table.rows) {
    Json object = Json::object();
    for (std::size_t c = 0; c < table.columns.size(); ++c)
      std::visit(
          [&](const auto& value) {
            if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::monostate>)
              object[table.columns[c].name] = nullptr;
            else if constexpr (std::is_same_v<std::decay_t<decltype(value)>, Message>)
              object[table.columns[c].name] = words_of(value);
            else
              object[table.columns[c].name] = value;
          },
          row[c]);
    out.push_back(std::move(object));
  }
  return out;
}

}  // namespace cotejo

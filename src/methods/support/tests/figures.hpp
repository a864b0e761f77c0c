// Reading figures out of a finding, for tests: a name that is not there fails the test and says which.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <string_view>
#include <variant>

#include "cotejo/finding/finding.hpp"

namespace cotejo::test {

inline double value(const Finding& finding, std::string_view estimate) {
  const auto* found = finding.estimate(estimate);
  EXPECT_NE(found, nullptr) << "no estimate " << estimate;
  return found ? found->value : std::nan("");
}

// The cell of the row whose first cell is this text.
inline Cell cell(const Finding& finding, std::string_view table, std::string_view row, std::string_view column) {
  const Table* in = finding.table(table);
  EXPECT_NE(in, nullptr) << "no table " << table;
  if (!in) return {};
  const auto* cells = in->row(row);
  const int at = in->column(column);
  EXPECT_NE(cells, nullptr) << table << " has no row " << row;
  EXPECT_GE(at, 0) << table << " has no column " << column;
  return cells && at >= 0 ? (*cells)[static_cast<std::size_t>(at)] : Cell{};
}

template <class T>
T cell_as(const Finding& finding, std::string_view table, std::string_view row, std::string_view column) {
  const Cell found = cell(finding, table, row, column);
  EXPECT_TRUE(std::holds_alternative<T>(found)) << table << " / " << row << " / " << column << " is of another type";
  return std::holds_alternative<T>(found) ? std::get<T>(found) : T{};
}

inline std::int64_t whole(const Finding& f, std::string_view table, std::string_view row, std::string_view column) {
  return cell_as<std::int64_t>(f, table, row, column);
}
inline double number(const Finding& f, std::string_view table, std::string_view row, std::string_view column) {
  return cell_as<double>(f, table, row, column);
}
inline std::string text(const Finding& f, std::string_view table, std::string_view row, std::string_view column) {
  const Cell found = cell(f, table, row, column);
  EXPECT_TRUE(std::holds_alternative<std::string>(found) || std::holds_alternative<Message>(found))
      << table << " / " << row << " / " << column << " is of another type";
  return words_of(found);
}
inline bool flag(const Finding& f, std::string_view table, std::string_view row, std::string_view column) {
  return cell_as<bool>(f, table, row, column);
}

// Every sentence of the finding is a message, so that it has every language; what has no blank is a name.
inline void expect_messages(const Finding& finding) {
  const auto expect = [&](const Text& text) {
    if (text.english().find(' ') == std::string::npos) return;
    EXPECT_NE(text.message(), nullptr) << finding.method << ": " << text;
  };
  for (const Text* text : {&finding.title, &finding.question, &finding.headline}) expect(*text);
  for (const auto* texts : {&finding.in_short, &finding.does_not_show})
    for (const Text& text : *texts) expect(text);
  for (const auto& estimate : finding.estimates) expect(estimate.unit), expect(estimate.definition);
  for (const auto& condition : finding.conditions) expect(condition.text);
  if (finding.test) expect(finding.test->null);
  for (const auto& figure : finding.figures) expect(figure.title);
  for (const auto& table : finding.tables) {
    expect(table.title);
    for (const auto& column : table.columns) expect(column.unit), expect(column.definition);
  }
}

// The finding of a method, or a failed test that says why there is none. Of a method with a room, every sentence is checked
// to be a message.
template <class Count, class Request, class Context>
Finding finding_of(const Count& count, const Request& request, const Context& context) {
  auto result = run(count, request, context);
  EXPECT_TRUE(result) << (result ? std::string() : describe(result.error()));
  if constexpr (requires { present(*compute(count, request, context), count, request, context); })
    if (result) expect_messages(*result);
  return result ? *std::move(result) : Finding{};
}

// The error of a method, or a failed test.
template <class Count, class Request, class Context>
Error error_of(const Count& count, const Request& request, const Context& context) {
  auto result = run(count, request, context);
  EXPECT_FALSE(result) << "a finding where an error was expected";
  return result ? Error{} : result.error();
}

}  // namespace cotejo::test

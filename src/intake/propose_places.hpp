// What tells units apart (the key), and the places that they lie in.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "propose_table.hpp"

namespace cotejo::proposing {

// What a column is besides a count.
bool is_time(const TableColumn& column);   // instants, dates
bool is_share(const TableColumn& column);  // percentages, fractions
bool is_flag(const TableColumn& column);   // two or three texts such as TRUE and FALSE
bool is_ordered(const TableColumn& column,
                const std::vector<std::uint32_t>& rows);  // whole numbers in blocks or rising

// Different combinations of texts in these rows; a row with none of them counts as one.
std::size_t distinct_rows(const Table& table, const std::vector<std::uint32_t>& rows,
                          const std::vector<std::size_t>& columns);

struct Key {
  std::vector<std::size_t> columns;
  std::size_t identical = 0, conflicting = 0;  // rows beyond the first of a unit: copies of it, and others
  std::vector<std::string> conflicts;          // the keys of the first of them
  std::vector<Guess> guesses;
  std::vector<Question> questions;
};
// `candidates` may tell units apart; counts, times and percentages are not among them.
Key find_key(const Table& table, const std::vector<std::uint32_t>& rows, const std::vector<std::size_t>& candidates,
             const std::vector<std::size_t>& given);

struct Level {
  std::string level;
  std::size_t name;
  std::optional<std::size_t> code;
};
std::vector<Level> find_places(const Table& table, const std::vector<std::uint32_t>& rows,
                               const std::vector<std::size_t>& candidates, std::vector<Guess>& guesses);

// Columns of which a text stands only in the first row of a block: merged cells. They are filled down in the table.
std::vector<std::size_t> fill_down(Table& table, const std::vector<std::uint32_t>& rows,
                                   const std::vector<std::size_t>& candidates, std::vector<Guess>& guesses);

// "12 codes look like dates": what a spreadsheet does to codes; empty when nothing does.
std::string mangled_codes(const Table& table, const std::vector<std::size_t>& key);

}  // namespace cotejo::proposing

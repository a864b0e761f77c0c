// Rows that are the sum of other rows in all columns of votes at once: grand totals, totals per place or per way of
// voting, nested totals, whatever they are called.
//
// Every row's votes become one number that adds up as they do (a sum of the columns, each times a fixed odd number,
// modulo 2^64), so that a block of rows is compared with one row in one step. A row counts as a total only in company:
// the rows that a text condition picks (an empty cell, a text, its length, its first or last word) must be sums of the
// rows around them, or one row the sum of all. One row that happens to equal the two beside it stays a unit.
#pragma once

#include <string>
#include <vector>

#include "propose_sums.hpp"

namespace cotejo::proposing {

// A condition of the profile: [[where]].
struct Where {
  std::string column;
  std::string key;                  // "not_equals", "length", ...
  std::vector<std::string> values;  // texts, or numbers for lengths
  bool numbers = false;
  std::string comment;
};

struct TotalRows {
  std::vector<bool> is_total;  // by row of the matrix
  std::size_t found = 0;
  std::vector<Where> where;
  std::vector<Guess> guesses;
  std::vector<Question> questions;
};

// `keep` holds "COLUMN=TEXT" of rows that the user counts, whatever they add up.
// `table_row` says which row of the table stands for a row of the matrix (empty: the same); `votes` are the quantities that are added up.
TotalRows find_total_rows(const Table& table, const Matrix& matrix, const std::vector<std::uint32_t>& table_row,
                          const std::vector<std::size_t>& votes, const std::vector<std::size_t>& text_columns,
                          const std::vector<std::string>& keep);

}  // namespace cotejo::proposing

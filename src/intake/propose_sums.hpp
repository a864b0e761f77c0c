// Sums that hold between columns of whole numbers: total = a + b + ..., in all rows or in most of them.
//
// Found in three ways, so that neither order nor a few faulty rows hide them: runs of neighbouring columns (prefix sums);
// two or three columns anywhere; and the exact linear relations of a few rows drawn at random (elimination modulo a
// prime), several times. What is found is counted over all rows. An empty part counts as 0; a row without its total says
// nothing. Columns that are 0 throughout are parts of nothing.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "propose_table.hpp"

namespace cotejo::proposing {

// One column of whole numbers: of the file, or of a name in a long file.
struct Quantity {
  std::string name;   // as a profile names it
  std::string title;  // as a person reads it
  HeaderWords words;
  std::size_t column = 0;                    // of the table
  const TableColumn* file_column = nullptr;  // where the values are, or
  std::vector<std::int32_t> own;             // they are here
  std::int64_t sum = 0;                      // over the rows that are units
  std::int32_t least = 0, largest = 0;
  std::size_t filled = 0, zeros = 0;

  std::int32_t operator[](std::size_t row) const {
    return file_column != nullptr ? file_column->number(row) : own[row];
  }
};

struct Matrix {
  std::vector<Quantity> quantities;
  std::vector<std::uint32_t> rows;  // that are looked at
  void summarise();                 // sum, least, largest, ... over `rows`
};

struct Sum {
  std::size_t total = 0;                        // index of a quantity
  std::vector<std::size_t> parts;               // ascending
  std::size_t good = 0, rows = 0;               // rows in which it holds, of those that have the total
  std::size_t filled_good = 0, with_empty = 0;  // of `rows`: with an empty part, and those of them in which it holds

  double share() const { return rows == 0 ? 0 : static_cast<double>(good) / static_cast<double>(rows); }
  bool has(std::size_t quantity) const;
};

// All that hold in at least three of five rows, the best first: rows, then number of parts.
std::vector<Sum> find_sums(const Matrix& matrix);
// Counts one in all rows.
void count_rows(const Matrix& matrix, Sum& sum);

}  // namespace cotejo::proposing

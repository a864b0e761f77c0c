// A published file in memory: every cell once as a number of its column's own dictionary, so that texts, numbers and
// keys are looked at without reading the file again. Two bytes a cell while a column has fewer than 65,536 texts.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/propose.hpp"
#include "cotejo/intake/role_words.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo::proposing {

using TextId = std::uint32_t;  // 0 is the empty cell

// A column of small whole numbers, in two bytes each until one needs four.
class CompactIds {
 public:
  void push_back(TextId id) {
    if (!wide_.empty() || id > 0xFFFFU)
      push_wide(id);
    else
      narrow_.push_back(static_cast<std::uint16_t>(id));
  }
  TextId operator[](std::size_t row) const { return wide_.empty() ? narrow_[row] : wide_[row]; }
  std::size_t size() const { return wide_.empty() ? narrow_.size() : wide_.size(); }
  std::size_t bytes() const { return narrow_.capacity() * 2 + wide_.capacity() * 4; }

 private:
  void push_wide(TextId id);
  std::vector<std::uint16_t> narrow_;
  std::vector<std::uint32_t> wide_;
};

// Different texts, numbered from 0 (the empty one) in the order in which they come, with how often each was met.
class Texts {
 public:
  Texts();
  TextId add(std::string_view text);
  std::string_view operator[](TextId id) const {
    return std::string_view(bytes_).substr(ends_[id], ends_[id + 1] - ends_[id]);
  }
  std::size_t times(TextId id) const { return times_[id]; }
  std::size_t size() const { return times_.size(); }  // the empty text included
  std::size_t bytes() const { return bytes_.capacity() + 8 * ends_.capacity() + 8 * slots_.capacity(); }

 private:
  void grow();
  std::string bytes_;
  std::vector<std::size_t> ends_;     // of text id: [ends_[id], ends_[id + 1])
  std::vector<std::uint32_t> times_;  // by id
  std::vector<std::uint32_t> slots_;  // an open hash table of ids + 1
  TextId last_ = 0;                   // files are sorted: most cells are those of the row above
};

// What a text of a column is as a number.
enum class CellKind : std::uint8_t { empty, whole, noisy, real, percent, text };

struct TableColumn {
  std::string title;  // as in the header
  std::string name;   // as a profile names it: the title, "TITLE#2" or "#7"
  HeaderWords words;
  CompactIds ids;
  Texts texts;
  // By id of the text, once the writing of numbers is known:
  std::vector<std::int32_t> numbers;  // or `missing`
  std::vector<CellKind> kinds;
  std::size_t filled = 0, whole = 0, noisy = 0, real = 0, percent = 0, negative = 0;  // cells
  std::size_t unknown = 0;   // of them, those that say so: "NA", "-"
  std::size_t distinct = 0;  // texts that are not empty
  bool leading_zeros = false;
  double least_real = 0, largest_real = 0;

  std::int32_t number(std::size_t row) const { return numbers[ids[row]]; }
  std::string_view text(std::size_t row) const { return texts[ids[row]]; }
  bool is_empty(std::size_t row) const { return ids[row] == 0; }
  // Nearly all filled cells that do not say that nothing is known are whole numbers; rounding noise and a minus sign
  // count as such.
  bool is_whole() const {
    return whole + noisy > 0 && (whole + noisy) * 100 >= (filled - unknown) * 95 && (whole + noisy) * 4 >= filled;
  }
};

struct Table {
  std::vector<TableColumn> columns;
  std::size_t rows = 0;
  bool all_rows = true;                          // or the file has more than fit
  std::size_t broken = 0, repeated_headers = 0;  // rows that cannot be read as rows; rows that are the header again
  NumberFormat numbers;                          // how the file writes them
  std::vector<Guess> guesses;
};

// The whole file, up to `most_bytes` in memory. Errors: those of Records; file_damaged when no row can be read.
Result<Table> read_table(const std::filesystem::path& file, const SourceFormat& format, const Context& context);
inline constexpr std::size_t most_bytes = 800u << 20;

// What programs and clerks write where a number is not known: "NA", "-".
bool says_unknown(std::string_view text);

// Decides how numbers are written, and what each text is as a number.
void understand_numbers(Table& table);
// Counts the cells of each column again, of these rows alone.
void count_cells(Table& table, const std::vector<std::uint32_t>& rows);

}  // namespace cotejo::proposing

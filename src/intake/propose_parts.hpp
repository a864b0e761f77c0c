// The parts of propose(): how the file is to be opened, what its columns hold, what they mean.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/propose.hpp"
#include "role_words.hpp"

namespace cotejo::proposing {

// ---- how the file is to be opened ----

struct Opening {
  SourceFormat format;
  bool is_text = true;  // delimited text: encoding and separator matter
  std::vector<Guess> guesses;
  std::vector<Question> questions;
};
Result<Opening> sniff(const std::filesystem::path& file, const ProposeOptions& options);

// ---- what its columns hold ----

struct ColumnFacts {
  std::string title;  // as in the header
  std::string name;   // as a profile names it: the title, "TITLE#2" or "#7"
  HeaderWords words;
  std::size_t filled = 0, whole = 0, real = 0, percent = 0;  // cells
  bool leading_zeros = false;
  std::vector<std::uint32_t> ids;      // per row: the cell's text as a number of this column's own; 0 is the empty cell
  std::vector<std::string> texts{""};  // by id, up to `most_texts` of them
  std::vector<std::int32_t> values;    // per row, or `missing`; only of columns of whole numbers
  std::map<std::string, std::size_t> placeholders;  // texts in a column of numbers
  std::int64_t sum = 0;
  std::int32_t least = 0, largest = 0;
  double least_real = 0, largest_real = 0;
  std::size_t distinct = 0;  // texts that are not empty

  bool is_whole() const { return filled > 0 && whole * 100 >= filled * 95; }
};

struct Facts {
  NumberFormat numbers;
  std::vector<ColumnFacts> columns;
  std::size_t rows = 0;                  // looked at
  bool all_rows = true;                  // or there are more
  std::vector<std::string> total_cells;  // "column\ntext" of rows that look like totals
  std::vector<Guess> guesses;
};
inline constexpr std::size_t most_rows = 200'000, most_texts = 200'000;
Result<Facts> examine(const std::filesystem::path& file, const SourceFormat& format, const Context& context);

// ---- what they mean ----

struct Meaning {
  std::vector<std::size_t> options, fields, key;
  std::optional<std::size_t> registered, cast, valid, blank, null, latitude, longitude;
  struct Level {
    std::string level;
    std::size_t name;
    std::optional<std::size_t> code;
  };
  std::vector<Level> places;
  std::vector<std::size_t> unused;
  bool valid_is_reported = false;  // the file states valid votes that the options do not add up to
  // Long layout.
  std::optional<std::size_t> candidate, votes, contest;
  std::string contest_value;
  std::vector<std::string> names;                                  // of the options, in the long layout
  std::vector<std::pair<std::string, std::string>> long_standard;  // "registered" -> name of the long layout
  // Crosswalk.
  std::optional<std::size_t> from, to;
  std::vector<std::pair<std::string, std::string>> filters;  // column, text that rows must not have
  std::vector<Guess> guesses;
  std::vector<Question> questions;
};
Result<Meaning> interpret(const Facts& facts, const ProposeOptions& options);

// How many rows have what is claimed, as a person reads it.
std::string in_rows(std::size_t good, std::size_t of);

}  // namespace cotejo::proposing

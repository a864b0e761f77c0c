// What every reader of rows keeps to, whatever the file and its format.
#pragma once

#include <string>

#include "cotejo/intake/records.hpp"
#include "fuzz.hpp"

namespace cotejo::fuzz {

// Reads a file to its end, its first error or its row 100,000.
inline void check_rows(const std::filesystem::path& file, const SourceFormat& format) {
  auto records = Records::open(file, format);
  if (!records) {
    check(records.error());
    return;
  }
  require(records->header().size() <= most_columns, "columns are bounded");
  for (std::size_t i = 0; i < records->header().size(); ++i) {
    const auto column = records->column("#" + std::to_string(i + 1));
    if (!column) check(column.error());
  }
  std::int64_t last = 0;
  for (int i = 0; i < 100'000; ++i) {
    const auto more = records->next();
    if (!more) check(more.error());
    if (!more || !*more) break;
    require(records->row() > last, "rows are numbered upwards");
    last = records->row();
    if (const auto fault = records->fault()) {
      require(!fault->message.empty(), "a fault has a message");
      continue;
    }
    require(records->cells().size() == records->header().size(), "a row without a fault has a cell per column");
    for (const auto cell : records->cells()) require(is_utf8(cell), "a cell without a fault is UTF-8");
  }
}

}  // namespace cotejo::fuzz

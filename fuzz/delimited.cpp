// Delimited text, plain, packed or in a zip: the first two bytes say how the file is to be opened, the rest is the file.
#include "cotejo/intake/records.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 2) return 0;
  constexpr const char* encodings[] = {"UTF-8", "ISO-8859-1", "windows-1251", "CP850"};
  SourceFormat format;
  format.separator = ",;|\t"[data[0] % 4];
  format.encoding = encodings[data[0] / 4 % 4];
  format.header_row = 1 + data[1] % 4;
  format.header_rows = 1 + data[1] / 4 % 3;
  const auto file = fuzz::folder().write("delimited", fuzz::text_of(data + 2, size - 2));
  auto records = Records::open(file, format);
  if (!records) {
    fuzz::check(records.error());
    return 0;
  }
  fuzz::require(records->header().size() <= most_columns, "columns are bounded");
  for (std::size_t i = 0; i < records->header().size(); ++i) {
    const auto column = records->column("#" + std::to_string(i + 1));
    if (!column) fuzz::check(column.error());
  }
  std::int64_t last = 0;
  for (;;) {
    const auto more = records->next();
    if (!more) {
      fuzz::check(more.error());
      break;
    }
    if (!*more) break;
    fuzz::require(records->row() > last, "rows are numbered upwards");
    last = records->row();
    const auto fault = records->fault();
    if (fault) {
      fuzz::require(!fault->message.empty(), "a fault says what is wrong");
      continue;
    }
    fuzz::require(records->cells().size() == records->header().size(), "a row without a fault has a cell per column");
    for (const auto cell : records->cells()) fuzz::require(is_utf8(cell), "a cell without a fault is UTF-8");
  }
  return 0;
}

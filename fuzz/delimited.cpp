// Delimited text, plain, packed or in a zip: the first two bytes say how the file is to be opened, the rest is the file.
#include "rows.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 2) return 0;
  constexpr const char* encodings[] = {"UTF-8", "ISO-8859-1", "windows-1251", "CP850"};
  SourceFormat format;
  format.separator = ",;|\t"[data[0] % 4];
  format.encoding = encodings[data[0] / 4 % 4];
  format.header_row = 1 + data[1] % 4;
  format.header_rows = 1 + data[1] / 4 % 3;
  fuzz::check_rows(fuzz::folder().write("delimited", fuzz::text_of(data + 2, size - 2)), format);
  return 0;
}

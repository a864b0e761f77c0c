// Lists of units objected to.
#include "cotejo/intake/reader.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  const auto units = read_unit_list(fuzz::folder().write("units.csv", fuzz::text_of(data, size)));
  if (!units) {
    fuzz::check(units.error());
    return 0;
  }
  fuzz::require(!units->empty(), "a list has units");
  for (const auto& unit : *units) fuzz::require(!unit.empty() && is_utf8(unit), "a unit's key is text");
  return 0;
}

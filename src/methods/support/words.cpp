#include "cotejo/methods/support/words.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cotejo {

namespace {

// The key of a select: no blanks.
std::string key_of(std::string name) {
  std::replace(name.begin(), name.end(), ' ', '_');
  return name;
}

}  // namespace

Message units_of(std::size_t units, const std::string& unit_name) {
  return {"support.units", {{"n", units}, {"noun", key_of(unit_name)}, {"name", unit_name}}};
}

Message one_unit(const std::string& unit_name) {
  return {"support.one_unit", {{"noun", key_of(unit_name)}, {"name", unit_name}}};
}

Text of_unit(std::string_view name) {
  return Message{"support.unit." + std::string(name)};
}

Text first_of(Text title, std::size_t shown, std::size_t all) {
  if (shown >= all) return title;
  return Message{"support.first_of", {{"title", argument(title)}, {"shown", shown}, {"all", all}}};
}

Decimal as_given(double value) {
  return {fmt::format("{:g}", value)};
}

Cell cell_of(const Text& text) {
  if (text.message()) return *text.message();
  return text.english();
}

}  // namespace cotejo

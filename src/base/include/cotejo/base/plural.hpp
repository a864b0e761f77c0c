// "1 cell", "2 cells", "1,204 cells": a number with its noun.
#pragma once

#include <string>
#include <string_view>

#include "cotejo/base/text.hpp"

namespace cotejo {

// `many` where the plural is not the singular with an "s".
template <class Number>
std::string counted(Number number, std::string_view one, std::string_view many = {}) {
  const auto value = static_cast<long long>(number);
  std::string out = with_thousands(value) + ' ';
  if (value == 1 || many.empty()) out += one;
  if (value != 1) out += many.empty() ? std::string_view("s") : many;
  return out;
}

}  // namespace cotejo

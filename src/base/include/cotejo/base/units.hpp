// Quantities whose type says what they are.
#pragma once

#include <compare>

namespace cotejo {

struct Percent;

struct Share {  // 0..1
  double value = 0;
  friend auto operator<=>(Share, Share) = default;
};

struct Percent {  // 0..100
  double value = 0;
  friend auto operator<=>(Percent, Percent) = default;
};

constexpr Percent to_percent(Share share) {
  return {100 * share.value};
}
constexpr Share to_share(Percent percent) {
  return {percent.value / 100};
}

// part of whole as Percent; NaN when the whole is 0.
constexpr Percent percent_of(double part, double whole) {
  return {whole == 0 ? __builtin_nan("") : 100 * part / whole};
}

}  // namespace cotejo

// Text that came from a file, made safe to print.
#pragma once

#include <string>
#include <string_view>

namespace cotejo {

// Control characters (C0, DEL, C1, line separators, bidirectional and other invisible marks) and broken UTF-8 as \xNN
// or \u{NNNN}; longer than `limit` characters: cut with "…".
std::string printable(std::string_view text, std::size_t limit = 200);

// True when `text` is valid UTF-8.
bool is_utf8(std::string_view text);

// Without blanks (space, tab, no-break space, line breaks) at both ends.
std::string_view trimmed(std::string_view text);

// 34555 -> "34,555"
std::string with_thousands(long long value);

// For people: whole numbers with thousands, others with six digits; "–" for what is not a number. Files keep every
// digit.
std::string readable(double value);

// Terminal columns that `text` takes (wide and combining characters counted as such).
std::size_t display_width(std::string_view text);

// The known name nearest to `given` by edit distance, or "" when none is near: for "did you mean".
template <class Names>
std::string nearest_name(std::string_view given, const Names& names);

std::size_t edit_distance(std::string_view a, std::string_view b);

template <class Names>
std::string nearest_name(std::string_view given, const Names& names) {
  std::string best;
  std::size_t best_distance = given.size() / 3 + 2;
  for (const auto& name : names) {
    const auto distance = edit_distance(given, name);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

}  // namespace cotejo

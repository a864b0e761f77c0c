// What the words of a column's header say in the languages that commissions publish in. Words are evidence, not proof:
// the arithmetic of the rows decides where it can.
#pragma once

#include <string>
#include <string_view>

namespace cotejo {

enum class Role {
  none,
  registered,
  cast,
  valid,
  blank,
  null,
  papers,  // received, issued, unused, in the box: a protocol's other papers
  unit,    // the number of a unit
  place,   // `level` says which
  code,    // a code of something
  latitude,
  longitude,
  candidate,  // names an option in each row
  votes,      // counts votes in each row
  contest,    // names an office or a question in each row
  other       // status, date, address, share: no count and no place
};

struct HeaderWords {
  Role role = Role::none;
  std::string level;      // of a place: "country", "province", ...
  std::string language;   // of the words that told it
  std::string words;      // those words, as in the table
  bool is_code = false;   // words for a code or number besides
  bool is_share = false;  // words or a sign for a percentage
};

// Case folded, accents dropped, everything but letters and digits one blank.
std::string folded(std::string_view text);

HeaderWords words_of(std::string_view header);

// "Total", "Summe", "Итого", ...: the row adds up others.
bool is_total_word(std::string_view cell);

}  // namespace cotejo

// What the words of a column's header, or of a name in a long file, stand for in the languages that commissions publish
// in. Words are evidence, not proof: the arithmetic of the rows decides where it can.
//
// A text is compared without case, accents and punctuation. `whole` tells whether all its words are words of that role
// or words that add nothing ("number of", "votes"): "Blank votes" is whole, the party "Blank Page" is not.
// Verified in src/intake/tests/role_words_test.cpp.
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
  over,        // over votes: more marks than allowed
  under,       // under votes: fewer marks than allowed
  abstention,  // registered, did not vote
  papers,      // received, issued, unused, in the box: a protocol's other papers
  mode,        // a way of voting: early, by mail, on election day
  unit,        // the number of a unit
  place,       // `level` says which
  code,        // a code of something
  latitude,
  longitude,
  candidate,      // names an option in each row
  votes,          // counts votes in each row
  contest,        // names an office or a question in each row
  election_date,  // the year or day of an election: several in a file are several elections
  other           // status, date, address, share: no count and no place
};

struct HeaderWords {
  Role role = Role::none;
  std::string level;      // of a place: "country", "province", ...
  std::string language;   // of the words that told it
  std::string words;      // those words, as in the table
  bool is_code = false;   // words for a code or number besides
  bool is_share = false;  // words or a sign for a percentage
  bool whole = false;     // no word is left that these words do not explain
};

// Case folded, accents dropped, everything but letters and digits one blank.
std::string folded(std::string_view text);

HeaderWords words_of(std::string_view header);

// What a name in a column of options counts.
enum class NameKind {
  option,
  registered,
  cast,
  valid,
  blank,
  null,
  over_votes,
  under_votes,
  abstention,
  write_in_total,  // "Write-In Totals": the sum of write-ins that may stand beside it
  total            // "Total", "Total Votes": the sum of other names
};
// Anything but `option` only where the whole text is such words: "Overton" and "Blank Page" are options.
NameKind name_kind(std::string_view name);

// "Total", "Summe", "Итого", ...: the row adds up others.
bool is_total_word(std::string_view cell);
// A word for a total stands somewhere in the text: "Upper total", "TOTALS", "Total District 3".
bool has_total_word(std::string_view cell);
// "Invalidated", "anulada", "quarantined", ...: what such a row counts may not count.
bool is_annulment_word(std::string_view cell);
// "TRUE", "no", "Y", "1", "x", ...: one of the two or three texts of a flag.
bool is_flag_word(std::string_view cell);

}  // namespace cotejo

// The hash chain over everything in a case: one link per command.
//
//   head(0) = 64 zeros; head(k) = SHA-256("cotejo.link/5" LF head(k-1) LF rows of command k)
// The rows of a command are those of the tables named in chain.cpp, in that order, each in the order in which it was
// added, as text:
//   row   = table LF number-of-columns LF value ...
//   value = "n" LF | "i" decimal LF | "r" 16 hexadecimal digits of the IEEE 754 number LF | "t" bytes ":" text LF | "b" bytes ":" blob LF
// The rows of a count (place, returns_N), crosswalk, arrival and assembly stand in it by their content hash, which is a
// column of their row. docs/formats/case.md has the same in Python.
// Cost: one pass over the rows that a command added. Verified in src/casefile/tests/chain_test.cpp.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cotejo {

inline constexpr int first_chained_schema = 5;
inline constexpr std::size_t chained_tables = 15;

// How far each table reached before a command.
using ChainMarks = std::array<std::int64_t, chained_tables>;
ChainMarks chain_marks(SQLite::Database& db);

// The head of the chain as it is stored; 64 zeros where there is no link.
std::string stored_head(SQLite::Database& db);

// Adds the link of the last command, whose rows lie behind the marks.
void add_link(SQLite::Database& db, std::int64_t command, const ChainMarks& before);

// Adds the links of all commands, in a case that has none.
void add_links(SQLite::Database& db);

struct ChainCheck {
  std::int64_t commands = 0;  // with a link
  std::string head;           // as computed from the rows
  std::vector<std::string> problems;
  std::vector<std::pair<std::int64_t, std::string>> heads;  // command, stored head
};
ChainCheck check_chain(SQLite::Database& db);

}  // namespace cotejo

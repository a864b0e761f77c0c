// An invented assembly with everything that real ones have: weights, a veto, a suspended member, a disputed exit, a
// contested delegate, blocs, positions, acts.
#pragma once

#include <gtest/gtest.h>

#include "cotejo/intake/assembly_reader.hpp"

namespace cotejo::test {

inline const char* invented_tables = R"(schema = "cotejo.assembly/1"
[assembly]
id = "isles"
title = "The Union of the Isles"
body = "UNION"
[[member]]
id = "A"
name = "Aland"
[[member]]
id = "B"
name = "Borland"
[[member]]
id = "C"
name = "Corland"
[[member]]
id = "D"
name = "Dunland"
[[member]]
id = "E"
name = "Eastland"
[[member]]
id = "F"
name = "Farland"
[[member]]
id = "G"
name = "Gorland"
[[body]]
id = "UNION"
name = "The Union"
founded = "1950-01-01"
source = "its treaty"
[[body]]
id = "LEAGUE"
name = "The League"
founded = "1980-01-01"
source = "its treaty"
[[organ]]
id = "ASSEMBLY"
body = "UNION"
name = "The Assembly"
rule = "half"
[[event]]
members = ["A", "B", "C", "D", "E", "F", "G"]
kind = "accession"
date = "1950-01-01"
source = "the treaty's list"
[[event]]
member = "F"
kind = "suspension"
date = "1990-01-01"
until = "1995-01-01"
source = "a decision"
[[event]]
member = "G"
kind = "denunciation"
date = "1992-01-01"
effective = "1993-01-01"
condition = "debts paid"
condition_state = "unmet"
source = "a note"
[[event]]
body = "LEAGUE"
members = ["A", "B", "G"]
kind = "accession"
date = "1981"
mark = "recall"
source = "memory"
[[event]]
body = "LEAGUE"
member = "B"
kind = "withdrawal"
date = "1991-05-01"
source = "a note"
[[credential]]
id = "old"
member = "C"
holder = "Mr Old"
accredited_by = "the old government"
from = "1950-01-01"
until = "1993-06-01"
source = "a list"
[[credential]]
id = "new"
member = "C"
holder = "Ms New"
accredited_by = "the new government"
from = "1993-06-01"
contested_by = ["the old government"]
source = "a list"
[[weight]]
name = "people"
values = { A = 40, B = 25, C = 15, D = 10, E = 5, F = 4, G = 1 }
source = "a census"
[[rule]]
id = "half"
title = "More than half of the members"
article = "Treaty art. 5"
majority = "1/2"
strict = true
source = "its treaty"
[[rule]]
id = "two-thirds"
title = "Two thirds of the members"
article = "Treaty art. 9"
majority = "2/3"
source = "its treaty"
[[rule]]
id = "double"
title = "Members and people, with a veto of Aland"
veto = ["A"]
source = "its treaty"
[[rule.way]]
name = "double majority"
[[rule.way.majority]]
name = "members"
threshold = "1/2"
strict = true
[[rule.way.majority]]
name = "people"
threshold = "3/5"
weight = "people"
[[rule]]
id = "words"
title = "A rule that asks for no majority"
[[roll_call]]
id = "V1"
organ = "ASSEMBLY"
date = "1994-03-01"
document = "Resolution 1"
yes = ["A", "B", "C", "D"]
no = ["E"]
abstain = ["G"]
credentials = { C = "new" }
needed = 4
adopted = true
source = "minutes"
[[roll_call]]
id = "V2"
organ = "ASSEMBLY"
date = "1985-03-01"
yes = ["A", "B", "C", "D", "E"]
no = ["F"]
absent = ["G"]
reported = { yes = 5, no = 1, abstain = 0, absent = 1 }
source = "minutes"
[[roll_call]]
id = "V3"
organ = "ASSEMBLY"
date = "1985-04-01"
yes = ["A", "B", "C", "D"]
no = ["E", "F", "G"]
reported = { yes = 3, no = 4 }
source = "minutes"
[[roll_call.version]]
id = "announced"
text = "before Dunland corrected its vote"
changes = { D = "no" }
superseded_on = "1985-04-02"
source = "a newspaper"
[[roll_call]]
id = "V4"
organ = "ASSEMBLY"
date = "1994-06-01"
method = "secret"
complete = false
candidates = [ { name = "X", votes = 4 }, { name = "Y", votes = 2 } ]
source = "minutes"
[[roll_call]]
id = "V5"
organ = "ASSEMBLY"
date = "1985-05-01"
rule = "double"
yes = ["B", "C", "D", "E", "F"]
abstain = ["A", "G"]
source = "minutes"
[[roll_call]]
id = "V6"
organ = "ASSEMBLY"
date = "1985-06-01"
rule = "double"
yes = ["B", "C", "D", "E", "F", "G"]
no = ["A"]
source = "minutes"
[[roll_call]]
id = "V7"
organ = "ASSEMBLY"
date = "1985-07-01"
rule = "words"
yes = ["B"]
source = "minutes"
[[motion]]
id = "dismiss"
title = "Dismissal of the secretary"
organ = "ASSEMBLY"
rule = "two-thirds"
source = "its treaty"
[[position]]
motion = "dismiss"
member = "A"
stance = "for"
date = "1993-01-01"
source = "a speech"
[[position]]
motion = "dismiss"
member = "B"
stance = "against"
date = "1992-01-01"
source = "a speech"
[[position]]
motion = "dismiss"
member = "B"
stance = "leans-for"
date = "1993-02-01"
source = "a speech"
[[position]]
motion = "dismiss"
member = "C"
holder = "old"
stance = "for"
date = "1992-01-01"
source = "a speech"
[[position]]
motion = "dismiss"
member = "C"
holder = "new"
stance = "against"
date = "1993-07-01"
source = "a speech"
[[position]]
motion = "dismiss"
who = "A newspaper"
stance = "for"
date = "1993-01-01"
source = "itself"
[[estimation]]
motion = "dismiss"
by = "A newspaper"
for = 3
against = 2
undeclared = 2
needed = 4
of = 7
source = "itself"
[[bloc]]
id = "north"
name = "The North"
members = ["D", "E"]
source = "its pact"
[[scenario]]
id = "S1"
motion = "dismiss"
title = "Did not vote yes in V2"
not_yes_at = ["V2"]
[[scenario]]
id = "S2"
motion = "dismiss"
title = "S1 and those that did not speak against it"
also = ["S1"]
without = ["against"]
[[act]]
id = "first"
date = "1993-01-01"
actor = "Secretary"
title = "A statement"
submitted = "no"
source = "minutes"
[[act]]
id = "second"
date = "1994-03-01"
actor = "Secretary"
title = "A mission"
basis = "Treaty art. 7"
basis_stated = true
submitted = "yes"
submitted_to = "Assembly"
decision = "V1"
source = "minutes"
[[act]]
id = "third"
actor = "Secretary"
title = "A letter"
submitted = "unknown"
mark = "recall"
source = "memory"
)";

inline Assembly invented() {
  auto a = parse_assembly(invented_tables, "isles.toml");
  if (!a) throw std::runtime_error(describe(a.error()));
  return std::move(*a);
}

// The cell of a table by the text of its first cells.
inline Cell cell(const Finding& finding, std::string_view table, const std::vector<std::string>& first,
                 std::string_view column) {
  const Table* t = finding.table(table);
  if (!t) {
    ADD_FAILURE() << "no table " << table;
    return {};
  }
  for (const auto& row : t->rows) {
    bool same = true;
    for (std::size_t i = 0; i < first.size() && same; ++i) {
      const auto* text = std::get_if<std::string>(&row[i]);
      same = text && *text == first[i];
    }
    if (same) return row[static_cast<std::size_t>(t->column(column))];
  }
  ADD_FAILURE() << "no row " << first[0] << (first.size() > 1 ? " / " + first[1] : "") << " in " << table;
  return {};
}
inline std::int64_t whole(const Cell& cell) {
  return std::holds_alternative<std::int64_t>(cell) ? std::get<std::int64_t>(cell) : -999;
}
inline std::string text(const Cell& cell) {
  return std::holds_alternative<std::string>(cell) ? std::get<std::string>(cell) : "?";
}

}  // namespace cotejo::test

// An outcome in words: as a table has it, by the options' ids; and in the words of a first page (Finding::in_short): names
// instead of ids, whole votes, no full stop.
// Slacks are rounded to the nearest vote, and one that is not 0 is never written as none: the exact ones stand in the tables.
// Verified in src/methods/support/tests/outcome_words_test.cpp.
#pragma once

#include <cstdint>
#include <string>

#include "cotejo/finding/text.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// The option's name; its id where it has none.
const std::string& name_of(const Contest& contest, std::size_t option);

// "winner: A", "runoff: A and B", "adopted".
Message outcome_message(const Outcome& outcome, const Contest& contest);

// The size of a slack: 34,672 of 34,671.9.
std::int64_t whole_votes(const Slack& slack);

// What the count came to: "A won without a runoff, by 34,672 votes to spare"; "A and B go to a runoff: A lacked 1,200 votes".
Text came_to(const Outcome& outcome, const Contest& contest, const Tally& tally, const Rule& rule);

// What a change does to the outcome: "excluding it forces a runoff, by 46 votes". `becomes` is not the outcome as counted.
Text does(const Argument& subject, const Outcome& becomes, const Contest& contest, const Rule& rule);

// The first letter of a sentence.
std::string capitalised(std::string text);

}  // namespace cotejo

// An outcome in the words of a first page: names instead of ids, whole votes, no full stop (Finding::in_short).
// Slacks are rounded to the nearest vote, and one that is not 0 is never written as none: the exact ones stand in the tables.
// Verified in src/methods/support/tests/outcome_words_test.cpp.
#pragma once

#include <string>

#include "cotejo/vote/rule.hpp"

namespace cotejo {

// The option's name; its id where it has none.
const std::string& name_of(const Contest& contest, std::size_t option);

// "34,672 votes", "1 vote", "0 votes": the size of a slack.
std::string whole_votes(const Slack& slack);

// What the count came to: "A won without a runoff, by 34,672 votes to spare"; "A and B go to a runoff: A lacked 1,200 votes".
std::string came_to(const Outcome& outcome, const Contest& contest, const Tally& tally, const Rule& rule);

// What a change does to the outcome, to stand behind its subject: "forces a runoff, by 46 votes". `becomes` is not the
// outcome as counted.
std::string does(const Outcome& becomes, const Contest& contest, const Rule& rule);

// The first letter of a sentence.
std::string capitalised(std::string text);

}  // namespace cotejo

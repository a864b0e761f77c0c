// Who may vote on a date? Every member's place in a body on a day, under every reading of what is disputed, and how the
// map of all bodies changed over time.
//
// A member may vote when it is on the roll, in good standing (not suspended, excluded or inactive) and its seat is
// filled. Readings: every combination of the disputed memberships (up to 2,000; beyond that each alone). Of each: the
// denominators D and what the majority 1/2 and 2/3 of D need: floor(D/2) + 1 and ceil(2D/3).
// Over time: a stretch of membership for every change of status (figure and table), the number of members of every body
// at the end of every year, and for the day asked how many members two bodies share.
// Missing: a date of which only the month or year is known gives two readings while it lasts.
// Errors: option_invalid (no such body, no such day), input_insufficient (the body did not exist, no events).
// No randomness, one thread. Cost: events x members.
// Does not show: which reading of a dispute is right in law.
// Source: the events in the tables. Verified in src/methods/assembly/tests/assembly_methods_test.cpp and tests/assemblies_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct SeatsRequest {
  std::string body{};   // empty: the main one
  std::string on{};     // the day; empty: that of the last vote, or the last event
  std::string known{};  // as known on this day

  static MethodInfo info();
  static const OptionTable<SeatsRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const SeatsRequest& request, const Context& context);

}  // namespace cotejo

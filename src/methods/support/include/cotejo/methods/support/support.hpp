// What every method does in the same way: opening a finding, and holding votes against the slack.
#pragma once

#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/method_info.hpp"
#include "cotejo/vote/arrival.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/crosswalk.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

Input input_of(const Count& count);
Input input_of(const Challenge& challenge);
Input input_of(const Crosswalk& crosswalk);
Input input_of(const Arrival& arrival);

// A finding with title, question, references and options filled in, and the count with its caveats as first input.
Finding open_finding(const MethodInfo& info, const Count& count, const Context& context);

// Adds another input; a count's caveats are added too, each once.
void add_input(Finding& finding, const Count& count);

// Where several options share the first place, or the second, "the leader" and "the runner-up" are the first of them in
// the contest: a condition that is not met says so and names them.
void name_shared_places(Finding& finding, const Contest& contest, const Tally& tally);

// The error of a method that was given no rule / no challenge / no second count.
Error needs(std::string_view what, std::string_view remedy);

// 34671.901 -> "34,671.90"; for headlines.
std::string fixed(double value, int decimals);

}  // namespace cotejo

// Does a count that is about to be imported belong to another country than the counts of the case? Ids begin with the
// country and the year ("bo-2019/computo"); ids without a country ("demo/official") are not judged.
// Verified in src/engine/tests/another_country_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "cotejo/casefile/casefile.hpp"

namespace cotejo {

// What to ask about, as a sentence, or nothing.
std::string another_country(const std::vector<CountEntry>& counts, const CountId& id);

}  // namespace cotejo

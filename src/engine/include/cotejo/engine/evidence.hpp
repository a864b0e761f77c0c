// The evidence table: every p-value of a dossier, corrected together for their number.
//
// A finding brings one p-value: that of its test, or the one that it has already corrected for the tests of its own (a battery).
// p_adjusted is Holm's over all of them (Holm 1979), primary or not: whoever marks few findings as primary gains nothing by it.
// Null: a finding without a test, or whose p-value is no number, is a row without p and is not counted. Ties share a value.
// Does NOT show that nothing was found where the smallest corrected p is large: tests differ in what they can see.
// No errors, no randomness. Source: Holm, S. (1979). Scandinavian Journal of Statistics 6:65. Verified in
// src/engine/tests/evidence_test.cpp.
#pragma once

#include <vector>

#include "cotejo/finding/finding.hpp"

namespace cotejo {

// Sets test->p_adjusted of every finding, and returns the table `evidence`: finding, primary, answer, for_outcome, p_value,
// p_error, at_most, p_corrected, kind, null; in the order of the findings.
Table weigh_evidence(std::vector<Finding>& findings);

// The finding with the smallest corrected p-value; nullptr when none has one.
const Finding* strongest(const std::vector<Finding>& findings);

}  // namespace cotejo

// Which decisions of an office were put to the membership, on what legal basis, and with what decision?
//
// Every act of the ledger is classed: `submitted` before it took effect (yes), `afterwards`, `no`, or `unknown` (no
// source says); `basis_stated`: whether the office itself named an article or mandate. A decision that is a roll call of
// the tables is recounted under its own rule. Nothing is inferred from silence: "unknown" is counted apart from "no".
// Answer: yes (all were submitted beforehand), no (none was), depends; undetermined when that of every act is unknown.
// Missing: an act without a date counts when no days are asked for. Errors: input_insufficient (no acts in these days),
// option_invalid (a day).
// No randomness, one thread. Cost: acts.
// Does not show: that an act needed to be submitted, or was lawful or not; acts that nobody put into the ledger.
// Source: the ledger in the tables. Verified in src/methods/assembly/tests/assembly_methods_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct MandateRequest {
  std::string actor{};       // empty: all
  std::string from{}, to{};  // days
  std::string known{};

  static MethodInfo info();
  static const OptionTable<MandateRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const MandateRequest& request, const Context& context);

}  // namespace cotejo

// The published and rival analyses of a late count, run on the same data and laid side by side.
//
// Runs curve, projection, shift, discontinuity and early-late with the same inputs and says, in one table, what each
// finds, what it holds fixed and which assumption parts it from the others. It computes nothing of its own, and nothing that
// this run has computed already with the same inputs, options and seed.
// Errors: as late_count.hpp; an analysis that cannot be run is a row that says why. Seed: handed on. Cost: the sum.
// Does NOT weigh the analyses: which assumption holds is not in the data of one election.
// Verified in tests/bolivia_test.cpp.
#pragma once

#include "cotejo/methods/arrival/kept_findings.hpp"

namespace cotejo {

struct RivalsRequest : ArrivalRequest {
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::int64_t replicates = 1000;
  std::int64_t holdouts = 400;
  std::string origins{};

  static constexpr OtherCounts uses = OtherCounts::elections;
  static MethodInfo info();
  static const OptionTable<RivalsRequest>& table();
};

Result<Finding> run(const Count& count, const RivalsRequest& request, const Context& context);

}  // namespace cotejo

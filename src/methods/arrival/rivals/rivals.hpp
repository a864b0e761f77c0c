// The published and rival analyses of a late count, run on the same data and laid side by side.
//
// Runs curve, projection, shift, discontinuity and early-late with the same inputs and lists, in one table, what each
// finds, what it holds fixed and which assumption parts it from the others. It computes nothing of its own, and nothing
// that this run has computed already with the same inputs, options and seed.
// Errors: as late_count.hpp; input_insufficient where no analysis can be run; one that cannot be run is a condition that
// is not met, with the reason. Seed: handed on. Cost: the sum.
// Does NOT weigh the analyses: which assumption holds is not in the data of one election.
// Verified in src/methods/arrival/rivals/rivals_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include <memory>
#include <string>

#include "cotejo/methods/arrival/curve.hpp"
#include "cotejo/methods/arrival/discontinuity.hpp"
#include "cotejo/methods/arrival/early_late.hpp"
#include "cotejo/methods/arrival/projection.hpp"
#include "cotejo/methods/arrival/shift.hpp"

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

struct RivalsResult {
  std::shared_ptr<const LateCount> late;

  // One analysis, or why it could not be run.
  template <class Request>
  struct Analysis {
    Request request{};
    std::shared_ptr<const ResultOf<Request>> result{};
    std::string problem{}, remedy{};

    explicit operator bool() const { return result != nullptr; }
    const ResultOf<Request>* operator->() const { return result.get(); }
    const ResultOf<Request>& operator*() const { return *result; }
  };
  Analysis<CurveRequest> curve;
  Analysis<ProjectionRequest> projection;
  Analysis<ShiftRequest> shift;
  Analysis<DiscontinuityRequest> discontinuity;
  Analysis<EarlyLateRequest> early_late;
};

Result<RivalsResult> compute(const Count& count, const RivalsRequest& request, const Context& context);
Finding present(const RivalsResult& result, const Count& count, const RivalsRequest& request, const Context& context);

}  // namespace cotejo

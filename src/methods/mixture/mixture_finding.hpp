// From what the mixture computed to its finding.
#pragma once

#include "cotejo/methods/mixture/mixture.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"
#include "mixture_controls.hpp"

namespace cotejo::mixture {

struct MixtureResult {
  MixtureUnits given;
  MixturePrior prior;
  ChainPlan plan;
  ChainDraws draws;
  Reading reading;
  Controls controls;
  std::vector<Trial> trials;
  std::vector<std::pair<std::string, Reading>> published;  // model, reading
};

// Fills the opened finding.
void present(const Count& count, const MixtureRequest& request, const MixtureResult& result, Finding& finding);

// Where a caller switched the checks off: undetermined with the reason, nothing computed.
void present_unchecked(const MixtureRequest& request, Finding& finding);

}  // namespace cotejo::mixture

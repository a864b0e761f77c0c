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

// The units that a model does not use, and why.
void add_left_out(const Count& count, std::size_t used,
                  const std::vector<std::pair<std::string, std::int64_t>>& reasons, Finding& finding);

}  // namespace cotejo::mixture

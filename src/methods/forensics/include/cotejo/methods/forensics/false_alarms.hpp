// How often does each test flag fair elections with this election's own units, and how often planted irregularities?
//
// The battery's first table, at length: (i) on `elections` fair elections from the fitted model, (ii) on `unlike` of each
// generator that the model does not know, each treated as observed (false_alarm_rates.hpp); and the power: on `planted`
// fair elections of each kind and dose of planted irregularity, at p <= 0.05.
// Tests with a null of their own need no inner elections: their p-value is that of their null.
// Shapes, null, seed, threads, ranks: as forensic_test.hpp. Cost: (elections + 5 unlike + kinds x doses x planted) fits,
// two draws each.
// Does NOT show how often a real election that was manipulated would be flagged: planted irregularities are simple.
// Verified in src/methods/forensics/tests/forensics_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

struct FalseAlarmsRequest : ForensicRequest {
  std::int64_t elections = 2000;
  std::int64_t unlike = 500;
  std::int64_t planted = 100;
  std::int64_t inner = 1;
  std::vector<const Count*> others{};  // elections before and after, for `swing`
  const Crosswalk* crosswalk = nullptr;
  std::string leader_elsewhere{}, runner_up_elsewhere{}, group_level{};
  std::string building{};  // for `share-tails`
  std::string tests{};     // ranked (among fair elections), own (with a null of their own); empty: all

  static MethodInfo info();
  static const OptionTable<FalseAlarmsRequest>& table();
};

Result<Finding> run(const Count& count, const FalseAlarmsRequest& request, const Context& context);

}  // namespace cotejo

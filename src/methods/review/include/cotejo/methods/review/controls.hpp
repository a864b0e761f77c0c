// Are the objected units unusual for where they are? Each is compared with units nobody objected to, as near and as
// large as it.
//
// Strata. From the lowest level of places upwards, the objected units of one place that are not yet compared are put
// into groups of like size (the largest at most size_ratio times the smallest); the controls of a group are the
// unobjected units of the place, not yet used below, whose size is within size_ratio of every unit of the group (of two
// groups: of the one nearest in log size). A group with at least min_controls controls is a stratum; the others go up a
// level, at last to the whole count.
//   D = sum_g n_g (o_g - c_g) / sum_g n_g      excess = sum_g (M_g - c_g V_g)
// o_g, c_g: mean leader share of the n_g objected units and of the controls of stratum g; M_g, V_g: leader's and valid
// votes of its objected units. The same D for turnout (cast / registered) where both are known for every unit of a
// stratum.
// Test: which units of a stratum are objected to is drawn anew, equally many per stratum, all strata independently.
// Two-sided
//   p = #{|D*| >= |D|} / all   when there are at most `replicates` arrangements (kind exact), else
//   p = (1 + #{|D*| >= |D|}) / (replicates + 1)   (kind calibrated; Phipson & Smyth 2010).
// Shapes: any count. Size: registered voters when reported, else valid votes. Shares in points of valid votes,
// -100..100.
// Null: missing cells count as 0; units without valid votes are neither compared nor controls. Ties |D*| = |D| count as
// extreme. No unit compared: answer undetermined.
// Errors: input_insufficient (no challenge; every unit objected to), option_invalid (no such option or level; tied
// leaders), unit_unknown, unit_duplicate, challenge_invalid, cancelled.
// Seed: context.seed, purpose randomisation_test, one stream per replicate and stratum: the same bits for any thread
// count and any order of units. Cost: n log n, plus replicates x objected units.
// A small p does NOT show anything about the votes where the list was chosen BECAUSE the share there was high: the
// difference is then the criterion of the choice. So the answer is "yes" only where the user says that the list was
// chosen independently of the shares, "undetermined" where nobody says, and where it was chosen by share no p-value is
// given at all.
// Source: Fisher, R. A. (1935), The Design of Experiments, section 21; Rosenbaum, P. R. (2002), Observational Studies,
// ch. 2-3.
// Verified in src/methods/review/tests/controls_test.cpp and tests/bolivia_test.cpp.
#pragma once

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct ControlsRequest {
  const Rule* rule = nullptr;  // optional: the excess votes are held against its slack
  std::vector<const Challenge*> challenges{};
  std::string option{};            // empty: the leader of the count
  std::string chosen = "unknown";  // how the list was drawn up: unknown, independent (of the shares), by-share
  std::int64_t min_controls = 3;
  double size_ratio = 1.5;
  std::string top_level{};  // empty: up to the whole count
  std::int64_t replicates = 9999;
  double significance = 0.05;

  static MethodInfo info();
  static const OptionTable<ControlsRequest>& table();
};

Result<Finding> run(const Count& count, const ControlsRequest& request, const Context& context);

}  // namespace cotejo

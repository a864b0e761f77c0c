// Every test of the family, with the false-alarm rate of each on this election's own units first.
//
// For each test: the share of fair elections, drawn from this election and treated as observed (their own model fitted,
// their own fair elections drawn), that it flags at 5 and 1 %; then its p-value on the election itself, among
// `replicates` fair elections; then Holm's and Benjamini & Hochberg's corrections over all that have one. A test is
// presented as calibrated when it flags at most 8 % of `elections` fair elections at 5 % (allowing for the chance of so many
// elections), and when the fair elections resemble this one; else as descriptive, without a p-value, and the table says why.
// Tests with a null of their own (repeated-returns, share-tails, swing) are presented as calibrated under the same limit; the
// table says why where one is refused (places are not buildings, no other election).
// Shapes, null, seed, threads, ranks: as forensic_test.hpp. Errors: input_insufficient (too few units, one option).
// Cost: (replicates + 3 elections) draws and statistics.
// A small p does NOT show fraud: each test has its own page that says what else makes it small.
// Source: the methods' own; Holm (1979), Benjamini & Hochberg (1995). Verified in src/methods/forensics/tests.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

struct BatteryRequest : ForensicRequest {
  std::int64_t elections = 500;
  std::int64_t inner = 1;
  std::vector<const Count*> others{};  // elections before and after, for `swing`
  const Crosswalk* crosswalk = nullptr;
  std::string leader_elsewhere{}, runner_up_elsewhere{}, group_level{};
  std::string building{};  // for `share-tails`

  static MethodInfo info();
  static const OptionTable<BatteryRequest>& table();
};

Result<Finding> run(const Count& count, const BatteryRequest& request, const Context& context);

}  // namespace cotejo

// How many units look as if non-voters' ballots had been cast for the leader and the others' votes moved?
//
// The model of Klimek et al. (2012), with probability f_i a fraction x ~ |N(0, theta^2)|, with f_e x ~ 1 - |N(0, 0.075^2)|:
//   W' = W + x (N - T) + x^alpha O,  O' = O - x^alpha O
// (N registered, T voters, W the leader's, O the others' valid votes), around what the other units of the same place
// have, not around one peak of the whole election: fingerprint_fit.hpp gives the likelihood, fitted in (f_i, f_e, theta).
// Interval: parametric bootstrap, `bootstrap` elections drawn from the fit and fitted again, of f_i and f_e each at 97.5 %
// (both are meant to hold together in 95 % of elections): from the smaller of the percentile's and the basic bootstrap's
// lower ends to the larger of their upper ends, stretched by 1.7 around the fit, because a bootstrap does not know how
// the fit fails a real election (measured: docs/methods/fingerprint.md).
// Shapes: n units, with three or more others in their place or the nearest place above. Needs registered voters.
// Errors: input_insufficient (no registered voters, fewer than 20 units with neighbours). Seed, threads, ranks: as
// forensic_test.hpp. Cost: about 40 ms a fit for 34,555 units; replicates + bootstrap + alphas fits.
// Descriptive: no p-value. It does NOT show fraud: whatever makes units of a place differ upwards in turnout and in the
// leader's share together, and not downwards, is counted; and what touches whole places is not seen.
// Source: Klimek, P., Yegorov, Y., Hanel, R., & Thurner, S. (2012). PNAS 109:16469 (the mechanism; centres, likelihood and
// interval are ours). Verified in src/methods/forensics/tests/fingerprint_test.cpp (recovery in 200 elections: validation).
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct FingerprintRequest : ForensicRequest {
  FingerprintRequest() { replicates = 199; }
  std::int64_t bootstrap = 200;
  double alpha = 0;

  static MethodInfo info();
  static const OptionTable<FingerprintRequest>& table();
};

Result<Finding> run(const Count& count, const FingerprintRequest& request, const Context& context);

}  // namespace cotejo

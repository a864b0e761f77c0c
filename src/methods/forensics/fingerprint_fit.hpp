// The measurement behind `fingerprint`: how many units look as if a fraction of their non-voters and of the others'
// votes had been given to the leader (Klimek et al. 2012), told from the other units of their place.
//
// Unit u, per registered voter: d of them did not vote, o voted validly for others, m for the leader, b neither. Fair:
//   y_1 = log((1 - d) / d), y_2 = log(m / o);  (y_j - c_j) / sqrt(s_j^2 + v_j) ~ Student's t with nu_j degrees of freedom
// c_j the median of the other units of its place (the lowest one with four units), v_j the sampling variance of y_j. s_j and
// nu_j come from the units below c_j alone, which the irregularity does not reach (it moves both up), as Klimek et al.
// take the spread from the side below the peak. With probability f_i a fraction x ~ |N(0, theta^2)|, with f_e
// x ~ 1 - |N(0, 0.075^2)|, is taken: d' = d (1 - x), o' = o (1 - x^alpha). The likelihood ratio of a unit at x,
//   g_1 g_2 (m + o) / ((1 - d) m)  at d = d' / (1 - x), o = o' / (1 - x^alpha),  over the same at x = 0,
// is summed over a grid of x; f_i, f_e maximise the likelihood (Newton's steps in the triangle), theta over a grid.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "cotejo/sim/fair_election.hpp"

namespace cotejo {

struct FairSpread {
  double s = 0, nu = 0;  // logit scale; degrees of freedom
};

struct FingerprintFit {
  double incremental = NAN, extreme = NAN;  // f_i, f_e: shares of the units
  double theta = NAN, alpha = NAN;
  double likelihood_ratio = NAN;            // 2 (log-likelihood - that of f_i = f_e = 0)
  double added_votes = 0, moved_votes = 0;  // expected, given the fit
  std::int64_t units = 0;                   // that were used
  FairSpread turnout, share;
  // Of every unit of the electorate: the centres of its place (NaN: not used), to draw from the fit.
  std::vector<double> turnout_centre, share_centre;
};

// alpha <= 0: the likeliest of 1/2, 1, 2 and 4. Needs registered voters; NaN where fewer than 20 units have neighbours.
FingerprintFit fingerprint_fit(const Electorate& electorate, const Returns& returns, double alpha);

// An election drawn from the fit: the parametric bootstrap.
Returns draw_fingerprint(const Electorate& electorate, const Returns& observed, const FingerprintFit& fit, Seed seed,
                         std::uint64_t replicate);

}  // namespace cotejo

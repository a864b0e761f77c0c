// The published finite-mixture models `bl` and `qbl` of election forensics, as specified, so that a published run can be
// repeated; and what is wrong with them, counted.
//
//   k = .7; pi = (1, r2, r3) / (1 + r2 + r3), r2, r3 ~ U(0, 1); Z ~ Cat(pi); a = A / N
//   six linear predictors (tau, nu, iota.m, iota.s, chi.m, chi.s); lambda the logistic function
//   bl:  eta = X beta, beta ~ N(0, 100 I)
//   qbl: eta_j = h_j + X_j beta, h_j ~ N(alpha, v) per unit and predictor, v ~ Exp(rate 5), alpha ~ N(0, 1),
//        beta ~ N(0, 1), of the intercept N(0, 0.01^2)
//   mean iota = k lambda(eta), mean chi = k + (1 - k) lambda(eta);  n_b ~ Bin(N, mean_b), fraction n_b / N
//   (m: 1 is replaced by .999)
//   A ~ Bin(N, (1 - tau)(1 - m));  M ~ Bin(N, p), p = nu (1 - s) / (1 - m) (1 - m - a) + a (m - s) / (1 - m) + s
//   (class none: m = s = 0). Where p leaves 0..1 the density is 0.
// Reported: pi, and the votes of the literature's arithmetic: manufactured = m (1 - tau) N, stolen = s tau (1 - nu) N of the
// units' classes. Faults counted in the table `faults`: units whose p leaves 0..1 for fractions drawn from the model itself;
// draws of A and M from the fitted model with A + M > N; chains whose totals differ while pi passes.
// Shapes, missing cells, seed, threads, errors: as mixture.hpp. Cost: linear; about 3 us a unit and iteration.
// Does NOT show fraud; what it finds on fair elections has not been measured here.
// Source: Mebane, W. R., Ferrari, D., McAlister, K., & Wu, P. Y. (2022), the R package eforensics; Mebane (2019) on Bolivia.
// Verified in src/methods/mixture/tests/published_model_test.cpp; against JAGS in the same folder (validation).
#pragma once

#include "cotejo/base/context.hpp"
#include "cotejo/base/options.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/method_info.hpp"
#include "cotejo/methods/support/run_control.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

struct MixtureEforensicsRequest {
  const Rule* rule = nullptr;
  const RunControl* control = nullptr;
  std::string model = "qbl";
  std::int64_t chains = 4;
  std::int64_t iterations = 4000;
  std::int64_t warmup = 500;
  std::string ballots = "valid";
  std::string covariates = "";
  double level = 0.95;
  std::int64_t fair_elections = 0;
  std::int64_t list_limit = 200;

  static MethodInfo info();
  static const OptionTable<MixtureEforensicsRequest>& table();
};

Result<Finding> run(const Count& count, const MixtureEforensicsRequest& request, const Context& context);

}  // namespace cotejo

// The published models bl and qbl (mixture_eforensics.hpp writes them out) as a chain.
//
// Sampler of qbl, one iteration: (1) the success probabilities of A and M of every unit held fixed, class and fractions are
// drawn anew: candidates of each class from their prior, the current one among them, weighted by the prior of tau and nu
// that they imply (Andrieu, Doucet & Holenstein 2010, JRSS B 72:269); pi with the classes summed out over the candidates;
// (2) tau, nu of every unit by Newton-preconditioned Metropolis steps; (3) the fractions' counts and effects likewise;
// (4) alpha, beta exactly, v by slice sampling. Of bl: tau and nu have no unit effects, so candidates are weighted by the
// likelihood, and beta takes adaptive Metropolis steps.
#pragma once

#include "chain.hpp"
#include "cotejo/methods/mixture/mixture_data.hpp"

namespace cotejo::mixture {

enum class Published { bl, qbl };

// p of M ~ Bin(N, p); may leave 0..1.
double published_p(double nu, double m, double s, double a);
// log P(A | ..) + log P(M | ..), binomial coefficients included; -infinity where p leaves 0..1.
double published_log_likelihood(double registered, double abstained, double leader, double tau, double nu, double m,
                                double s);
// pi_c L_c, normalised, for given fractions of the three classes.
std::array<double, 3> published_class_probabilities(const std::array<double, 3>& pi, double registered,
                                                    double abstained, double leader, double tau, double nu,
                                                    double iota_m, double iota_s, double chi_m, double chi_s);

std::vector<std::string> published_names();
std::unique_ptr<Chain> published_chain(const MixtureData& data, Published model, Seed seed, std::uint64_t chain,
                                       Blocks blocks);

}  // namespace cotejo::mixture

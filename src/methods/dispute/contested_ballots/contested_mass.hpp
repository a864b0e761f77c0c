// How many of n contested ballots are of one option: the logarithm of the probability, for what is withdrawn and what is added.
// Verified in contested_ballots_test.cpp.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

namespace cotejo {

// How many of n drawn are of one class against all other classes.
using LogMass = std::function<double(std::int64_t x, std::int64_t n)>;

LogMass without_replacement(std::int64_t marked, std::int64_t others);
// `total` is the share that this class and the rest have together; with a correlation the beta-binomial.
LogMass by_share(double share, double total, double correlation);

// The x of 0..n whose mass is above 1e-18 of the largest; the mass is unimodal, or largest at an end. `near`: a guess of it.
std::pair<std::int64_t, std::int64_t> window(const LogMass& mass, std::int64_t n, std::int64_t near);

}  // namespace cotejo

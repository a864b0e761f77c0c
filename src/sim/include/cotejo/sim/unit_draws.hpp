// Draws for all units at once: the same distributions as samplers.hpp, as loops that become vector instructions.
//
// Unit i of a UnitStream has the Threefry-4x64-20 block with key (seed, purpose, replicate, step) and counter (i, 1, 0, 0) as
// its random numbers, so that a unit's draw depends on nothing but those five numbers (streams of random.hpp use
// counters (., 0, 0, 0) of the same keys). What it leaves undecided goes on in Stream(seed, purpose, replicate,
// 2^48 (step + 1) + i).
// binomial_units:  x_i ~ Bin(n_i, lambda(theta_i)), lambda(t) = 1 / (1 + exp(-t)), with
//     theta_i = mean_i + sd_i z_i, z_i standard normal (Box & Muller), or
//     theta_i = mean_i + one of `residuals`, each as likely (to 2^-52 of their number)
//   by inversion from 0 where n min(p, 1 - p) <= 25, exact to 1e-12; else by transformed rejection (Hormann 1993).
// beta_binomial_units: x_i ~ Bin(n_i, P), P ~ Beta(a_i, b_i), P = G_a / (G_a + G_b) of gammas by Marsaglia & Tsang (2000).
// Shapes: one entry per unit in every span; sd empty where residuals are given. n >= 0; a, b > 0. n = 0 gives 0.
// Cost: measured by bench/forensics.cpp beside samplers.hpp: 30 to 50 ns a unit with AVX-512 against 105 to 150.
// Verified in src/sim/tests/unit_draws_test.cpp: the blocks against Random123, the distributions by chi-square.
#pragma once

#include <cstdint>
#include <span>

#include "cotejo/base/random.hpp"

namespace cotejo {

struct UnitStream {
  Seed seed = 0;
  Purpose purpose = Purpose::fair_election;
  std::uint64_t replicate = 0, step = 0;
};

// The block of unit i, words 0..3.
void unit_words(const UnitStream& stream, std::size_t i, std::span<std::uint64_t, 4> out);

// Two uniform numbers in [0, 1) for each unit.
void uniform_units(const UnitStream& stream, std::span<double> first_of_each, std::span<double> second_of_each);

void binomial_units(const UnitStream& stream, std::span<const std::int32_t> n, std::span<const double> mean,
                    std::span<const double> sd, std::span<const double> residuals, std::span<std::int32_t> out);

void beta_binomial_units(const UnitStream& stream, std::span<const std::int32_t> n, std::span<const double> a,
                         std::span<const double> b, std::span<std::int32_t> out);

}  // namespace cotejo

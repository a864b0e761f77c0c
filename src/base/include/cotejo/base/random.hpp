// Random numbers that depend only on (seed, purpose, replicate, unit): the same on one thread, N threads and M
// machines.
//
// Each Stream is Threefry-4x64-20 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3") in counter mode,
// keyed by the four numbers; its n-th output is a function of the key and n alone. Own distributions: results do not
// depend on the standard library. Verified in src/base/tests/random_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace cotejo {

using Seed = std::uint64_t;

// What a stream is for: two purposes never share numbers. Append-only (their values are part of every result).
enum class Purpose : std::uint64_t {
  synthetic_election = 1,
  randomisation_test = 2,
  permutation_test = 3,
  bootstrap = 4,
  posterior_draw = 5,
  hold_out = 6,
  fair_election = 7,
  planted = 8,
  inner_election = 9,
  generator = 10,
};

class Stream {
 public:
  using result_type = std::uint64_t;
  Stream(Seed seed, Purpose purpose, std::uint64_t replicate = 0, std::uint64_t unit = 0);

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return std::numeric_limits<result_type>::max(); }
  result_type operator()();

  void fill(std::span<std::uint64_t> out);  // the next outputs, as one by one, eight blocks at a time
  double uniform();                         // [0, 1), 53 bits
  std::uint64_t below(std::uint64_t n);     // 0..n-1, without bias; n > 0
  double normal();                          // standard normal, by the inverse of Box and Muller (1958)

 private:
  std::array<std::uint64_t, 4> key_;
  std::array<std::uint64_t, 4> block_{};
  std::uint64_t counter_ = 0;
  unsigned used_ = 4;
};

}  // namespace cotejo

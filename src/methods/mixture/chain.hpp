// A Markov chain over the units of an election, as the driver in run_chains.hpp sees it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cotejo::mixture {

// What each kept iteration gives of every unit, summed: probabilities and votes.
struct UnitSums {
  std::vector<double> incremental, extreme, manufactured, stolen;  // n
};

// Runs body(block) for every block, on as many threads as there may be.
using Blocks = std::function<void(std::size_t blocks, const std::function<void(std::size_t)>& body)>;
inline void serial_blocks(std::size_t blocks, const std::function<void(std::size_t)>& body) {
  for (std::size_t block = 0; block < blocks; ++block) body(block);
}

class Chain {
 public:
  virtual ~Chain() = default;
  // One iteration; `warming` while the proposals still adapt, `kept` when it counts.
  virtual void step(std::uint64_t iteration, bool warming, bool kept) = 0;
  // The reported quantities of the current state, in the order of names().
  virtual std::vector<double> quantities() const = 0;
  virtual const UnitSums& sums() const = 0;
  // Everything the next step depends on, as numbers, and back.
  virtual std::vector<double> state() const = 0;
  virtual void restore(std::span<const double> state) = 0;
};

}  // namespace cotejo::mixture

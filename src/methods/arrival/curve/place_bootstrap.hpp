// How far each component of the change varies when the places of the lowest level, each with all its units, are drawn
// anew with replacement; a unit without a place is a place by itself.
#pragma once

#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/methods/arrival/curve.hpp"

namespace cotejo {

class PlaceBootstrap {
 public:
  // The components are those of `level`.
  PlaceBootstrap(const LateCount& late, std::size_t level);
  CurveResult::Components draw(Stream& stream) const;

 private:
  static constexpr std::uint32_t unused = 0xFFFFFFFF;
  struct Cluster {
    double late_lead = 0, late_valid = 0, early_lead = 0, early_valid = 0;
    std::uint32_t group = unused;  // place of the level

    void add(const Cluster& other, double weight);
  };
  std::vector<Cluster> clusters_;
  std::uint32_t groups_ = 0;
};

// Sets error, low and high. Errors: cancelled.
Result<void> add_errors(CurveResult::Decomposition& out, const LateCount& late, std::int64_t draws,
                        const Context& context);

}  // namespace cotejo

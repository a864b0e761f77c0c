// The places with units on both sides of the cut, and early and late permuted within them.
#pragma once

#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

class SplitPlaces {
 public:
  // Units without valid votes are left out: they have no margin.
  SplitPlaces(const LateCount& late, std::size_t level) : late_(&late) {
    std::vector<std::vector<std::uint32_t>> of(late.count->hierarchy.places().size());
    for (std::size_t u = 0; u < late.units(); ++u)
      if (late.place[level][u] != no_place && late.valid[u] > 0)
        of[late.place[level][u]].push_back(static_cast<std::uint32_t>(u));
    for (const auto& units : of) {
      std::size_t n_late = 0;
      for (const auto u : units) n_late += static_cast<std::size_t>(late.late[u]);
      if (n_late == 0 || n_late == units.size()) continue;
      units_.insert(units_.end(), units.begin(), units.end());
      end_.push_back(units_.size());
      n_late_.push_back(n_late);
    }
  }

  std::size_t places() const { return end_.size(); }
  std::size_t begin(std::size_t place) const { return place == 0 ? 0 : end_[place - 1]; }
  std::size_t end(std::size_t place) const { return end_[place]; }
  const std::vector<std::uint32_t>& units() const { return units_; }  // place by place
  std::size_t late_units(std::size_t place) const { return n_late_[place]; }

  // One mark per unit of units().
  std::vector<char> as_reported() const {
    std::vector<char> out;
    for (const auto u : units_) out.push_back(late_->late[u]);
    return out;
  }
  // As many late units in every place, drawn at random.
  std::vector<char> relabelled(Stream& stream) const {
    std::vector<char> out(units_.size(), 0);
    for (std::size_t p = 0; p < places(); ++p) {
      std::size_t wanted = n_late_[p];
      for (std::size_t i = begin(p); i < end_[p]; ++i)
        if (stream.below(end_[p] - i) < wanted) {
          out[i] = 1;
          --wanted;
        }
    }
    return out;
  }

  // 100 (M - C) / V of each place's early and late units.
  void margins(const std::vector<char>& marks, std::vector<double>& early, std::vector<double>& late) const {
    early.resize(places());
    late.resize(places());
    for (std::size_t p = 0; p < places(); ++p) {
      LateSum sums[2];
      for (std::size_t i = begin(p); i < end_[p]; ++i) sums[marks[i] ? 1 : 0].add(*late_, units_[i]);
      early[p] = sums[0].margin();
      late[p] = sums[1].margin();
    }
  }

 private:
  const LateCount* late_;
  std::vector<std::uint32_t> units_;
  std::vector<std::size_t> end_, n_late_;
};

}  // namespace cotejo

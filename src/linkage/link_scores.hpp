// The weight of every pair, the links that follow from it, and what the links teach about how often records of one place agree.
#pragma once

#include <array>
#include <vector>

#include "agreement.hpp"
#include "comparison.hpp"

namespace cotejo::linkage {

class LinkScores {
 public:
  LinkScores(const Sides& sides, const CodeLinks& codes, const Comparison& comparison)
      : sides_(sides), codes_(codes), comparison_(comparison), m_place_(sides.levels, place_start) {}

  // log L of every pair. `linked` holds the last round's link scores (empty in the first round).
  void weigh(const std::vector<double>& linked);
  // Links what reaches the threshold, takes it away, and again. Scores of the links; 0 for the rest.
  std::vector<double> link_once(double threshold);
  void learn(const std::vector<double>& linked);

  const std::vector<double>& weight() const { return weight_; }            // log L, a pair
  const std::vector<double>& name_weight() const { return name_weight_; }  // of the names alone
  const std::vector<double>& score() const { return score_; }              // of the last link_once
  // Of each place that is left open: the chance that it is one of its candidates.
  const std::vector<double>& partner_of_first() const { return row_; }
  const std::vector<double>& partner_of_second() const { return column_; }
  void describe(LinkModel& model) const;

 private:
  const Sides& sides_;
  const CodeLinks& codes_;
  const Comparison& comparison_;
  std::array<double, 6> m_name_ = name_start;
  std::array<double, 10> m_distance_ = distance_start_normalised();
  std::vector<std::array<double, 3>> m_place_;
  double partner_ = partner_start;
  std::vector<double> weight_, name_weight_, score_, row_, column_;
};

}  // namespace cotejo::linkage

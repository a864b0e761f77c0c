// What `next-election` computes, and the finding that is made of it.
//
// Two elections of the same places: which places are linked, what the objected ones and all others were before and after, the matched controls
// and the difference in differences beside them, and the bound in votes that comes of it (formulas: next_election.hpp, matched_places.hpp).
#pragma once

#include <string>
#include <vector>

#include "cotejo/linkage/link.hpp"
#include "matched_places.hpp"

namespace cotejo {

// The two sides of every link, put together.
struct BothSides {
  std::vector<PlaceSums> before, after;  // by place of either count
  std::vector<char> has_objected;        // by place of the first count
  std::vector<std::size_t> link_of;      // by place of the first count; the number of links: none
  std::vector<Pair> pairs;               // links with valid votes on both sides
  PlaceSums objected_before, objected_after, others_before, others_after, all_objected_before;
  std::int64_t without_place = 0;  // objected units
  std::int64_t precincts_objected = 0, precincts_linked = 0, compared = 0, same_votes = 0, same_share = 0, others = 0,
               others_same_share = 0;
  double later_share_deficit = 0, later_share_deficit_where_less = 0;  // votes
  double share_before = 0, share_after = 0;                            // percent, of the objected places
};

struct NextElectionResult : BothSides {
  NextElectionResult(const Count& first_count, const Count& second_count, const NextElectionRequest& asked)
      : first(first_count), second(second_count), request(asked) {}
  const Count& first;
  const Count& second;
  const NextElectionRequest& request;
  // What is compared.
  std::size_t option = 0, option_after = 0;
  std::string option_id, level;
  std::vector<std::string> shared;  // levels above the linked one that both counts have
  int linked_level = 0;
  // The links.
  PlaceSet before_set, after_set;
  Linkage linkage;
  std::int64_t by_code = 0, codes_and_names_agree = 0;
  // Matched places.
  std::vector<Grouping> levels;
  std::vector<Matched> matched;
  Changes comparison{};
  double controls_up = 0;           // sum over the objected places of the share of their controls that did not fall
  std::vector<Influence> weights;   // the largest first
  std::optional<double> low, high;  // of the difference, points
  std::int64_t clusters = 0;
  PlaceboLists placebos;
  // The bound in votes: by the interval, or by the placebo lists where theirs hold zero too rarely.
  double coverage = 0;  // registered voters after / before; NaN: not known
  bool second_complete = false, placebos_known = false, interval_holds = false;
  double bound_low = 0, bound_high = 0;  // points
  std::optional<double> most_above;      // votes
  std::int64_t from_everywhere = 0;      // places matched from the whole count
  std::string votes_caveat;

  double votes_above(double points) const { return -points / 100 * comparison.valid; }
  bool enough() const { return 2 * precincts_linked >= precincts_objected && compared > 0; }
  bool has_controls() const { return 2 * static_cast<std::int64_t>(matched.size()) >= compared && compared > 0 && low; }
};

inline constexpr double balanced_points = 1;          // mean share before, objected against controls
inline constexpr double least_placebo_coverage = 90;  // % of placebo lists whose 95 % interval must hold zero

// The share after is at least that before, exactly.
bool same_or_more_share(const PlaceSums& before, const PlaceSums& after);

// The tables of the finding, in the order in which they are shown, and its picture.
void add_tables(const NextElectionResult& result, Finding& finding);
// The whole finding.
Finding present(const NextElectionResult& result, const Context& context);

}  // namespace cotejo

// Places of one election beside matched places, in another: the arithmetic of `next-election`.
//
// pairs: linked places whose shares can be compared; Matched: an objected pair and its controls (next_election.hpp).
//   difference = sum_i V_i (d_i - mean of d over the controls of i) / sum_i V_i
// Interval: Bayesian cluster bootstrap. Placebo lists: as many places in which nobody objected to a unit, each of nearly the
// share before and the size of an objected one, no place twice. What selection by a high share does to a list (regression to
// the mean, the ceiling at 100 %) it does to these too.
// Seed: context.seed, purposes bootstrap and permutation_test. The same bits for any number of threads.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/linkage/link.hpp"
#include "cotejo/methods/review/next_election.hpp"

namespace cotejo {

// Sums over the units of one place.
struct PlaceSums {
  std::int64_t units = 0, votes = 0, valid = 0, registered = 0;
  double share() const { return static_cast<double>(votes) / static_cast<double>(valid); }
  std::int64_t size() const { return registered > 0 ? registered : valid; }
  PlaceSums& operator+=(const PlaceSums& other) {
    units += other.units;
    votes += other.votes;
    valid += other.valid;
    registered += other.registered;
    return *this;
  }
};

// A linked pair whose shares can be compared.
struct Pair {
  std::uint32_t before = 0, after = 0;  // places
  std::size_t link = 0;
  double share_before = 0, change = 0;  // share 0..1, points
  std::int64_t size = 0, valid = 0;     // before
};

struct Matched {
  std::size_t objected = 0;             // index into pairs
  std::vector<std::size_t> controls{};  // indices into pairs, nearest in share first
  std::string level{};
};

// The levels of the first count above the linked places, nearest first, then the whole count: the group of every place.
struct Grouping {
  std::string level;
  std::vector<PlaceIndex> of_place;
};
inline constexpr const char* whole_count = "whole count";

std::vector<Grouping> groupings(const Count& count, const PlaceSet& set, int linked_level);

// `treated`: the places (before) to be matched; `barred`: those that can be no control beside them. Entries of places.
std::vector<Matched> match(const std::vector<Pair>& pairs, const std::vector<char>& treated,
                           const std::vector<char>& barred, const std::vector<Grouping>& levels,
                           const NextElectionRequest& request);

double mean_change(const std::vector<Pair>& pairs, const std::vector<std::size_t>& controls);

// Weighted by valid votes before, but for `equal`; NaN when nothing is matched.
struct Changes {
  double difference, equal;                   // points
  double change_objected, change_controls;    // points
  double percent_objected, percent_controls;  // share before
  double valid = 0;                           // votes before in the matched places
};
Changes changes_of(const std::vector<Pair>& pairs, const std::vector<Matched>& matched);

// What one matched place does to the difference.
struct Influence {
  std::size_t matched = 0;  // index
  double contribution = 0;  // V_i (d_i - controls) / sum V, points
  double without = 0;       // the difference without it; NaN: there is no other
};
// The largest first.
std::vector<Influence> influences(const std::vector<Pair>& pairs, const std::vector<Matched>& matched);

struct Interval {
  std::optional<double> low{}, high{};
  std::int64_t clusters = 0;
};
// `cluster_of`: one entry per pair. `list` tells the streams of several calls apart. One thread.
Interval bootstrap_interval(Seed seed, std::uint64_t list, const std::vector<Pair>& pairs,
                            const std::vector<Matched>& matched, const std::vector<std::uint32_t>& cluster_of,
                            std::int64_t replicates, double confidence);

struct PlaceboLists {
  std::int64_t lists = 0;       // that could be matched
  double coverage_percent = 0;  // intervals that hold zero
  double centre = 0, sd = 0;    // of their differences, points
  double low = 0, high = 0;     // quantiles of their differences at the confidence asked for
  double as_low_percent = 0;    // lists with a difference at most the observed one
  double bound_percent = 0;     // lists where the wider of their interval and the spread of all other lists holds zero
  double share_gap = 0;  // points: share before of a list's places less that of their controls, mean over the places
  double from_gap = 0;   // points: what that gap gives, by the regression of a place's difference on its own gap
};

// Nothing when cancelled; no lists where no place can be drawn.
std::optional<PlaceboLists> placebo_lists(const Context& context, const std::vector<Pair>& pairs,
                                          const std::vector<char>& has_objected, const std::vector<Grouping>& levels,
                                          const NextElectionRequest& request,
                                          const std::vector<std::uint32_t>& cluster_of, double observed);

}  // namespace cotejo

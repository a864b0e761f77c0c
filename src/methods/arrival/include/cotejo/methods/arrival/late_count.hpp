// A count as it came in: which units were early, which late, and when. What the five methods of the family share.
//
// Early is what the first snapshot holds (a count of the same contest); without a snapshot, what arrived up to `cut`
// on the first arrival. Units without an arrival came after all others. An interval that holds the cut is split at its
// middle. Times are compared as times, positions as numbers, never as text.
// Where the snapshot's units are parts of the count's (polling tables of which the count has only the precincts, told
// by codes), early parts and what is left of every unit become units of their own; a unit of which more was early than
// it has in the end is left out and listed.
// Shapes: n units; place[l][u] is the place of unit u on level l (no_place: none); l = 0 is the top.
// Votes: of the count; `snapshot_*` are those of the snapshot for early units and those of the count for late ones.
// Errors: input_insufficient (no snapshot and no cut; no early or no late unit; an order that is that of its times
// sorted as text), option_invalid (a cut that cannot be read; an arrival of that kind is not there). No randomness.
// Verified in src/methods/arrival/tests/late_count_test.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

class KeptFindings;

// What every request of the family has.
struct ArrivalRequest {
  std::vector<const Count*> others{};  // snapshots (of the same contest) and other elections
  std::vector<const Arrival*> arrivals{};
  const Crosswalk* crosswalk = nullptr;  // codes of places, to link other elections
  const Rule* rule = nullptr;
  std::string cut{};
  KeptFindings* kept_findings = nullptr;  // of this run (kept_findings.hpp); may be absent
};

template <class Request>
void add_arrival_options(OptionTable<Request>& table) {
  table.add(static_cast<std::string Request::*>(&ArrivalRequest::cut),
            {.name = "cut",
             .unit = "",
             .text = "The last arrival that is early (2019-10-20T19:40:57, a position or a percentile); without it the "
                     "snapshot's instant, or what tells its units best from the others."});
}

struct LateCount {
  const Count* count = nullptr;        // with one unit per part, where the snapshot's units are parts
  std::shared_ptr<const Count> parts;  // owns *count then
  const Count* snapshot = nullptr;     // may be absent
  const Arrival* arrival = nullptr;    // may be absent
  std::vector<const Count*> snapshots, elections;

  std::size_t leader = 0, runner_up = 0;  // options of the count
  std::vector<char> late;                 // n
  std::vector<std::int64_t> leader_votes, runner_up_votes, valid, registered;
  std::vector<std::int64_t> snapshot_leader, snapshot_runner_up, snapshot_valid;
  std::vector<std::vector<PlaceIndex>> place;  // levels x n
  std::vector<double> from, to;                // n or empty; infinite: arrived after all others
  double cut = 0;                              // on the arrival's axis; NaN without an arrival
  bool cut_was_found = false;                  // by what tells early from late best

  std::int64_t units_without_arrival = 0, intervals_cut = 0, batches = 0, largest_batch = 0;
  std::vector<std::string> vanished;  // units of the snapshot that the count does not have
  std::vector<std::string> left_out;  // units of which more was early than there was in the end

  std::size_t units() const { return late.size(); }
  std::size_t levels() const { return place.size(); }
  std::string level_name(std::size_t level) const { return count->hierarchy.levels()[level]; }
  const std::string& leader_id() const { return count->contest.options[leader].id.text; }
  const std::string& runner_up_id() const { return count->contest.options[runner_up].id.text; }
};

// `n`: how many units a sum holds.
struct LateSum {
  std::int64_t units = 0, registered = 0, valid = 0, leader = 0, runner_up = 0;
  void add(const LateCount& late, std::size_t unit);
  double margin() const { return 100 * static_cast<double>(leader - runner_up) / static_cast<double>(valid); }
};

Result<LateCount> late_count(const Count& count, const ArrivalRequest& request);
// The same, to be held by the result of a method.
Result<std::shared_ptr<const LateCount>> shared_late_count(const Count& count, const ArrivalRequest& request);

// Another election whose margins cannot be set beside the count's: why, and what would mend it.
struct NotComparable {
  std::string election, problem, remedy;
};

// Opens the finding with all inputs and what must be known of early and late: conditions, caveats, `units_early`, ...
Finding open_arrival_finding(const MethodInfo& info, const Count& count, const LateCount& late,
                             const ArrivalRequest& request, const Context& context);

// A point on the axis of an arrival, as `cut` is written. Errors: option_invalid.
Result<double> arrival_point(const Arrival& arrival, std::string_view option, const std::string& text);

// Takes the permutation test away where what is late of a unit is several units in one: permuting early and late
// supposes units of one kind.
void withhold_test(Finding& finding);

// 100 (M - C) / V of a unit; NaN without valid votes.
double margin_of(const LateCount& late, std::size_t unit);

}  // namespace cotejo

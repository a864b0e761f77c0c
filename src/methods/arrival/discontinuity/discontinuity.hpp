// Is there a jump of the margin at the cut?
//
// x_u is the share of units (percent) that had arrived before unit u, half of its own batch included; y_u the unit's
// margin. The jump is that of local_linear.hpp at the cut, with the bandwidth of Imbens & Kalyanaraman (2012), at most
// what the order reaches on the shorter side of the cut, and errors robust to clusters of the lowest level. Table
// `bandwidths` has the jump for 1, 2, 3, 5, 8 % of the units and the one used, and how often each rejects at placebo
// cuts. Where placebo cuts reject more often than 7.5 % at 5 % no interval is given; where the sign depends on the
// bandwidth a "yes" becomes "undetermined". Placebo cuts lie evenly over the whole order (5 to 95 %, where there is
// room), each with its own bandwidth, except those nearer to the cut than its bandwidth. p = the rank of |jump / error|
// among them: an order of arrival that is full of jumps makes any one of them common.
// Placebo elections: the margin that each unit's place had in another election, over the same order; what jumps there
// too is the places, not the count. `margin - that of ...` is the margin with its place's history taken out.
// Shapes: units with an arrival and a valid vote. Ties: a batch shares one x; the cut never divides it.
// Guard: an order that is that of its times sorted as text on a 12-hour clock is refused (late_count.hpp).
// Errors: as late_count.hpp; input_insufficient without an arrival. Deterministic. Cost: linear in units x placebos.
// A small p does NOT show manipulation: other places begin to report at an interruption, and places jump with them.
// Source: Idrobo, Kronick & Rodriguez (2022), Journal of Politics 84:2202, for the question whether the trend of
// late-counted votes jumps; the use on Bolivia 2019 is the observation mission's and its critics' (recipe inferred); the
// ranking among placebos is that of Ganong, P., & Jaeger, S. (2018), JASA 113:494. Verified in
// src/methods/arrival/discontinuity/discontinuity_test.cpp.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

struct DiscontinuityRequest : ArrivalRequest {
  std::string leader_elsewhere{}, runner_up_elsewhere{};
  std::int64_t placebos = 1000;
  double level = 0.05;

  static constexpr OtherCounts uses = OtherCounts::elections;
  static MethodInfo info();
  static const OptionTable<DiscontinuityRequest>& table();
};

// What is looked at along the order of arrival.
enum class JumpOutcome { margin, placebo_election, margin_less_election };

struct DiscontinuityResult {
  std::shared_ptr<const LateCount> late;
  double cut_percent = 0;                       // units with an arrival and a valid vote that came up to the cut
  std::vector<NotComparable> not_comparable{};  // other elections

  // A jump, in points; bandwidth in percent of the units.
  struct Estimated {
    double jump = 0, error = 0, bandwidth = 0;
    std::int64_t before = 0, after = 0;  // units within the bandwidth
    double z() const;                    // |jump / error|; 0 without an error
  };
  // Jumps at the placebo cuts that could be taken.
  struct Placebos {
    std::int64_t cuts = 0;
    std::int64_t as_clear = 0;             // with |jump / error| as large as at the cut
    std::int64_t rejected = 0;             // with |jump| more than 1.96 errors
    std::optional<double> five_percent{};  // points; 5 % of the jumps are larger in size
    bool enough() const { return cuts >= 39; }
    double p_value() const { return static_cast<double>(1 + as_clear) / static_cast<double>(1 + cuts); }
    double rejected_share() const;  // 1 without a cut
  };
  struct Outcome {
    JumpOutcome what = JumpOutcome::margin;
    std::string election{};             // of the other two
    std::optional<Estimated> at_cut{};  // nothing: too little on a side, see `problem`
    std::string problem{};
    Placebos placebos{};
  };
  std::vector<Outcome> outcomes;  // the margin first
  const Outcome& margin() const { return outcomes.front(); }

  // Of the margin, where there is a jump at the cut.
  struct PlaceboJump {
    double cut_percent = 0, jump = 0, error = 0;
  };
  std::vector<PlaceboJump> placebo_jumps{};
  double bandwidth_from_data = 0, support = 0;  // percent of units; the one used is at most the support
  struct ByBandwidth {
    Estimated at_cut{};
    std::int64_t placebos = 0, rejected = 0;
  };
  std::vector<ByBandwidth> by_bandwidth{};
  bool one_sign = true;  // of the estimates that are clear of their error

  bool errors_believed() const;     // at most 7.5 % of the placebo cuts are rejected at 5 %
  std::optional<double> p() const;  // of the margin; nothing with too few placebo cuts
};

Result<DiscontinuityResult> compute(const Count& count, const DiscontinuityRequest& request, const Context& context);
Finding present(const DiscontinuityResult& result, const Count& count, const DiscontinuityRequest& request,
                const Context& context);

// In words, as its table has them, and that of `rivals`.
Message words_for(const DiscontinuityResult::Outcome& outcome);

}  // namespace cotejo

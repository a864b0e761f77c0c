// Are the early and the late margins of split precincts alike? And why one conditioning makes them differ.
//
// For every precinct with units on both sides, e = 100 (M - C) / V of its early units, l of its late ones.
//   D = the two-sample Kolmogorov-Smirnov distance of {e} and {l}: of all split precincts; of those with e < 0; of those
//   with e + l < 0.
// The p-value of each D is its rank among the D of B relabellings: in every precinct the same number of units, drawn at
// random, is called late, e and l are taken anew and the condition is applied anew. Conditioning on e alone picks
// precincts whose early units were low by chance too, so that their late ones are higher: regression to the mean
// (Galton 1886). The relabelled D show how much of D that is; the condition e + l < 0 treats both sides alike.
// Relabelling supposes that units of a precinct arrive at random, which they do not. So with an order of arrival the
// test is the rank of sqrt(precincts) D over all split precincts among the same at 91 placebo cuts (every percent of the
// units from 5 to 95); relabelling_p stands beside it. Without an order the relabellings decide, drawn on (up to sixteen
// times as many) while p is within two Monte-Carlo errors of 5 %, and "undetermined" if it stays there.
// Shapes: split precincts as in curve.hpp. Null: precincts without valid votes on a side are left out, counted.
// Seed: context.seed, purpose permutation_test, one stream per relabelling. Cost: linear in units x replicates.
// Errors: as late_count.hpp; input_insufficient without split precincts.
// A small p does NOT show manipulation: units within a precinct may not report in random order.
// Source: Newman, G. (2020), preprint osf.io/26fme: the comparison; the conditioning on e < 0 is as described there
// (recipe inferred from its figures). Verified in src/methods/arrival/early_late/early_late_test.cpp and
// tests/bolivia_test.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

struct EarlyLateRequest : ArrivalRequest {
  std::int64_t replicates = 1000;

  static constexpr OtherCounts uses = OtherCounts::first_snapshot;
  static MethodInfo info();
  static const OptionTable<EarlyLateRequest>& table();
};

// Which split precincts are compared: all, those with e < 0, those with e + l < 0.
enum class PrecinctChoice { all, early_negative, sum_negative };

struct EarlyLateResult {
  std::shared_ptr<const LateCount> late;

  struct Comparison {
    PrecinctChoice choice = PrecinctChoice::all;
    std::int64_t precincts = 0;
    double distance = 0;                   // D; NaN without precincts
    std::optional<double> p_asymptotic{};  // of independent samples; nothing without precincts
    double by_chance = 0;                  // mean D over the relabellings
    double p_value = 1;                    // rank of D among the relabellings
  };
  std::array<Comparison, 3> comparisons;  // in the order of PrecinctChoice
  const Comparison& all() const { return comparisons[0]; }

  struct Margins {
    double early = 0, late = 0;  // points
  };
  std::vector<Margins> margins;  // of every split precinct with valid votes on both sides
  double correlation = 0;        // of the two, unweighted

  std::int64_t relabellings = 0;  // drawn in the end
  bool near_threshold() const;    // p of all() within two Monte-Carlo errors of 5 %

  struct Placebos {
    std::int64_t cuts = 0;
    std::int64_t as_far = 0;  // of them, with sqrt(precincts) D as large as at the cut
    double p_value() const { return static_cast<double>(1 + as_far) / static_cast<double>(1 + cuts); }
  };
  std::optional<Placebos> placebos;  // with an order of arrival, and 39 cuts or more that can be taken

  static constexpr double threshold = 0.05;
};

Result<EarlyLateResult> compute(const Count& count, const EarlyLateRequest& request, const Context& context);
Finding present(const EarlyLateResult& result, const Count& count, const EarlyLateRequest& request,
                const Context& context);

// In words, as its table has them, and that of `rivals`; "all" is a name, which a row is found by.
Cell cell_for(PrecinctChoice choice);

}  // namespace cotejo

// Do two counts of the same election agree, unit by unit? (the cotejo itself)
//
// Units are matched by key, options by id. A unit differs when any field that both counts report differs (options,
// registered, cast, valid, blank, null); where one of the two cells is missing, that is a difference.
//   net_OPTION = sum over the units in both of (votes in the second - votes in the first)
// Let d_u be the change of (M - C) in unit u, M and C the first two options of the second count. Under the null
// "whatever made unit u differ was as likely to lean the other way", every sign pattern of the d_u is equally likely:
// the permutation p is (1 + #{|sum of random signs x d_u| >= |sum d_u|}) / (B + 1); the sign test looks at the signs
// alone, exactly.
// Shapes: any two counts with a common option. No common unit: error. Ties d_u = 0 leave the tests. No differing unit:
// no test.
// Errors: input_insufficient (no second count, no common unit or option). Seed: context.seed, purpose permutation_test;
// the same bits for any thread count. Cost: linear in units, plus replicates x differing units.
// A small p does NOT show intent: a clerk who corrects one kind of slip leaves differences that lean to one side.
// Source: Fisher, R. A. (1935). The Design of Experiments, section 21 (randomised signs). Verified in
// src/methods/checks/collate/collate_test.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/method.hpp"
#include "cotejo/methods/support/support.hpp"

namespace cotejo {

struct CollateRequest {
  const Count* other = nullptr;  // the second count
  const Rule* rule = nullptr;    // optional: the net change is held against its slack
  std::int64_t replicates = 9999;
  std::int64_t list_limit = 100000;

  static MethodInfo info();
  static const OptionTable<CollateRequest>& table();
};

struct CollateResult {
  // Where no unit is shared and one of the counts is totals only: what the units hold against what the totals have.
  struct WithTotals {
    struct Compared {
      std::string id, name;  // of an option; "valid", the last
      std::int64_t part = 0, total = 0;
      std::int64_t excess() const { return part > total ? part - total : 0; }
      bool is_valid() const { return id == "valid"; }
    };
    bool second_is_totals = true;
    std::vector<Compared> compared;
    std::vector<std::string> alone;  // options that only one count has
    std::int64_t impossible = 0;     // votes in the units beyond the totals
  };
  std::optional<WithTotals> with_totals{};  // then nothing else is filled in

  struct Field {
    std::string name;  // an option's id, or "registered", "cast", "valid", "blank", "null"
    bool is_option = false;
    std::int64_t differing = 0, up = 0, down = 0;  // units
    std::int64_t net = 0, gross = 0;               // second - first
  };
  struct Difference {
    UnitIndex unit = 0;     // of the first count
    std::size_t field = 0;  // index into fields
    std::optional<std::int64_t> first{}, second{};
  };
  std::vector<Field> fields;
  std::vector<Difference> differences;  // the first list_limit
  std::int64_t cells_differing = 0;
  std::int64_t units_in_both = 0, units_differing = 0;
  std::vector<UnitIndex> only_first, only_second;
  std::int64_t votes_only_first = 0, votes_only_second = 0;
  std::optional<std::int64_t> units_place_differs{};  // where both counts have places

  // Of the first two options of the second count that the first has too; over the units in both.
  std::size_t leader = 0;
  double margin_first_points = 0, margin_second_points = 0;
  std::int64_t net = 0;                             // change of M - C
  std::int64_t toward = 0, away = 0;                // units whose M - C grows, or shrinks
  std::optional<double> p_permutation{}, p_sign{};  // where some unit's M - C differs

  std::int64_t units_changed() const { return toward + away; }
};

Result<CollateResult> compute(const Count& first, const CollateRequest& request, const Context& context);
Finding present(const CollateResult& result, const Count& first, const CollateRequest& request, const Context& context);

}  // namespace cotejo

// Where do members stand, judged by how they voted? And who votes with whom?
//
// Positions: the Bayesian item-response model of stats/item_response.hpp (probit), with intervals; beside it the spatial model of
// stats/nominate.hpp, comparable with the published W-NOMINATE. Yes and paired yes against no and paired no; abstentions are missing
// or a no, as the option says. Absent, present, not recorded: missing. Not a member: missing too, and told apart in the tables.
// Left out and listed: roll calls whose minority is less than `lopsided` of the votes (unanimous ones say nothing of positions),
// then members with fewer than `min_votes` votes on the others.
// Reported only what has converged: R-hat < 1.01 and bulk and tail ESS > 400 for every coordinate. The sampler tries with more and
// more iterations per kept draw, up to `most_thin`; then the answer is undetermined, and the tables name the coordinates.
// `by`: one fit a year, or an organ (a session, a committee), each on its own scale: mean 0, variance 1 among its members. Where the
// member of `polarity` did not vote the sign is the one that agrees best with the period before.
// Shapes: positions have one row per member (and period). Agreement: one row per pair, of at most 200 members.
// Errors: input_insufficient (fewer than 3 members or no contested roll call, all voted alike), option_invalid.
// Seed: as stats/item_response.hpp, unit = period. Threads: chains, or periods. Cost: members x roll calls x iterations.
// Does not show: what a dimension means; why anybody voted; distances between periods.
// Source: as the two headers. Verified in src/methods/assembly/tests/ideal_points_test.cpp and tests/roll_calls_test.cpp.
#pragma once

#include <cstdint>

#include "cotejo/base/options.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"

namespace cotejo {

struct IdealPointsRequest {
  std::int64_t dimensions = 1;
  std::string polarity{};  // ids of members, with commas
  std::string abstain{"missing"};
  double lopsided = 0.025;
  std::int64_t min_votes = 10;
  std::string from{}, to{};
  std::string organ{};
  std::string by{"whole"};
  double item_sd = 2;
  std::int64_t warmup = 500, draws = 1000, most_thin = 16;
  bool nominate = true;
  double level = 0.9;

  static MethodInfo info();
  static const OptionTable<IdealPointsRequest>& table();
};

Result<Finding> run(const Assembly& assembly, const IdealPointsRequest& request, const Context& context);

}  // namespace cotejo

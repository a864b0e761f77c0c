// Do more units lie far above their own building than far below?
//
//   y_i = logit((M_i + 1/2) / (V_i + 1)), c_i the same of the other units of its place together, places of 5 units or more
//   z_i = (y_i - c_i) / sqrt(v_i + s^2 (1 + 1 / (k - 1)))    v_i = 1 / (V_i q (1 - q)), q the share of the others
//   above = #{z > 3}, below = #{z < -3};   p = P(X >= above), X ~ Binomial(above + below, 1/2)     (exact, one-sided)
// for the leader; the runner-up's tails stand beside (moved votes make both, the leader's above, the runner-up's below).
// s: robust, from the middle of all deviations (stats/robust_tails.hpp). The p-value is discrete: at 5 % it flags at most
// 5 % of even tails, less where there are few.
// Where a place is one building, voters are dealt to its units by name or at random, and no reason makes one unit stand
// out on one side. Where a place is a town, units differ by quarter, and tails are uneven, fairly: refused. Told from the
// count (all units of a place share its point, or the lowest level is a precinct), or by option `building`.
// Shapes: units with valid votes in places of 5 or more. Errors: as forensic_test.hpp. Seed: none. Cost: linear.
// A small p does NOT show who moved votes: a barracks, a hospital or an old people's home in one building does it too.
// Source: Dixon & Mood (1946), JASA 41:557 (the sign test); the residual is ours.
// Verified in src/methods/forensics/tests/own_null_test.cpp.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

struct ShareTailsRequest : ForensicRequest {
  std::string building{};
  std::int64_t list_limit = 1000;

  static MethodInfo info();
  static const OptionTable<ShareTailsRequest>& table();
};

Result<Finding> run(const Count& count, const ShareTailsRequest& request, const Context& context);

// What every request with this option says of it.
template <class Request>
void add_building_option(OptionTable<Request>& table) {
  table.add(
      &Request::building,
      {.name = "building",
       .unit = "",
       .text = "Is a lowest place one building whose units share its voters (yes, no)? Empty: told from coordinates, "
               "or from a lowest level called precinct.",
       .choices = {"", "yes", "no"}});
}

}  // namespace cotejo

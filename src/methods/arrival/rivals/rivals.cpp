#include "cotejo/methods/arrival/rivals.hpp"

namespace cotejo {

namespace {

template <class Request>
Request request_of(const RivalsRequest& given) {
  Request out;
  static_cast<ArrivalRequest&>(out) = given;
  if constexpr (requires { out.leader_elsewhere; }) {
    out.leader_elsewhere = given.leader_elsewhere;
    out.runner_up_elsewhere = given.runner_up_elsewhere;
  }
  if constexpr (requires { out.replicates; }) out.replicates = given.replicates;
  if constexpr (requires { out.placebos; }) out.placebos = given.replicates;  // cuts
  if constexpr (requires { out.holdouts; }) out.holdouts = given.holdouts;
  if constexpr (requires { out.origins; }) out.origins = given.origins;
  return out;
}

// Errors: cancelled; every other one is the reason why there is no result.
template <class Request>
Result<void> analyse(RivalsResult::Analysis<Request>& out, const Count& count, const RivalsRequest& request,
                     const Context& context) {
  out.request = request_of<Request>(request);
  auto result = compute_once(count, out.request, context, Looks::at_what_it_uses);
  if (result) {
    out.result = *std::move(result);
  } else if (result.error().code == ErrorCode::cancelled) {
    return std::move(result).error();
  } else {
    out.problem = result.error().message;
    out.remedy = result.error().remedy;
  }
  return {};
}

}  // namespace

const OptionTable<RivalsRequest>& RivalsRequest::table() {
  static const OptionTable<RivalsRequest> options = [] {
    OptionTable<RivalsRequest> t;
    add_arrival_options(t);
    t.add(&RivalsRequest::leader_elsewhere, {.name = "leader_elsewhere",
                                             .unit = "option ids",
                                             .text = "What stands for the leader in elections that lack its id."});
    t.add(&RivalsRequest::runner_up_elsewhere,
          {.name = "runner_up_elsewhere",
           .unit = "option ids",
           .text = "What stands for the runner-up in elections that lack its id."});
    t.add(&RivalsRequest::replicates, {.name = "replicates",
                                       .unit = "relabellings, placebo cuts",
                                       .text = "Of the permutation tests and of the placebo cuts.",
                                       .low = 99,
                                       .high = 100000});
    t.add(&RivalsRequest::holdouts, {.name = "holdouts",
                                     .unit = "hold-outs",
                                     .text = "How often the model's intervals are checked.",
                                     .low = 40,
                                     .high = 100000});
    t.add(&RivalsRequest::origins, {.name = "origins", .unit = "", .text = "As in `projection`."});
    return t;
  }();
  return options;
}

Result<RivalsResult> compute(const Count& count, const RivalsRequest& request, const Context& context) {
  RivalsResult out;
  COTEJO_TRY(late, shared_late_count(count, request));
  out.late = late;
  COTEJO_CHECK(analyse(out.curve, count, request, context));
  COTEJO_CHECK(analyse(out.projection, count, request, context));
  COTEJO_CHECK(analyse(out.shift, count, request, context));
  if (late->arrival) {
    COTEJO_CHECK(analyse(out.discontinuity, count, request, context));
  } else {
    const Error no_order = needs("an arrival", "Name one with --arrival.");
    out.discontinuity.problem = no_order.message;
    out.discontinuity.remedy = no_order.remedy;
  }
  COTEJO_CHECK(analyse(out.early_late, count, request, context));
  if (!out.curve && !out.projection && !out.shift && !out.discontinuity && !out.early_late)
    return needs("an analysis that can be run",
                 "See the conditions of curve, projection, shift, discontinuity and early-late.");
  return out;
}

}  // namespace cotejo

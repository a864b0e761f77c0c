// The margin that another election had in the place of each unit.
#pragma once

#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

struct LinkedMargin {
  std::string election;           // its count's id
  std::string leader, runner_up;  // its options that stand for the two
  std::vector<double> margin;     // of each unit's place there, points; NaN: not linked, or no votes
  std::int64_t places = 0, places_linked = 0;
};

// The options of the same ids as the count's first two; else the first of the ids listed ("SI, MAS") that there is.
// Errors: input_insufficient with the options there are, or where the two have no level of places in common.
Result<LinkedMargin> linked_margin(const LateCount& late, const Count& election, const ArrivalRequest& request,
                                   const std::string& leader_elsewhere, const std::string& runner_up_elsewhere,
                                   const Context& context);

struct LinkedMargins {
  std::vector<LinkedMargin> linked;
  std::vector<NotComparable> not_comparable;
};

// Of every other election among the inputs. Errors: cancelled.
template <class Request>
Result<LinkedMargins> linked_margins(const LateCount& late, const Request& request, const Context& context) {
  LinkedMargins out;
  for (const Count* election : late.elections) {
    auto linked =
        linked_margin(late, *election, request, request.leader_elsewhere, request.runner_up_elsewhere, context);
    if (linked)
      out.linked.push_back(*std::move(linked));
    else if (linked.error().code == ErrorCode::cancelled)
      return std::move(linked).error();
    else
      out.not_comparable.push_back({election->id.text, linked.error().message, linked.error().remedy});
  }
  return out;
}

template <class Request>
void add_linked_options(OptionTable<Request>& table) {
  table.add(&Request::leader_elsewhere,
            {.name = "leader_elsewhere",
             .unit = "option ids",
             .text = "What stands for the leader in elections that lack its id: ids in order, with commas."});
  table.add(&Request::runner_up_elsewhere,
            {.name = "runner_up_elsewhere",
             .unit = "option ids",
             .text = "What stands for the runner-up in elections that lack its id: ids in order, with commas."});
}

}  // namespace cotejo

// The elections before and after in the same places, for `swing`.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"
#include "cotejo/vote/crosswalk.hpp"

namespace cotejo {

struct NeighbourRequest {
  const std::vector<const Count*>& others;
  const Crosswalk* crosswalk = nullptr;
  std::string leader_elsewhere{}, runner_up_elsewhere{};  // ids in order, with commas
  std::string level{}, group_level{};
};

// Fills given.neighbours with the nearest election before and the nearest after, of those that can be linked;
// why_no_neighbours says what is lacking where there is none. Errors: option_invalid (no such level), cancelled.
Result<void> find_neighbours(ForensicCase& given, const NeighbourRequest& request, const Context& context);

template <class Request>
void add_neighbour_options(OptionTable<Request>& table) {
  table.add(&Request::leader_elsewhere,
            {.name = "leader_elsewhere",
             .unit = "option ids",
             .text = "What stands for the leader in elections that lack its id: ids in order, with commas."});
  table.add(&Request::runner_up_elsewhere,
            {.name = "runner_up_elsewhere",
             .unit = "option ids",
             .text = "What stands for the runner-up in elections that lack its id: ids in order, with commas."});
  table.add(&Request::group_level,
            {.name = "group_level",
             .unit = "level",
             .text = "The level that places are held against; empty: the lowest above them on which nine places in ten "
                     "have four others or more."});
}

}  // namespace cotejo

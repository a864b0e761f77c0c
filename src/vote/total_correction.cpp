#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

bool corrects_the_whole(const RejectedRow& row) {
  return row.column == of_the_whole && !row.votes.empty();
}

std::vector<const RejectedRow*> rows_set_aside(const Count& count) {
  std::vector<const RejectedRow*> out;
  for (const auto& row : count.rejected)
    if (!corrects_the_whole(row)) out.push_back(&row);
  return out;
}

}  // namespace cotejo

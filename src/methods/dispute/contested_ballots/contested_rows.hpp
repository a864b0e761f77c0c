// What a number of contested ballots of each option makes of the totals that a rule looks at.
#pragma once

#include <algorithm>
#include <string_view>
#include <vector>

#include "../rule_rows.hpp"
#include "cotejo/methods/dispute/contested_ballots.hpp"

namespace cotejo {

enum class Treatment { withdrawn, added, moved };

inline Treatment treatment_of(std::string_view kind) {
  return kind == "shut-out" ? Treatment::added : kind == "misread" ? Treatment::moved : Treatment::withdrawn;
}

// What a number of ballots of the leader and of the runner-up make of the count; `rest` is spread over the other options
// in proportion to their votes, the remainder first where most votes are.
class Changes {
 public:
  Changes(const ContestedBallotsResult& result, Treatment treatment, std::size_t options)
      : layout_{options},
        leader_(result.leader),
        runner_up_(result.runner_up),
        treatment_(treatment),
        all_(layout_.totals()) {
    write_row(result.all, all_.data());
    for (std::size_t o = 0; o < options; ++o)
      if (o != leader_ && o != runner_up_) others_ += all_[o];
  }
  std::int64_t others() const { return others_; }
  const RowLayout& layout() const { return layout_; }
  // `no_vote`: withdrawn ballots that are blank or null, or not known.
  void write(std::int64_t of_leader, std::int64_t of_runner_up, std::int64_t rest, std::int64_t no_vote,
             std::int64_t* row) const {
    std::copy(all_.begin(), all_.end(), row);
    const std::int64_t sign = treatment_ == Treatment::added ? 1 : -1;
    row[leader_] += sign * of_leader;
    if (treatment_ == Treatment::moved) {
      row[runner_up_] += of_leader;
      return;
    }
    row[runner_up_] += sign * of_runner_up;
    std::int64_t left = rest;
    for (std::size_t o = 0; others_ > 0 && o < layout_.options; ++o) {
      if (o == leader_ || o == runner_up_) continue;
      const auto part = static_cast<std::int64_t>(static_cast<Slack::Wide>(rest) * all_[o] / others_);
      row[o] += sign * part;
      left -= part;
    }
    for (std::size_t o = 0; left > 0 && o < layout_.options; ++o) {
      if (o == leader_ || o == runner_up_) continue;
      const std::int64_t part = sign > 0 ? left : std::min(left, row[o]);
      row[o] += sign * part;
      left -= part;
    }
    const std::int64_t votes = of_leader + of_runner_up + rest;
    row[layout_.valid()] += sign * votes;
    row[layout_.cast()] += sign * (votes + no_vote);
  }

 private:
  RowLayout layout_;
  std::size_t leader_, runner_up_;
  Treatment treatment_;
  std::vector<std::int64_t> all_;
  std::int64_t others_ = 0;
};

}  // namespace cotejo

// What becomes of the result when votes that a model calls manufactured (a ballot nobody cast) or stolen (cast for another)
// are taken from the leader, under every reading.
//
//   F = manufactured + stolen, M the leader, C the runner-up, V valid votes:
//   subtracted-once   M - F, C, V       what the literature prints: F leaves the leader's column and nothing else moves
//   voided            M - F, C, V - F   the ballots count for nothing
//   moved             M - F, C + F, V   all go to the runner-up: the lead changes by 2 F
//   as-modelled       M - F, C + stolen, V - manufactured   each kind as what it is said to be
// F is at most M. Whole votes. No errors, no randomness. Verified in src/methods/mixture/tests/mixture_test.cpp against the
// published margins .10198 (subtracted once) and .09831 (moved) of Mebane (2019) for F = 22,519.8.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "cotejo/finding/finding.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

enum class VoteReading { subtracted_once, voided, moved, as_modelled };
inline constexpr std::array<VoteReading, 4> all_vote_readings = {VoteReading::subtracted_once, VoteReading::voided,
                                                                 VoteReading::moved, VoteReading::as_modelled};
std::string_view to_text(VoteReading reading);

Tally without_votes(const Tally& tally, std::size_t leader, std::size_t runner_up, VoteReading reading,
                    std::int64_t manufactured, std::int64_t stolen);

struct VoteConsequences {
  Table table;                        // `readings`
  double changed_in_any_percent = 0;  // of the draws, outcomes that differ under some reading; 0 without a rule
  double changed_in_all_percent = 0;
};
// One row per reading: posterior means and the central interval of `level` over the draws.
VoteConsequences consequences_of(const Contest& contest, const Tally& tally, const Rule* rule, std::size_t leader,
                                 std::size_t runner_up, std::span<const double> manufactured,
                                 std::span<const double> stolen, double level);

}  // namespace cotejo

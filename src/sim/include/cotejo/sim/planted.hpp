// Planted irregularities: a fair election in which some units were tampered with, and the truth of it.
//
//   added_ballots: each non-voter's ballot is cast for the leader with probability `intensity` (needs registered voters)
//   moved_votes: each vote of another option becomes the leader's with probability `intensity`
//   rounded_percentages: turnout is raised to the next multiple of `intensity` percent by ballots for the leader, then the
//     leader's share of the valid votes to the next multiple by moving votes (rounded up to whole votes; needs registered)
//   invented_tallies: turnout 85-99 % and a leader's share of 70-95 %, whole percents, and a runner-up's count whose last
//     digit is 0 or 5 (needs registered)
//   fingerprint: with probability dose a fraction x ~ |N(0, intensity^2)|, with probability `extreme` x ~ 1 - |N(0, 0.075^2)|
//     (Klimek et al. 2012): x of the non-voters' ballots are cast for the leader, x^alpha of the others' votes moved (x cut
//     to 0..1, rounded to whole ballots; needs registered)
//   copied_returns: the shares of another unit of the same place, or of any where there is none, to the nearest vote
//   repeated_returns: the figures of another unit of the same place as they are; a unit that none of them fits (more
//     ballots than it has voters, or no other unit in the place) stays as it is
// `dose` (of a fingerprint dose + extreme) of the units are touched, drawn at random: round(dose n) scattered ones, or whole places of the lowest level, in
// random order, until there are that many.
// What comes out is a possible return: runner-up + leader <= valid <= cast (= turnout) <= registered. Where turnout is not the
// ballots cast, both are raised alike.
// Errors: option_invalid (dose or intensity outside 0..1, for rounding 0..100), input_insufficient (no registered voters).
// Seed: streams of Purpose::planted by replicate: the same units and votes whatever else is drawn. Linear.
// Verified in src/sim/tests/planted_test.cpp.
#pragma once

#include "cotejo/sim/fair_election.hpp"

namespace cotejo {

enum class Plant {
  added_ballots,
  moved_votes,
  rounded_percentages,
  invented_tallies,
  copied_returns,
  fingerprint,
  repeated_returns
};
std::string_view to_text(Plant plant);
Result<Plant> plant_named(std::string_view name);

struct PlantSpec {
  Plant kind = Plant::moved_votes;
  double dose = 0.05;
  double intensity = 0.3;
  bool whole_places = false;
  double extreme = 0, alpha = 1;  // of a fingerprint
};

// Gives the leader a fraction x of the non-voters and x^alpha of the others' votes, in whole ballots.
void give_fraction(double x, double alpha, std::int32_t registered, std::int32_t& turnout, std::int32_t& cast,
                   std::int32_t& valid, std::int32_t& leader);

struct Planted {
  Returns returns;
  std::vector<char> touched;                // n
  std::vector<std::int32_t> leader_change;  // n: the leader's votes that tampering made (or took, in copies)
  std::vector<std::int32_t> ballots_added;  // n
  std::vector<std::uint32_t> copied_from;   // n: the unit whose figures these are as they were; itself where none
};

Result<Planted> plant(const Electorate& electorate, const Returns& fair, const PlantSpec& spec, Seed seed,
                      std::uint64_t replicate);

}  // namespace cotejo

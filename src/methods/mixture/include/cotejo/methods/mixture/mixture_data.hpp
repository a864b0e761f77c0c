// What the mixture models look at: who stayed away, voted for the leader, voted for anyone else, per unit.
//
// N = registered, T = ballots cast (or valid votes), W = the leader's votes; A = N - T, O = T - W, so A + W + O = N.
// A unit is left out, and counted under its reason, when N is 0 or missing, a cell is missing, T > N (A < 0) or W > T
// (A + W > N), or a covariate has no value there. Covariates are standardised over the units that stay.
// Errors: input_insufficient (no registered voters; fewer than 20 units stay; a covariate that is constant, collinear with
// the others, missing everywhere, or separates: on one side of a value nobody stayed away, or nobody voted for the leader
// or for others), option_invalid (no such field).
// Verified in src/methods/mixture/tests/mixture_test.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cotejo/sim/fair_election.hpp"

namespace cotejo {

struct MixtureData {
  std::vector<std::int32_t> registered, abstained, leader, other;  // n
  std::vector<std::uint32_t> place;                                // n, in `places`
  NestedPlaces places;
  std::vector<std::vector<double>> covariates{};  // one column of n per covariate
  std::vector<std::string> covariate_names{};
  std::size_t size() const { return registered.size(); }
};

struct MixtureUnits {
  MixtureData data;
  std::vector<UnitIndex> units;                                // n, of the count
  std::size_t leader = 0, runner_up = 0;                       // options of the count
  bool of_valid = false;                                       // T is the valid votes
  std::vector<std::pair<std::string, std::int64_t>> left_out;  // reason, units
  Electorate electorate;                                       // to draw fair elections of the same shape
  Returns returns;                                             // of the electorate
};

// `ballots`: "cast" (valid votes where the count knows no ballots cast) or "valid". `covariates`: names of fields,
// "registered" for the logarithm of N, comma-separated.
Result<MixtureUnits> mixture_units(const Count& count, const std::string& ballots, const std::string& covariates);

// The data of returns drawn for the same electorate (without covariates).
MixtureData data_of(const Electorate& electorate, const Returns& returns, bool of_valid);

// The same with these units alone.
MixtureData only(const MixtureData& data, const std::vector<std::size_t>& units);

}  // namespace cotejo

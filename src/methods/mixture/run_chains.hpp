// Runs several chains, on all threads of all ranks, until every reported quantity has converged or the iterations end.
//
// Warm-up, then blocks of `block` iterations; after each block split R-hat, bulk and tail ESS of every quantity over all
// draws. Stops when all have R-hat < 1.01 and both ESS > wanted, when `iterations` are done, or when the face says that
// time is over (then the draws are a prefix of those of a longer run). Where a quantity's tail indicator is constant (a
// count that is nearly always 0) its bulk ESS stands for it; a count that is 0 in every draw has converged.
// Errors: cancelled; conflict (a checkpoint of another run).
// The same bits for any number of threads and ranks. Verified in tests/mixture_model_test.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "chain.hpp"
#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/methods/support/run_control.hpp"

namespace cotejo::mixture {

struct ChainPlan {
  std::size_t chains = 4, warmup = 300, iterations = 3000, block = 250;
  double wanted_ess = 400, wanted_rhat = 1.01;
  bool until_mixed = true;               // false: all iterations
  std::vector<std::string> needed = {};  // the quantities that have to converge; none named: all
  std::string stage = "mixture";
  std::string identity = {};  // of a checkpoint: what the run is of
};

struct Diagnostic {
  std::string quantity;
  double mean = 0, sd = 0, rhat = 0, ess_bulk = 0, ess_tail = 0, mcse = 0;
  bool mixed = false;
};

struct ChainDraws {
  std::vector<std::string> names;
  std::size_t chains = 0, iterations = 0;  // kept, per chain
  std::vector<std::vector<double>> draws;  // per quantity, chain after chain
  std::vector<Diagnostic> diagnostics;     // per quantity
  UnitSums units;                          // means over all kept iterations
  bool out_of_time = false;

  const std::vector<double>& of(std::string_view name) const;
  const Diagnostic& diagnostic(std::string_view name) const;
  bool mixed() const;
  bool mixed(const std::vector<std::string>& needed) const;  // these alone; none named: all
  // A quantile of the draws of one quantity.
  double quantile(std::string_view name, double p) const;
};

double quantile_of(std::vector<double> draws, double p);

using ChainFactory = std::function<std::unique_ptr<Chain>(std::uint64_t chain, Blocks blocks)>;

Result<ChainDraws> run_chains(const ChainFactory& factory, std::vector<std::string> names, std::size_t units,
                              const ChainPlan& plan, const Context& context, const RunControl* control);

// Columns .chain, .iteration, .draw, then the quantities: what R's `posterior` and Python's ArviZ read.
std::string draws_csv(const ChainDraws& draws);

Table diagnostics_table(const ChainDraws& draws, const ChainPlan& plan);

// Posterior densities (a histogram per quantity) and traces (at most 200 points a chain) of the named quantities.
Figure densities_figure(const ChainDraws& draws, const std::vector<std::string>& names);
Figure traces_figure(const ChainDraws& draws, const std::vector<std::string>& names);

}  // namespace cotejo::mixture

// What a method is given besides its data: the seed, threads, and two ways to talk to the outside.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string_view>
#include <vector>

#include "cotejo/base/error.hpp"
#include "cotejo/base/random.hpp"

namespace cotejo {

// Called from any thread, one call at a time; `fraction` is 0..1.
using Progress = std::function<void(std::string_view stage, double fraction)>;

struct Context {
  Seed seed = 0;
  unsigned threads = 1;    // at least 1; the result never depends on it
  Progress progress = {};  // may be empty
  std::stop_token cancel = {};

  // One of several processes that compute together; the result never depends on how many. `add_over_ranks` replaces
  // every entry by its sum over the processes, the same in all; empty when there is one.
  unsigned rank = 0, ranks = 1;
  std::function<void(std::span<double>)> add_over_ranks = {};

  void report(std::string_view stage, double fraction) const {
    if (progress) progress(stage, fraction);
  }
  bool cancelled() const { return cancel.stop_requested(); }
};

Error cancelled_error();

// Calls body(i) for every i in 0..n-1 on context.threads threads, in no order; stops early when cancelled. Progress
// under `stage`. The body must write only to what belongs to i. Returns false when it was cancelled.
bool parallel_for(const Context& context, std::size_t n, std::string_view stage,
                  const std::function<void(std::size_t)>& body);

// Rows of `width` numbers, row i filled by body(i, row), computed on all threads of all ranks and whole in every one of
// them. Nothing when it was cancelled (on any rank).
std::optional<std::vector<double>> rows_over_ranks(const Context& context, std::size_t n, std::size_t width,
                                                   std::string_view stage,
                                                   const std::function<void(std::size_t, std::span<double>)>& body);

}  // namespace cotejo

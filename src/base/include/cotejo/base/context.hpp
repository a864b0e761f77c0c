// What a method is given besides its data: the seed, threads, and two ways to talk to the outside.
#pragma once

#include <cstddef>
#include <functional>
#include <stop_token>
#include <string_view>

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

}  // namespace cotejo

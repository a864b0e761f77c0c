// What a run has computed of the late count already, so that `rivals` does not compute it again.
//
// Results are kept by method, options, seed and the addresses of their inputs: good within one run on inputs that stay
// where they are. An analysis that looks at the first snapshot only is the same whatever else is among the inputs:
// `rivals` finds it by what it looks at, a plan's own finding (whose list of inputs is part of it) by all of them.
// No errors. Not for several threads. Verified in src/methods/arrival/rivals/rivals_test.cpp.
#pragma once

#include <any>
#include <map>
#include <memory>
#include <string>

#include "cotejo/methods/arrival/late_count.hpp"
#include "cotejo/methods/support/method.hpp"

namespace cotejo {

class KeptFindings {
 public:
  // nullptr: not kept, or of another type.
  template <class Kept>
  std::shared_ptr<const Kept> find(const std::string& key) const {
    const auto found = kept_.find(key);
    const auto* kept = found == kept_.end() ? nullptr : std::any_cast<std::shared_ptr<const Kept>>(&found->second);
    return kept ? *kept : nullptr;
  }
  template <class Kept>
  void keep(const std::string& key, std::shared_ptr<const Kept> result) {
    kept_.insert_or_assign(key, std::any(std::move(result)));
  }

 private:
  std::map<std::string, std::any> kept_;
};

enum class Looks { at_everything, at_what_it_uses };

// The key of a request; `Request::uses` is which of the other counts it looks at.
enum class OtherCounts { first_snapshot, snapshots, elections };

std::string key_of(const Count& count, const ArrivalRequest& request, std::string_view method,
                   const std::vector<std::pair<std::string, OptionValue>>& options, Seed seed, Looks looks,
                   OtherCounts uses);

// The result of a method: what compute(count, request, context) gives.
template <class Request>
using ResultOf = std::decay_t<decltype(*compute(std::declval<const Count&>(), std::declval<const Request&>(),
                                                std::declval<const Context&>()))>;

// Computes the result, or takes what this run has computed of it. `looks` as above.
template <class Request>
Result<std::shared_ptr<const ResultOf<Request>>> compute_once(const Count& count, const Request& request,
                                                              const Context& context, Looks looks) {
  using Kept = ResultOf<Request>;
  const auto key = [&](Looks how) {
    return key_of(count, request, Request::info().id, Request::table().values(request), context.seed, how,
                  Request::uses);
  };
  if (request.kept_findings)
    if (auto kept = request.kept_findings->template find<Kept>(key(looks))) return kept;
  COTEJO_TRY(result, compute(count, request, context));
  auto shared = std::make_shared<const Kept>(std::move(result));
  if (request.kept_findings)
    for (const Looks how : {Looks::at_everything, Looks::at_what_it_uses})
      request.kept_findings->template keep<Kept>(key(how), shared);
  return shared;
}

// The finding that shows it.
template <class Request>
Result<Finding> run_once(const Count& count, const Request& request, const Context& context, Looks looks) {
  COTEJO_TRY(result, compute_once(count, request, context, looks));
  return present(*result, count, request, context);
}

}  // namespace cotejo

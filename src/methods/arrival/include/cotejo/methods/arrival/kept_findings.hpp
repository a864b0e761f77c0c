// What a run has computed of the late count already, so that `rivals` does not compute it again.
//
// Findings are kept by method, options, seed and the addresses of their inputs: good within one run on inputs that stay where they are.
// An analysis that looks at the first snapshot only is the same whatever else is among the inputs: `rivals` finds it by what it looks
// at, a plan's own finding (whose list of inputs is part of it) by all of them. No errors. Not for several threads.
// Verified in src/methods/arrival/tests/arrival_methods_test.cpp.
#pragma once

#include <map>
#include <string>

#include "cotejo/methods/arrival/late_count.hpp"

namespace cotejo {

class KeptFindings {
 public:
  const Finding* find(const std::string& key) const {
    const auto found = kept_.find(key);
    return found == kept_.end() ? nullptr : &found->second;
  }
  void keep(const std::string& key, const Finding& finding) { kept_.insert_or_assign(key, finding); }

 private:
  std::map<std::string, Finding> kept_;
};

enum class Looks { at_everything, at_what_it_uses };

// The key of a request; `Request::looks_at` says which of the other counts it uses.
enum class OtherCounts { first_snapshot, snapshots, elections };

std::string key_of(const Count& count, const ArrivalRequest& request, std::string_view method,
                   const std::vector<std::pair<std::string, OptionValue>>& options, Seed seed, Looks looks,
                   OtherCounts uses);

// Runs the analysis, or takes what this run has computed of it. `looks` as above.
template <class Request>
Result<Finding> run_once(const Count& count, const Request& request, const Context& context, Looks looks) {
  if (!request.kept_findings) return run(count, request, context);
  const auto key = [&](Looks how) {
    return key_of(count, request, Request::info().id, Request::table().values(request), context.seed, how,
                  Request::uses);
  };
  if (const Finding* kept = request.kept_findings->find(key(looks))) return *kept;
  auto finding = run(count, request, context);
  if (finding)
    for (const Looks how : {Looks::at_everything, Looks::at_what_it_uses})
      request.kept_findings->keep(key(how), *finding);
  return finding;
}

}  // namespace cotejo

// The registry: every method, what it asks, takes and assumes, and its options. The command line, plans, documents and
// bindings all read this list; adding a method adds one line to registry.cpp.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/options.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/finding/method_info.hpp"
#include "cotejo/methods/support/run_control.hpp"
#include "cotejo/vote/arrival.hpp"
#include "cotejo/vote/assembly.hpp"
#include "cotejo/vote/challenge.hpp"
#include "cotejo/vote/count.hpp"
#include "cotejo/vote/crosswalk.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

class KeptFindings;

// What a method is run on: a count, or an assembly (MethodEntry::takes_assembly); a method says what it lacks.
struct MethodInputs {
  const Count* count = nullptr;
  std::vector<const Count*> others{};  // a second count; for methods of the late count also snapshots, elections
  std::vector<const Challenge*> challenges{};
  const Rule* rule = nullptr;
  const Crosswalk* crosswalk = nullptr;
  std::vector<const Arrival*> arrivals{};
  const Assembly* assembly = nullptr;
  KeptFindings* kept_findings = nullptr;  // what this run has computed of the late count already
  const RunControl* control = nullptr;    // for long runs: when to stop, what to keep
  // Rows that were computed are kept in this file (and those of rank r > 0 in FILE.r), and a run that was interrupted goes
  // on from it (row_log.hpp). Empty: nothing is kept.
  std::filesystem::path resume{};
};

using OptionTexts = std::vector<std::pair<std::string, std::string>>;  // name, value

struct MethodEntry {
  MethodInfo info;
  bool takes_rule = false, takes_challenges = false, takes_other = false, takes_others = false, takes_crosswalk = false,
       takes_arrivals = false, takes_control = false,
       needs_challenges = false,  // else it takes them, and needs none
      takes_assembly = false;     // an assembly in the place of a count
  bool keeps_rows = false;        // an interrupted run can be resumed: MethodInputs::resume
  std::vector<OptionInfo> options;
  std::function<Result<Finding>(const MethodInputs&, const OptionTexts&, const Context&)> run;
};

const std::vector<MethodEntry>& methods();

// Errors: method_unknown, with the nearest id.
Result<const MethodEntry*> find_method(std::string_view id);

}  // namespace cotejo

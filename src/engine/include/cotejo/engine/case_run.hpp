// What a run of a method names by id, and the case's things of these ids: the one way from a case to a method, for every
// face.
//
// A count may be left unnamed where the case has one, or one official; an assembly where there is one. The rule is the one that came with the count's
// contest. Errors: method_unknown, count_unknown (with the nearest id), usage (none named and several there), those
// of the case. Verified in src/engine/tests/case_run_test.cpp.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/registry.hpp"

namespace cotejo {

struct RunRequest {
  std::string method{}, count{}, assembly{}, crosswalk{};
  std::vector<std::string> against{}, arrivals{}, challenges{};
  OptionTexts options{};
};

// Owns what it points to; counts may be shared with others.
struct RunInputs {
  const MethodEntry* method = nullptr;
  std::shared_ptr<const Count> count;  // null where the method takes an assembly
  std::vector<std::shared_ptr<const Count>> others;
  std::deque<Arrival> arrivals;
  std::deque<Challenge> challenges;
  std::optional<Crosswalk> crosswalk;
  std::optional<Assembly> assembly;
  std::optional<Rule> rule;

  // Points into this.
  MethodInputs view() const;
};

// Gives the count of an id: loaded from the case, or one that is already in memory.
using CountLoader = std::function<Result<std::shared_ptr<const Count>>(const std::string& id)>;

Result<RunInputs> load_inputs(const CaseFile& file, const RunRequest& request, const CountLoader& load_count = {});

// Whether the method takes everything that the request names, before it is loaded. Errors: usage.
Result<void> check_inputs(const MethodEntry& method, const RunRequest& request);

// Whether the method has these options and takes these values, before it is run. Errors: option_invalid.
Result<void> check_options(const MethodEntry& method, const OptionTexts& options);

// The only count of the case, or the only official one. Errors: usage.
Result<std::string> default_count(const CaseFile& file, std::string_view option = "--count");
// The only assembly of the case. Errors: usage.
Result<std::string> default_assembly(const CaseFile& file);

}  // namespace cotejo

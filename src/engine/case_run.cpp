#include "cotejo/engine/case_run.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace cotejo {

MethodInputs RunInputs::view() const {
  MethodInputs out{.count = count.get()};
  for (const auto& other : others) out.others.push_back(other.get());
  for (const auto& arrival : arrivals) out.arrivals.push_back(&arrival);
  for (const auto& challenge : challenges) out.challenges.push_back(&challenge);
  if (crosswalk) out.crosswalk = &*crosswalk;
  if (rule) out.rule = &*rule;
  if (assembly) out.assembly = &*assembly;
  return out;
}

Result<void> check_options(const MethodEntry& method, const OptionTexts& options) {
  std::vector<std::string> names;
  for (const auto& option : method.options) names.push_back(option.name);
  for (const auto& [name, value] : options) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
      const auto near = nearest_name(name, names);
      return Error{.code = ErrorCode::option_invalid,
                   .message = fmt::format("the method '{}' has no such option", method.info.id),
                   .value = name,
                   .remedy = near.empty() ? fmt::format("See `cotejo methods {}`.", method.info.id)
                                          : fmt::format("Did you mean '{}'?", near)};
    }
    COTEJO_TRY(parsed, parse_option(method.options[static_cast<std::size_t>(found - names.begin())], value));
    (void)parsed;
  }
  return {};
}

Result<void> check_inputs(const MethodEntry& method, const RunRequest& request) {
  const std::pair<bool, std::string_view> surplus[] = {
      {method.takes_assembly && !request.count.empty(), "no count (--count): it takes an assembly"},
      {!method.takes_assembly && !request.assembly.empty(), "no assembly (--assembly): it takes a count"},
      {!request.against.empty() && !method.takes_other && !method.takes_others, "no second count (--against)"},
      {!request.challenges.empty() && !method.takes_challenges, "no challenge (--challenge)"},
      {!request.arrivals.empty() && !method.takes_arrivals, "no arrival (--arrival)"},
      {!request.crosswalk.empty() && !method.takes_crosswalk, "no crosswalk (--crosswalk)"}};
  for (const auto& [given, what] : surplus)
    if (given)
      return Error{
          .code = ErrorCode::usage,
          .message = fmt::format("method '{}' takes {}", method.info.id, what),
          .remedy = fmt::format("Leave it out; `cotejo methods {}` lists what the method takes.", method.info.id)};
  return {};
}

Result<std::string> default_count(const CaseFile& file, std::string_view option) {
  COTEJO_TRY(counts, file.counts());
  std::vector<std::string> all, official;
  for (const auto& c : counts) {
    all.push_back(c.id.text);
    if (c.official) official.push_back(c.id.text);
  }
  if (all.size() == 1) return all[0];
  if (official.size() == 1) return official[0];
  return Error{
      .code = ErrorCode::usage,
      .message = all.empty() ? "the case has no count" : "the case has several counts",
      .remedy = all.empty() ? "Import one first." : fmt::format("Name one with {}: {}.", option, fmt::join(all, ", "))};
}

Result<std::string> default_assembly(const CaseFile& file) {
  COTEJO_TRY(assemblies, file.assemblies());
  std::vector<std::string> all;
  for (const auto& a : assemblies) all.push_back(a.id.text);
  if (all.size() == 1) return all[0];
  return Error{.code = ErrorCode::usage,
               .message = all.empty() ? "the case has no assembly" : "the case has several assemblies",
               .remedy = all.empty() ? "Import one first: cotejo import CASE TABLES.toml"
                                     : fmt::format("Name one with --assembly: {}.", fmt::join(all, ", "))};
}

Result<RunInputs> load_inputs(const CaseFile& file, const RunRequest& request, const CountLoader& load_count) {
  const auto load = [&](const std::string& id) -> Result<std::shared_ptr<const Count>> {
    if (load_count) return load_count(id);
    COTEJO_TRY(loaded, file.load_count(id));
    return std::make_shared<const Count>(std::move(loaded));
  };
  RunInputs out;
  COTEJO_TRY(method, find_method(request.method));
  out.method = method;
  COTEJO_CHECK(check_inputs(*method, request));
  if (method->takes_assembly) {
    std::string id = request.assembly;
    if (id.empty()) {
      COTEJO_TRY(only, default_assembly(file));
      id = only;
    }
    COTEJO_TRY(assembly, file.load_assembly(id));
    out.assembly = std::move(assembly);
    return out;
  }
  for (const auto& id : request.challenges) {
    COTEJO_TRY(loaded, file.load_challenge(id));
    out.challenges.push_back(std::move(loaded));
  }
  std::string count_id = request.count;
  if (count_id.empty() && !out.challenges.empty()) count_id = out.challenges.front().count.text;
  if (count_id.empty()) {
    COTEJO_TRY(only, default_count(file));
    count_id = only;
  }
  COTEJO_TRY(count, load(count_id));
  out.count = std::move(count);
  for (const auto& id : request.against) {
    COTEJO_TRY(loaded, load(id));
    out.others.push_back(std::move(loaded));
  }
  for (const auto& id : request.arrivals) {
    COTEJO_TRY(loaded, file.load_arrival(id));
    out.arrivals.push_back(std::move(loaded));
  }
  if (!request.crosswalk.empty()) {
    COTEJO_TRY(loaded, file.load_crosswalk(request.crosswalk));
    out.crosswalk = std::move(loaded);
  }
  COTEJO_TRY(rule, file.load_rule(out.count->contest.id));
  out.rule = std::move(rule);
  return out;
}

}  // namespace cotejo

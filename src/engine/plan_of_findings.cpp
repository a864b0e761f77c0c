// The plan that asks again what the findings kept in a case answered.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_plan.hpp"
#include "cotejo/finding/bounded_json.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

std::string text_of(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_boolean()) return to_text(OptionValue(value.get<bool>()));
  if (value.is_number_integer()) return to_text(OptionValue(value.get<std::int64_t>()));
  return to_text(OptionValue(value.get<double>()));
}

// The options that are not the method's defaults.
OptionTexts chosen_options(const MethodEntry& method, const Json& finding) {
  OptionTexts out;
  for (const auto& [name, value] : finding.at("options").items()) {
    const auto known = std::find_if(method.options.begin(), method.options.end(),
                                    [&, &id = name](const auto& o) { return o.name == id; });
    if (known == method.options.end() || text_of(value) == to_text(known->initial)) continue;
    out.emplace_back(name, text_of(value));
  }
  return out;
}

Result<CasePlanRequest::Asked> asked_by(const Json& finding) {
  CasePlanRequest::Asked out;
  out.id = finding.at("id").get<std::string>();
  out.run.method = finding.at("method").get<std::string>();
  COTEJO_TRY(method, find_method(out.run.method));
  out.run.options = chosen_options(*method, finding);
  // An input is { KIND: ID, "sha256": ..., ... }; the second count and those behind it are what the first is held against.
  for (const auto& input : finding.at("inputs")) {
    const auto id = [&](const char* kind) { return input.value(kind, std::string()); };
    if (input.contains("count")) {
      if (out.run.count.empty())
        out.run.count = id("count");
      else
        out.run.against.push_back(id("count"));
    }
    if (input.contains("challenge")) out.run.challenges.push_back(id("challenge"));
    if (input.contains("arrival")) out.run.arrivals.push_back(id("arrival"));
    if (input.contains("crosswalk")) out.run.crosswalk = id("crosswalk");
    if (input.contains("assembly")) out.run.assembly = id("assembly");
  }
  return out;
}

Error no_finding(const std::vector<FindingEntry>& kept, const std::string& wanted) {
  std::vector<std::string> names;
  for (const auto& entry : kept) names.push_back(entry.id);
  const auto near = nearest_name(wanted, names);
  return {.code = ErrorCode::count_unknown,
          .message = kept.empty() ? "the case has no findings to make a plan of" : "the case has no such finding",
          .value = wanted,
          .remedy = !near.empty()  ? fmt::format("Did you mean '{}'?", near)
                    : kept.empty() ? "Keep one with --save, as in `cotejo count CASE --save`."
                                   : "`cotejo list CASE` shows them."};
}

}  // namespace

Result<CasePlanRequest> plan_of_findings(const CaseFile& file, const std::vector<std::string>& ids) {
  COTEJO_TRY(kept, file.findings());
  std::vector<std::string> wanted = ids;
  if (wanted.empty())
    for (const auto& entry : kept) wanted.push_back(entry.id);
  if (wanted.empty()) return no_finding(kept, "");
  CasePlanRequest out;
  std::vector<Seed> seeds;
  for (const auto& id : wanted) {
    if (std::none_of(kept.begin(), kept.end(), [&](const auto& entry) { return entry.id == id; }))
      return no_finding(kept, id);
    COTEJO_TRY(text, file.finding_json(id));
    const Json finding = parse_bounded<Json>(text);
    COTEJO_TRY(asked, asked_by(finding));
    if (out.question.empty()) out.question = finding.value("question", "");
    seeds.push_back(finding.value("seed", Seed{0}));
    out.findings.push_back(std::move(asked));
  }
  out.seed = seeds.front();
  if (std::any_of(seeds.begin(), seeds.end(), [&](Seed seed) { return seed != seeds.front(); }))
    return Error{.code = ErrorCode::plan_invalid,
                 .message = "the findings have different seeds, and a plan has one",
                 .column = "seed",
                 .value = fmt::format("{}", seeds.back()),
                 .remedy = "Run them again with one --seed, or make plans of some of them: --finding ID."};
  return out;
}

}  // namespace cotejo

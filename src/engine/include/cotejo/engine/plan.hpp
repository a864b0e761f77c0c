// A plan: what an audit reads, under which rules, what was objected to, and which methods answer
// (docs/formats/plan.md).
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/random.hpp"
#include "cotejo/engine/registry.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// Which revision of the case an input was when the plan was made from one, and how many there were. Findings name them.
struct PlanRevision {
  int number = 1, of = 1;
};

struct PlanInput {
  std::string profile;                // relative to the root; empty for an assembly
  std::string assembly{};             // the tables of an assembly, relative to the root
  std::optional<std::string> path;    // overrides the profile's
  std::optional<std::string> sha256;  // of the data file
  std::string accept_set_aside{};     // why the count is taken without the rows set aside of it
  PlanRevision revision{};
};

struct PlanChallenge {
  ChallengeId id;
  CountId count;
  std::string file;  // relative to the data folder
  std::optional<std::string> sha256;
  std::string by, reason, source;
  PlanRevision revision{};
};

struct PlanFinding {
  std::string id, method;
  CountId count;        // of a method that takes a count
  AssemblyId assembly;  // of a method that takes an assembly
  std::vector<std::string> challenges, against, arrivals;
  std::string crosswalk;
  bool required = true;
  bool primary = false;  // the conclusion rests on it
  OptionTexts options;
};

// A question in the words of whoever asks, and the findings that answer it, in the order in which the answer takes them.
struct PlanQuestion {
  std::string id, text;
  std::vector<std::string> findings;
  bool primary = false;  // the report's first page begins with it
};

struct Plan {
  std::string file_name, text, sha256;    // of the plan itself
  std::string id{}, title{}, question{};  // the question: the text of the first of `questions`
  std::string author{}, date{};           // who signs the report, and its day (ISO 8601); empty: left to be filled in
  std::string licence{};                  // of the report's pictures and tables, as "CC BY 4.0"; empty: none is stated
  std::string language{};                 // in which the report opens: one of languages(), or empty (the reader's own)
  Seed seed = 0;
  // Inside the root, or the one folder outside it where the published files lie by custom. A plan leads nowhere else; the
  // person who runs it may (--data).
  static constexpr std::string_view custom_data = "../shared/data";
  std::string data{custom_data};
  std::optional<std::string> when_absent{};
  std::optional<OptionTexts> simulate{};  // options of the synthetic election
  std::vector<PlanInput> inputs{};
  std::vector<PlanChallenge> challenges{};
  std::map<std::string, Rule> rules{};  // by contest
  std::vector<PlanFinding> findings{};
  // The primary ones first. Of a plan with one `question = "..."`: that, answered by the primary findings; where none is
  // primary, by all that come to a conclusion on the outcome, and `findings` is empty.
  std::vector<PlanQuestion> questions{};

  // Does it read anything from the data folder? The tables of an assembly lie in the root.
  bool reads_data() const;
};

// Errors: file_missing; plan_invalid with row and key (also: a folder or file outside the root; two findings with one id, a finding that names a challenge
// or a question that names a finding the plan does not have); method_unknown.
Result<Plan> read_plan(const std::filesystem::path& path);

// The folder that profiles and data are relative to: the plan's own; where it has no folder `profiles` and the plan lies in a folder
// `plans` or `profiles`, the folder above that one, if it has one. No further: a plan that was sent to somebody reads no files
// of a folder far above it.
std::filesystem::path root_of(const std::filesystem::path& plan_path);

}  // namespace cotejo

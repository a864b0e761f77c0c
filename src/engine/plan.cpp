#include "cotejo/engine/plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "cotejo/intake/rule_reader.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "cotejo/vote/civil_date.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_plan = 1u << 20;
constexpr std::size_t most_entries = 1000;
using Slash = TomlKeys::Slash;

OptionTexts option_texts(TomlKeys keys) {
  OptionTexts out;
  for (const auto& name : keys.all_keys()) out.emplace_back(name, keys.scalar(name));
  return out;
}

std::optional<std::string> hash_of(TomlKeys& keys) {
  const std::string text = keys.text("sha256");
  if (text.empty()) return std::nullopt;
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos)
    keys.refuse("sha256", "expected 64 hexadecimal digits in lower case", text, "`sha256sum FILE` prints them.");
  return text;
}

// A path below the root or the data folder: the dossier keeps its copy under the same name.
std::string inner_path(TomlKeys& keys, std::string_view key) {
  const std::string text = keys.needed_text(key);
  const fs::path path = fs::path(text).lexically_normal();
  if (path.is_absolute() || (!path.empty() && *path.begin() == "..") || text.find('\0') != std::string::npos)
    keys.refuse(key, "expected a path inside the folder, without \"..\" and not absolute", text,
                "Put the file there, or point at another folder with --data.");
  return text;
}

// revision = 2, revisions = 3: both or none.
PlanRevision revision_of(TomlKeys& keys) {
  constexpr std::int64_t most = 1'000'000;
  PlanRevision out;
  out.of = static_cast<int>(keys.whole("revisions", 1, most, 1));
  out.number = static_cast<int>(keys.whole("revision", 1, out.of, 1));
  return out;
}

PlanInput input_of(TomlKeys keys) {
  PlanInput out;
  if (keys.has("assembly")) {
    out.assembly = inner_path(keys, "assembly");
    out.sha256 = hash_of(keys);
    keys.finish();
    return out;
  }
  out.profile = inner_path(keys, "profile");
  if (keys.has("path")) out.path = inner_path(keys, "path");
  out.sha256 = hash_of(keys);
  if (keys.has("accept_set_aside")) out.accept_set_aside = keys.needed_text("accept_set_aside");
  out.revision = revision_of(keys);
  keys.finish();
  return out;
}

PlanChallenge challenge_of(TomlKeys keys) {
  PlanChallenge out;
  out.id = ChallengeId{keys.needed_id("id", Slash::refused)};
  out.count = CountId{keys.needed_id("count", Slash::allowed)};
  out.file = inner_path(keys, "file");
  out.sha256 = hash_of(keys);
  out.by = keys.needed_text("by");
  out.reason = keys.needed_text("reason");
  out.source = keys.needed_text("source");
  out.revision = revision_of(keys);
  keys.finish();
  return out;
}

// What a method does not take would be ignored without a word.
void refuse_surplus(TomlKeys& keys, const PlanFinding& finding, const MethodEntry& method) {
  const std::pair<bool, std::string_view> surplus[] = {
      {!finding.challenges.empty() && !method.takes_challenges, "challenges"},
      {!finding.against.empty() && !method.takes_other && !method.takes_others, "against"},
      {!finding.arrivals.empty() && !method.takes_arrivals, "arrivals"},
      {!finding.crosswalk.empty() && !method.takes_crosswalk, "crosswalk"}};
  for (const auto& [given, key] : surplus)
    if (given)
      keys.refuse(key, fmt::format("the method '{}' takes no `{}`", finding.method, key), {},
                  fmt::format("Leave it out; `cotejo methods {}` lists what the method takes.", finding.method));
}

PlanFinding finding_of(TomlKeys keys) {
  PlanFinding out;
  out.id = keys.needed_id("id", Slash::refused);
  out.method = keys.needed_text("method");
  const auto method = find_method(out.method);
  if (method && (*method)->takes_assembly)
    out.assembly = AssemblyId{keys.needed_id("assembly", Slash::refused)};
  else
    out.count = CountId{keys.needed_id("count", Slash::allowed)};
  out.challenges = keys.texts("challenges", most_entries);
  if (const auto* against = keys.find("against"); against && against->is_array())
    out.against = keys.texts("against", most_entries);
  else if (keys.has("against"))
    out.against = {keys.needed_text("against")};
  out.arrivals = keys.texts("arrivals", most_entries);
  out.crosswalk = keys.text("crosswalk");
  out.required = keys.flag("required", true);
  if (method) refuse_surplus(keys, out, **method);
  out.primary = keys.flag("primary", false);
  if (auto options = keys.table("options")) out.options = option_texts(*options);
  keys.finish();
  return out;
}

PlanQuestion question_of(TomlKeys keys, const std::set<std::string>& findings) {
  PlanQuestion out;
  out.id = keys.needed_id("id", Slash::refused);
  out.text = keys.needed_text("text");
  out.findings = keys.texts("findings", most_entries);
  out.primary = keys.flag("primary", false);
  std::set<std::string> named;
  for (const auto& id : out.findings) {
    if (!findings.contains(id))
      keys.refuse("findings", "the plan has no such finding", id,
                  fmt::format("Its findings: {}.", fmt::join(findings, ", ")));
    if (!named.insert(id).second) keys.refuse("findings", "the question names a finding twice", id);
  }
  if (out.findings.empty())
    keys.refuse("findings", "a question without findings has no answer", {},
                fmt::format("Name those that answer it; the plan has {}.", fmt::join(findings, ", ")));
  keys.finish();
  return out;
}

// `question = "..."`, or [[question]] as often as there are questions.
std::vector<PlanQuestion> questions_of(TomlKeys& keys, const std::vector<PlanFinding>& findings) {
  const auto* node = keys.find("question");
  if (!node || !node->is_array()) {
    PlanQuestion only{.id = "question", .text = keys.needed_text("question"), .findings = {}, .primary = true};
    for (const auto& finding : findings)
      if (finding.primary) only.findings.push_back(finding.id);
    return {std::move(only)};
  }
  std::set<std::string> known, ids;
  for (const auto& finding : findings) known.insert(finding.id);
  std::vector<PlanQuestion> out;
  for (auto& entry : keys.tables("question", most_entries)) {
    out.push_back(question_of(entry, known));
    if (!ids.insert(out.back().id).second) entry.refuse("id", "two questions have the same id", out.back().id);
  }
  if (out.empty()) keys.refuse("question", "the list of questions is empty");
  std::stable_partition(out.begin(), out.end(), [](const PlanQuestion& question) { return question.primary; });
  return out;
}

}  // namespace

Result<Plan> read_plan(const fs::path& path) {
  auto read = read_regular(path, largest_plan);
  if (!read) {
    if (read.error().code == ErrorCode::file_missing)
      return Error{.code = ErrorCode::file_missing,
                   .message = "the plan cannot be read: " + read.error().message,
                   .file = path.string(),
                   .remedy = "Check the path; plans lie in plans/."};
    return Error{.code = ErrorCode::plan_invalid,
                 .message = "the plan is larger than 1 MB",
                 .file = path.string(),
                 .remedy = "See docs/formats/plan.md."};
  }
  const std::string text = std::move(*read);
  const auto invalid = [&](std::string message, std::int64_t row = 0) {
    return Error{.code = ErrorCode::plan_invalid,
                 .message = std::move(message),
                 .file = path.string(),
                 .row = row,
                 .remedy = "See docs/formats/plan.md."};
  };
  COTEJO_TRY(table, parse_toml(text, path.string(), "docs/formats/plan.md", ErrorCode::plan_invalid));
  Plan plan{.file_name = path.string(), .text = text, .sha256 = sha256_of(text)};
  TomlProblem problem{.file = path.string(), .code = ErrorCode::plan_invalid, .document = "docs/formats/plan.md"};
  TomlKeys keys(table, "", problem);
  if (keys.needed_text("schema") != "cotejo.plan/1")
    keys.refuse("schema", "expected \"cotejo.plan/1\"", keys.text("schema"));
  plan.id = keys.needed_id("id", Slash::refused);
  plan.title = keys.needed_text("title");
  plan.author = keys.text("author");
  plan.date = keys.text("date");
  if (!plan.date.empty() && !parse_date(plan.date).value_or(CivilDate{}).is_day())
    keys.refuse("date", "expected the day of the report as YYYY-MM-DD", plan.date);
  plan.licence = keys.text("licence");
  plan.language = keys.text("language");
  const auto known = languages();
  if (!plan.language.empty() && std::find(known.begin(), known.end(), plan.language) == known.end())
    keys.refuse("language", "the report has no such language", plan.language,
                fmt::format("Write one of: {}.", fmt::join(known, ", ")));
  plan.seed = static_cast<Seed>(keys.whole("seed", 0, std::numeric_limits<std::int64_t>::max(), 0));
  if (!keys.has("seed"))
    keys.refuse("", "the key `seed` is missing", {}, "Choose a whole number, once, before looking at any result.");
  if (keys.has("data") && keys.text("data") != Plan::custom_data) plan.data = inner_path(keys, "data");
  if (keys.has("when_absent")) plan.when_absent = inner_path(keys, "when_absent");
  if (auto simulate = keys.table("simulate")) plan.simulate = option_texts(*simulate);
  if (plan.simulate && keys.has("data")) keys.refuse("data", "a plan with [simulate] has no data folder");
  for (auto& entry : keys.tables("input", most_entries)) plan.inputs.push_back(input_of(entry));
  for (auto& entry : keys.tables("challenge", most_entries)) plan.challenges.push_back(challenge_of(entry));
  if (auto rules = keys.table("rule"))
    for (const auto& contest : rules->all_keys())
      if (auto rule = rules->table(contest)) {
        auto parsed = parse_rule(rule->raw(), path.string());
        if (!parsed) return std::move(parsed).error();
        plan.rules.emplace(contest, std::move(*parsed));
      }
  std::set<std::string> ids, challenges;
  for (const auto& challenge : plan.challenges)
    if (!challenges.insert(challenge.id.text).second)
      keys.refuse("challenge", "two challenges have the same id", challenge.id.text);
  for (auto& entry : keys.tables("finding", most_entries)) {
    PlanFinding finding = finding_of(entry);
    if (!ids.insert(finding.id).second) entry.refuse("id", "two findings have the same id", finding.id);
    for (const auto& id : finding.challenges)
      if (!challenges.contains(id))
        entry.refuse("challenges", "the plan has no such challenge", id,
                     fmt::format("Its challenges: {}.", fmt::join(challenges, ", ")));
    if (const auto method = find_method(finding.method); !method && !problem.first) {
      entry.refuse("method", method.error().message, finding.method, method.error().remedy);
      problem.first->code = ErrorCode::method_unknown;
    }
    plan.findings.push_back(std::move(finding));
  }
  plan.questions = questions_of(keys, plan.findings);
  keys.finish();
  if (problem.first) return *problem.first;
  plan.question = plan.questions.front().text;
  if (plan.inputs.empty()) return invalid("the plan reads nothing: it has no [[input]]");
  if (plan.findings.empty()) return invalid("the plan asks nothing: it has no [[finding]]");
  return plan;
}

bool Plan::reads_data() const {
  return !challenges.empty() ||
         std::any_of(inputs.begin(), inputs.end(), [](const PlanInput& input) { return input.assembly.empty(); });
}

fs::path root_of(const fs::path& plan_path) {
  const fs::path own = fs::absolute(plan_path).lexically_normal().parent_path();
  if (fs::is_directory(own / "profiles")) return own;
  for (fs::path folder = own; folder != folder.parent_path(); folder = folder.parent_path())
    if (folder.filename() == "plans" || folder.filename() == "profiles")
      return fs::is_directory(folder.parent_path() / "profiles") ? folder.parent_path() : own;
  return own;
}

}  // namespace cotejo

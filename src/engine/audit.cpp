#include "cotejo/engine/audit.hpp"

#include <fmt/format.h>

#include <deque>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/engine/evidence.hpp"
#include "cotejo/engine/synthetic_files.hpp"
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/file_identity.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/methods/arrival/kept_findings.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

template <class T>
const T* find_by_id(const std::deque<T>& all, std::string_view id) {
  for (const auto& one : all)
    if (one.id.text == id) return &one;
  return nullptr;
}

Error unknown(const Plan& plan, std::string_view what, const std::string& finding, std::string_view id) {
  return {.code = ErrorCode::plan_invalid,
          .message = fmt::format("finding '{}' names a {} that no [[input]] or [[challenge]] of the plan gives",
                                 finding, what),
          .file = plan.file_name,
          .value = std::string(id),
          .remedy = "Add it to the plan, or correct the name."};
}

Result<AuditInput> record(const AuditPlaces& places, std::string role, std::string name, const fs::path& path,
                          const std::optional<std::string>& expected, const Context& context) {
  COTEJO_TRY(sha256, sha256_of_file(path, context.cancel));
  if (places.allowed) {
    const auto known = places.allowed->find({role, name});
    if (known == places.allowed->end() || known->second != sha256)
      return Error{.code = ErrorCode::conflict,
                   .message = "the manifest does not name this input, or with another SHA-256",
                   .file = path.string(),
                   .remedy = "Get the dossier, or the published file, again."};
  }
  if (expected && *expected != sha256)
    return Error{.code = ErrorCode::conflict,
                 .message = fmt::format("the file is not the one the plan names: its SHA-256 is {}, the plan has {}",
                                        sha256, *expected),
                 .file = path.string(),
                 .remedy = "Get the published file again, or put the new hash into the plan if the change is known."};
  std::error_code ignored;
  return AuditInput{std::move(role), std::move(name), sha256, static_cast<std::int64_t>(fs::file_size(path, ignored))};
}

struct DataFile {
  std::string role, name;
  fs::path path;
};

// Beside the profile, as for `import`, and then kept in the dossier like it; else in the data folder.
Result<DataFile> data_file_of(const PlanInput& input, const Profile& profile, const AuditPlaces& places) {
  if (!input.path) {
    const auto folder = fs::path(input.profile).parent_path();
    if (auto beside = path_inside(places.root / folder, profile.path); beside && fs::exists(*beside))
      return DataFile{"profile", (folder / profile.path).lexically_normal().generic_string(), *beside};
  }
  std::string name = input.path.value_or(profile.path);
  COTEJO_TRY(file, path_inside(places.data, name));
  return DataFile{"data", std::move(name), file};
}

// What a challenge names, unit by unit: what was reported there.
Table units_table(const Challenge& challenge, const Count& count, std::vector<UnitIndex> units) {
  Table table{.id = "units",
              .title = fmt::format("The units of challenge {}", challenge.id.text),
              .columns = {{"unit"}, {"place"}, {"registered", "voters"}, {"cast", "ballots"}, {"valid", "votes"}},
              .rows = {}};
  constexpr std::size_t most_options = 12;
  const std::size_t options = std::min(count.options(), most_options);
  for (std::size_t option = 0; option < options; ++option)
    table.columns.push_back({count.contest.options[option].id.text, "votes", count.contest.options[option].name});
  const auto known = [](bool there, std::int64_t value) { return there ? Cell{value} : Cell{}; };
  for (const UnitIndex unit : units) {
    std::vector<Cell> row{std::string(count.unit_keys[unit]),
                          count.unit_place.empty() || count.unit_place[unit] == no_place
                              ? Cell{}
                              : Cell{count.hierarchy.path(count.unit_place[unit])},
                          known(!count.registered.empty(), count.registered_of(unit)),
                          known(count.knows_cast(), count.cast_of(unit)), count.valid_of(unit)};
    for (std::size_t option = 0; option < options; ++option) row.push_back(std::int64_t{count.vote(option, unit)});
    table.rows.push_back(std::move(row));
  }
  return table;
}

template <class Object>
void take_revision(const PlanRevision& revision, Object& object) {
  object.revision = revision.number;
  object.revisions = revision.of;
}

}  // namespace

Result<Audit> run_plan(Plan plan, const AuditPlaces& places, const Context& given) {
  Context context = given;
  context.seed = plan.seed;
  Audit audit{.plan = std::move(plan),
              .root = places.root,
              .data = places.data,
              .inputs = {},
              .counts = {},
              .assemblies = {},
              .challenges = {},
              .findings = {}};
  const Plan& p = audit.plan;
  if (p.simulate) {
    audit.synthetic = true;
    context.report("drawing the synthetic election", 0);
    COTEJO_TRY(drawn, write_synthetic(*p.simulate, places.data, context));
    (void)drawn;
  }

  std::deque<Count> counts;
  std::deque<Crosswalk> crosswalks;
  std::deque<Arrival> arrivals;
  std::deque<Assembly> assemblies;
  std::map<std::string, Rule> rules;
  for (std::size_t i = 0; i < p.inputs.size(); ++i) {
    const PlanInput& input = p.inputs[i];
    if (!input.assembly.empty()) {
      context.report("reading " + input.assembly, static_cast<double>(i) / static_cast<double>(p.inputs.size()));
      COTEJO_TRY(path, path_inside(places.root, input.assembly));
      COTEJO_TRY(tables, read_assembly(path, context));
      for (const auto& file : tables.files) {  // the tables and what they name, each kept in the dossier
        const bool named = file.path == path;
        const auto name = (fs::path(input.assembly).parent_path() / file.path.filename()).generic_string();
        COTEJO_TRY(table_record,
                   record(places, "profile", name, file.path, named ? input.sha256 : std::nullopt, context));
        if (table_record.sha256 != file.sha256)
          return Error{.code = ErrorCode::file_damaged,
                       .message = "the file changed while it was read",
                       .file = file.path.string(),
                       .remedy = "Run again when no other program writes to it."};
        audit.inputs.push_back(table_record);
      }
      const Assembly& a = assemblies.emplace_back(std::move(tables.assembly));
      audit.assemblies.push_back({a.id, a.title, a.source, a.sha256, input.assembly,
                                  static_cast<std::int64_t>(a.members.size()),
                                  static_cast<std::int64_t>(a.roll_calls.size())});
      continue;
    }
    context.report("reading " + input.profile, static_cast<double>(i) / static_cast<double>(p.inputs.size()));
    COTEJO_TRY(profile_path, path_inside(places.root, input.profile));
    COTEJO_TRY(profile, read_profile(profile_path));
    COTEJO_TRY(profile_record, record(places, "profile", input.profile, profile_path, std::nullopt, context));
    audit.inputs.push_back(profile_record);
    COTEJO_TRY(data_file, data_file_of(input, profile, places));
    const auto& [role, name, file] = data_file;
    const FileIdentity before(file);
    COTEJO_TRY(data_record, record(places, role, name, file, input.sha256, context));
    audit.inputs.push_back(data_record);
    if (profile.kind == ProfileKind::crosswalk) {
      COTEJO_TRY(crosswalk, read_crosswalk(profile, file, context));
      take_revision(input.revision, crosswalk);
      crosswalks.push_back(std::move(crosswalk));
    } else if (profile.kind == ProfileKind::arrival) {
      COTEJO_TRY(arrival, read_arrival(profile, file, context));
      take_revision(input.revision, arrival);
      arrivals.push_back(std::move(arrival));
    } else {
      COTEJO_TRY(count, read_count(profile, file, context));
      take_revision(input.revision, count);
      if (profile.rule) rules.insert_or_assign(count.contest.id.text, *profile.rule);
      const auto own = p.rules.find(count.contest.id.text);
      const Rule* rule = own != p.rules.end() ? &own->second : profile.rule ? &*profile.rule : nullptr;
      COTEJO_CHECK(accept_set_aside(count, rule, input.accept_set_aside));
      std::vector<RejectedRow> aside;
      for (const auto* row : rows_set_aside(count)) aside.push_back(*row);
      audit.counts.push_back({count.id, count.title, count.source, count.sha256, name,
                              static_cast<std::int64_t>(count.units()), std::move(aside),
                              set_aside_of(count, rule).summary(), count.set_aside_accepted});
      counts.push_back(std::move(count));
    }
    COTEJO_CHECK(before.still_so());
  }
  for (const auto& [contest, rule] : p.rules) rules.insert_or_assign(contest, rule);

  std::deque<Challenge> challenges;
  for (const PlanChallenge& c : p.challenges) {
    COTEJO_TRY(file, path_inside(places.data, c.file));
    const FileIdentity before(file);
    COTEJO_TRY(challenge_record, record(places, "challenge", c.file, file, c.sha256, context));
    audit.inputs.push_back(challenge_record);
    COTEJO_TRY(units, read_unit_list(file));
    COTEJO_CHECK(before.still_so());
    challenges.push_back({c.id, c.count, c.by, c.reason, c.source, std::move(units)});
    take_revision(c.revision, challenges.back());
    const Count* count = find_by_id(counts, c.count.text);
    if (!count) return unknown(p, "count", c.id.text, c.count.text);
    auto resolved = resolve(challenges.back(), *count);
    if (!resolved) {
      Error error = std::move(resolved).error();
      error.file = file.string();
      return error;
    }
    audit.challenge_units.push_back(units_table(challenges.back(), *count, *std::move(resolved)));
  }
  audit.challenges.assign(challenges.begin(), challenges.end());

  KeptFindings kept_findings;
  for (std::size_t i = 0; i < p.findings.size(); ++i) {
    const PlanFinding& f = p.findings[i];
    if (context.cancelled()) return cancelled_error();
    context.report(f.id, static_cast<double>(i) / static_cast<double>(p.findings.size()));
    COTEJO_TRY(method, find_method(f.method));
    MethodInputs inputs;
    inputs.kept_findings = &kept_findings;
    if (method->takes_assembly) {
      inputs.assembly = find_by_id(assemblies, f.assembly.text);
      if (!inputs.assembly) return unknown(p, "assembly", f.id, f.assembly.text);
    } else {
      inputs.count = find_by_id(counts, f.count.text);
      if (!inputs.count) return unknown(p, "count", f.id, f.count.text);
    }
    for (const auto& id : f.against) {
      const Count* other = find_by_id(counts, id);
      if (!other) return unknown(p, "count", f.id, id);
      inputs.others.push_back(other);
    }
    for (const auto& id : f.arrivals) {
      const Arrival* arrival = find_by_id(arrivals, id);
      if (!arrival) return unknown(p, "arrival", f.id, id);
      inputs.arrivals.push_back(arrival);
    }
    if (!f.crosswalk.empty() && !(inputs.crosswalk = find_by_id(crosswalks, f.crosswalk)))
      return unknown(p, "crosswalk", f.id, f.crosswalk);
    for (const auto& id : f.challenges) {
      const Challenge* challenge = find_by_id(challenges, id);
      if (!challenge) return unknown(p, "challenge", f.id, id);
      inputs.challenges.push_back(challenge);
    }
    if (inputs.count)
      if (const auto rule = rules.find(inputs.count->contest.id.text); rule != rules.end()) inputs.rule = &rule->second;
    if (!places.resume.empty()) inputs.resume = places.resume / (f.id + ".rows");
    auto finding = method->run(inputs, f.options, context);
    if (!finding) {
      Error error = std::move(finding).error();
      error.message = fmt::format("finding '{}' (method {}): {}", f.id, f.method, error.message);
      return error;
    }
    finding->id = f.id;
    finding->primary = f.primary;
    audit.findings.push_back(std::move(*finding));
  }
  audit.evidence = weigh_evidence(audit.findings);
  audit.answers = answer_questions(p, audit.findings);
  return audit;
}

}  // namespace cotejo

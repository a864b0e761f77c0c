// import, list, challenge.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/hash.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/another_country.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/engine/units_where.hpp"
#include "cotejo/exchange/exchange.hpp"
#include "cotejo/exchange/roll_calls.hpp"
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/file_identity.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/intake/slug.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

Result<SourceFile> source_of(const fs::path& file, const Profile* profile, const std::stop_token& cancel) {
  if (is_database(file.string()))
    return SourceFile{file.string(), {}, 0, profile ? profile->file_name : "", profile ? profile->sha256 : ""};
  COTEJO_TRY(sha256, sha256_of_file(file, cancel));
  std::error_code ignored;
  return SourceFile{file.string(), sha256, static_cast<std::int64_t>(fs::file_size(file, ignored)),
                    profile ? profile->file_name : "", profile ? profile->sha256 : ""};
}

// The folder that a profile's path is relative to, unless its file lies beside the profile.
fs::path data_folder(const std::string& given, const std::string& profile) {
  return (given.empty() ? root_of(profile) / "../shared/data" : fs::path(given)).lexically_normal();
}

struct Import {
  std::string case_path;
  std::vector<std::string> profiles, inputs;
  std::string data, id, replace, accept_set_aside;
  DatabaseUse database = DatabaseUse::address;
};

// The file that a profile names: beside the profile, else in the data folder; in neither case does the profile lead out
// of it.
Result<fs::path> file_of_profile(const Profile& profile, const std::string& name, const std::string& data) {
  if (is_database(profile.path))
    return Error{.code = ErrorCode::usage,
                 .message = "the profile reads a database, whose address is given on the command line",
                 .file = name,
                 .remedy = "Add --input \"postgresql:host=... dbname=...\"."};
  if (data.empty()) {
    COTEJO_TRY(beside, path_inside(fs::path(name).parent_path(), profile.path));
    if (fs::exists(beside)) return beside;
  }
  return path_inside(data_folder(data, name), profile.path);
}

// On a terminal the person is asked; elsewhere the notice stands on stderr, and the import goes on.
Result<void> ask_about_another_country(const CaseFile& file, const Count& count) {
  const auto counts = file.counts();
  if (!counts) return {};  // a case that is being made has no tables yet
  const auto question = another_country(*counts, count.id);
  if (question.empty()) return {};
  if (isatty(STDIN_FILENO) != 1 || isatty(STDERR_FILENO) != 1) {
    fmt::print(stderr, "{}", wrapped(fmt::format("cotejo: {} It is imported into the same case.", question)));
    return {};
  }
  fmt::print(stderr, "{}Import it into the same case? [y/N] ", wrapped(question));
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return Error{.code = ErrorCode::cancelled,
               .message = "nothing was imported",
               .remedy = "Import it into a case of its own: cotejo import OTHER.cotejo ..."};
}

Result<void> import(const Import& request, const Context& context) {
  struct Ready {
    SourceFile file;
    std::optional<Count> count;
    std::optional<Rule> rule;
    std::optional<Crosswalk> crosswalk;
    std::optional<Arrival> arrival;
    std::optional<Assembly> assembly{};
  };
  // Everything is read before anything is written.
  std::vector<Ready> ready;
  for (const auto& name : request.profiles) {
    if (!name.ends_with(".toml")) {
      if (const auto popolo = read_popolo(name, request.id.empty() ? slug(fs::path(name).stem().string()) : request.id,
                                          context.cancel)) {
        if (!*popolo) return popolo->error();
        COTEJO_TRY(source, source_of(name, nullptr, context.cancel));
        Ready one{.file = source, .count = {}, .rule = {}, .crosswalk = {}, .arrival = {}};
        one.assembly = **popolo;
        ready.push_back(std::move(one));
        continue;
      }
      const auto format = exchange_format_of(name, context.cancel);
      if (!format)
        return Error{.code = fs::exists(name) ? ErrorCode::file_damaged : ErrorCode::file_missing,
                     .message = fs::exists(name) ? "this is no profile (.toml) and no exchange format (NIST SP "
                                                   "1500-100 JSON, EML 510, OpenElections CSV, long CSV, Popolo JSON)"
                                                 : "there is no such file",
                     .file = name,
                     .remedy = fmt::format("Make a profile for it: cotejo profile {} --out NAME.toml", name)};
      const FileIdentity before(name);
      COTEJO_TRY(source, source_of(name, nullptr, context.cancel));
      const auto prefix = request.id.empty() ? slug(fs::path(name).stem().string()) : request.id;
      COTEJO_TRY(counts, read_exchange(name, *format, prefix.empty() ? "election" : prefix, context));
      COTEJO_CHECK(before.still_so());
      for (auto& count : counts)
        ready.push_back({.file = source, .count = std::move(count), .rule = {}, .crosswalk = {}, .arrival = {}});
      continue;
    }
    if (is_assembly_table(name)) {
      COTEJO_TRY(tables, read_assembly(name, context));
      Ready one{.file = {name, tables.files[0].sha256, tables.files[0].bytes, "", ""},
                .count = {},
                .rule = {},
                .crosswalk = {},
                .arrival = {}};
      one.assembly = std::move(tables.assembly);
      ready.push_back(std::move(one));
      continue;
    }
    if (is_roll_call_profile(name)) {
      const fs::path data = data_folder(request.data, name);
      COTEJO_TRY(source, source_of(name, nullptr, context.cancel));
      COTEJO_TRY(assembly, read_roll_calls(name, data, context));
      Ready one{.file = source, .count = {}, .rule = {}, .crosswalk = {}, .arrival = {}};
      one.assembly = std::move(assembly);
      ready.push_back(std::move(one));
      continue;
    }
    COTEJO_TRY(profile, read_profile(name));
    profile.format.database = request.database;
    std::vector<std::string> inputs = request.inputs;
    if (inputs.empty()) {
      COTEJO_TRY(file, file_of_profile(profile, name, request.data));
      inputs.push_back(file.string());
    }
    for (const auto& input : inputs) {
      const fs::path file = is_database(input) ? fs::path(input) : fs::path(input).lexically_normal();
      if (!is_database(input) && !fs::exists(file))
        return Error{.code = ErrorCode::file_missing,
                     .message = "the profile's file is not there",
                     .file = file.string(),
                     .remedy = "Put it beside the profile, name it with --input FILE, or its folder with --data DIR."};
      const FileIdentity before(file);
      COTEJO_TRY(source, source_of(file, &profile, context.cancel));
      Ready one{.file = source, .count = {}, .rule = profile.rule, .crosswalk = {}, .arrival = {}};
      if (profile.kind == ProfileKind::crosswalk) {
        COTEJO_TRY(crosswalk, read_crosswalk(profile, file, context));
        one.crosswalk = std::move(crosswalk);
      } else if (profile.kind == ProfileKind::arrival) {
        COTEJO_TRY(arrival, read_arrival(profile, file, context));
        one.arrival = std::move(arrival);
      } else {
        COTEJO_TRY(count, read_count(profile, file, context));
        one.count = std::move(count);
        // A table has no bytes of its own: its hash is that of what was read.
        if (one.file.sha256.empty()) one.file.sha256 = one.count->sha256;
      }
      COTEJO_CHECK(before.still_so());
      ready.push_back(std::move(one));
    }
  }
  for (auto& one : ready) {
    if (!one.count) continue;
    const Rule* rule = one.rule ? &*one.rule : nullptr;
    if (auto accepted = accept_set_aside(*one.count, rule, request.accept_set_aside); !accepted) {
      fmt::print(stderr, "{}", set_aside(*one.count, rule));
      return accepted;
    }
  }
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::create, case_options()));
  for (const auto& one : ready)
    if (one.count) COTEJO_CHECK(ask_about_another_country(file, *one.count));
  std::vector<std::vector<std::string>> rows;
  COTEJO_CHECK(file.transact("import", [&]() -> Result<void> {
    rows.clear();  // this may run twice
    for (const auto& one : ready) {
      if (context.cancelled()) return cancelled_error();
      if (one.count) {
        COTEJO_TRY(added, file.add_count(*one.count, one.rule, one.file, request.replace));
        rows.push_back({one.count->id.text, with_thousands(static_cast<long long>(one.count->units())),
                        std::to_string(rows_set_aside(*one.count).size()), added == Added::yes ? "imported" : "already there",
                        one.count->sha256.substr(0, 12)});
      } else if (one.assembly) {
        COTEJO_TRY(added, file.add_assembly(*one.assembly, one.file, request.replace));
        rows.push_back({one.assembly->id.text, with_thousands(static_cast<long long>(one.assembly->members.size())),
                        "0", added == Added::yes ? "imported" : "already there", one.assembly->sha256.substr(0, 12)});
      } else if (one.crosswalk) {
        COTEJO_TRY(added, file.add_crosswalk(*one.crosswalk, one.file, request.replace));
        rows.push_back({one.crosswalk->id.text, with_thousands(static_cast<long long>(one.crosswalk->rows.size())), "0",
                        added == Added::yes ? "imported" : "already there",
                        one.crosswalk->content_hash().substr(0, 12)});
      } else {
        COTEJO_TRY(added, file.add_arrival(*one.arrival, one.file, request.replace));
        rows.push_back({one.arrival->id.text, with_thousands(static_cast<long long>(one.arrival->units())), "0",
                        added == Added::yes ? "imported" : "already there", one.arrival->content_hash().substr(0, 12)});
      }
    }
    return {};
  }));
  fmt::print("{}", text_table({"id", "units>", "set aside>", "", "sha256"}, std::move(rows)));
  for (const auto& one : ready)
    if (one.count) fmt::print("{}", set_aside(*one.count, one.rule ? &*one.rule : nullptr));
  return {};
}

// What the tables do not show: that there are earlier revisions, and what was retired.
void print_retired_and_revised(const std::vector<ObjectEntry>& objects) {
  std::vector<std::string> revised;
  for (const auto& o : objects)
    if (!o.retired && o.revisions > 1 && o.kind != "finding")
      revised.push_back(fmt::format("{} {}", o.kind, printable(o.id)));
  if (!revised.empty())
    fmt::print("\n{}",
               wrapped(fmt::format("Of several revisions: {}. Earlier ones are read as ID@N; see cotejo revisions.",
                                   fmt::join(revised, ", "))));
  for (const auto& o : objects)
    if (o.retired)
      fmt::print("\n{}", wrapped(fmt::format("retired: {} {} ({} {}), by {}: {}", o.kind, printable(o.id), o.revisions,
                                             o.revisions == 1 ? "revision" : "revisions", printable(o.retired->by),
                                             printable(o.retired->reason))));
}

Result<void> list(const std::string& case_path, bool json) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  if (json) {
    COTEJO_TRY(contents, contents_of(file));
    fmt::print("{}\n", contents.dump(1));
    return {};
  }
  COTEJO_TRY(counts, file.counts());
  COTEJO_TRY(challenges, file.challenges());
  COTEJO_TRY(assemblies, file.assemblies());
  COTEJO_TRY(findings, file.findings());
  COTEJO_TRY(objects, file.objects());
  std::vector<std::vector<std::string>> rows;
  for (const auto& c : counts)
    rows.push_back({c.id.text, std::to_string(c.revision), with_thousands(c.units), std::to_string(c.rejected),
                    printable(c.title)});
  if (!counts.empty() || assemblies.empty())
    fmt::print("{}", text_table({"count", "rev>", "units>", "set aside>", "title"}, std::move(rows)));
  if (!assemblies.empty()) {
    rows.clear();
    for (const auto& a : assemblies)
      rows.push_back({a.id.text, std::to_string(a.revision), with_thousands(a.members), with_thousands(a.bodies),
                      with_thousands(a.roll_calls), printable(a.title)});
    fmt::print("{}{}", counts.empty() ? "" : "\n",
               text_table({"assembly", "rev>", "members>", "bodies>", "votes>", "title"}, std::move(rows)));
  }
  if (!challenges.empty()) {
    rows.clear();
    for (const auto& c : challenges)
      rows.push_back({c.id.text, std::to_string(c.revision), with_thousands(c.units), c.count.text, printable(c.by),
                      printable(c.reason)});
    fmt::print("\n{}", text_table({"challenge", "rev>", "units>", "count", "by", "reason"}, std::move(rows)));
  }
  for (const auto& o : objects)
    if (!o.retired && (o.kind == "crosswalk" || o.kind == "arrival"))
      fmt::print("\n{}  {}{}\n", o.kind, printable(o.id),
                 o.revisions > 1 ? fmt::format("  revision {}", o.revisions) : std::string());
  if (!findings.empty()) {
    rows.clear();
    for (const auto& f : findings)
      rows.push_back({printable(f.id), std::to_string(f.revision), f.answer, printable(f.headline)});
    fmt::print("\n{}", text_table({"finding", "rev>", "answer", "headline"}, std::move(rows)));
  }
  print_retired_and_revised(objects);
  return {};
}

struct AddChallenge {
  std::string case_path, action, id, count, units, where, against, by, reason, source, replace;
};

Result<void> add_challenge(const AddChallenge& request, const Context& context) {
  std::vector<std::string> keys;
  SourceFile source;
  if (!request.units.empty()) {
    COTEJO_TRY(listed, read_unit_list(request.units));
    COTEJO_TRY(read, source_of(request.units, nullptr, {}));
    keys = std::move(listed);
    source = read;
  }
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::write, case_options()));
  std::string count_id = request.count;
  if (count_id.empty()) {
    COTEJO_TRY(only, default_count(file));
    count_id = only;
  }
  COTEJO_TRY(count, file.load_count(count_id));
  std::string reason = request.reason;
  if (!request.where.empty()) {
    std::optional<Count> beside;
    if (!request.against.empty()) {
      COTEJO_TRY(other, file.load_count(request.against));
      beside = std::move(other);
    }
    COTEJO_TRY(selected, units_where(count, request.where, context, beside ? &*beside : nullptr));
    keys = std::move(selected);
    if (keys.empty())
      return Error{.code = ErrorCode::challenge_invalid,
                   .message = "no unit fulfils the condition",
                   .column = "where",
                   .value = printable(request.where, 200),
                   .remedy = "Nothing was added."};
    const std::string condition =
        beside ? fmt::format("{}, beside {}@{}", request.where, beside->id.text, beside->revision) : request.where;
    reason += fmt::format(" [units where {}]", condition);
    source = {.name = "where " + condition, .sha256 = sha256_of(condition),
              .bytes = static_cast<std::int64_t>(condition.size()), .profile_name = {}, .profile_sha256 = {}};
  }
  const Challenge challenge{ChallengeId{request.id}, count.id,       request.by,
                            std::move(reason),       request.source, std::move(keys)};
  auto units = resolve(challenge, count);
  if (!units) {
    Error error = std::move(units).error();
    error.file = request.units;
    return error;
  }
  Added added = Added::already_there;
  COTEJO_CHECK(file.transact("challenge add " + request.id, [&]() -> Result<void> {
    COTEJO_TRY(result, file.add_challenge(challenge, source, request.replace));
    added = result;
    return {};
  }));
  fmt::print("{}: {} of {}, {}\n", request.id, counted(units->size(), "unit"), count.id.text,
             added == Added::yes ? "added" : "already there");
  return {};
}

}  // namespace

void add_case_commands(Program& program) {
  const auto finish = [](const Result<void>& result) { return result ? static_cast<int>(done) : fail(result.error()); };

  auto* import_command = program.cli.add_subcommand("import", "Read published files into a case, by their profiles");
  auto import_request = std::make_shared<Import>();
  import_command->add_option("case", import_request->case_path, "The case; made when it is not there")->required();
  import_command
      ->add_option("profile", import_request->profiles,
                   "Import profiles or tables of an assembly (.toml), or files of an exchange format")
      ->required();
  import_command->add_option("--input", import_request->inputs,
                             "The file to read instead of the profile's own path (with one profile)");
  import_command->add_flag_function(
      "--allow-database",
      [import_request](std::int64_t) { import_request->database = DatabaseUse::address_and_credentials; },
      "Connect to a database also with PGPASSWORD and its like, and with ~/.pgpass");
  import_command->add_option("--id", import_request->id, "What the ids of counts from an exchange format begin with");
  import_command->add_option(
      "--data", import_request->data,
      "The folder that the profile's path is relative to, if the file is not beside the profile");
  import_command->add_option("--replace", import_request->replace,
                             "Why the file is a new revision of what the case has under its id; the earlier one stays");
  import_command->add_option("--accept-set-aside", import_request->accept_set_aside,
                             "Why the counts are taken without the rows that could not be used; needed where these are "
                             "more than 1 % or could decide the outcome, and kept in the case");
  import_command->footer(
      "Example:\n  cotejo import bolivia.cotejo profiles/bolivia-2019-computo.toml\n  cotejo import uganda.cotejo "
      "profiles/uganda-2016.toml --input results.zip\n  cotejo import uganda.cotejo profiles/uganda-2016.toml --input "
      "results-2.zip --replace \"corrected file of 3 March\"\n  cotejo import county.cotejo results.json --id "
      "wa-2024\n  "
      "cotejo import oas.cotejo data/bodies/oas.toml");
  import_command->callback([&program, import_request, finish] {
    program.command = [&program, import_request, finish]() -> int {
      if (!import_request->inputs.empty() && import_request->profiles.size() > 1)
        return fail({.code = ErrorCode::usage,
                     .message = "--input goes with one profile",
                     .remedy = "Run one import per profile."});
      if (import_request->database == DatabaseUse::address) forget_database_variables();
      ProgressLine progress;
      return finish(import(*import_request, program.context(0, default_threads(), progress)));
    };
  });

  auto* list_command = program.cli.add_subcommand("list", "What a case holds");
  auto list_case = std::make_shared<std::string>();
  auto list_json = std::make_shared<bool>(false);
  list_command->add_option("case", *list_case, "The case")->required();
  list_command->add_flag("--json", *list_json, "As JSON on stdout");
  list_command->footer("Example:\n  cotejo list bolivia.cotejo");
  list_command->callback([&program, list_case, list_json, finish] {
    program.command = [list_case, list_json, finish] { return finish(list(*list_case, *list_json)); };
  });

  auto* challenge_command = program.cli.add_subcommand("challenge", "Add a list of units objected to");
  auto challenge = std::make_shared<AddChallenge>();
  challenge_command->add_option("case", challenge->case_path, "The case")->required();
  challenge_command->add_option("action", challenge->action, "add")->required()->check(CLI::IsMember({"add"}));
  challenge_command->add_option("--id", challenge->id, "Its id: letters, digits, - _ .")
      ->required()
      ->check([](const std::string& id) {
        const bool fine =
            !id.empty() && id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
                               std::string::npos;
        return fine ? std::string() : std::string("letters, digits, - _ . only");
      });
  challenge_command->add_option(
      "--count", challenge->count,
      "The count whose units it lists; may be left out when the case has one, or one official");
  auto* listed = challenge_command->add_option_group("units")->require_option(1);
  listed->add_option("--units", challenge->units, "CSV file with a column `unit`");
  auto* where = listed->add_option("--where", challenge->where,
                     "Every unit for which this holds, as in \"cast > registered\" (SQL over the count's columns)");
  challenge_command->add_option("--against", challenge->against,
                                "With --where: a second count of the same units, as in \"difference > margin\"; its columns are other:NAME")
      ->needs(where);
  challenge_command->add_option("--by", challenge->by, "Who objects")->required();
  challenge_command->add_option("--reason", challenge->reason, "Why")->required();
  challenge_command->add_option("--source", challenge->source, "Which document says so")->required();
  challenge_command->add_option("--replace", challenge->replace,
                                "Why this is a new revision of the challenge of this id; the earlier one stays");
  challenge_command->footer(
      "Example:\n  cotejo challenge bolivia.cotejo add --id oas-226 --count bo-2019/computo --units oas-226.csv \\\n   "
      " --by OAS --reason \"filled in by one "
      "person\" --source \"Final report, December 2019\"\n"
      "  cotejo challenge bolivia.cotejo add --id full --count bo-2019/computo --where \"cast >= registered\" \\\n   "
      " --by \"Party A\" --reason \"as many ballots as voters\" --source \"Petition, page 3\"");
  challenge_command->callback([&program, challenge, finish] {
    program.command = [&program, challenge, finish] {
      ProgressLine progress;
      return finish(add_challenge(*challenge, program.context(0, 1, progress)));
    };
  });
}

}  // namespace cotejo::app

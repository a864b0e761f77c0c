// import, list.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/another_country.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/engine/shipped_files.hpp"
#include "cotejo/engine/table_text.hpp"
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

Result<SourceFile> source_of(const fs::path& file, const Profile* profile, const std::stop_token& cancel) {
  if (is_database(file.string()))
    return SourceFile{file.string(), {}, 0, profile ? profile->file_name : "", profile ? profile->sha256 : ""};
  COTEJO_TRY(sha256, sha256_of_file(file, cancel));
  std::error_code ignored;
  return SourceFile{file.string(), sha256, static_cast<std::int64_t>(fs::file_size(file, ignored)),
                    profile ? profile->file_name : "", profile ? profile->sha256 : ""};
}

namespace {

std::int64_t whole(int number) {
  return number;
}

Table table(std::string id, std::vector<std::string> columns) {
  Table out{.id = std::move(id), .title = "", .columns = {}, .rows = {}};
  for (auto& name : columns) out.columns.push_back({std::move(name)});
  return out;
}

struct Import {
  std::string case_path;
  std::vector<std::string> profiles, inputs;
  std::string data, usual_data, id, replace, accept_set_aside;
  Format format = Format::text;
  DatabaseUse database = DatabaseUse::address;
};

// The folder that a profile's path is relative to, unless its file lies beside the profile: --data, that of the
// configuration, or the custom one.
fs::path data_folder(const Import& request, const std::string& profile) {
  for (const auto& folder : {request.data, request.usual_data})
    if (!folder.empty()) return fs::path(folder).lexically_normal();
  return (root_of(profile) / Plan::custom_data).lexically_normal();
}

// The file that a profile names: beside the profile, else in the data folder; in neither case does the profile lead out
// of it.
Result<fs::path> file_of_profile(const Profile& profile, const std::string& name, const Import& request) {
  if (is_database(profile.path))
    return Error{.code = ErrorCode::usage,
                 .message = "the profile reads a database, whose address is given on the command line",
                 .file = name,
                 .remedy = "Add --input \"postgresql:host=... dbname=...\"."};
  if (request.data.empty()) {
    COTEJO_TRY(beside, path_inside(fs::path(name).parent_path(), profile.path));
    if (fs::exists(beside)) return beside;
  }
  return path_inside(data_folder(request, name), profile.path);
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
  for (const auto& given : request.profiles) {
    COTEJO_TRY(found, find_shipped(Shipped::profile, given));
    const std::string name = found.string();
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
      COTEJO_TRY(format, exchange_format_of(name, context.cancel));
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
      const fs::path data = data_folder(request, name);
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
      COTEJO_TRY(file, file_of_profile(profile, name, request));
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
  Table read = table("import", {"id", "units", "set aside", "", "sha256"});
  COTEJO_CHECK(file.transact("import", [&]() -> Result<void> {
    read.rows.clear();  // this may run twice
    const auto add_row = [&](const std::string& id, std::size_t units, std::size_t aside, Added added,
                             const std::string& hash) {
      read.rows.push_back({id, static_cast<std::int64_t>(units), static_cast<std::int64_t>(aside),
                           added == Added::yes ? "imported" : "already there", hash.substr(0, 12)});
    };
    for (const auto& one : ready) {
      if (context.cancelled()) return cancelled_error();
      if (one.count) {
        COTEJO_TRY(added, file.add_count(*one.count, one.rule, one.file, request.replace));
        add_row(one.count->id.text, one.count->units(), rows_set_aside(*one.count).size(), added, one.count->sha256);
      } else if (one.assembly) {
        COTEJO_TRY(added, file.add_assembly(*one.assembly, one.file, request.replace));
        add_row(one.assembly->id.text, one.assembly->members.size(), 0, added, one.assembly->sha256);
      } else if (one.crosswalk) {
        COTEJO_TRY(added, file.add_crosswalk(*one.crosswalk, one.file, request.replace));
        add_row(one.crosswalk->id.text, one.crosswalk->rows.size(), 0, added, one.crosswalk->content_hash());
      } else {
        COTEJO_TRY(added, file.add_arrival(*one.arrival, one.file, request.replace));
        add_row(one.arrival->id.text, one.arrival->units(), 0, added, one.arrival->content_hash());
      }
    }
    return {};
  }));
  fmt::print("{}", in_format(read, request.format));
  for (const auto& one : ready)
    if (one.count)
      fmt::print(request.format == Format::text ? stdout : stderr, "{}",
                 set_aside(*one.count, one.rule ? &*one.rule : nullptr));
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

// What the case holds, kind by kind; the counts also where there are none.
Result<std::vector<Table>> tables_of(const CaseFile& file) {
  COTEJO_TRY(counts, file.counts());
  COTEJO_TRY(assemblies, file.assemblies());
  COTEJO_TRY(challenges, file.challenges());
  COTEJO_TRY(objects, file.objects());
  COTEJO_TRY(findings, file.findings());
  std::vector<Table> out{table("counts", {"count", "rev", "units", "set aside", "title"}),
                         table("assemblies", {"assembly", "rev", "members", "bodies", "votes", "title"}),
                         table("challenges", {"challenge", "rev", "units", "count", "by", "reason"}),
                         table("lists", {"kind", "id", "rev"}),
                         table("findings", {"finding", "rev", "answer", "headline"})};
  for (const auto& c : counts) out[0].rows.push_back({c.id.text, whole(c.revision), c.units, c.rejected, c.title});
  for (const auto& a : assemblies)
    out[1].rows.push_back({a.id.text, whole(a.revision), a.members, a.bodies, a.roll_calls, a.title});
  for (const auto& c : challenges)
    out[2].rows.push_back({c.id.text, whole(c.revision), c.units, c.count.text, c.by, c.reason});
  for (const auto& o : objects)
    if (!o.retired && (o.kind == "crosswalk" || o.kind == "arrival"))
      out[3].rows.push_back({o.kind, o.id, whole(o.revisions)});
  for (const auto& f : findings) out[4].rows.push_back({f.id, whole(f.revision), f.answer, f.headline});
  const bool no_counts = counts.empty() && assemblies.empty();
  std::erase_if(out, [&](const Table& t) { return t.rows.empty() && !(t.id == "counts" && no_counts); });
  return out;
}

// Every object of the case in one table, for other programs.
Table objects_of(const std::vector<ObjectEntry>& objects) {
  Table out = table("objects", {"kind", "id", "revisions", "retired", "retired by", "why"});
  for (const auto& o : objects)
    out.rows.push_back({o.kind, o.id, whole(o.revisions), o.retired.has_value(),
                        o.retired ? Cell(o.retired->by) : Cell(), o.retired ? Cell(o.retired->reason) : Cell()});
  return out;
}

Result<void> list(const std::string& case_path, Format format) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  if (format == Format::json) {
    COTEJO_TRY(contents, contents_of(file));
    fmt::print("{}\n", contents.dump(1));
    return {};
  }
  COTEJO_TRY(tables, tables_of(file));
  COTEJO_TRY(objects, file.objects());
  if (format == Format::csv) {
    fmt::print("{}", csv_of(objects_of(objects)));
    return {};
  }
  bool first = true;
  for (const auto& table : tables)
    fmt::print("{}{}", std::exchange(first, false) ? "" : "\n", in_format(table, format));
  if (format == Format::text) print_retired_and_revised(objects);
  return {};
}

}  // namespace

void add_case_commands(Program& program) {
  const auto finish = [](const Result<void>& result) { return result ? static_cast<int>(done) : fail(result.error()); };

  auto* import_command = program.cli.add_subcommand("import", "Read published files into a case, by their profiles");
  auto import_request = std::make_shared<Import>();
  import_request->format = program.settings.format;
  import_request->usual_data = program.settings.data;
  import_command->add_option("case", import_request->case_path, "The case; made when it is not there")->required();
  import_command
      ->add_option("profile", import_request->profiles,
                   "Import profiles or tables of an assembly (.toml; of those that come with the program the name is "
                   "enough), or files of "
                   "an exchange format")
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
  add_format(*import_command, import_request->format);
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
      return finish(import(*import_request, program.context(0, program.settings.threads, progress)));
    };
  });

  auto* list_command = program.cli.add_subcommand("list", "What a case holds");
  auto list_case = std::make_shared<std::string>();
  auto list_format = std::make_shared<Format>(program.settings.format);
  list_command->add_option("case", *list_case, "The case")->required();
  add_format(*list_command, *list_format);
  list_command->footer("Example:\n  cotejo list bolivia.cotejo\n  cotejo list bolivia.cotejo --format csv");
  list_command->callback([&program, list_case, list_format, finish] {
    program.command = [list_case, list_format, finish] { return finish(list(*list_case, *list_format)); };
  });
}

}  // namespace cotejo::app

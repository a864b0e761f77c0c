// challenge: adds a list of units objected to, lists them all, and takes one out of use.
#include <fmt/format.h>

#include "commands.hpp"
#include "cotejo/base/hash.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/engine/units_where.hpp"
#include "cotejo/intake/reader.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

struct AddChallenge {
  std::string case_path, id, count, units, where, against, by, reason, source, replace;
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
    source = {.name = "where " + condition,
              .sha256 = sha256_of(condition),
              .bytes = static_cast<std::int64_t>(condition.size()),
              .profile_name = {},
              .profile_sha256 = {}};
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

// The challenges in use, then those that were retired.
Result<void> list_challenges(const std::string& case_path, Format format) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(challenges, file.challenges());
  COTEJO_TRY(objects, file.objects());
  Table table{
      .id = "challenges",
      .title = "",
      .columns = {{"challenge"}, {"units"}, {"count"}, {"by"}, {"reason"}, {"source"}, {"revision"}, {"retired"}},
      .rows = {}};
  for (const auto& c : challenges)
    table.rows.push_back({c.id.text, c.units, c.count.text, c.by, c.reason, c.source, std::int64_t{c.revision}, {}});
  for (const auto& o : objects)
    if (o.kind == "challenge" && o.retired)
      table.rows.push_back({o.id,
                            {},
                            {},
                            {},
                            {},
                            {},
                            std::int64_t{o.revisions},
                            fmt::format("by {}: {}", o.retired->by, o.retired->reason)});
  if (table.rows.empty() && format == Format::text)
    fmt::print("The case has no challenge. `cotejo help challenge add` shows how one is added.\n");
  else
    fmt::print("{}", in_format(table, format));
  return {};
}

std::string as_an_id(const std::string& id) {
  const bool fine =
      !id.empty() &&
      id.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") == std::string::npos;
  return fine ? std::string() : std::string("letters, digits, - _ . only");
}

void add_add(Program& program, CLI::App& parent, const std::shared_ptr<std::string>& case_path) {
  auto* command = parent.add_subcommand("add", "Add a list of units objected to");
  auto request = std::make_shared<AddChallenge>();
  command->add_option("--id", request->id, "Its id: letters, digits, - _ .")->required()->check(as_an_id);
  command->add_option("--count", request->count,
                      "The count whose units it lists; may be left out when the case has one, or one official");
  auto* listed = command->add_option_group("units")->require_option(1);
  listed->add_option("--units", request->units, "CSV file with a column `unit`");
  auto* where =
      listed->add_option("--where", request->where,
                         "Every unit for which this holds, as in \"cast > registered\" (SQL over the count's columns)");
  command
      ->add_option(
          "--against", request->against,
          "With --where: a second count of the same units, as in \"difference > margin\"; its columns are other:NAME")
      ->needs(where);
  command->add_option("--by", request->by, "Who objects")->required();
  command->add_option("--reason", request->reason, "Why")->required();
  command->add_option("--source", request->source, "Which document says so")->required();
  command->add_option("--replace", request->replace,
                      "Why this is a new revision of the challenge of this id; the earlier one stays");
  command->footer(
      "Example:\n  cotejo challenge bolivia.cotejo add --id oas-226 --count bo-2019/computo --units oas-226.csv \\\n   "
      " --by OAS --reason \"filled in by one "
      "person\" --source \"Final report, December 2019\"\n"
      "  cotejo challenge bolivia.cotejo add --id full --count bo-2019/computo --where \"cast >= registered\" \\\n   "
      " --by \"Party A\" --reason \"as many ballots as voters\" --source \"Petition, page 3\"");
  command->callback([&program, request, case_path] {
    program.command = [&program, request, case_path]() -> int {
      request->case_path = *case_path;
      ProgressLine progress;
      const auto result = add_challenge(*request, program.context(0, 1, progress));
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

void add_list(Program& program, CLI::App& parent, const std::shared_ptr<std::string>& case_path) {
  auto* command = parent.add_subcommand("list", "The challenges of the case, those that were retired among them");
  auto format = std::make_shared<Format>(program.settings.format);
  add_format(*command, *format);
  command->footer(
      "Example:\n  cotejo challenge bolivia.cotejo list\n  cotejo challenge bolivia.cotejo list --format csv");
  command->callback([&program, case_path, format] {
    program.command = [case_path, format]() -> int {
      const auto result = list_challenges(*case_path, *format);
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace

void add_challenge_command(Program& program) {
  auto* command =
      program.cli.add_subcommand("challenge", "Units objected to: add a list, list, retire, restore, rename");
  auto case_path = std::make_shared<std::string>();
  command->add_option("case", *case_path, "The case")->required();
  command->require_subcommand(1);
  add_add(program, *command, case_path);
  add_list(program, *command, case_path);
  add_changes_of(program, *command, "challenge", case_path);
  command->footer(
      "Example:\n  cotejo challenge bolivia.cotejo list\n  cotejo challenge bolivia.cotejo add --id half --where \"2 * "
      "cast >= "
      "registered\" \\\n    --by \"Party B\" --reason \"turnout\" --source \"Petition, page 4\"");
}

}  // namespace cotejo::app

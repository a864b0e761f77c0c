// plan: the plan of what the findings of a case answered, or the plans that come with the program.
#include <fmt/format.h>

#include <filesystem>

#include "commands.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_plan.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/engine/shipped_files.hpp"
#include "cotejo/intake/slug.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

struct PlanCommand {
  std::string case_path, out, id, title, question;
  std::vector<std::string> findings;
  std::optional<std::uint64_t> seed;
  Format format = Format::text;
};

Result<void> list_plans(Format format) {
  Table table{.id = "plans", .title = "", .columns = {{"plan"}, {"title"}}, .rows = {}};
  for (const auto& name : shipped_names(Shipped::plan)) {
    COTEJO_TRY(path, find_shipped(Shipped::plan, name));
    COTEJO_TRY(plan, read_plan(path));
    table.rows.push_back({name, plan.title});
  }
  fmt::print("{}", in_format(table, format));
  if (format == Format::text) fmt::print("Run one with: cotejo audit PLAN --out FOLDER\n");
  return {};
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code failed;
  if (fs::exists(folder) && !fs::is_empty(folder, failed))
    return Error{.code = ErrorCode::conflict,
                 .message = "the folder is not empty",
                 .file = folder.string(),
                 .remedy = "Name another with --out."};
  fs::create_directories(folder, failed);
  if (failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the folder cannot be made: " + failed.message(),
                 .file = folder.string(),
                 .remedy = "Name another with --out."};
  return {};
}

Result<void> write_plan(const PlanCommand& asked, const Settings& settings, const Context& context) {
  const fs::path case_path = asked.case_path;
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(request, plan_of_findings(file, asked.findings));
  const auto stem = case_path.stem().string();
  request.id = asked.id.empty() ? slug(stem) : asked.id;
  request.title = asked.title.empty() ? stem : asked.title;
  if (!asked.question.empty()) request.question = asked.question;
  if (asked.seed) request.seed = *asked.seed;
  COTEJO_CHECK(make_folder(asked.out));
  const auto beside = fs::absolute(case_path).parent_path();
  std::vector<fs::path> places{beside, beside / "data", beside / "profiles", beside / "bodies"};
  if (!settings.data.empty()) places.emplace_back(settings.data);
  if (const auto shipped = shipped_folder(); !shipped.empty())
    places.insert(places.end(), {shipped / "profiles", shipped / "data/bodies"});
  COTEJO_TRY(plan, write_case_plan(file, request, places, asked.out, context));
  for (const auto& note : plan.notes) fmt::print("{}", wrapped(printable(note, 1000)));
  const auto path = (fs::path(asked.out) / "plan.toml").string();
  fmt::print("The plan is {}. Next: cotejo audit {} --out DOSSIER\n", printable(path), printable(path));
  return {};
}

}  // namespace

void add_plan_command(Program& program) {
  auto asked = std::make_shared<PlanCommand>();
  asked->format = program.settings.format;
  auto* command = program.cli.add_subcommand(
      "plan", "Make a plan of the findings kept in a case; without options, list the plans that come with the program");
  auto* from = command->add_option("--from", asked->case_path, "The case; its findings are kept by --save of a method")
                   ->type_name("CASE");
  auto* out = command->add_option("--out", asked->out, "The folder for the plan, its profiles and data: new or empty")
                  ->type_name("FOLDER")
                  ->needs(from);
  from->needs(out);
  command->add_option("--finding", asked->findings, "Only this finding; may be given several times")
      ->type_name("ID")
      ->needs(from);
  command->add_option("--id", asked->id, "The plan's id; default: the name of the case")->needs(from);
  command->add_option("--title", asked->title, "Its title; default: the name of the case")->needs(from);
  command->add_option("--question", asked->question, "The question that it answers; default: that of its first finding")
      ->needs(from);
  command->add_option("--seed", asked->seed, "The seed of its random numbers; default: that of the findings")
      ->needs(from);
  add_format(*command, asked->format);
  command->footer(
      "More: docs/formats/plan.md\n"
      "Example:\n  cotejo plan\n  cotejo plan --from bolivia.cotejo --out bolivia-plan --title \"Bolivia 2019\"\n"
      "  cotejo plan --from bolivia.cotejo --out one-question --finding strike");
  command->callback([&program, asked] {
    program.command = [&program, asked]() -> int {
      ProgressLine progress;
      const auto result = asked->case_path.empty()
                              ? list_plans(asked->format)
                              : write_plan(*asked, program.settings, program.context(0, 1, progress));
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

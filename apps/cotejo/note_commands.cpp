// note, activity: what somebody wrote of a return, and who did what in the case.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_json.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

using Json = nlohmann::ordered_json;

Result<void> write_note(const std::string& case_path, const Note& note) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::write, case_options()));
  const std::string_view what = note.signs_off ? "sign off" : "note";
  COTEJO_CHECK(
      file.transact(fmt::format("{} {} {}", what, note.count.text, note.unit), [&] { return file.add_note(note); }));
  fmt::print("{} {}: {}\n", printable(note.count.text), printable(note.unit),
             note.signs_off ? "signed off" : "note written");
  return {};
}

void add_note_command(Program& program) {
  auto* command = program.cli.add_subcommand("note", "Write a note of one return, or sign it off");
  auto case_path = std::make_shared<std::string>();
  auto note = std::make_shared<Note>();
  command->add_option("case", *case_path, "The case")->required();
  command->add_option("count", note->count.text, "The count")->required();
  command->add_option("--unit", note->unit, "The unit of the return")->required();
  command->add_option("--by", note->by, "Who writes")->required();
  command->add_option("--text", note->text, "The note; a sign-off needs none");
  command->add_flag("--sign-off", note->signs_off, "Who writes has gone through the return, and it is as it should be");
  command->footer(
      "Example:\n  cotejo note bolivia.cotejo bo-2019/computo --unit 51546 --by \"Clerk\" --text \"the copy is "
      "illegible\"\n"
      "  cotejo note bolivia.cotejo bo-2019/computo --unit 51546 --by \"Judge\" --sign-off");
  command->callback([&program, case_path, note] {
    program.command = [case_path, note]() -> int {
      const auto written = write_note(*case_path, *note);
      return written ? static_cast<int>(done) : fail(written.error());
    };
  });
}

Table table_of(const std::vector<Activity>& activity) {
  Table out{.id = "activity", .title = "", .columns = {{"no"}, {"at"}, {"what"}, {"by"}, {"reason"}}, .rows = {}};
  for (const auto& one : activity) out.rows.push_back({one.command, one.at, one.text, one.by, one.reason});
  return out;
}

Result<void> show_activity(const std::string& case_path, std::int64_t most, Format format) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(activity, file.activity(most));
  if (format == Format::json) {
    Json out = Json::array();
    for (const auto& one : activity) out.push_back(to_json(one));
    fmt::print("{}\n", out.dump(1, ' ', false, Json::error_handler_t::replace));
    return {};
  }
  if (format != Format::text) {
    fmt::print("{}", in_format(table_of(activity), format));
    return {};
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : activity)
    rows.push_back({std::to_string(one.command), one.at, printable(one.text, 200), printable(one.by, 100),
                    printable(one.reason, 200)});
  fmt::print("{}", text_table({"no>", "at", "what", "by", "reason"}, std::move(rows)));
  return {};
}

void add_activity_command(Program& program) {
  auto* command = program.cli.add_subcommand("activity", "Who did what in the case: its commands, the newest first");
  auto case_path = std::make_shared<std::string>();
  auto most = std::make_shared<std::int64_t>(50);
  auto format = std::make_shared<Format>(program.settings.format);
  command->add_option("case", *case_path, "The case")->required();
  command->add_option("--limit", *most, "How many")
      ->check(CLI::Range(std::int64_t{1}, std::int64_t{1'000'000}))
      ->capture_default_str();
  add_format(*command, *format);
  command->footer("Example:\n  cotejo activity bolivia.cotejo");
  command->callback([&program, case_path, most, format] {
    program.command = [case_path, most, format]() -> int {
      const auto shown = show_activity(*case_path, *most, *format);
      return shown ? static_cast<int>(done) : fail(shown.error());
    };
  });
}

}  // namespace

void add_note_commands(Program& program) {
  add_note_command(program);
  add_activity_command(program);
}

}  // namespace cotejo::app

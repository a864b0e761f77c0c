// retire, restore, rename, revisions: what is done to an object of the case as a whole, and what was done.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_json.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

using Json = nlohmann::ordered_json;

const std::string kinds = "count, challenge, crosswalk, arrival, assembly, rule or finding";

struct Change {
  std::shared_ptr<std::string> case_path = std::make_shared<std::string>();
  std::string kind, id, new_id;
  Why why;
};

using Work = Result<Added> (*)(CaseFile&, const Change&);

Result<void> change(const Change& request, const std::string& verb, const std::string& done_so, const Work& work) {
  COTEJO_TRY(file, CaseFile::open(*request.case_path, CaseFile::Mode::write, case_options()));
  Added added = Added::already_there;
  COTEJO_CHECK(file.transact(fmt::format("{} {} {}", verb, request.kind, request.id), [&]() -> Result<void> {
    COTEJO_TRY(result, work(file, request));
    added = result;
    return {};
  }));
  fmt::print("{} {}: {}\n", request.kind, printable(request.id), added == Added::yes ? done_so : "already so");
  return {};
}

std::string shown(const ObjectEvent& event) {
  static const std::map<std::string, std::string> words{{"add", "added"},         {"replace", "replaced"},
                                                        {"correct", "corrected"}, {"retire", "retired"},
                                                        {"restore", "restored"},  {"rename", "renamed"}};
  std::string out = fmt::format("{}  revision {}  {}", event.at, event.revision, words.at(event.what));
  if (!event.new_name.empty()) out += fmt::format(" to {}", printable(event.new_name));
  if (!event.file.empty()) out += fmt::format(" from {}", printable(event.file));
  if (!event.by.empty()) out += fmt::format(" by {}", printable(event.by));
  if (!event.reason.empty()) out += fmt::format(": {}", printable(event.reason));
  return out;
}

Table table_of(const std::vector<ObjectEvent>& events) {
  Table out{.id = "revisions",
            .title = "",
            .columns = {{"at"}, {"what"}, {"revision"}, {"new id"}, {"file"}, {"sha256"}, {"by"}, {"reason"}},
            .rows = {}};
  for (const auto& e : events)
    out.rows.push_back({e.at, e.what, std::int64_t{e.revision}, e.new_name, e.file, e.sha256, e.by, e.reason});
  return out;
}

Result<void> print_revisions(const Change& request, Format format) {
  COTEJO_TRY(file, CaseFile::open(*request.case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(events, file.object_history(request.kind, request.id));
  if (format == Format::json) {
    Json out = Json::array();
    for (const auto& event : events) out.push_back(to_json(event));
    fmt::print("{}\n", out.dump(1, ' ', false, Json::error_handler_t::replace));
    return {};
  }
  if (format != Format::text) {
    fmt::print("{}", in_format(table_of(events), format));
    return {};
  }
  for (const auto& event : events) fmt::print("{}", wrapped(shown(event)));
  return {};
}

void add_object(CLI::App& command, Change& request) {
  command.add_option("case", *request.case_path, "The case")->required();
  command.add_option("kind", request.kind, kinds)
      ->required()
      ->check(CLI::IsMember({"count", "challenge", "crosswalk", "arrival", "assembly", "rule", "finding"}));
  command.add_option("id", request.id, "Its id; of a rule, that of its contest")->required();
}

struct Verb {
  const char *name, *description, *done_so, *example;
  bool renames;
  Work work;
};

void add_change(Program& program, CLI::App& command, const std::shared_ptr<Change>& request, const Verb& verb) {
  if (verb.renames) command.add_option("new-id", request->new_id, "The id that it gets")->required();
  command.add_option("--by", request->why.by, "Who does it")->required();
  command.add_option("--reason", request->why.reason, "Why")->required();
  command.callback([&program, request, verb] {
    program.command = [request, verb]() -> int {
      const auto result = change(*request, verb.name, verb.done_so, verb.work);
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

const std::vector<Verb>& verbs() {
  static const std::vector<Verb> all{
      {"retire", "Take an object out of use: a revision; nothing is deleted",
       "retired; its revisions are read as ID@1, ...",
       "challenge oas-226 --by \"Clerk\" --reason \"superseded by the final report\"", false,
       [](CaseFile& file, const Change& r) { return file.retire(r.kind, r.id, r.why); }},
      {"restore", "Take a retired object into use again: a revision", "restored",
       "challenge oas-226 --by \"Clerk\" --reason \"the final report keeps it\"", false,
       [](CaseFile& file, const Change& r) { return file.restore(r.kind, r.id, r.why); }},
      {"rename", "Give an object another id: a revision; its earlier ids go on leading to it", "renamed",
       "challenge oas-226 oas-preliminary --by \"Clerk\" --reason \"the final report has its own list\"", true,
       [](CaseFile& file, const Change& r) { return file.rename(r.kind, r.id, r.new_id, r.why); }}};
  return all;
}

}  // namespace

void add_changes_of(Program& program, CLI::App& parent, const std::string& kind,
                    const std::shared_ptr<std::string>& case_path) {
  for (const auto& verb : verbs()) {
    auto* command = parent.add_subcommand(verb.name, verb.description);
    auto request = std::make_shared<Change>();
    request->case_path = case_path;
    request->kind = kind;
    command->add_option("id", request->id, "Its id")->required();
    add_change(program, *command, request, verb);
    command->footer(fmt::format("Example:\n  cotejo {} bolivia.cotejo {} {}", parent.get_name(), verb.name,
                                std::string_view(verb.example).substr(kind.size() + 1)));
  }
}

void add_object_commands(Program& program) {
  for (const auto& verb : verbs()) {
    auto* command = program.cli.add_subcommand(verb.name, verb.description);
    auto request = std::make_shared<Change>();
    add_object(*command, *request);
    add_change(program, *command, request, verb);
    command->footer(fmt::format("Example:\n  cotejo {} bolivia.cotejo {}", verb.name, verb.example));
  }

  auto* command = program.cli.add_subcommand("revisions", "Every revision of an object, with who, when and why");
  auto request = std::make_shared<Change>();
  auto format = std::make_shared<Format>(program.settings.format);
  add_object(*command, *request);
  add_format(*command, *format);
  command->footer("Example:\n  cotejo revisions bolivia.cotejo challenge oas-226");
  command->callback([&program, request, format] {
    program.command = [request, format]() -> int {
      const auto result = print_revisions(*request, *format);
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

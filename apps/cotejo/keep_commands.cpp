// enter, correct, history, check-case: what keeps a case whole and says what became of it.
#include <fmt/format.h>

#include <charconv>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/casefile/entered_count.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/intake/records.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

using Json = nlohmann::ordered_json;

struct Correct {
  std::string case_path, count, unit, file, by, reason, source;
  std::vector<std::string> cells;  // FIELD=VALUE
};

Result<std::optional<std::int32_t>> value_of(std::string_view text, const std::string& field) {
  text = trimmed(text);
  if (text.empty()) return std::optional<std::int32_t>();
  std::int32_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < 0)
    return Error{.code = ErrorCode::value_invalid,
                 .message = "expected a whole number from 0 to 2,147,483,647, or nothing for a missing one",
                 .column = field,
                 .value = std::string(text),
                 .remedy = "Write it with digits only."};
  return std::optional(value);
}

// FIELD=VALUE of one unit.
Result<CellChange> cell_of(const std::string& unit, const std::string& text) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos)
    return Error{
        .code = ErrorCode::usage, .message = "expected FIELD=VALUE", .value = text, .remedy = "As in --set MAS=123."};
  COTEJO_TRY(value, value_of(std::string_view(text).substr(equals + 1), text.substr(0, equals)));
  return CellChange{unit, text.substr(0, equals), value};
}

// A CSV file with the columns unit, field, value.
Result<std::vector<CellChange>> read_cells(const std::string& path) {
  COTEJO_TRY(records, Records::open(path, {}));
  COTEJO_TRY(unit, records.column("unit"));
  COTEJO_TRY(field, records.column("field"));
  COTEJO_TRY(value, records.column("value"));
  std::vector<CellChange> out;
  for (;;) {
    COTEJO_TRY(more, records.next());
    if (!more) break;
    const auto at = [&](Error error) {
      error.file = path;
      error.row = records.row();
      return error;
    };
    if (const auto fault = records.fault())
      return at({.code = fault->code,
                 .message = fault->message,
                 .column = fault->column,
                 .value = fault->value,
                 .remedy = fault->remedy});
    const auto text = [&](std::size_t column) { return std::string(trimmed(records.cells()[column])); };
    auto number = value_of(text(value), text(field));
    if (!number) return at(std::move(number).error());
    out.push_back({text(unit), text(field), *number});
  }
  if (out.empty())
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file has a header and no figures",
                 .file = path,
                 .remedy = "Write one cell per row."};
  return out;
}

// The cells that a command names, of one unit by --unit and --set or of several by --file.
Result<std::vector<CellChange>> cells_of(const std::string& unit, const std::vector<std::string>& set,
                                         const std::string& file) {
  if (file.empty() == set.empty())
    return Error{.code = ErrorCode::usage,
                 .message = "figures are given either by --unit and --set or by --file",
                 .remedy = "See --help of the command for an example."};
  if (!file.empty()) return read_cells(file);
  if (unit.empty())
    return Error{
        .code = ErrorCode::usage, .message = "--set needs --unit", .remedy = "Name the unit whose figures these are."};
  std::vector<CellChange> out;
  for (const auto& text : set) {
    COTEJO_TRY(cell, cell_of(unit, text));
    out.push_back(std::move(cell));
  }
  return out;
}

Result<void> correct(const Correct& request) {
  COTEJO_TRY(cells, cells_of(request.unit, request.cells, request.file));
  const Correction correction{request.by, request.reason, request.source, std::move(cells)};
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::write, case_options()));
  Added added = Added::already_there;
  COTEJO_CHECK(file.transact("correct " + request.count, [&]() -> Result<void> {
    COTEJO_TRY(result, file.add_correction(CountId{request.count}, correction));
    added = result;
    return {};
  }));
  COTEJO_TRY(counts, file.counts());
  for (const auto& entry : counts)
    if (entry.id.text == request.count)
      fmt::print("{}: {}, now revision {} ({})\n", entry.id.text,
                 added == Added::yes ? counted(correction.cells.size(), "cell") + " corrected" : "already so",
                 entry.revision, entry.sha256.substr(0, 12));
  return {};
}

struct Enter {
  std::string case_path, like, unit, file, replace;
  std::vector<std::string> cells;  // FIELD=VALUE
  EnteredCount count;
};

Result<void> enter(Enter request) {
  COTEJO_TRY(cells, cells_of(request.unit, request.cells, request.file));
  request.count.cells = std::move(cells);
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::write, case_options()));
  if (request.like.empty()) {
    COTEJO_TRY(only, default_count(file, "--like"));
    request.like = only;
  }
  COTEJO_TRY(like, file.load_count(request.like));
  auto count = entered_count(request.count, like);
  if (!count) {
    Error error = std::move(count).error();
    error.file = request.file;
    return error;
  }
  Added added = Added::already_there;
  COTEJO_CHECK(file.transact("enter " + count->id.text, [&]() -> Result<void> {
    COTEJO_TRY(result, file.add_count(*count, std::nullopt, source_of(request.count), request.replace));
    added = result;
    return {};
  }));
  fmt::print("{}: {}, {} ({})\n", printable(count->id.text),
             counted(count->units(), count->units() == 1 ? "total" : "row"),
             added == Added::yes ? "added" : "already there", count->sha256.substr(0, 12));
  return {};
}

void add_enter_command(Program& program) {
  auto* command = program.cli.add_subcommand(
      "enter", "Type figures that no file has: totals as announced, a register of units, contested ballots");
  auto request = std::make_shared<Enter>();
  auto& count = request->count;
  command->add_option("case", request->case_path, "The case")->required();
  command->add_option("count", count.id.text, "The id of the count that the figures make")->required();
  command
      ->add_option(
          "--kind", count.kind,
          "totals: votes of options; register: units and their voters; contested: ballots of unknown direction")
      ->transform(CLI::CheckedTransformer(
          std::map<std::string, Entered>{
              {"totals", Entered::totals}, {"register", Entered::units}, {"contested", Entered::contested}},
          CLI::ignore_case));
  command->add_option(
      "--like", request->like,
      "The count whose contest and options it has; may be left out when the case has one, or one official");
  command->add_option("--unit", request->unit, "Which unit, place or whole the figures of --set are of");
  command->add_option(
      "--set", request->cells,
      "FIELD=NUMBER: an option's id, registered, cast, valid, blank, null; of contested ballots contested=NUMBER");
  command->add_option("--file", request->file, "CSV with the columns unit, field, value");
  command->add_option("--title", count.title, "What it is called");
  command->add_option("--by", count.by, "Who types")->required();
  command->add_option("--source", count.source, "Which document has the figures")->required();
  command->add_option("--reason", count.reason, "Why, or what is to be known of them");
  command->add_option("--replace", request->replace,
                      "Why this is a new revision of the count of this id; the earlier one stays");
  command->footer(
      "Example:\n  cotejo enter bolivia.cotejo bo-2019/announced --unit Bolivia --set MAS=2889359 --set CC=2240920 \\\n"
      "    --by \"Clerk\" --source \"Bulletin of 25 October 2019\"\n"
      "  cotejo enter bolivia.cotejo bo-2019/irregular --kind contested --file irregular.csv --by \"Clerk\" --source "
      "\"Minutes\"");
  command->callback([&program, request] {
    program.command = [request]() -> int {
      const auto result = enter(*request);
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

std::string shown(const std::optional<std::int64_t>& value) {
  return value ? with_thousands(*value) : std::string("missing");
}

// One row a cell that changed; an event that changed none has one row.
Table cells_of(const std::vector<UnitEvent>& events) {
  Table out{.id = "history",
            .title = "",
            .columns = {{"at"},
                        {"count"},
                        {"revision"},
                        {"how"},
                        {"file"},
                        {"by"},
                        {"reason"},
                        {"source"},
                        {"field"},
                        {"before"},
                        {"after"}},
            .rows = {}};
  const auto number = [](const std::optional<std::int64_t>& value) { return value ? Cell(*value) : Cell(); };
  for (const auto& e : events) {
    const std::vector<Cell> about{e.at,     e.count.text, std::int64_t{e.revision}, e.how, e.file, e.by,
                                  e.reason, e.source};
    const auto add = [&](Cell field, Cell before, Cell after) {
      out.rows.push_back(about);
      for (auto* cell : {&field, &before, &after}) out.rows.back().push_back(std::move(*cell));
    };
    for (const auto& cell : e.cells) add(cell.field, number(cell.before), number(cell.after));
    if (e.cells.empty()) add({}, {}, {});
  }
  return out;
}

Result<void> history(const std::string& case_path, const std::string& unit, const std::string& count, Format format) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(events, file.history(unit, count.empty() ? std::nullopt : std::optional(CountId{count})));
  if (format == Format::csv || format == Format::markdown) {
    fmt::print("{}", in_format(cells_of(events), format));
    return {};
  }
  if (format == Format::json) {
    Json out = Json::array();
    for (const auto& event : events) out.push_back(to_json(event));
    fmt::print("{}\n", out.dump(1, ' ', false, Json::error_handler_t::replace));
    return {};
  }
  std::map<std::string, bool> seen;
  for (const auto& e : events) {
    std::string line = fmt::format("{}  {}@{}  {}", e.at, printable(e.count.text), e.revision, e.how);
    if (e.how == "challenge")
      line += fmt::format(" '{}' by {}: {} ({})", printable(e.file), printable(e.by), printable(e.reason),
                          printable(e.source));
    else if (e.how == "correction")
      line += fmt::format(" by {}: {} ({})", printable(e.by), printable(e.reason), printable(e.source));
    else if (e.how == "note" || e.how == "signed off")
      line += fmt::format(" by {}{}{}", printable(e.by), e.reason.empty() ? "" : ": ", printable(e.reason));
    else if (e.how.ends_with(" retired") || e.how.ends_with(" restored"))
      line += fmt::format("{} by {}: {}", e.file.empty() ? std::string() : fmt::format(" '{}'", printable(e.file)),
                          printable(e.by), printable(e.reason));
    else if (e.how == "set aside")
      line += fmt::format(" from {}: {}", printable(e.file), printable(e.reason));
    else
      line += fmt::format(" of {}", printable(e.file));
    fmt::print("{}", wrapped(line));
    if (e.cells.empty()) continue;
    const bool first = e.how == "import" && !seen[e.count.text];
    seen[e.count.text] = true;
    std::vector<std::vector<std::string>> rows;
    for (const auto& cell : e.cells) {
      if (first)
        rows.push_back({printable(cell.field), shown(cell.after)});
      else
        rows.push_back({printable(cell.field), shown(cell.before), shown(cell.after)});
    }
    fmt::print("{}", first ? text_table({"field", "value>"}, std::move(rows))
                           : text_table({"field", "before>", "after>"}, std::move(rows)));
  }
  return {};
}

// Whether the chain has, or once had, the head that somebody kept.
void hold_against(const std::string& kept, CaseCheck& found) {
  for (const auto& [command, head] : found.heads)
    if (head == kept) {
      found.notes.push_back(
          fmt::format("the head that was given stood after command {} of {}", command, found.chain.commands));
      return;
    }
  found.problems.push_back(
      "the chain never had the head that was given: this is another case, or what came before that head was changed");
}

Result<bool> check(const std::string& case_path, const std::string& head, bool json) {
  COTEJO_TRY(file, CaseFile::open(case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(found, file.check());
  if (!head.empty()) hold_against(head, found);
  if (json) {
    fmt::print("{}\n", Json{{"whole", found.problems.empty()},
                            {"problems", found.problems},
                            {"notes", found.notes},
                            {"chain", {{"commands", found.chain.commands}, {"head", found.chain.head}}},
                            {"checked", found.checked}}
                           .dump(1, ' ', false, Json::error_handler_t::replace));
    return found.problems.empty();
  }
  for (const auto& what : found.checked) fmt::print("{}", wrapped("checked: " + printable(what, 300)));
  for (const auto& note : found.notes) fmt::print("{}", wrapped("note: " + printable(note, 300)));
  for (const auto& problem : found.problems) fmt::print("{}", wrapped("WRONG: " + printable(problem, 400)));
  if (found.chain.commands > 0) fmt::print("chain: {} commands, head {}\n", found.chain.commands, found.chain.head);
  fmt::print("{}\n", found.problems.empty() ? "The case is whole." : "The case is not as it was stored.");
  return found.problems.empty();
}

}  // namespace

CaseOptions case_options() {
  return {.notice = [](const std::string& text) { notice("cotejo: " + printable(text, 400)); }, .clock = {}};
}

void add_keep_commands(Program& program) {
  add_enter_command(program);
  const auto finish = [](const Result<void>& result) { return result ? static_cast<int>(done) : fail(result.error()); };

  auto* correct_command =
      program.cli.add_subcommand("correct", "Correct cells of a return: a new revision, with who and why");
  auto request = std::make_shared<Correct>();
  correct_command->add_option("case", request->case_path, "The case")->required();
  correct_command->add_option("count", request->count, "The count")->required();
  correct_command->add_option("--unit", request->unit, "The unit whose return is corrected");
  correct_command->add_option("--set", request->cells, "FIELD=VALUE; no value: missing");
  correct_command->add_option("--file", request->file, "CSV with the columns unit, field, value");
  correct_command->add_option("--by", request->by, "Who corrects")->required();
  correct_command->add_option("--reason", request->reason, "Why")->required();
  correct_command->add_option("--source", request->source, "Which document says so")->required();
  correct_command->footer(
      "Example:\n  cotejo correct bolivia.cotejo bo-2019/computo --unit 51546 --set MAS=120 \\\n    --by \"Electoral "
      "court\" --reason \"figures swapped\" --source \"Ruling 12\"");
  correct_command->callback(
      [&program, request, finish] { program.command = [request, finish] { return finish(correct(*request)); }; });

  struct Look {
    std::string case_path, unit, count, head;
    bool json = false;
    Format format = Format::text;
  };
  auto* history_command = program.cli.add_subcommand("history", "What became of one unit, revision by revision");
  auto look = std::make_shared<Look>();
  history_command->add_option("case", look->case_path, "The case")->required();
  history_command->add_option("unit", look->unit, "The unit's key")->required();
  history_command->add_option("--count", look->count, "Only this count");
  look->format = program.settings.format;
  add_format(*history_command, look->format);
  history_command->footer("Example:\n  cotejo history bolivia.cotejo 51546");
  history_command->callback([&program, look, finish] {
    program.command = [look, finish] {
      return finish(history(look->case_path, look->unit, look->count, look->format));
    };
  });

  auto* check_command = program.cli.add_subcommand(
      "check-case", "Whether a case is whole: its hash chain, references, revisions, tables");
  auto checked = std::make_shared<Look>();
  check_command->add_option("case", checked->case_path, "The case")->required();
  check_command->add_option("--head", checked->head,
                            "A head of the chain that was kept: 64 hexadecimal digits, as a dossier has it");
  check_command->add_flag("--json", checked->json, "As JSON on stdout");
  check_command->footer("Example:\n  cotejo check-case bolivia.cotejo");
  check_command->callback([&program, checked] {
    program.command = [checked]() -> int {
      const auto whole = check(checked->case_path, checked->head, checked->json);
      if (!whole) return fail(whole.error());
      return *whole ? done : bad_input;
    };
  });
}

}  // namespace cotejo::app

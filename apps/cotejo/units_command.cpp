// units: the units of a count that fulfil a condition, with their places and votes.
#include <fmt/format.h>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/engine/units_where.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

constexpr std::size_t rows_on_a_screen = 100;

struct Units {
  std::string case_path, count, against, columns;
  UnitsRequest request;
  Format format = Format::text;
};

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out;
  std::string word;
  for (const char c : list + ",") {
    if (c != ',') {
      word += c;
      continue;
    }
    if (const auto name = trimmed(word); !name.empty()) out.emplace_back(name);
    word.clear();
  }
  return out;
}

Result<void> show_units(Units asked, const Context& context) {
  COTEJO_TRY(file, CaseFile::open(asked.case_path, CaseFile::Mode::read, case_options()));
  if (asked.count.empty()) {
    COTEJO_TRY(only, default_count(file));
    asked.count = only;
  }
  COTEJO_TRY(count, file.load_count(asked.count));
  std::optional<Count> beside;
  if (!asked.against.empty()) {
    COTEJO_TRY(other, file.load_count(asked.against));
    beside = std::move(other);
    asked.request.beside = &*beside;
  }
  asked.request.columns = split(asked.columns);
  COTEJO_TRY(table, units_table(count, asked.request, context));
  fmt::print("{}", in_format(table, asked.format, Digits::grouped, rows_on_a_screen));
  if (asked.format == Format::text)
    fmt::print("{} of {} of {}\n", counted(table.rows.size(), "unit"),
               with_thousands(static_cast<long long>(count.units())), printable(count.id.text));
  return {};
}

}  // namespace

void add_units_command(Program& program) {
  auto asked = std::make_shared<Units>();
  asked->format = program.settings.format;
  auto* command = program.cli.add_subcommand("units", "The units of a count that fulfil a condition, with their votes");
  command->add_option("case", asked->case_path, "The case")->required();
  command->add_option("--count", asked->count, "The count; may be left out when the case has one, or one official")
      ->type_name("ID");
  command->add_option(
      "--where", asked->request.condition,
      "Which units, as in \"cast > registered\": SQL over unit, the levels of places, registered, cast, valid, "
      "blank, null, margin (first less second), fields and options; all when left out");
  command
      ->add_option("--against", asked->against,
                   "A second count of the same units: its columns are other:NAME, and `difference` is by how many "
                   "votes they differ")
      ->type_name("ID");
  command->add_option("--columns", asked->columns, "Which columns, as in unit,cast,registered; all when left out");
  command->add_option("--sort", asked->request.sort,
                      "In which order, as in \"margin DESC\"; that of the count when left out");
  command->add_option("--limit", asked->request.most, "At most so many units")->check(CLI::Range(0, 100'000'000));
  add_format(*command, asked->format);
  command->footer(
      "More: docs/command-line.md\n"
      "Example:\n  cotejo units bolivia.cotejo --where \"cast >= registered\"\n"
      "  cotejo units bolivia.cotejo --count bo-2019/computo --columns unit,registered,cast --sort \"cast DESC\" "
      "--limit 20\n"
      "  cotejo units bolivia.cotejo --against bo-2019/trep-1940 --where \"difference > 0\"\n"
      "  cotejo units bolivia.cotejo --format csv > units.csv");
  command->callback([&program, asked] {
    program.command = [&program, asked]() -> int {
      ProgressLine progress;
      const auto result = show_units(*asked, program.context(0, 1, progress));
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

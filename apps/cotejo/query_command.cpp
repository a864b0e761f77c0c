// query: one SELECT over a case, read-only and bounded.
#include <fmt/format.h>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/casefile/query_memory.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

constexpr std::size_t rows_on_a_screen = 100;

struct Query {
  std::string case_path, sql;
  QueryLimits limits;
  std::int64_t mebibytes = 512;
  Format format = Format::text;
};

Result<void> run_query(const Query& query, const std::stop_token& cancel) {
  count_query_memory();
  COTEJO_TRY(file, CaseFile::open(query.case_path, CaseFile::Mode::read, case_options()));
  if (query.sql.empty()) {
    COTEJO_TRY(names, file.queryable());
    if (query.format != Format::text) {
      fmt::print("{}", in_format(names, query.format));
      return {};
    }
    for (const auto& row : names.rows)
      fmt::print("{} \"{}\"\n{}", std::get<std::string>(row[1]), printable(std::get<std::string>(row[0])),
                 wrapped(printable(std::get<std::string>(row[2]), 4000), 4, line_width()));
    return {};
  }
  COTEJO_TRY(table, file.query(query.sql, query.limits, cancel));
  fmt::print("{}", in_format(table, query.format, Digits::plain, rows_on_a_screen));
  if (query.format == Format::text) fmt::print("{}\n", counted(table.rows.size(), "row"));
  return {};
}

}  // namespace

void add_query_command(Program& program) {
  auto query = std::make_shared<Query>();
  query->format = program.settings.format;
  auto* command = program.cli.add_subcommand("query", "One SELECT (SQL) over a case: read-only");
  command->add_option("case", query->case_path, "The case")->required();
  command->add_option("sql", query->sql, "The query (SQLite's SQL); when left out, what can be selected from");
  command->add_option("--seconds", query->limits.seconds, "Longest time")
      ->check(CLI::Range(0.001, 86400.0))
      ->capture_default_str();
  command->add_option("--memory", query->mebibytes, "Most memory, in MiB")
      ->check(CLI::Range(1, 1 << 20))
      ->capture_default_str();
  add_format(*command, query->format);
  command->footer(
      "The tables and views are those of docs/formats/case.md: a view named after each count.\n"
      "Example:\n  cotejo query bolivia.cotejo\n"
      "  cotejo query bolivia.cotejo 'SELECT count(*), sum(\"MAS\") FROM \"bo-2019/computo\"'\n"
      "  cotejo query bolivia.cotejo 'SELECT unit, \"MAS\" FROM \"bo-2019/computo\" ORDER BY 2 DESC LIMIT 5' --format "
      "csv");
  command->callback([&program, query] {
    program.command = [&program, query]() -> int {
      query->limits.memory = query->mebibytes << 20U;
      const auto result = run_query(*query, program.stop.token());
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

#include "commands.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "help.hpp"
#include "mistakes.hpp"

namespace cotejo::app {

namespace {

// Those of every command, before or behind its name.
void add_common_options(Program& program) {
  auto& cli = program.cli;
  cli.description("cotejo recounts a contested vote from its published returns and reports what holds.");
  cli.name("cotejo");
  cli.fallthrough();
  cli.set_help_flag("-h,--help", "This help; behind a command, that of the command");
  cli.set_version_flag("-V,--version", "cotejo " + program_version(), "The version of the program");
  cli.add_flag("-q,--quiet", program.quiet, "No progress and no notices on stderr, only errors");
  // Read before everything else (settings.hpp).
  cli.add_option("--config", program.config_file, "The configuration file, instead of ~/.config/cotejo/config.toml")
      ->option_text("FILE");
  cli.footer(
      "Example:\n"
      "  cotejo audit plans/bolivia-2019.toml --out out\n"
      "  cotejo import case.cotejo profiles/poland-2020-1.toml && cotejo count case.cotejo\n"
      "Exit codes: 0 done, 1 undetermined under --strict, 2 usage, 3 bad input, 4 internal, 5 stopped.");
}

int run(int argc, char** argv) {
  Program program;
  auto settings = read_settings(argc, argv);
  if (!settings) return fail(settings.error());
  program.settings = std::move(*settings);
  auto& cli = program.cli;
  add_common_options(program);
  cli.require_subcommand(1);
  add_dossier_commands(program);
  add_profile_command(program);
  add_keep_commands(program);
  add_note_commands(program);
  add_object_commands(program);
  add_export_command(program);
  add_case_commands(program);
  add_challenge_command(program);
  add_method_commands(program);
  add_serve_command(program);
  add_units_command(program);
  add_query_command(program);
  add_plan_command(program);
  add_help_commands(program);
  arrange_help(cli);
  if (argc < 2) {
    fmt::print(stderr, "{}", help_of(cli));
    return usage;
  }
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return cli.exit(e);  // help, the version
    return fail(explained(cli, e));
  }
  if (program.quiet) silence_notices();
  if (!program.command) return usage;
  // Only methods compute together; whatever else writes is for the first rank alone.
  const bool method =
      cli.got_subcommand("run") ||
      std::any_of(methods().begin(), methods().end(), [&](const auto& m) { return cli.got_subcommand(m.info.id); }) ||
      cli.got_subcommand("check");
  if (!program.ranks.first() && !method) return done;
  return program.command();
}

}  // namespace
}  // namespace cotejo::app

namespace cotejo::app {
namespace {

// A standard stream that was closed by whoever started the program would be the next file to be opened. In its place
// comes one on which reading or writing fails.
void occupy_standard_streams() {
  for (const int wanted : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(wanted, F_GETFD) < 0) (void)!open("/dev/null", wanted == STDIN_FILENO ? O_WRONLY : O_RDONLY);
}

// Progress and warnings that nobody can receive are no reason to end: stderr becomes a stream on which writing always
// succeeds.
void let_stderr_fail() {
  const cookie_io_functions_t functions{.read = nullptr,
                                        .write = [](void*, const char* text, std::size_t size) -> ssize_t {
                                          (void)!::write(STDERR_FILENO, text, size);
                                          return static_cast<ssize_t>(size);
                                        },
                                        .seek = nullptr,
                                        .close = nullptr};
  if (FILE* lenient = fopencookie(nullptr, "w", functions)) {
    setvbuf(lenient, nullptr, _IONBF, 0);
    stderr = lenient;
  }
}

// What was printed has reached its reader or file. A result that is cut short is an error.
int with_output_written(int code) {
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && !std::cout.flush().fail();
  if (written || code == internal) return code;
  return fail({.code = ErrorCode::file_write,
               .message = "the output could not be written whole",
               .remedy = "Is the disk full, or was the other end closed?"});
}

}  // namespace
}  // namespace cotejo::app

int main(int argc, char** argv) {
  cotejo::app::occupy_standard_streams();
  cotejo::app::let_stderr_fail();
  // Columns of one replicate are those of the next: kept, not handed back to the system and faulted in again (a third of
  // the time of the battery on 34,555 units).
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  try {
    return cotejo::app::with_output_written(cotejo::app::run(argc, argv));
  } catch (const std::exception& e) {
    if (std::ferror(stdout) != 0) return cotejo::app::with_output_written(cotejo::app::done);
    fmt::print(stderr, "cotejo: internal error: {}. Please report it with the command that caused it.\n", e.what());
    return cotejo::app::internal;
  }
}

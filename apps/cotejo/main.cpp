#include <fmt/format.h>
#include <malloc.h>

#include "commands.hpp"
#include "cotejo/dossier/dossier.hpp"

namespace cotejo::app {

unsigned default_threads() {
  return std::max(1U, std::thread::hardware_concurrency());
}

namespace {

int run(int argc, char** argv) {
  Program program;
  auto& cli = program.cli;
  cli.description("cotejo recounts a contested vote from its published returns and says what holds.");
  cli.name("cotejo");
  cli.set_version_flag("--version", "cotejo " + program_version());
  cli.require_subcommand(1);
  cli.footer(
      "Example:\n"
      "  cotejo audit plans/bolivia-2019.toml --out out\n"
      "  cotejo import case.cotejo profiles/poland-2020-1.toml && cotejo count case.cotejo\n"
      "Exit codes: 0 done, 1 undetermined under --strict, 2 usage, 3 bad input, 4 internal, 5 stopped.");
  add_dossier_commands(program);
  add_profile_command(program);
  add_keep_commands(program);
  add_export_command(program);
  add_case_commands(program);
  add_method_commands(program);
  add_serve_command(program);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = cli.exit(e);
    return code == 0 ? done : usage;
  }
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

int main(int argc, char** argv) {
  // Columns of one replicate are those of the next: kept, not handed back to the system and faulted in again (a third of
  // the time of the battery on 34,555 units).
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
  mallopt(M_TRIM_THRESHOLD, 512 << 20);
  try {
    return cotejo::app::run(argc, argv);
  } catch (const std::exception& e) {
    fmt::print(stderr, "cotejo: internal error: {}. Please report it with the command that caused it.\n", e.what());
    return cotejo::app::internal;
  }
}

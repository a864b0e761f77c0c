// Each group of commands adds its subcommands to the program. A command's callback leaves its exit code in
// `Program::code`.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/registry.hpp"
#include "session.hpp"

namespace cotejo::app {

struct Program {
  CLI::App cli;
  StopOnSignal stop;
  std::function<int()> command;  // what the command line asked for; run after parsing

  Context context(std::uint64_t seed, unsigned threads, ProgressLine& progress) const {
    return {.seed = seed, .threads = threads, .progress = std::ref(progress), .cancel = stop.token()};
  }
};

void add_case_commands(Program& program);     // import, list, challenge
void add_profile_command(Program& program);   // profile
void add_export_command(Program& program);    // export
void add_keep_commands(Program& program);     // correct, history, check-case
void add_method_commands(Program& program);   // run, methods, and one command per method
void add_dossier_commands(Program& program);  // audit, verify, simulate, keygen

unsigned default_threads();

// Notices of the case on stderr.
CaseOptions case_options();

// "NAME=VALUE" of --option. Errors: usage.
Result<OptionTexts> option_texts(const std::vector<std::string>& pairs);

}  // namespace cotejo::app

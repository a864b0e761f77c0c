// Each group of commands adds its subcommands to the program. A command's callback leaves its exit code in
// `Program::code`.
#pragma once

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/registry.hpp"
#include "ranks.hpp"
#include "session.hpp"
#include "settings.hpp"

namespace cotejo {
struct Profile;
}

namespace cotejo::app {

struct Program {
  CLI::App cli;
  StopOnSignal stop;
  Ranks ranks;
  Settings settings;
  bool quiet = false;
  std::string config_file;       // as given; `settings` is what it says
  std::function<int()> command;  // what the command line asked for; run after parsing

  Context context(std::uint64_t seed, unsigned threads, ProgressLine& progress) const {
    return {.seed = seed, .threads = threads, .progress = std::ref(progress), .cancel = stop.token()};
  }
  // The same, computing together with the other ranks.
  Context context_of_ranks(std::uint64_t seed, unsigned threads, ProgressLine& progress) const {
    Context out = context(seed, threads, progress);
    if (!ranks.first()) out.progress = {};
    out.rank = ranks.rank();
    out.ranks = ranks.size();
    out.add_over_ranks = Ranks::add;
    return out;
  }
};

void add_case_commands(Program& program);      // import, list
void add_challenge_command(Program& program);  // challenge add, list, retire, restore, rename
void add_profile_command(Program& program);    // profile
void add_export_command(Program& program);     // export
void add_keep_commands(Program& program);      // correct, history, check-case
void add_note_commands(Program& program);      // note, activity
void add_object_commands(Program& program);    // retire, restore, rename, revisions
void add_method_commands(Program& program);    // run, methods, and one command per method
void add_serve_command(Program& program);      // serve
void add_dossier_commands(Program& program);   // audit, verify, report, simulate, keygen
void add_units_command(Program& program);      // units
void add_query_command(Program& program);      // query
void add_plan_command(Program& program);       // plan
void add_help_commands(Program& program);      // help, completion, man
void add_completion_command(Program& program);
void add_man_command(Program& program);

// retire, restore, rename of objects of one kind, as actions of `parent`.
void add_changes_of(Program& program, CLI::App& parent, const std::string& kind,
                    const std::shared_ptr<std::string>& case_path);

// A file as the case keeps it, with its hash; `profile` read it, or nothing.
Result<SourceFile> source_of(const std::filesystem::path& file, const Profile* profile, const std::stop_token& cancel);

// Notices of the case on stderr.
CaseOptions case_options();

// "NAME=VALUE" of --option. Errors: usage.
Result<OptionTexts> option_texts(const std::vector<std::string>& pairs);

}  // namespace cotejo::app

// help: the help of the program, of a command, or of an action of a command.
#include <fmt/format.h>

#include "commands.hpp"
#include "help.hpp"
#include "mistakes.hpp"

namespace cotejo::app {

namespace {

int show_help(const CLI::App& cli, const std::vector<std::string>& topic) {
  const CLI::App* at = &cli;
  for (const auto& word : topic) {
    const CLI::App* next = nullptr;
    for (const auto* command : subcommands_of(*at))
      if (command->get_name() == word) next = command;
    if (!next) return fail(unknown_command(*at, word));
    at = next;
  }
  fmt::print("{}", help_of(*at));
  return done;
}

}  // namespace

void add_help_commands(Program& program) {
  auto topic = std::make_shared<std::vector<std::string>>();
  auto* command = program.cli.add_subcommand("help", "The help of a command");
  command->add_option("command", *topic,
                      "The command, and its action where it has several; all commands when left out");
  command->footer("Example:\n  cotejo help strike\n  cotejo help challenge add");
  command->callback(
      [&program, topic] { program.command = [&program, topic] { return show_help(program.cli, *topic); }; });
  add_completion_command(program);
  add_man_command(program);
}

}  // namespace cotejo::app

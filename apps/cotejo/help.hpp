// Help: the commands grouped by what a person wants to do, and one layout for the help of every command.
#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <utility>
#include <vector>

namespace cotejo::app {

// What a command belongs to, in the order in which `cotejo --help` has them; the commands of a group in theirs.
struct CommandGroup {
  std::string title;
  std::vector<std::string> commands;
};
const std::vector<CommandGroup>& command_groups();

// Puts every command of the program into its group and sets the layout of all help.
void arrange_help(CLI::App& cli);

// As `COMMAND --help` prints it.
std::string help_of(const CLI::App& command);

// The commands that help lists, by group.
std::vector<std::pair<std::string, std::vector<const CLI::App*>>> grouped_commands(const CLI::App& cli);

// Of an option or argument: its name with what it takes ("--format text|csv|md|json"), and its text with the default.
std::string label_of(const CLI::Option& option);
std::string text_of(const CLI::Option& option);

// "cotejo challenge CASE retire": the command with what stands before it.
std::string path_of(const CLI::App& command);
// "cotejo challenge CASE retire ID --by TEXT [OPTIONS]"
std::string usage_of(const CLI::App& command);

// In the order in which they were added, those of groups of alternatives among them.
std::vector<const CLI::Option*> arguments_of(const CLI::App& command);
std::vector<const CLI::Option*> options_of(const CLI::App& command);
// False for a flag.
bool takes_value(const CLI::Option& option);
// The words that an option or argument is restricted to; empty: any.
std::vector<std::string> choices_of(const CLI::Option& option);
// By name: the command's own subcommands.
std::vector<const CLI::App*> subcommands_of(const CLI::App& command);

}  // namespace cotejo::app

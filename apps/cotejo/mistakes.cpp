#include "mistakes.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/engine/registry.hpp"
#include "help.hpp"

namespace cotejo::app {

namespace {

// What the command line got to: the command, or the action of a command.
const CLI::App& reached(const CLI::App& cli) {
  const CLI::App* at = &cli;
  while (!at->get_subcommands().empty()) at = at->get_subcommands().front();
  return *at;
}

// "cotejo strike", for `cotejo help`.
std::string words_of(const CLI::App& command) {
  return command.get_parent() ? words_of(*command.get_parent()) + " " + command.get_name() : "cotejo help";
}

std::vector<std::string> names_of_options(const CLI::App& command) {
  std::vector<std::string> out;
  for (const CLI::App* at = &command; at; at = at->get_parent())
    for (const auto* option : options_of(*at)) {
      for (const auto& name : option->get_lnames()) out.push_back("--" + name);
      for (const auto& name : option->get_snames()) out.push_back("-" + name);
    }
  return out;
}

Error usage_error(std::string message, std::string value, std::string remedy) {
  return {
      .code = ErrorCode::usage, .message = std::move(message), .value = printable(value), .remedy = std::move(remedy)};
}

Error unknown_option(const CLI::App& cli, const CLI::App& command, const std::string& name) {
  const CLI::App* run = nullptr;
  for (const auto* other : subcommands_of(cli))
    if (other->get_name() == "run") run = other;
  const bool is_method = find_method(command.get_name()) || command.get_name() == "check";
  const auto of_methods = run ? names_of_options(*run) : std::vector<std::string>();
  const bool is_of_methods = std::find(of_methods.begin(), of_methods.end(), name) != of_methods.end();
  const auto see = fmt::format("See: {}", words_of(command));
  if (is_of_methods && is_method)
    return usage_error(fmt::format("method '{}' takes no {}", command.get_name(), name), "",
                       fmt::format("Leave it out. {}", see));
  const auto near = nearest_name(name, names_of_options(command));
  return usage_error(fmt::format("`{}` has no such option", command.get_parent() ? command.get_name() : "cotejo"), name,
                     near.empty() ? see : fmt::format("Did you mean '{}'?", near));
}

// CLI11: "--depth: unit not in {units,places}".
std::string nearest_choice(const std::string& message) {
  const auto colon = message.find(": "), braces = message.find(" not in {"), end = message.rfind('}');
  if (colon == std::string::npos || braces == std::string::npos || end == std::string::npos || braces < colon)
    return "";
  std::vector<std::string> choices;
  std::string word;
  for (const char c : message.substr(braces + 9, end - braces - 9) + ",")
    if (c == ',')
      choices.push_back(std::exchange(word, {}));
    else
      word += c;
  return nearest_name(message.substr(colon + 2, braces - colon - 2), choices);
}

}  // namespace

Error unknown_command(const CLI::App& cli, const std::string& name) {
  std::vector<std::string> names;
  for (const auto* command : subcommands_of(cli)) names.push_back(command->get_name());
  const auto near = nearest_name(name, names);
  return usage_error(cli.get_parent() ? fmt::format("`{}` has no such action", cli.get_name()) : "no such command",
                     name,
                     !near.empty()      ? fmt::format("Did you mean '{}'?", near)
                     : cli.get_parent() ? fmt::format("Actions: {}.", fmt::join(names, ", "))
                                        : "`cotejo help` lists the commands.");
}

Error explained(const CLI::App& cli, const CLI::ParseError& error) {
  const CLI::App& command = reached(cli);
  const auto rest = cli.remaining(true);
  const bool left_over = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError) ||
                         error.get_exit_code() == static_cast<int>(CLI::ExitCodes::RequiredError);
  if (left_over && !rest.empty()) {
    const auto option =
        std::find_if(rest.begin(), rest.end(), [](const auto& word) { return word.starts_with("-") && word != "--"; });
    if (option != rest.end()) return unknown_option(cli, command, option->substr(0, option->find('=')));
    if (!subcommands_of(command).empty()) return unknown_command(command, rest.front());
    return usage_error(fmt::format("`{}` takes no further argument", command.get_name()), rest.front(),
                       fmt::format("Usage: {}", usage_of(command)));
  }
  const std::string message = error.what();
  const auto near = nearest_choice(message);
  return usage_error(
      message, "",
      !near.empty() ? fmt::format("Did you mean '{}'?", near) : fmt::format("Usage: {}", usage_of(command)));
}

}  // namespace cotejo::app

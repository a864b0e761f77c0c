// completion: what a shell offers when Tab is pressed, from the same descriptions as the help.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "commands.hpp"
#include "cotejo/engine/shipped_files.hpp"
#include "help.hpp"

namespace cotejo::app {

namespace {

using Words = std::vector<std::string>;

// What stands behind an option, or in the place of an argument: one of these words, an id of the case, or anything (files).
struct Values {
  Words words{};
  std::string kind{};  // of the object whose id it is
  bool files = false;  // besides the words
  bool operator==(const Values&) const = default;
};

std::string kind_of(const CLI::App& command, const std::string& name) {
  static const std::map<std::string, std::string> kinds{
      {"--count", "count"},         {"--against", "count"},     {"--challenge", "challenge"}, {"--arrival", "arrival"},
      {"--crosswalk", "crosswalk"}, {"--assembly", "assembly"}, {"--finding", "finding"},     {"COUNT", "count"}};
  if (name == "ID" && command.get_parent()->get_name() == "challenge") return "challenge";
  const auto found = kinds.find(name);
  return found == kinds.end() ? "" : found->second;
}

Words method_ids() {
  Words out;
  for (const auto& method : methods()) out.push_back(method.info.id);
  return out;
}

Values values_of(const CLI::App& command, const CLI::Option& option) {
  const std::string name = option.get_positional() ? label_of(option) : "--" + option.get_lnames().front();
  Values out{.words = choices_of(option), .kind = kind_of(command, name)};
  if (name == "METHOD") out.words = method_ids();
  if (name == "PLAN") out = {.words = shipped_names(Shipped::plan), .kind = "", .files = true};
  if (name == "PROFILE") out = {.words = shipped_names(Shipped::profile), .kind = "", .files = true};
  out.files = out.files || (out.words.empty() && out.kind.empty());
  return out;
}

Words names_of(const CLI::Option& option) {
  Words out;
  for (const auto& name : option.get_snames()) out.push_back("-" + name);
  for (const auto& name : option.get_lnames()) out.push_back("--" + name);
  return out;
}

Words names_of_options(const CLI::App& command) {
  Words out;
  for (const CLI::App* at = &command; at; at = at->get_parent())
    for (const auto* option : options_of(*at))
      for (auto& name : names_of(*option)) out.push_back(std::move(name));
  out.emplace_back("--help");
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

Words names_of_commands(const CLI::App& command) {
  Words out;
  for (const auto* sub : subcommands_of(command)) out.push_back(sub->get_name());
  std::sort(out.begin(), out.end());
  return out;
}

// A word of a shell in single quotes.
std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

// Every command, and every action as "challenge add".
std::vector<std::pair<std::string, const CLI::App*>> all_commands(const CLI::App& cli) {
  std::vector<std::pair<std::string, const CLI::App*>> out;
  for (const auto* command : subcommands_of(cli)) {
    out.emplace_back(command->get_name(), command);
    for (const auto* action : subcommands_of(*command))
      out.emplace_back(command->get_name() + " " + action->get_name(), action);
  }
  return out;
}

// Options that take no value, in every command.
Words flags(const CLI::App& cli) {
  std::set<std::string> out;
  const auto add = [&](const CLI::App& command) {
    for (const auto* option : options_of(command))
      if (!takes_value(*option))
        for (const auto& name : names_of(*option)) out.insert(name);
  };
  add(cli);
  for (const auto& [name, command] : all_commands(cli)) add(*command);
  out.insert("--help");
  return {out.begin(), out.end()};
}

// ------------------------------------------------------------------------------------------------------------ bash

std::string bash_values(const Values& values) {
  if (!values.kind.empty()) return fmt::format("words=$(_cotejo_ids {})", values.kind);
  return fmt::format("words={}{}", in_quotes(fmt::format("{}", fmt::join(values.words, " "))),
                     values.files ? " files=1" : "");
}

std::string bash_command(const std::string& name, const CLI::App& command) {
  std::string out = fmt::format("    {})\n      options={}\n", in_quotes(name),
                                in_quotes(fmt::format("{}", fmt::join(names_of_options(command), " "))));
  std::string behind;
  for (const auto* option : options_of(command))
    if (takes_value(*option))
      behind += fmt::format("        {}) value=1 {} ;;\n", fmt::join(names_of(*option), "|"),
                            bash_values(values_of(command, *option)));
  if (!behind.empty()) out += fmt::format("      case $previous in\n{}      esac\n", behind);
  std::string places;
  const auto arguments = arguments_of(command);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const bool repeats = arguments[i]->get_expected_max() > 1;
    places += fmt::format("          {}) {} ;;\n", repeats ? "*" : std::to_string(i),
                          bash_values(values_of(command, *arguments[i])));
    if (repeats) break;
  }
  if (const auto actions = names_of_commands(command); !actions.empty())
    places += fmt::format("          {}) words={} ;;\n", arguments.size(),
                          in_quotes(fmt::format("{}", fmt::join(actions, " "))));
  if (!places.empty())
    out += fmt::format("      if [[ -z $value ]]; then\n        case $place in\n{}        esac\n      fi\n", places);
  return out + "      ;;\n";
}

std::string bash_script(const CLI::App& cli) {
  std::string cases = fmt::format("    '')\n      options={}\n      words={}\n      ;;\n",
                                  in_quotes(fmt::format("{}", fmt::join(names_of_options(cli), " "))),
                                  in_quotes(fmt::format("{}", fmt::join(names_of_commands(cli), " "))));
  std::string with_actions;
  for (const auto& [name, command] : all_commands(cli)) {
    cases += bash_command(name, *command);
    if (!subcommands_of(*command).empty()) with_actions += fmt::format("{}{}", with_actions.empty() ? "" : "|", name);
  }
  return fmt::format(R"sh(# bash completion for cotejo: cotejo completion bash

# The ids of one kind in the case that the command line names.
_cotejo_ids() {{
  local word kind id rest
  for word in "${{COMP_WORDS[@]}}"; do
    [[ $word == *.cotejo ]] || continue
    "${{COMP_WORDS[0]}}" list "$word" --format csv 2>/dev/null | while IFS=, read -r kind id rest; do
      [[ $kind == "$1" ]] && printf '%s ' "$id"
    done
    return
  done
}}

_cotejo() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}}
  local command='' action='' options='' words='' files='' value='' word i place=0
  for ((i = 1; i < COMP_CWORD; ++i)); do
    word=${{COMP_WORDS[i]}}
    case $word in
      {0}) ;;
      -*) ((++i)) ;;
      *)
        if [[ -z $command ]]; then
          command=$word
        else
          case $command in
            {1}) if ((place == 1)); then command="$command $word"; place=0; else ((++place)); fi ;;
            *) ((++place)) ;;
          esac
        fi
        ;;
    esac
  done
  case $command in
{2}  esac
  if [[ -z $value && $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
  else
    [[ -n $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    [[ -n $files ]] && mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _cotejo cotejo
)sh",
                     fmt::join(flags(cli), "|"), with_actions, cases);
}

// ------------------------------------------------------------------------------------------------------------- zsh

// A text inside the brackets and colons of _arguments.
std::string zsh_text(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_values(const Values& values) {
  if (!values.kind.empty()) return fmt::format("_cotejo_ids {}", values.kind);
  const auto words = fmt::format("{}", fmt::join(values.words, " "));
  if (values.words.empty()) return "_files";
  return values.files ? fmt::format("_cotejo_or_files {}", words) : fmt::format("({})", words);
}

std::string zsh_option(const CLI::App& command, const CLI::Option& option) {
  std::string out;
  for (const auto& name : names_of(option)) {
    const bool repeats = option.get_expected_max() > 1;
    std::string entry = fmt::format("{}{}[{}]", repeats ? "*" : "", name, zsh_text(option.get_description()));
    if (takes_value(option)) entry += fmt::format(":{}:{}", zsh_text(name), zsh_values(values_of(command, option)));
    out += fmt::format(" \\\n        {}", in_quotes(entry));
  }
  return out;
}

std::string zsh_arguments(const CLI::App& command) {
  std::string out = "_arguments -C";
  for (const CLI::App* at = &command; at; at = at->get_parent())
    for (const auto* option : options_of(*at)) out += zsh_option(command, *option);
  for (const auto* argument : arguments_of(command))
    out += fmt::format(" \\\n        {}", in_quotes(fmt::format("{}:{}:{}", argument->get_expected_max() > 1 ? "*" : "",
                                                                zsh_text(label_of(*argument)),
                                                                zsh_values(values_of(command, *argument)))));
  if (!subcommands_of(command).empty()) out += " \\\n        '*:: :->action'";
  return out;
}

std::string zsh_list(const CLI::App& command) {
  std::string out;
  for (const auto* sub : subcommands_of(command))
    out += fmt::format(" \\\n      {}", in_quotes(sub->get_name() + ":" + zsh_text(sub->get_description())));
  return out;
}

std::string zsh_script(const CLI::App& cli) {
  std::string cases;
  for (const auto* command : subcommands_of(cli)) {
    cases += fmt::format("    {})\n      {}\n", in_quotes(command->get_name()), zsh_arguments(*command));
    if (const auto actions = subcommands_of(*command); !actions.empty()) {
      cases +=
          "      [[ $state == action ]] || return\n      if ((CURRENT == 1)); then\n        local -a actions\n        "
          "actions=(" +
          zsh_list(*command) +
          ")\n        _describe action actions\n        return\n      fi\n      case $words[1] in\n";
      for (const auto* action : actions)
        cases += fmt::format("        {})\n      {} ;;\n", in_quotes(action->get_name()), zsh_arguments(*action));
      cases += "      esac\n";
    }
    cases += "      ;;\n";
  }
  std::string common;
  for (const auto* option : options_of(cli)) common += zsh_option(cli, *option);
  return fmt::format(R"sh(#compdef cotejo
# zsh completion for cotejo: cotejo completion zsh

_cotejo_case=
_cotejo_ids() {{
  local -a ids
  [[ -n $_cotejo_case ]] || return 1
  ids=(${{${{(M)${{(f)"$(cotejo list $_cotejo_case --format csv 2>/dev/null)"}}:#$1,*}}#$1,}})
  compadd -- ${{ids%%,*}}
}}

_cotejo_or_files() {{
  compadd -- "$@"
  _files
}}

_cotejo() {{
  local state curcontext=$curcontext
  local -a line commands
  _cotejo_case=${{words[(r)*.cotejo]}}
  _arguments -C{0} \
        '1: :->command' '*:: :->rest'
  if [[ $state == command ]]; then
    commands=({1})
    _describe command commands
    return
  fi
  [[ $state == rest ]] || return
  case $words[1] in
{2}  esac
}}

if [[ $funcstack[1] == _cotejo ]]; then
  _cotejo "$@"
else
  compdef _cotejo cotejo
fi
)sh",
                     common, zsh_list(cli), cases);
}

// ------------------------------------------------------------------------------------------------------------ fish

std::string fish_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += (c == '\'' || c == '\\') ? std::string("\\") + c : std::string(1, c);
  return out + "'";
}

std::string fish_values(const Values& values) {
  if (!values.kind.empty()) return fmt::format(" -x -a '(__cotejo_ids {})'", values.kind);
  if (values.words.empty()) return " -r -F";
  return fmt::format(" {} -a {}", values.files ? "-r -F" : "-x",
                     fish_quoted(fmt::format("{}", fmt::join(values.words, " "))));
}

std::string fish_option(const std::string& condition, const CLI::App& command, const CLI::Option& option) {
  std::string out = "complete -c cotejo" + condition;
  for (const auto& name : option.get_snames()) out += " -s " + name;
  for (const auto& name : option.get_lnames()) out += " -l " + name;
  if (takes_value(option)) out += fish_values(values_of(command, option));
  return out + " -d " + fish_quoted(option.get_description()) + "\n";
}

std::string fish_script(const CLI::App& cli) {
  std::string out = R"sh(# fish completion for cotejo: cotejo completion fish

# The words before the cursor that are neither options nor the program.
function __cotejo_words
    for word in (commandline -opc)[2..-1]
        string match -q -- '-*' $word; or echo $word
    end
end

function __cotejo_is
    set -l words (__cotejo_words)
    test "$words[1]" = "$argv[1]"; or return 1
    test (count $argv) -lt 2; or test "$words[3]" = "$argv[2]"
end

function __cotejo_needs_command
    test (count (__cotejo_words)) -eq 0
end

# A command with actions, its case named, no action yet.
function __cotejo_needs_action
    __cotejo_is $argv[1]; and test (count (__cotejo_words)) -eq 2
end

function __cotejo_ids
    set -l case (string match -- '*.cotejo' (commandline -opc))[1]
    test -n "$case"; and cotejo list $case --format csv 2>/dev/null | string replace -rf "^$argv[1],([^,]*),.*" '$1'
end

complete -c cotejo -n __cotejo_needs_command -f
)sh";
  for (const auto* option : options_of(cli)) out += fish_option("", cli, *option);
  for (const auto* command : subcommands_of(cli)) {
    out += fmt::format("complete -c cotejo -n __cotejo_needs_command -a {} -d {}\n", command->get_name(),
                       fish_quoted(command->get_description()));
    const auto condition = fmt::format(" -n '__cotejo_is {}'", command->get_name());
    for (const auto* option : options_of(*command)) out += fish_option(condition, *command, *option);
    for (const auto* argument : arguments_of(*command))
      if (const auto values = values_of(*command, *argument); !values.words.empty())
        out += fmt::format("complete -c cotejo{} -a {}\n", condition,
                           fish_quoted(fmt::format("{}", fmt::join(values.words, " "))));
    for (const auto* action : subcommands_of(*command)) {
      out += fmt::format("complete -c cotejo -n '__cotejo_needs_action {}' -f -a {} -d {}\n", command->get_name(),
                         action->get_name(), fish_quoted(action->get_description()));
      for (const auto* option : options_of(*action))
        out += fish_option(fmt::format(" -n '__cotejo_is {} {}'", command->get_name(), action->get_name()), *action,
                           *option);
    }
  }
  return out;
}

}  // namespace

void add_completion_command(Program& program) {
  auto shell = std::make_shared<std::string>();
  auto* command =
      program.cli.add_subcommand("completion", "A script that completes commands, options and ids in a shell");
  command->add_option("shell", *shell, "The shell")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer(
      "bash: source it from ~/.bashrc; zsh: write it as _cotejo into a folder of $fpath; fish: write it as\n"
      "~/.config/fish/completions/cotejo.fish. The Debian package brings all three.\n"
      "Example:\n  cotejo completion bash > cotejo.bash");
  command->callback([&program, shell] {
    program.command = [&program, shell]() -> int {
      const auto script = *shell == "bash"  ? bash_script(program.cli)
                          : *shell == "zsh" ? zsh_script(program.cli)
                                            : fish_script(program.cli);
      fmt::print("{}", script);
      return done;
    };
  });
}

}  // namespace cotejo::app

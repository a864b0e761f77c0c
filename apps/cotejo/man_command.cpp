// man: manual pages (man(7) macros) from the same descriptions as the help and from the registry of methods.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <sstream>

#include "commands.hpp"
#include "cotejo/base/durable_file.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "help.hpp"
#include "mistakes.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

// Text of a page: nothing in it is a request or an escape of roff.
std::string roff(std::string_view text) {
  std::string out;
  bool line_begins = true;
  for (const char c : text) {
    if (line_begins && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    line_begins = c == '\n';
  }
  return out;
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string bold(std::string_view text) {
  return fmt::format("\\fB{}\\fR", roff(text));
}

std::string entry(const std::string& label, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", bold(label), roff(text));
}

std::string options(const std::vector<const CLI::Option*>& all) {
  std::string out;
  for (const auto* option : all) out += entry(label_of(*option), text_of(*option));
  return out;
}

// What stands under "Example:" in a footer, and what before it.
std::pair<std::string, std::string> notes_and_examples(const std::string& footer) {
  std::string notes, examples, line;
  bool inside = false;
  std::istringstream in(footer);
  while (std::getline(in, line)) {
    if (line == "Example:")
      inside = true;
    else if (inside && line.starts_with("  "))
      examples += line.substr(2) + "\n";
    else if (!line.empty())
      notes += line + "\n";
  }
  return {notes, examples};
}

std::string description_of(const CLI::App& command) {
  std::string out = roff(command.get_description()) + "\n";
  const auto method = find_method(command.get_name() == "check" ? "arithmetic" : command.get_name());
  if (method && command.get_parent() && !command.get_parent()->get_parent()) {
    const auto& info = (*method)->info;
    if (info.question != command.get_description()) out += ".PP\n" + roff(info.question) + "\n";
    out += fmt::format(".PP\n{}\n", roff(info.title.english() + "."));
    for (const auto& [label, text] : {std::pair{"Assumes", info.assumes}, std::pair{"Cost", info.cost}})
      if (!text.empty()) out += entry(label, text);
    for (const auto& reference : info.references) out += entry("Source", reference);
    if (!info.see_also.empty()) out += entry("See also", fmt::format("{}", fmt::join(info.see_also, ", ")));
  }
  const auto notes = notes_and_examples(command.get_footer()).first;
  return notes.empty() ? out : out + ".PP\n" + roff(notes);
}

std::string examples_of(const CLI::App& command) {
  const auto examples = notes_and_examples(command.get_footer()).second;
  return examples.empty() ? std::string() : fmt::format(".SH EXAMPLES\n.EX\n{}.EE\n", roff(examples));
}

// SOURCE_DATE_EPOCH where it is set, so that a package is built twice to the same bytes; else today.
std::time_t date() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  return given ? static_cast<std::time_t>(std::strtoll(given, nullptr, 10)) : std::time(nullptr);
}

std::string head(const std::string& name, const std::string& description) {
  return fmt::format(".TH {} 1 {:%Y-%m-%d} \"cotejo {}\" \"User Commands\"\n.SH NAME\n{} \\- {}\n", upper(roff(name)),
                     fmt::gmtime(date()), program_version(), roff(name), roff(description));
}

std::string page_of(const CLI::App& command) {
  std::string out = head("cotejo-" + command.get_name(), command.get_description());
  out += fmt::format(".SH SYNOPSIS\n{}\n.SH DESCRIPTION\n{}", bold(usage_of(command)), description_of(command));
  if (const auto arguments = arguments_of(command); !arguments.empty()) out += ".SH ARGUMENTS\n" + options(arguments);
  if (const auto own = options_of(command); !own.empty()) out += ".SH OPTIONS\n" + options(own);
  if (const auto actions = subcommands_of(command); !actions.empty()) {
    out += ".SH ACTIONS\n";
    for (const auto* action : actions)
      out += fmt::format(".SS {}\n{}\n.PP\n{}\n{}{}", roff(action->get_name()), bold(usage_of(*action)),
                         roff(action->get_description()), options(arguments_of(*action)), options(options_of(*action)));
  }
  return out + examples_of(command) + ".SH SEE ALSO\n.BR cotejo (1)\n";
}

std::string main_page(const CLI::App& cli) {
  std::string out = head("cotejo", "recount a contested vote from its published returns");
  out +=
      fmt::format(".SH SYNOPSIS\n{}\n.SH DESCRIPTION\n{}\n.SH OPTIONS\n{}.SH COMMANDS\n",
                  bold("cotejo COMMAND [ARGUMENTS] [OPTIONS]"), roff(cli.get_description()), options(options_of(cli)));
  for (const auto& [title, commands] : grouped_commands(cli)) {
    out += fmt::format(".SS \"{}\"\n", roff(title));
    for (const auto* command : commands)
      out += entry("cotejo-" + command->get_name() + "(1)", command->get_description());
  }
  out += ".SH FILES\n" + entry("~/.config/cotejo/config.toml", "The configuration: data, threads, format.") +
         entry("/usr/share/cotejo", "Plans, profiles and tables of assemblies that come with the program.");
  out += ".SH ENVIRONMENT\n" + entry("COLUMNS", "The width of lines, in the place of the terminal's.") +
         entry("NO_COLOR", "No colour, whatever it is set to.") +
         entry("CLICOLOR_FORCE", "Colour also where the output is no terminal.") +
         entry("XDG_CONFIG_HOME", "Where the configuration lies, in the place of ~/.config.");
  out += ".SH EXIT STATUS\n" + entry("0", "Done.") +
         entry("1", "A required finding is \"undetermined\", with --strict.") + entry("2", "The command line is off.") +
         entry("3", "Bad input: nothing was written.") + entry("4", "A fault of the program.") +
         entry("5", "Stopped by the user: nothing was written.");
  return out + examples_of(cli);
}

Result<void> write_pages(const CLI::App& cli, const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  COTEJO_CHECK(replace_file(folder / "cotejo.1", main_page(cli)));
  for (const auto* command : subcommands_of(cli))
    COTEJO_CHECK(replace_file(folder / fmt::format("cotejo-{}.1", command->get_name()), page_of(*command)));
  return {};
}

int show_page(const CLI::App& cli, const std::string& name, const std::string& folder) {
  if (!folder.empty()) {
    const auto written = write_pages(cli, folder);
    return written ? static_cast<int>(done) : fail(written.error());
  }
  if (name.empty()) {
    fmt::print("{}", main_page(cli));
    return done;
  }
  for (const auto* command : subcommands_of(cli))
    if (command->get_name() == name) {
      fmt::print("{}", page_of(*command));
      return done;
    }
  return fail(unknown_command(cli, name));
}

}  // namespace

void add_man_command(Program& program) {
  struct Man {
    std::string name, folder;
  };
  auto asked = std::make_shared<Man>();
  auto* command = program.cli.add_subcommand("man", "The manual page of a command, for `man -l`");
  command->add_option("command", asked->name, "The command; the page of the program when left out");
  command->add_option("--out", asked->folder, "Write every page into this folder")->type_name("FOLDER");
  command->footer("Example:\n  cotejo man strike > cotejo-strike.1\n  cotejo man --out man1");
  command->callback([&program, asked] {
    program.command = [&program, asked] { return show_page(program.cli, asked->name, asked->folder); };
  });
}

}  // namespace cotejo::app

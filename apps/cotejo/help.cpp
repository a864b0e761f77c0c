#include "help.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cotejo/base/text.hpp"
#include "cotejo/engine/registry.hpp"
#include "print.hpp"
#include "terminal.hpp"

namespace cotejo::app {

namespace {

// Titles for the families of methods; the methods themselves come from the registry.
const std::vector<std::pair<std::string, std::string>> families{
    {"tally", "Recount: the outcome, and what an objection changes"},
    {"checks", "Do the returns add up, and do two counts agree?"},
    {"review", "Are the units objected to unusual?"},
    {"dispute", "Contested ballots, sheets and copies"},
    {"arrival", "The late count"},
    {"forensics", "Patterns in the figures"},
    {"mixture", "Mixture models"},
    {"assembly", "The vote of an assembly"}};

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

// Names on the left, texts on the right, broken at the width of the terminal.
std::string two_columns(const Rows& all) {
  const std::size_t most = line_width() < 70 ? 18 : 26;
  std::size_t left = 0;
  for (const auto& [name, text] : all)
    if (display_width(name) <= most) left = std::max(left, display_width(name));
  std::string out;
  for (const auto& [name, text] : all) {
    std::string body = wrapped(text, left + 4, std::min<std::size_t>(line_width(), 110));
    const std::string head = "  " + name;
    if (display_width(name) <= left && body.size() > left + 4)
      out += head + body.substr(display_width(head));
    else
      out += head + "\n" + body;
  }
  return out;
}

std::string section(const std::string& title, const Rows& all) {
  return all.empty() ? std::string()
                     : fmt::format("\n{}\n{}", styled(Style::heading, title.ends_with('?') ? title : title + ":"),
                                   two_columns(all));
}

class Layout : public CLI::Formatter {
 public:
  std::string make_help(const CLI::App* app, std::string, CLI::AppFormatMode) const override {
    std::string out = wrapped(app->get_description());
    out += fmt::format("\n{}", wrapped("Usage: " + usage_of(*app), 0, line_width()));
    Rows lines;
    for (const auto* option : arguments_of(*app)) lines.emplace_back(label_of(*option), text_of(*option));
    out += section("Arguments", lines);
    for (const auto& [title, commands] : grouped_commands(*app)) {
      lines.clear();
      for (const auto* command : commands) lines.emplace_back(command->get_name(), command->get_description());
      out += section(title, lines);
    }
    for (const auto& [title, options] : grouped_options(*app)) {
      lines.clear();
      for (const auto* option : options) lines.emplace_back(label_of(*option), text_of(*option));
      out += section(title, lines);
    }
    if (!app->get_footer().empty()) out += "\n" + app->get_footer() + "\n";
    if (app->get_parent()) out += "\nOptions of every command: cotejo help\n";
    return out;
  }

 private:
  // The method's own first, those that every method has last.
  static std::vector<std::pair<std::string, std::vector<const CLI::Option*>>> grouped_options(const CLI::App& app) {
    std::vector<std::pair<std::string, std::vector<const CLI::Option*>>> out;
    for (const auto* option : options_of(app)) {
      const auto group = option->get_group();
      auto there = std::find_if(out.begin(), out.end(), [&](const auto& entry) { return entry.first == group; });
      if (there == out.end()) there = out.insert(out.end(), {group, {}});
      there->second.push_back(option);
    }
    std::stable_partition(out.begin(), out.end(), [](const auto& entry) { return entry.first != "Options"; });
    return out;
  }
};

// What CLI11 shows of the restriction of a value: "{a,b}" or "INT in [2 - 64]".
std::string between(const std::string& text, char open, char close) {
  const auto begin = text.find(open), end = text.rfind(close);
  return begin == std::string::npos || end == std::string::npos || end < begin
             ? std::string()
             : text.substr(begin + 1, end - begin - 1);
}

}  // namespace

const std::vector<CommandGroup>& command_groups() {
  static const std::vector<CommandGroup> all = [] {
    std::vector<CommandGroup> out{
        {"Read published files into a case", {"profile", "import", "list", "serve"}},
        {"Look at returns", {"check", "units", "query", "history", "export"}},
        {"Object, correct, keep",
         {"challenge", "enter", "correct", "note", "retire", "restore", "rename", "revisions", "activity",
          "check-case"}},
        {"Write a report that anyone can check", {"plan", "audit", "report", "verify", "keygen"}},
    };
    for (const auto& [family, title] : families) {
      CommandGroup group{title, {}};
      for (const auto& method : methods())
        if (method.info.family == family) group.commands.push_back(method.info.id);
      out.push_back(std::move(group));
    }
    out.push_back({"Methods, in general", {"methods", "run", "simulate"}});
    out.push_back({"Help", {"help", "completion", "man"}});
    return out;
  }();
  return all;
}

std::string help_of(const CLI::App& command) {
  // CLI11's help() is that of the command that was parsed, whichever it is asked of.
  return command.get_formatter()->make_help(&command, "", CLI::AppFormatMode::Normal);
}

void arrange_help(CLI::App& cli) {
  const auto layout = std::make_shared<Layout>();
  cli.formatter(layout);
  for (auto* command : cli.get_subcommands({})) {
    command->formatter(layout);
    for (auto* action : command->get_subcommands({})) action->formatter(layout);
    for (const auto& group : command_groups())
      if (std::find(group.commands.begin(), group.commands.end(), command->get_name()) != group.commands.end())
        command->group(group.title);
  }
}

std::vector<std::pair<std::string, std::vector<const CLI::App*>>> grouped_commands(const CLI::App& cli) {
  std::vector<std::pair<std::string, std::vector<const CLI::App*>>> out;
  const auto all = subcommands_of(cli);
  if (all.empty()) return out;
  if (cli.get_parent()) return {{"Actions", all}};
  for (const auto& group : command_groups()) {
    std::vector<const CLI::App*> there;
    for (const auto& name : group.commands)
      for (const auto* command : all)
        if (command->get_name() == name) there.push_back(command);
    if (!there.empty()) out.emplace_back(group.title, std::move(there));
  }
  // One that nobody gave a group is listed all the same.
  std::vector<const CLI::App*> others;
  for (const auto* command : all)
    if (std::none_of(out.begin(), out.end(), [&](const auto& group) {
          return std::count(group.second.begin(), group.second.end(), command) > 0;
        }))
      others.push_back(command);
  if (!others.empty()) out.emplace_back("Other", std::move(others));
  return out;
}

std::vector<const CLI::App*> subcommands_of(const CLI::App& command) {
  return command.get_subcommands(
      [](const CLI::App* sub) { return !sub->get_name().empty() && !sub->get_group().empty(); });
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) { return option->get_positional(); });
}

std::vector<const CLI::Option*> options_of(const CLI::App& command) {
  const auto listed = [&](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty() &&
           (!command.get_parent() || option != command.get_help_ptr());
  };
  auto out = command.get_options(listed);
  for (const auto* alternatives : command.get_subcommands([](const CLI::App* sub) { return sub->get_name().empty(); }))
    for (const auto* option : alternatives->get_options(listed)) out.push_back(option);
  return out;
}

bool takes_value(const CLI::Option& option) {
  return option.get_items_expected_max() > 0;
}

std::vector<std::string> choices_of(const CLI::Option& option) {
  std::vector<std::string> out;
  const bool listed = option.get_option_text().find('|') != std::string::npos;
  const std::string all = listed ? option.get_option_text() : between(option.get_type_name(), '{', '}');
  if (all.empty()) return out;
  std::string word;
  for (const char c : all + ",") {
    if (c != ',' && c != '|') {
      word += c;
      continue;
    }
    if (!word.empty()) out.push_back(word);
    word.clear();
  }
  return out;
}

std::string label_of(const CLI::Option& option) {
  if (option.get_positional()) return upper(option.get_name(true, false));
  std::string out = option.get_name(false, true);
  if (const auto comma = out.find(','); comma != std::string::npos) out.insert(comma + 1, " ");
  if (!takes_value(option)) return out;
  if (!option.get_option_text().empty()) return out + " " + option.get_option_text();
  if (const auto choices = choices_of(option); !choices.empty())
    return fmt::format("{} {}", out, fmt::join(choices, "|"));
  const auto type = option.get_type_name();
  const auto name = type.substr(0, type.find(':'));
  return out + " " + (name == "INT" || name == "UINT" || name == "FLOAT" ? "N" : name.empty() ? "TEXT" : name);
}

std::string text_of(const CLI::Option& option) {
  std::string out = option.get_description();
  std::vector<std::string> notes;
  if (option.get_positional())
    if (const auto choices = choices_of(option); !choices.empty())
      notes.push_back(fmt::format("{}", fmt::join(choices, ", ")));
  if (auto range = between(option.get_type_name(), '[', ']'); !range.empty()) {
    if (const auto dash = range.find(" - "); dash != std::string::npos) range.replace(dash, 3, " to ");
    notes.push_back(range);
  }
  if (!option.get_default_str().empty()) notes.push_back("default: " + option.get_default_str());
  if (option.get_required() && option.nonpositional()) notes.emplace_back("required");
  return notes.empty() ? out : fmt::format("{} [{}]", out, fmt::join(notes, "; "));
}

std::string path_of(const CLI::App& command) {
  if (!command.get_parent()) return command.get_name();
  std::string out = path_of(*command.get_parent());
  for (const auto* option : arguments_of(*command.get_parent())) out += " " + label_of(*option);
  return out + " " + command.get_name();
}

std::string usage_of(const CLI::App& command) {
  std::string out = path_of(command);
  for (const auto* option : arguments_of(command)) {
    std::string name = label_of(*option);
    if (option->get_expected_max() > 1) name += "...";
    out += option->get_required() ? " " + name : " [" + name + "]";
  }
  if (const auto actions = subcommands_of(command); !actions.empty())
    return out + (command.get_parent() ? " ACTION" : " COMMAND") + " ...";
  bool others = false;
  for (const auto* option : options_of(command)) {
    if (option->get_required()) out += " " + label_of(*option);
    others = others || !option->get_required();
  }
  return out + (others ? " [OPTIONS]" : "");
}

}  // namespace cotejo::app

// run, methods, and one command per method of the registry: one path through the code.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <toml++/toml.h>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/engine/registry.hpp"
#include "cotejo/engine/row_log.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "cotejo/intake/rule_reader.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

struct Run {
  std::string case_path, method, count, assembly, roll_call, crosswalk, rule, resume;
  std::vector<std::string> against, arrivals, challenges, options;
  std::uint64_t seed = 0;
  unsigned threads = 1;
  bool strict = false, save = false;
  Format format = Format::text;
  std::string language = "en";
  std::string table;  // of those of the finding, as CSV
  // Of methods that run long: when to stop, where to keep the draws and a state to go on from.
  double minutes = 0;
  std::int64_t chains = 0;
  std::string draws, checkpoint;
};

// Written beside its place and moved there, so that a reader never sees half of it.
Result<void> write_whole(const std::string& path, std::string_view bytes) {
  const std::string part = path + ".part";
  std::ofstream out(part, std::ios::binary);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(part, path, failed);
  if (!out || failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the file cannot be written",
                 .file = path,
                 .remedy = "Name a folder that exists and has room."};
  return {};
}

constexpr std::uint64_t largest_rule = 1u << 20, largest_checkpoint = 1u << 30;

Result<Rule> rule_from(const std::string& path) {
  COTEJO_TRY(text, read_regular(path, largest_rule));
  COTEJO_TRY(table, parse_toml(text, path, "docs/formats/rule.md"));
  const auto* rule = table["rule"].as_table();
  if (!rule)
    return Error{.code = ErrorCode::profile_invalid,
                 .message = "the file has no [rule]",
                 .file = path,
                 .remedy = "See docs/formats/rule.md."};
  return parse_rule(*rule, path);
}

bool has_option(const MethodEntry& method, std::string_view option) {
  return std::any_of(method.options.begin(), method.options.end(), [&](const auto& o) { return o.name == option; });
}

// Of what the registry does not see: the rule that stands in the case's place, and what only long runs have.
Result<void> refuse_surplus(const MethodEntry& method, const Run& request) {
  const std::pair<bool, std::string_view> surplus[] = {
      {!request.rule.empty() && !method.takes_rule, "--rule"},
      {!request.roll_call.empty() && !has_option(method, "roll_call"), "--roll-call"},
      {!request.resume.empty() && !method.keeps_rows, "--resume"},
      {request.minutes > 0 && !method.takes_control, "--minutes"},
      {request.chains > 0 && !method.takes_control, "--chains"},
      {!request.draws.empty() && !method.takes_control, "--draws"},
      {!request.checkpoint.empty() && !method.takes_control, "--checkpoint"}};
  for (const auto& [given, option] : surplus)
    if (given)
      return Error{
          .code = ErrorCode::usage,
          .message = fmt::format("method '{}' takes no {}", request.method, option),
          .remedy = fmt::format("Leave it out; `cotejo methods {}` lists what the method takes.", request.method)};
  return {};
}

Result<Finding> compute(const Run& request, const Context& context) {
  COTEJO_TRY(method, find_method(request.method));  // before anything is opened
  COTEJO_CHECK(refuse_surplus(*method, request));
  COTEJO_TRY(options, option_texts(request.options));
  if (!request.roll_call.empty()) options.emplace_back("roll_call", request.roll_call);
  COTEJO_TRY(file, CaseFile::open(request.case_path,
                                  request.save && context.rank == 0 ? CaseFile::Mode::write : CaseFile::Mode::read,
                                  case_options()));
  COTEJO_TRY(inputs, load_inputs(file, {.method = request.method,
                                        .count = request.count,
                                        .assembly = request.assembly,
                                        .crosswalk = request.crosswalk,
                                        .against = request.against,
                                        .arrivals = request.arrivals,
                                        .challenges = request.challenges,
                                        .options = {}}));
  if (!request.rule.empty()) {
    COTEJO_TRY(rule, rule_from(request.rule));
    inputs.rule = std::move(rule);
  }
  RunControl control;
  std::optional<Error> not_written;
  if (inputs.method->takes_control) {
    if (request.chains > 0) options.emplace_back("chains", std::to_string(request.chains));
    if (request.minutes > 0) {
      const auto end =
          std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                                                 std::chrono::duration<double>(60 * request.minutes));
      control.out_of_time = [end] { return std::chrono::steady_clock::now() >= end; };
    }
    if (!request.draws.empty() || !request.checkpoint.empty())
      control.keep = [&](std::string_view name, std::string_view bytes) {
        const std::string& path = name == "checkpoint" ? request.checkpoint : request.draws;
        if (path.empty() || not_written) return;
        if (auto written = write_whole(path, bytes); !written) not_written = written.error();
      };
    if (!request.checkpoint.empty() && std::filesystem::exists(request.checkpoint)) {
      COTEJO_TRY(kept, read_regular(request.checkpoint, largest_checkpoint));
      control.checkpoint = std::move(kept);
    }
  }
  MethodInputs view = inputs.view();
  view.resume = request.resume;
  if (inputs.method->takes_control) view.control = &control;
  COTEJO_TRY(finding, inputs.method->run(view, options, context));
  if (not_written) return *not_written;
  if (request.save && context.rank == 0)
    COTEJO_CHECK(file.transact("run " + request.method, [&] { return file.add_finding(finding); }));
  return std::move(finding);
}

// The table that --table names; else the first one that has rows, else the figures.
Result<Table> chosen_table(const Finding& finding, const std::string& name) {
  std::vector<std::string> names{"figures"};
  for (const auto& table : finding.tables) {
    names.push_back(table.id);
    if (name.empty() ? !table.rows.empty() : name == table.id) return table;
  }
  if (name.empty() || name == "figures") return figures_of(finding);
  const auto near = nearest_name(name, names);
  return Error{.code = ErrorCode::usage,
               .message = "the finding has no such table",
               .value = printable(name),
               .remedy = near.empty() ? fmt::format("It has: {}.", fmt::join(names, ", "))
                                      : fmt::format("Did you mean '{}'?", near)};
}

Result<void> print_finding(const Finding& finding, const Run& request) {
  if (!request.table.empty() || request.format == Format::csv) {
    COTEJO_TRY(table, chosen_table(finding, request.table));
    fmt::print("{}", in_format(table, request.format));
    return {};
  }
  fmt::print("{}", request.format == Format::json       ? to_json(finding).dump(1) + "\n"
                   : request.format == Format::markdown ? markdown(finding)
                                                        : plain(finding, request.language));
  return {};
}

int run(Program& program, const Run& request) {
  if (!request.resume.empty()) program.stop.take_your_time();  // the rows being computed are kept too
  auto finding = [&] {
    ProgressLine progress;
    return compute(request, program.context_of_ranks(request.seed, request.threads, progress));
  }();
  if (finding && !request.resume.empty()) remove_rows(request.resume);
  if (!program.ranks.first()) return finding ? static_cast<int>(done) : exit_code_of(finding.error().code);
  if (!finding) return fail(kept_rows(finding.error(), request.resume));
  if (auto printed = print_finding(*finding, request); !printed) return fail(printed.error());
  return request.strict && finding->answer == Answer::undetermined ? undetermined : done;
}

// What a method needs, on the case of the founding election.
std::string example_of(const MethodEntry& method) {
  if (method.takes_assembly)
    return method.info.id == "recount" ? "oas.cotejo --roll-call GA50-2020-10-21" : "oas.cotejo";
  std::string out = "bolivia.cotejo --count bo-2019/computo";
  if (method.info.id == "contested-ballots") return out + " --option ballots=500 --option contested=at-random";
  if (method.takes_other) out += " --against bo-2019/trep-1940";
  if (method.takes_others) out += " --against bo-2019/trep-1940";
  if (method.needs_challenges) out += " --challenge oas-226";
  return out;
}

// Of methods that run long.
void add_control_options(CLI::App& command, Run& request) {
  command.add_option("--chains", request.chains, "How many chains (the method's option `chains`)")
      ->check(CLI::Range(2, 64));
  command
      .add_option("--minutes", request.minutes,
                  "Stop after this time, at the end of a block of iterations, and say what has not converged")
      ->check(CLI::Range(0.01, 1e6));
  command.add_option("--draws", request.draws,
                     "Write the draws to this CSV (.chain, .iteration, .draw, then one column a quantity)");
  command.add_option("--checkpoint", request.checkpoint,
                     "Keep the state of the chains in this file and go on from it when it is there");
}

// What the method takes; everything where the method is named on the command line.
void add_input_options(CLI::App& command, Run& request, const MethodEntry* method) {
  const bool any = method == nullptr;
  std::vector<CLI::Option*> added;
  const auto add = [&](bool takes, const char* name, auto& value, const char* text) {
    if (takes) added.push_back(command.add_option(name, value, text)->type_name("ID"));
  };
  add(any || !method->takes_assembly, "--count", request.count,
      "The count; may be left out when the case has one, or one official");
  add(any || method->takes_assembly, "--assembly", request.assembly,
      "The assembly; may be left out when the case has one");
  add(any || has_option(*method, "roll_call"), "--roll-call", request.roll_call, "The vote (the option roll_call)");
  add(any || method->takes_other || method->takes_others, "--against", request.against,
      any || method->takes_others
          ? "The second count; several for methods of the late count: its snapshots, other elections"
          : "The second count");
  add(any || method->takes_arrivals, "--arrival", request.arrivals,
      "When units were published; may be given several times");
  add(any || method->takes_challenges, "--challenge", request.challenges, "A challenge; may be given several times");
  add(any || method->takes_crosswalk, "--crosswalk", request.crosswalk, "A crosswalk of codes, which links places");
  if (any || method->takes_rule)
    added.push_back(command
                        .add_option("--rule", request.rule,
                                    "A TOML file with a [rule], instead of the one that came with the count")
                        ->type_name("FILE"));
  for (auto* option : added) option->group("Takes");
}

std::string dashed(std::string name) {
  std::replace(name.begin(), name.end(), '_', '-');
  return "--" + name;
}

// Every option of the method under its own name: the same as --option NAME=VALUE.
void add_own_options(CLI::App& command, Run& request, const MethodEntry& method) {
  for (const auto& o : method.options) {
    const auto name = dashed(o.name);
    if (command.get_option_no_throw(name)) continue;  // --roll-call, --chains, --option
    std::string text = o.text;
    if (std::isfinite(o.low) && std::isfinite(o.high)) text += fmt::format(" From {} to {}.", o.low, o.high);
    auto* option =
        command
            .add_option_function<std::string>(
                name,
                [&request, id = o.name](const std::string& value) { request.options.push_back(id + "=" + value); },
                text)
            ->group("Options of the method")
            ->default_str(to_text(o.initial));
    if (!o.choices.empty())
      option->option_text(fmt::format("{}", fmt::join(o.choices, "|")));
    else if (std::holds_alternative<bool>(o.initial))
      option->option_text("yes|no");
    else
      option->type_name(std::holds_alternative<std::string>(o.initial) ? "TEXT" : "N");
  }
}

void add_run_options(CLI::App& command, Run& request, const MethodEntry* method) {
  add_input_options(command, request, method);
  const bool any = method == nullptr;
  if (any || method->takes_control) add_control_options(command, request);
  if (any)
    command.add_option("--option", request.options, "NAME=VALUE, an option of the method; may be given several times");
  command.add_option("--seed", request.seed, "Seed of the random numbers")->capture_default_str();
  command.add_option("--threads", request.threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  if (any || method->keeps_rows)
    command.add_option("--resume", request.resume,
                       "A file to keep what was computed in; after an interruption the same command goes on from it; "
                       "removed at the end");
  add_format(command, request.format);
  command
      .add_option("--language", request.language,
                  "The language of the finding's texts; a text without one in it is in English")
      ->check(CLI::IsMember(languages()))
      ->envname("COTEJO_LANGUAGE")
      ->capture_default_str();
  command.add_option("--table", request.table,
                     "One table of the finding alone; --format csv has the first one without this");
  command.add_flag("--strict", request.strict, "Exit code 1 when the answer is \"undetermined\"");
  command.add_flag("--save", request.save, "Keep the finding in the case");
  if (any || method->options.empty()) return;
  command.add_option("--option", request.options, "NAME=VALUE: another way to give these options")
      ->group("Options of the method");
  add_own_options(command, request, *method);
}

Table list_of_methods() {
  Table out{.id = "methods", .title = "", .columns = {{"family"}, {"method"}, {"question"}}, .rows = {}};
  for (const auto& m : methods()) out.rows.push_back({m.info.family, m.info.id, m.info.question});
  return out;
}

Result<void> show_methods(const std::string& id, Format format) {
  if (id.empty()) {
    if (format == Format::json) {
      auto all = nlohmann::ordered_json::array();
      for (const auto& m : methods()) all.push_back(to_json(m));
      fmt::print("{}\n", all.dump(1));
      return {};
    }
    fmt::print("{}", in_format(list_of_methods(), format));
    return {};
  }
  COTEJO_TRY(m, find_method(id));
  if (format == Format::json) {
    fmt::print("{}\n", to_json(*m).dump(1));
    return {};
  }
  fmt::print("{} ({}): {}\n{}", m->info.id, m->info.family, m->info.title, wrapped(m->info.question, 2));
  fmt::print("{}{}{}", wrapped("Takes: " + takes(*m)), wrapped("Assumes: " + m->info.assumes.english()),
             wrapped("Cost: " + m->info.cost.english()));
  for (const auto& reference : m->info.references) fmt::print("{}", wrapped("Source: " + reference));
  if (!m->info.see_also.empty())
    fmt::print("{}", wrapped(fmt::format("See also: {}", fmt::join(m->info.see_also, ", "))));
  if (!m->options.empty()) {
    fmt::print("Options (--NAME VALUE, or --option NAME=VALUE):\n");
    for (const auto& o : m->options) {
      std::string bounds = o.choices.empty() ? "" : fmt::format(" One of: {}.", fmt::join(o.choices, ", "));
      if (std::isfinite(o.low) && std::isfinite(o.high)) bounds = fmt::format(" From {} to {}.", o.low, o.high);
      fmt::print("  {} = {}{}\n{}", o.name, to_text(o.initial).empty() ? "\"\"" : to_text(o.initial),
                 o.unit.empty() ? "" : fmt::format("  ({})", o.unit), wrapped(o.text + bounds, 6));
    }
  }
  fmt::print("More: docs/methods/{}.md\n", m->info.id);
  return {};
}

}  // namespace

Result<OptionTexts> option_texts(const std::vector<std::string>& pairs) {
  OptionTexts out;
  for (const auto& pair : pairs) {
    const auto at = pair.find('=');
    if (at == std::string::npos)
      return Error{.code = ErrorCode::usage,
                   .message = "expected --option NAME=VALUE",
                   .value = pair,
                   .remedy = "`cotejo methods METHOD` and `cotejo simulate --help` list the options."};
    out.emplace_back(pair.substr(0, at), pair.substr(at + 1));
  }
  return out;
}

void add_method_commands(Program& program) {
  const auto add = [&program](const std::string& name, const std::string& text, const std::string& method) {
    auto request = std::make_shared<Run>();
    request->threads = program.settings.threads;
    request->language = program.settings.language;
    request->format = program.settings.format;
    auto* command = program.cli.add_subcommand(name, text);
    command->add_option("case", request->case_path, "The case")->required();
    if (method.empty())
      command->add_option("method", request->method, "A method's id; `cotejo methods` lists them")->required();
    else
      request->method = method;
    const MethodEntry* entry = method.empty() ? nullptr : *find_method(method);
    add_run_options(*command, *request, entry);
    command->footer(entry ? fmt::format("More: cotejo methods {0}, docs/methods/{0}.md\nExample:\n  cotejo {1} {2}",
                                        method, name, example_of(*entry))
                          : "Example:\n  cotejo run bolivia.cotejo strike --count bo-2019/computo --challenge oas-226");
    command->callback(
        [&program, request] { program.command = [&program, request] { return run(program, *request); }; });
  };
  add("run", "Run a method on a count or an assembly of a case", "");
  for (const auto& m : methods()) add(m.info.id, m.info.question, m.info.id);
  add("check", "Does every return add up? Rows set aside are shown too (the method `arithmetic`)", "arithmetic");

  auto* methods_command = program.cli.add_subcommand("methods", "What each method asks, takes, assumes and costs");
  auto id = std::make_shared<std::string>();
  auto format = std::make_shared<Format>(program.settings.format);
  methods_command->add_option("method", *id, "One method; all when left out");
  add_format(*methods_command, *format);
  methods_command->footer("Example:\n  cotejo methods strike");
  methods_command->callback([&program, id, format] {
    program.command = [id, format]() -> int {
      const auto result = show_methods(*id, *format);
      return result ? done : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

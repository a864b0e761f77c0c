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
#include "cotejo/intake/rule_reader.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace {

struct Run {
  std::string case_path, method, count, assembly, roll_call, crosswalk, rule, resume;
  std::vector<std::string> against, arrivals, challenges, options;
  std::uint64_t seed = 0;
  unsigned threads = default_threads();
  bool json = false, strict = false, save = false;
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

// Of what the registry does not see: the rule that stands in the case's place, and what only long runs have.
Result<void> refuse_surplus(const MethodEntry& method, const Run& request) {
  const auto takes = [&](std::string_view option) {
    return std::any_of(method.options.begin(), method.options.end(), [&](const auto& o) { return o.name == option; });
  };
  const std::pair<bool, std::string_view> surplus[] = {
      {!request.rule.empty() && !method.takes_rule, "--rule"},
      {!request.roll_call.empty() && !takes("roll_call"), "--roll-call"},
      {!request.resume.empty() && !method.keeps_rows, "--resume"},
      {request.minutes > 0 && !method.takes_control, "--minutes"},
      {request.chains > 0 && !method.takes_control, "--chains"},
      {!request.draws.empty() && !method.takes_control, "--draws"},
      {!request.checkpoint.empty() && !method.takes_control, "--checkpoint"}};
  for (const auto& [given, option] : surplus)
    if (given)
      return Error{.code = ErrorCode::usage,
                   .message = fmt::format("method '{}' takes no {}", request.method, option),
                   .remedy = fmt::format("Leave it out; `cotejo methods {}` lists what the method takes.",
                                         request.method)};
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

int run(Program& program, const Run& request) {
  if (!request.resume.empty()) program.stop.take_your_time();  // the rows being computed are kept too
  auto finding = [&] {
    ProgressLine progress;
    return compute(request, program.context_of_ranks(request.seed, request.threads, progress));
  }();
  if (finding && !request.resume.empty()) remove_rows(request.resume);
  if (!program.ranks.first()) return finding ? static_cast<int>(done) : exit_code_of(finding.error().code);
  if (!finding) return fail(kept_rows(finding.error(), request.resume));
  if (request.json)
    fmt::print("{}\n", to_json(*finding).dump(1));
  else
    fmt::print("{}", plain(*finding));
  return request.strict && finding->answer == Answer::undetermined ? undetermined : done;
}

// What a method needs, on the case of the founding election.
std::string example_of(const MethodEntry& method) {
  if (method.takes_assembly) return method.info.id == "recount" ? "oas.cotejo --roll-call GA50-2020-10-21" : "oas.cotejo";
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
                  "Stop after this time, at the end of a block of iterations, and say what has not mixed")
      ->check(CLI::Range(0.01, 1e6));
  command.add_option("--draws", request.draws,
                     "Write the draws to this CSV (.chain, .iteration, .draw, then one column a quantity)");
  command.add_option("--checkpoint", request.checkpoint,
                     "Keep the state of the chains in this file and go on from it when it is there");
}

void add_run_options(CLI::App& command, Run& request) {
  command.add_option("--count", request.count, "The count; may be left out when the case has one, or one official");
  command.add_option("--assembly", request.assembly,
                     "The assembly, for methods that take one; may be left out when the case has one");
  command.add_option("--roll-call", request.roll_call, "The vote, for methods that take one (the option roll_call)");
  command.add_option("--against", request.against,
                     "The second count; several for methods of the late count: its snapshots, other elections");
  command.add_option("--arrival", request.arrivals, "When units were published; may be given several times");
  command.add_option("--challenge", request.challenges, "A challenge; may be given several times");
  command.add_option("--crosswalk", request.crosswalk, "A crosswalk of codes, for methods that link places");
  command.add_option("--rule", request.rule, "A TOML file with a [rule], instead of the one that came with the count");
  command.add_option("--option", request.options, "NAME=VALUE, an option of the method; may be given several times");
  command.add_option("--seed", request.seed, "Seed of the random numbers")->capture_default_str();
  command.add_option("--threads", request.threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  command.add_option("--resume", request.resume,
                     "A file to keep what was computed in; after an interruption the same command goes on from it; "
                     "removed at the end");
  command.add_flag("--json", request.json, "The finding as JSON on stdout");
  command.add_flag("--strict", request.strict, "Exit code 1 when the answer is \"undetermined\"");
  command.add_flag("--save", request.save, "Keep the finding in the case");
}

Result<void> show_methods(const std::string& id, bool json) {
  if (id.empty()) {
    if (json) {
      auto all = nlohmann::ordered_json::array();
      for (const auto& m : methods()) all.push_back(to_json(m));
      fmt::print("{}\n", all.dump(1));
      return {};
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& m : methods()) rows.push_back({m.info.family, m.info.id, m.info.question});
    fmt::print("{}", text_table({"family", "method", "question"}, std::move(rows)));
    return {};
  }
  COTEJO_TRY(m, find_method(id));
  if (json) {
    fmt::print("{}\n", to_json(*m).dump(1));
    return {};
  }
  fmt::print("{} ({}): {}\n{}", m->info.id, m->info.family, m->info.title, wrapped(m->info.question, 2));
  fmt::print("{}{}{}", wrapped("Takes: " + takes(*m)), wrapped("Assumes: " + m->info.assumes),
             wrapped("Cost: " + m->info.cost));
  for (const auto& reference : m->info.references) fmt::print("{}", wrapped("Source: " + reference));
  if (!m->options.empty()) {
    fmt::print("Options (--option NAME=VALUE):\n");
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
    auto* command = program.cli.add_subcommand(name, text);
    command->add_option("case", request->case_path, "The case")->required();
    if (method.empty())
      command->add_option("method", request->method, "A method's id; `cotejo methods` lists them")->required();
    else
      request->method = method;
    add_run_options(*command, *request);
    if (method.empty() || (find_method(method) && (*find_method(method))->takes_control))
      add_control_options(*command, *request);
    command->footer(
        method.empty()
            ? "Example:\n  cotejo run bolivia.cotejo strike --count bo-2019/computo --challenge oas-226"
            : fmt::format("The same as `cotejo run CASE {0}`; `cotejo methods {0}` lists its "
                          "options.\nExample:\n  cotejo {1} {2}",
                          method, name, example_of(**find_method(method))));
    command->callback(
        [&program, request] { program.command = [&program, request] { return run(program, *request); }; });
  };
  add("run", "Run a method on a count or an assembly of a case", "");
  for (const auto& m : methods()) add(m.info.id, m.info.question, m.info.id);
  add("check", "Does every return add up? Rows set aside are shown too (the method `arithmetic`)", "arithmetic");

  auto* methods_command = program.cli.add_subcommand("methods", "What each method asks, takes, assumes and costs");
  auto id = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  methods_command->add_option("method", *id, "One method; all when left out");
  methods_command->add_flag("--json", *json, "As JSON on stdout");
  methods_command->footer("Example:\n  cotejo methods strike");
  methods_command->callback([&program, id, json] {
    program.command = [id, json]() -> int {
      const auto result = show_methods(*id, *json);
      return result ? done : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

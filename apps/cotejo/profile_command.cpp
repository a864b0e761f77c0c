// profile: proposes an import profile for a published file.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/intake/propose.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/tally.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

constexpr double doubtful = 0.25;

struct Request {
  std::string file, out;
  ProposeOptions options;
  std::int64_t header = -1, header_rows = 0;
  bool yes = false, json = false, force = false;
};

// Sets what a question's or a guess's option stands for; false when it takes no answer.
bool set(ProposeOptions& options, std::string_view option, const std::string& answer) {
  const auto columns = [&] {
    std::vector<std::string> out;
    for (std::string_view rest = answer;;) {
      const auto comma = rest.find(',');
      if (const auto name = trimmed(rest.substr(0, comma)); !name.empty()) out.emplace_back(name);
      if (comma == std::string_view::npos) return out;
      rest = rest.substr(comma + 1);
    }
  };
  const auto number = [&]() -> std::optional<std::int64_t> {
    std::int64_t value = 0;
    const auto [end, status] = std::from_chars(answer.data(), answer.data() + answer.size(), value);
    return status == std::errc{} && value >= 0 ? std::optional(value) : std::nullopt;
  };
  if (option == "--member")
    options.member = answer;
  else if (option == "--table")
    options.table = answer;
  else if (option == "--encoding")
    options.encoding = answer;
  else if (option == "--separator")
    options.separator = answer;
  else if (option == "--header")
    options.header = number();
  else if (option == "--contest")
    options.contest_value = answer;
  else if (option == "--key")
    options.key = columns();
  else if (option == "--option")
    options.options = columns();
  else if (option == "--valid")
    options.valid = answer;
  else if (option == "--transposed")
    options.transposed = answer;
  else if (option == "--empty")
    options.empty = answer;
  else if (option == "--repeated")
    options.repeated = answer;
  else if (option == "--leave-out")
    options.leave_out.push_back(answer);
  else if (option == "--only")
    options.only.push_back(answer);
  else if (option == "--names")
    options.names = answer;
  else if (option == "--section")
    options.section = answer;
  else if (option == "--keep")
    options.keep.push_back(answer);
  else if (option == "--columns")
    options.columns = columns();
  else
    return false;
  return true;
}

std::string_view option_of(std::string_view guess) {
  if (guess == "encoding" || guess == "separator" || guess == "header")
    return guess == "encoding" ? "--encoding" : guess == "separator" ? "--separator" : "--header";
  if (guess == "unit key") return "--key";
  if (guess == "valid votes") return "--valid";
  if (guess == "options") return "--option";
  return {};
}

// The user's line; nothing at the end of input or after "q".
std::optional<std::string> ask(const std::string& prompt) {
  fmt::print(stderr, "{}", prompt);
  std::fflush(stderr);
  std::string line;
  if (!std::getline(std::cin, line) || line == "q") return std::nullopt;
  return std::string(trimmed(line));
}

std::string told(const Question& question) {
  std::string out = wrapped(printable(question.text, 1'000), 0);
  for (std::size_t i = 0; i < std::min<std::size_t>(question.choices.size(), 30); ++i)
    out += fmt::format("  {:>2}  {}\n", i + 1, printable(question.choices[i], 70));
  if (question.choices.size() > 30) out += fmt::format("      and {} more\n", question.choices.size() - 30);
  return out;
}

// A number stands for a choice.
std::string chosen(const std::string& answer, const std::vector<std::string>& choices) {
  std::size_t number = 0;
  const auto [end, status] = std::from_chars(answer.data(), answer.data() + answer.size(), number);
  return status == std::errc{} && end == answer.data() + answer.size() && number >= 1 && number <= choices.size()
             ? choices[number - 1]
             : answer;
}

std::string shown(const std::vector<Guess>& guesses) {
  std::string out;
  for (const auto& guess : guesses) {
    out += wrapped(
        fmt::format("{} {}: {}", guess.doubt > doubtful ? "?" : "-", guess.what, printable(guess.value, 300)), 0);
    if (!guess.evidence.empty()) out += wrapped(printable(guess.evidence, 400), 4);
  }
  return out;
}

// What an import with this profile gives: the check of the proposal by the file itself.
Result<std::string> outcome(const Profile& profile, const fs::path& file, const Context& context) {
  if (profile.kind == ProfileKind::crosswalk) {
    COTEJO_TRY(crosswalk, read_crosswalk(profile, file, context));
    return fmt::format("Reads {}.\n", counted(crosswalk.rows.size(), "link"));
  }
  if (profile.kind == ProfileKind::arrival) {
    COTEJO_TRY(arrival, read_arrival(profile, file, context));
    return fmt::format("Reads the arrival of {}.\n", counted(arrival.units(), "unit"));
  }
  COTEJO_TRY(count, read_count(profile, file, context));
  const auto sum = [](std::span<const std::int32_t> column) {
    long long total = 0;
    for (const auto value : column) total += value == missing ? 0 : value;
    return total;
  };
  const Tally whole = tally(count);
  std::int64_t corrected = 0;  // valid votes that no unit has
  for (const auto& row : count.rejected)
    for (std::size_t i = 0; i < count.options() && corrects_the_whole(row); ++i) corrected += row.votes[i].least;
  std::vector<std::vector<std::string>> rows;
  for (std::size_t i = 0; i < count.options(); ++i)
    rows.push_back({"option", printable(count.contest.options[i].name, 44), with_thousands(whole.options[i])});
  const std::pair<const char*, const Column*> standard[] = {{"registered", &count.registered},
                                                            {"cast", &count.cast},
                                                            {"valid", &count.valid},
                                                            {"blank", &count.blank},
                                                            {"null", &count.null}};
  for (const auto& [name, column] : standard)
    if (!column->empty())
      rows.push_back(
          {name, "", with_thousands(sum(*column) + (column == &count.cast || column == &count.valid ? corrected : 0))});
  std::string out = fmt::format("Reads {}, sets {} aside.\n", counted(count.units(), "unit"),
                                counted(rows_set_aside(count).size(), "row"));
  out += text_table({"", "name", "total>"}, std::move(rows));
  for (const auto& caveat : count.caveats) out += wrapped(printable(caveat, 600));
  const Rule* rule = profile.rule ? &*profile.rule : nullptr;
  out += set_aside(count, rule);
  if (set_aside_of(count, rule).needs_reason)
    out += wrapped(
        "An import stops here, unless it is given a reason for which the count is taken without these rows: "
        "--accept-set-aside REASON.");
  return out;
}

Error unanswered(const Question& question, const fs::path& file) {
  std::string text = printable(question.text, 600);
  if (!question.choices.empty()) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min<std::size_t>(12, question.choices.size()); ++i)
      names.push_back(fmt::format("'{}'", printable(question.choices[i], 50)));
    text += fmt::format(" Choices: {}{}", fmt::join(names, ", "), question.choices.size() > 12 ? ", ..." : "");
  }
  return {.code = ErrorCode::input_insufficient,
          .message = text,
          .file = file.string(),
          .remedy = fmt::format("Answer with {}{}.", question.option,
                                question.choices.empty() ? ""
                                                         : fmt::format(", for example {} '{}'", question.option,
                                                                       printable(question.choices.front(), 60)))};
}

Result<void> write(const std::string& path, const std::string& toml, bool force) {
  if (fs::exists(path) && !force)
    return Error{.code = ErrorCode::conflict,
                 .message = "this file is there already",
                 .file = path,
                 .remedy = "Name another, or add --force."};
  const std::string part = path + ".part";
  std::ofstream out(part, std::ios::binary);
  out << toml;
  out.close();
  std::error_code failed;
  if (out) fs::rename(part, path, failed);
  if (!out || failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the profile cannot be written",
                 .file = path,
                 .remedy = "Check the folder and the free space."};
  return {};
}

// A profile names a file in its own folder or below; whatever lies elsewhere is named when it is imported (--input).
std::string path_in_profile(const Request& request) {
  if (is_database(request.file)) return std::string(database_prefix);
  const fs::path folder = (fs::current_path() / request.out).lexically_normal().parent_path();
  const fs::path below = (fs::current_path() / request.file).lexically_normal().lexically_relative(folder);
  return below.empty() || *below.begin() == ".." ? fs::path(request.file).filename().string() : below.string();
}

Result<void> profile(Request request, const Context& context) {
  const bool interactive = !request.yes && !request.json && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1;
  const fs::path file = request.file;
  auto& options = request.options;
  options.path = path_in_profile(request);
  if (request.header >= 0) options.header = request.header;
  if (request.header_rows > 0) options.header_rows = request.header_rows;
  if (!options.separator.empty() && options.separator == "\\t") options.separator = "\t";
  std::vector<std::string> accepted;
  for (;;) {
    COTEJO_TRY(proposal, propose(file, options, context));
    if (request.json) {
      fmt::print("{}\n", to_json(proposal).dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
      return {};
    }
    if (!proposal.questions.empty()) {
      const auto& question = proposal.questions.front();
      if (!interactive) return unanswered(question, file);
      fmt::print(stderr, "{}", told(question));
      const auto answer = ask("Answer (q leaves): ");
      if (!answer) return cancelled_error();
      if (!set(options, question.option, chosen(*answer, question.choices))) return unanswered(question, file);
      continue;
    }
    COTEJO_TRY(parsed, parse_profile(proposal.toml, request.out.empty() ? "the proposal" : request.out));
    parsed.format.database = options.database;
    auto reads = outcome(parsed, file, context);
    fmt::print(stderr, "{}\n", shown(proposal.guesses));
    if (reads) fmt::print(stderr, "{}", *reads);
    if (interactive) {
      bool changed = false;
      for (const auto& guess : proposal.guesses) {
        const auto option = option_of(guess.what);
        if (guess.doubt <= doubtful || option.empty() ||
            std::find(accepted.begin(), accepted.end(), guess.what) != accepted.end())
          continue;
        const auto answer = ask(fmt::format("? {}: {} - Enter accepts, or write another (q leaves): ", guess.what,
                                            printable(guess.value, 60)));
        if (!answer) return cancelled_error();
        accepted.push_back(guess.what);
        if (answer->empty()) continue;
        set(options, option, *answer);
        changed = true;
      }
      if (changed) continue;
    }
    if (request.out.empty()) {
      fmt::print("{}", proposal.toml);
    } else {
      COTEJO_CHECK(write(request.out, proposal.toml, request.force));
      const auto input = is_database(request.file) ? "\"" + request.file + "\"" : request.file;
      fmt::print(stderr, "\nWritten to {}. Next: {}\n", request.out,
                 reads ? fmt::format("cotejo import NAME.cotejo {} --input {}", request.out, input)
                       : std::string("correct it, for the import stops as follows"));
    }
    if (!reads) return std::move(reads).error();  // the profile is there to be corrected
    return {};
  }
}

}  // namespace

void add_profile_command(Program& program) {
  auto* command = program.cli.add_subcommand("profile", "Propose an import profile for a published file");
  auto request = std::make_shared<Request>();
  command->add_option("file", request->file, "The file as it was published (or postgresql:...)")->required();
  command->add_flag_function(
      "--allow-database", [request](std::int64_t) { request->options.database = DatabaseUse::address_and_credentials; },
      "Connect to a database also with PGPASSWORD and its like, and with ~/.pgpass");
  command->add_option("--out", request->out, "Where the profile goes; default: stdout");
  command->add_option("--id", request->options.id, "The count's id, as in bo-2024/final");
  command->add_flag("--yes", request->yes, "Take every guess; ask nothing");
  command->add_flag("--json", request->json, "Guesses, questions and the profile as JSON on stdout");
  command->add_flag("--force", request->force, "Replace --out when it is there");
  command->add_option("--member", request->options.member, "Which file of a zip");
  command->add_option("--table", request->options.table,
                      "Which sheet or table; '*' for all sheets, one below the other");
  command->add_option("--section", request->options.section,
                      "Which part of a sheet with titles: the rows below this title");
  command->add_option("--encoding", request->options.encoding, "The text's encoding");
  command->add_option("--separator", request->options.separator, "What stands between cells");
  command->add_option("--header", request->header, "The header's first row")->check(CLI::Range(0, 1000));
  command->add_option("--header-rows", request->header_rows, "How many rows it has")->check(CLI::Range(1, 10));
  command->add_option("--key", request->options.key, "The columns that tell units apart");
  command->add_option("--option", request->options.options, "The columns that count the options' votes");
  command->add_option("--not-option", request->options.not_options, "Columns that do not count votes");
  command->add_option("--contest", request->options.contest_value, "Which of several contests");
  command->add_option("--registered", request->options.registered, "The column of registered voters");
  command->add_option("--cast", request->options.cast, "The column of ballots cast");
  command->add_option("--valid", request->options.valid, "The column of valid votes, the sum of the options");
  command->add_option("--blank", request->options.blank, "The column of blank votes");
  command->add_option("--null", request->options.null, "The column of null votes");
  command->add_option("--leave-out", request->options.leave_out, "COLUMN=TEXT: rows that do not count");
  command->add_option("--only", request->options.only, "COLUMN=TEXT: the rows that count, and no others");
  command->add_option("--keep", request->options.keep,
                      "COLUMN=TEXT: rows that count, though the text may say otherwise");
  command->add_option("--names", request->options.names, "The column of names, where each row is of one option");
  command->add_option("--transposed", request->options.transposed, "Units stand in columns, not in rows: yes or no");
  command->add_option("--empty", request->options.empty, "Empty cells of votes: zero or missing");
  command->add_option("--repeated", request->options.repeated,
                      "Rows of one name in one unit with two numbers: sum or set-aside");
  command->add_option("--columns", request->options.columns, "NAME=FROM-TO of lines of fixed width");
  command->footer(
      "Example:\n  cotejo profile results.zip --out results.toml\n  cotejo profile results.xlsx --table Stations --yes "
      "> results.toml\n  cotejo profile results.csv --leave-out 'status=Annulled' --out results.toml");
  command->callback([&program, request] {
    program.command = [&program, request]() -> int {
      if (request->options.database == DatabaseUse::refused) {
        request->options.database = DatabaseUse::address;
        if (is_database(request->file)) forget_database_variables();
      }
      ProgressLine progress;
      const auto result = profile(*request, program.context(0, program.settings.threads, progress));
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

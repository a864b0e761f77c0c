// audit, verify, report, simulate, keygen.
#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/shipped_files.hpp"
#include "cotejo/engine/synthetic_files.hpp"
#include "cotejo/engine/table_text.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "print.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

struct AuditCommand {
  AuditRequest request;
  std::string data, key, resume;
  unsigned threads = 1;
  bool strict = false;
  Format format = Format::text;
};

// The answers to the plan's questions, then every finding.
void print_audit(const Audit& audit, Format format) {
  if (format == Format::json) {
    auto all = nlohmann::ordered_json::array();
    for (const auto& f : audit.findings) all.push_back(to_json(f));
    fmt::print("{}\n", all.dump(1));
    return;
  }
  if (format != Format::text) {
    Table table{.id = "findings",
                .title = "",
                .columns = {{"finding"}, {"method"}, {"answer"}, {"for the outcome"}, {"headline"}},
                .rows = {}};
    for (const auto& f : audit.findings)
      table.rows.push_back({f.id, f.method, std::string(to_text(f.answer)),
                            f.for_outcome ? Cell(std::string(to_text(*f.for_outcome))) : Cell(), f.headline});
    for (const auto& answer : audit.answers)
      if (format == Format::markdown)
        fmt::print("**{}** {}\n\n", markdown_text(answer.text), markdown_text(answer.sentence));
    fmt::print("{}", in_format(table, format));
    return;
  }
  for (const auto& answer : audit.answers)
    fmt::print("{}{}\n", wrapped(printable(answer.text, 2000)), wrapped(printable(answer.sentence, 4000), 4));
  for (const auto& f : audit.findings)
    fmt::print("{}{}", wrapped(fmt::format("{}: {}", f.id, to_text(f.answer))),
               wrapped(printable(f.headline, 2000), 4));
}

int audit(Program& program, AuditCommand& command) {
  auto& request = command.request;
  const auto plan = find_shipped(Shipped::plan, request.plan.string());
  if (!plan) return fail(plan.error());
  request.plan = *plan;
  if (!command.data.empty()) request.data = command.data;
  if (!command.key.empty()) request.key = command.key;
  request.resume = command.resume;
  if (!command.resume.empty()) program.stop.take_your_time();  // the rows being computed are kept too
  auto* notes = command.format == Format::text ? stdout : stderr;
  auto result = [&] {
    ProgressLine progress;
    return audit_into(request, program.context(0, command.threads, progress), [&](const std::string& notice) {
      fmt::print(notes, "{}", wrapped(printable(notice, 1000)));
      std::fflush(notes);
    });
  }();
  if (!result) return fail(kept_rows(result.error(), command.resume));
  const Audit& done_audit = result->audit;
  bool lacking = false;
  for (std::size_t i = 0; i < done_audit.findings.size(); ++i)
    lacking =
        lacking || (done_audit.findings[i].answer == Answer::undetermined && done_audit.plan.findings[i].required);
  print_audit(done_audit, command.format);
  fmt::print(notes, "The dossier is in {}; open {}.\n", printable(request.out.string()),
             printable((request.out / "report.html").string()));
  return command.strict && lacking ? undetermined : done;
}

struct VerifyCommand {
  VerifyRequest request;
  std::string data, public_key, authority;
  bool key_given = false;
  unsigned threads = 1;
  bool json = false;
};

// The key itself, or the text of the file that is named.
Result<std::string> public_key_text(const std::string& given) {
  constexpr std::uint64_t largest_key_file = 4096;
  std::error_code ignored;
  if (!given.empty() && fs::exists(given, ignored)) return read_regular(given, largest_key_file);
  return given;
}

int verify_dossier(Program& program, VerifyCommand& command) {
  if (!command.data.empty()) command.request.data = command.data;
  if (!command.authority.empty()) command.request.authority = command.authority;
  if (command.key_given) {
    auto key = public_key_text(command.public_key);
    if (!key) return fail(key.error());
    command.request.public_key = std::move(*key);
  }
  auto result = [&] {
    ProgressLine progress;
    return verify(command.request, program.context(0, command.threads, progress));
  }();
  if (!result) return fail(result.error());
  const VerifyReport& report = *result;
  if (command.json) {
    fmt::print("{}\n", nlohmann::ordered_json{{"standing", report.standing},
                                              {"holds", report.problems.empty()},
                                              {"problems", report.problems},
                                              {"checked", report.checked},
                                              {"unchecked", report.unchecked}}
                           .dump(1));
  } else {
    fmt::print("{}", wrapped(report.standing));
    for (const auto& text : report.checked) fmt::print("{}", wrapped("checked: " + text));
    for (const auto& text : report.unchecked) fmt::print("{}", wrapped("not checked: " + text));
    for (const auto& text : report.problems) fmt::print("{}", wrapped("PROBLEM: " + text));
    fmt::print("{}\n", report.problems.empty()
                           ? "The dossier holds."
                           : fmt::format("The dossier does not hold: {}.", counted(report.problems.size(), "problem")));
  }
  return report.problems.empty() ? done : bad_input;
}

struct Simulate {
  std::string out, case_path, count, generator = "model", depth = "places", planted;
  double dose = 0.05, intensity = 0.3, extreme = 0, alpha = 1;
  bool whole_places = false;
  std::uint64_t replicate = 0;
  std::vector<std::string> options;
  std::uint64_t seed = 1;
  unsigned threads = 1;
};

// A fair election with the units of a count in a case, and what is planted in it.
Result<void> simulate_from_case(const Simulate& request, const Context& context) {
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::read, case_options()));
  COTEJO_TRY(count, file.load_count(request.count));
  FairElectionSpec spec{.depth = request.depth == "units" ? Depth::units : Depth::places,
                        .replicate = request.replicate};
  for (const auto generator : all_generators)
    if (request.generator == to_text(generator)) spec.generator = generator;
  if (!request.planted.empty()) {
    COTEJO_TRY(kind, plant_named(request.planted));
    spec.planted = PlantSpec{.kind = kind,
                             .dose = request.dose,
                             .intensity = request.intensity,
                             .whole_places = request.whole_places,
                             .extreme = request.extreme,
                             .alpha = request.alpha};
  }
  COTEJO_TRY(units, write_fair_election(count, spec, request.out, context));
  fmt::print("{}: election.csv ({}), election.toml{}\n", printable(request.out), counted(units, "unit"),
             spec.planted ? ", truth.csv" : "");
  return {};
}

Result<void> simulate(const Simulate& request, const Context& context) {
  COTEJO_TRY(options, option_texts(request.options));
  std::error_code failed;
  fs::create_directories(request.out, failed);
  if (failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the folder cannot be made: " + failed.message(),
                 .file = request.out};
  if (!request.case_path.empty()) return simulate_from_case(request, context);
  COTEJO_TRY(units, write_synthetic(options, request.out, context));
  const auto number = [](std::size_t n) { return with_thousands(static_cast<long long>(n)); };
  fmt::print("{}: official.csv ({} units), quick.csv ({}), next.csv ({}), objected.csv ({})\n", printable(request.out),
             number(units.official), number(units.quick), number(units.next), number(units.objected));
  return {};
}

}  // namespace

void add_dossier_commands(Program& program) {
  auto audit_request = std::make_shared<AuditCommand>();
  audit_request->threads = program.settings.threads;
  audit_request->request.usual_data = program.settings.data;
  audit_request->format = program.settings.format;
  auto* audit_command = program.cli.add_subcommand("audit", "Run everything that a plan names, into a dossier");
  audit_command
      ->add_option("plan", audit_request->request.plan,
                   "The plan (TOML), or the name of one that comes with the program (`cotejo plan` lists them)")
      ->required();
  audit_command
      ->add_option("--out", audit_request->request.out, "The dossier's folder; an earlier dossier there is replaced")
      ->required();
  audit_command->add_option("--data", audit_request->data, "The folder with the input files, instead of the plan's");
  audit_command->add_option("--key", audit_request->key, "Sign with this secret key (`cotejo keygen`)");
  audit_command->add_option("--resume", audit_request->resume,
                            "A folder to keep what was computed in; after an interruption the same command goes on "
                            "from it; removed when the dossier is there");
  audit_command->add_option("--threads", audit_request->threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  add_format(*audit_command, audit_request->format);
  audit_command->add_flag("--strict", audit_request->strict, "Exit code 1 when a required finding is \"undetermined\"");
  audit_command->footer("Example:\n  cotejo audit plans/bolivia-2019.toml --out out\n  cotejo audit demo --out demo");
  audit_command->callback([&program, audit_request] {
    program.command = [&program, audit_request] { return audit(program, *audit_request); };
  });

  auto verify_request = std::make_shared<VerifyCommand>();
  verify_request->threads = program.settings.threads;
  auto* verify_command =
      program.cli.add_subcommand("verify", "Check a dossier: hashes, signature, inputs, and with --rerun every number");
  verify_command->add_option("dossier", verify_request->request.dir, "The dossier's folder")->required();
  verify_command->add_flag("--rerun", verify_request->request.rerun, "Compute every number again from the inputs");
  verify_command->add_option("--data", verify_request->data,
                             "The folder with the input files, if not where the manifest says");
  auto* public_key = verify_command->add_option(
      "--public-key", verify_request->public_key,
      "The signature must be by this key: NAME.pub, the line in it that begins with RW, or 64 hexadecimal digits");
  verify_command
      ->add_option("--authority", verify_request->authority,
                   "The time stamp must be by this authority: the file of its certificates (PEM)")
      ->check(CLI::ExistingFile);
  verify_command->add_option("--threads", verify_request->threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  verify_command->add_flag("--json", verify_request->json, "As JSON on stdout");
  verify_command->footer("Example:\n  cotejo verify out --rerun\n  cotejo verify out --public-key mission.key.pub");
  verify_command->callback([&program, verify_request, public_key] {
    verify_request->key_given = public_key->count() > 0;
    program.command = [&program, verify_request] { return verify_dossier(program, *verify_request); };
  });

  auto document_request = std::make_shared<DocumentRequest>();
  auto* report_command =
      program.cli.add_subcommand("report", "Write a dossier as a document to file: PDF, DOCX or HTML");
  report_command->add_option("dossier", document_request->dir, "The dossier's folder")->required();
  const std::map<std::string, DocumentKind> kinds{
      {"html", DocumentKind::html}, {"pdf", DocumentKind::pdf}, {"docx", DocumentKind::docx}};
  report_command->add_option("--to", document_request->to, "pdf (needs weasyprint), docx (needs pandoc) or html")
      ->required()
      ->transform(CLI::Transformer(kinds))
      ->type_name("pdf|docx|html");
  report_command->add_option("--out", document_request->out, "The file to write; one that is there is left alone")
      ->required();
  report_command->add_option("--language", document_request->language, "Else the plan's, else English")
      ->check(CLI::IsMember(languages()));
  report_command->footer("Example:\n  cotejo report out --to html --out report-to-file.html");
  report_command->callback([&program, document_request] {
    program.command = [&program, document_request]() -> int {
      ProgressLine progress;
      if (auto written = write_document(*document_request, program.context(0, 1, progress)); !written)
        return fail(written.error());
      fmt::print("The document is {}.\n", printable(document_request->out.string()));
      return done;
    };
  });

  auto simulate_request = std::make_shared<Simulate>();
  simulate_request->threads = program.settings.threads;
  auto* simulate_command =
      program.cli.add_subcommand("simulate", "Draw a synthetic election with known truth, as files");
  simulate_command->add_option("--out", simulate_request->out, "The folder to write to")->required();
  auto* from = simulate_command->add_option("--case", simulate_request->case_path,
                                            "Draw with the units of a count in this case, instead of inventing them");
  simulate_command->add_option("--count", simulate_request->count, "The count, with --case")->needs(from);
  std::vector<std::string> generators;
  for (const auto generator : all_generators) generators.emplace_back(to_text(generator));
  simulate_command->add_option("--generator", simulate_request->generator, "What the fair election is drawn from")
      ->check(CLI::IsMember(generators))
      ->capture_default_str();
  simulate_command
      ->add_option("--depth", simulate_request->depth,
                   "What is drawn anew: the units' own votes, or units in their places")
      ->check(CLI::IsMember({"units", "places"}))
      ->capture_default_str();
  simulate_command->add_option(
      "--plant", simulate_request->planted,
      "added-ballots, moved-votes, rounded-percentages, invented-tallies, copied-returns, repeated-returns or "
      "fingerprint (a fraction of non-voters and of the others' votes)");
  simulate_command->add_option("--dose", simulate_request->dose, "Share of the units that are touched")
      ->capture_default_str();
  simulate_command
      ->add_option("--intensity", simulate_request->intensity,
                   "What is done to each: a share; for rounding, to multiples of so many percent")
      ->capture_default_str();
  simulate_command
      ->add_option("--extreme", simulate_request->extreme,
                   "Of a fingerprint: share of the units whose fraction is nearly all")
      ->capture_default_str();
  simulate_command
      ->add_option("--alpha", simulate_request->alpha, "Of a fingerprint: x^alpha of the others' votes are moved")
      ->capture_default_str();
  simulate_command->add_flag("--whole-places", simulate_request->whole_places,
                             "Touch whole places, not scattered units");
  simulate_command->add_option("--replicate", simulate_request->replicate, "Which of the elections of this seed")
      ->capture_default_str();
  simulate_command->add_option("--option", simulate_request->options, "NAME=VALUE; may be given several times");
  simulate_command->add_option("--seed", simulate_request->seed, "Seed of the random numbers")->capture_default_str();
  simulate_command->add_option("--threads", simulate_request->threads, "Threads; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  std::string options = "Options:\n";
  for (const auto& o : synthetic_options())
    options += fmt::format("  {} = {}  {}\n", o.name, to_text(o.initial), o.text);
  simulate_command->footer(options +
                           "Example:\n  cotejo simulate --out synthetic --option units=5000 --seed 7\n  cotejo "
                           "simulate --out planted --case "
                           "bolivia.cotejo --count bo-2019/computo --plant moved-votes --dose 0.02");
  simulate_command->callback([&program, simulate_request] {
    program.command = [&program, simulate_request]() -> int {
      ProgressLine progress;
      const auto result =
          simulate(*simulate_request, program.context(simulate_request->seed, simulate_request->threads, progress));
      return result ? done : fail(result.error());
    };
  });

  auto key_path = std::make_shared<std::string>();
  auto* keygen_command = program.cli.add_subcommand("keygen", "Make a key pair to sign dossiers with");
  keygen_command
      ->add_option("file", *key_path,
                   "The secret key's file; the public key goes to FILE.pub (minisign) and FILE.pem (openssl)")
      ->required();
  keygen_command->footer("Example:\n  cotejo keygen mission.key");
  keygen_command->callback([&program, key_path] {
    program.command = [key_path]() -> int {
      const auto key = make_key(*key_path);
      if (!key) return fail(key.error());
      fmt::print("secret key: {0}\npublic key: {0}.pub and {0}.pem ({1})\n", printable(*key_path), *key);
      return done;
    };
  });
}

}  // namespace cotejo::app

// export: counts, challenges, findings and their tables, units as a layer for maps: for other programs.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>

#include "commands.hpp"
#include "cotejo/base/durable_file.hpp"
#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/engine/table_text.hpp"
#include "cotejo/engine/units_layer.hpp"
#include "cotejo/exchange/exchange.hpp"
#include "cotejo/exchange/roll_calls.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/writer.hpp"
#include "cotejo/vote/total_correction.hpp"

namespace cotejo::app {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

struct Export {
  std::string case_path, what, id, table, format, where, out;
  bool force = false;
};

Error usage_error(std::string message, std::string remedy) {
  return {.code = ErrorCode::usage, .message = std::move(message), .remedy = std::move(remedy)};
}

// A file of text, written beside its place and moved there.
Result<void> write_text(const fs::path& to, const std::string& text) {
  return replace_file(to, text);
}

Result<void> write_count(const CaseFile& file, const Export& request, const fs::path& to) {
  COTEJO_TRY(count, file.load_count(request.id));
  const auto format = request.format.empty() ? std::string("csv") : request.format;
  if (const auto of_whole = std::count_if(count.rejected.begin(), count.rejected.end(), corrects_the_whole);
      of_whole > 0)
    notice(fmt::format("Notice: {} of the whole count {} votes that no unit has; the file holds the units alone.",
                       counted(of_whole, "correction"), of_whole == 1 ? "has" : "have"));
  if (format == "csv") return write_count_csv(count, to);
  if (format == "long") return write_long_csv(count, to);
  if (format == "openelections") return write_openelections(count, to);
  if (format == "nist") return write_nist(count, to);
  return usage_error(fmt::format("a count is not written as {}", format),
                     "Formats of a count: csv, long, openelections, nist.");
}

Result<void> write_challenge(const CaseFile& file, const Export& request, const fs::path& to) {
  COTEJO_TRY(challenge, file.load_challenge(request.id));
  if (request.format.empty() || request.format == "csv") return write_unit_list(challenge.unit_keys, to);
  if (request.format != "json")
    return usage_error(fmt::format("a challenge is not written as {}", request.format),
                       "Formats of a challenge: csv, json.");
  const Json out{{"id", challenge.id.text},    {"count", challenge.count.text}, {"by", challenge.by},
                 {"reason", challenge.reason}, {"source", challenge.source},    {"units", challenge.unit_keys}};
  return write_text(to, out.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<Json> findings_of(const CaseFile& file, const std::string& id) {
  if (id.find('@') != std::string::npos) {
    COTEJO_TRY(one, file.finding_json(id));
    return Json::array({parse_bounded<Json>(one)});
  }
  COTEJO_TRY(all, file.findings_json());
  Json out = Json::array();
  std::vector<std::string> names;
  for (const auto& text : all) {
    Json finding = parse_bounded<Json>(text);
    if (!finding.is_object()) continue;
    names.push_back(finding.value("id", ""));
    if (id.empty() || names.back() == id) out.push_back(std::move(finding));
  }
  if (out.empty()) {
    const auto near = nearest_name(id, names);
    return Error{.code = ErrorCode::count_unknown,
                 .message = id.empty() ? "the case has no findings" : "the case has no such finding",
                 .value = id,
                 .remedy = near.empty() ? "Findings are kept by `cotejo run ... --save`."
                                        : fmt::format("Did you mean '{}'?", near)};
  }
  return out;
}

Result<void> write_findings(const CaseFile& file, const Export& request, const fs::path& to) {
  if (!request.format.empty() && request.format != "json")
    return usage_error(fmt::format("findings are not written as {}", request.format),
                       "Findings are JSON; their tables are CSV: export CASE table FINDING TABLE.");
  COTEJO_TRY(findings, findings_of(file, request.id));
  return write_text(to, findings.dump(1, ' ', false, Json::error_handler_t::replace) + "\n");
}

Result<void> write_table(const CaseFile& file, const Export& request, const fs::path& to) {
  COTEJO_TRY(findings, findings_of(file, request.id));
  const auto& finding = findings.back();  // the latest of this id
  std::vector<std::string> names;
  for (const auto& table : finding.value("tables", Json::array())) {
    names.push_back(table.value("id", ""));
    if (names.back() != request.table) continue;
    return write_text(to, csv_of(table));
  }
  return Error{.code = ErrorCode::count_unknown,
               .message = "the finding has no such table",
               .value = request.table,
               .remedy = fmt::format("It has: {}.", fmt::join(names, ", "))};
}

Result<void> write_assembly(const CaseFile& file, const Export& request, const fs::path& to) {
  COTEJO_TRY(assembly, file.load_assembly(request.id));
  if (request.format.empty() || request.format == "long") return write_text(to, votes_csv(assembly));
  if (request.format == "timeline") return write_text(to, timeline_csv(assembly));
  if (request.format == "popolo") return write_text(to, popolo_json(assembly));
  return usage_error(fmt::format("an assembly is not written as {}", request.format),
                     "Formats of an assembly: long (its votes), timeline (its memberships), popolo (JSON).");
}

Result<void> write_units(const CaseFile& file, const Export& request, const fs::path& to, const Context& context) {
  if (request.format != "geojson" && request.format != "gpkg")
    return usage_error(request.format.empty() ? "units are written as a layer for maps: in which format?"
                                              : fmt::format("units are not written as {}", request.format),
                       "--to geojson or --to gpkg; a table of units: cotejo units CASE --format csv.");
  std::string id = request.id;
  if (id.empty()) {
    COTEJO_TRY(only, default_count(file));
    id = only;
  }
  COTEJO_TRY(count, file.load_count(id));
  COTEJO_TRY(written,
             write_units_layer(count, request.where,
                               request.format == "gpkg" ? LayerFormat::geopackage : LayerFormat::geojson, to, context));
  if (written.without_point > 0)
    notice(fmt::format("{} of {} no coordinates: in the file without a point.",
                       counted(written.without_point, "unit has", "units have"), with_thousands(written.units)));
  return {};
}

Result<void> write(const CaseFile& file, const Export& request, const fs::path& to, const Context& context) {
  if (!request.where.empty() && request.what != "units")
    return usage_error("--where goes with units",
                       "As in: cotejo export CASE units --to geojson --where \"cast > registered\".");
  if (request.what == "units") return write_units(file, request, to, context);
  if (request.what == "assembly") return write_assembly(file, request, to);
  if (request.what == "count") return write_count(file, request, to);
  if (request.what == "challenge") return write_challenge(file, request, to);
  if (request.what == "table") return write_table(file, request, to);
  return write_findings(file, request, to);
}

Result<void> run_export(const Export& request, const Context& context) {
  if (request.what != "findings" && request.what != "units" && request.id.empty())
    return usage_error(fmt::format("which {}?", request.what), "Name it: cotejo list CASE shows what there is.");
  if (request.what == "table" && request.table.empty())
    return usage_error("which table of the finding?", "Name it behind the finding's id.");
  COTEJO_TRY(file, CaseFile::open(request.case_path, CaseFile::Mode::read, case_options()));
  if (request.out != "-") {
    if (fs::exists(request.out) && !request.force)
      return Error{.code = ErrorCode::conflict,
                   .message = "this file is there already",
                   .file = request.out,
                   .remedy = "Name another, or add --force."};
    COTEJO_CHECK(write(file, request, request.out, context));
    notice(fmt::format("Written to {}.", printable(request.out)));
    return {};
  }
  std::string pattern = (fs::temp_directory_path() / "cotejo-export-XXXXXX").string();
  const int descriptor = mkstemp(pattern.data());
  if (descriptor < 0)
    return Error{.code = ErrorCode::file_write,
                 .message = "no temporary file can be made",
                 .file = pattern,
                 .remedy = "Check the folder for temporary files."};
  close(descriptor);
  const auto written = write(file, request, pattern, context);
  if (written) {
    std::ifstream in(pattern, std::ios::binary);
    std::cout << in.rdbuf();
    std::cout.flush();
  }
  std::error_code ignored;
  fs::remove(pattern, ignored);
  return written;
}

}  // namespace

void add_export_command(Program& program) {
  auto* command =
      program.cli.add_subcommand("export", "Write counts, challenges, findings and tables for other programs");
  auto request = std::make_shared<Export>();
  command->add_option("case", request->case_path, "The case")->required();
  command->add_option("what", request->what, "count, challenge, assembly, findings, table or units (a layer for maps)")
      ->required()
      ->check(CLI::IsMember({"count", "challenge", "assembly", "findings", "table", "units"}));
  command->add_option("id", request->id,
                      "Which one, a revision as ID@N; findings without an id: all; units: of which count");
  command->add_option("table", request->table, "Which table of the finding");
  command->add_option("--format,--to", request->format, "The format; csv or json when left out, as the object has it")
      ->check(CLI::IsMember({"csv", "long", "openelections", "nist", "json", "timeline", "popolo", "geojson", "gpkg"}));
  command->add_option("--where", request->where, "Of units: which, as in `cotejo units --where`");
  command->add_option("--out", request->out, "The file; - for stdout")->required();
  command->add_flag("--force", request->force, "Replace the file when it is there");
  command->footer(
      "Example:\n  cotejo export bolivia.cotejo count bo-2019/computo --format nist --out computo.json\n  cotejo "
      "export bolivia.cotejo findings --out findings.json\n  cotejo export "
      "bolivia.cotejo table strike readings --out -\n  cotejo export oas.cotejo assembly oas --format timeline --out "
      "memberships.csv\n  cotejo export bolivia.cotejo units bo-2019/computo --to geojson --out units.geojson\n"
      "  cotejo export bolivia.cotejo units --to gpkg --where \"cast >= registered\" --out full.gpkg");
  command->callback([&program, request] {
    program.command = [&program, request]() -> int {
      ProgressLine progress;
      const auto result = run_export(*request, program.context(0, 1, progress));
      return result ? static_cast<int>(done) : fail(result.error());
    };
  });
}

}  // namespace cotejo::app

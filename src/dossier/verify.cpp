#include <fmt/format.h>

#include <fstream>
#include <set>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "manifest.hpp"
#include "signature.hpp"

namespace cotejo {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr std::uintmax_t largest_json = 512u << 20;
constexpr std::size_t most_differences = 20;

Result<std::string> read_bounded(const fs::path& path) {
  std::error_code failed;
  const auto size = fs::file_size(path, failed);
  if (failed)
    return Error{.code = ErrorCode::file_missing,
                 .message = "the file cannot be read",
                 .file = path.string(),
                 .remedy = "Is this a dossier's folder?"};
  if (size > largest_json)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file is too large to be part of a dossier",
                 .file = path.string()};
  std::ifstream in(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

// Paths in a manifest must stay inside the folder.
bool is_inside(const fs::path& path) {
  return !path.empty() && path.is_relative() && *path.lexically_normal().begin() != "..";
}

Json without_runtime(Json findings) {
  for (auto& finding : findings)
    if (finding.is_object()) finding.erase("runtime");
  return findings;
}

// Each number or text that differs, as "strike-oas-226: /estimates/margin_points/value is 1, re-run gives 2".
void compare(const Json& stored, const Json& fresh, VerifyReport& report) {
  std::set<std::string> seen;
  for (const auto& finding : fresh) {
    const std::string id = finding.at("id");
    seen.insert(id);
    const auto match = std::find_if(stored.begin(), stored.end(),
                                    [&](const Json& s) { return s.is_object() && s.value("id", "") == id; });
    if (match == stored.end()) {
      report.problems.push_back(fmt::format("finding {}: missing from findings.json", id));
      continue;
    }
    const Json changes = Json::diff(*match, finding);
    for (std::size_t i = 0; i < changes.size() && i < most_differences; ++i) {
      const std::string path = changes[i].at("path");
      const Json::json_pointer pointer(path);
      const auto value = [&](const Json& from) {
        return from.contains(pointer) ? printable(from.at(pointer).dump(), 80) : std::string("absent");
      };
      report.problems.push_back(
          fmt::format("finding {}: {} is {}, the re-run gives {}", id, printable(path), value(*match), value(finding)));
    }
    if (changes.size() > most_differences)
      report.problems.push_back(fmt::format("finding {}: {} more differences", id, changes.size() - most_differences));
  }
  for (const auto& s : stored)
    if (!s.is_object() || !seen.contains(s.value("id", "")))
      report.problems.push_back(fmt::format("finding {}: the plan does not give it", s.value("id", "?")));
}

void check_files(const fs::path& dir, const Json& manifest, VerifyReport& report) {
  std::set<std::string> known{manifest_name, signature_name};
  for (const auto& file : manifest.at("files")) {
    const std::string path = file.at("path");
    known.insert(path);
    if (!is_inside(path)) {
      report.problems.push_back(fmt::format("{}: the manifest names a file outside the dossier", printable(path)));
      continue;
    }
    const auto sha256 = sha256_of_file(dir / path);
    if (!sha256)
      report.problems.push_back(fmt::format("{}: removed, or not readable", printable(path)));
    else if (*sha256 != file.at("sha256").get<std::string>())
      report.problems.push_back(fmt::format("{}: changed since the dossier was made", printable(path)));
  }
  for (const auto& entry : fs::recursive_directory_iterator(dir))
    if (const auto path = entry.path().lexically_relative(dir).generic_string();
        !entry.is_directory() && !known.contains(path))
      report.problems.push_back(fmt::format("{}: added since the dossier was made", printable(path)));
  report.checked.push_back(
      fmt::format("{} files against their SHA-256, and that there is no other", manifest.at("files").size()));
}

Result<void> check_signature(const VerifyRequest& request, const std::string& manifest_text, VerifyReport& report) {
  if (!fs::exists(request.dir / signature_name)) {
    if (request.public_key)
      report.problems.push_back("signature.json: the dossier is not signed");
    else
      report.unchecked.push_back(
          "who made it: the dossier is not signed, so whoever can change a file can change the manifest too");
    return {};
  }
  COTEJO_TRY(text, read_bounded(request.dir / signature_name));
  const Json json = parse_bounded(text);
  const auto field = [&](const char* name) {
    return json.is_object() && json.contains(name) && json[name].is_string() ? json[name].get<std::string>()
                                                                             : std::string();
  };
  const Signature signature{field("public_key"), field("signature")};
  if (!signature_holds(manifest_text, signature)) {
    report.problems.push_back("signature.json: the signature does not hold for this manifest");
  } else if (request.public_key && *request.public_key != signature.public_key) {
    report.problems.push_back(fmt::format("signature.json: signed by {}, not by the key given", signature.public_key));
  } else {
    report.checked.push_back(fmt::format("the signature of the manifest, by {}", signature.public_key));
    if (!request.public_key)
      report.unchecked.push_back(
          "whose key that is: compare it with the one the signer published, or give it with --public-key");
  }
  return {};
}

void check_inputs(const fs::path& data, const Json& manifest, bool required, VerifyReport& report) {
  const auto& inputs = manifest.at("inputs");
  if (std::all_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.at("role") == "profile"; }))
    return;  // their copies are the dossier's files
  if (!fs::is_directory(data)) {
    auto text = fmt::format("the inputs: there is no folder {}; point at it with --data",
                            printable(data.lexically_normal().string()));
    (required ? report.problems : report.unchecked).push_back(std::move(text));
    return;
  }
  std::size_t checked = 0;
  for (const auto& input : manifest.at("inputs")) {
    if (input.at("role") == "profile") continue;  // its copy is one of the dossier's files
    const std::string path = input.at("path");
    const auto sha256 = sha256_of_file(data / path);
    ++checked;
    if (!sha256)
      report.problems.push_back(fmt::format("input {}: not there, or not readable", printable(path)));
    else if (*sha256 != input.at("sha256").get<std::string>())
      report.problems.push_back(
          fmt::format("input {}: not the file that was audited (SHA-256 differs)", printable(path)));
  }
  report.checked.push_back(fmt::format("{} inputs against their SHA-256", checked));
}

Result<void> rerun(const VerifyRequest& request, const fs::path& data, const Json& manifest, const Context& context,
                   VerifyReport& report) {
  COTEJO_TRY(plan, read_plan(request.dir / "plan.toml"));
  AuditPlaces places{request.dir, data};
  std::optional<fs::path> scratch;
  if (plan.simulate) {
    std::string pattern = (fs::temp_directory_path() / "cotejo-verify-XXXXXX").string();
    if (!mkdtemp(pattern.data()))
      return Error{.code = ErrorCode::file_write, .message = "no temporary folder can be made", .file = pattern};
    places.data = *(scratch = pattern);
  }
  auto audit = run_plan(std::move(plan), places, context);
  if (audit && scratch)  // the drawn election must be the one kept in the dossier
    for (const auto& input : audit->inputs)
      for (const auto& stored : manifest.at("inputs"))
        if (stored.at("path") == input.path && stored.at("role") == input.role && stored.at("sha256") != input.sha256)
          report.problems.push_back(fmt::format("input {}: the program draws another one from this plan", input.path));
  if (scratch) fs::remove_all(*scratch);
  if (!audit) {
    if (audit.error().code == ErrorCode::cancelled) return std::move(audit).error();
    report.problems.push_back("re-run: " + describe(audit.error()));
    return {};
  }
  COTEJO_TRY(text, read_bounded(request.dir / "findings.json"));
  const Json stored = without_runtime(parse_bounded(text));
  const auto files = render(*audit);
  if (!stored.is_array())
    report.problems.push_back("findings.json: not a list of findings");
  else
    compare(stored, without_runtime(Json::parse(files.at("findings.json"))), report);
  for (const auto& [path, content] : files) {
    if (path == "findings.json") continue;
    const auto there = read_bounded(request.dir / path);
    if (!there) {
      report.problems.push_back(fmt::format("{}: the re-run writes it, the dossier lacks it", path));
    } else if (path.starts_with("findings/")) {
      const Json one = Json::array({parse_bounded(*there)});
      if (without_runtime(one) != without_runtime(Json::array({Json::parse(content)})))
        report.problems.push_back(fmt::format("{}: the re-run gives another one", path));
    } else if (*there != content) {
      report.problems.push_back(fmt::format("{}: the re-run writes another one", path));
    }
  }
  report.checked.push_back(
      fmt::format("{} findings recomputed from the inputs, every number compared", audit->findings.size()));
  if (manifest.at("program").value("version", "") != program_version())
    report.unchecked.push_back(fmt::format("the version: made by {}, re-run by {}",
                                           manifest.at("program").value("version", "?"), program_version()));
  return {};
}

}  // namespace

Result<VerifyReport> verify(const VerifyRequest& request, const Context& context) {
  VerifyReport report;
  COTEJO_TRY(text, read_bounded(request.dir / manifest_name));
  const Json manifest = parse_bounded(text);
  const auto damaged = [&](const std::string& why) {
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the manifest cannot be used: " + why,
                 .file = (request.dir / manifest_name).string(),
                 .remedy = "Get the dossier again from whoever made it."};
  };
  if (manifest.is_discarded() || !manifest.is_object()) return damaged("it is not JSON");
  try {
    if (manifest.value("schema", "") != "cotejo.manifest/1") return damaged("its schema is not cotejo.manifest/1");
    check_files(request.dir, manifest, report);
    COTEJO_CHECK(check_signature(request, text, report));
    const fs::path data = manifest.value("synthetic", false)
                              ? request.dir / "inputs"
                              : request.data.value_or(request.dir / manifest.at("data").get<std::string>());
    check_inputs(data, manifest, request.rerun, report);
    if (request.rerun)
      COTEJO_CHECK(rerun(request, data, manifest, context, report));
    else
      report.unchecked.push_back("the numbers themselves: --rerun recomputes them");
  } catch (const Json::exception& e) {
    return damaged(e.what());
  }
  return report;
}

}  // namespace cotejo

// What a dossier promises, checked from the outside in: the folder, the manifest, the signature, what the files hold
// together, the inputs, and with `rerun` every byte again.
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "manifest.hpp"
#include "scratch.hpp"
#include "signature.hpp"
#include "timestamp.hpp"

namespace cotejo {

namespace fs = std::filesystem;
using Json = nlohmann::json;

namespace {

constexpr std::size_t most_differences = 20, most_problems = 1000;

struct FileRecord {
  std::string sha256;
  std::uint64_t bytes = 0;
};

// One run of `verify`: the manifest, and what was found of it.
struct Check {
  const VerifyRequest& request;
  const Context& context;
  VerifyReport report{};
  std::string text{};  // of the manifest
  Json manifest{};
  std::map<std::string, FileRecord> files{};  // of the manifest

  void problem(std::string sentence) {
    if (report.problems.size() < most_problems) report.problems.push_back(std::move(sentence));
  }
  fs::path path(std::string_view name) const { return request.dir / name; }
  std::string sha256_of_manifest(std::string_view name) const {
    const auto found = files.find(std::string(name));
    return found == files.end() ? std::string() : found->second.sha256;
  }
};

Error damaged(const Check& check, const std::string& why) {
  return {.code = ErrorCode::file_damaged,
          .message = "the manifest cannot be used: " + why,
          .file = check.path(manifest_name).string(),
          .remedy = "Get the dossier again from whoever made it."};
}

bool is_inside(const fs::path& path) {
  return path.has_filename() && path.is_relative() && path.lexically_normal().string() == path.string() &&
         path.filename() != "." && *path.begin() != "..";
}

Result<void> read_manifest(Check& check) {
  COTEJO_TRY(text, read_regular(check.path(manifest_name), largest_manifest));
  check.text = std::move(text);
  check.manifest = parse_bounded(check.text);
  if (check.manifest.is_discarded() || !check.manifest.is_object()) return damaged(check, "it is not JSON");
  const auto schema = check.manifest.value("schema", "");
  if (schema != manifest_schema) return damaged(check, fmt::format("its schema is not {}", manifest_schema));
  const auto& files = check.manifest.at("files");
  if (!files.is_array() || files.size() > most_files)
    return damaged(check, fmt::format("it does not list at most {} files", most_files));
  for (const auto& file : files) {
    const std::string path = file.at("path");
    if (!is_inside(path) || names_beside_the_manifest().contains(path))
      check.problem(fmt::format("{}: the manifest names a file outside the dossier", printable(path)));
    else if (!check.files.emplace(path, FileRecord{file.at("sha256"), file.at("bytes")}).second)
      check.problem(fmt::format("{}: the manifest names the file twice", printable(path)));
  }
  return {};
}

// Every entry below the folder: regular files by path with their sizes; anything else is a problem.
Result<std::map<std::string, std::uint64_t>> entries(Check& check) {
  std::map<std::string, std::uint64_t> found;
  std::error_code failed;
  std::size_t seen = 0;
  for (fs::recursive_directory_iterator entry(check.request.dir, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (check.context.cancelled()) return cancelled_error();
    const std::string path = entry->path().lexically_relative(check.request.dir).generic_string();
    if (++seen > 2 * most_files) {
      check.problem(fmt::format("{}: more entries than a dossier has", printable(path)));
      return found;
    }
    struct stat status {};
    if (::lstat(entry->path().c_str(), &status) != 0)
      check.problem(fmt::format("{}: not readable", printable(path)));
    else if (S_ISREG(status.st_mode))
      found.emplace(path, static_cast<std::uint64_t>(status.st_size));
    else if (!S_ISDIR(status.st_mode))
      check.problem(fmt::format("{}: added since the dossier was made, and not a regular file", printable(path)));
  }
  if (failed) check.problem(fmt::format("the folder cannot be read: {}", failed.message()));
  return found;
}

Result<void> check_files(Check& check) {
  COTEJO_TRY(found, entries(check));
  for (const auto& [path, record] : check.files) {
    if (check.context.cancelled()) return cancelled_error();
    const auto there = found.find(path);
    if (there == found.end()) {
      check.problem(fmt::format("{}: removed, or not a regular file", printable(path)));
    } else if (there->second != record.bytes) {
      check.problem(fmt::format("{}: changed since the dossier was made ({} bytes, the manifest has {})",
                                printable(path), there->second, record.bytes));
    } else if (const auto sha256 = sha256_of_file(check.path(path), check.context.cancel);
               !sha256 || *sha256 != record.sha256) {
      check.problem(fmt::format("{}: changed since the dossier was made", printable(path)));
    }
  }
  for (const auto& [path, bytes] : found)
    if (!check.files.contains(path) && !names_beside_the_manifest().contains(path))
      check.problem(fmt::format("{}: added since the dossier was made", printable(path)));
  for (const char* name : {sums_name, runtime_name})
    if (!found.contains(name)) check.problem(fmt::format("{}: removed", name));
  check.report.checked.push_back(
      fmt::format("{} files against their SHA-256, and that there is no other", check.files.size()));
  return {};
}

Result<void> check_signature(Check& check) {
  std::optional<std::string> demanded;
  if (check.request.public_key) {
    COTEJO_TRY(key, public_key_from(*check.request.public_key));
    demanded = key;
  }
  std::map<std::string, std::string> parts;
  for (const char* name : {minisign_name, raw_signature_name, signer_key_name})
    if (const auto text = read_regular(check.path(name), 4096)) parts[name] = *text;
  if (parts.empty()) {
    check.report.standing =
        "NOT SIGNED: anyone can have made this dossier or changed it and its manifest together. What follows shows "
        "that its "
        "files fit one another, not who made them.";
    if (demanded) check.problem(fmt::format("{}: the dossier is not signed", minisign_name));
    return {};
  }
  check.report.standing = "SIGNED, but the signature does not hold.";
  const auto key = public_key_from(parts[signer_key_name]);
  if (parts.size() != 3 || !key) {
    check.problem(fmt::format("{}: the signature is not whole (three files: {}, {}, {})", minisign_name, minisign_name,
                              raw_signature_name, signer_key_name));
    return {};
  }
  bool holds = true;
  if (!minisign_holds(check.text, parts[minisign_name], *key)) {
    check.problem(fmt::format("{}: the signature does not hold for this manifest", minisign_name));
    holds = false;
  }
  if (!raw_signature_holds(check.text, parts[raw_signature_name], *key)) {
    check.problem(fmt::format("{}: the signature does not hold for this manifest", raw_signature_name));
    holds = false;
  }
  if (demanded && *demanded != *key) {
    check.problem(fmt::format("{}: signed by {}, not by the key given", signer_key_name, key_in_hex(*key)));
    holds = false;
  }
  if (!holds) return {};
  check.report.standing = fmt::format("SIGNED by the key {}.", key_in_hex(*key));
  check.report.checked.push_back("the signature of the manifest");
  if (!demanded)
    check.report.unchecked.push_back(
        "whose key that is: compare it with the one that the signer published, or give it with --public-key");
  return {};
}

Result<void> check_time(Check& check) {
  const auto& authority = check.request.authority;
  if (!fs::exists(fs::symlink_status(check.path(timestamp_name)))) {
    if (authority) check.problem(fmt::format("{}: the dossier has no time stamp", timestamp_name));
    return {};
  }
  const auto bytes = read_regular(check.path(timestamp_name), largest_timestamp);
  const auto stamp = bytes ? check_timestamp(*bytes, check.text, authority) : Result<TimeStamp>(bytes.error());
  if (!stamp) {
    if (stamp.error().code != ErrorCode::file_damaged && bytes) return stamp.error();  // of the authority's file
    check.problem(fmt::format("{}: {}", timestamp_name, stamp.error().message));
    return {};
  }
  const auto what = fmt::format("the time stamp of {}, serial number {}", stamp->at, printable(stamp->serial));
  if (stamp->signature == TimeStamp::Signature::by_the_authority) {
    check.report.checked.push_back(what + ", that it is of this manifest and by the authority given");
    return {};
  }
  check.report.checked.push_back(fmt::format("{}, that it is of this manifest{}", what,
                                             stamp->signature == TimeStamp::Signature::holds ? ", and whole" : ""));
  check.report.unchecked.push_back(
      "who made the time stamp: get the authority's certificates from the authority and give them with --authority");
  return {};
}

// The files that findings.json, plan and inputs demand, no more and no fewer, and that they agree with one another.
Result<void> check_contents(Check& check) {
  COTEJO_TRY(text, read_regular(check.path("findings.json"), largest_file));
  const auto findings = parse_bounded<nlohmann::ordered_json>(text);
  if (!findings.is_array() || findings.empty()) {
    check.problem("findings.json: not a list of findings");
    return {};
  }
  Files expected = files_of_findings(findings);
  for (const auto& [path, content] : expected) {
    if (!check.files.contains(path) || check.sha256_of_manifest(path) == sha256_of(content)) continue;
    const auto there = read_regular(check.path(path), largest_file);
    if (!path.ends_with(".json") || !there || parse_bounded(*there) != parse_bounded(content))
      check.problem(fmt::format("{}: not what findings.json has", printable(path)));
  }
  for (const char* name : {"findings.json", "plan.toml", "report.html"}) expected.emplace(name, "");
  // A dossier of an earlier version has none.
  for (const char* name : {evidence_name, answers_name})
    if (check.files.contains(name)) expected.emplace(name, "");
  const bool synthetic = check.manifest.at("synthetic");
  for (const auto& input : check.manifest.at("inputs")) {
    const std::string path = input.at("path");
    const bool profile = input.at("role") == "profile";
    if (!profile && !synthetic) continue;
    const std::string name = profile ? path : "inputs/" + path;
    expected.emplace(name, "");
    if (check.sha256_of_manifest(name) != input.at("sha256").get<std::string>())
      check.problem(fmt::format("{}: not the input that the manifest names", printable(name)));
  }
  for (const auto& [path, content] : expected)
    if (!check.files.contains(path)) check.problem(fmt::format("{}: the manifest does not name it", printable(path)));
  for (const auto& [path, record] : check.files)
    if (!expected.contains(path))
      check.problem(fmt::format("{}: no finding, plan or input of the dossier has this file", printable(path)));
  for (const auto& finding : findings)
    for (const auto& input : finding.at("inputs"))
      if (input.contains("count")) {
        const auto& counts = check.manifest.at("counts");
        if (std::none_of(counts.begin(), counts.end(), [&](const Json& count) {
              return count.at("id") == input.at("count") && count.at("sha256") == input.at("sha256") &&
                     count.at("units") == input.at("units");
            }))
          check.problem(fmt::format("finding {}: its count {} is not the manifest's",
                                    printable(finding.at("id").get<std::string>()),
                                    printable(input.at("count").get<std::string>())));
      }
  return {};
}

void check_plan(Check& check) {
  const auto plan = read_plan(check.path("plan.toml"));
  if (!plan) {
    check.problem("plan.toml: " + describe(plan.error()));
    return;
  }
  const auto& manifest = check.manifest;
  if (manifest.at("plan").at("sha256") != check.sha256_of_manifest("plan.toml") ||
      manifest.at("plan").at("id") != plan->id)
    check.problem("plan.toml: not the plan that the manifest names");
  if (manifest.at("seed") != plan->seed) check.problem("plan.toml: its seed is not the manifest's");
  if (manifest.at("synthetic") != plan->simulate.has_value())
    check.problem("plan.toml: whether the election was drawn by the program is not as in the manifest");
}

// SHA256SUMS and runtime.json, which the manifest does not hold.
void check_beside(Check& check) {
  std::string sums = fmt::format("{}  {}\n", sha256_of(check.text), manifest_name);
  for (const auto& [path, record] : check.files) sums += fmt::format("{}  {}\n", record.sha256, path);
  if (const auto text = read_regular(check.path(sums_name), largest_manifest); text && *text != sums)
    check.problem(fmt::format("{}: not the manifest's hashes", sums_name));
  if (const auto text = read_regular(check.path(runtime_name), largest_manifest)) {
    const Json runtime = parse_bounded(*text);
    if (!runtime.is_object() || runtime.value("schema", Json()) != "cotejo.runtime/1")
      check.problem(fmt::format("{}: not of its schema", runtime_name));
  }
}

// Where the inputs lie: as the user says, else where the dossier was made from. Any file found there must have the manifest's hash
// before it is read.
fs::path data_folder(const Check& check) {
  if (check.manifest.at("synthetic").get<bool>()) return check.request.dir / "inputs";
  if (check.request.data) return *check.request.data;
  const auto text = read_regular(check.path(runtime_name), largest_manifest);
  const Json runtime = text ? parse_bounded(*text) : Json();
  if (!runtime.is_object() || !runtime.contains("data") || !runtime["data"].is_string()) return {};
  return check.request.dir / runtime["data"].get<std::string>();
}

// Whether every input is there and the one that was audited.
bool check_inputs(Check& check, const fs::path& data) {
  const auto& inputs = check.manifest.at("inputs");
  if (std::all_of(inputs.begin(), inputs.end(), [](const auto& input) { return input.at("role") == "profile"; }))
    return true;  // their copies are the dossier's files
  if (data.empty() || !fs::is_directory(data)) {
    auto text = fmt::format("the inputs: there is no folder {}; point at it with --data",
                            printable(data.lexically_normal().string()));
    (check.request.rerun ? check.report.problems : check.report.unchecked).push_back(std::move(text));
    return false;
  }
  std::size_t checked = 0;
  bool all = true;
  for (const auto& input : inputs) {
    if (input.at("role") == "profile") continue;
    const std::string path = input.at("path");
    const auto file = path_inside(data, path);
    const auto sha256 = file ? sha256_of_file(*file, check.context.cancel) : Result<std::string>(file.error());
    if (check.context.cancelled()) return false;
    ++checked;
    if (sha256 && *sha256 == input.at("sha256").get<std::string>()) continue;
    all = false;
    check.problem(sha256 ? fmt::format("input {}: not the file that was audited (SHA-256 differs)", printable(path))
                         : fmt::format("input {}: not there, or not readable", printable(path)));
  }
  check.report.checked.push_back(fmt::format("{} inputs against their SHA-256", checked));
  return all;
}

// Each number or text that differs, as "finding strike: /estimates/margin_points/value is 1, the re-run gives 2".
void compare(Check& check, const std::string& what, const Json& stored, const Json& fresh) {
  const Json changes = Json::diff(stored, fresh);
  for (std::size_t i = 0; i < changes.size() && i < most_differences; ++i) {
    const std::string path = changes[i].at("path");
    const Json::json_pointer pointer(path);
    const auto value = [&](const Json& from) {
      return from.contains(pointer) ? printable(from.at(pointer).dump(), 80) : std::string("absent");
    };
    check.problem(fmt::format("{}: {} is {}, the re-run gives {}", what, printable(path), value(stored), value(fresh)));
  }
}

void compare_findings(Check& check, const Json& stored, const Json& fresh) {
  for (std::size_t i = 0; i < std::max(stored.size(), fresh.size()); ++i) {
    const auto id = [&](const Json& from) {
      return i < from.size() ? printable(from[i].at("id").get<std::string>()) : std::string("none");
    };
    if (id(stored) == id(fresh))
      compare(check, fmt::format("finding {}", id(stored)), stored[i], fresh[i]);
    else
      check.problem(fmt::format("finding {}: the re-run has {} in its place", id(stored), id(fresh)));
  }
}

// The fresh dossier's manifest against the one that is there, byte for byte; where they differ, what differs.
void compare_manifests(Check& check, const std::string& fresh_text) {
  if (fresh_text == check.text) return;
  const std::size_t before = check.report.problems.size();
  Json stored = check.manifest, fresh = Json::parse(fresh_text);
  std::map<std::string, std::string> rewritten;
  for (const auto& file : fresh.at("files")) rewritten[file.at("path")] = file.at("sha256");
  for (const auto& [path, sha256] : rewritten)
    if (const auto there = check.sha256_of_manifest(path); there != sha256)
      check.problem(
          fmt::format("{}: {}", printable(path),
                      there.empty() ? "the re-run writes it, the dossier lacks it" : "the re-run writes another one"));
  for (const auto& [path, record] : check.files)
    if (!rewritten.contains(path)) check.problem(fmt::format("{}: the re-run does not write it", printable(path)));
  stored.erase("files");
  fresh.erase("files");
  compare(check, manifest_name, stored, fresh);
  if (check.report.problems.size() == before)
    check.problem(fmt::format("{}: the re-run writes the same values in other bytes", manifest_name));
}

Result<void> rerun(Check& check, const fs::path& data) {
  COTEJO_TRY(plan, read_plan(check.path("plan.toml")));
  COTEJO_TRY(scratch, Scratch::make("cotejo-verify"));
  AuditPlaces places{check.request.dir, plan.simulate ? scratch.path : data};
  places.allowed.emplace();
  for (const auto& input : check.manifest.at("inputs"))
    places.allowed->insert({{input.at("role").get<std::string>(), input.at("path").get<std::string>()},
                            input.at("sha256").get<std::string>()});
  auto audit = run_plan(std::move(plan), places, check.context);
  if (!audit) {
    if (audit.error().code == ErrorCode::cancelled) return std::move(audit).error();
    check.problem("re-run: " + describe(audit.error()));
    return {};
  }
  if (check.manifest.contains("case_head")) {
    audit->case_head = check.manifest.at("case_head");
    check.report.unchecked.push_back(
        "the case that the inputs came from: compare the manifest's case_head with what `cotejo check-case` prints");
  }
  COTEJO_TRY(files, all_files(*audit, places.data));
  COTEJO_TRY(text, read_regular(check.path("findings.json"), largest_file));
  compare_findings(check, parse_bounded(text), Json::parse(files.at("findings.json")));
  compare_manifests(check, render_manifest(*audit, files));
  check.report.checked.push_back(fmt::format(
      "{} findings recomputed from the inputs, every number and every file compared", audit->findings.size()));
  return {};
}

Result<void> check_all(Check& check) {
  COTEJO_CHECK(read_manifest(check));
  COTEJO_CHECK(check_signature(check));
  COTEJO_CHECK(check_time(check));
  COTEJO_CHECK(check_files(check));
  if (check.context.cancelled()) return cancelled_error();
  // What the files hold is read only where they are the files that the manifest names.
  const bool whole = check.report.problems.empty();
  if (whole) {
    COTEJO_CHECK(check_contents(check));
    check_plan(check);
    check_beside(check);
  }
  const fs::path data = data_folder(check);
  const bool same_inputs = check_inputs(check, data);
  if (check.context.cancelled()) return cancelled_error();
  if (!check.request.rerun)
    check.report.unchecked.push_back("the numbers themselves: --rerun recomputes them");
  else if (whole && same_inputs)
    return rerun(check, data);
  else
    check.report.unchecked.push_back("the numbers: they are recomputed only from the files that the manifest names");
  return {};
}

}  // namespace

Result<VerifyReport> verify(const VerifyRequest& request, const Context& context) {
  Check check{.request = request, .context = context};
  try {
    COTEJO_CHECK(check_all(check));
  } catch (const Json::exception& e) {
    return damaged(check, e.what());
  } catch (const fs::filesystem_error& e) {
    return Error{.code = ErrorCode::file_damaged,
                 .message = fmt::format("the folder cannot be read: {}", e.code().message()),
                 .file = e.path1().string(),
                 .remedy = "Get the dossier again from whoever made it."};
  }
  return std::move(check.report);
}

}  // namespace cotejo

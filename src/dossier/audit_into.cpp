#include <fmt/format.h>

#include <set>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/row_log.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "manifest.hpp"
#include "signature.hpp"
#include "staging.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t largest_input_kept = 1ULL << 32;

// `out` may be absent, empty, or a dossier of ours with nothing beside it.
Result<void> may_replace(const fs::path& out) {
  const auto refuse = [&](const std::string& why) {
    return Error{.code = ErrorCode::conflict,
                 .message = why,
                 .file = out.string(),
                 .remedy = "Choose another folder with --out, or move this one away."};
  };
  if (!fs::exists(out)) return {};
  if (!fs::is_directory(out)) return refuse("there is a file in the dossier's place");
  if (fs::is_empty(out)) return {};
  std::set<std::string> known = names_beside_the_manifest();
  const auto text = read_regular(out / manifest_name, largest_manifest);
  const auto manifest = text ? parse_bounded(*text) : nlohmann::json();
  try {
    if (!std::string(manifest.at("schema")).starts_with("cotejo.manifest/"))
      return refuse("the folder is not empty and not a dossier");
    for (const auto& file : manifest.at("files")) known.insert(file.at("path").get<std::string>());
    if (manifest.at("schema") == "cotejo.manifest/1") known.insert("signature.json");
  } catch (const nlohmann::json::exception&) {
    return refuse("the folder is not empty and not a dossier");
  }
  for (const auto& entry : fs::recursive_directory_iterator(out))
    if (!entry.is_directory() && !known.contains(entry.path().lexically_relative(out).generic_string()))
      return refuse(fmt::format("the folder holds a file that is not the dossier's: {}",
                                entry.path().lexically_relative(out).generic_string()));
  return {};
}

// The folder that the person names, else the plan's: inside the root, also behind links, or the custom one.
Result<fs::path> data_folder(const AuditRequest& request, const Plan& plan, const fs::path& root) {
  if (request.data) return *request.data;
  if (plan.data == Plan::custom_data) return request.usual_data.empty() ? root / plan.data : request.usual_data;
  return path_inside(root, plan.data);
}

}  // namespace

Result<Files> all_files(const Audit& audit, const fs::path& data) {
  Files files = render(audit);
  for (const auto& input : audit.inputs) {
    const bool profile = input.role == "profile";
    if (!profile && !audit.synthetic) continue;
    COTEJO_TRY(path, path_inside(profile ? audit.root : data, input.path));
    COTEJO_TRY(text, read_regular(path, largest_input_kept));
    const std::string name = profile ? input.path : "inputs/" + input.path;
    const auto [kept, is_new] = files.emplace(name, text);
    if (names_beside_the_manifest().contains(name) || (!is_new && kept->second != text))
      return Error{.code = ErrorCode::plan_invalid,
                   .message = "this input has the name of another file of the dossier",
                   .file = audit.plan.file_name,
                   .value = name,
                   .remedy = "Give the file another name, in a folder of its own."};
  }
  return files;
}

Result<AuditDone> audit_into(const AuditRequest& request, const Context& context, const Notice& notice) {
  AuditDone done;
  COTEJO_TRY(plan, read_plan(request.plan));
  AuditPlaces places{root_of(request.plan), {}};
  if (!request.resume.empty()) {
    std::error_code failed;
    fs::create_directories(request.resume, failed);
    if (failed)
      return Error{.code = ErrorCode::file_write,
                   .message = "the folder cannot be made: " + failed.message(),
                   .file = request.resume.string(),
                   .remedy = "Name another folder with --resume."};
    places.resume = request.resume;
  }
  COTEJO_TRY(data, data_folder(request, plan, places.root));
  places.data = std::move(data);
  if (!plan.simulate && plan.reads_data() && !fs::is_directory(places.data)) {
    if (request.data || !plan.when_absent)
      return Error{.code = ErrorCode::file_missing,
                   .message = "the folder with the input files is not there",
                   .file = places.data.string(),
                   .remedy = "Point at it with --data DIR; README.md says where the files were published."};
    COTEJO_TRY(fallback, path_inside(places.root, *plan.when_absent));
    COTEJO_TRY(stand_in, read_plan(fallback));
    done.notice = fmt::format(
        "SYNTHETIC: the data folder {} is not here, so this audit runs plan '{}' on an election that the program drew; "
        "no real vote is in it.",
        places.data.lexically_normal().string(), stand_in.id);
    plan = std::move(stand_in);
  } else if (plan.simulate) {
    done.notice =
        fmt::format("SYNTHETIC: plan '{}' runs on an election that the program drew; no real vote is in it.", plan.id);
  }
  if (!done.notice.empty() && notice) notice(done.notice);

  COTEJO_CHECK(may_replace(request.out));
  if (request.key) COTEJO_CHECK(sign("", *request.key));  // a key that cannot be used is an error before the work
  COTEJO_TRY(staging, Staging::make(request.out));
  if (plan.simulate) {
    places.data = staging.path() / "inputs";
    fs::create_directory(places.data);
  }
  COTEJO_TRY(audit, run_plan(std::move(plan), places, context));
  audit.case_head = request.case_head;

  COTEJO_TRY(files, all_files(audit, places.data));
  const std::string manifest = render_manifest(audit, files);
  Files beside{{manifest_name, manifest},
               {sums_name, render_sums(files, manifest)},
               {runtime_name, render_runtime(audit, fs::absolute(request.out))}};
  if (request.key) {
    COTEJO_TRY(signature, sign(manifest, *request.key));
    beside.merge(signature);
  }
  for (const auto* group : {&files, &beside})
    for (const auto& [path, content] : *group)
      if (!audit.synthetic || !path.starts_with("inputs/")) COTEJO_CHECK(staging.write(path, content));
  if (context.cancelled()) return cancelled_error();
  COTEJO_CHECK(staging.take_place(request.out, fs::exists(request.out)));
  if (!request.resume.empty()) {
    for (const auto& finding : audit.findings) remove_rows(request.resume / (finding.id + ".rows"));
    std::error_code not_empty;
    fs::remove(request.resume, not_empty);
  }
  done.audit = std::move(audit);
  return done;
}

}  // namespace cotejo

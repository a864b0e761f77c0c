#include <fmt/format.h>

#include <fstream>
#include <set>

#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/row_log.hpp"
#include "manifest.hpp"
#include "signature.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

Error cannot_write(const fs::path& path, const std::string& why) {
  return {.code = ErrorCode::file_write,
          .message = "the dossier cannot be written: " + why,
          .file = path.string(),
          .remedy = "Choose another folder with --out, or check its permissions and the free space."};
}

// A folder beside the dossier's place, gone again unless it was moved there.
class Staging {
 public:
  static Result<Staging> make(const fs::path& out) {
    std::error_code failed;
    const fs::path place = fs::absolute(out).lexically_normal();
    const fs::path parent = (place.has_filename() ? place : place.parent_path()).parent_path();
    fs::create_directories(parent, failed);
    if (failed) return cannot_write(parent, failed.message());
    std::string pattern = (parent / ".cotejo-XXXXXX").string();
    if (!mkdtemp(pattern.data())) return cannot_write(parent, std::generic_category().message(errno));
    return Staging(pattern);
  }
  Staging(Staging&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Staging& operator=(Staging&&) = delete;
  ~Staging() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

  // To `out`; what was there before (a dossier) is removed only after the new one stands.
  Result<void> move_to(const fs::path& out) {
    std::error_code failed;
    fs::permissions(path_,
                    fs::perms::owner_all | fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read |
                        fs::perms::others_exec,
                    failed);
    const fs::path before = path_.string() + "-before";
    const bool replaces = fs::exists(out);
    if (replaces) {
      fs::rename(out, before, failed);
      if (failed) return cannot_write(out, failed.message());
    }
    fs::rename(path_, out, failed);
    if (failed) {
      std::error_code ignored;
      if (replaces) fs::rename(before, out, ignored);
      return cannot_write(out, failed.message());
    }
    path_.clear();
    if (replaces) fs::remove_all(before, failed);
    return {};
  }

 private:
  explicit Staging(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

Result<void> write_file(const fs::path& path, const std::string& content) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  std::ofstream out(path, std::ios::binary);
  out << content;
  if (!out.flush()) return cannot_write(path, "writing failed");
  return {};
}

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
  std::ifstream in(out / manifest_name);
  std::set<std::string> known{manifest_name, signature_name};
  try {
    const auto manifest = nlohmann::json::parse(in);
    if (manifest.at("schema") != "cotejo.manifest/1") return refuse("the folder is not empty and not a dossier");
    for (const auto& file : manifest.at("files")) known.insert(file.at("path").get<std::string>());
  } catch (const nlohmann::json::exception&) {
    return refuse("the folder is not empty and not a dossier");
  }
  for (const auto& entry : fs::recursive_directory_iterator(out))
    if (!entry.is_directory() && !known.contains(entry.path().lexically_relative(out).generic_string()))
      return refuse(fmt::format("the folder holds a file that is not the dossier's: {}",
                                entry.path().lexically_relative(out).generic_string()));
  return {};
}

Result<std::string> read_whole(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(in)), {});
  if (!in) return Error{.code = ErrorCode::file_missing, .message = "the file cannot be read", .file = path.string()};
  return content;
}

}  // namespace

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
  places.data = request.data.value_or(places.root / plan.data);
  if (!plan.simulate && plan.reads_data() && !fs::is_directory(places.data)) {
    if (request.data || !plan.when_absent)
      return Error{.code = ErrorCode::file_missing,
                   .message = "the folder with the input files is not there",
                   .file = places.data.string(),
                   .remedy = "Point at it with --data DIR; README.md says where the files were published."};
    const fs::path fallback = places.root / *plan.when_absent;
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
  COTEJO_TRY(staging, Staging::make(request.out));
  if (plan.simulate) {
    places.data = staging.path() / "inputs";
    fs::create_directory(places.data);
  }
  COTEJO_TRY(audit, run_plan(std::move(plan), places, context));

  auto files = render(audit);
  for (const auto& input : audit.inputs) {
    if (input.role == "profile") {
      COTEJO_TRY(text, read_whole(places.root / input.path));
      files[input.path] = text;
    } else if (audit.synthetic) {
      COTEJO_TRY(text, read_whole(places.data / input.path));
      files["inputs/" + input.path] = text;
    }
  }
  const std::string manifest = render_manifest(audit, files, fs::absolute(request.out));
  std::optional<std::string> signature;
  if (request.key) {
    COTEJO_TRY(made, sign(manifest, *request.key));
    signature = nlohmann::ordered_json{{"schema", "cotejo.signature/1"},
                                       {"algorithm", "Ed25519"},
                                       {"of", manifest_name},
                                       {"public_key", made.public_key},
                                       {"signature", made.signature}}
                    .dump(1) +
                "\n";
  }
  for (const auto& [path, content] : files) COTEJO_CHECK(write_file(staging.path() / path, content));
  COTEJO_CHECK(write_file(staging.path() / manifest_name, manifest));
  if (signature) COTEJO_CHECK(write_file(staging.path() / signature_name, *signature));
  if (context.cancelled()) return cancelled_error();
  COTEJO_CHECK(staging.move_to(request.out));
  if (!request.resume.empty()) {
    for (const auto& finding : audit.findings) remove_rows(request.resume / (finding.id + ".rows"));
    std::error_code not_empty;
    fs::remove(request.resume, not_empty);
  }
  done.audit = std::move(audit);
  return done;
}

}  // namespace cotejo

#include "dossiers.hpp"

#include <algorithm>
#include <fstream>

#include "cotejo/base/http_status.hpp"
#include "cotejo/base/text.hpp"

namespace cotejo::server {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_dossiers = 1000;
constexpr std::uintmax_t largest_report = 256u << 20;

// A real folder with a real report and manifest: links could lead anywhere.
bool is_dossier(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() == fs::file_type::directory &&
         fs::symlink_status(path / "manifest.json", ignored).type() == fs::file_type::regular &&
         fs::symlink_status(path / "report.html", ignored).type() == fs::file_type::regular;
}

}  // namespace

bool is_folder_name(const std::string& name) {
  return !name.empty() && name.size() <= 100 && name[0] != '.' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") ==
             std::string::npos;
}

std::vector<std::string> dossiers_in(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end && out.size() < most_dossiers;
       entry.increment(failed))
    if (const auto name = entry->path().filename().string(); is_folder_name(name) && is_dossier(entry->path()))
      out.push_back(name);
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::string> report_of(const fs::path& folder, const std::string& name) {
  const fs::path path = folder / name;
  if (!is_folder_name(name) || !is_dossier(path))
    return Error{.code = path_unknown,
                 .message = "there is no such dossier beside the case",
                 .value = printable(name),
                 .remedy = "GET /api/case lists them."};
  std::error_code failed;
  if (fs::file_size(path / "report.html", failed) > largest_report || failed)
    return Error{.code = too_large,
                 .message = "the report is too large to be served",
                 .file = (path / "report.html").string(),
                 .remedy = "Open it from disk."};
  std::ifstream in(path / "report.html", std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

}  // namespace cotejo::server

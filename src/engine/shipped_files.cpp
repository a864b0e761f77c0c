#include "cotejo/engine/shipped_files.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

std::vector<std::string_view> folders_of(Shipped kind) {
  if (kind == Shipped::plan) return {"plans"};
  return {"profiles", "data/bodies"};
}

}  // namespace

fs::path shipped_folder() {
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  // Without /proc, as in a bare chroot: where the package puts them.
  const fs::path folder = failed ? fs::path("/usr/share/cotejo") : program.parent_path().parent_path() / "share/cotejo";
  const fs::path found = fs::canonical(folder, failed);
  return failed ? fs::path() : found;
}

std::vector<std::string> shipped_names(Shipped kind, const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& sub : folders_of(kind))
    for (const auto& entry : fs::directory_iterator(folder / sub, ignored))
      if (entry.path().extension() == ".toml") out.push_back(entry.path().stem().string());
  std::sort(out.begin(), out.end());
  return out;
}

Result<fs::path> find_shipped(Shipped kind, const std::string& given, const fs::path& folder) {
  std::error_code ignored;
  if (fs::is_regular_file(given, ignored) || given.find('/') != std::string::npos || folder.empty())
    return fs::path(given);
  const std::string name = given.ends_with(".toml") ? given : given + ".toml";
  for (const auto& sub : folders_of(kind))
    if (fs::is_regular_file(folder / sub / name, ignored)) return folder / sub / name;
  const auto names = shipped_names(kind, folder);
  const auto near = nearest_name(name.substr(0, name.size() - 5), names);
  const std::string_view word = kind == Shipped::plan ? "plan" : "profile";
  return Error{.code = ErrorCode::file_missing,
               .message = fmt::format("there is no such file, and no {} of this name comes with the program", word),
               .file = given,
               .remedy = near.empty() ? fmt::format("With the program come: {}.", fmt::join(names, ", "))
                                      : fmt::format("Did you mean '{}'?", near)};
}

}  // namespace cotejo

#include "cotejo/base/regular_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

Error missing(const fs::path& path, std::string message, std::string remedy) {
  return {.code = ErrorCode::file_missing,
          .message = std::move(message),
          .file = path.string(),
          .remedy = std::move(remedy)};
}

Error not_regular(const fs::path& path, mode_t mode) {
  if (S_ISDIR(mode))
    return missing(path, "this is a folder, and a file was expected", "Name the file inside the folder.");
  const char* what = S_ISFIFO(mode) ? "a pipe" : S_ISSOCK(mode) ? "a socket" : "a device";
  return missing(path, fmt::format("this is {}, not a regular file", what), "Copy its content into a file.");
}

}  // namespace

Result<RegularFile> open_regular(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0)
    return errno == EACCES
               ? missing(path, "the file cannot be read", "Check the permissions.")
               : missing(path, "there is no such file", "Check the path, and the folder of the input files (--data).");
  if (!S_ISREG(status.st_mode)) return not_regular(path, status.st_mode);
  // What lies there may have been exchanged since: the opened file is asked again, and opening a pipe must not wait.
  const int file = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return missing(path, "the file cannot be read", "Check the permissions.");
  RegularFile out;
  out.stream.reset(::fdopen(file, "rb"));
  if (!out.stream) {
    ::close(file);
    return missing(path, "the file cannot be read", "Too many files may be open.");
  }
  if (::fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) return not_regular(path, status.st_mode);
  out.size = static_cast<std::uint64_t>(status.st_size);
  return out;
}

Result<std::string> read_regular(const fs::path& path, std::uint64_t most_bytes) {
  COTEJO_TRY(file, open_regular(path));
  // A file may grow while it is read, and some have no size: the bound holds for what is read.
  std::string text(static_cast<std::size_t>(std::min(file.size, most_bytes) + 1), '\0');
  std::size_t got = 0;
  while (const auto part = std::fread(text.data() + got, 1, text.size() - got, file.stream.get())) {
    got += part;
    if (got > most_bytes)
      return Error{.code = ErrorCode::file_damaged,
                   .message = fmt::format("the file has more than {} bytes, and at most so many are read",
                                          with_thousands(static_cast<long long>(most_bytes))),
                   .file = path.string(),
                   .remedy = "Check that it is the right file."};
    if (got == text.size()) text.resize(std::min<std::size_t>(2 * text.size(), most_bytes + 1));
  }
  if (std::ferror(file.stream.get()) != 0)
    return Error{.code = ErrorCode::file_damaged,
                 .message = "the file cannot be read to its end",
                 .file = path.string(),
                 .remedy = "Copy it to another disk and try again."};
  text.resize(got);
  return text;
}

Result<fs::path> path_inside(const fs::path& folder, std::string_view name) {
  const auto outside = [&](std::string message) {
    return Error{.code = ErrorCode::value_invalid,
                 .message = std::move(message),
                 .file = folder.string(),
                 .column = "path",
                 .value = std::string(name),
                 .remedy =
                     "Put the file into the folder, or name it on the command line (--input FILE, or its folder "
                     "with --data DIR)."};
  };
  const fs::path relative = fs::path(name).lexically_normal();
  if (name.empty() || name.find('\0') != std::string_view::npos || relative.is_absolute() || *relative.begin() == "..")
    return outside("expected a path inside the folder, without \"..\" and not absolute");
  const fs::path whole = folder / relative;
  std::error_code failed;
  const fs::path root = fs::weakly_canonical(fs::current_path() / folder, failed);
  const fs::path real = failed ? fs::path() : fs::weakly_canonical(fs::current_path() / whole, failed);
  const auto [end, unused] = std::mismatch(root.begin(), root.end(), real.begin(), real.end());
  const bool is_inside = !failed && (end == root.end() || (std::next(end) == root.end() && end->empty()));
  if (!is_inside) return outside("a symbolic link leads out of the folder");
  return whole;
}

}  // namespace cotejo

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <vector>

#include "cotejo/dossier/dossier.hpp"
#include "document.hpp"
#include "scratch.hpp"

extern char** environ;

namespace cotejo {

namespace fs = std::filesystem;

namespace {

// Runs a program without a shell, and with what makes its output the same from run to run; nothing of it is printed.
Result<void> run_tool(const std::vector<std::string>& words, const std::string& package) {
  std::vector<char*> arguments, environment;
  for (const auto& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  for (char** entry = environ; *entry; ++entry)
    if (const std::string_view text = *entry;
        !text.starts_with("PYTHONHASHSEED=") && !text.starts_with("SOURCE_DATE_EPOCH="))
      environment.push_back(*entry);
  std::string hash_seed = "PYTHONHASHSEED=0", epoch = "SOURCE_DATE_EPOCH=0";
  environment.insert(environment.end(), {hash_seed.data(), epoch.data(), nullptr});
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&silent, stream, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments[0], &silent, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&silent);
  if (failed != 0)
    return Error{
        .code = ErrorCode::file_missing,
        .message = fmt::format("the program {} cannot be started", words[0]),
        .remedy = fmt::format("Install it (Debian: apt install {}), or write the document with --to html.", package)};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{.code = ErrorCode::file_write,
                 .message = fmt::format("the program {} did not write the document", words[0]),
                 .remedy = "Write it with --to html, and convert that by hand."};
  return {};
}

}  // namespace

Result<void> write_document(const DocumentRequest& request, const Context& context) {
  if (fs::exists(request.out))
    return Error{.code = ErrorCode::conflict,
                 .message = "there is a file in the document's place",
                 .file = request.out.string(),
                 .remedy = "Choose another name with --out, or move this one away."};
  const VerifyRequest standing{.dir = request.dir};
  COTEJO_TRY(report, verify(standing, context));
  if (!report.problems.empty())
    return Error{.code = ErrorCode::verification_failed,
                 .message = "the dossier does not hold, and no document is made of it: " + report.problems.front(),
                 .file = request.dir.string(),
                 .remedy = "Run `cotejo verify` for the list of what is wrong with it."};
  COTEJO_TRY(html, document_html(request.dir));
  COTEJO_TRY(scratch, Scratch::make("cotejo-document"));
  const fs::path source = scratch.path / "document.html", made = scratch.path / "made";
  std::ofstream(source, std::ios::binary) << html;
  switch (request.to) {
    case DocumentKind::html:
      break;
    case DocumentKind::pdf:
      COTEJO_CHECK(run_tool({"weasyprint", "--quiet", "--pdf-variant", "pdf/a-3b", source.string(), made.string()},
                            "weasyprint"));
      break;
    case DocumentKind::docx:
      COTEJO_CHECK(run_tool({"pandoc", "--from=html", "--to=docx", "--shift-heading-level-by=-1",
                             "--output=" + made.string(), source.string()},
                            "pandoc"));
      break;
  }
  std::error_code failed;
  fs::copy_file(request.to == DocumentKind::html ? source : made, request.out, failed);
  if (failed)
    return Error{.code = ErrorCode::file_write,
                 .message = "the document cannot be written: " + failed.message(),
                 .file = request.out.string(),
                 .remedy = "Check the folder, its permissions and the free space."};
  return {};
}

}  // namespace cotejo

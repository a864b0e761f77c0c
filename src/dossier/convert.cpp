#include <fcntl.h>
#include <fmt/format.h>
#include <sodium.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/regular_file.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/finding/bounded_json.hpp"
#include "cotejo/finding/catalogue.hpp"
#include "cotejo/web/pages.hpp"
#include "manifest.hpp"
#include "outlines.hpp"
#include "scratch.hpp"

extern char** environ;

namespace cotejo {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

// Runs a program without a shell, and with what makes its output the same from run to run. What it prints goes into
// `printed`, its complaints nowhere.
Result<void> run_tool(const std::vector<std::string>& words, const std::string& package,
                      const std::string& printed = "/dev/null") {
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
  posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, printed.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  const int failed = posix_spawnp(&child, arguments[0], &silent, nullptr, arguments.data(), environment.data());
  posix_spawn_file_actions_destroy(&silent);
  if (failed != 0)
    return Error{
        .code = ErrorCode::file_missing,
        .message = fmt::format("the program {} cannot be started", words[0]),
        .remedy = fmt::format("Install it (Debian: apt install {}), or print report.html from a browser.", package)};
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Error{.code = ErrorCode::file_write,
                 .message = fmt::format("the program {} did not write the document", words[0]),
                 .remedy = "Write it with --to html, or print report.html from a browser."};
  return {};
}

// What web/src/document/input.ts describes: the dossier's own files.
Result<Json> input_of(const DocumentRequest& request) {
  Json input;
  for (const char* name : {answers_name, "findings.json", manifest_name}) {
    COTEJO_TRY(text, read_regular(request.dir / name, largest_file));
    input[fs::path(name).stem().string()] = parse_bounded<Json>(text);
    input["manifest_sha256"] = sha256_of(text);  // of the last one: the manifest
  }
  if (const auto answers = input["answers"].find("answers"); answers != input["answers"].end())
    input["answers"] = Json(*answers);
  COTEJO_TRY(plan, read_plan(request.dir / "plan.toml"));
  input["plan"] = {{"id", plan.id},     {"title", plan.title}, {"author", plan.author},
                   {"date", plan.date}, {"seed", plan.seed},   {"sha256", plan.sha256}};
  input["outlines"] = outlines_of(input["findings"]);
  input["language"] = !request.language.empty() ? request.language
                      : !plan.language.empty()  ? plan.language
                                                : std::string(english_language);
  return input;
}

// The document as HTML: made by the script of the pages, which runs in JavaScriptCore's shell, or in Node where that
// is not installed. The dossier goes in as a JSON text, so that nothing of it is code.
Result<void> write_html(const DocumentRequest& request, const fs::path& folder, const fs::path& html) {
  if (document_script().empty())
    return Error{.code = ErrorCode::file_missing,
                 .message = "this program was built without its pages, which make the document",
                 .remedy = "Use a build with COTEJO_WEB=ON."};
  COTEJO_TRY(input, input_of(request));
  const fs::path script = folder / "document.js";
  std::ofstream(script, std::ios::binary)
      << document_script() << ";(typeof print === 'function' ? print : console.log)(cotejo_document(JSON.parse("
      << Json(input.dump(-1, ' ', true)).dump(-1, ' ', true) << ")));\n";
  auto ran = run_tool({"jsc", script.string()}, "libjavascriptcoregtk-4.0-bin", html.string());
  if (!ran && ran.error().code == ErrorCode::file_missing)
    if (run_tool({"node", script.string()}, "", html.string())) return {};
  return ran;
}

// Word shows no SVG: every picture of the document as a PNG file of twice its size, whose name stands in its place.
Result<void> make_png_pictures(const fs::path& html, const fs::path& folder) {
  constexpr std::string_view mark = "src=\"data:image/svg+xml;base64,";
  COTEJO_TRY(text, read_regular(html, largest_file));
  std::string out;
  std::size_t from = 0, pictures = 0;
  for (auto at = text.find(mark); at != std::string::npos; at = text.find(mark, from)) {
    const auto begin = at + mark.size(), end = text.find('"', begin);
    std::string svg(end - begin, '\0');
    std::size_t size = 0;
    if (sodium_base642bin(reinterpret_cast<unsigned char*>(svg.data()), svg.size(), text.data() + begin, end - begin,
                          nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
      return Error{.code = ErrorCode::internal, .message = "a picture of the document cannot be read"};
    svg.resize(size);
    const fs::path drawn = folder / fmt::format("picture-{}.svg", ++pictures);
    fs::path png = drawn;
    png.replace_extension(".png");
    std::ofstream(drawn, std::ios::binary) << svg;
    COTEJO_CHECK(run_tool({"rsvg-convert", "--zoom=2", "--output=" + png.string(), drawn.string()}, "librsvg2-bin"));
    out.append(text, from, at - from).append(fmt::format("src=\"{}\"", png.filename().string()));
    from = end + 1;
  }
  std::ofstream(html, std::ios::binary) << out.append(text, from);
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
  COTEJO_TRY(scratch, Scratch::make("cotejo-document"));
  const fs::path source = scratch.path / "document.html", made = scratch.path / "made";
  COTEJO_CHECK(write_html(request, scratch.path, source));
  switch (request.to) {
    case DocumentKind::html:
      break;
    case DocumentKind::pdf:
      COTEJO_CHECK(run_tool({"weasyprint", "--quiet", "--pdf-variant", "pdf/a-3b", source.string(), made.string()},
                            "weasyprint"));
      break;
    case DocumentKind::docx:
      COTEJO_CHECK(make_png_pictures(source, scratch.path));
      COTEJO_CHECK(run_tool({"pandoc", "--from=html", "--to=docx", "--shift-heading-level-by=-1",
                             "--resource-path=" + scratch.path.string(), "--output=" + made.string(), source.string()},
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

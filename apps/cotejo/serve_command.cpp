// serve: the workbench of one case on 127.0.0.1.
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>

#include "commands.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/server/server.hpp"

extern char** environ;

namespace cotejo::app {

namespace fs = std::filesystem;

namespace {

struct Serve {
  std::string case_path;
  int port = 0;
  bool read_only = false, no_open = false;
  unsigned threads = 1;
};

// A page, readable by its owner only, that leads to the link: the token would stand in the list of processes if the
// browser were given the link itself. It goes when the server ends.
class Doorway {
 public:
  explicit Doorway(const std::string& url) {
    std::string pattern = (fs::temp_directory_path() / "cotejo-XXXXXX.html").string();
    const int file = mkstemps(pattern.data(), 5);
    if (file < 0) return;
    path_ = pattern;
    const std::string page = fmt::format(
        "<!doctype html><meta charset=\"utf-8\"><meta name=\"referrer\" content=\"no-referrer\"><title>Cotejo</title>"
        "<meta http-equiv=\"refresh\" content=\"0; url={0}\"><a href=\"{0}\">Cotejo</a>\n",
        url);
    if (::write(file, page.data(), page.size()) != static_cast<ssize_t>(page.size())) path_.clear();
    ::close(file);
  }
  ~Doorway() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove(path_, ignored);
  }
  Doorway(const Doorway&) = delete;
  Doorway& operator=(const Doorway&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Asks the desktop to show a file; says nothing when there is none.
void open_in_browser(const std::string& path) {
  if (path.empty() || (!std::getenv("DISPLAY") && !std::getenv("WAYLAND_DISPLAY"))) return;
  const char* arguments[] = {"xdg-open", path.c_str(), nullptr};
  posix_spawn_file_actions_t silent;
  posix_spawn_file_actions_init(&silent);
  posix_spawn_file_actions_addopen(&silent, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&silent, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  pid_t child = 0;
  if (posix_spawnp(&child, arguments[0], &silent, nullptr, const_cast<char**>(arguments), environ) == 0)
    std::thread([child] { waitpid(child, nullptr, 0); }).detach();
  posix_spawn_file_actions_destroy(&silent);
}

int serve(Program& program, const Serve& request) {
  program.stop.take_your_time();
  auto workbench = server::Workbench::start({.case_path = request.case_path,
                                             .port = request.port,
                                             .read_only = request.read_only,
                                             .threads = request.threads});
  if (!workbench) return fail(workbench.error());
  fmt::print("{}\n", (*workbench)->url());
  std::fflush(stdout);
  fmt::print(stderr,
             "cotejo: {} is served{} at this link, to this computer only. Ctrl-C ends it; the case stays whole.\n",
             printable(request.case_path), request.read_only ? " read-only" : "");
  std::optional<Doorway> doorway;
  if (!request.no_open) {
    doorway.emplace((*workbench)->url());
    open_in_browser(doorway->path());
  }
  std::mutex mutex;
  std::condition_variable_any until;
  std::unique_lock lock(mutex);
  until.wait(lock, program.stop.token(), [] { return false; });
  (*workbench)->stop();
  return done;
}

}  // namespace

void add_serve_command(Program& program) {
  auto request = std::make_shared<Serve>();
  request->threads = program.settings.threads;
  auto* command = program.cli.add_subcommand("serve", "Open a case in the browser: the workbench on 127.0.0.1");
  command->add_option("case", request->case_path, "The case")->required();
  command->add_option("--port", request->port, "The port; any free one when left out")->check(CLI::Range(0, 65535));
  command->add_flag("--read-only", request->read_only, "Nothing can be added to the case, and nothing written");
  command->add_flag("--no-open", request->no_open, "Only print the link; do not open a browser");
  command->add_option("--threads", request->threads, "Threads of a method; the result does not depend on them")
      ->check(CLI::Range(1U, 1024U))
      ->capture_default_str();
  command->footer(
      "The link holds a secret: whoever has it, on this computer, can do what you can.\n"
      "Example:\n  cotejo serve bolivia.cotejo\n  cotejo serve bolivia.cotejo --read-only --port 8417 --no-open");
  command->callback(
      [&program, request] { program.command = [&program, request] { return serve(program, *request); }; });
}

}  // namespace cotejo::app

#include "session.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <vector>

#include "cotejo/base/text.hpp"
#include "terminal.hpp"

namespace cotejo::app {

StopOnSignal::StopOnSignal() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::thread([source = source_, patient = patient_, signals]() mutable {
    int signal = 0;
    sigwait(&signals, &signal);
    fmt::print(stderr, "\ncotejo: stopping; nothing half-done will be kept (again: end at once)\n");
    source.request_stop();
    // `timeout` and some shells send a signal twice, to the process and to its group: within this time it is one.
    const timespec at_once{.tv_sec = 0, .tv_nsec = 200'000'000};
    sigtimedwait(&signals, nullptr, &at_once);
    const timespec most{.tv_sec = 0, .tv_nsec = 500'000'000};
    const bool again = sigtimedwait(&signals, nullptr, *patient ? nullptr : &most) > 0;
    if (!again) fmt::print(stderr, "cotejo: ended; a file that was half written keeps its temporary name\n");
    _exit(stopped);
  }).detach();
}

namespace {
std::atomic<bool> silenced = false;  // stderr is the process's, and so is this
}

void silence_notices() {
  silenced = true;
}

void notice(std::string_view line) {
  if (!silenced) fmt::print(stderr, "{}\n", line);
}

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (terminal_ && shown_) fmt::print(stderr, "\r\033[K");
}

void ProgressLine::operator()(std::string_view stage, double fraction) {
  const auto now = Clock::now();
  if (silenced || now - begin_ < std::chrono::seconds(1)) return;
  const bool new_stage = stage != stage_;
  if (now - last_ < (terminal_ ? std::chrono::milliseconds(new_stage ? 0 : 100) : std::chrono::milliseconds(3000)))
    return;
  last_ = now;
  stage_ = stage;
  shown_ = true;
  const std::string line = fmt::format("{:3.0f} %  {}", 100 * fraction, printable(stage, 60));
  if (terminal_)
    fmt::print(stderr, "\r\033[K{}", line);
  else
    fmt::print(stderr, "{}\n", line);
  std::fflush(stderr);
}

void forget_database_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    if (const std::string_view variable = *entry; variable.starts_with("PG"))
      names.emplace_back(variable.substr(0, variable.find('=')));
  for (const auto& name : names) unsetenv(name.c_str());
}

int fail(const Error& error) {
  fmt::print(stderr, "{} {}\n", styled(Style::wrong, "cotejo:", Stream::err), describe(error));
  return exit_code_of(error.code);
}

Error kept_rows(Error error, const std::string& resume) {
  if (error.code == ErrorCode::cancelled && !resume.empty())
    error.remedy = fmt::format("What was computed is kept in {}; the same command goes on from it.", resume);
  return error;
}

}  // namespace cotejo::app

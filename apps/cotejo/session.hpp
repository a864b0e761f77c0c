// What every command has: a context whose Ctrl-C stops the work, progress on stderr, and one way to end with an error.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "cotejo/base/context.hpp"
#include "cotejo/base/error.hpp"
#include "cotejo/base/result.hpp"

namespace cotejo::app {

enum ExitCode : int { done = 0, undetermined = 1, usage = 2, bad_input = 3, internal = 4, stopped = 5 };

// Blocks SIGINT and SIGTERM in this and every later thread and turns the first of them into a stop request. Who has not
// ended by itself within a second, or at a second signal, is ended: a case and a dossier are whole when a process is
// killed.
class StopOnSignal {
 public:
  StopOnSignal();
  std::stop_token token() const { return source_.get_token(); }
  // Ends in its own time: a server answers who is being answered, rows that are being computed are kept.
  void take_your_time() { *patient_ = true; }

 private:
  std::stop_source source_;
  std::shared_ptr<std::atomic<bool>> patient_ = std::make_shared<std::atomic<bool>>(false);
};

// --quiet: no progress and no notices from here on; errors go on being printed.
void silence_notices();

// One line on stderr for the user, unless notices are silenced.
void notice(std::string_view line);

// A line on stderr for work that takes longer than a second; overwritten on a terminal, elsewhere a new line every
// three seconds.
class ProgressLine {
 public:
  ProgressLine();
  ~ProgressLine();
  void operator()(std::string_view stage, double fraction);

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point begin_ = Clock::now(), last_ = begin_;
  std::string stage_;
  bool terminal_ = false, shown_ = false;
};

// Takes the variables from the environment that PostgreSQL's library would use (PGPASSWORD and its like): a database is
// then reached by its address alone. Before any thread reads the environment.
void forget_database_variables();

// "cotejo: ..." on stderr; the exit code of the error.
int fail(const Error& error);

// Where rows are kept, a cancelled run says how to go on.
Error kept_rows(Error error, const std::string& resume);

}  // namespace cotejo::app

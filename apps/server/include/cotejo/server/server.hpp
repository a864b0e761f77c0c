// The workbench of one case, served on 127.0.0.1 (docs/api/openapi.yaml, docs/decisions/0018-serving-a-case.md).
//
// It computes nothing: methods are run by the engine, and their findings are the bytes that the command line prints.
// Everyone who can reach the port is a stranger until they show the session's cookie, which only the printed link gives.
// Errors of start: those of opening the case; conflict (the port is taken).
// Threads: `threads` and `stranger_threads` for requests, `workers` for methods; all have ended when stop() returns.
// Verified in apps/server/tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "cotejo/base/result.hpp"

namespace cotejo::server {

struct Limits {
  std::size_t connections = 64;               // of strangers at once; the oldest makes room for the newest
  std::size_t stranger_threads = 4;           // that answer them
  std::size_t known_connections = 512;        // of those who showed the token or the session
  std::size_t threads = 48;                   // that answer them
  std::size_t streams = 16;                   // event streams among them
  std::size_t queued_jobs = 32;               // waiting; more are refused (429)
  std::size_t workers = 2;                    // jobs at once
  std::size_t kept_jobs = 100;                // that ended
  std::size_t refusals_per_second = 50;       // of strangers that are told why; beyond: 429
  std::size_t small_body = 1u << 20;          // bytes of a request
  std::size_t unit_body = 8u << 20;           // where units are listed
  std::size_t file_body = 512u << 20;         // a file to import
  std::chrono::milliseconds head{10'000};     // from the first byte of a request to the end of its head
  std::chrono::milliseconds idle{15'000};     // between two requests of one connection
  std::chrono::milliseconds silence{10'000};  // of a client that should read or send
  std::size_t cells = 4'000'000;              // of /api/columns
};

struct ServeOptions {
  std::filesystem::path case_path;
  int port = 0;  // 0: any free one
  bool read_only = false;
  unsigned threads = 1;  // of a method; the result does not depend on them
  Limits limits{};
};

class Workbench {
 public:
  static Result<std::unique_ptr<Workbench>> start(ServeOptions options);
  ~Workbench();
  Workbench(const Workbench&) = delete;
  Workbench& operator=(const Workbench&) = delete;

  int port() const;
  std::string url() const;  // with the token
  // Cancels running jobs, ends every connection and waits for it. The case stays as the last whole command left it.
  void stop();

 private:
  struct State;
  explicit Workbench(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace cotejo::server

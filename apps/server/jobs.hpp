// Work that takes time: a bounded queue, a few workers, progress that can be watched, cancel.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/finding/finding.hpp"
#include "cotejo/server/server.hpp"

namespace cotejo::server {

struct Outcome {
  nlohmann::ordered_json result;
  std::optional<Finding> finding{};
};
using Work = std::function<Result<Outcome>(const Context&)>;

class Jobs {
 public:
  Jobs(const Limits& limits, unsigned threads);
  ~Jobs();
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;

  // Queued. Errors: busy.
  Result<nlohmann::ordered_json> add(std::string kind, nlohmann::ordered_json request, std::uint64_t seed, Work work);

  // As JSON (schema Job). Errors: path_unknown.
  std::vector<nlohmann::ordered_json> all() const;
  Result<nlohmann::ordered_json> one(const std::string& id) const;
  Result<nlohmann::ordered_json> cancel(const std::string& id);
  // Errors: path_unknown; conflict (not done, or no run).
  Result<std::shared_ptr<const Finding>> finding(const std::string& id) const;
  // Notes in the job's result that its finding is kept in the case; `keep` runs once. Errors: as finding; those of keep.
  Result<nlohmann::ordered_json> keep(const std::string& id, const std::function<Result<void>(const Finding&)>& keep);

  struct Change {
    std::uint64_t version = 0;
    bool ended = false;
    nlohmann::ordered_json job;
  };
  // Waits until the job is not as it was at `seen` (0: at once), at most so long; nothing when it stayed so.
  Result<std::optional<Change>> wait(const std::string& id, std::uint64_t seen, std::chrono::milliseconds most) const;

  // Cancels everything and waits for it.
  void stop();

 private:
  enum class State { queued, running, done, failed, cancelled };
  struct Job {
    std::string id, kind, made_at, stage;
    nlohmann::ordered_json request, result;
    std::optional<Error> error{};
    State state = State::queued;
    double fraction = 0;
    std::uint64_t seed = 0, version = 1;
    Work work;
    std::stop_source cancel;
    std::shared_ptr<const Finding> finding;
    std::mutex keeping;
  };
  using Held = std::shared_ptr<Job>;

  void serve();
  void run(const Held& job);
  void forget_old();
  Result<Held> find(const std::string& id) const;
  nlohmann::ordered_json shown(const Job& job) const;
  static bool ended(const Job& job) { return job.state > State::running; }

  Limits limits_;
  unsigned threads_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_, queued_;
  std::deque<Held> jobs_, queue_;
  std::uint64_t made_ = 0;
  bool stopping_ = false;
  std::vector<std::jthread> workers_;
};

// An Error as the API writes it, inside {"error": ...}.
nlohmann::ordered_json to_json(const Error& error);

}  // namespace cotejo::server

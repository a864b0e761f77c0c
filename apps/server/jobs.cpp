#include "jobs.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

#include "cotejo/base/http_status.hpp"

namespace cotejo::server {

using Json = nlohmann::ordered_json;

namespace {

std::string now() {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
}

}  // namespace

Json to_json(const Error& error) {
  return {{"code", name_of(error.code)}, {"message", error.message}, {"file", error.file},    {"row", error.row},
          {"column", error.column},      {"value", error.value},     {"remedy", error.remedy}};
}

Jobs::Jobs(const Limits& limits, unsigned threads) : limits_(limits), threads_(std::max(1U, threads)) {
  for (std::size_t i = 0; i < limits.workers; ++i) workers_.emplace_back([this] { serve(); });
}

Jobs::~Jobs() {
  stop();
}

void Jobs::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (auto& job : jobs_) job->cancel.request_stop();
    for (auto& job : queue_) {
      job->state = State::cancelled;
      ++job->version;
    }
    queue_.clear();
  }
  queued_.notify_all();
  changed_.notify_all();
  workers_.clear();
}

Json Jobs::shown(const Job& job) const {
  static constexpr std::string_view states[] = {"queued", "running", "done", "failed", "cancelled"};
  const auto place = std::find_if(queue_.begin(), queue_.end(), [&](const Held& one) { return one.get() == &job; });
  Json out{{"id", job.id},
           {"kind", job.kind},
           {"state", states[static_cast<std::size_t>(job.state)]},
           {"stage", job.stage},
           {"fraction", job.fraction},
           {"position", place == queue_.end() ? 0 : place - queue_.begin() + 1},
           {"made_at", job.made_at},
           {"request", job.request},
           {"error", nullptr},
           {"result", job.result}};
  if (job.error) out["error"] = to_json(*job.error);
  return out;
}

Result<Json> Jobs::add(std::string kind, Json request, std::uint64_t seed, Work work) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= limits_.queued_jobs)
    return Error{.code = busy,
                 .message = fmt::format("{} jobs are waiting already", queue_.size()),
                 .remedy = "Wait until one has ended, or cancel one."};
  auto job = std::make_shared<Job>();
  job->id = std::to_string(++made_);
  job->kind = std::move(kind);
  job->made_at = now();
  job->request = std::move(request);
  job->seed = seed;
  job->work = std::move(work);
  jobs_.push_back(job);
  queue_.push_back(job);
  queued_.notify_one();
  return shown(*job);
}

Result<Jobs::Held> Jobs::find(const std::string& id) const {
  for (const auto& job : jobs_)
    if (job->id == id) return job;
  return Error{.code = path_unknown,
               .message = "there is no such job",
               .value = id,
               .remedy = fmt::format("The last {} that ended are kept; GET /api/jobs lists them.", limits_.kept_jobs)};
}

std::vector<Json> Jobs::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Json> out;
  for (const auto& job : jobs_) out.push_back(shown(*job));
  return out;
}

Result<Json> Jobs::one(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  COTEJO_TRY(job, find(id));
  return shown(*job);
}

Result<Json> Jobs::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  COTEJO_TRY(job, find(id));
  job->cancel.request_stop();
  if (job->state == State::queued) {
    std::erase(queue_, job);
    job->state = State::cancelled;
    job->work = {};
    ++job->version;
    changed_.notify_all();
  }
  return shown(*job);
}

Result<std::shared_ptr<const Finding>> Jobs::finding(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  COTEJO_TRY(job, find(id));
  if (!job->finding)
    return Error{.code = ErrorCode::conflict,
                 .message = job->kind == "run" ? "the run has no finding: it is not done" : "this job is no run",
                 .value = id,
                 .remedy = "GET /api/jobs/{id} says how it stands."};
  return job->finding;
}

Result<Json> Jobs::keep(const std::string& id, const std::function<Result<void>(const Finding&)>& keep) {
  COTEJO_TRY(finding, this->finding(id));
  Held job;
  {
    const std::lock_guard lock(mutex_);
    COTEJO_TRY(found, find(id));
    job = found;
  }
  const std::lock_guard one_at_a_time(job->keeping);
  {
    const std::lock_guard lock(mutex_);
    if (job->result.value("saved", false)) return shown(*job);
  }
  COTEJO_CHECK(keep(*finding));
  const std::lock_guard lock(mutex_);
  job->result["saved"] = true;
  ++job->version;
  changed_.notify_all();
  return shown(*job);
}

Result<std::optional<Jobs::Change>> Jobs::wait(const std::string& id, std::uint64_t seen,
                                               std::chrono::milliseconds most) const {
  std::unique_lock lock(mutex_);
  COTEJO_TRY(job, find(id));
  changed_.wait_for(lock, most, [&] { return job->version != seen || stopping_; });
  if (job->version == seen) return std::optional<Change>();
  return std::optional(Change{job->version, ended(*job), shown(*job)});
}

// The latest that ended stay, as many as the limit says.
void Jobs::forget_old() {
  auto left =
      static_cast<std::size_t>(std::count_if(jobs_.begin(), jobs_.end(), [](const Held& j) { return ended(*j); }));
  for (auto job = jobs_.begin(); job != jobs_.end() && left > limits_.kept_jobs;)
    if (ended(**job)) {
      job = jobs_.erase(job);
      --left;
    } else {
      ++job;
    }
}

void Jobs::serve() {
  for (;;) {
    Held job;
    {
      std::unique_lock lock(mutex_);
      queued_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = queue_.front();
      queue_.pop_front();
      job->state = State::running;
      ++job->version;
      for (const auto& waiting : queue_) ++waiting->version;  // each has moved up
    }
    changed_.notify_all();
    run(job);
  }
}

void Jobs::run(const Held& job) {
  Context context{.seed = job->seed, .threads = threads_, .cancel = job->cancel.get_token()};
  context.progress = [&](std::string_view stage, double fraction) {
    {
      const std::lock_guard lock(mutex_);
      job->stage = stage;
      job->fraction = std::clamp(fraction, 0.0, 1.0);
      ++job->version;
    }
    changed_.notify_all();
  };
  Result<Outcome> outcome = cancelled_error();
  if (!context.cancelled()) {
    try {
      outcome = job->work(context);
    } catch (const std::exception& e) {
      outcome = Error{.code = ErrorCode::internal,
                      .message = fmt::format("internal error: {}", e.what()),
                      .remedy = "Please report it with the request that caused it."};
    }
  }
  {
    const std::lock_guard lock(mutex_);
    job->work = {};  // lets go of the counts it held
    if (outcome) {
      job->state = State::done;
      job->fraction = 1;
      job->result = std::move(outcome->result);
      if (outcome->finding) job->finding = std::make_shared<const Finding>(std::move(*outcome->finding));
    } else if (outcome.error().code == ErrorCode::cancelled) {
      job->state = State::cancelled;
    } else {
      job->state = State::failed;
      job->error = std::move(outcome).error();
    }
    ++job->version;
    forget_old();
  }
  changed_.notify_all();
}

}  // namespace cotejo::server

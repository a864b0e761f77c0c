// Running methods: runs, jobs, their progress and findings.
#include <thread>

#include "service.hpp"

namespace cotejo::server {

namespace {

constexpr std::size_t most_named = 1000;

Result<Reply> start_run(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const Json asked = Json::parse(request.body, nullptr, false);
  RunRequest run;
  const auto id = body.id("id", false);
  run.method = body.needed_text("method", 100);
  run.count = body.text("count", 200);
  run.assembly = body.text("assembly", 200);
  run.crosswalk = body.text("crosswalk", 200);
  run.against = body.texts("against", most_named);
  run.arrivals = body.texts("arrivals", most_named);
  run.challenges = body.texts("challenges", most_named);
  run.options = body.options("options");
  const auto seed = static_cast<std::uint64_t>(body.whole("seed", 0, INT64_MAX).value_or(0));
  const bool save = body.flag("save").value_or(false);
  if (auto problem = body.finish()) return *problem;
  if (save) COTEJO_CHECK(service.may_write());

  // What it names is looked up now, so that a wrong name is told at once; it is held until the run is done.
  COTEJO_TRY(
      inputs,
      service.shelf.read<std::shared_ptr<RunInputs>>([&](const CaseFile& file) -> Result<std::shared_ptr<RunInputs>> {
        COTEJO_TRY(loaded,
                   load_inputs(file, run, [&](const std::string& count) -> Result<std::shared_ptr<const Count>> {
                     COTEJO_TRY(shelved, service.shelf.count(file, count));
                     return shelved->shared();
                   }));
        return std::make_shared<RunInputs>(std::move(loaded));
      }));
  COTEJO_CHECK(check_options(*inputs->method, run.options));
  Work work = [&service, inputs = inputs, options = run.options, id, save,
               method = run.method](const Context& context) -> Result<Outcome> {
    COTEJO_TRY(finding, inputs->method->run(inputs->view(), options, context));
    if (context.cancelled()) return cancelled_error();
    if (!id.empty()) finding.id = id;
    if (save)
      COTEJO_CHECK(service.shelf.write("run " + method, [&](CaseFile& file) { return file.add_finding(finding); }));
    Outcome out{.result = summary(finding)};
    out.result["saved"] = save;
    out.finding = std::move(finding);
    return out;
  };
  COTEJO_TRY(job, service.jobs.add("run", asked, seed, std::move(work)));
  return reply(job, 202);
}

Result<Reply> all_jobs(Service& service, const httplib::Request&) {
  return reply(Json(service.jobs.all()));
}

Result<Reply> one_job(Service& service, const httplib::Request& request) {
  COTEJO_TRY(job, service.jobs.one(request.matches[1]));
  return reply(job);
}

Result<Reply> cancel_job(Service& service, const httplib::Request& request) {
  COTEJO_TRY(job, service.jobs.cancel(request.matches[1]));
  return reply(job);
}

Result<Reply> finding_of(Service& service, const httplib::Request& request) {
  COTEJO_TRY(finding, service.jobs.finding(request.matches[1]));
  // The bytes that `cotejo run ... --json` prints.
  return Reply{.body = to_json(*finding).dump(1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

Result<Reply> keep_finding(Service& service, const httplib::Request& request) {
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(job, service.jobs.keep(request.matches[1], [&](const Finding& finding) {
    return service.shelf.write("run " + finding.method, [&](CaseFile& file) { return file.add_finding(finding); });
  }));
  return reply(job);
}

// A place among the event streams.
class Stream {
 public:
  explicit Stream(Service& service)
      : service_(service), has_place_(++service.streams <= service.options.limits.streams) {}
  ~Stream() { --service_.streams; }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  bool has_place() const { return has_place_; }

 private:
  Service& service_;
  bool has_place_;
};

void events_of(Service& service, const httplib::Request& request, httplib::Response& response) {
  using namespace std::chrono_literals;
  const std::string id = request.matches[1];
  if (auto job = service.jobs.one(id); !job) return answer(response, job.error());
  auto stream = std::make_shared<Stream>(service);
  if (!stream->has_place())
    return answer(response, Error{.code = busy,
                                  .message = "too many event streams are open",
                                  .remedy = "Close one; GET /api/jobs/{id} tells the same."});
  set_headers(response, own_policy);
  response.set_header("X-Accel-Buffering", "no");
  response.set_chunked_content_provider(
      "text/event-stream", [&service, id, stream, seen = std::uint64_t{0}, quiet = std::chrono::steady_clock::now()](
                               std::size_t, httplib::DataSink& sink) mutable {
        if (service.http.stopping()) return false;
        auto change = service.jobs.wait(id, seen, 500ms);
        if (!change) return false;
        const auto now = std::chrono::steady_clock::now();
        if (!*change) {
          if (now - quiet < 10s) return true;
          quiet = now;
          return sink.write(":\n\n", 3);
        }
        quiet = now;
        const auto& [version, ended, job] = **change;
        seen = version;
        const std::string text = fmt::format("event: {}\ndata: {}\n\n", ended ? "end" : "progress", text_of(job));
        if (!sink.write(text.data(), text.size())) return false;
        if (ended)
          sink.done();
        else
          std::this_thread::sleep_for(100ms);
        return true;
      });
}

}  // namespace

void add_job_routes(Service& service) {
  post(service, "/api/runs", start_run);
  get(service, "/api/jobs", all_jobs);
  get(service, "/api/jobs/([0-9]{1,12})", one_job);
  remove(service, "/api/jobs/([0-9]{1,12})", cancel_job);
  get(service, "/api/jobs/([0-9]{1,12})/finding", finding_of);
  post(service, "/api/jobs/([0-9]{1,12})/save", keep_finding);
  service.http.Get("/api/jobs/([0-9]{1,12})/events",
                   [&service](const httplib::Request& request, httplib::Response& response) {
                     events_of(service, request, response);
                   });
}

}  // namespace cotejo::server

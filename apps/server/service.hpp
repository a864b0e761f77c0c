// What every handler works with.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "body.hpp"
#include "cotejo/base/http_status.hpp"
#include "guard.hpp"
#include "jobs.hpp"
#include "listener.hpp"
#include "shelf.hpp"
#include "uploads.hpp"

namespace cotejo::server {

using Json = nlohmann::ordered_json;

struct Reply {
  int status = 200;
  std::string body;
  std::string type = "application/json";
  std::string policy = own_policy;
};

// Broken UTF-8 of a published file is shown as U+FFFD.
inline std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
inline Reply reply(const Json& json, int status = 200) {
  return {.status = status, .body = text_of(json)};
}

struct Service {
  explicit Service(ServeOptions given)
      : options(std::move(given)),
        guard(options.limits),
        shelf(options.case_path, options.read_only),
        uploads(options.case_path, [this](const std::filesystem::path& file) { return shelf.names_source(file); }),
        jobs(options.limits, options.threads),
        http(options.limits, [this](std::string_view head) { return guard.is_known(head); }) {}

  // For what is answered at once.
  Context quick() const { return {.seed = 0, .threads = options.threads}; }
  // Beside the case, where dossiers are written.
  std::filesystem::path folder() const { return std::filesystem::absolute(options.case_path).parent_path(); }
  Result<void> may_write() const {
    if (options.read_only)
      return Error{.code = forbidden,
                   .message = "the case is served read-only",
                   .file = options.case_path.filename().string(),
                   .remedy = "Serve it again without --read-only."};
    return {};
  }

  ServeOptions options;
  Guard guard;
  Shelf shelf;
  Uploads uploads;
  Jobs jobs;
  Listener http;
  std::atomic<std::size_t> streams = 0;
};

using Handler = std::function<Result<Reply>(Service&, const httplib::Request&)>;

// Answers `pattern` (a regular expression over the whole path); an Error becomes its JSON.
void get(Service& service, const std::string& pattern, Handler handler);
void post(Service& service, const std::string& pattern, Handler handler);
void remove(Service& service, const std::string& pattern, Handler handler);

void answer(httplib::Response& response, const Reply& reply);
void answer(httplib::Response& response, const Error& error);

// The answer is the last of its connection: what was not read of the request must not be taken for another.
void close_after(httplib::Response& response);

// A parameter of the query. Errors: usage (absent, or twice).
Result<std::string> parameter(const httplib::Request& request, const std::string& name);

void add_case_routes(Service& service);     // case, count, challenge, methods, places, findings, unit
void add_unit_routes(Service& service);     // units, select, bins, columns
void add_picture_routes(Service& service);  // pictures
void add_job_routes(Service& service);      // runs, jobs, events
void add_write_routes(Service& service);    // challenges, uploads, import
void add_entered_routes(Service& service);  // counts that were typed
void add_return_routes(Service& service);   // corrections, notes, activity
void add_object_routes(Service& service);   // objects, revisions
void add_plan_routes(Service& service);     // plan, dossier, reports
void add_pages(Service& service);           // the workbench itself

// The key `cells`: unit, field and value of each; one without a value is missing, where that is allowed.
enum class Missing { allowed, refused };
std::vector<CellChange> cells_of(Body& body, Missing missing);

// Totals as the API writes them: null for what the count does not report.
Json totals(const Count& count, const Tally& tally);

}  // namespace cotejo::server

#include "cotejo/server/server.hpp"

#include <thread>

#include "cotejo/base/text.hpp"
#include "service.hpp"

namespace cotejo::server {

struct Workbench::State {
  explicit State(ServeOptions options) : service(std::move(options)) {}
  Service service;
  int port = 0;
  std::atomic<bool> stopping = false;
  std::thread listening, warming;
};

void answer(httplib::Response& response, const Reply& reply) {
  response.status = reply.status;
  set_headers(response, reply.policy);
  response.set_content(reply.body, reply.type);
}

void answer(httplib::Response& response, const Error& error) {
  answer(response, Reply{.status = http_status_of(error.code), .body = text_of({{"error", to_json(error)}})});
}

void close_after(httplib::Response& response) {
  response.set_header("Connection", "close");
  Listener::close_this_connection();
}

namespace {

httplib::Server::Handler handled(Service& service, Handler handler) {
  return [&service, handler = std::move(handler)](const httplib::Request& request, httplib::Response& response) {
    const auto result = handler(service, request);
    if (result)
      answer(response, *result);
    else
      answer(response, result.error());
  };
}

Error internal_error(const std::string& what) {
  return {.code = ErrorCode::internal,
          .message = fmt::format("internal error: {}", what),
          .remedy = "Please report it with the request that caused it."};
}

void guard_all(Service& service) {
  service.http.set_pre_routing_handler([&service](const httplib::Request& request, httplib::Response& response) {
    const auto error = service.guard.refuse(request);
    if (!error) return httplib::Server::HandlerResponse::Unhandled;
    answer(response, *error);
    close_after(response);  // what was not read of it must not be taken for another request
    return httplib::Server::HandlerResponse::Handled;
  });
  // What no handler answered: no such path, or a request that could not be read.
  service.http.set_error_handler([](const httplib::Request& request, httplib::Response& response) {
    if (!response.body.empty()) return;
    if (response.status != 404) close_after(response);
    if (response.status == 404 || response.status == 405 || response.status == 400)
      return answer(response, Error{.code = response.status == 400 ? ErrorCode::usage : path_unknown,
                                    .message = response.status == 400 ? "the request cannot be read"
                                                                      : "nothing is served under this address",
                                    .value = printable(request.method + " " + request.path),
                                    .remedy = "See docs/api/openapi.yaml."});
    if (response.status == 413 || response.status == 414)
      return answer(response,
                    Error{.code = too_large, .message = "the request is too large", .remedy = "Ask for less at once."});
    answer(response, internal_error(fmt::format("status {}", response.status)));
  });
  service.http.set_exception_handler(
      [](const httplib::Request&, httplib::Response& response, std::exception_ptr thrown) {
        try {
          std::rethrow_exception(thrown);
        } catch (const std::exception& e) {
          answer(response, internal_error(e.what()));
        } catch (...) {
          answer(response, internal_error("unknown"));
        }
      });
}

}  // namespace

void get(Service& service, const std::string& pattern, Handler handler) {
  service.http.Get(pattern, handled(service, std::move(handler)));
}
void post(Service& service, const std::string& pattern, Handler handler) {
  service.http.Post(pattern, handled(service, std::move(handler)));
}
void remove(Service& service, const std::string& pattern, Handler handler) {
  service.http.Delete(pattern, handled(service, std::move(handler)));
}

Result<std::string> parameter(const httplib::Request& request, const std::string& name) {
  if (request.get_param_value_count(name) == 1) return request.get_param_value(name);
  return Error{.code = ErrorCode::usage,
               .message = request.has_param(name) ? "this parameter is given twice" : "this parameter is missing",
               .column = name,
               .remedy = fmt::format("Say it in the query: ?{}=...", name)};
}

Workbench::Workbench(std::unique_ptr<State> state) : state_(std::move(state)) {}
Workbench::~Workbench() {
  stop();
}

Result<std::unique_ptr<Workbench>> Workbench::start(ServeOptions options) {
  auto state = std::make_unique<State>(std::move(options));
  Service& service = state->service;
  // A case that cannot be opened is told now, not in the browser.
  COTEJO_TRY(counts, service.shelf.read<std::vector<CountEntry>>([](const CaseFile& file) { return file.counts(); }));
  (void)counts;
  guard_all(service);
  add_pages(service);
  add_case_routes(service);
  add_unit_routes(service);
  add_picture_routes(service);
  add_job_routes(service);
  add_write_routes(service);
  add_entered_routes(service);
  add_return_routes(service);
  add_object_routes(service);
  add_plan_routes(service);
  const int wanted = service.options.port;
  state->port = wanted == 0 ? service.http.bind_to_any_port("127.0.0.1")
                            : (service.http.bind_to_port("127.0.0.1", wanted) ? wanted : -1);
  if (state->port <= 0)
    return Error{.code = ErrorCode::conflict,
                 .message = "the port is in use",
                 .value = std::to_string(wanted),
                 .remedy = "Choose another port with --port, or leave --port out."};
  service.http.widen_queue();
  service.guard.serve_on(state->port);
  state->listening = std::thread([&http = service.http] { http.listen_after_bind(); });
  state->warming =
      std::thread([&service, &stopping = state->stopping] { service.shelf.warm_up(service.quick(), stopping); });
  while (!service.http.is_running()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  return std::unique_ptr<Workbench>(new Workbench(std::move(state)));
}

int Workbench::port() const {
  return state_->port;
}

std::string Workbench::url() const {
  return fmt::format("http://127.0.0.1:{}/?token={}", state_->port, state_->service.guard.token());
}

void Workbench::stop() {
  if (!state_ || !state_->listening.joinable()) return;
  state_->stopping = true;
  state_->service.jobs.stop();
  state_->service.http.stop_all();
  state_->listening.join();
  state_->warming.join();
}

}  // namespace cotejo::server

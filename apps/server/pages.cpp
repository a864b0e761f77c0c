// The pages, and the session that the printed link gives.
#include "cotejo/web/pages.hpp"

#include "service.hpp"

namespace cotejo::server {

namespace {

// Scripts are the program's own files; the pictures' one constant style is named by its hash.
std::string policy_of_pages() {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self' {}; style-src-attr 'unsafe-inline'; img-src 'self' "
      "data: "
      "blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; base-uri 'none'; form-action 'none'; "
      "frame-ancestors 'none'",
      picture_style_hash());
}

}  // namespace

void add_pages(Service& service) {
  const auto send = [policy = policy_of_pages()](httplib::Response& response, const WebFile& file) {
    set_headers(response, policy);
    response.set_content(file.content.data(), file.content.size(), std::string(file.type));
  };
  service.http.Get("/", [&service, send](const httplib::Request& request, httplib::Response& response) {
    if (!request.has_param("token")) {
      for (const auto& file : workbench_files())
        if (file.path == "index.html") return send(response, file);
    }
    if (!service.guard.is_token(request.get_param_value("token")))
      return answer(response, Error{.code = unauthorized,
                                    .message = "this link is not of this run of the server",
                                    .remedy = "Open the link that `cotejo serve` printed last."});
    response.status = 303;
    set_headers(response, own_policy);
    response.set_header("Set-Cookie", service.guard.cookie());
    response.set_header("Location", "/");
  });
  // Every other file by its whole name: there is no folder that a path could lead out of.
  service.http.Get("/assets/[A-Za-z0-9._/-]{1,200}",
                   [send](const httplib::Request& request, httplib::Response& response) {
                     for (const auto& file : workbench_files())
                       if (request.path.substr(1) == file.path) return send(response, file);
                     response.status = 404;
                   });
}

}  // namespace cotejo::server

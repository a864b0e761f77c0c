// What is done to an object of the case as a whole: retired, restored, renamed; and its revisions.
#include "cotejo/engine/case_json.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

Result<Reply> change_object(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto action = body.needed_text("action", 20);
  const auto kind = body.needed_text("kind", 20);
  const auto id = body.needed_text("id", 200);
  const Why why{body.needed_text("by"), body.needed_text("reason")};
  if (action != "retire" && action != "restore" && action != "rename")
    body.refuse("action", "expected retire, restore or rename", action);
  const auto new_id = action == "rename" ? body.needed_text("new_id", 200) : std::string();
  if (auto problem = body.finish()) return *problem;
  Added added = Added::already_there;
  COTEJO_CHECK(service.shelf.write(fmt::format("{} {} {}", action, kind, id), [&](CaseFile& file) -> Result<void> {
    auto result = action == "retire"    ? file.retire(kind, id, why)
                  : action == "restore" ? file.restore(kind, id, why)
                                        : file.rename(kind, id, new_id, why);
    if (!result) return std::move(result).error();
    added = *result;
    return {};
  }));
  return reply({{"kind", kind}, {"id", new_id.empty() ? id : new_id}, {"changed", added == Added::yes}});
}

Result<Reply> the_revisions(Service& service, const httplib::Request& request) {
  COTEJO_TRY(kind, parameter(request, "kind"));
  COTEJO_TRY(id, parameter(request, "id"));
  return service.shelf.read<Reply>([&](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(events, file.object_history(kind, id));
    Json out = Json::array();
    for (const auto& event : events) out.push_back(to_json(event));
    return reply(out);
  });
}

}  // namespace

void add_object_routes(Service& service) {
  post(service, "/api/objects", change_object);
  get(service, "/api/revisions", the_revisions);
}

}  // namespace cotejo::server

// Figures that somebody types: a count that no file has.
#include "cotejo/casefile/entered_count.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

Entered kind_of(Body& body) {
  const auto kind = body.needed_text("kind", 20);
  if (kind != "totals" && kind != "register" && kind != "contested")
    body.refuse("kind", "expected totals, register or contested", kind);
  return kind == "register" ? Entered::units : kind == "contested" ? Entered::contested : Entered::totals;
}

Result<Reply> enter_count(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  EnteredCount entered;
  entered.id = CountId{body.needed_text("id", 100)};
  entered.kind = kind_of(body);
  const auto like = body.needed_text("like", 200);
  entered.title = body.text("title", 1000);
  entered.by = body.needed_text("by");
  entered.source = body.needed_text("source");
  entered.reason = body.text("reason");
  const auto replace = body.text("replace");
  entered.cells = cells_of(body, Missing::refused);
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(shelved, service.shelf.count(like));
  COTEJO_TRY(count, entered_count(entered, shelved->count()));
  Added added = Added::already_there;
  COTEJO_CHECK(service.shelf.write("enter " + count.id.text, [&](CaseFile& file) -> Result<void> {
    COTEJO_TRY(result, file.add_count(count, std::nullopt, source_of(entered), replace));
    added = result;
    return {};
  }));
  return reply(
      {{"id", count.id.text}, {"units", count.units()}, {"sha256", count.sha256}, {"added", added == Added::yes}},
      added == Added::yes ? 201 : 200);
}

}  // namespace

void add_entered_routes(Service& service) {
  post(service, "/api/counts/entered", enter_count);
}

}  // namespace cotejo::server

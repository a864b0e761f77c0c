// What is done to one return: cells corrected, notes, sign-off; and who did what in the case.
#include <limits>

#include "cotejo/engine/case_json.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

constexpr std::size_t most_cells = 100'000;
constexpr std::int64_t most_activity = 1000;

Result<Reply> correct(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const CountId count{body.needed_text("count", 200)};
  const auto by = body.needed_text("by"), reason = body.needed_text("reason"), source = body.needed_text("source");
  const Correction correction{by, reason, source, cells_of(body, Missing::allowed)};
  if (correction.cells.empty()) body.refuse("cells", "expected at least one cell");
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  Added added = Added::already_there;
  COTEJO_CHECK(service.shelf.write("correct " + count.text, [&](CaseFile& file) -> Result<void> {
    COTEJO_TRY(result, file.add_correction(count, correction));
    added = result;
    return {};
  }));
  COTEJO_TRY(shelved, service.shelf.count(count.text));
  return reply({{"count", count.text}, {"revision", shelved->revision()}, {"added", added == Added::yes}},
               added == Added::yes ? 201 : 200);
}

Result<Reply> write_note(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  Note note;
  note.count = CountId{body.needed_text("count", 200)};
  note.unit = body.needed_text("unit", 1000);
  note.by = body.needed_text("by");
  note.text = body.text("text");
  note.signs_off = body.flag("sign_off").value_or(false);
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  COTEJO_CHECK(
      service.shelf.write(fmt::format("{} {} {}", note.signs_off ? "sign off" : "note", note.count.text, note.unit),
                          [&](CaseFile& file) { return file.add_note(note); }));
  return reply({{"count", note.count.text}, {"unit", note.unit}, {"sign_off", note.signs_off}}, 201);
}

Result<Reply> the_activity(Service& service, const httplib::Request&) {
  return service.shelf.read<Reply>([](const CaseFile& file) -> Result<Reply> {
    COTEJO_TRY(activity, file.activity(most_activity));
    Json out = Json::array();
    for (const auto& one : activity) out.push_back(to_json(one));
    return reply(out);
  });
}

}  // namespace

std::vector<CellChange> cells_of(Body& body, Missing missing) {
  std::vector<CellChange> out;
  for (auto& cell : body.objects("cells", most_cells)) {
    CellChange one{cell.needed_text("unit", 1000), cell.needed_text("field", 200), std::nullopt};
    if (const auto value = cell.whole("value", 0, std::numeric_limits<std::int32_t>::max()))
      one.value = static_cast<std::int32_t>(*value);
    else if (missing == Missing::refused)
      cell.refuse("value", "expected a whole number");
    out.push_back(std::move(one));
  }
  return out;
}

void add_return_routes(Service& service) {
  post(service, "/api/corrections", correct);
  post(service, "/api/notes", write_note);
  get(service, "/api/activity", the_activity);
}

}  // namespace cotejo::server

// What adds to the case: challenges, files and their import.
#include "cotejo/engine/another_country.hpp"
#include "cotejo/engine/case_json.hpp"
#include "cotejo/intake/file_identity.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/vote/total_correction.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace {

constexpr std::size_t most_units = 2'000'000;
constexpr std::size_t largest_profile = 1'000'000;
constexpr std::size_t preview_rows = 20, preview_columns = 200, shown_rejected = 100;

Result<Reply> add_challenge(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  Challenge challenge;
  challenge.id = ChallengeId{body.id("id", true)};
  const auto count_id = body.needed_text("count", 200);
  challenge.by = body.needed_text("by");
  challenge.reason = body.needed_text("reason");
  challenge.source = body.needed_text("source");
  const auto replace = body.text("replace");
  challenge.unit_keys = body.texts("units", most_units);
  if (challenge.unit_keys.empty()) body.refuse("units", "expected at least one unit");
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(shelved, service.shelf.count(count_id));
  challenge.count = shelved->count().id;
  COTEJO_TRY(units, resolve(challenge, shelved->count()));
  std::string listed = "unit\r\n";
  for (const auto& key : challenge.unit_keys) listed += key + "\r\n";
  Added added = Added::already_there;
  COTEJO_CHECK(service.shelf.write("challenge add " + challenge.id.text, [&](CaseFile& file) -> Result<void> {
    COTEJO_TRY(result, file.add_challenge(challenge,
                                          {.name = "selected in the workbench",
                                           .sha256 = sha256_of(listed),
                                           .bytes = static_cast<std::int64_t>(listed.size()),
                                           .profile_name = {},
                                           .profile_sha256 = {}},
                                          replace));
    added = result;
    return {};
  }));
  COTEJO_TRY(entries,
             service.shelf.read<std::vector<ChallengeEntry>>([](const CaseFile& file) { return file.challenges(); }));
  int revision = 1;
  for (const auto& entry : entries)
    if (entry.id == challenge.id) revision = entry.revision;
  return reply({{"id", challenge.id.text},
                {"count", challenge.count.text},
                {"revision", revision},
                {"units", units.size()},
                {"added", added == Added::yes}},
               added == Added::yes ? 201 : 200);
}

// The body of an upload never lies in memory as a whole.
Result<Reply> receive(Service& service, const httplib::Request& request, const httplib::ContentReader& content) {
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(name, parameter(request, "name"));
  COTEJO_TRY(incoming, service.uploads.receive(name));
  const bool whole = content([&](const char* data, std::size_t size) { return incoming.write(data, size); });
  if (!whole)
    return Error{.code = ErrorCode::usage,
                 .message = "the file did not come whole",
                 .value = name,
                 .remedy = "Bring it again; import very large files on the command line."};
  COTEJO_TRY(upload, service.uploads.finish(std::move(incoming), name));
  return reply({{"id", upload.id}, {"name", upload.name}, {"bytes", upload.bytes}, {"sha256", upload.sha256}}, 201);
}

// The first rows as they stand in the file.
Json preview(const std::filesystem::path& path, const SourceFormat& format) {
  auto records = Records::open(path, format);
  if (!records) return nullptr;
  Json columns = Json::array(), rows = Json::array();
  for (const auto& name : records->header())
    if (columns.size() < preview_columns) columns.push_back(name.substr(0, 1000));
  while (rows.size() < preview_rows) {
    const auto more = records->next();
    if (!more || !*more) break;
    Json row = Json::array();
    for (const auto cell : records->cells())
      if (row.size() < preview_columns) row.push_back(cell.substr(0, 1000));
    rows.push_back(std::move(row));
  }
  return {{"columns", std::move(columns)}, {"rows", std::move(rows)}};
}

std::int64_t sum(std::span<const std::int32_t> column) {
  std::int64_t total = 0;
  for (const auto value : column) total += value == missing ? 0 : value;
  return total;
}

struct ReadFile {
  std::optional<Count> count;
  std::optional<Crosswalk> crosswalk;
  std::optional<Arrival> arrival;

  static Result<ReadFile> by(const Profile& profile, const std::filesystem::path& path, const Context& context) {
    ReadFile out;
    const FileIdentity before(path);
    if (profile.kind == ProfileKind::crosswalk) {
      COTEJO_TRY(read, read_crosswalk(profile, path, context));
      out.crosswalk = std::move(read);
    } else if (profile.kind == ProfileKind::arrival) {
      COTEJO_TRY(read, read_arrival(profile, path, context));
      out.arrival = std::move(read);
    } else {
      COTEJO_TRY(read, read_count(profile, path, context));
      out.count = std::move(read);
    }
    COTEJO_CHECK(before.still_so());
    return out;
  }
};

// The votes that the rows set aside can mean, in all and per option, and whether an import asks for a reason.
Json described(const Count& count, const Rule* rule) {
  const auto votes = set_aside_of(count, rule);
  Json out{{"rows", votes.rows},
           {"votes_at_least", votes.votes.least},
           {"votes_at_most", votes.votes.most},
           {"could_decide", votes.could_decide},
           {"needs_reason", votes.needs_reason},
           {"options", Json::array()}};
  for (std::size_t i = 0; i < votes.options.size(); ++i)
    if (votes.options[i].most > 0)
      out["options"].push_back({{"option", count.contest.options[i].id.text},
                                {"title", count.contest.options[i].name},
                                {"votes_at_least", votes.options[i].least},
                                {"votes_at_most", votes.options[i].most}});
  return out;
}

Json described(const ReadFile& read, const Rule* rule) {
  Json out{{"kind", "count"},      {"id", ""},
           {"units", 0},           {"rows_set_aside", Json::array()},
           {"set_aside", nullptr}, {"totals", Json::array()}};
  if (read.crosswalk) {
    out["kind"] = "crosswalk";
    out["id"] = read.crosswalk->id.text;
    out["units"] = read.crosswalk->rows.size();
  } else if (read.arrival) {
    out["kind"] = "arrival";
    out["id"] = read.arrival->id.text;
    out["units"] = read.arrival->units();
  } else {
    const Count& c = *read.count;
    out["id"] = c.id.text;
    out["units"] = c.units();
    out["set_aside"] = described(c, rule);
    for (const auto* r : rows_set_aside(c))
      if (out["rows_set_aside"].size() < shown_rejected)
        out["rows_set_aside"].push_back(
            {{"row", r->row}, {"column", r->column}, {"value", r->value}, {"reason", r->reason}});
    const auto add = [&](const std::string& field, const std::string& title, std::span<const std::int32_t> column) {
      if (!column.empty()) out["totals"].push_back({{"field", field}, {"title", title}, {"total", sum(column)}});
    };
    for (const char* name : {"registered", "cast", "valid", "blank", "null"}) add(name, name, c.column(name));
    for (const auto& field : c.fields) add(field.id, field.name, field.values);
    for (std::size_t i = 0; i < c.options(); ++i)
      add(c.contest.options[i].id.text, c.contest.options[i].name, c.option(i));
  }
  return out;
}

Result<Reply> propose_import(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  ProposeOptions options;
  const auto upload_id = body.needed_text("upload", 100);
  const auto edited = body.text("toml", largest_profile);
  options.id = body.text("id", 100);
  options.member = body.text("member", 1000);
  options.table = body.text("table", 1000);
  options.encoding = body.text("encoding", 100);
  options.separator = body.text("separator", 10);
  options.header = body.whole("header", 0, last_header_row);
  options.header_rows = body.whole("header_rows", 1, most_header_rows);
  options.key = body.texts("key", 100);
  options.options = body.texts("options", 1000);
  options.not_options = body.texts("not_options", 1000);
  options.contest_value = body.text("contest", 1000);
  options.registered = body.text("registered", 1000);
  options.cast = body.text("cast", 1000);
  options.valid = body.text("valid", 1000);
  options.blank = body.text("blank", 1000);
  options.null = body.text("null", 1000);
  options.leave_out = body.texts("leave_out", 100);
  options.only = body.texts("only", 100);
  options.section = body.text("section", 1000);
  options.keep = body.texts("keep", 100);
  options.transposed = body.text("transposed", 10);
  options.empty = body.text("empty", 10);
  options.repeated = body.text("repeated", 10);
  options.names = body.text("names", 1000);
  options.columns = body.texts("columns", 1000);
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(upload, service.uploads.find(upload_id));
  options.path = upload.name;

  Proposal proposal{.guesses = {}, .questions = {}, .toml = edited};
  if (edited.empty()) {
    COTEJO_TRY(made, propose(upload.path, options, service.quick()));
    proposal = std::move(made);
  }
  Json out = to_json(proposal);
  out["preview"] = nullptr;
  out["reads"] = nullptr;
  out["problem"] = nullptr;
  SourceFormat format{.member = options.member, .table = options.table};
  if (options.header) format.header_row = *options.header;
  if (options.header_rows) format.header_rows = *options.header_rows;
  if (!proposal.toml.empty()) {
    const auto profile = parse_profile(proposal.toml, upload.name + " (profile)");
    if (profile) {
      format = profile->format;
      const auto read = ReadFile::by(*profile, upload.path, service.quick());
      if (read) {
        out["reads"] = described(*read, profile->rule ? &*profile->rule : nullptr);
        const auto counts =
            service.shelf.read<std::vector<CountEntry>>([](const CaseFile& file) { return file.counts(); });
        out["reads"]["another_country"] =
            counts && read->count ? another_country(*counts, read->count->id) : std::string();
      } else {
        out["problem"] = to_json(read.error());
      }
    } else {
      out["problem"] = to_json(profile.error());
    }
  }
  out["preview"] = preview(upload.path, format);
  return reply(out);
}

Result<Reply> start_import(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto upload_id = body.needed_text("upload", 100);
  const auto toml = body.needed_text("toml", largest_profile);
  const auto replace = body.text("replace");
  const auto accept = body.text("accept_set_aside", 1000);
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  COTEJO_TRY(upload, service.uploads.find(upload_id));
  COTEJO_TRY(profile, parse_profile(toml, upload.name + " (profile)"));
  Work work = [&service, upload = upload, profile = std::move(profile), toml, replace,
               accept](const Context& context) -> Result<Outcome> {
    context.report("reading " + upload.name, 0);
    COTEJO_TRY(read, ReadFile::by(profile, upload.path, context));
    if (context.cancelled()) return cancelled_error();
    const Rule* rule = profile.rule ? &*profile.rule : nullptr;
    if (read.count) COTEJO_CHECK(accept_set_aside(*read.count, rule, accept));
    COTEJO_TRY(profile_path, service.uploads.keep(upload.id, toml));
    const SourceFile source{upload.path.string(), upload.sha256, upload.bytes, profile_path.string(), profile.sha256};
    context.report("into the case", 1);
    Added added = Added::already_there;
    COTEJO_CHECK(service.shelf.write("import", [&](CaseFile& file) -> Result<void> {
      auto result = read.count       ? file.add_count(*read.count, profile.rule, source, replace)
                    : read.crosswalk ? file.add_crosswalk(*read.crosswalk, source, replace)
                                     : file.add_arrival(*read.arrival, source, replace);
      if (!result) return std::move(result).error();
      added = *result;
      return {};
    }));
    Json out = described(read, rule);
    out.erase("totals");
    out["rows_set_aside"] = read.count ? rows_set_aside(*read.count).size() : 0;
    out["added"] = added == Added::yes;
    out["sha256"] = read.count       ? read.count->sha256
                    : read.crosswalk ? read.crosswalk->content_hash()
                                     : read.arrival->content_hash();
    return Outcome{.result = std::move(out)};
  };
  COTEJO_TRY(job, service.jobs.add("import", {{"upload", upload_id}, {"name", upload.name}}, 0, std::move(work)));
  return reply(job, 202);
}

}  // namespace

void add_write_routes(Service& service) {
  post(service, "/api/challenges", add_challenge);
  service.http.Post("/api/uploads", [&service](const httplib::Request& request, httplib::Response& response,
                                               const httplib::ContentReader& content) {
    const auto result = receive(service, request, content);
    if (result) return answer(response, *result);
    answer(response, result.error());
    close_after(response);
  });
  post(service, "/api/import/propose", propose_import);
  post(service, "/api/import", start_import);
}

}  // namespace cotejo::server

// Plans made from what was asked, and dossiers written from them.
#include <set>

#include "cotejo/dossier/dossier.hpp"
#include "cotejo/engine/case_plan.hpp"
#include "dossiers.hpp"
#include "service.hpp"

namespace cotejo::server {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t most_findings = 1000, most_named = 1000;

// The keys of a plan in `body`.
CasePlanRequest read_plan_request(Body& body) {
  CasePlanRequest out;
  out.id = body.id("id", true);
  out.title = body.needed_text("title", 1000);
  out.question = body.needed_text("question", 1000);
  if (!body.has("seed"))
    body.refuse("seed", "this must be said", {}, "Choose a whole number, once, before looking at any result.");
  out.seed = static_cast<Seed>(body.whole("seed", 0, INT64_MAX).value_or(0));
  std::set<std::string> ids;
  for (auto& one : body.objects("findings", most_findings)) {
    CasePlanRequest::Asked asked;
    asked.id = one.id("id", true);
    if (!ids.insert(asked.id).second) one.refuse("id", "two findings have the same id", asked.id);
    asked.run.method = one.needed_text("method", 100);
    asked.run.count = one.text("count", 200);
    asked.run.assembly = one.text("assembly", 200);
    asked.run.crosswalk = one.text("crosswalk", 200);
    asked.run.against = one.texts("against", most_named);
    asked.run.arrivals = one.texts("arrivals", most_named);
    asked.run.challenges = one.texts("challenges", most_named);
    asked.run.options = one.options("options");
    asked.required = one.flag("required").value_or(true);
    one.finish();
    out.findings.push_back(std::move(asked));
  }
  if (out.findings.empty()) body.refuse("findings", "expected at least one finding");
  return out;
}

// A folder that goes away unless it is kept.
class Folder {
 public:
  static Result<Folder> in(const fs::path& parent, const std::string& name) {
    std::string pattern = (parent / (name + "-XXXXXX")).string();
    if (!mkdtemp(pattern.data()))
      return Error{.code = ErrorCode::file_write,
                   .message = fmt::format("no folder can be made: {}", std::generic_category().message(errno)),
                   .file = parent.string(),
                   .remedy = "Check the folder, its permissions and the free space."};
    return Folder(pattern);
  }
  Folder(Folder&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  Folder& operator=(Folder&&) = delete;
  ~Folder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  // It stays, under this name. Errors: file_write.
  Result<void> keep_as(const fs::path& name) {
    std::error_code failed;
    fs::permissions(path_,
                    fs::perms::group_read | fs::perms::group_exec | fs::perms::others_read | fs::perms::others_exec,
                    fs::perm_options::add, failed);
    fs::rename(path_, name, failed);
    if (failed)
      return Error{.code = ErrorCode::file_write,
                   .message = "the folder cannot be given its name: " + failed.message(),
                   .file = name.string(),
                   .remedy = "Choose another name."};
    path_ = name;
    return {};
  }
  void let_stay() { path_.clear(); }

 private:
  explicit Folder(fs::path path) : path_(std::move(path)) {}
  fs::path path_;
};

// Where published files are looked for besides where they were named.
std::vector<fs::path> places(const Service& service) {
  const fs::path folder = service.folder();
  return {folder, folder / "data", folder / "profiles", folder / "bodies"};
}

Result<CasePlan> write_plan(Service& service, const CasePlanRequest& request, const fs::path& folder,
                            const Context& context) {
  return service.shelf.read<CasePlan>(
      [&](const CaseFile& file) { return write_case_plan(file, request, places(service), folder, context); });
}

Result<Reply> make_plan(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const auto asked = read_plan_request(body);
  if (auto problem = body.finish()) return *problem;
  COTEJO_TRY(scratch, Folder::in(fs::temp_directory_path(), "cotejo-plan"));
  COTEJO_TRY(plan, write_plan(service, asked, scratch.path(), service.quick()));
  return reply({{"toml", plan.toml}, {"notes", plan.notes}});
}

Result<Outcome> write_dossier(Service& service, const CasePlanRequest& asked, const std::string& name,
                              const Context& context) {
  const fs::path out = service.folder() / name, inputs = service.folder() / (name + ".inputs");
  context.report("gathering the published files", 0);
  COTEJO_TRY(folder, Folder::in(service.folder(), "." + name));
  COTEJO_TRY(plan, write_plan(service, asked, folder.path(), context));
  if (fs::exists(inputs))
    return Error{.code = ErrorCode::conflict,
                 .message = "there is a folder of this name already",
                 .file = inputs.string(),
                 .remedy = "Choose another name."};
  COTEJO_CHECK(folder.keep_as(inputs));
  COTEJO_TRY(chain, service.shelf.read<ChainHead>([](const CaseFile& file) { return file.chain_head(); }));
  COTEJO_TRY(done, audit_into({.plan = inputs / "plan.toml", .out = out, .case_head = chain.head}, context));
  folder.let_stay();
  Json findings = Json::array();
  for (const auto& finding : done.audit.findings) findings.push_back(summary(finding));
  return Outcome{.result = {{"name", name},
                            {"folder", out.string()},
                            {"report", "/dossiers/" + name + "/report.html"},
                            {"notes", plan.notes},
                            {"findings", std::move(findings)}}};
}

Result<Reply> start_dossier(Service& service, const httplib::Request& request) {
  COTEJO_TRY(body, Body::parse(request.body));
  const Json asked_json = Json::parse(request.body, nullptr, false);
  const auto name = body.id("name", true);
  if (!is_folder_name(name))
    body.refuse("name", "expected a folder's name: letters, digits, - _ . and no dot first", name);
  auto plan = body.object("plan");
  if (!plan) body.refuse("plan", "this must be said");
  const auto asked = plan ? read_plan_request(*plan) : CasePlanRequest{};
  if (plan) plan->finish();
  if (auto problem = body.finish()) return *problem;
  COTEJO_CHECK(service.may_write());
  for (const auto& taken : {service.folder() / name, service.folder() / (name + ".inputs")})
    if (fs::exists(fs::symlink_status(taken)))
      return Error{.code = ErrorCode::conflict,
                   .message = "there is something of this name beside the case already",
                   .file = taken.string(),
                   .remedy = "Choose another name."};
  // What a method would refuse is told now.
  for (const auto& finding : asked.findings) {
    COTEJO_TRY(method, find_method(finding.run.method));
    COTEJO_CHECK(check_inputs(*method, finding.run));
    COTEJO_CHECK(check_options(*method, finding.run.options));
  }
  COTEJO_TRY(job, service.jobs.add("dossier", asked_json, asked.seed, [&service, asked, name](const Context& context) {
    return write_dossier(service, asked, name, context);
  }));
  return reply(job, 202);
}

Result<Reply> the_report(Service& service, const httplib::Request& request) {
  COTEJO_TRY(html, report_of(service.folder(), request.matches[1]));
  return Reply{.body = std::move(html), .type = "text/html; charset=utf-8", .policy = report_policy};
}

}  // namespace

void add_plan_routes(Service& service) {
  post(service, "/api/plan", make_plan);
  post(service, "/api/dossier", start_dossier);
  get(service, "/dossiers/([A-Za-z0-9_-][A-Za-z0-9._-]{0,99})/report.html", the_report);
}

}  // namespace cotejo::server

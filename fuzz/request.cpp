// What a client sends to the workbench's server: the first byte chooses the path, the rest is the body or the query.
#include <httplib.h>

#include <array>
#include <memory>
#include <nlohmann/json.hpp>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/registry.hpp"
#include "cotejo/server/server.hpp"
#include "fuzz.hpp"

namespace {

using namespace cotejo;

Count small_count() {
  Count count;
  count.id = CountId{"x/final"};
  count.contest = {ContestId{"x"}, "x", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
  count.hierarchy = Hierarchy({"country", "precinct"});
  const auto country = count.hierarchy.add(no_place, "C");
  for (UnitIndex i = 0; i < 6; ++i) {
    count.unit_keys.push_back(std::to_string(i));
    count.unit_place.push_back(count.hierarchy.add(country, "P" + std::to_string(i / 3)));
    count.latitude.push_back(i);
    count.longitude.push_back(-1.0 * i);
  }
  count.votes = {60, 10, 0, 5, 5, missing, 20, 10, 0, 7, 3, 1};
  count.registered = {100, 30, 10, missing, 20, 5};
  count.cast = {82, 20, 0, 12, 9, 1};
  count.official = true;
  count.sha256 = count.content_hash();
  return count;
}

struct Served {
  Served() {
    const auto path = fuzz::folder().path() / "small.cotejo";
    {
      auto file = CaseFile::open(path, CaseFile::Mode::create);
      fuzz::require(static_cast<bool>(file), "the small case can be made");
      const Count count = small_count();
      fuzz::require(static_cast<bool>(file->transact(
                        "fuzz",
                        [&]() -> Result<void> {
                          COTEJO_CHECK(file->add_count(count, Rule::plurality(), {"a.csv", "00", 1, "", ""}));
                          COTEJO_CHECK(file->add_challenge({ChallengeId{"c"}, count.id, "b", "r", "s", {"1", "2"}},
                                                           {"c.csv", "00", 1, "", ""}));
                          return {};
                        })),
                    "the small case can be filled");
    }
    server::ServeOptions options{.case_path = path, .read_only = true};
    options.limits.queued_jobs = 0;  // what is asked is read and looked up, but not run
    options.limits.workers = 0;
    auto started = server::Workbench::start(options);
    fuzz::require(static_cast<bool>(started), "the small case can be served");
    workbench = std::move(*started);
    client = std::make_unique<httplib::Client>("127.0.0.1", workbench->port());
    client->set_keep_alive(true);
    const auto url = workbench->url();
    const auto set = client->Get(url.substr(url.find("/?")))->get_header_value("Set-Cookie");
    client->set_default_headers({{"Cookie", set.substr(0, set.find(';'))}});
  }
  std::unique_ptr<server::Workbench> workbench;
  std::unique_ptr<httplib::Client> client;
};

constexpr std::array posts{"/api/units",  "/api/select",      "/api/bins",       "/api/runs",
                           "/api/plan",   "/api/dossier",     "/api/challenges", "/api/import/propose",
                           "/api/import", "/api/jobs/1/save", "/api/uploads"};
constexpr std::array gets{"/api/unit?key=",
                          "/api/places?count=x/final&place=",
                          "/api/columns?count=x/final&names=",
                          "/api/count?count=",
                          "/api/challenge?id=",
                          "/api/jobs/",
                          "/dossiers/",
                          "/"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0 || size > 100'000) return 0;
  cotejo::methods();  // made first, the methods' tables outlive the server, whose threads read them
  static Served served;
  const std::string text(cotejo::fuzz::text_of(data + 1, size - 1));
  const std::size_t which = data[0] % (posts.size() + gets.size());
  const bool is_post = which < posts.size();
  if (!is_post && text.size() > 1000) return 0;
  const auto result = is_post
                          ? served.client->Post(posts[which], text, "application/json")
                          : served.client->Get(gets[which - posts.size()] + httplib::detail::encode_query_param(text));
  cotejo::fuzz::require(static_cast<bool>(result), "every request is answered");
  cotejo::fuzz::require(result->status != 500, "what a client sends is not our own fault");
  if (result->status >= 400) {
    const auto body = nlohmann::json::parse(result->body, nullptr, false);
    cotejo::fuzz::require(body.is_object() && body.contains("error"), "an error is an Error");
    cotejo::fuzz::require(!body["error"]["message"].get<std::string>().empty(), "an error says what is wrong");
  }
  return 0;
}

// The workbench's server under 20 clients, and its grids over many units. Answers are compared with the case before
// anything is timed. Baseline: the same look-ups by one client alone, in the same run.
//   bench_serve CASE COUNT [CLIENTS]        look-ups of units drawn at random
//   bench_serve --synthetic UNITS           grids and pages over so many drawn units
#include <fmt/format.h>
#include <httplib.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <thread>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/server/server.hpp"
#include "cotejo/sim/synthetic.hpp"

namespace {

using namespace cotejo;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "bench_serve: {}\n", why);
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(describe(result.error()));
  return std::move(*result);
}

struct Session {
  explicit Session(const std::filesystem::path& path)
      : workbench(must(server::Workbench::start(
            {.case_path = path, .threads = std::max(1U, std::thread::hardware_concurrency())}))) {
    httplib::Client client("127.0.0.1", workbench->port());
    const auto url = workbench->url();
    const auto entered = client.Get(url.substr(url.find("/?")));
    if (!entered || entered->status != 303) give_up("no session");
    const auto set = entered->get_header_value("Set-Cookie");
    cookie = set.substr(0, set.find(';'));
  }
  std::unique_ptr<httplib::Client> client() const {
    auto out = std::make_unique<httplib::Client>("127.0.0.1", workbench->port());
    out->set_keep_alive(true);
    out->set_tcp_nodelay(true);
    out->set_read_timeout(60, 0);
    out->set_default_headers({{"Cookie", cookie}});
    return out;
  }
  std::unique_ptr<server::Workbench> workbench;
  std::string cookie;
};

double percentile(std::vector<double>& ms, double p) {
  std::sort(ms.begin(), ms.end());
  return ms[std::min(ms.size() - 1, static_cast<std::size_t>(p / 100 * static_cast<double>(ms.size())))];
}

std::vector<double> look_up(const Session& session, const Count& count, unsigned clients, std::size_t each) {
  std::vector<std::vector<double>> times(clients);
  std::vector<std::thread> threads;
  for (unsigned c = 0; c < clients; ++c)
    threads.emplace_back([&, c] {
      const auto client = session.client();
      Stream stream(1, Purpose::synthetic_election, 0, c);
      for (std::size_t i = 0; i < each; ++i) {
        const auto unit = static_cast<UnitIndex>(stream.below(static_cast<std::uint32_t>(count.units())));
        const std::string path =
            "/api/unit?key=" + httplib::detail::encode_query_param(std::string(count.unit_keys[unit]));
        const auto begin = Clock::now();
        const auto result = client->Get(path);
        times[c].push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        if (!result || result->status != 200) give_up("a look-up failed: " + (result ? result->body : path));
      }
    });
  for (auto& thread : threads) thread.join();
  std::vector<double> all;
  for (const auto& some : times) all.insert(all.end(), some.begin(), some.end());
  return all;
}

void units(const std::filesystem::path& path, const std::string& id, unsigned clients) {
  const auto file = must(CaseFile::open(path, CaseFile::Mode::read));
  const Count count = must(file.load_count(id));
  const Session session(path);
  const auto client = session.client();
  const auto first = Clock::now();
  for (UnitIndex unit = 0; unit < count.units();
       unit += std::max<UnitIndex>(1, static_cast<UnitIndex>(count.units() / 20))) {
    const auto answer = Json::parse(
        client->Get("/api/unit?key=" + httplib::detail::encode_query_param(std::string(count.unit_keys[unit])))->body);
    const auto here = std::find_if(answer["counts"].begin(), answer["counts"].end(),
                                   [&](const Json& c) { return c["count"] == count.id.text; });
    if (here == answer["counts"].end()) give_up("a unit is not in its count");
    for (std::size_t k = 0; k < count.options(); ++k) {
      const auto votes = count.vote(k, unit);
      if ((*here)["options"][k]["value"] != (votes == missing ? Json() : Json(votes)))
        give_up("an answer is not what the case says");
    }
  }
  fmt::print("unit look-ups, {} units: first twenty (counts loaded, checked once) {:.0f} ms\n", count.units(),
             std::chrono::duration<double, std::milli>(Clock::now() - first).count());
  auto alone = look_up(session, count, 1, 500);
  auto together = look_up(session, count, clients, 250);
  fmt::print("  1 client: p50 {:.2f} ms, p99 {:.2f} ms\n", percentile(alone, 50), percentile(alone, 99));
  fmt::print("  {} clients: p50 {:.2f} ms, p99 {:.2f} ms ({} look-ups; p99 asked: under 50 ms)\n", clients,
             percentile(together, 50), percentile(together, 99), together.size());
}

void grids(std::int64_t n) {
  std::string name = (std::filesystem::temp_directory_path() / "cotejo-bench-XXXXXX").string();
  const std::filesystem::path folder = mkdtemp(name.data());
  const auto path = folder / "bench.cotejo";
  SyntheticSpec spec;
  spec.units = n;
  {
    auto drawn = must(draw_synthetic(spec, {.seed = 1, .threads = std::max(1U, std::thread::hardware_concurrency())}));
    drawn.official.sha256 = drawn.official.content_hash();
    auto file = must(CaseFile::open(path, CaseFile::Mode::create));
    const auto added = file.transact("bench", [&]() -> Result<void> {
      COTEJO_CHECK(file.add_count(drawn.official, Rule::plurality(), {"bench", "00", 0, "", ""}));
      return {};
    });
    if (!added) give_up(describe(added.error()));
  }
  {
    const Session session(path);
    const auto client = session.client();
    const auto timed = [&](const std::string& what, const std::string& api, const Json& body) {
      std::vector<double> ms;
      Json answer;
      for (int i = 0; i < 7; ++i) {
        const auto begin = Clock::now();
        const auto result = client->Post(api, body.dump(), "application/json");
        ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
        if (!result || result->status != 200) give_up(result ? result->body : api);
        answer = Json::parse(result->body);
      }
      const double first = ms[0];
      fmt::print("  {}: first {:.0f} ms, then {:.0f} ms\n", what, first, percentile(ms, 50));
      return answer;
    };
    fmt::print("{} units (asked: grids within 1000 ms)\n", n);
    const auto begin = Clock::now();
    if (client->Get("/api/count?count=demo/official")->status != 200) give_up("no count");
    fmt::print("  the count is loaded, once: {:.0f} ms\n",
               std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
    const auto plane = timed("plane, 200 x 200", "/api/bins",
                             {{"count", "demo/official"},
                              {"x", {{"column", "turnout_percent"}, {"bins", 200}}},
                              {"y", {{"column", "share_percent:A"}, {"bins", 200}}}});
    std::int64_t sum = plane["outside"].get<std::int64_t>() + plane["missing"].get<std::int64_t>();
    for (const auto& cell : plane["counts"]) sum += cell.get<std::int64_t>();
    if (sum != n) give_up("the grid does not hold every unit once");
    timed("map, 200 x 200", "/api/bins",
          {{"count", "demo/official"},
           {"x", {{"column", "longitude"}, {"bins", 200}}},
           {"y", {{"column", "latitude"}, {"bins", 200}}}});
    timed(
        "plane of a brushed rectangle", "/api/bins",
        {{"count", "demo/official"},
         {"x", {{"column", "turnout_percent"}}},
         {"y", {{"column", "share_percent:A"}}},
         {"selection",
          {{"where",
            {{{"column", "turnout_percent"}, {"at_least", 90}}, {{"column", "share_percent:A"}, {"at_least", 60}}}}}}});
    timed("a page in the middle, sorted", "/api/units",
          {{"count", "demo/official"}, {"sort", "share_percent:A"}, {"offset", n / 2}, {"limit", 100}});
    timed("a page by text", "/api/units",
          {{"count", "demo/official"}, {"selection", {{"text", "99"}}}, {"limit", 100}});
  }
  std::filesystem::remove_all(folder);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 3 && std::string(argv[1]) == "--synthetic")
    grids(std::atoll(argv[2]));
  else if (argc >= 3)
    units(argv[1], argv[2], argc > 3 ? static_cast<unsigned>(std::atoi(argv[3])) : 20U);
  else
    give_up("bench_serve CASE COUNT [CLIENTS] or bench_serve --synthetic UNITS");
}

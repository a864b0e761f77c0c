#include "serving.hpp"

#include <yaml-cpp/yaml.h>

#include <regex>
#include <thread>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace cotejo::test {

namespace fs = std::filesystem;

namespace {

nlohmann::json json_of(const YAML::Node& node) {
  if (node.IsMap()) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& entry : node) out[entry.first.as<std::string>()] = json_of(entry.second);
    return out;
  }
  if (node.IsSequence()) {
    nlohmann::json out = nlohmann::json::array();
    for (const auto& entry : node) out.push_back(json_of(entry));
    return out;
  }
  if (node.IsNull()) return nullptr;
  if (node.Tag() == "!") return node.as<std::string>();  // in quotation marks
  bool flag = false;
  std::int64_t whole = 0;
  double real = 0;
  if (YAML::convert<std::int64_t>::decode(node, whole)) return whole;
  if (YAML::convert<double>::decode(node, real)) return real;
  const auto text = node.as<std::string>();
  if ((text == "true" || text == "false") && YAML::convert<bool>::decode(node, flag)) return flag;
  return text;
}

std::string without_query(const std::string& path) {
  return path.substr(0, path.find('?'));
}

// What of `value` is not of the schema at `pointer` in the document; empty when all is.
std::string faults(const nlohmann::json& document, const std::string& pointer, const nlohmann::json& value) {
  nlohmann::json root = {
      {"$ref", "#" + pointer}, {"components", document.at("components")}, {"paths", document.at("paths")}};
  valijson::Schema schema;
  valijson::SchemaParser parser;
  const valijson::adapters::NlohmannJsonAdapter schema_adapter(root);
  parser.populateSchema(schema_adapter, schema);
  valijson::Validator validator;
  valijson::ValidationResults results;
  const valijson::adapters::NlohmannJsonAdapter value_adapter(value);
  if (validator.validate(schema, value_adapter, &results)) return {};
  std::string out;
  valijson::ValidationResults::Error error;
  while (results.popError(error)) {
    for (const auto& part : error.context) out += part;
    out += ": " + error.description + "\n";
  }
  return out.empty() ? "not of the schema" : out;
}

std::string pointer_part(std::string text) {
  for (const auto& [from, to] : {std::pair{"~", "~0"}, std::pair{"/", "~1"}})
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 2) text.replace(at, 1, to);
  return text;
}

}  // namespace

Contract& Contract::the() {
  static Contract one;
  return one;
}

Contract::Contract() : document_(json_of(YAML::LoadFile((root() / "docs/api/openapi.yaml").string()))) {}

std::string Contract::path_pattern_of(const std::string& method, const std::string& path) const {
  const std::string plain = without_query(path);
  for (const auto& [pattern, methods] : document_.at("paths").items()) {
    const auto expression = std::regex_replace(pattern, std::regex("\\{[a-z]+\\}"), "[^/]+");
    if (methods.contains(method) && std::regex_match(plain, std::regex(expression))) return pattern;
  }
  return {};
}

void Contract::check(const std::string& method, const std::string& path, const httplib::Response& response) {
  const std::string status = std::to_string(response.status);
  // These any path may answer.
  static const std::set<std::string> anywhere{"401", "403", "413", "429", "500"};
  const auto pattern = path_pattern_of(method, path);
  const bool json = response.get_header_value("Content-Type") == "application/json";
  const auto error_faults = [&] {
    const auto body = nlohmann::json::parse(response.body, nullptr, false);
    return body.is_discarded() ? std::string("no JSON") : faults(document_, "/components/schemas/Error", body);
  };
  if (pattern.empty()) {
    EXPECT_TRUE(response.status == 404 || response.status == 401) << method << " " << path << " is not documented";
    EXPECT_EQ(error_faults(), "") << response.body.substr(0, 500);
    return;
  }
  const auto& answers = document_["paths"][pattern][method]["responses"];
  if (!answers.contains(status)) {
    EXPECT_TRUE(anywhere.contains(status)) << method << " " << path << " answered " << status
                                           << ", which is not documented: " << response.body.substr(0, 300);
    EXPECT_EQ(error_faults(), "") << response.body.substr(0, 500);
    return;
  }
  seen_.insert(method + " " + pattern + " " + status);
  auto answer = answers[status];
  if (answer.contains("$ref")) {
    EXPECT_EQ(error_faults(), "") << method << " " << path << " " << status << "\n" << response.body.substr(0, 500);
    return;
  }
  if (!answer.contains("content")) return;
  const auto type = answer["content"].begin().key();
  EXPECT_EQ(response.get_header_value("Content-Type").substr(0, type.size()), type) << method << " " << path;
  if (!json || type != "application/json") return;
  const auto body = nlohmann::json::parse(response.body, nullptr, false);
  ASSERT_FALSE(body.is_discarded()) << method << " " << path << ": " << response.body.substr(0, 300);
  const auto pointer = "/paths/" + pointer_part(pattern) + "/" + method + "/responses/" + status + "/content/" +
                       pointer_part(type) + "/schema";
  EXPECT_EQ(faults(document_, pointer, body), "") << method << " " << path << "\n" << response.body.substr(0, 1000);
}

void Contract::check_schema(const std::string& name, const Json& value) {
  EXPECT_EQ(faults(document_, "/components/schemas/" + name, nlohmann::json::parse(value.dump())), "")
      << name << "\n"
      << value.dump().substr(0, 1000);
}

std::vector<std::string> Contract::unseen() const {
  std::vector<std::string> out;
  for (const auto& [pattern, methods] : document_.at("paths").items())
    for (const auto& [method, operation] : methods.items()) {
      if (!operation.is_object() || !operation.contains("responses")) continue;
      for (const auto& [status, ignored] : operation["responses"].items())
        if (const auto one = method + " " + pattern + " " + status; !seen_.contains(one)) out.push_back(one);
    }
  return out;
}

fs::path make_case(const fs::path& folder, int units) {
  const auto run = [&](std::vector<std::string> arguments) {
    const auto ran = run_program(arguments, folder);
    EXPECT_EQ(ran.code, 0) << ran.err;
  };
  fs::create_directories(folder);
  run({"simulate", "--out", "data", "--option", "units=" + std::to_string(units), "--option", "objected_units=30",
       "--option", "objected_precincts=12", "--seed", "7"});
  const fs::path profiles = root() / "profiles";
  run({"import", "a.cotejo", (profiles / "demo-official.toml").string(), (profiles / "demo-quick.toml").string(),
       (profiles / "demo-next.toml").string(), "--data", "data"});
  run({"challenge", "a.cotejo", "add", "--id", "objected", "--count", "demo/official", "--units", "data/objected.csv",
       "--by", "A mission", "--reason", "High shares", "--source", "Report, page 1"});
  return folder / "a.cotejo";
}

Served::Served(server::ServeOptions options) {
  auto started = server::Workbench::start(std::move(options));
  if (!started) {
    ADD_FAILURE() << describe(started.error());
    std::abort();
  }
  workbench_ = std::move(*started);
  auto client = stranger();
  const auto entered = client.Get("/?token=" + token());
  if (!entered || entered->status != 303) {
    ADD_FAILURE() << "no session";
    std::abort();
  }
  Contract::the().check("get", "/", *entered);
  const auto set = entered->get_header_value("Set-Cookie");
  cookie_ = set.substr(0, set.find(';'));
}

std::string Served::token() const {
  const auto url = workbench_->url();
  return url.substr(url.find("token=") + 6);
}

httplib::Client Served::stranger() const {
  httplib::Client client("127.0.0.1", port());
  client.set_read_timeout(60, 0);
  client.set_keep_alive(true);
  return client;
}

httplib::Client Served::client() const {
  auto client = stranger();
  client.set_default_headers({{"Cookie", cookie_}});
  return client;
}

httplib::Result Served::checked(const std::string& method, const std::string& path, httplib::Result result) const {
  EXPECT_TRUE(result) << method << " " << path << ": " << to_string(result.error());
  if (result) Contract::the().check(method, path, *result);
  return result;
}

httplib::Result Served::get(const std::string& path) const {
  return checked("get", path, client().Get(path));
}
httplib::Result Served::post_text(const std::string& path, const std::string& body, const std::string& type) const {
  return checked("post", path, client().Post(path, body, type));
}
httplib::Result Served::post(const std::string& path, const Json& body) const {
  return post_text(path, body.dump());
}
httplib::Result Served::remove(const std::string& path) const {
  return checked("delete", path, client().Delete(path));
}

Json Served::finished(const std::string& id) const {
  auto client = this->client();
  for (int i = 0; i < 6000; ++i) {
    const auto result = client.Get("/api/jobs/" + id);
    if (!result) break;
    Contract::the().check("get", "/api/jobs/" + id, *result);
    auto job = Json::parse(result->body);
    if (job["state"] != "queued" && job["state"] != "running") return job;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ADD_FAILURE() << "job " << id << " did not end";
  return {};
}

Json Served::run_to_end(const Json& request) const {
  const auto result = post("/api/runs", request);
  EXPECT_EQ(result->status, 202) << result->body;
  return result->status == 202 ? finished(Json::parse(result->body)["id"]) : Json();
}

Json body_of(const httplib::Result& result) {
  return result ? Json::parse(result->body, nullptr, false) : Json();
}

std::string code_of(const httplib::Result& result) {
  const auto body = body_of(result);
  if (body.is_object() && body.contains("error")) return body["error"]["code"];
  ADD_FAILURE() << "no error: " << (result ? result->body.substr(0, 300) : "no answer");
  return {};
}

}  // namespace cotejo::test

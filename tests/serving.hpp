// A served case for tests, and a client that holds every answer against docs/api/openapi.yaml.
#pragma once

#include <gtest/gtest.h>
#include <httplib.h>

#include <filesystem>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "cotejo/server/server.hpp"
#include "support.hpp"

namespace cotejo::test {

using Json = nlohmann::ordered_json;

// The documented contract. Answers that were seen are remembered, so that a test can ask which were not.
class Contract {
 public:
  static Contract& the();
  // Fails the test when the answer's status is not documented for the path and method, or its body is not of the schema.
  void check(const std::string& method, const std::string& path, const httplib::Response& response);
  // "METHOD PATH STATUS" of everything documented that no answer had.
  std::vector<std::string> unseen() const;
  // Fails the test when `value` is not of components/schemas/NAME.
  void check_schema(const std::string& name, const Json& value);

 private:
  Contract();
  std::string path_pattern_of(const std::string& method, const std::string& path) const;

  nlohmann::json document_;
  std::set<std::string> seen_;
};

// A synthetic election of `units` units, imported, with the challenge "objected"; "demo/official", "demo/quick",
// "demo-next/final".
std::filesystem::path make_case(const std::filesystem::path& folder, int units);

class Served {
 public:
  explicit Served(server::ServeOptions options);
  // With the cookie of its session.
  httplib::Client client() const;
  httplib::Client stranger() const;
  server::Workbench& workbench() { return *workbench_; }
  int port() const { return workbench_->port(); }
  std::string token() const;
  const std::string& cookie() const { return cookie_; }

  httplib::Result get(const std::string& path) const;
  httplib::Result post(const std::string& path, const Json& body) const;
  httplib::Result post_text(const std::string& path, const std::string& body,
                            const std::string& type = "application/json") const;
  httplib::Result remove(const std::string& path) const;
  // The job when it has ended.
  Json finished(const std::string& id) const;
  Json run_to_end(const Json& request) const;

 private:
  httplib::Result checked(const std::string& method, const std::string& path, httplib::Result result) const;
  std::unique_ptr<server::Workbench> workbench_;
  std::string cookie_;
};

Json body_of(const httplib::Result& result);
std::string code_of(const httplib::Result& result);  // error.code, with a test failure where there is none

}  // namespace cotejo::test

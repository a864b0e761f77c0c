// The JSON body of a request, read key by key: the wrong type, a value out of bounds or a key that nobody reads is an
// error that names it (usage, with the key as column). The first error stays; reading goes on with empty values.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/engine/registry.hpp"

namespace cotejo::server {

class Body {
 public:
  // Errors: usage (no JSON, deeper than 64 levels, no object).
  static Result<Body> parse(std::string_view text);

  bool has(const std::string& key) const { return value_.contains(key); }
  std::string text(const std::string& key, std::size_t longest = 10'000);         // "" when it is absent
  std::string needed_text(const std::string& key, std::size_t longest = 10'000);  // never empty
  // Letters, digits, - _ . ; with `needed`, never empty.
  std::string id(const std::string& key, bool needed);
  std::vector<std::string> texts(const std::string& key, std::size_t most);
  std::optional<std::int64_t> whole(const std::string& key, std::int64_t low, std::int64_t high);
  std::optional<double> number(const std::string& key);
  std::optional<bool> flag(const std::string& key);
  std::vector<std::uint32_t> positions(const std::string& key, std::size_t most);
  OptionTexts options(const std::string& key);         // texts, numbers, flags by name
  std::optional<Body> object(const std::string& key);  // shares the problem
  std::vector<Body> objects(const std::string& key, std::size_t most);

  void refuse(const std::string& key, std::string message, std::string value = {}, std::string remedy = {});
  // The first problem, also of the objects inside; else of a key that nobody read.
  std::optional<Error> finish();

 private:
  Body(nlohmann::json value, std::string path, std::shared_ptr<std::optional<Error>> problem)
      : value_(std::move(value)), path_(std::move(path)), problem_(std::move(problem)) {}
  const nlohmann::json* find(const std::string& key);

  nlohmann::json value_;
  std::string path_;
  std::shared_ptr<std::optional<Error>> problem_;
  std::set<std::string> read_;
};

}  // namespace cotejo::server

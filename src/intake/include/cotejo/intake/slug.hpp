// Ids from published names.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace cotejo {

// Letters of any script as ASCII letters, digits and "-"; at most 40 characters; may be empty.
std::string slug(std::string_view text);

// Slugs that are each given once: "Ana", "Ana-2", ...
class UniqueIds {
 public:
  UniqueIds() = default;
  explicit UniqueIds(std::set<std::string> taken) : taken_(std::move(taken)) {}
  std::string of(std::string_view text, std::string_view fallback);

 private:
  std::set<std::string> taken_;
};

}  // namespace cotejo

// A TOML table read key by key. Every key that is asked for is known; finish() refuses the others. The first thing
// wrong is kept with its line, its key and its value, and what is read after it is of no matter.
#pragma once

#include <toml++/toml.h>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

// A TOML text as a table. Errors: `code` with the line and `document` as the remedy, for what is not TOML or is nested
// deeper than 50 levels (a key of 50,000 parts would overflow the stack of the library's parser or of what walks it).
Result<toml::table> parse_toml(std::string_view text, std::string_view file, std::string_view document,
                               ErrorCode code = ErrorCode::profile_invalid);

struct TomlProblem {
  std::string file;
  ErrorCode code = ErrorCode::profile_invalid;
  std::string document = "docs/formats/profile.md";  // where the format is told
  std::optional<Error> first{};
};

class TomlKeys {
 public:
  // `path` is the table's place in the file ("option[2]"), "" for the whole file. Both references must outlive this
  // object.
  TomlKeys(const toml::table& table, std::string path, TomlProblem& problem)
      : table_(&table), path_(std::move(path)), problem_(&problem) {}

  bool has(std::string_view key) { return find(key) != nullptr; }
  // Text without blanks at its ends; `fallback` when the key is absent.
  std::string text(std::string_view key, std::string_view fallback = "");
  // Present and not blank.
  std::string needed_text(std::string_view key);
  // Letters, digits, "-", "_", "." and, where allowed, "/" between parts that are not empty, "." or ".."; at most 100
  // characters.
  enum class Slash { refused, allowed };
  std::string id(std::string_view key, Slash slash);
  std::string needed_id(std::string_view key, Slash slash);
  bool flag(std::string_view key, bool fallback);
  std::int64_t whole(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t fallback);
  std::vector<std::string> texts(std::string_view key, std::size_t most);
  // A text, number or truth value, as text.
  std::string scalar(std::string_view key);
  // A whole number, or a fraction written as text.
  Rational rational(std::string_view key);
  // One of `choices`; the first when the key is absent.
  template <class T>
  T choice(std::string_view key, const std::vector<std::pair<std::string, T>>& choices) {
    if (!has(key)) return choices.front().second;
    const auto given = text(key);
    std::vector<std::string> names;
    for (const auto& [name, value] : choices) {
      if (name == given) return value;
      names.push_back(name);
    }
    refuse_choice(key, given, names);
    return choices.front().second;
  }

  // A table inside; nothing when the key is absent or not a table (which is refused).
  std::optional<TomlKeys> table(std::string_view key);
  // An array of tables, `[[key]]`; empty when absent.
  std::vector<TomlKeys> tables(std::string_view key, std::size_t most);
  // The keys of this table, in its order, all of them taken as known.
  std::vector<std::string> all_keys();
  const toml::node* find(std::string_view key);
  const toml::table& raw() const { return *table_; }
  const std::string& path() const { return path_; }
  TomlProblem& problem() { return *problem_; }

  // Refuses the keys that nobody asked for.
  void finish();
  // Keeps the error if it is the first; an empty key means the table itself.
  void refuse(std::string_view key, std::string message, std::string value = {}, std::string remedy = {});

 private:
  std::string full(std::string_view key) const;
  void refuse_type(std::string_view key, std::string_view expected, const toml::node& found);
  void refuse_choice(std::string_view key, const std::string& given, const std::vector<std::string>& names);

  const toml::table* table_;
  std::string path_;
  TomlProblem* problem_;
  std::vector<std::string> known_;
};

}  // namespace cotejo

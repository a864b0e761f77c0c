#include "cotejo/intake/toml_keys.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sstream>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

constexpr int deepest_toml = 50;  // brackets around a value; parts of a key

// Where a text is nested too deeply, as its line; 0: nowhere. Brackets and the dots between a key's parts are counted
// outside of strings and comments. A text that is no TOML may be misread here; its parser stops where it is none.
class TomlDepth {
 public:
  explicit TomlDepth(std::string_view text) : text_(text) {}

  std::int64_t too_deep_at() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        dots_ = 0;
      } else if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size()) - 1;
      } else if (c == '"' || c == '\'') {
        skip_string(c);
      } else if (c == '[' || c == '{') {
        ++brackets_;
        dots_ = 0;
      } else if (c == ']' || c == '}') {
        --brackets_;
      } else if (c == '.') {
        ++dots_;
      } else if (c == '=' || c == ',') {
        dots_ = 0;
      }
      if (brackets_ > deepest_toml || dots_ > deepest_toml) return line_;
    }
    return 0;
  }

 private:
  // Leaves at_ on the last character of the string; one that is not closed ends with its line.
  void skip_string(char mark) {
    const std::string three(3, mark);
    const bool is_long = text_.substr(at_).starts_with(three);
    for (at_ += is_long ? 3 : 1; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\\' && mark == '"') {
        ++at_;
        if (at_ < text_.size() && text_[at_] == '\n') ++line_;
      } else if (c == '\n') {
        ++line_;
        if (!is_long) return;
      } else if (c == mark && !is_long) {
        return;
      } else if (c == mark && text_.substr(at_).starts_with(three)) {
        at_ += 2;
        for (int own = 0; own < 2 && at_ + 1 < text_.size() && text_[at_ + 1] == mark; ++own) ++at_;
        return;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
  int brackets_ = 0, dots_ = 0;
};

std::string_view name_of(toml::node_type type) {
  switch (type) {
    case toml::node_type::table:
      return "a table";
    case toml::node_type::array:
      return "an array";
    case toml::node_type::string:
      return "text";
    case toml::node_type::integer:
      return "a whole number";
    case toml::node_type::floating_point:
      return "a number with a point";
    case toml::node_type::boolean:
      return "true or false";
    case toml::node_type::date:
      return "a date without quotation marks";
    case toml::node_type::time:
      return "a time without quotation marks";
    case toml::node_type::date_time:
      return "a date and time without quotation marks";
    case toml::node_type::none:
      break;
  }
  return "nothing";
}

std::string text_of(const toml::node& node) {
  if (const auto* value = node.as_string()) return value->get();
  if (node.is_table() || node.is_array()) return {};
  std::ostringstream out;
  out << std::boolalpha;
  node.visit([&](const auto& value) {
    if constexpr (toml::is_value<decltype(value)>) out << value.get();
  });
  return out.str();
}

bool is_id_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

bool is_id(std::string_view text, TomlKeys::Slash slash) {
  if (text.size() > 100) return false;
  for (;;) {
    const auto end = slash == TomlKeys::Slash::allowed ? text.find('/') : std::string_view::npos;
    const auto part = text.substr(0, end);
    if (part.empty() || part == "." || part == ".." || !std::all_of(part.begin(), part.end(), is_id_character))
      return false;
    if (end == std::string_view::npos) return true;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

Result<toml::table> parse_toml(std::string_view text, std::string_view file, std::string_view document,
                               ErrorCode code) {
  const auto refused = [&](std::string message, std::int64_t row) {
    return Error{.code = code,
                 .message = std::move(message),
                 .file = std::string(file),
                 .row = row,
                 .remedy = fmt::format("See https://toml.io and {}.", document)};
  };
  if (const auto line = TomlDepth(text).too_deep_at(); line > 0)
    return refused(fmt::format("nested more than {} levels deep", deepest_toml), line);
  try {
    return toml::table(toml::parse(text, file));
  } catch (const toml::parse_error& failure) {
    return refused(fmt::format("not TOML: {}", printable(failure.description())),
                   static_cast<std::int64_t>(failure.source().begin.line));
  }
}

std::string TomlKeys::full(std::string_view key) const {
  return path_.empty() ? std::string(key) : key.empty() ? path_ : fmt::format("{}.{}", path_, key);
}

void TomlKeys::refuse(std::string_view key, std::string message, std::string value, std::string remedy) {
  if (problem_->first) return;
  const toml::node* node = key.empty() ? nullptr : table_->get(key);
  const auto line = node != nullptr ? node->source().begin.line : table_->source().begin.line;
  problem_->first = Error{.code = problem_->code,
                          .message = std::move(message),
                          .file = problem_->file,
                          .row = static_cast<std::int64_t>(line),
                          .column = full(key),
                          .value = std::move(value),
                          .remedy = std::move(remedy)};
}

void TomlKeys::refuse_type(std::string_view key, std::string_view expected, const toml::node& found) {
  refuse(
      key, fmt::format("expected {}, found {}", expected, name_of(found.type())), text_of(found),
      expected == "text" ? std::string("Put it between quotation marks.") : fmt::format("See {}.", problem_->document));
}

void TomlKeys::refuse_choice(std::string_view key, const std::string& given, const std::vector<std::string>& names) {
  refuse(key, fmt::format("expected one of \"{}\"", fmt::join(names, "\", \"")), given, "Write it exactly so.");
}

const toml::node* TomlKeys::find(std::string_view key) {
  if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.emplace_back(key);
  return table_->get(key);
}

std::string TomlKeys::text(std::string_view key, std::string_view fallback) {
  const auto* node = find(key);
  if (node == nullptr) return std::string(fallback);
  if (const auto* value = node->as_string()) return std::string(trimmed(value->get()));
  refuse_type(key, "text", *node);
  return {};
}

std::string TomlKeys::needed_text(std::string_view key) {
  auto out = text(key);
  if (!has(key))
    refuse("", fmt::format("the key `{}` is missing", key), {}, fmt::format("See {}.", problem_->document));
  else if (out.empty())
    refuse(key, "expected text, found none");
  return out;
}

std::string TomlKeys::scalar(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return {};
  if (node->is_table() || node->is_array())
    refuse(key, fmt::format("expected a single value, found {}", name_of(node->type())));
  return text_of(*node);
}

std::string TomlKeys::id(std::string_view key, Slash slash) {
  auto out = text(key);
  if (has(key) && !is_id(out, slash))
    refuse(key,
           slash == Slash::allowed
               ? "expected an id of letters (a-z, A-Z), digits, \"-\", \"_\", \".\" and \"/\" between parts, at most "
                 "100 characters"
               : "expected an id of letters (a-z, A-Z), digits, \"-\", \"_\" and \".\", at most 100 characters",
           out, "The name may hold any characters; the id may not.");
  return out;
}

std::string TomlKeys::needed_id(std::string_view key, Slash slash) {
  needed_text(key);
  return id(key, slash);
}

bool TomlKeys::flag(std::string_view key, bool fallback) {
  const auto* node = find(key);
  if (node == nullptr) return fallback;
  if (const auto* value = node->as_boolean()) return value->get();
  refuse_type(key, "true or false", *node);
  return fallback;
}

std::int64_t TomlKeys::whole(std::string_view key, std::int64_t low, std::int64_t high, std::int64_t fallback) {
  const auto* node = find(key);
  if (node == nullptr) return fallback;
  const auto* value = node->as_integer();
  if (value == nullptr)
    refuse_type(key, "a whole number", *node);
  else if (value->get() < low || value->get() > high)
    refuse(key, fmt::format("expected a whole number from {} to {}", low, high), text_of(*node));
  else
    return value->get();
  return fallback;
}

std::vector<std::string> TomlKeys::texts(std::string_view key, std::size_t most) {
  const auto* node = find(key);
  if (node == nullptr) return {};
  std::vector<std::string> out;
  const auto* array = node->as_array();
  if (array == nullptr) {
    refuse_type(key, "an array of texts", *node);
    return out;
  }
  if (array->size() > most) refuse(key, fmt::format("{} entries; at most {} are allowed", array->size(), most));
  for (const auto& entry : *array) {
    if (const auto* value = entry.as_string())
      out.emplace_back(trimmed(value->get()));
    else
      refuse(key, fmt::format("expected an array of texts, found {} in it", name_of(entry.type())), text_of(entry));
  }
  return out;
}

Rational TomlKeys::rational(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) {
    refuse("", fmt::format("the key `{}` is missing", key), {}, "See docs/formats/rule.md.");
    return {};
  }
  if (!node->is_string() && !node->is_integer()) {
    refuse(key, fmt::format("expected a whole number or a fraction written as text, found {}", name_of(node->type())),
           text_of(*node), "Write it as in \"2/5\", \"0.4\" or 1.");
    return {};
  }
  const auto given = text_of(*node);
  auto value = parse_rational(trimmed(given));
  if (value) return *value;
  refuse(key, value.error().message, given, value.error().remedy);
  return {};
}

std::optional<TomlKeys> TomlKeys::table(std::string_view key) {
  const auto* node = find(key);
  if (node == nullptr) return std::nullopt;
  if (const auto* inner = node->as_table()) return TomlKeys(*inner, full(key), *problem_);
  refuse_type(key, "a table", *node);
  return std::nullopt;
}

std::vector<TomlKeys> TomlKeys::tables(std::string_view key, std::size_t most) {
  const auto* node = find(key);
  if (node == nullptr) return {};
  std::vector<TomlKeys> out;
  const auto* array = node->as_array();
  if (array == nullptr) {
    refuse_type(key, fmt::format("tables under [[{}]]", key), *node);
    return out;
  }
  if (array->size() > most) {
    refuse(key, fmt::format("{} entries; at most {} are allowed", with_thousands(static_cast<long long>(array->size())),
                            with_thousands(static_cast<long long>(most))));
    return out;
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const auto& entry = (*array)[i];
    if (const auto* inner = entry.as_table())
      out.emplace_back(*inner, fmt::format("{}[{}]", full(key), i + 1), *problem_);
    else
      refuse(key, fmt::format("expected tables under [[{}]], found {} in it", key, name_of(entry.type())),
             text_of(entry));
  }
  return out;
}

std::vector<std::string> TomlKeys::all_keys() {
  known_.clear();
  for (const auto& [key, value] : *table_) known_.emplace_back(key.str());
  return known_;
}

void TomlKeys::finish() {
  // The table's own order is alphabetical; the first unknown key in the file is the one to name.
  const toml::key* first = nullptr;
  for (const auto& [key, value] : *table_)
    if (std::find(known_.begin(), known_.end(), key.str()) == known_.end() &&
        (first == nullptr || key.source().begin.line < first->source().begin.line))
      first = &key;
  if (first == nullptr || problem_->first) return;
  const auto near = nearest_name(first->str(), known_);
  auto names = known_;
  std::sort(names.begin(), names.end());
  problem_->first = Error{.code = problem_->code,
                          .message = "no such key",
                          .file = problem_->file,
                          .row = static_cast<std::int64_t>(first->source().begin.line),
                          .column = full(first->str()),
                          .value = std::string(first->str()),
                          .remedy = near.empty() ? fmt::format("Known here: {}.", fmt::join(names, ", "))
                                                 : fmt::format("Did you mean `{}`?", near)};
}

}  // namespace cotejo

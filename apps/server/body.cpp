#include "body.hpp"

#include <fmt/format.h>

#include "cotejo/base/text.hpp"
#include "cotejo/finding/bounded_json.hpp"

namespace cotejo::server {

using Json = nlohmann::json;

namespace {
std::string shown(const Json& value) {
  return printable(value.is_structured() ? std::string(value.type_name())
                                         : value.dump(-1, ' ', false, Json::error_handler_t::replace));
}
}  // namespace

Result<Body> Body::parse(std::string_view text) {
  auto value = parse_bounded<Json>(text);
  if (!value.is_object())
    return Error{.code = ErrorCode::usage,
                 .message = "the body must be a JSON object",
                 .value = value.is_discarded() ? std::string() : std::string(value.type_name()),
                 .remedy = "See docs/api/openapi.yaml."};
  return Body(std::move(value), "", std::make_shared<std::optional<Error>>());
}

void Body::refuse(const std::string& key, std::string message, std::string value, std::string remedy) {
  if (*problem_) return;
  *problem_ = Error{.code = ErrorCode::usage,
                    .message = std::move(message),
                    .column = path_ + printable(key),
                    .value = std::move(value),
                    .remedy = remedy.empty() ? "See docs/api/openapi.yaml." : std::move(remedy)};
}

const Json* Body::find(const std::string& key) {
  read_.insert(key);
  const auto found = value_.find(key);
  return found == value_.end() ? nullptr : &*found;
}

std::string Body::text(const std::string& key, std::size_t longest) {
  const Json* value = find(key);
  if (!value) return {};
  if (!value->is_string()) {
    refuse(key, "expected a text", shown(*value));
    return {};
  }
  const auto& out = value->get_ref<const std::string&>();
  if (out.size() > longest || out.find('\0') != std::string::npos) {
    refuse(key, fmt::format("expected a text of at most {} bytes, none of them zero", longest), printable(out, 40));
    return {};
  }
  return out;
}

std::string Body::needed_text(const std::string& key, std::size_t longest) {
  std::string out = text(key, longest);
  if (trimmed(out).empty()) refuse(key, "this must be said");
  return out;
}

std::string Body::id(const std::string& key, bool needed) {
  std::string out = needed ? needed_text(key, 100) : text(key, 100);
  if (out.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.") != std::string::npos)
    refuse(key, "expected letters, digits, - _ . only", printable(out));
  return out;
}

std::vector<std::string> Body::texts(const std::string& key, std::size_t most) {
  std::vector<std::string> out;
  const Json* value = find(key);
  if (!value) return out;
  if (!value->is_array() || value->size() > most) {
    refuse(key, fmt::format("expected a list of at most {} texts", most), shown(*value));
    return out;
  }
  out.reserve(value->size());
  for (const auto& one : *value) {
    if (!one.is_string() || one.get_ref<const std::string&>().size() > 10'000) {
      refuse(key, "expected texts of at most 10,000 bytes", shown(one));
      return {};
    }
    out.push_back(one.get<std::string>());
  }
  return out;
}

std::optional<std::int64_t> Body::whole(const std::string& key, std::int64_t low, std::int64_t high) {
  const Json* value = find(key);
  if (!value) return std::nullopt;
  if (value->is_number_unsigned() && value->get<std::uint64_t>() <= static_cast<std::uint64_t>(INT64_MAX)) {
    const auto number = value->get<std::int64_t>();
    if (number >= low && number <= high) return number;
  } else if (value->is_number_integer() && !value->is_number_unsigned()) {
    const auto number = value->get<std::int64_t>();
    if (number >= low && number <= high) return number;
  }
  refuse(key, fmt::format("expected a whole number from {} to {}", low, high), shown(*value));
  return std::nullopt;
}

std::optional<double> Body::number(const std::string& key) {
  const Json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_number()) {
    refuse(key, "expected a number", shown(*value));
    return std::nullopt;
  }
  return value->get<double>();
}

std::optional<bool> Body::flag(const std::string& key) {
  const Json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_boolean()) {
    refuse(key, "expected true or false", shown(*value));
    return std::nullopt;
  }
  return value->get<bool>();
}

std::vector<std::uint32_t> Body::positions(const std::string& key, std::size_t most) {
  std::vector<std::uint32_t> out;
  const Json* value = find(key);
  if (!value) return out;
  if (!value->is_array() || value->size() > most) {
    refuse(key, fmt::format("expected a list of at most {} whole numbers", most), shown(*value));
    return out;
  }
  out.reserve(value->size());
  for (const auto& one : *value) {
    if (!one.is_number_unsigned() || one.get<std::uint64_t>() > 0xFFFFFFFEU) {
      refuse(key, "expected whole numbers from 0", shown(one));
      return {};
    }
    out.push_back(one.get<std::uint32_t>());
  }
  return out;
}

OptionTexts Body::options(const std::string& key) {
  OptionTexts out;
  const Json* value = find(key);
  if (!value) return out;
  if (!value->is_object() || value->size() > 1000) {
    refuse(key, "expected an object of options by name", shown(*value));
    return out;
  }
  for (const auto& [name, one] : value->items()) {
    if (one.is_string() && one.get_ref<const std::string&>().size() <= 10'000)
      out.emplace_back(name, one.get<std::string>());
    else if (one.is_boolean())
      out.emplace_back(name, one.get<bool>() ? "true" : "false");
    else if (one.is_number())
      out.emplace_back(name, one.dump());
    else
      refuse(key + "." + name, "expected a text, a number, true or false", shown(one));
  }
  return out;
}

std::optional<Body> Body::object(const std::string& key) {
  const Json* value = find(key);
  if (!value) return std::nullopt;
  if (!value->is_object()) {
    refuse(key, "expected an object", shown(*value));
    return std::nullopt;
  }
  return Body(*value, path_ + key + ".", problem_);
}

std::vector<Body> Body::objects(const std::string& key, std::size_t most) {
  std::vector<Body> out;
  const Json* value = find(key);
  if (!value) return out;
  if (!value->is_array() || value->size() > most) {
    refuse(key, fmt::format("expected a list of at most {} objects", most), shown(*value));
    return out;
  }
  for (std::size_t i = 0; i < value->size(); ++i) {
    if (!(*value)[i].is_object()) {
      refuse(key, "expected objects", shown((*value)[i]));
      return out;
    }
    out.push_back(Body((*value)[i], fmt::format("{}{}[{}].", path_, key, i), problem_));
  }
  return out;
}

std::optional<Error> Body::finish() {
  for (const auto& [key, ignored] : value_.items())
    if (!read_.contains(key)) {
      const auto near = nearest_name(key, read_);
      refuse(key, "no such key", "", near.empty() ? std::string() : fmt::format("Did you mean '{}'?", near));
    }
  return *problem_;
}

}  // namespace cotejo::server

#include "cotejo/finding/message.hpp"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cotejo/finding/catalogue.hpp"
#include "cotejo/finding/text.hpp"

namespace cotejo {

using Json = nlohmann::ordered_json;

namespace {

std::string_view to_text(Join join) {
  return join == Join::and_ ? "and" : join == Join::or_ ? "or" : "commas";
}

Json to_json(const Argument& argument);

struct ToJson {
  Json operator()(std::int64_t whole) const { return whole; }
  Json operator()(const Decimal& decimal) const { return {{"decimal", decimal.digits}}; }
  Json operator()(const std::string& name) const { return name; }
  Json operator()(const Message& message) const { return cotejo::to_json(message); }
  Json operator()(const Capitalised& first) const {
    auto out = cotejo::to_json(first.message);
    out["capital"] = true;
    return out;
  }
  Json operator()(const List& list) const {
    Json items = Json::array();
    for (const auto& item : list.items) items.push_back(to_json(item));
    return {{"list", std::move(items)}, {"join", to_text(list.join)}};
  }
};

Json to_json(const Argument& argument) {
  return std::visit(ToJson{}, argument);
}

}  // namespace

bool operator==(const Message& a, const Message& b) {
  return to_json(a) == to_json(b);
}

Decimal decimal(double value, int decimals) {
  return {std::isfinite(value) ? fmt::format("{:.{}f}", value, decimals) : std::string("–")};
}

List list_of(const std::vector<std::string>& names, Join join) {
  List out{.items = {}, .join = join};
  for (const auto& name : names) out.items.emplace_back(name);
  return out;
}

Json to_json(const Message& message) {
  Json arguments = Json::object();
  for (const auto& [name, argument] : message.arguments) arguments[name] = to_json(argument);
  return {{"id", message.id}, {"args", std::move(arguments)}};
}

Text::Text(Message message)
    : english_(render(message)), message_(std::make_shared<const Message>(std::move(message))) {}

std::string Text::in(std::string_view language) const {
  return message_ && language != english_language ? render(*message_, language) : english_;
}

Argument argument(const Text& text) {
  return text.message() ? Argument(*text.message()) : Argument(text.english());
}

Text& Text::operator+=(const Text& more) {
  english_ += more.english_;
  message_.reset();
  return *this;
}

Text& Text::append(const Text& sentence) {
  if (message_ && sentence.message_)
    return *this = Message{"texts.appended", {{"first", *message_}, {"then", *sentence.message_}}};
  return *this += " " + sentence.english_;
}

}  // namespace cotejo

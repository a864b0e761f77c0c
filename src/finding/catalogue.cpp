#include "cotejo/finding/catalogue.hpp"

#include <fmt/format.h>
#include <unicode/listformatter.h>
#include <unicode/messagepattern.h>
#include <unicode/msgfmt.h>
#include <unicode/numberformatter.h>
#include <unicode/uchar.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace cotejo {

namespace {

[[noreturn]] void fault(const std::string& what) {
  throw std::logic_error("message " + what);
}

icu::UnicodeString unicode(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(text.size())});
}

std::string utf8(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

icu::Locale locale_of(std::string_view language) {
  return icu::Locale(std::string(language).c_str());
}

using Kinds = std::map<std::string, std::set<std::string>>;

std::string kind_at(const icu::MessagePattern& pattern, std::int32_t part) {
  switch (pattern.getPart(part).getArgType()) {
    case UMSGPAT_ARG_TYPE_SIMPLE:
      return utf8(pattern.getSubstring(pattern.getPart(part + 2)));
    case UMSGPAT_ARG_TYPE_PLURAL:
    case UMSGPAT_ARG_TYPE_SELECTORDINAL:
      return "plural";
    case UMSGPAT_ARG_TYPE_SELECT:
      return "select";
    default:
      return "";
  }
}

// Name of every argument of the pattern -> the kinds that it is asked for as; "" is one that is shown as it is.
Kinds kinds_of(std::string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::MessagePattern pattern(unicode(text), nullptr, status);
  if (U_FAILURE(status)) fault(fmt::format("pattern \"{}\": {}", text, u_errorName(status)));
  Kinds out;
  for (std::int32_t i = 0; i < pattern.countParts(); ++i)
    if (pattern.getPartType(i) == UMSGPAT_PART_TYPE_ARG_START)
      out[utf8(pattern.getSubstring(pattern.getPart(i + 1)))].insert(kind_at(pattern, i));
  return out;
}

bool fits(const Argument& argument, const std::string& kind) {
  const bool whole = std::holds_alternative<std::int64_t>(argument);
  if (kind == "number" || kind == "plural") return whole;
  if (kind == "select") return std::holds_alternative<std::string>(argument);
  return kind.empty() && !whole;
}

const Argument& argument_named(const Message& message, const std::string& name, const std::set<std::string>& kinds) {
  for (const auto& [given, argument] : message.arguments) {
    if (given != name) continue;
    for (const auto& kind : kinds)
      if (!fits(argument, kind)) fault(fmt::format("{}: argument '{}' is not a '{}'", message.id, name, kind));
    return argument;
  }
  fault(fmt::format("{}: no argument '{}'", message.id, name));
}

icu::UnicodeString capital(std::string_view text) {
  icu::UnicodeString out = unicode(text);
  if (out.isEmpty()) return out;
  const UChar32 first = out.char32At(0);
  return out.replace(0, U16_LENGTH(first), icu::UnicodeString(u_totitle(first)));
}

icu::UnicodeString number(const Decimal& decimal, const icu::Locale& locale) {
  const auto point = decimal.digits.find('.');
  const auto decimals = point == std::string::npos ? 0 : static_cast<int>(decimal.digits.size() - point - 1);
  UErrorCode status = U_ZERO_ERROR;
  const auto out = icu::number::NumberFormatter::withLocale(locale)
                       .grouping(UNUM_GROUPING_ON_ALIGNED)
                       .precision(icu::number::Precision::fixedFraction(decimals))
                       .formatDecimal(decimal.digits, status)
                       .toString(status);
  return U_SUCCESS(status) ? out : unicode(decimal.digits);  // what is not a number
}

class Renderer {
 public:
  Renderer(const Catalogue& catalogue, std::string_view language)
      : catalogue_(catalogue), language_(language), locale_(locale_of(language)) {}

  icu::Formattable operator()(std::int64_t whole) const { return whole; }
  icu::Formattable operator()(const Decimal& decimal) const { return number(decimal, locale_); }
  icu::Formattable operator()(const std::string& name) const { return unicode(name); }
  icu::Formattable operator()(const Message& message) const { return unicode(catalogue_.render(message, language_)); }
  icu::Formattable operator()(const Capitalised& first) const {
    return capital(catalogue_.render(first.message, language_));
  }
  icu::Formattable operator()(const List& list) const {
    std::vector<icu::UnicodeString> items;
    for (const auto& item : list.items) {
      if (std::holds_alternative<std::int64_t>(item)) fault("list of whole numbers: give messages");
      items.push_back(std::visit(*this, item).getString());
    }
    UErrorCode status = U_ZERO_ERROR;
    const auto type = list.join == Join::and_  ? ULISTFMT_TYPE_AND
                      : list.join == Join::or_ ? ULISTFMT_TYPE_OR
                                               : ULISTFMT_TYPE_UNITS;
    const std::unique_ptr<icu::ListFormatter> join(
        icu::ListFormatter::createInstance(locale_, type, ULISTFMT_WIDTH_WIDE, status));
    icu::UnicodeString out;
    if (U_SUCCESS(status)) join->format(items.data(), static_cast<std::int32_t>(items.size()), out, status);
    if (U_FAILURE(status)) fault(fmt::format("list: {}", u_errorName(status)));
    return out;
  }

  std::string format(const Message& message, std::string_view pattern) const {
    std::vector<icu::UnicodeString> names;
    std::vector<icu::Formattable> values;
    for (const auto& [name, kinds] : kinds_of(pattern)) {
      names.push_back(unicode(name));
      values.push_back(std::visit(*this, argument_named(message, name, kinds)));
    }
    UErrorCode status = U_ZERO_ERROR;
    const icu::MessageFormat format(unicode(pattern), locale_, status);
    icu::UnicodeString out;
    if (U_SUCCESS(status))
      format.format(names.data(), values.data(), static_cast<std::int32_t>(names.size()), out, status);
    if (U_FAILURE(status)) fault(fmt::format("{}: {}", message.id, u_errorName(status)));
    return utf8(out);
  }

 private:
  const Catalogue& catalogue_;
  std::string_view language_;
  icu::Locale locale_;
};

}  // namespace

void Catalogue::add(std::string_view language, std::string_view json) {
  const auto object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object()) fault(fmt::format("catalogue of '{}' is not a JSON object", language));
  auto& patterns = languages_[std::string(language)];
  for (const auto& [id, pattern] : object.items())
    if (!pattern.is_string() || !patterns.emplace(id, pattern).second)
      fault(fmt::format("{}: not a text, or a second one, in '{}'", id, language));
}

const std::string& Catalogue::pattern(std::string_view id, std::string_view language) const {
  for (const auto wanted : {language, english_language}) {
    const auto patterns = languages_.find(wanted);
    if (patterns == languages_.end()) continue;
    if (const auto found = patterns->second.find(id); found != patterns->second.end()) return found->second;
  }
  fault(fmt::format("{}: no catalogue has it", id));
}

std::string Catalogue::render(const Message& message, std::string_view language) const {
  const std::string& text = pattern(message.id, language);
  if (text.find_first_of("{'") == std::string::npos) return text;
  return Renderer(*this, language).format(message, text);
}

std::set<std::string> arguments_of(std::string_view pattern) {
  std::set<std::string> out;
  for (const auto& [name, kinds] : kinds_of(pattern))
    for (const auto& kind : kinds) out.insert(kind.empty() ? name : name + " " + kind);
  return out;
}

const Catalogue& catalogue() {
  static const Catalogue all = [] {
    Catalogue out;
    for (const auto& file : catalogue_files()) out.add(file.language, file.json);
    return out;
  }();
  return all;
}

std::vector<std::string> languages() {
  std::vector<std::string> out{std::string(english_language)};
  for (const auto& [language, patterns] : catalogue().languages())
    if (language != english_language) out.push_back(language);
  return out;
}

std::string render(const Message& message, std::string_view language) {
  return catalogue().render(message, language);
}

}  // namespace cotejo

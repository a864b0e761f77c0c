#include "cotejo/exchange/exchange.hpp"

#include <fmt/format.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "cotejo/base/regular_file.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/records.hpp"
#include "parts.hpp"

namespace cotejo {

using namespace exchange;

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* relations[] = {"=", "<=", ">="};

}  // namespace

std::string_view name_of(ExchangeFormat format) {
  switch (format) {
    case ExchangeFormat::nist:
      return "NIST SP 1500-100";
    case ExchangeFormat::eml:
      return "EML 510";
    case ExchangeFormat::openelections:
      return "OpenElections CSV";
    case ExchangeFormat::long_csv:
      break;
  }
  return "long CSV";
}

Result<std::optional<ExchangeFormat>> exchange_format_of(const std::filesystem::path& file,
                                                         const std::stop_token& cancel) {
  using Format = std::optional<ExchangeFormat>;
  const auto opened = open_regular(file);
  if (!opened) return Format{};
  std::string first(4'096, '\0');
  first.resize(std::fread(first.data(), 1, first.size(), opened->stream.get()));
  std::string_view text = first;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text = trimmed(text);
  if (text.starts_with('{')) return Format(ExchangeFormat::nist);
  if (text.starts_with('<')) return Format(ExchangeFormat::eml);
  if (!is_utf8(text.substr(0, text.find('\n')))) return Format{};
  const auto records = Records::open(file, {.member = {}, .table = {}, .cancel = cancel});
  if (!records) {
    if (records.error().code == ErrorCode::cancelled) return records.error();
    return Format{};
  }
  const auto has = [&](const char* name) {
    const auto& header = records->header();
    return std::any_of(header.begin(), header.end(), [&](const std::string& title) {
      return title.size() == std::string_view(name).size() &&
             std::equal(title.begin(), title.end(), name,
                        [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; });
    });
  };
  if (has("unit") && has("quantity") && has("value")) return Format(ExchangeFormat::long_csv);
  if (is_openelections(records->header())) return Format(ExchangeFormat::openelections);
  return Format{};
}

Result<std::vector<Count>> read_exchange(const std::filesystem::path& file, ExchangeFormat format,
                                         const std::string& prefix, const Context& context) {
  if (format == ExchangeFormat::openelections) return read_openelections(file, prefix, context);
  if (format == ExchangeFormat::long_csv) return read_long_csv(file, prefix, context);
  COTEJO_TRY(text, read_regular(file, largest_file));
  context.report("reading " + file.filename().string(), 0.3);
  return format == ExchangeFormat::nist ? read_nist(text, file.string(), prefix, context.cancel)
                                        : read_eml(text, file.string(), prefix, context.cancel);
}

namespace exchange {

Error damaged(std::string_view file, std::string message, std::string place, std::string value) {
  return {.code = ErrorCode::file_damaged,
          .message = std::move(message),
          .file = std::string(file),
          .column = std::move(place),
          .value = std::move(value),
          .remedy = "Get the file again, or ask its publisher."};
}

Result<void> write_whole(const std::filesystem::path& to, const std::function<void(std::ostream&)>& write) {
  const std::filesystem::path part = to.string() + ".part";
  std::ofstream out(part, std::ios::binary);
  if (out) write(out);
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(part, to, failed);
  if (out && !failed) return {};
  std::filesystem::remove(part, failed);
  return Error{.code = ErrorCode::file_write,
               .message = "the file cannot be written",
               .file = to.string(),
               .remedy = "Check the folder and the free space."};
}

std::vector<std::pair<std::string, Column*>> standard_columns(Count& count) {
  std::vector<std::pair<std::string, Column*>> out = {{"registered", &count.registered},
                                                      {"cast", &count.cast},
                                                      {"valid", &count.valid},
                                                      {"blank", &count.blank},
                                                      {"null", &count.null}};
  for (auto& field : count.fields) out.emplace_back(field.id, &field.values);
  return out;
}

std::string encode_description(const Count& count) {
  Json out{{"id", count.id.text},
           {"title", count.title},
           {"contest", count.contest.id.text},
           {"contest_title", count.contest.title},
           {"unit_name", count.unit_name},
           {"date", count.date},
           {"as_of", count.as_of},
           {"snapshot_of", count.snapshot_of.text},
           {"official", count.official},
           {"valid", count.valid_basis == ValidBasis::reported ? "reported" : "sum"},
           {"caveats", count.caveats},
           {"source", count.source},
           {"levels", count.hierarchy.levels()},
           {"options", Json::array()},
           {"fields", Json::array()},
           {"checks", Json::array()}};
  out["columns"] = Json::array();
  for (const auto& [name, column] :
       {std::pair{"registered", &count.registered}, std::pair{"cast", &count.cast}, std::pair{"valid", &count.valid},
        std::pair{"blank", &count.blank}, std::pair{"null", &count.null}})
    if (!column->empty()) out["columns"].push_back(name);
  out["coordinates"] = !count.latitude.empty();
  out["places"] = !count.unit_place.empty();
  for (const auto& option : count.contest.options) out["options"].push_back({option.id.text, option.name});
  for (const auto& field : count.fields) out["fields"].push_back({field.id, field.name});
  for (const auto& check : count.checks)
    out["checks"].push_back({{"id", check.id},
                             {"left", check.left},
                             {"is", relations[static_cast<int>(check.relation)]},
                             {"right", check.right},
                             {"text", check.text}});
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Described> decode_description(std::string_view text, std::string_view file_name) {
  try {
    const Json json = Json::parse(text);
    const auto string = [&](const char* key) { return json.at(key).get<std::string>(); };
    Described out;
    Count& count = out.count;
    out.columns = json.at("columns").get<std::vector<std::string>>();
    out.coordinates = json.at("coordinates").get<bool>();
    out.places = json.at("places").get<bool>();
    count.id = CountId{string("id")};
    count.title = string("title");
    count.contest.id = ContestId{string("contest")};
    count.contest.title = string("contest_title");
    count.unit_name = string("unit_name");
    count.date = string("date");
    count.as_of = string("as_of");
    count.snapshot_of = CountId{string("snapshot_of")};
    count.official = json.at("official").get<bool>();
    count.valid_basis = string("valid") == "reported" ? ValidBasis::reported : ValidBasis::sum_of_options;
    count.caveats = json.at("caveats").get<std::vector<std::string>>();
    count.source = string("source");
    count.hierarchy = Hierarchy(json.at("levels").get<std::vector<std::string>>());
    for (const auto& option : json.at("options"))
      count.contest.options.push_back({OptionId{option.at(0).get<std::string>()}, option.at(1).get<std::string>()});
    for (const auto& field : json.at("fields"))
      count.fields.push_back({field.at(0).get<std::string>(), field.at(1).get<std::string>(), {}});
    for (const auto& check : json.at("checks")) {
      const auto is = check.at("is").get<std::string>();
      count.checks.push_back({check.at("id").get<std::string>(), check.at("left").get<std::vector<std::string>>(),
                              is == relations[1]   ? Relation::at_most
                              : is == relations[2] ? Relation::at_least
                                                   : Relation::equal,
                              check.at("right").get<std::vector<std::string>>(), check.at("text").get<std::string>()});
    }
    if (count.id.text.empty() || count.contest.options.empty() || count.contest.options.size() > most_options)
      return damaged(file_name, "the description of a count has no id or no options", "cotejo.count/1");
    return out;
  } catch (const nlohmann::json::exception& e) {
    return damaged(file_name, fmt::format("the description of a count cannot be read: {}", printable(e.what())),
                   "cotejo.count/1");
  }
}

std::string fault_of(const Count& count) {
  const auto n = count.units();
  if (n == 0) return "it has no units";
  if (count.contest.options.empty()) return "it has no options";
  std::unordered_set<std::string_view> keys, ids;
  for (UnitIndex u = 0; u < n; ++u) {
    if (count.unit_keys[u].empty()) return "a unit has no key";
    if (!keys.insert(count.unit_keys[u]).second)
      return fmt::format("the unit '{}' is there twice", printable(count.unit_keys[u]));
  }
  for (const auto& option : count.contest.options)
    if (!ids.insert(option.id.text).second)
      return fmt::format("the option '{}' is there twice", printable(option.id.text));
  if (count.votes.size() != n * count.options()) return "votes are missing";
  return {};
}

}  // namespace exchange

}  // namespace cotejo

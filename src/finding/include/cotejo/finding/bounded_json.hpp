// JSON that a stranger may have written: no deeper than what is later walked by recursion can bear, and no more values
// than fit into a gigabyte.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace cotejo {

inline constexpr int deepest_json = 64;
inline constexpr std::size_t most_json_values = 10'000'000;

// Discarded (is_discarded()) when the text is no JSON, is nested more than deepest_json levels deep, or has more than
// most_json_values keys and values.
template <class Json = nlohmann::json>
Json parse_bounded(std::string_view text) {
  bool refused = false;
  std::size_t values = 0;
  Json out = Json::parse(
      text,
      [&](int depth, typename Json::parse_event_t, Json&) {
        refused = refused || depth > deepest_json || ++values > most_json_values;
        return !refused;
      },
      false);
  if (refused) return Json(nlohmann::detail::value_t::discarded);
  return out;
}

}  // namespace cotejo

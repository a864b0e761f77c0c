// JSON that a stranger may have written: no deeper than what is later walked by recursion can bear.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

namespace cotejo {

inline constexpr int deepest_json = 64;

// Discarded (is_discarded()) when the text is no JSON, or is nested more than deepest_json levels deep.
template <class Json = nlohmann::json>
Json parse_bounded(std::string_view text) {
  bool too_deep = false;
  Json out = Json::parse(
      text,
      [&](int depth, typename Json::parse_event_t, Json&) {
        too_deep = too_deep || depth > deepest_json;
        return !too_deep;
      },
      false);
  if (too_deep) return Json(nlohmann::detail::value_t::discarded);
  return out;
}

}  // namespace cotejo

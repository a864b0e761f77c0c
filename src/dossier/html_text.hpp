// Text of anybody as text in HTML: control codes are made visible, what is longer than 2,000 characters is cut.
#pragma once

#include <string>
#include <string_view>

#include "cotejo/base/text.hpp"

namespace cotejo {

inline std::string html_text(std::string_view raw) {
  std::string out;
  for (const char c : printable(raw, 2000)) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else if (c == '\'')
      out += "&#39;";
    else
      out += c;
  }
  return out;
}

}  // namespace cotejo

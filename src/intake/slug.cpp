#include "cotejo/intake/slug.hpp"

#include <fmt/format.h>
#include <unicode/translit.h>

#include <algorithm>
#include <memory>

namespace cotejo {

namespace {

constexpr std::size_t longest_id = 40;

}  // namespace

std::string slug(std::string_view text) {
  // Made once per thread: it takes longer than all that it does here.
  thread_local const std::unique_ptr<icu::Transliterator> latin = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("Any-Latin; Latin-ASCII", UTRANS_FORWARD, status));
  }();
  auto characters =
      icu::UnicodeString::fromUTF8({text.data(), static_cast<std::int32_t>(std::min<std::size_t>(text.size(), 400))});
  if (latin) latin->transliterate(characters);
  std::string ascii, out;
  characters.toUTF8String(ascii);
  for (const char c : ascii) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter)
      out += c;
    else if (!out.empty() && out.back() != '-')
      out += '-';
  }
  out.resize(std::min(out.size(), longest_id));
  while (!out.empty() && out.back() == '-') out.pop_back();
  return out;
}

std::string UniqueIds::of(std::string_view title, std::string_view fallback) {
  std::string id = slug(title);
  if (id.empty()) id = fallback;
  std::string unique = id;
  for (int i = 2; !taken_.insert(unique).second; ++i) unique = fmt::format("{}-{}", id, i);
  return unique;
}

}  // namespace cotejo

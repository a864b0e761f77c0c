// Names as they are compared.
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <memory>
#include <mutex>

#include "cotejo/linkage/link.hpp"

namespace cotejo {

std::string normalised_name(std::string_view name) {
  std::string out;
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  auto put = [&out, pending = false](bool is_word, std::string_view text) mutable {
    if (!is_word) {
      pending = !out.empty();
      return;
    }
    if (pending) out += ' ';
    pending = false;
    out += text;
  };
  if (plain) {
    for (const char c : name) {
      const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      put((lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9'), {&lower, 1});
    }
    return out;
  }
  // A transliterator takes long to construct and is not thread-safe: there is one, used under a lock.
  static std::mutex one_at_a_time;
  static const std::unique_ptr<icu::Transliterator> to_latin = [] {
    UErrorCode status = U_ZERO_ERROR;
    return std::unique_ptr<icu::Transliterator>(
        icu::Transliterator::createInstance("NFKC; Any-Latin; NFKD; Latin-ASCII; Lower", UTRANS_FORWARD, status));
  }();
  auto text = icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
  if (to_latin) {
    const std::scoped_lock lock(one_at_a_time);
    to_latin->transliterate(text);
  }
  for (int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
    const UChar32 c = text.char32At(i);
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR || c == 0x2B9 || c == 0x2BA ||
        c == 0x2BC)
      continue;
    std::string one;
    if (const int32_t digit = u_charDigitValue(c); digit >= 0)
      one = static_cast<char>('0' + digit);
    else if (u_isalnum(c))
      icu::UnicodeString(u_tolower(c)).toUTF8String(one);
    put(!one.empty(), one);
  }
  return out;
}

}  // namespace cotejo

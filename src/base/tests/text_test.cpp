#include "cotejo/base/text.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "fixed_seed.hpp"

namespace cotejo {
namespace {

struct Row {
  std::string text, expected;
};

TEST(Printable, LeavesOrdinaryTextAlone) {
  for (const std::string text :
       {"", "Recinto 12", "Órgano Electoral", "Kraków", "投票所", "Уфа", "e\xCC\x81", "100 % \"x\" \\"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, MakesWhatCouldActOnATerminalInert) {
  const Row rows[] = {
      {"a\nb\tc\r", "a\\x0Ab\\x09c\\x0D"},
      {std::string("\0", 1), "\\x00"},
      {"\x1b[31mred\x1b[0m", "\\x1B[31mred\\x1B[0m"},
      {"\x1b]0;title\x07", "\\x1B]0;title\\x07"},
      {"\x7f", "\\x7F"},
      {"\xC2\x9B"
       "31m",
       "\\x9B31m"},  // CSI as one C1 character
      {"\xE2\x80\xAE"
       "txt.exe",
       "\\u{202E}txt.exe"},  // right-to-left override
      {"\xE2\x81\xA6x\xE2\x81\xA9", "\\u{2066}x\\u{2069}"},
      {"\xD8\x9C", "\\u{061C}"},  // Arabic letter mark
      {"a\xE2\x80\x8B"
       "b",
       "a\\u{200B}b"},  // zero-width space: two names that look alike
      {"a\xE2\x80\xA8"
       "b",
       "a\\u{2028}b"},                      // line separator
      {"\xEF\xBB\xBFkey", "\\u{FEFF}key"},  // a byte-order mark
      {"\xF3\xA0\x81\x81", "\\u{E0041}"},   // tag characters
  };
  for (const auto& row : rows) EXPECT_EQ(printable(row.text), row.expected);
}

TEST(Printable, ShowsBrokenUtf8ByteByByte) {
  const Row rows[] = {
      {"Bogot\xE1", "Bogot\\xE1"},                   // Latin-1
      {"\x80", "\\x80"},                             // a continuation alone
      {"\xC0\x8A", "\\xC0\\x8A"},                    // overlong line break
      {"\xE0\x80\x8A", "\\xE0\\x80\\x8A"},           // overlong again
      {"\xED\xA0\x80", "\\xED\\xA0\\x80"},           // a surrogate
      {"\xF4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},  // past U+10FFFF
      {"\xF5\x80\x80\x80", "\\xF5\\x80\\x80\\x80"},
      {"a\xE2\x82", "a\\xE2\\x82"},  // cut off
  };
  for (const auto& row : rows) {
    EXPECT_EQ(printable(row.text), row.expected);
    EXPECT_FALSE(is_utf8(row.text)) << row.expected;
  }
}

TEST(Printable, CutsLongTextByCharactersAndSaysSo) {
  EXPECT_EQ(printable("áéíóú", 5), "áéíóú");
  EXPECT_EQ(printable("áéíóúü", 5), "áéíóú…");
}

RC_GTEST_PROP(Printable, IsAlwaysValidAndWithoutControlCharacters, (const std::vector<unsigned char>& bytes)) {
  const std::string text(bytes.begin(), bytes.end());
  const auto shown = printable(text, text.size() + 1);
  RC_ASSERT(is_utf8(shown));
  for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != 0x7f);
  RC_ASSERT(printable(shown, shown.size() + 1) == shown);
}

TEST(IsUtf8, KnowsTheEdgesOfEveryLength) {
  for (const std::string text : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                                 "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    EXPECT_TRUE(is_utf8(text)) << printable(text);
}

TEST(Trimmed, DropsBlanksAtBothEndsOnly) {
  const Row rows[] = {{"", ""},
                      {"   ", ""},
                      {" a b ", "a b"},
                      {"\t\r\nx\v\f", "x"},
                      {"\xC2\xA0x\xC2\xA0 ", "x"},
                      {"\xC2\xA1", "\xC2\xA1"},
                      {"a\xC2\xA0"
                       "b",
                       "a\xC2\xA0"
                       "b"}};
  for (const auto& row : rows) EXPECT_EQ(trimmed(row.text), row.expected) << '"' << row.text << '"';
}

TEST(WithThousands, GroupsDigitsByThree) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1000), "1,000");
  EXPECT_EQ(with_thousands(34555), "34,555");
  EXPECT_EQ(with_thousands(-999), "-999");
  EXPECT_EQ(with_thousands(-1000), "-1,000");
  EXPECT_EQ(with_thousands(6137671), "6,137,671");
  EXPECT_EQ(with_thousands(std::numeric_limits<long long>::min()), "-9,223,372,036,854,775,808");
}

TEST(Readable, IsForPeopleAndSaysWhatIsNotANumber) {
  EXPECT_EQ(readable(34555), "34,555");
  EXPECT_EQ(readable(-2), "-2");
  EXPECT_EQ(readable(10.564903201), "10.5649");
  EXPECT_EQ(readable(34671.9), "34,671.9");
  EXPECT_EQ(readable(0.0001234), "0.000123");
  EXPECT_EQ(readable(std::nan("")), "–");
  EXPECT_EQ(readable(std::numeric_limits<double>::infinity()), "–");
}

TEST(DisplayWidth, CountsTerminalColumns) {
  EXPECT_EQ(display_width("abc"), 3U);
  EXPECT_EQ(display_width("Órgano"), 6U);
  EXPECT_EQ(display_width("e\xCC\x81"), 1U);  // e with a combining accent
  EXPECT_EQ(display_width("投票"), 4U);
  EXPECT_EQ(display_width(""), 0U);
}

TEST(EditDistance, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);  // Levenshtein's textbook pair
  EXPECT_EQ(edit_distance("strike", "strike"), 0U);
}

RC_GTEST_PROP(EditDistance, IsAMetric, (const std::string& a, const std::string& b, const std::string& c)) {
  RC_ASSERT(edit_distance(a, b) == edit_distance(b, a));
  RC_ASSERT((edit_distance(a, b) == 0) == (a == b));
  RC_ASSERT(edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c));
}

TEST(NearestName, FindsASlipOfTheFingerAndNothingElse) {
  const std::vector<std::string> methods{"count", "strike", "headroom", "arithmetic", "collate"};
  EXPECT_EQ(nearest_name("strke", methods), "strike");
  EXPECT_EQ(nearest_name("headrom", methods), "headroom");
  EXPECT_EQ(nearest_name("banzhaf", methods), "");
  EXPECT_EQ(nearest_name("count", std::vector<std::string>{}), "");
}

TEST(StrongId, ComparesByText) {
  EXPECT_EQ(OptionId{"MAS"}, OptionId{"MAS"});
  EXPECT_LT(OptionId{"CC"}, OptionId{"MAS"});
  EXPECT_EQ(std::hash<OptionId>{}(OptionId{"CC"}), std::hash<OptionId>{}(OptionId{"CC"}));
}

}  // namespace
}  // namespace cotejo

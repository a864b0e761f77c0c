// Every catalogue of every room, as compiled into the program.
#include "cotejo/finding/catalogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

namespace cotejo {
namespace {

// Languages in which every text must be there; another may lack some, and those are shown in English.
constexpr std::string_view complete[] = {"en", "es"};

// An argument of each kind that the pattern asks for; a select gets a key that only `other` has.
Message filled(const std::string& id, const std::set<std::string>& asked, std::int64_t whole) {
  std::map<std::string, Argument> arguments;
  for (const auto& entry : asked) {
    const auto space = entry.find(' ');
    const std::string name = entry.substr(0, space), kind = space == std::string::npos ? "" : entry.substr(space + 1);
    if (kind == "number" || kind == "plural")
      arguments.insert_or_assign(name, Argument(whole));
    else
      arguments.emplace(name, Argument(kind == "select" ? "none-such" : "<" + name + ">"));
  }
  return {id, {arguments.begin(), arguments.end()}};
}

// The same without how a language forms its plural or its gender: "n plural" and "n number" are both a whole number.
std::set<std::string> named(const std::set<std::string>& asked) {
  std::set<std::string> out;
  for (const auto& entry : asked) {
    const auto space = entry.find(' ');
    const bool whole = space != std::string::npos && entry.substr(space + 1) != "select";
    out.insert(entry.substr(0, space) + (whole ? " (whole)" : ""));
  }
  return out;
}

TEST(Catalogues, HaveTheSameTextsInEnglishAndSpanish) {
  const auto& languages = catalogue().languages();
  for (const auto language : complete) ASSERT_TRUE(languages.contains(language)) << language;
  for (const auto& [id, pattern] : languages.at("en")) {
    for (const auto language : complete)
      EXPECT_TRUE(languages.find(language)->second.contains(id)) << language << " " << id;
  }
  for (const auto& [language, patterns] : languages)
    for (const auto& [id, pattern] : patterns) EXPECT_TRUE(languages.at("en").contains(id)) << language << " " << id;
}

TEST(Catalogues, AskForTheSameArgumentsInEveryLanguage) {
  const auto& english = catalogue().languages().at("en");
  for (const auto& [language, patterns] : catalogue().languages())
    for (const auto& [id, pattern] : patterns) {
      if (!english.contains(id)) continue;
      EXPECT_EQ(named(arguments_of(pattern)), named(arguments_of(english.at(id)))) << language << " " << id;
    }
}

TEST(Catalogues, RenderEveryTextWithEveryArgument) {
  for (const auto& [language, patterns] : catalogue().languages())
    for (const auto& [id, pattern] : patterns)
      for (const std::int64_t whole : {0, 1, 2, 1'000'000}) {
        const auto asked = arguments_of(pattern);
        const std::string text = render(filled(id, asked, whole), language);
        EXPECT_FALSE(text.empty()) << language << " " << id;
        EXPECT_EQ(text.find_first_of("{}"), std::string::npos) << language << " " << id << ": " << text;
      }
}

// A third language for the family `tally` is files and no code: NAME.pt.json beside its methods and what they share.
TEST(Catalogues, OfTheFamilyTallyAreWholeInEveryLanguage) {
  const auto all = languages();
  EXPECT_EQ(all.front(), "en");
  EXPECT_NE(std::find(all.begin(), all.end(), "pt"), all.end());
  for (const auto& language : all) {
    const auto& patterns = catalogue().languages().at(language);
    for (const auto& [id, pattern] : catalogue().languages().at("en")) {
      const std::string room = id.substr(0, id.find('.'));
      for (const char* whole : {"count", "strike", "headroom", "support", "texts"})
        EXPECT_TRUE(room != whole || patterns.contains(id)) << language << " " << id;
    }
  }
  EXPECT_EQ(render({"support.came_to.adopted", {{"n", 1500}}}, "pt"),
            "a proposta foi aprovada, com 1.500 votos de folga");
}

TEST(Catalogues, HaveIdsThatBeginWithTheNameOfTheirFile) {
  for (const auto& file : catalogue_files()) {
    const auto slash = file.name.rfind('/') + 1;
    const std::string room(file.name.substr(slash, file.name.find('.', slash) - slash));
    Catalogue own;
    own.add(file.language, file.json);
    for (const auto& [id, pattern] : own.languages().begin()->second)
      EXPECT_TRUE(id.starts_with(room + ".")) << file.name << ": " << id;
  }
}

}  // namespace
}  // namespace cotejo

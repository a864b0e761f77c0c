#include "cotejo/finding/message.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "cotejo/finding/catalogue.hpp"
#include "cotejo/finding/finding.hpp"

namespace cotejo {
namespace {

using testing::ElementsAre;

Catalogue three_languages() {
  Catalogue out;
  out.add("en", R"({"t.plain": "The leader's votes", "t.units": "{n, plural, one {# unit} other {# units}}",
                    "t.lead": "{who} leads by {points} points", "t.in": "{what} in {where}", "t.first": "{what}.",
                    "t.stands": "it stands {all, select, yes {always} other {at times}}", "t.list": "under {names}"})");
  out.add("es", R"({"t.plain": "Los votos del primero", "t.units": "{n, plural, one {# unidad} other {# unidades}}",
                    "t.lead": "{who} va primero por {points} puntos", "t.in": "{what} en {where}", "t.first": "{what}.",
                    "t.stands": "se sostiene {all, select, yes {siempre} other {a veces}}", "t.list": "en {names}"})");
  out.add("pt", R"({"t.units": "{n, plural, one {# unidade} other {# unidades}}"})");
  return out;
}

TEST(Message, IsRenderedByItsPatternInEachLanguage) {
  const auto catalogue = three_languages();
  EXPECT_EQ(catalogue.render({"t.plain"}), "The leader's votes");
  EXPECT_EQ(catalogue.render({"t.plain"}, "es"), "Los votos del primero");
  EXPECT_EQ(catalogue.render({"t.stands", {{"all", "yes"}}}), "it stands always");
  EXPECT_EQ(catalogue.render({"t.stands", {{"all", "no"}}}, "es"), "se sostiene a veces");
}

TEST(Message, ChoosesThePluralAndMarksWholeNumbers) {
  const auto catalogue = three_languages();
  EXPECT_EQ(catalogue.render({"t.units", {{"n", 1}}}), "1 unit");
  EXPECT_EQ(catalogue.render({"t.units", {{"n", 34555}}}), "34,555 units");
  EXPECT_EQ(catalogue.render({"t.units", {{"n", 34555}}}, "es"), "34.555 unidades");
  EXPECT_EQ(catalogue.render({"t.units", {{"n", 1}}}, "pt"), "1 unidade");
}

TEST(Message, ShowsTheSameDigitsInEveryLanguage) {
  const auto catalogue = three_languages();
  const Message lead{"t.lead", {{"who", "MAS"}, {"points", decimal(34671.906, 2)}}};
  EXPECT_EQ(catalogue.render(lead), "MAS leads by 34,671.91 points");
  EXPECT_EQ(catalogue.render(lead, "es"), "MAS va primero por 34.671,91 puntos");
  EXPECT_EQ(catalogue.render({"t.lead", {{"who", "A"}, {"points", decimal(-1234.5, 0)}}}), "A leads by -1,234 points");
  EXPECT_EQ(catalogue.render({"t.lead", {{"who", "A"}, {"points", decimal(std::nan(""), 2)}}}), "A leads by – points");
}

TEST(Message, HoldsMessagesAndListsInTheSameLanguage) {
  const auto catalogue = three_languages();
  const Message units{"t.units", {{"n", 2}}};
  EXPECT_EQ(catalogue.render({"t.in", {{"what", units}, {"where", "La {Paz}'s"}}}, "es"), "2 unidades en La {Paz}'s");
  EXPECT_EQ(catalogue.render({"t.first", {{"what", Capitalised{{"t.stands", {{"all", "no"}}}}}}}, "es"),
            "Se sostiene a veces.");
  const auto joined = [&](Join join, std::string_view language) {
    return catalogue.render({"t.list", {{"names", list_of({"a", "b", "c"}, join)}}}, language);
  };
  EXPECT_EQ(joined(Join::commas, "en"), "under a, b, c");
  EXPECT_EQ(joined(Join::and_, "es"), "en a, b y c");
  EXPECT_EQ(joined(Join::or_, "en"), "under a, b, or c");
}

TEST(Message, WithoutAPatternInALanguageIsInEnglish) {
  EXPECT_EQ(three_languages().render({"t.plain"}, "pt"), "The leader's votes");
  EXPECT_EQ(three_languages().render({"t.plain"}, "xx"), "The leader's votes");
}

TEST(Message, ThatIsWrongIsAFaultOfTheProgram) {
  const auto catalogue = three_languages();
  EXPECT_THROW(catalogue.render({"t.nothing"}), std::logic_error);
  EXPECT_THROW(catalogue.render({"t.units"}), std::logic_error) << "no argument";
  EXPECT_THROW(catalogue.render({"t.units", {{"n", "many"}}}), std::logic_error) << "a name for a number";
  EXPECT_THROW(catalogue.render({"t.lead", {{"who", "A"}, {"points", 3}}}), std::logic_error)
      << "a whole number without its marks";
  Catalogue other;
  EXPECT_THROW(other.add("en", "[1]"), std::logic_error);
  other.add("en", R"({"a": "b"})");
  EXPECT_THROW(other.add("en", R"({"a": "c"})"), std::logic_error) << "a second pattern";
  EXPECT_THROW(arguments_of("{n, plural, one {x}"), std::logic_error);
}

TEST(Message, NamesWhatItsPatternAsksFor) {
  EXPECT_THAT(
      arguments_of("{n, plural, one {# of {who}} other {# of {who}}}, {n, number}: {k, select, a {x} other {y}}"),
      ElementsAre("k select", "n number", "n plural", "who"));
}

TEST(Message, IsJsonThatNamesItsArguments) {
  const Message message{"t.in",
                        {{"what", Capitalised{{"t.units", {{"n", 2}}}}},
                         {"where", list_of({"a", "b"}, Join::commas)},
                         {"points", decimal(10.078238, 4)}}};
  EXPECT_EQ(to_json(message), nlohmann::ordered_json::parse(R"({"id": "t.in", "args": {
      "what": {"id": "t.units", "args": {"n": 2}, "capital": true},
      "where": {"list": ["a", "b"], "join": "commas"}, "points": {"decimal": "10.0782"}}})"));
}

TEST(Text, ThatIsAMessageStandsInTheFindingInEnglishAndUnderMessages) {
  const Message words{"texts.appended", {{"first", "a"}, {"then", "b"}}};
  Finding finding;
  finding.headline = words;
  finding.title = "As it stands";
  finding.conditions = {{"c"}, {words, false}};
  finding.estimates = {{"net_A/B", 1, "", words}};
  finding.tables = {{.id = "t", .title = words, .columns = {{"x"}, {"y", "", words}}, .rows = {{"name", words}}}};
  const auto json = to_json(finding);
  EXPECT_EQ(json["headline"], "a b");
  EXPECT_EQ(json["tables"][0]["rows"][0], (nlohmann::json{"name", "a b"}));
  std::vector<std::string> where;
  for (const auto& [at, message] : json["messages"].items()) {
    where.push_back(at);
    EXPECT_EQ(message["id"], "texts.appended");
    EXPECT_EQ(json.at(nlohmann::ordered_json::json_pointer(at)), "a b") << at;
  }
  EXPECT_THAT(where, ElementsAre("/headline", "/estimates/net_A~1B/definition", "/conditions/1/text", "/tables/0/title",
                                 "/tables/0/columns/1/definition", "/tables/0/rows/0/1"));
}

TEST(Text, GrowsAsAMessageOnlyByMessages) {
  const Message words{"texts.appended", {{"first", "a"}, {"then", "b"}}};
  Text text = words;
  text.append(words);
  EXPECT_EQ(text, "a b a b");
  ASSERT_NE(text.message(), nullptr);
  text += " and more";
  EXPECT_EQ(text, "a b a b and more");
  EXPECT_EQ(text.message(), nullptr);
}

}  // namespace
}  // namespace cotejo

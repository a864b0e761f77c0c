#include "cotejo/intake/profile.hpp"

#include "cotejo/base/hash.hpp"
#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A whole profile, one line each, so that a test can change a line and knows its number.
const std::vector<std::string> whole = {
    "schema = \"cotejo.profile/1\"",                       // 1
    "kind = \"count\"",                                    // 2
    "[source]",                                            // 3
    "title = \"T\"",                                       // 4
    "caveats = [\"c\"]",                                   // 5
    "[file]",                                              // 6
    "path = \"x.zip\"",                                    // 7
    "member = \" - x.csv\"",                               // 8
    "separator = \"|\"",                                   // 9
    "encoding = \"UTF-8\"",                                // 10
    "bad_rows = \"set-aside\"",                            // 11
    "optional = [\"Reg\"]",                                // 12
    "[count]",                                             // 13
    "id = \"xx-1/final\"",                                 // 14
    "title = \"Final\"",                                   // 15
    "contest = \"xx-1/president\"",                        // 16
    "date = \"2019-10-20\"",                               // 17
    "official = true",                                     // 18
    "as_of = \"2019-10-25T21:09:30\"",                     // 19
    "valid = \"sum\"",                                     // 20
    "[unit]",                                              // 21
    "name = \"polling table\"",                            // 22
    "key = { columns = [\"x\", \"y\"], join = \" / \" }",  // 23
    "[[place]]",                                           // 24
    "level = \"country\"",                                 // 25
    "name = { constant = \"Bolivia\" }",                   // 26
    "[[place]]",                                           // 27
    "level = \"precinct\"",                                // 28
    "name = \"Rec\"",                                      // 29
    "code = { column = \"id\", drop_last = 2 }",           // 30
    "[columns]",                                           // 31
    "registered = \"Reg\"",                                // 32
    "[[option]]",                                          // 33
    "id = \"MAS\"",                                        // 34
    "name = \"Movimiento\"",                               // 35
    "column = \"MAS - IPSP\"",                             // 36
    "[[option]]",                                          // 37
    "id = \"21F\"",                                        // 38
    "column = \"21F\"",                                    // 39
    "[[field]]",                                           // 40
    "id = \"cards\"",                                      // 41
    "column = \"Cards\"",                                  // 42
    "[[check]]",                                           // 43
    "id = \"k\"",                                          // 44
    "left = [\"cards\"]",                                  // 45
    "is = \"<=\"",                                         // 46
    "right = [\"registered\", \"options\", \"MAS\"]",      // 47
    "[[where]]",                                           // 48
    "column = \"t\"",                                      // 49
    "at_most = \"2020\"",                                  // 50
    "[rule]",                                              // 51
    "use = \"share-and-lead\"",                            // 52
    "share = \"2/5\"",                                     // 53
    "lead = \"1/10\"",                                     // 54
};

std::string with_line(std::size_t line, std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < whole.size(); ++i) out += (i + 1 == line ? std::string(text) : whole[i]) + "\n";
  return out;
}

TEST(Profile, IsReadWhole) {
  const auto text = with_line(0, "");
  const auto parsed = parse_profile(text, "p.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto& p = *parsed;
  EXPECT_EQ(p.kind, ProfileKind::count);
  EXPECT_EQ(p.file_name, "p.toml");
  EXPECT_EQ(p.sha256, sha256_of(text));
  EXPECT_EQ(p.format.member, " - x.csv") << "blanks are part of a file's name";
  EXPECT_EQ(p.format.separator, '|');
  EXPECT_EQ(p.bad_rows, BadRows::set_aside);
  EXPECT_EQ(p.unit_name, "polling table");
  EXPECT_THAT(p.unit_key.columns, ElementsAre("x", "y"));
  EXPECT_EQ(p.unit_key.join, " / ");
  ASSERT_EQ(p.places.size(), 2U);
  EXPECT_EQ(p.places[0].name.constant, "Bolivia");
  EXPECT_THAT(p.places[0].name.columns, IsEmpty());
  EXPECT_EQ(p.places[1].code->drop_last, 2U);
  EXPECT_THAT(p.registered.plus, ElementsAre("Reg"));
  EXPECT_FALSE(p.cast.given());
  ASSERT_EQ(p.options.size(), 2U);
  EXPECT_EQ(p.options[0].name, "Movimiento");
  EXPECT_EQ(p.options[1].name, "21F") << "the id where there is no name";
  ASSERT_EQ(p.checks.size(), 1U);
  EXPECT_EQ(p.checks[0].relation, Relation::at_most);
  ASSERT_EQ(p.where.size(), 1U);
  EXPECT_EQ(p.where[0].at_most, "2020");
  EXPECT_FALSE(p.where[0].equals);
  ASSERT_TRUE(p.rule);
  EXPECT_EQ(p.rule->alternatives.size(), 2U);
}

TEST(Profile, TheSmallestOneHasTheDocumentedDefaults) {
  const auto p = profile();
  EXPECT_EQ(p.format.separator, ',');
  EXPECT_EQ(p.format.encoding, "UTF-8");
  EXPECT_EQ(p.bad_rows, BadRows::refuse);
  EXPECT_EQ(p.valid_basis, ValidBasis::sum_of_options);
  EXPECT_FALSE(p.official);
  EXPECT_FALSE(p.rule);
  EXPECT_EQ(p.title, "xx/final");
}

struct Fault {
  const char* name;
  std::size_t line;  // that is changed
  const char* text;  // into this
  std::int64_t row;  // in the error
  const char* key;
  const char* value;
  const char* message;
  const char* remedy = "";
};
class Faults : public testing::TestWithParam<Fault> {};

TEST_P(Faults, AreNamedWithLineKeyAndValue) {
  const auto& fault = GetParam();
  const auto error = error_of(parse_profile(with_line(fault.line, fault.text), "p.toml"));
  EXPECT_EQ(name_of(error.code), "profile_invalid");
  EXPECT_EQ(error.file, "p.toml");
  EXPECT_EQ(error.row, fault.row) << describe(error);
  EXPECT_EQ(error.column, fault.key) << describe(error);
  EXPECT_EQ(error.value, fault.value) << describe(error);
  EXPECT_THAT(error.message, HasSubstr(fault.message));
  EXPECT_THAT(error.remedy, HasSubstr(fault.remedy));
}

INSTANTIATE_TEST_SUITE_P(
    Profile, Faults,
    testing::Values(
        Fault{"not_toml", 5, "caveats = [\"c\"", 6, "", "", "not TOML"},
        Fault{"unknown_key", 4, "titel = \"T\"", 4, "source.titel", "titel", "no such key", "Did you mean `title`?"},
        Fault{"unknown_table", 51, "[rules]", 51, "rules", "rules", "no such key", "Did you mean `rule`?"},
        Fault{"unknown_key_of_an_option", 39, "colum = \"21F\"\ncolumn = \"21F\"", 39, "option[2].colum", "colum",
              "no such key", "Did you mean `column`?"},
        Fault{"unknown_key_far_from_all", 10, "zzzzzzzzzzzz = 1", 10, "file.zzzzzzzzzzzz", "zzzzzzzzzzzz",
              "no such key", "Known here: bad_rows"},
        Fault{"unknown_key_in_an_expression", 30, "code = { column = \"id\", dorp_last = 2 }", 30,
              "place[2].code.dorp_last", "dorp_last", "no such key", "Did you mean `drop_last`?"},
        Fault{"another_schema", 1, "schema = \"cotejo.profile/2\"", 1, "schema", "cotejo.profile/2",
              "expected one of \"cotejo.profile/1\""},
        Fault{"no_schema", 1, "", 1, "", "", "the key `schema` is missing"},
        Fault{"another_kind", 2, "kind = \"census\"", 2, "kind", "census",
              "expected one of \"count\", \"register\", \"crosswalk\""},
        Fault{"number_for_text", 4, "title = 7", 4, "source.title", "7", "expected text, found a whole number"},
        Fault{"date_for_text", 17, "date = 2019-10-20", 17, "count.date", "2019-10-20",
              "found a date without quotation marks", "quotation marks"},
        Fault{"text_for_flag", 18, "official = \"yes\"", 18, "count.official", "yes",
              "expected true or false, found text"},
        Fault{"text_for_array", 5, "caveats = \"c\"", 5, "source.caveats", "c", "expected an array of texts"},
        Fault{"number_in_array", 5, "caveats = [\"c\", 2]", 5, "source.caveats", "2", "found a whole number in it"},
        Fault{"text_for_table", 3, "source = \"x\"\n[other]", 3, "source", "x", "expected a table"},
        Fault{"table_for_tables", 48, "[where]", 48, "where", "", "expected tables under [[where]]"},
        Fault{"two_letter_separator", 9, "separator = \"||\"", 9, "file.separator", "||", "expected one character"},
        Fault{"another_separator", 9, "separator = \"x\"", 9, "file.separator", "x", "expected one character"},
        Fault{"unknown_encoding", 10, "encoding = \"utf8\"", 10, "file.encoding", "utf8",
              "expected one of \"UTF-8\", \"ISO-8859-1\""},
        Fault{"unknown_bad_rows", 11, "bad_rows = \"skip\"", 11, "file.bad_rows", "skip",
              "expected one of \"refuse\", \"set-aside\""},
        Fault{"optional_column_not_read", 12, "optional = [\"Regg\"]", 12, "file.optional", "Regg",
              "reads no such column", "Did you mean 'Reg'?"},
        Fault{"optional_votes", 12, "optional = [\"21F\"]", 12, "file.optional", "21F",
              "the column of the option '21F'"},
        Fault{"no_path", 7, "", 6, "file", "", "the key `path` is missing"},
        Fault{"blank_path", 7, "path = \"  \"", 7, "file.path", "", "expected text, found none"},
        Fault{"count_id_with_a_blank", 14, "id = \"xx 1\"", 14, "count.id", "xx 1", "expected an id"},
        Fault{"count_id_with_an_accent", 14, "id = \"cómputo\"", 14, "count.id", "cómputo", "expected an id"},
        Fault{"count_id_that_leaves_its_folder", 14, "id = \"xx/../y\"", 14, "count.id", "xx/../y", "expected an id"},
        Fault{"count_id_with_an_empty_part", 14, "id = \"xx//y\"", 14, "count.id", "xx//y", "expected an id"},
        Fault{"date_that_does_not_exist", 17, "date = \"2019-02-29\"", 17, "count.date", "2019-02-29",
              "expected a date"},
        Fault{"instant_without_a_time", 19, "as_of = \"2019-10-25\"", 19, "count.as_of", "2019-10-25",
              "expected an instant"},
        Fault{"snapshot_of_itself", 20, "snapshot_of = \"xx-1/final\"", 20, "count.snapshot_of", "xx-1/final",
              "snapshot of itself"},
        Fault{"valid_reported_without_a_column", 20, "valid = \"reported\"", 20, "count.valid", "reported",
              "names no column `valid`"},
        Fault{"key_that_is_a_constant", 23, "key = { constant = \"x\" }", 23, "unit.key", "", "cannot be a constant"},
        Fault{"expression_of_two_kinds", 30, "code = { column = \"id\", constant = \"x\" }", 30, "place[2].code", "",
              "exactly one of"},
        Fault{"expression_of_no_columns", 23, "key = { columns = [] }", 23, "unit.key.columns", "",
              "one or more names"},
        Fault{"expression_that_is_a_number", 29, "name = 5", 29, "place[2].name", "",
              "expected a column's name or a table"},
        Fault{"negative_drop", 30, "code = { column = \"id\", drop_last = -1 }", 30, "place[2].code.drop_last", "-1",
              "from 0 to 1000"},
        Fault{"level_twice", 28, "level = \"country\"", 28, "place[2].level", "country", "two places have this level"},
        Fault{"level_with_a_meaning", 28, "level = \"unit\"", 28, "place[2].level", "unit", "a meaning of its own"},
        Fault{"latitude_alone", 32, "latitude = \"lat\"\nregistered = \"Reg\"", 31, "columns", "", "go together"},
        Fault{"option_twice", 38, "id = \"MAS\"", 38, "option[2].id", "MAS", "two options or fields have this id"},
        Fault{"field_named_as_an_option", 41, "id = \"MAS\"", 41, "field[1].id", "MAS",
              "two options or fields have this id"},
        Fault{"field_named_as_a_level", 41, "id = \"precinct\"", 41, "field[1].id", "precinct", "name of a level"},
        Fault{"option_id_with_a_slash", 38, "id = \"a/b\"", 38, "option[2].id", "a/b", "expected an id"},
        Fault{"option_id_with_a_meaning", 38, "id = \"valid\"", 38, "option[2].id", "valid", "a meaning of its own"},
        Fault{"two_options_of_one_column", 39, "column = \"MAS - IPSP\"", 39, "option[2].column", "MAS - IPSP",
              "have the same column"},
        Fault{"option_without_a_column", 39, "", 37, "option[2]", "", "the key `column` is missing"},
        Fault{"check_of_an_unknown_field", 45, "left = [\"card\"]", 45, "check[1].left", "card",
              "no field, option or column", "Did you mean 'cards'?"},
        Fault{"check_of_a_column_not_read", 45, "left = [\"cast\"]", 45, "check[1].left", "cast",
              "[columns] names no column for this"},
        Fault{"check_of_nothing", 47, "right = []", 47, "check[1].right", "", "one or more ids"},
        Fault{"check_with_another_relation", 46, "is = \"<\"", 46, "check[1].is", "<",
              "expected one of \"=\", \"<=\", \">=\""},
        Fault{"check_without_a_relation", 46, "", 43, "check[1]", "", "the key `is` is missing"},
        Fault{"filter_that_asks_nothing", 50, "", 48, "where[1]", "", "expected one of `equals`"},
        Fault{"filter_with_a_number", 50, "at_most = 2020", 50, "where[1].at_most", "2020",
              "expected text, found a whole number"},
        Fault{"rule_that_does_not_exist", 52, "use = \"approval\"", 52, "rule.use", "approval",
              "expected one of \"plurality\""},
        Fault{"share_above_one", 53, "share = \"3/2\"", 53, "rule.share", "3/2", "expected a share from 0 to 1"},
        Fault{"rule_with_an_unknown_key", 54, "leed = \"1/10\"\nlead = \"1/10\"", 54, "rule.leed", "leed",
              "no such key"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(Profile, ARuleThatNamesAnOptionThatIsNotThereIsRefused) {
  const auto error = error_of(
      parse_profile(profile_text("", "") + "[rule]\nuse = \"referendum\"\nyes = \"A\"\nno = \"C\"\n", "p.toml"));
  EXPECT_EQ(error.code, ErrorCode::profile_invalid);
  EXPECT_EQ(error.value, "C");
  EXPECT_EQ(error.column, "rule");
  EXPECT_GT(error.row, 0);
}

TEST(Profile, WithoutTablesThatItNeedsIsRefused) {
  for (const std::string table : {"file", "count", "unit"}) {
    std::string text = profile_text();
    text.replace(text.find("[" + table + "]"), table.size() + 2, "[source]");
    const auto error = error_of(parse_profile(text, "p.toml"));
    EXPECT_EQ(error.code, ErrorCode::profile_invalid) << table;
  }
  const auto error = error_of(parse_profile(
      "schema = \"cotejo.profile/1\"\n[file]\npath=\"x\"\n[count]\nid=\"a\"\ncontest=\"b\"\n[unit]\nkey=\"u\"\n",
      "p.toml"));
  EXPECT_THAT(error.message, HasSubstr("no [[option]]"));
}

TEST(Profile, IsBounded) {
  std::string options, checks;
  for (int i = 0; i < 1'001; ++i)
    options += "[[option]]\nid = \"o" + std::to_string(i) + "\"\ncolumn = \"o" + std::to_string(i) + "\"\n";
  EXPECT_THAT(error_of(parse_profile(profile_text("", options), "p.toml")).message, HasSubstr("at most 1,000"));
  for (int i = 0; i < 201; ++i)
    checks += "[[check]]\nid = \"c" + std::to_string(i) + "\"\nleft = [\"A\"]\nis = \"=\"\nright = [\"B\"]\n";
  EXPECT_THAT(error_of(parse_profile(profile_text("", checks), "p.toml")).message, HasSubstr("at most 200"));
  EXPECT_THAT(error_of(parse_profile(profile_text() + "#" + std::string(1'000'000, 'x'), "p.toml")).message,
              HasSubstr("at most 1,000,000"));
  EXPECT_EQ(error_of(parse_profile(profile_text("", "name = " + std::string(100'000, '[')), "p.toml")).code,
            ErrorCode::profile_invalid)
      << "nesting does not end the program";
}

TEST(Profile, OfACrosswalkIsReadAndHasNoRowsToSetAside) {
  const std::string text =
      "schema = \"cotejo.profile/1\"\nkind = \"crosswalk\"\n[file]\npath = \"x.zip\"\n[crosswalk]\nid = "
      "\"xx/codes\"\nfrom = \"n\"\nto = { column = \"id\", drop_last = 2 }\n";
  const auto parsed = parse_profile(text, "p.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_EQ(parsed->crosswalk_id.text, "xx/codes");
  EXPECT_EQ(parsed->to.drop_last, 2U);
  auto other = text;
  other.replace(other.find("path"), 0, "bad_rows = \"set-aside\"\n");
  EXPECT_EQ(error_of(parse_profile(other, "p.toml")).column, "file.bad_rows");
  EXPECT_EQ(error_of(parse_profile(text + "[count]\nid = \"x\"\n", "p.toml")).message, "no such key");
}

TEST(Profile, IsReadFromAFile) {
  const Folder folder;
  const auto parsed = read_profile(folder.write("p.toml", profile_text()));
  ASSERT_TRUE(parsed) << describe(parsed.error());
  EXPECT_EQ(parsed->file_name, (folder.path() / "p.toml").string());
  EXPECT_EQ(error_of(read_profile(folder.path() / "absent.toml")).code, ErrorCode::file_missing);
  EXPECT_EQ(error_of(read_profile(folder.path())).code, ErrorCode::file_missing);
  EXPECT_EQ(error_of(read_profile(folder.write("q.toml", "\xFF\xFE"))).code, ErrorCode::profile_invalid);
  EXPECT_EQ(error_of(read_profile(folder.write("r.toml", std::string(2'000'000, '#')))).code,
            ErrorCode::profile_invalid);
}

// Removes or doubles pieces of a good profile at random: a profile or an error with file and message comes out.
TEST(Profile, DamagedAnywhereGivesAnErrorAndNoCrash) {
  const auto text = with_line(0, "");
  for (std::size_t at = 0; at < text.size(); ++at) {
    for (const std::string_view put : {"", "\"", "[", "{", "=", "\n", "9", "\xFF"}) {
      auto changed = text;
      changed.replace(at, 1, put);
      const auto parsed = parse_profile(changed, "p.toml");
      if (parsed) continue;
      ASSERT_EQ(name_of(parsed.error().code), "profile_invalid");
      ASSERT_FALSE(parsed.error().message.empty());
      ASSERT_GT(parsed.error().row, 0) << describe(parsed.error());
    }
  }
}

}  // namespace
}  // namespace cotejo

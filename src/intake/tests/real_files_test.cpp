// The published files, with the profiles of this repository. The files are not part of it: where they are absent the
// tests are skipped.
#include <cstdlib>

#include "cotejo/vote/tally.hpp"
#include "intake_test_support.hpp"

namespace cotejo {
namespace {

using namespace test;

const std::filesystem::path repository = COTEJO_REPOSITORY;

std::filesystem::path data_folder() {
  const char* named = std::getenv("COTEJO_DATA");
  return named != nullptr ? std::filesystem::path(named) : repository / ".." / "shared" / "data";
}

struct Published {
  const char* profile;
  std::size_t units;
  std::size_t rejected;
  const char* option;
  std::int64_t votes;
  const char* source;  // of the figures
};
class RealFiles : public testing::TestWithParam<Published> {};

TEST_P(RealFiles, GiveThePublishedTotals) {
  const auto& published = GetParam();
  if (!std::filesystem::exists(data_folder() / "README.md"))
    GTEST_SKIP() << "the published files are not in " << data_folder();
  const auto parsed = read_profile(repository / "profiles" / (std::string(published.profile) + ".toml"));
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, data_folder() / parsed->path);
  EXPECT_EQ(count.units(), published.units) << published.source;
  EXPECT_EQ(count.rejected.size(), published.rejected) << published.source;
  const int option = count.contest.index_of(OptionId{published.option});
  ASSERT_GE(option, 0);
  EXPECT_EQ(tally(count).options[static_cast<std::size_t>(option)], published.votes) << published.source;
}

// Rows and rejected rows: shared/data/README.md and an independent count with Python's csv module. Votes as named.
INSTANTIATE_TEST_SUITE_P(
    Intake, RealFiles,
    testing::Values(Published{"bolivia-2019-computo", 34'555, 0, "MAS", 2'889'359, "official count, 25 October 2019"},
                    Published{"bolivia-2019-trep-1940", 28'975, 0, "MAS", 2'355'644, "summed apart, pandas"},
                    Published{"bolivia-2019-trep-1829", 32'806, 0, "MAS", 2'738'136, "summed apart, pandas"},
                    Published{"bolivia-2020-precincts", 5'477, 0, "MAS", 3'392'221, "shared/data/README.md"},
                    Published{"bolivia-2020-partial", 23'992, 1, "MAS", 2'193'548, "summed apart, pandas"},
                    Published{"poland-2020-1", 27'225, 4, "DUDA", 8'450'341, "summed apart, pandas"},
                    Published{"uganda-2016", 28'010, 0, "MUSEVENI", 5'971'872, "issue 2"},
                    Published{"russia-2011", 95'225, 0, "ER", 32'371'737, "summed apart, pandas"},
                    Published{"russia-2018", 97'699, 0, "PUTIN", 56'430'712, "issue 2"}),
    [](const auto& test) {
      std::string name = test.param.profile;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(RealFiles, TheCrosswalkOfUnitCodesIsReadWhole) {
  if (!std::filesystem::exists(data_folder() / "README.md"))
    GTEST_SKIP() << "the published files are not in " << data_folder();
  const auto parsed = read_profile(repository / "profiles" / "bolivia-2019-codes.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto crosswalk = read_crosswalk(*parsed, data_folder() / parsed->path, {});
  ASSERT_TRUE(crosswalk) << describe(crosswalk.error());
  EXPECT_EQ(crosswalk->rows.size(), 34'017U);
  EXPECT_EQ(crosswalk->rows[0].second.size(), 16U) << "18 digits without the last two";
}

TEST(RealFiles, TheListOf226ObjectedTablesIsReadWhole) {
  if (!std::filesystem::exists(data_folder() / "README.md"))
    GTEST_SKIP() << "the published files are not in " << data_folder();
  const auto list = read_unit_list(data_folder() / "bolivia-2019" / "challenges" / "oas-226.csv");
  ASSERT_TRUE(list) << describe(list.error());
  EXPECT_EQ(list->size(), 226U);
}

// The 2016 referendum: bars, and 517 names with quotation marks in the middle of cells that are not quoted.
TEST(RealFiles, TheFileWithBarsAndBareQuotationMarksIsReadWhole) {
  if (!std::filesystem::exists(data_folder() / "README.md"))
    GTEST_SKIP() << "the published files are not in " << data_folder();
  const auto parsed = parse_profile(
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"bolivia-2016/votos_totales.zip\"\nseparator = \"|\"\n"
      "[count]\nid = \"bo-2016/referendum\"\ncontest = \"bo-2016/reelection\"\n[unit]\nkey = \"Codigo MESA\"\n"
      "[[place]]\nlevel = \"precinct\"\nname = \"Nombre RECINTO\"\ncode = \"Codigo RECINTO\"\n"
      "[columns]\nregistered = \"INSCRITOS\"\ncast = \"EMITIDOS\"\nvalid = \"VALIDOS\"\nblank = \"BLANCOS\"\nnull = "
      "\"NULOS\"\n"
      "[[option]]\nid = \"SI\"\ncolumn = \"SÍ\"\n[[option]]\nid = \"NO\"\ncolumn = \"NO\"\n",
      "bo-2016.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_whole(*parsed, data_folder() / parsed->path);
  EXPECT_EQ(count.units(), 29'224U);
  bool kept = false;
  for (const auto& place : count.hierarchy.places()) kept = kept || place.name == "UNIDAD EDUCATIVA MAJO PAMPA \"A\"";
  EXPECT_TRUE(kept) << "the marks are part of the name";
}

}  // namespace
}  // namespace cotejo

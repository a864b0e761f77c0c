// Small files of the kinds that commissions publish (shared/cases; not part of the repository), each with a profile written
// by hand: what they say can be read, whoever proposes the profile. Own variants of the kinds are in
// profile_vocabulary_test.
#include <cstdlib>
#include <map>

#include "intake_test_support.hpp"

namespace cotejo::test {
namespace {

// The right values are those written down with the cases, or summed apart with awk where there are none (m19, m20, m23, m28).
struct Case {
  const char* name;
  const char* file;     // in shared/cases
  std::string profile;  // TOML beside [file] path, [count] and options
  std::size_t units;
  std::map<std::string, std::string> options;  // id -> number expression
  std::map<std::string, std::int64_t> sums;    // of options, standard numbers and fields
  std::size_t rejected = 0;
};

std::string quoted(const std::string& text) {
  return "\"" + text + "\"";
}

// Options whose id is the name of their column.
std::map<std::string, std::string> named(const std::vector<std::string>& names) {
  std::map<std::string, std::string> out;
  for (const auto& name : names) out[name] = quoted(name);
  return out;
}

std::filesystem::path cases_folder() {
  return std::filesystem::path(COTEJO_REPOSITORY) / ".." / "shared" / "cases";
}

class Cases : public testing::TestWithParam<Case> {};

TEST_P(Cases, AreReadWithAProfileWrittenByHand) {
  const auto& the = GetParam();
  if (!std::filesystem::exists(cases_folder() / "README.md")) {
    ASSERT_EQ(std::getenv("COTEJO_REQUIRE_DATA"), nullptr) << "the cases are not in " << cases_folder();
    GTEST_SKIP() << "the cases are not in " << cases_folder();
  }
  // Keys under [file] are the lines before the first table.
  const auto first_table = the.profile.find('[');
  std::string toml = "schema = \"cotejo.profile/1\"\n[count]\nid = \"m/f\"\ncontest = \"m/c\"\n[file]\npath = \"x\"\n" +
                     the.profile.substr(0, first_table);
  if (first_table != std::string::npos) toml += the.profile.substr(first_table);
  for (const auto& [id, column] : the.options)
    toml += "\n[[option]]\nid = " + quoted(id) + "\ncolumn = " + column + "\n";
  const auto parsed = parse_profile(toml, "by-hand.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error()) << toml;
  const auto count = read_whole(*parsed, cases_folder() / the.file);
  EXPECT_EQ(count.units(), the.units);
  EXPECT_EQ(rows_set_aside(count).size(), the.rejected);
  for (const auto& [name, sum] : the.sums) EXPECT_EQ(whole_sum(count, name), sum) << name;
}

INSTANTIATE_TEST_SUITE_P(
    Intake, Cases,
    testing::Values(
        Case{"m02_sums_beside_sums",
             "m02-wrong-sum-chosen/returns.csv",
             "[unit]\nkey = \"precinct\"\n[columns]\nvalid = \"e\"\nnull = \"f\"\ncast = \"b1\"\n",
             24,
             {{"alba", "\"ALBA-votes\""}, {"du", "\"DIASPORA UNITA-votes\""}, {"cora", "\"CORA-votes\""}},
             {{"alba", 2975}, {"du", 3212}, {"cora", 2656}, {"valid", 8843}, {"null", 97}}},
        Case{"m02b_a_party_called_blank",
             "m02b-party-named-like-a-column/returns4.csv",
             "[unit]\nkey = \"precinct\"\n[columns]\nvalid = \"total\"\n",
             20,
             named({"Alba", "Blanco", "Cora"}),
             {{"Alba", 2590}, {"Blanco", 2242}, {"Cora", 2568}, {"valid", 7400}}},
        Case{
            "m03_tabs_and_a_register",
            "m03-registered-is-turnout/returns.csv",
            "separator = \"\\t\"\n[unit]\nkey = \"Sandık No\"\n[columns]\nregistered = \"Sandık Seçmen Listesinde "
            "Yazılı "
            "Seçmenlerin Sayısı\"\ncast = \"Oy Kullanan Seçmen Sayısı\"\nvalid = \"Geçerli Oy Pusulalarının Toplamı\"\n"
            "null = \"Geçersiz Sayılan Oy Pusulalarının Toplamı\"\n",
            28,
            {{"x", "\"X PARTİ\""}, {"y", "\"Y PARTİ\""}, {"z", "\"Z PARTİ\""}},
            {{"registered", 7924},
             {"cast", 7062},
             {"valid", 6946},
             {"null", 116},
             {"x", 2561},
             {"y", 2301},
             {"z", 2084}}},
        Case{"m04_homonymous_places",
             "m04-cast-is-registered/returns.csv",
             "[unit]\nkey = \"cod_centro\"\n[[place]]\nlevel = \"state\"\nname = \"estado\"\n[[place]]\nlevel = "
             "\"municipality\"\nname = \"municipio\"\n[columns]\nregistered = \"votantesx\"\nvalid = \"validos\"\nnull "
             "= "
             "\"nulos\"\n",
             24,
             named({"votosA", "votosB", "votosOTHER"}),
             {{"votosA", 13465},
              {"votosB", 11627},
              {"votosOTHER", 238},
              {"registered", 41026},
              {"null", 40},
              {"valid", 25330}}},
        Case{"m05_blank_and_null",
             "m05-blank-null-as-options/returns.csv",
             "[unit]\nkey = \"mesa\"\n[columns]\nregistered = \"n_elec_habil\"\ncast = \"n_cvas\"\nblank = "
             "\"votos_vb\"\n"
             "null = \"votos_vn\"\n",
             20,
             named({"votos_p1", "votos_p2"}),
             {{"votos_p1", 1855},
              {"votos_p2", 1986},
              {"blank", 34},
              {"null", 238},
              {"cast", 4113},
              {"registered", 6000}}},
        Case{"m06_empty_is_zero",
             "m06-empty-is-zero/returns.csv",
             "[numbers]\nempty = \"zero\"\n[unit]\nkey = \"mesa\"\n[columns]\nregistered = \"listed\"\ncast = "
             "\"total\"\nblank = "
             "\"blank\"\nnull = \"null\"\n",
             24,
             named({"p1", "p2", "p3"}),
             {{"p1", 2385}, {"p2", 2371}, {"p3", 28}, {"blank", 31}, {"null", 46}, {"cast", 4861}}},
        Case{"m06_empty_is_zero_without_the_statement",
             "m06-empty-is-zero/returns.csv",
             "[unit]\nkey = \"mesa\"\n[columns]\nregistered = \"listed\"\ncast = \"total\"\nblank = \"blank\"\nnull = "
             "\"null\"\n",
             24,
             named({"p1", "p2", "p3"}),
             {{"p1", 2385}, {"p2", 2371}, {"p3", 28}, {"blank", 31}, {"null", 46}, {"cast", 4861}}},
        Case{"m07_a_fraction_of_zeros",
             "m07-aux-field-drops-row/returns.csv",
             "[unit]\nkey = \"division\"\n[columns]\nregistered = \"registered\"\nvalid = "
             "\"total_votes\"\n[[field]]\nid = "
             "\"participated\"\ncolumn = \"participated\"\n",
             60,
             named({"Ana", "Ben"}),
             {{"Ana", 6220}, {"Ben", 6121}, {"valid", 12341}}},
        Case{"m08_modes_in_a_long_file",
             "m08-modes-in-a-long-file/returns.csv",
             "[unit]\nkey = { columns = [\"county\", \"precinct\"] }\n[long]\nname = \"candidate\"\nvalue = { sum = "
             "[\"election_day_votes\", \"advanced_votes\", \"absentee_by_mail_votes\", \"provisional_votes\"] }\n",
             12,
             {{"hera", "\"Hera Wald\""}, {"rolf", "\"Rolf Wegner\""}},
             {{"hera", 12700}, {"rolf", 11368}}},
        Case{"m09_an_empty_register",
             "m09-key-made-of-counts/sezioni.csv",
             "separator = \";\"\n[unit]\nkey = { columns = [\"comune\", \"sezione\"] }\n[columns]\nregistered = "
             "\"elettori\"\ncast "
             "= \"votanti\"\nblank = \"bianche\"\nnull = \"nulle\"\n",
             16,
             {{"alfa", "\"Lista Alfa\""}, {"beta", "\"Lista Beta\""}},
             {{"registered", 3044}, {"cast", 1836}, {"blank", 32}, {"null", 44}, {"alfa", 855}, {"beta", 905}}},
        Case{"m10_nested_totals",
             "m10-nested-totals/returns.csv",
             "[unit]\nkey = \"code\"\n[columns]\nregistered = \"registered\"\nvalid = \"valid\"\n[[where]]\ncolumn = "
             "\"code\"\n"
             "matches = \"D[0-9]+-[0-9]+\"\n",
             18,
             named({"X", "Y"}),
             {{"registered", 11235}, {"X", 4590}, {"Y", 4521}, {"valid", 9111}}},
        Case{"m10_nested_totals_by_length",
             "m10-nested-totals/returns.csv",
             "[unit]\nkey = \"code\"\n[columns]\nregistered = \"registered\"\n[[where]]\ncolumn = \"code\"\nlength = "
             "4\n",
             18,
             named({"X", "Y"}),
             {{"registered", 11235}, {"X", 4590}, {"Y", 4521}}},
        Case{"m13_fusion_lines",
             "m13-openelections-fusion-and-total-ballots/20310506__zz__general__alba__precinct.csv",
             "[unit]\nkey = { columns = [\"county\", \"precinct\"] }\n[long]\nname = \"candidate\"\nvalue = "
             "\"votes\"\nrepeated = "
             "\"sum\"\n[columns]\ncast = \"Total Ballots\"\n[[field]]\nid = \"over\"\ncolumn = \"Over\"\n[[field]]\nid "
             "= "
             "\"under\"\ncolumn = \"Under Votes\"\n",
             4,
             {{"mara", "\"Mara Eddy\""}, {"ned", "\"Ned Gorse\""}, {"write_in", "\"Write-ins\""}},
             {{"mara", 1083}, {"ned", 978}, {"over", 6}, {"under", 27}, {"cast", 2101}}},
        Case{"m14_write_ins_once",
             "m14-write-ins-twice/20310506__zz__general__frank__precinct.csv",
             "optional = [\"candidate\"]\n[unit]\nkey = { columns = [\"county\", \"precinct\"] }\n[long]\nname = { "
             "columns = "
             "[\"office\", \"candidate\"] }\nvalue = \"votes\"\nothers = \"ignore\"\n[columns]\ncast = \"Ballots "
             "Cast/\"\nregistered = \"Registered Voters/\"\n",
             4,
             {{"una", "\"President/Una Ray\""},
              {"wes", "\"President/Wes Yale\""},
              {"write_in", "{ sum = [\"President/Write-In: Kay Zorn\", \"President/Write-In: Scattered\"] }"}},
             {{"una", 1211}, {"wes", 1141}, {"write_in", 16}, {"cast", 2391}}},
        Case{"m17_invalidated_stations",
             "m17-status-invalidated/stations.csv",
             "[unit]\nkey = \"ps_code\"\n[long]\nname = \"candidate_code\"\nvalue = \"votes\"\n[[where]]\ncolumn = "
             "\"post_audit_status\"\nnot_one_of = [\"Invalidated\"]\n",
             10,
             named({"c1", "c2"}),
             {{"c1", 2026}, {"c2", 1549}}},
        Case{"m19_a_flag",
             "m19-flag-as-a-place/boxes.csv",
             "[unit]\nkey = \"box\"\n[columns]\nvalid = \"total\"\n[[place]]\nlevel = \"region\"\nname = "
             "\"region\"\n[[place]]\nlevel "
             "= \"district\"\nname = \"district\"\n",
             24,
             named({"A", "B"}),
             {{"valid", 4209}, {"A", 2026}, {"B", 2183}}},
        Case{"m20_units_without_a_list",
             "m20-no-list-of-its-own/returns.csv",
             "[unit]\nkey = \"precinct\"\n[columns]\nregistered = \"registered\"\ncast = \"ballots\"\nblank = "
             "\"blank\"\n",
             16,
             named({"Pia", "Sam"}),
             {{"registered", 4739}, {"cast", 4253}, {"Pia", 2077}, {"Sam", 2134}}},
        Case{"m21_groups_of_columns",
             "m21-repeated-groups-of-columns/bureaux.csv",
             "separator = \";\"\n[unit]\nkey = { columns = [\"Code commune\", \"Code BV\"] }\n[columns]\nregistered = "
             "\"Inscrits\"\n"
             "cast = \"Votants\"\nvalid = \"Exprimés\"\nblank = \"Blancs\"\nnull = \"Nuls\"\n[groups]\nname = \"Nom "
             "candidat "
             "#\"\nvalue = \"Voix #\"\n",
             12,
             named({"BREHIER", "CADALEN", "LARS", "LEGAC", "SMOL", "CADA", "DONVAL"}),
             {{"BREHIER", 523},
              {"CADALEN", 816},
              {"LARS", 679},
              {"LEGAC", 711},
              {"SMOL", 544},
              {"CADA", 624},
              {"DONVAL", 673}}},
        Case{"m22_merged_cells_and_subtotals",
             "m22-fill-down-and-subtotals/wards.csv",
             "[unit]\nkey = { columns = [\"ward\", \"station\"], fill = \"down\" }\n[[place]]\nlevel = \"ward\"\nname "
             "= { column = "
             "\"ward\", fill = \"down\" }\n[columns]\nregistered = \"electors\"\ncast = \"votes\"\nvalid = "
             "\"valid\"\nnull = "
             "\"invalid\"\n[[where]]\ncolumn = \"station\"\nnot_equals = \"subtotal\"\n",
             12,
             named({"A", "B"}),
             {{"registered", 5571}, {"cast", 4971}, {"A", 2547}, {"B", 2392}, {"valid", 4939}}},
        Case{"m23_rounding_noise",
             "m23-floats-with-rounding-noise/regions.tsv",
             "separator = \"\\t\"\n[numbers]\nround = true\n[unit]\nkey = \"id\"\n[columns]\nregistered = "
             "\"electors\"\ncast = "
             "\"polled\"\nvalid = \"valid\"\nnull = \"rejected\"\n",
             12,
             named({"NPP", "SJB"}),
             {{"NPP", 60455}, {"SJB", 60155}, {"valid", 120610}}},
        Case{"m24_a_row_of_totals",
             "m24-totals-row/returns.csv",
             "[unit]\nkey = \"precinct\"\n[columns]\nvalid = \"total\"\n[[where]]\ncolumn = "
             "\"precinct\"\nnot_starts_with = "
             "\"TOTAL\"\n",
             10,
             named({"Hale", "Iven", "Jory"}),
             {{"Hale", 583}, {"Iven", 629}, {"Jory", 615}, {"valid", 1827}}},
        Case{"m28_fixed_width",
             "m28-fixed-width/09.DAT",
             "layout = \"fixed\"\n[[file.column]]\nname = \"key\"\nfrom = 1\nlength = 22\n[[file.column]]\nname = "
             "\"registered\"\nfrom = 24\nlength = 7\n[[file.column]]\nname = \"a\"\nfrom = 31\nlength = "
             "7\n[[file.column]]\nname "
             "= \"b\"\nfrom = 38\nlength = 7\n[unit]\nkey = \"key\"\n[columns]\nregistered = \"registered\"\n",
             20,
             named({"a", "b"}),
             {{"registered", 12307}, {"a", 4281}, {"b", 1337}}},
        Case{"m31_negative_corrections",
             "m31-negative-corrections/returns.csv",
             "[numbers]\nnegative = \"correction\"\n[[correction]]\ncolumn = \"kind\"\nequals = "
             "\"correction\"\n[unit]\nkey = "
             "\"unit\"\n[columns]\ncast = \"ballots\"\n",
             10,
             named({"Tarn", "Usk"}),
             {{"Tarn", 915}, {"Usk", 1034}, {"cast", 1949}}},
        Case{"r01_totals_without_a_precinct",
             "r01-total-rows-blank-precinct/returns.csv",
             "[unit]\nkey = \"precinct\"\n[long]\nname = \"candidate\"\nvalue = \"votes\"\n[[where]]\ncolumn = "
             "\"precinct\"\nnot_equals = \"\"\n",
             7,
             {{"ada", "\"Ada Quill\""}, {"bo", "\"Bo Renner\""}, {"cy", "\"Cy Stroud\""}},
             {{"ada", 1658}, {"bo", 1462}, {"cy", 1212}}},
        Case{"r03_station_codes",
             "r03-excel-dates-and-lost-zeros/returns.csv",
             "[unit]\nkey = \"station\"\n[columns]\nvalid = \"total\"\n",
             12,
             {{"lena", "\"Lena Marsh\""}, {"otto", "\"Otto Pine\""}},
             {{"lena", 3640}, {"otto", 3168}}},
        Case{"r05_absentee_units",
             "r05-countywide-absentee-unit/returns.csv",
             "[unit]\nkey = { columns = [\"county\", \"precinct\"] }\n[columns]\nregistered = \"registered\"\nblank = "
             "\"blank\"\n[[field]]\nid = \"spoiled\"\ncolumn = \"spoiled\"\n",
             18,
             {{"pia", "\"Pia Rook\""}, {"sam", "\"Sam Teal\""}},
             {{"pia", 2784}, {"sam", 2509}, {"registered", 7138}, {"blank", 44}, {"spoiled", 32}}},
        Case{"r06_names_that_are_no_candidates",
             "r06-over-under-writein-as-candidates/returns.csv",
             "optional = [\"candidate\"]\n[unit]\nkey = \"precinct\"\n[long]\nname = { columns = [\"office\", "
             "\"candidate\"] }\nvalue = "
             "\"votes\"\nothers = \"ignore\"\n[columns]\nregistered = \"Registered Voters/\"\ncast = \"Ballots "
             "Cast/\"\n[[field]]\nid "
             "= \"over\"\ncolumn = \"Mayor/Over Votes\"\n[[field]]\nid = \"under\"\ncolumn = \"Mayor/Under Votes\"\n",
             4,
             {{"uma", "\"Mayor/Uma Vale\""},
              {"wes", "\"Mayor/Wes Yarrow\""},
              {"zane", "\"Mayor/Write-In: K. Zane\""},
              {"scattered", "\"Mayor/Write-In: Scattered\""}},
             {{"registered", 3147},
              {"cast", 2234},
              {"uma", 983},
              {"wes", 1158},
              {"zane", 18},
              {"scattered", 13},
              {"over", 9},
              {"under", 53}}},
        Case{"r07_copies_and_a_conflict",
             "r07-duplicates-true-and-apparent/returns.csv",
             "bad_rows = \"set-aside\"\n[unit]\nkey = \"station\"\nduplicates = \"drop-identical\"\n[long]\nname = "
             "\"option\"\nvalue = \"votes\"\n[[where]]\ncolumn = \"row_type\"\nequals = \"option\"\n",
             5,
             named({"Fern", "Moss"}),
             {{"Fern", 566}, {"Moss", 617}},
             1},
        Case{"r08_french",
             "r08-thousands-separators/resultats.csv",
             "separator = \";\"\n[numbers]\nthousands = [\" \", \"'\"]\n[unit]\nkey = "
             "\"Commune\"\n[columns]\nregistered = "
             "\"Inscrits\"\ncast = \"Votants\"\nvalid = \"Exprimés\"\nblank = \"Blancs\"\nnull = \"Nuls\"\n",
             10,
             {{"a", "\"Liste A – Voix\""}, {"b", "\"Liste B – Voix\""}},
             {{"registered", 183834},
              {"cast", 106347},
              {"blank", 6300},
              {"null", 1927},
              {"valid", 98120},
              {"a", 43071},
              {"b", 55049}}},
        Case{"r08_english",
             "r08-thousands-separators/results_en.csv",
             "[numbers]\nthousands = \",\"\n[unit]\nkey = \"place\"\n[columns]\nregistered = \"registered\"\n",
             10,
             named({"X", "Y"}),
             {{"registered", 15674239}, {"X", 5034285}, {"Y", 3691960}}},
        Case{"r08_german",
             "r08-thousands-separators/results_de.csv",
             "separator = \";\"\n[numbers]\nthousands = \".\"\n[unit]\nkey = \"Ort\"\n[columns]\nregistered = "
             "\"Berechtigt\"\n",
             10,
             named({"X", "Y"}),
             {{"registered", 15674239}, {"X", 5034285}, {"Y", 3691960}}},
        Case{"r10_printed_totals",
             "r10-printed-totals-that-do-not-add/returns.csv",
             "[unit]\nkey = \"precinct\"\n[[field]]\nid = \"over\"\ncolumn = \"over\"\n[[field]]\nid = "
             "\"under\"\ncolumn = \"under\"\n"
             "[[where]]\ncolumn = \"precinct\"\nnot_equals = \"TOTALS\"\n",
             10,
             named({"Hale", "Iven", "Jory"}),
             {{"Hale", 498}, {"Iven", 678}, {"Jory", 269}, {"over", 10}, {"under", 39}}},
        Case{"r13_swapped_columns",
             "r13-swapped-columns-in-a-part/returns.csv",
             "[unit]\nkey = { columns = [\"county\", \"precinct\"] }\n[long]\nname = \"candidate\"\nvalue = "
             "\"votes\"\nabsent = "
             "\"zero\"\n",
             9,
             {{"nia", "{ sum = [\"Nia Oake\", \"DEM\"] }"},
              {"pol", "{ sum = [\"Pol Quern\", \"REP\"] }"},
              {"rhea", "{ sum = [\"Rhea Sill\", \"LIB\"] }"}},
             {{"nia", 1267}, {"pol", 1263}, {"rhea", 1325}}},
        Case{"r15_negative_adjustments",
             "r15-negative-adjustments/returns.csv",
             "[numbers]\nnegative = \"correction\"\n[[correction]]\ncolumn = \"kind\"\nequals = "
             "\"correction\"\n[unit]\nkey = "
             "\"unit\"\n[columns]\ncast = \"ballots\"\n",
             10,
             named({"Tarn", "Usk", "write_in"}),
             {{"Tarn", 1035}, {"Usk", 1160}, {"write_in", 25}, {"cast", 2220}}},
        Case{"r19_merged_headings_of_a_sheet",
             "r19-merged-heading-xlsx/canvass.xlsx",
             "header = 3\nheader_rows = 2\n[unit]\nkey = \"Precinct\"\n[[place]]\nlevel = \"area\"\nname = { column = "
             "\"Area\", fill "
             "= \"down\" }\n[columns]\nregistered = \"Registered\"\nblank = \"Blank\"\n[[where]]\ncolumn = "
             "\"Precinct\"\nnot_equals = \"\"\n",
             7,
             {{"ora", "\"Ora Peel (RED) / Total\""}, {"quin", "\"Quin Rush (BLU) / Total\""}},
             {{"registered", 2363}, {"ora", 761}, {"quin", 903}, {"blank", 11}}},
        Case{"r19_merged_headings_as_csv",
             "r19-merged-heading-xlsx/canvass_as_csv.csv",
             "header = 3\nheader_rows = 2\n[unit]\nkey = \"Precinct\"\n[[place]]\nlevel = \"area\"\nname = { column = "
             "\"Area\", fill "
             "= \"down\" }\n[columns]\nregistered = \"Registered\"\nblank = \"Blank\"\n[[where]]\ncolumn = "
             "\"Precinct\"\nnot_equals = \"\"\n",
             7,
             {{"ora", "\"Ora Peel (RED) / Total\""}, {"quin", "\"Quin Rush (BLU) / Total\""}},
             {{"registered", 2363}, {"ora", 761}, {"quin", 903}, {"blank", 11}}},
        Case{"r20_units_in_columns",
             "r20-units-in-columns/telling.csv",
             "separator = \";\"\ntransposed = true\nheader = 2\n[unit]\nkey = \"#4\"\n[columns]\nregistered = "
             "\"#15\"\nvalid = "
             "\"#12\"\nblank = \"#13\"\nnull = \"#14\"\n[[where]]\ncolumn = \"#4\"\nstarts_with = \"SB\"\n",
             6,
             {{"wolk", "\"Partij Wolk\""}, {"duin", "\"Lijst Duin\""}},
             {{"wolk", 596}, {"duin", 862}, {"valid", 1458}, {"blank", 15}, {"null", 3}, {"registered", 2126}}}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace cotejo::test

// Rows set aside carry their votes: counted + fewest <= truth <= counted + most, whatever was damaged.
#include <functional>
#include <random>

#include "intake_test_support.hpp"

namespace cotejo::test {
namespace {

using testing::HasSubstr;
using testing::SizeIs;
using Ranges = std::vector<VoteRange>;

constexpr const char* columns_of_totals =
    "[columns]\nregistered = \"reg\"\ncast = \"cast\"\nvalid = \"valid\"\nblank = \"blank\"\nnull = \"null\"\n";

Ranges only_ranges(const Profile& profile, const std::string& bytes) {
  const Folder folder;
  const auto count = read_whole(profile, folder.write("x.csv", bytes));
  EXPECT_THAT(count.rejected, SizeIs(1));
  return count.rejected.size() == 1 ? count.rejected[0].votes : Ranges{};
}

// ---- one row at a time ----

TEST(SetAside, AnUnreadVoteHasTheRoomThatTheRowsOwnFiguresLeave) {
  const auto p = profile(set_aside, columns_of_totals);
  const std::string head = "unit,a,b,reg,cast,valid,blank,null\n1,10,20,100,35,30,3,2\n2,200,300,900,500,500,0,0\n";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,100,36,31,3,2\n"), (Ranges{{0, 11}, {20, 20}})) << "valid";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,100,35,,3,2\n"), (Ranges{{0, 10}, {20, 20}})) << "cast less blank and null";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,100,,,3,2\n"), (Ranges{{0, 80}, {20, 20}})) << "registered";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,0,,,3,2\n"), (Ranges{{0, 500}, {20, 20}}))
      << "a unit without a list of its own: the largest figure of a counted return";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,100,35,12,3,2\n"), (Ranges{{0, 10}, {20, 20}}))
      << "a total below what was read bounds nothing";
  EXPECT_EQ(only_ranges(p, head + "3,?,?,100,36,31,3,2\n"), (Ranges{{0, 31}, {0, 31}}));
}

TEST(SetAside, AFigureThatCountedReturnsExceedIsEnlargedByAsMuch) {
  const auto p = profile(set_aside, "[columns]\nregistered = \"reg\"");
  const std::string head = "unit,a,b,reg\n1,10,20,100\n2,60,70,110\n";
  EXPECT_EQ(only_ranges(p, head + "3,?,20,50\n"), (Ranges{{0, 50}, {20, 20}})) << "unit 2 has 20 more than its list";
}

TEST(SetAside, ARowWithoutItsCellsIsBoundedByTheLargestReturnOrItsOwnFigures) {
  const auto p = profile(set_aside);
  const std::string head = "unit,a,b\n100001,10,20\n100002,30,5\n";
  EXPECT_EQ(only_ranges(p, head + "100003,20\n"), (Ranges{{0, 35}, {0, 35}})) << "the key is no figure of votes";
  EXPECT_EQ(only_ranges(p, head + "100003,90,20,1\n"), (Ranges{{0, 90}, {0, 90}}));
}

TEST(SetAside, ARowThatMayBeATotalMayMeanNothing) {
  const auto p = profile(set_aside, "[[place]]\nlevel = \"town\"\nname = \"town\"");
  const std::string head = "unit,town,a,b\n1,S,10,20\n";
  EXPECT_EQ(only_ranges(p, head + "2,,10,20\n"), (Ranges{{0, 10}, {0, 20}})) << "no place";
  EXPECT_EQ(only_ranges(p, head + ",S,10,20\n"), (Ranges{{0, 10}, {0, 20}})) << "no key";
  EXPECT_EQ(only_ranges(p, head + "2,\xC3,11,21\n"), (Ranges{{11, 11}, {21, 21}})) << "a place with a broken letter";
  EXPECT_EQ(only_ranges(p, head + "1,\xC3,11,21\n"), (Ranges{{0, 11}, {0, 21}})) << "of a unit that is counted";
}

TEST(SetAside, ARowWhoseUnitIsCountedFromAnotherRowMayBeAnotherReadingOfIt) {
  const auto p = profile(set_aside);
  EXPECT_EQ(only_ranges(p, "unit,a,b\n1,x,7\n1,5,9\n2,40,40\n"), (Ranges{{-5, 80}, {-2, 7}}));
}

TEST(SetAside, PercentagesStandForTheVotesThatTheyMayMean) {
  const Folder folder;
  const auto parsed = parse_profile(
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n[count]\nid = \"x/y\"\n"
      "contest = \"x/c\"\n[unit]\nkey = \"unit\"\n[columns]\nvalid = \"valid\"\n[[option]]\nid = \"A\"\n"
      "column = { percent = \"share\", of = [\"valid\"] }\n[[option]]\nid = \"B\"\ncolumn = \"b\"\n",
      "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const std::string head = "unit,share,valid,b\n1,45.50,200,109\n";
  EXPECT_EQ(only_ranges(*parsed, head + "2,45,2000,1100\n"), (Ranges{{890, 910}, {1100, 1100}}));
  EXPECT_EQ(only_ranges(*parsed, head + "2,x,2000,1100\n"), (Ranges{{0, 900}, {1100, 1100}}));
}

TEST(SetAside, PartsOfASumThatWereReadAreTheLeast) {
  const Folder folder;
  auto p = profile(set_aside, "[columns]\nvalid = \"valid\"");
  p.options[0].column.plus = {"day", "mail"};
  EXPECT_EQ(only_ranges(p, "unit,day,mail,b,valid\n1,10,20,5,35\n2,7,?,5,20\n"), (Ranges{{7, 15}, {5, 5}}));
}

TEST(SetAside, AUnitOfTheLongLayoutCarriesItsVotesAndItsRowNone) {
  const Folder folder;
  const auto parsed = parse_profile(
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n[count]\nid = \"x/y\"\n"
      "contest = \"x/c\"\n[unit]\nkey = \"unit\"\n[long]\nname = \"who\"\nvalue = \"n\"\n[columns]\nvalid = \"Valid\"\n"
      "[[option]]\nid = \"A\"\ncolumn = \"Ana\"\n[[option]]\nid = \"B\"\ncolumn = \"Ben\"\n",
      "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto file = folder.write(
      "x.csv",
      "unit,who,n\n1,Ana,10\n1,Ben,20\n1,Valid,30\n2,Ana,7\n2,Ben,x\n2,Valid,9\n3,Ana,5\n3,Ben,6\n3,Valid,11\n"
      "3,Eve,4\n");
  const auto count = read_whole(*parsed, file);
  EXPECT_THAT(keys_of(count), testing::ElementsAre("1", "3")) << "an unknown name leaves its unit as it is";
  ASSERT_THAT(count.rejected, SizeIs(3));
  EXPECT_EQ(count.rejected[0].votes, (Ranges{{0, 0}, {0, 0}})) << "its votes are those of its unit";
  EXPECT_EQ(count.rejected[1].votes, (Ranges{{0, 4}, {0, 4}})) << "Eve may be anybody";
  EXPECT_EQ(count.rejected[2].votes, (Ranges{{7, 7}, {0, 2}}));
}

// ---- any damage ----

struct Row {
  std::vector<std::string> cells;
};

// An election of `units`, in which every return adds up; the last columns are valid, cast, blank, null and registered.
std::vector<Row> clean_rows(std::mt19937& random, int units) {
  const auto up_to = [&](int most) { return static_cast<int>(random() % static_cast<unsigned>(most + 1)); };
  std::vector<Row> rows;
  for (int u = 0; u < units; ++u) {
    const int a = up_to(200), b = up_to(200), c = up_to(3), blank = up_to(5), null = up_to(5);
    const int valid = a + b + c, cast = valid + blank + null;
    rows.push_back({{std::to_string(100'000 + u), "Town " + std::to_string(u / 10), std::to_string(a),
                     std::to_string(b), std::to_string(c), std::to_string(valid), std::to_string(cast),
                     std::to_string(blank), std::to_string(null), std::to_string(cast + up_to(100))}});
  }
  return rows;
}

const std::string wide_header = "unit,town,a,b,c,valid,cast,blank,null,reg\n";

std::string text_of(const std::vector<Row>& rows) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) out += (i > 0 ? "," : "") + row.cells[i];
    out += '\n';
  }
  return out;
}

Profile damaged_profile(bool with_totals, bool copies, bool empty_is_zero) {
  auto text = std::string("schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n") +
              (empty_is_zero ? "[numbers]\nempty = \"zero\"\n" : "") +
              "[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\nkey = \"unit\"\n" +
              (copies ? "duplicates = \"drop-identical\"\n" : "") + "[[place]]\nlevel = \"town\"\nname = \"town\"\n" +
              (with_totals ? columns_of_totals : "");
  for (const char* option : {"a", "b", "c"})
    text += std::string("[[option]]\nid = \"") + option + "\"\ncolumn = \"" + option + "\"\n";
  auto parsed = parse_profile(text, "t.toml");
  EXPECT_TRUE(parsed) << describe(parsed.error());
  return *parsed;
}

struct Damage {
  const char* name;
  // What is done to the rows; `at` is a row that is not the last.
  std::function<void(std::vector<Row>&, std::size_t at, std::mt19937&)> harm;
  bool of_copies = true;  // also where the profile states that rows of one key are copies
};

const std::vector<Damage>& damages() {
  static const std::vector<Damage> all = {
      {"an option's cell emptied", [](auto& rows, auto at, auto& random) { rows[at].cells[2 + random() % 3].clear(); }},
      {"a cell made unreadable", [](auto& rows, auto at, auto& random) { rows[at].cells[2 + random() % 8] = "n/a"; }},
      {"two cells made unreadable",
       [](auto& rows, auto at, auto& random) {
         rows[at].cells[2 + random() % 8] = "?";
         rows[at].cells[2 + random() % 8] = "*";
       }},
      {"a cell lost",
       [](auto& rows, auto at, auto& random) {
         auto& cells = rows[at].cells;
         cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(random() % cells.size()));
       }},
      {"a row cut",
       [](auto& rows, auto at, auto& random) { rows[at].cells.resize(1 + random() % (rows[at].cells.size() - 1)); }},
      {"a cell too many",
       [](auto& rows, auto at, auto& random) {
         auto& cells = rows[at].cells;
         cells.insert(cells.begin() + static_cast<std::ptrdiff_t>(random() % cells.size()), "7");
       }},
      {"a row doubled", [](auto& rows, auto at, auto&) { rows.push_back(rows[at]); }},
      {"a row doubled with other votes",
       [](auto& rows, auto at, auto& random) {
         rows.push_back(rows[at]);
         rows.back().cells[2] = std::to_string(random() % 100);
       }},
      {"a row doubled with an unread vote",
       [](auto& rows, auto at, auto&) {
         rows.insert(rows.begin(), rows[at]);
         rows.front().cells[2] = "?";
       }},
      {"the key of another row", [](auto& rows, auto at, auto&) { rows[at].cells[0] = rows[at + 1].cells[0]; }, false},
      {"no key", [](auto& rows, auto at, auto&) { rows[at].cells[0].clear(); }},
      {"no place", [](auto& rows, auto at, auto&) { rows[at].cells[1].clear(); }},
      {"a broken letter", [](auto& rows, auto at, auto&) { rows[at].cells[1] = "T\xC3"; }},
      {"two rows joined by quotation marks", [](auto& rows, auto at, auto&) {
         rows[at].cells[1] = "the 12\" hall";
         rows[at + 1].cells[1] = "the 10\" hall";
       }}};
  return all;
}

std::vector<std::int64_t> truth_of(const std::vector<Row>& rows) {
  std::vector<std::int64_t> out(3, 0);
  for (const auto& row : rows)
    for (std::size_t i = 0; i < 3; ++i) out[i] += std::stoi(row.cells[2 + i]);
  return out;
}

void expect_truth_within(const Count& count, const std::vector<std::int64_t>& truth) {
  for (std::size_t i = 0; i < truth.size(); ++i) {
    std::int64_t least = 0;
    for (const auto votes : count.option(i)) least += votes;
    std::int64_t most = least;
    for (const auto& row : count.rejected) {
      ASSERT_EQ(row.votes.size(), truth.size()) << row.reason;
      EXPECT_LE(row.votes[i].least, row.votes[i].most) << row.text;
      least += row.votes[i].least;
      most += row.votes[i].most;
    }
    EXPECT_LE(least, truth[i]) << "option " << i;
    EXPECT_GE(most, truth[i]) << "option " << i;
  }
}

TEST(SetAside, HoldsTheTruthWhateverWasDamaged) {
  const Folder folder;
  for (const bool with_totals : {true, false})
    for (const bool copies : {false, true})
      for (const bool empty_is_zero : {false, true}) {
        if (empty_is_zero && !with_totals) continue;  // the profile's statement is then all there is, and may be wrong
        const auto p = damaged_profile(with_totals, copies, empty_is_zero);
        for (unsigned seed = 0; seed < 150; ++seed) {
          std::mt19937 random(seed);
          auto rows = clean_rows(random, 30);
          const auto truth = truth_of(rows);
          std::string done;
          for (int n = 0; n <= static_cast<int>(seed % 3); ++n) {
            const auto& damage = damages()[random() % damages().size()];
            if (copies && !damage.of_copies) continue;
            // Far from each other, so that one damage does not undo another.
            damage.harm(rows, static_cast<std::size_t>(n) * 9 + random() % 7, random);
            done += std::string(damage.name) + "; ";
          }
          SCOPED_TRACE("seed " + std::to_string(seed) + ": " + done + (with_totals ? "with totals" : "without totals"));
          const auto count = read(p, folder.write("x.csv", wide_header + text_of(rows)));
          ASSERT_TRUE(count) << describe(count.error());
          expect_truth_within(*count, truth);
        }
      }
}

TEST(SetAside, HoldsTheTruthOfALongFileWhateverWasDamaged) {
  const Folder folder;
  const char* names[] = {"Ana", "Ben", "Cid"};
  auto text = std::string(
      "schema = \"cotejo.profile/1\"\n[file]\npath = \"x.csv\"\nbad_rows = \"set-aside\"\n[count]\nid = \"x/y\"\n"
      "contest = \"x/c\"\n[unit]\nkey = \"unit\"\n[[place]]\nlevel = \"town\"\nname = \"town\"\n[long]\nname = "
      "\"who\"\n"
      "value = \"n\"\n[columns]\nvalid = \"Valid\"\n");
  for (const char* name : names) text += std::string("[[option]]\nid = \"") + name + "\"\ncolumn = \"" + name + "\"\n";
  const auto parsed = parse_profile(text, "t.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    const auto clean = clean_rows(random, 20);
    const auto truth = truth_of(clean);
    std::vector<Row> rows;
    for (const auto& row : clean) {
      for (std::size_t i = 0; i < 3; ++i) rows.push_back({{row.cells[0], row.cells[1], names[i], row.cells[2 + i]}});
      rows.push_back({{row.cells[0], row.cells[1], "Valid", row.cells[5]}});
    }
    auto& row = rows[random() % (rows.size() - 8)].cells;
    std::string done;
    switch (random() % 8) {
      case 0:
        row[3] = "x";
        done = "an unread number";
        break;
      case 1:
        row[3].clear();
        done = "an empty number";
        break;
      case 2:
        row.pop_back();
        done = "a cell lost";
        break;
      case 3:
        row[2] = "Eve";
        done = "an unknown name";
        break;
      case 4:
        row[0].clear();
        done = "no key";
        break;
      case 5:
        row[1] = "elsewhere";
        done = "another place";
        break;
      case 6:
        rows.push_back({row});
        done = "a row doubled";
        break;
      default:
        rows.push_back({{row[0], row[1], row[2], "5"}});
        done = "a row doubled with another number";
        break;
    }
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + done);
    const auto count = read(*parsed, folder.write("x.csv", "unit,town,who,n\n" + text_of(rows)));
    ASSERT_TRUE(count) << describe(count.error());
    expect_truth_within(*count, truth);
  }
}

}  // namespace
}  // namespace cotejo::test

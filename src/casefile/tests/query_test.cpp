// SELECT over a case, and everything else refused.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/casefile/query_memory.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Query : public testing::Test {
 protected:
  Query() {
    count_query_memory();
    std::string pattern = (fs::temp_directory_path() / "cotejo-query-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    Count count;
    count.id = CountId{"xx/final"};
    count.contest = {ContestId{"xx/president"}, "President", {{OptionId{"A"}, "A"}, {OptionId{"B"}, "B"}}};
    count.hierarchy = Hierarchy({"town"});
    for (const char* key : {"1", "2", "3"}) {
      count.unit_keys.push_back(key);
      count.unit_place.push_back(count.hierarchy.add(no_place, std::string("T") + key));
    }
    count.votes = {10, 20, 30, 1, 2, 3};
    count.registered = {100, 200, missing};
    count.sha256 = count.content_hash();
    auto made = CaseFile::open(path(), CaseFile::Mode::create);
    EXPECT_TRUE(made);
    EXPECT_TRUE(made->transact("import", [&]() -> Result<void> {
      COTEJO_TRY(added, made->add_count(count, std::nullopt, {"f.csv", "abc", 3, "p.toml", "def"}));
      (void)added;
      return {};
    }));
  }
  ~Query() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  fs::path path() const { return folder_ / "case.cotejo"; }
  Result<Table> ask(const std::string& sql, const QueryLimits& limits = {}, const std::stop_token& cancel = {}) const {
    auto file = CaseFile::open(path(), CaseFile::Mode::read);
    EXPECT_TRUE(file);
    return file->query(sql, limits, cancel);
  }
  std::string refusal(const std::string& sql, const QueryLimits& limits = {}) const {
    const auto answer = ask(sql, limits);
    EXPECT_FALSE(answer) << sql;
    return answer ? "" : describe(answer.error());
  }
  static std::int64_t whole(const Cell& cell) {
    const auto* value = std::get_if<std::int64_t>(&cell);
    return value ? *value : -1;
  }
  fs::path folder_;
};

TEST_F(Query, SelectsFromTheViewOfACountWithItsColumns) {
  const auto answer = ask("SELECT town, \"A\" + \"B\" AS both, registered FROM \"xx/final\" ORDER BY unit DESC;");
  ASSERT_TRUE(answer) << describe(answer.error());
  ASSERT_EQ(answer->columns.size(), 3U);
  EXPECT_EQ(answer->columns[1].name, "both");
  ASSERT_EQ(answer->rows.size(), 3U);
  EXPECT_EQ(std::get<std::string>(answer->rows[0][0]), "T3");
  EXPECT_EQ(whole(answer->rows[0][1]), 33);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(answer->rows[0][2])) << "a missing cell";
}

TEST_F(Query, SelectsWithCommonTablesRecursionAndTheDocumentedTables) {
  const auto counted = ask("WITH big AS (SELECT * FROM \"xx/final\" WHERE \"A\" > 10) SELECT count(*) FROM big");
  ASSERT_TRUE(counted) << describe(counted.error());
  EXPECT_EQ(whole(counted->rows[0][0]), 2);
  const auto numbers =
      ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i) FROM n");
  ASSERT_TRUE(numbers) << describe(numbers.error());
  EXPECT_EQ(whole(numbers->rows[0][0]), 15);
  EXPECT_TRUE(ask("SELECT name, sha256 FROM source_file"));
  EXPECT_TRUE(ask("SELECT count(*) FROM returns_1"));
}

TEST_F(Query, RefusesEverythingButSelect) {
  for (const char* sql :
       {"DELETE FROM finding", "INSERT INTO command (text) VALUES ('x')", "DROP VIEW \"xx/final\"",
        "CREATE TABLE x (a)", "PRAGMA writable_schema = 1", "ATTACH 'other.db' AS o", "VACUUM INTO 'copy.db'",
        "BEGIN IMMEDIATE", "SELECT * FROM sqlite_schema", "SELECT count(*) FROM sqlite_schema",
        "SELECT * FROM pragma_table_info('count')", "SELECT count(*) FROM pragma_database_list",
        "SELECT load_extension('x')", "EXPLAIN DELETE FROM finding"})
    EXPECT_NE(refusal(sql), "") << sql;
  EXPECT_FALSE(fs::exists("copy.db"));
  EXPECT_THAT(refusal("SELECT 1; DELETE FROM finding"), HasSubstr("one query at a time"));
  EXPECT_THAT(refusal("  "), HasSubstr("there is no query"));
}

TEST_F(Query, LeavesTheCaseAsItWasByteForByte) {
  const auto bytes = [&] {
    std::ifstream in(path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  const auto before = bytes();
  EXPECT_TRUE(ask("SELECT a.unit FROM \"xx/final\" a, \"xx/final\" b ORDER BY random()"));
  EXPECT_NE(refusal("UPDATE returns_1 SET o0 = 99"), "");
  EXPECT_EQ(bytes(), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "no file beside the case";
}

TEST_F(Query, NamesTheNearestTable) {
  EXPECT_THAT(refusal("SELECT * FROM \"xx/finl\""), HasSubstr("Did you mean \"xx/final\"?"));
  EXPECT_THAT(refusal("SELECT nobody FROM \"xx/final\""), HasSubstr("no such column: nobody"));
  EXPECT_THAT(refusal("SELECT \"nobody\" FROM \"xx/final\""), HasSubstr("no such column")) << "not the text 'nobody'";
}

TEST_F(Query, IsBoundedInTimeAndMemory) {
  const std::string endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  EXPECT_THAT(refusal(endless, {.seconds = 0.05}), HasSubstr("longer than 0.05 seconds"));
  const std::string large = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) ";
  EXPECT_THAT(refusal(large + "SELECT i FROM n", {.memory = 1 << 20}), HasSubstr("larger than 1 MiB"));
  EXPECT_THAT(refusal(large + "SELECT i, hex(i) FROM n ORDER BY random()", {.memory = 2 << 20}),
              HasSubstr("more than 2 MiB"));
  EXPECT_TRUE(ask("SELECT * FROM \"xx/final\"")) << "the limits end with the query";
}

TEST_F(Query, StopsWhenItIsCancelled) {
  std::stop_source stop;
  stop.request_stop();
  const auto answer = ask("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n", {},
                          stop.get_token());
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::cancelled);
}

TEST_F(Query, ListsTheViewsFirstWithTheirColumns) {
  auto file = CaseFile::open(path(), CaseFile::Mode::read);
  ASSERT_TRUE(file);
  const auto all = file->queryable();
  ASSERT_TRUE(all);
  ASSERT_FALSE(all->rows.empty());
  EXPECT_EQ(std::get<std::string>(all->rows[0][0]), "xx/final");
  EXPECT_EQ(std::get<std::string>(all->rows[0][2]), R"("unit", "registered", "A", "B", "town")");
}

}  // namespace
}  // namespace cotejo

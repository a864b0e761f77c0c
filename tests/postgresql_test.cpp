// Tables of a PostgreSQL server that this test makes, starts and ends: Debian's `postgresql`, a socket in a folder of its
// own, no network.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cotejo/intake/reader.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// The newest server that Debian installed, or an empty path.
fs::path server_programs() {
  fs::path newest;
  std::error_code none;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", none))
    if (fs::exists(version.path() / "bin/initdb") && version.path() / "bin" > newest) newest = version.path() / "bin";
  return newest;
}

class Server {
 public:
  Server() : programs_(server_programs()) {
    if (programs_.empty()) return;
    std::string name = (fs::temp_directory_path() / "cotejo-postgresql-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return;
    folder_ = name;
    if (geteuid() == 0) shell("chown nobody " + folder_.string());
    const bool made = as_user(fmt::format("{}/initdb -D {}/data -A trust -U tester --no-sync -E UTF8 --locale=C.UTF-8",
                                          programs_.string(), folder_.string())) == 0;
    started_ = made && as_user(fmt::format(
                           "{}/pg_ctl -D {}/data -w -l {}/log -o \"-k {} -c listen_addresses='' -c fsync=off\" start",
                           programs_.string(), folder_.string(), folder_.string(), folder_.string())) == 0;
  }
  ~Server() {
    if (started_) as_user(fmt::format("{}/pg_ctl -D {}/data -m immediate stop", programs_.string(), folder_.string()));
    std::error_code ignored;
    if (!folder_.empty()) fs::remove_all(folder_, ignored);
  }
  bool installed() const { return !programs_.empty(); }
  bool started() const { return started_; }
  std::string log() const {
    std::ifstream in(folder_ / "log");
    return {std::istreambuf_iterator<char>(in), {}};
  }
  // Runs SQL from a file, so that no shell reads it.
  bool sql(const std::string& text) const {
    const fs::path script = folder_ / "script.sql";
    std::ofstream(script) << text;
    return shell(fmt::format("{}/psql -q -v ON_ERROR_STOP=1 -h {} -U tester -d postgres -f {} >/dev/null",
                             programs_.string(), folder_.string(), script.string())) == 0;
  }
  std::string path() const { return fmt::format("postgresql:host={} user=tester dbname=postgres", folder_.string()); }

 private:
  static int shell(const std::string& command) { return std::system(command.c_str()); }
  // A server refuses to run as root.
  int as_user(const std::string& command) const {
    return shell((geteuid() == 0 ? "runuser -u nobody -- " : "") + command + " >/dev/null 2>&1");
  }
  fs::path programs_, folder_;
  bool started_ = false;
};

class PostgreSql : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = new Server; }
  static void TearDownTestSuite() { delete server_; }
  void SetUp() override {
    if (!server_->installed()) {
      if (std::getenv("COTEJO_REQUIRE_DATA") != nullptr) FAIL() << "the package postgresql is not installed";
      GTEST_SKIP() << "the package postgresql is not installed";
    }
    ASSERT_TRUE(server_->started()) << server_->log();
  }
  static Profile profile(const std::string& table, const std::string& key = "\"unit\"") {
    auto parsed =
        parse_profile("schema = \"cotejo.profile/1\"\n[file]\npath = \"postgresql:\"\ntable = '" + table +
                          "'\noptional = [\"r\"]\n[count]\nid = \"x/y\"\ncontest = \"x/c\"\n[unit]\nkey = " + key +
                          "\n[columns]\nregistered = \"r\"\n[[option]]\nid = \"A\"\ncolumn = \"Ana\"\n[[option]]\nid = "
                          "\"B\"\ncolumn = \"b\"\n",
                      "test.toml");
    EXPECT_TRUE(parsed) << describe(parsed.error());
    if (!parsed) return {};
    parsed->format.database = DatabaseUse::address;
    return *parsed;
  }
  static Result<Count> read(const Profile& profile, const std::string& path = server_->path()) {
    return read_count(profile, path, {});
  }
  inline static Server* server_ = nullptr;
};

TEST_F(PostgreSql, TablesAndViewsAreReadInTheOrderOfTheirKeys) {
  ASSERT_TRUE(server_->sql(R"sql(
    CREATE SCHEMA "Votes 2024"; CREATE TABLE "Votes 2024"."returns; drop" (unit text, "Ana" bigint, b numeric, r integer);
    INSERT INTO "Votes 2024"."returns; drop" VALUES ('u3', 5, 6, 30), ('u1', 1, 2.00, NULL), ('u2''; DROP TABLE x', 3, 4, 20);
    CREATE VIEW ours AS SELECT * FROM "Votes 2024"."returns; drop" WHERE unit <> 'u3';)sql"));
  const auto count = read(profile("Votes 2024.returns; drop"));
  ASSERT_TRUE(count) << describe(count.error());
  ASSERT_EQ(count->units(), 3U);
  EXPECT_EQ(count->unit_keys[0], "u1");
  EXPECT_EQ(count->unit_keys[1], "u2'; DROP TABLE x");
  EXPECT_THAT(count->votes, ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_THAT(count->registered, ElementsAre(missing, 20, 30));

  const auto view = read(profile("ours"));
  ASSERT_TRUE(view) << describe(view.error());
  EXPECT_EQ(view->units(), 2U);

  // Rows moved about on the disk do not change the count.
  ASSERT_TRUE(server_->sql(R"sql(UPDATE "Votes 2024"."returns; drop" SET r = 30 WHERE unit = 'u3'; VACUUM FULL;)sql"));
  const auto again = read(profile("Votes 2024.returns; drop"));
  ASSERT_TRUE(again) << describe(again.error());
  EXPECT_EQ(again->sha256, count->sha256);
}

TEST_F(PostgreSql, PrimaryKeysAndTextNumbersAreReadToo) {
  ASSERT_TRUE(server_->sql(R"sql(
    CREATE TABLE keyed (unit integer PRIMARY KEY, "Ana" text, b smallint, r double precision);
    INSERT INTO keyed VALUES (10, '1', 2, 7), (9, '3', 4, NULL);)sql"));
  const auto count = read(profile("public.keyed"));
  ASSERT_TRUE(count) << describe(count.error());
  EXPECT_EQ(count->unit_keys[0], "9") << "in the database's own order of the key";
  EXPECT_THAT(count->votes, ElementsAre(3, 1, 4, 2));
}

TEST_F(PostgreSql, ABadCellAMissingColumnAndAMissingTableAreNamed) {
  ASSERT_TRUE(server_->sql(R"sql(CREATE TABLE bad (unit text, "Ana" text, b integer, r integer);
    INSERT INTO bad VALUES ('u1', '1', 2, 3), ('u2', 'many', 2, 3);)sql"));
  const auto cell = read(profile("bad"));
  ASSERT_FALSE(cell);
  EXPECT_EQ(cell.error().row, 2);
  EXPECT_EQ(cell.error().column, "Ana");
  EXPECT_EQ(cell.error().value, "many");
  const auto column = read(profile("bad", "\"Unit\""));
  ASSERT_FALSE(column);
  EXPECT_THAT(describe(column.error()), HasSubstr("Unit"));
  const auto table = read(profile("worse"));
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, ErrorCode::file_missing);
  EXPECT_THAT(describe(table.error()), HasSubstr("worse"));
}

TEST_F(PostgreSql, NothingIsWrittenAndNoServerIsNamed) {
  ASSERT_TRUE(server_->sql(R"sql(CREATE TABLE log (n integer);
    CREATE FUNCTION note() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN INSERT INTO log VALUES (1); RETURN 1; END $$;
    CREATE VIEW trap AS SELECT 'u1'::text AS unit, note() AS "Ana", 2 AS b, 3 AS r;)sql"));
  const auto trap = read(profile("trap"));
  ASSERT_FALSE(trap) << "a view that writes is read in a transaction that may not";
  EXPECT_THAT(describe(trap.error()), HasSubstr("read-only"));

  const auto error = read(profile("bad"), "postgresql:host=/nonexistent dbname=x");
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, ErrorCode::file_missing);
  EXPECT_THAT(error.error().remedy, HasSubstr("~/.pgpass"));
}

}  // namespace
}  // namespace cotejo::test

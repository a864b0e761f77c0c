// What strangers hand in besides tables: deep texts, archives of too many files, files that are none, reading that is
// to stop.
#include <sys/stat.h>

#include <chrono>

#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/propose.hpp"
#include "cotejo/intake/toml_keys.hpp"
#include "intake_test_support.hpp"

namespace cotejo::test {

namespace {

using testing::HasSubstr;

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

// ---- TOML ----

TEST(DeepToml, IsRefusedByEveryReaderBeforeItIsParsed) {
  const std::size_t deep = 50'000;
  const std::string dotted = "a" + repeated(".a", deep);
  for (const std::string& text :
       {dotted + " = 1\n", "[" + dotted + "]\nx = 1\n", "[[" + dotted + "]]\n", "x = " + repeated("[", deep),
        "x = " + repeated("{a=", deep), "x = { " + dotted + " = 1 }\n", "\"a\"" + repeated(".\"a\"", deep) + " = 1\n",
        "'a'" + repeated(" . 'a'", deep) + " = 1\n", "ok = \"[[[\"\n# " + repeated("[", 10) + "\n" + dotted + " = 1\n",
        "s = \"\"\"x\"\"\"\"\"\n" + dotted + " = 1\n", "s = '''x''''\n" + dotted + " = 1\n",
        "s = \"a\\\"\"\n" + dotted + " = 1\n", "t = { s = \"\"\"x\"\"\"\", " + dotted + " = 1 }\n",
        "x = " + repeated("[\n", 51) + "1" + repeated("\n]", 51)}) {
    const auto profile = parse_profile(text, "x.toml");
    ASSERT_FALSE(profile) << text.substr(0, 40);
    EXPECT_THAT(profile.error().message, HasSubstr("50 levels deep")) << text.substr(0, 40);
    EXPECT_GT(profile.error().row, 0);
    const auto assembly = parse_assembly(text, "x.toml");
    ASSERT_FALSE(assembly);
    EXPECT_THAT(assembly.error().message, HasSubstr("50 levels deep"));
  }
}

TEST(DeepToml, DoesNotTakeTextsCommentsAndNumbersForIt) {
  const std::string dots = repeated("[{.", 200);
  const auto table =
      parse_toml("# " + dots + "\na = \"" + dots + "\"\nb = '" + dots + "'\nc = \"\"\"\n" + dots + "\n\\\" \"\" " +
                     dots + "\"\"\"\"\"\nd = '''" + dots + "''" + dots + "'''\ne = 1.5 # " + dots + "\nf = [" +
                     repeated("1.5, ", 500) + "2]\ng.h.i = \"\\\\\"\nj = 2024-10-20T00:00:00.5\n[k.l]\nm = [[[[1]]]]\n",
                 "x.toml", "docs");
  ASSERT_TRUE(table) << describe(table.error());
  EXPECT_EQ((*table)["f"].as_array()->size(), 501U);
  EXPECT_EQ((*table)["g"]["h"]["i"].value<std::string>(), "\\");
}

TEST(DeepToml, WhatIsNotTomlIsNamedWithItsLine) {
  const auto table = parse_toml("a = 1\nb = [\n", "x.toml", "docs/formats/rule.md", ErrorCode::plan_invalid);
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, ErrorCode::plan_invalid);
  EXPECT_THAT(table.error().remedy, HasSubstr("docs/formats/rule.md"));
  EXPECT_GT(table.error().row, 0);
}

// ---- files that are none ----

TEST(NotAFile, IsRefusedByEveryReaderBeforeItIsRead) {
  const Folder folder;
  const auto pipe = folder.path() / "pipe.toml";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const Context context;
  for (const std::filesystem::path& path : {pipe, std::filesystem::path("/dev/zero"), folder.path()}) {
    EXPECT_FALSE(read_profile(path)) << path;
    EXPECT_FALSE(read_unit_list(path)) << path;
    EXPECT_FALSE(read_assembly(path)) << path;
    EXPECT_FALSE(is_assembly_table(path)) << path;
    EXPECT_FALSE(Records::open(path, {})) << path;
    EXPECT_FALSE(propose(path, {}, context)) << path;
  }
}

TEST(NotAFile, AnAssemblysTablesDoNotLeadOutOfTheirFolder) {
  const Folder folder, other;
  const auto secret = other.write("secret.toml", "secret = \"root:x:0\"\n");
  std::filesystem::create_symlink(secret, folder.path() / "link.toml");
  std::filesystem::create_symlink(secret, folder.path() / "link.csv");
  const std::string head = "schema = \"cotejo.assembly/1\"\n[assembly]\nid = \"a\"\ntitle = \"A\"\n";
  for (const char* line : {"include = [\"link.toml\"]\n", "votes = \"link.csv\"\n", "include = [\"../x.toml\"]\n"}) {
    const auto read = read_assembly(folder.write("a.toml", head + line));
    ASSERT_FALSE(read) << line;
    EXPECT_THAT(describe(read.error()), testing::Not(HasSubstr("root:x:0")));
  }
}

TEST(NotAFile, ADatabaseIsReachedByNobodyWhoDoesNotTypeItsAddress) {
  const std::string address = "postgresql:host=192.0.2.1 dbname=x connect_timeout=1";
  const auto profile =
      parse_profile("schema = \"cotejo.profile/1\"\n[file]\npath = \"" + address + "\"\ntable = \"t\"\n", "x.toml");
  ASSERT_FALSE(profile);
  EXPECT_THAT(profile.error().remedy, HasSubstr("--input"));
  const auto begin = std::chrono::steady_clock::now();
  const auto records = Records::open(address, {.member = {}, .table = "t"});
  ASSERT_FALSE(records);
  EXPECT_EQ(records.error().code, ErrorCode::usage);
  EXPECT_FALSE(read_unit_list(address));
  EXPECT_FALSE(propose(address, {}, Context{}));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(900)) << "nobody was called";
}

// ---- archives ----

void put(std::string& out, std::uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

// A zip of empty files, as its format is written (PKWARE's APPNOTE).
std::string zip_of(std::size_t files, const std::string& folder) {
  std::string local, central;
  for (std::size_t i = 0; i < files; ++i) {
    const std::string name = folder + std::to_string(i) + ".csv";
    const auto at = local.size();
    std::string common;
    put(common, 20, 2);
    for (const int bytes : {2, 2, 2, 2, 4, 4, 4}) put(common, 0, bytes);
    put(common, name.size(), 2);
    put(common, 0, 2);
    local += "PK\3\4" + common + name;
    central += "PK\1\2" + std::string("\x14\0", 2) + common;
    for (const int bytes : {2, 2, 2, 4}) put(central, 0, bytes);
    put(central, at, 4);
    central += name;
  }
  std::string out = local + central + "PK\5\6";
  put(out, 0, 4);
  put(out, std::min<std::size_t>(files, 0xFFFF), 2);
  put(out, std::min<std::size_t>(files, 0xFFFF), 2);
  put(out, central.size(), 4);
  put(out, local.size(), 4);
  put(out, 0, 2);
  return out;
}

TEST(Zip, OfTooManyFilesIsRefusedAndOfManyReadSoon) {
  const Folder folder;
  for (const char* prefix : {"", "d/"}) {
    const auto many = Records::open(folder.write("many.zip", zip_of(60'000, prefix)), {});
    ASSERT_FALSE(many);
    EXPECT_THAT(many.error().message, HasSubstr("more than 10,000 files"));
    const auto fine = Records::open(folder.write("fine.zip", zip_of(3'000, prefix)), {});
    ASSERT_FALSE(fine);
    EXPECT_THAT(fine.error().message, HasSubstr("3000 files")) << describe(fine.error());
  }
}

// ---- rows without end ----

TEST(BlankRows, AsManyAsASheetHasAreReadOverAndMoreAreRefused) {
  const Folder folder;
  const auto fine = folder.write("fine.csv", "unit,a\n1,2\n" + repeated("\n", 1'048'576) + "2,3\n");
  auto records = Records::open(fine, {});
  ASSERT_TRUE(records);
  std::size_t rows = 0;
  for (auto more = records->next(); more && *more; more = records->next()) ++rows;
  EXPECT_EQ(rows, 2U);
  auto endless = Records::open(folder.write("endless.csv", "unit,a\n1,2\n" + repeated("\n", 2'100'000) + "2,3\n"), {});
  ASSERT_TRUE(endless);
  EXPECT_TRUE(*endless->next());
  const auto refused = endless->next();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("blank rows"));
}

// ---- cancelling ----

TEST(Cancelled, ReadingSaysSoAndNotThatTheFileIsCutShort) {
  const Folder folder;
  std::string csv = "unit,a\n";
  for (int i = 0; i < 200'000; ++i) csv += std::to_string(i) + ",1\n";
  for (const auto& path : {folder.write("x.csv", csv), folder.write_zip("x.zip", {{"x.csv", csv}})}) {
    std::stop_source stop;
    auto records = Records::open(path, {.member = {}, .table = {}, .cancel = stop.get_token()});
    ASSERT_TRUE(records);
    ASSERT_TRUE(*records->next());
    stop.request_stop();
    const auto next = records->next();
    ASSERT_FALSE(next);
    EXPECT_EQ(next.error().code, ErrorCode::cancelled);
    const auto again = Records::open(path, {.member = {}, .table = {}, .cancel = stop.get_token()});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, ErrorCode::cancelled);
  }
}

}  // namespace
}  // namespace cotejo::test

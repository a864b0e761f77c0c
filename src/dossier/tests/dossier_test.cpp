#include "cotejo/dossier/dossier.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "../outlines.hpp"
#include "cotejo/base/hash.hpp"

namespace cotejo {
namespace {

namespace fs = std::filesystem;

void write(const fs::path& path, std::string_view text) {
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << text;
}
std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {(std::istreambuf_iterator<char>(in)), {}};
}

// A small audit on files of its own, with hostile text in every field.
class DossierTest : public testing::Test {
 protected:
  DossierTest() {
    std::string pattern = (fs::temp_directory_path() / "cotejo-dossier-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    write(folder_ / "profiles/p.toml",
          "schema = \"cotejo.profile/1\"\n[source]\ntitle = \"<script>alert(1)</script>\"\n[file]\npath = "
          "\"c.csv\"\n[count]\nid = \"x/final\"\ntitle = \"T & <b>\"\n"
          "contest = \"x/p\"\n[unit]\nkey = \"unit\"\n[[place]]\nlevel = \"school\"\nname = "
          "\"school\"\n[columns]\nregistered = \"n\"\nnull = \"void\"\n"
          "[[option]]\nid = \"A\"\nname = \"=HYPERLINK(\\\"http://evil\\\")\"\ncolumn = \"a\"\n[[option]]\nid = "
          "\"B\"\nname = \"B\"\ncolumn = \"b\"\n[rule]\nuse = \"plurality\"\n");
    write(folder_ / "data/c.csv",
          "unit,school,n,void,a,b\n1,\"<img src=x "
          "onerror=alert(1)>\",100,1,50,40\n2,S\x1b[31m,100,0,45,41\n3,S,100,2,30,20\n");
    write(folder_ / "data/o.csv", "unit\n1\n3\n");
    write(folder_ / "plans/p.toml",
          "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"P <script>\"\nquestion = \"Q?\"\nseed = 3\ndata = "
          "\"data\"\n[[input]]\nprofile = \"profiles/p.toml\"\n"
          "[[challenge]]\nid = \"o\"\ncount = \"x/final\"\nfile = \"o.csv\"\nby = \"<i>\"\nreason = \"r\"\nsource = "
          "\"s\"\n"
          "[[finding]]\nid = \"count\"\nmethod = \"count\"\ncount = \"x/final\"\n[[finding]]\nid = \"strike\"\nmethod "
          "= \"strike\"\ncount = \"x/final\"\nchallenges = [\"o\"]\n"
          "[[finding]]\nid = \"arithmetic\"\nmethod = \"arithmetic\"\ncount = \"x/final\"\n");
  }
  ~DossierTest() override {
    std::error_code ignored;
    fs::permissions(folder_, fs::perms::owner_all, ignored);
    fs::remove_all(folder_, ignored);
  }
  fs::path out() const { return folder_ / "out"; }
  Result<AuditDone> audit(std::optional<fs::path> key = {}) {
    return audit_into({.plan = folder_ / "plans/p.toml", .out = out(), .key = key}, context_);
  }
  void audit_or_die(std::optional<fs::path> key = {}) {
    const auto done = audit(key);
    ASSERT_TRUE(done) << describe(done.error());
  }
  std::vector<std::string> problems(bool rerun = false, std::optional<std::string> public_key = {}) {
    const auto report = verify({.dir = out(), .rerun = rerun, .public_key = public_key}, context_);
    EXPECT_TRUE(report) << describe(report.error());
    return report ? report->problems : std::vector<std::string>{};
  }
  // Exactly one problem, and it names what was tampered with.
  void expect_named(const std::vector<std::string>& found, std::string_view name) {
    ASSERT_FALSE(found.empty()) << "nothing was noticed of " << name;
    for (const auto& problem : found) EXPECT_NE(problem.find(name), std::string::npos) << problem;
  }
  void replace(const fs::path& path, const std::string& from, const std::string& to) {
    std::string text = read(path);
    const auto at = text.find(from);
    ASSERT_NE(at, std::string::npos) << from << " is not in " << path;
    write(path, text.replace(at, from.size(), to));
  }

  fs::path folder_;
  Context context_{.seed = 0};
};

TEST_F(DossierTest, HoldsEveryFileTheDesignNamesAndVerifies) {
  audit_or_die();
  for (const char* file : {"report.html", "findings.json", "findings/strike.json", "tables/strike.readings.csv",
                           "manifest.json", "plan.toml", "profiles/p.toml"})
    EXPECT_TRUE(fs::exists(out() / file)) << file;
  EXPECT_EQ(nlohmann::json::parse(read(out() / "findings.json"))[1]["id"], "strike");
  EXPECT_TRUE(problems().empty());
  EXPECT_TRUE(problems(true).empty());
}

// As `import` reads it: beside the profile first. Such a file is small and typed, and the dossier keeps it.
TEST_F(DossierTest, AFileBesideItsProfileIsReadAndKept) {
  write(folder_ / "profiles/c.csv", "unit,school,n,void,a,b\n1,S,100,1,7,3\n3,S,100,2,3,2\n");
  audit_or_die();
  EXPECT_EQ(read(out() / "profiles/c.csv"), read(folder_ / "profiles/c.csv"));
  EXPECT_NE(read(out() / "findings/count.json").find("A has 10 of 15"), std::string::npos)
      << read(out() / "findings/count.json");
  fs::remove(folder_ / "data/c.csv");
  EXPECT_TRUE(problems(true).empty());
  replace(out() / "profiles/c.csv", "7,3", "8,3");
  expect_named(problems(), "profiles/c.csv");
}

TEST(Outlines, AreThoseOfTheCountriesInViewOfAMapAndNoneWithoutAMap) {
  using Json = nlohmann::ordered_json;
  const auto found = [](const Json& figure) {
    std::vector<std::string> names;
    for (const auto& country : outlines_of(Json::array({{{"figures", Json::array({figure})}}})))
      names.push_back(country.at("name"));
    return names;
  };
  const Json la_paz{
      {"kind", "objected-map"},
      {"data", {{"columns", {"unit", "latitude", "longitude"}}, {"rows", {{"1", -16.5, -68.2}, {"2", -16.4, -68.0}}}}}};
  const auto has = [](const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  EXPECT_TRUE(has(found(la_paz), "Bolivia"));
  EXPECT_FALSE(has(found(la_paz), "Peru"));
  Json with_lima = la_paz;
  with_lima["data"]["cells"] = Json::array({Json::array({-77.0, -12.0, 3})});
  EXPECT_TRUE(has(found(with_lima), "Peru"));
  EXPECT_FALSE(has(found(with_lima), "France")) << "its parts overseas lie outside too";
  EXPECT_TRUE(found({{"kind", "bars"}, {"data", {{"columns", {"label"}}}}}).empty());
}

TEST_F(DossierTest, HasEveryPValueInOneTableThatNobodyCanTakeAway) {
  audit_or_die();
  const std::string evidence = read(out() / "tables/evidence.csv");
  EXPECT_EQ(evidence.substr(0, evidence.find('\r')),
            "finding,primary,answer,for_outcome,p_value,p_error,at_most,p_corrected,kind,null");
  EXPECT_EQ(std::count(evidence.begin(), evidence.end(), '\n'), 4) << "a header and three findings:\n" << evidence;
  EXPECT_NE(evidence.find("\nstrike,"), std::string::npos) << evidence;
  fs::remove(out() / "tables/evidence.csv");
  expect_named(problems(), "tables/evidence.csv");
}

TEST_F(DossierTest, IsTheSameFromRunToRunButForRuntime) {
  audit_or_die();
  std::map<std::string, std::string> first;
  for (const auto& entry : fs::recursive_directory_iterator(out()))
    if (entry.is_regular_file()) first[entry.path().lexically_relative(out()).string()] = read(entry.path());
  audit_or_die();
  for (const auto& [path, content] : first)
    EXPECT_TRUE(path == "runtime.json" || read(out() / path) == content) << path;
  EXPECT_EQ(read(out() / "findings.json").find("runtime"), std::string::npos);
  EXPECT_TRUE(nlohmann::json::parse(read(out() / "runtime.json"))["findings"].contains("strike"));
}

TEST_F(DossierTest, APlanLeadsToNoOtherDataFolderButItsPersonMay) {
  write(folder_ / "elsewhere/c.csv", read(folder_ / "data/c.csv"));
  write(folder_ / "elsewhere/o.csv", read(folder_ / "data/o.csv"));
  fs::create_directories(folder_ / "root/plans");
  fs::rename(folder_ / "plans/p.toml", folder_ / "root/plans/p.toml");
  fs::copy(folder_ / "profiles", folder_ / "root/profiles");
  fs::create_directory_symlink(folder_ / "elsewhere", folder_ / "root/data");
  const AuditRequest request{.plan = folder_ / "root/plans/p.toml", .out = out()};
  const auto led_out = audit_into(request, context_);
  ASSERT_FALSE(led_out);
  EXPECT_NE(led_out.error().remedy.find("--data"), std::string::npos) << describe(led_out.error());
  AuditRequest named = request;
  named.data = folder_ / "root/data";
  const auto done = audit_into(named, context_);
  EXPECT_TRUE(done) << describe(done.error());
}

TEST_F(DossierTest, TwoFindingsWhoseNamesDifferLittleHaveFilesOfTheirOwn) {
  std::string plan = read(folder_ / "plans/p.toml");
  for (const char* id : {"a.b", "a_b", "A_B"})
    plan += fmt::format("[[finding]]\nid = \"{}\"\nmethod = \"count\"\ncount = \"x/final\"\n", id);
  write(folder_ / "plans/p.toml", plan);
  audit_or_die();
  for (const char* name : {"findings/a.b.json", "findings/a_b.json", "findings/A_B~2.json", "tables/A_B.tally~2.csv"})
    EXPECT_TRUE(fs::exists(out() / name)) << name;
  EXPECT_TRUE(problems(true).empty());
}

TEST_F(DossierTest, AFindingChangedByOneDigitIsNamed) {
  audit_or_die();
  replace(out() / "findings/strike.json", "\"value\": 2.0", "\"value\": 3.0");
  expect_named(problems(), "findings/strike.json");
}

TEST_F(DossierTest, ADigitChangedTogetherWithTheManifestIsNamedByTheRerun) {
  audit_or_die();
  replace(out() / "findings.json", "\"value\": 2.0", "\"value\": 3.0");
  // A forger who knows the format makes the manifest fit.
  auto manifest = nlohmann::ordered_json::parse(read(out() / "manifest.json"));
  for (auto& file : manifest["files"])
    if (file["path"] == "findings.json") file["sha256"] = *sha256_of_file(out() / "findings.json");
  write(out() / "manifest.json", manifest.dump(1) + "\n");
  EXPECT_FALSE(problems().empty()) << "the finding's own file is another, and so is the line in SHA256SUMS";
  const auto again = problems(true);
  EXPECT_TRUE(std::any_of(again.begin(), again.end(), [](const std::string& problem) {
    return problem.find("finding strike: /") == 0;
  })) << again.size();
}

TEST_F(DossierTest, AnInputChangedByOneByteIsNamed) {
  audit_or_die();
  replace(folder_ / "data/c.csv", "50,40", "50,41");
  expect_named(problems(), "input c.csv");
  EXPECT_FALSE(problems(true).empty()) << "and nothing is computed from it";
}

TEST_F(DossierTest, AFileAddedOrRemovedIsNamed) {
  audit_or_die();
  write(out() / "tables/extra.csv", "x");
  expect_named(problems(), "tables/extra.csv: added");
  fs::remove(out() / "tables/extra.csv");
  fs::remove(out() / "tables/strike.readings.csv");
  expect_named(problems(), "tables/strike.readings.csv: removed");
}

TEST_F(DossierTest, AManifestThatListsNothingDoesNotHold) {
  audit_or_die();
  auto manifest = nlohmann::ordered_json::parse(read(out() / "manifest.json"));
  manifest["files"] = nlohmann::json::array();
  fs::remove_all(out());
  write(out() / "manifest.json", manifest.dump(1) + "\n");
  write(out() / "SHA256SUMS", sha256_of(read(out() / "manifest.json")) + "  manifest.json\n");
  write(out() / "runtime.json", "{\"schema\":\"cotejo.runtime/1\"}");
  const auto report = verify({.dir = out()}, context_);
  EXPECT_FALSE(report) << "findings.json is not there";
}

TEST_F(DossierTest, WhatIsNoRegularFileIsNamedWithoutBeingRead) {
  audit_or_die();
  const auto plan = read(out() / "plan.toml");
  write(folder_ / "elsewhere.toml", plan);
  fs::remove(out() / "plan.toml");
  fs::create_symlink(folder_ / "elsewhere.toml", out() / "plan.toml");
  EXPECT_NE(problems()[0].find("plan.toml"), std::string::npos);
  fs::remove(out() / "plan.toml");
  ASSERT_EQ(mkfifo((out() / "plan.toml").c_str(), 0600), 0);
  EXPECT_NE(problems()[0].find("plan.toml"), std::string::npos);
  fs::remove(out() / "plan.toml");
  write(out() / "plan.toml", plan);
  EXPECT_TRUE(problems().empty());
  fs::create_directory_symlink(folder_ / "data", out() / "more");
  expect_named(problems(), "more: added");
}

TEST_F(DossierTest, AManifestOfAMillionEntriesIsRefusedByItsSize) {
  audit_or_die();
  auto manifest = nlohmann::json::parse(read(out() / "manifest.json"));
  const auto entry = manifest["files"][0];
  for (int i = 0; i < 30'000; ++i) manifest["files"].push_back(entry);
  write(out() / "manifest.json", manifest.dump());
  const auto report = verify({.dir = out()}, context_);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::file_damaged);
}

TEST_F(DossierTest, ASignatureHoldsForItsManifestAndItsKeyOnly) {
  const auto key = make_key(folder_ / "k"), other = make_key(folder_ / "k2");
  ASSERT_TRUE(key && other);
  EXPECT_EQ(fs::status(folder_ / "k").permissions() & fs::perms::all, fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_FALSE(make_key(folder_ / "k")) << "a key is never overwritten";
  audit_or_die(folder_ / "k");
  EXPECT_TRUE(problems(false, *key).empty());
  EXPECT_TRUE(problems(false, read(folder_ / "k.pub")).empty()) << "as minisign writes it";
  EXPECT_TRUE(problems(true, *key).empty());
  expect_named(problems(false, *other), "manifest.json.pub");
  EXPECT_FALSE(verify({.dir = out(), .public_key = ""}, context_)) << "an empty key is none, and none is an error";
  replace(out() / "manifest.json", "\"seed\": 3", "\"seed\": 4");
  EXPECT_NE(problems()[0].find("manifest.json.minisig"), std::string::npos);
  for (const char* name : {"manifest.json.minisig", "manifest.json.sig", "manifest.json.pub"}) fs::remove(out() / name);
  EXPECT_NE(problems(false, *key)[0].find("not signed"), std::string::npos);
}

TEST_F(DossierTest, AnUnsignedDossierBeginsWithWhatThatMeans) {
  audit_or_die();
  const auto report = verify({.dir = out()}, context_);
  ASSERT_TRUE(report);
  EXPECT_TRUE(report->standing.starts_with("NOT SIGNED")) << report->standing;
}

TEST_F(DossierTest, AKeyPairIsWrittenWholeOrNotAtAll) {
  write(folder_ / "k.pub", "somebody's");
  EXPECT_FALSE(make_key(folder_ / "k"));
  EXPECT_FALSE(fs::exists(folder_ / "k"));
  EXPECT_FALSE(fs::exists(folder_ / "k.pem"));
  EXPECT_EQ(read(folder_ / "k.pub"), "somebody's");
}

TEST_F(DossierTest, AFolderThatAKilledAuditLeftIsRemovedByTheNext) {
  fs::create_directory(folder_ / ".cotejo-dossier-abcdef");
  write(folder_ / ".cotejo-dossier-abcdef/findings.json", "[]");
  audit_or_die();
  EXPECT_FALSE(fs::exists(folder_ / ".cotejo-dossier-abcdef"));
}

TEST_F(DossierTest, HostileTextIsInertInThePageAndInTheTables) {
  audit_or_die();
  const std::string page = read(out() / "report.html");
  EXPECT_EQ(page.find("<script>alert"), std::string::npos);
  EXPECT_EQ(page.find("<img"), std::string::npos);
  EXPECT_EQ(page.find('\x1b'), std::string::npos);
  EXPECT_NE(page.find("P &lt;script&gt;"), std::string::npos) << "the text itself must still be readable";
  // Where scripts run, the page draws itself from this: no '<' may stand in it.
  const std::string open = "<script type=\"application/json\" id=\"data\">";
  const auto begin = page.find(open) + open.size(), end = page.find("</script>", begin);
  const std::string data = page.substr(begin, end - begin);
  EXPECT_EQ(data.find('<'), std::string::npos);
  const auto report = nlohmann::json::parse(data);
  EXPECT_EQ(report["plan"]["title"], "P <script>");
  EXPECT_EQ(report["challenges"][0]["by"], "<i>");
  const std::string table = read(out() / "tables/count.tally.csv");
  EXPECT_NE(table.find("'=HYPERLINK"), std::string::npos) << table;
}

TEST_F(DossierTest, ThePageAllowsItsOwnScriptAndStyleAndNothingElse) {
  audit_or_die();
  const std::string page = read(out() / "report.html");
  EXPECT_NE(page.find("default-src 'none'; script-src 'sha256-"), std::string::npos);
  EXPECT_EQ(page.find("unsafe-"), std::string::npos);
  for (const char* mark : {"{{title}}", "{{core}}", "{{data}}"})
    EXPECT_EQ(page.find(mark), std::string::npos) << mark << " of the template was not filled";
  for (const char* fetched : {"<script src", "<img", "<link", "@import", "url(http", "url(\"", "url('"})
    EXPECT_EQ(page.find(fetched), std::string::npos) << fetched;
}

TEST_F(DossierTest, ThePageSaysWhatHoldsEvenWithoutItsScript) {
  audit_or_die();
  const std::string page = read(out() / "report.html");
  const auto core = page.substr(page.find("<body>"), page.find("<script type") - page.find("<body>"));
  const auto findings = nlohmann::json::parse(read(out() / "findings.json"));
  EXPECT_NE(core.find("Q?"), std::string::npos);
  for (const auto& finding : findings)
    EXPECT_NE(core.find(finding["answer"].get<std::string>()), std::string::npos) << finding["id"];
}

TEST_F(DossierTest, OnAnyErrorNothingIsWritten) {
  write(folder_ / "data/o.csv", "unit\n1\n99\n");
  const auto done = audit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::unit_unknown);
  EXPECT_EQ(done.error().value, "99");
  EXPECT_EQ(done.error().row, 3);
  EXPECT_FALSE(fs::exists(out()));
  for (const auto& entry : fs::directory_iterator(folder_))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".cotejo")) << entry.path();
}

TEST_F(DossierTest, AnEarlierDossierStaysWhenTheNewOneFails) {
  audit_or_die();
  const auto before = read(out() / "manifest.json");
  write(folder_ / "data/o.csv", "unit\n99\n");
  EXPECT_FALSE(audit());
  EXPECT_EQ(read(out() / "manifest.json"), before);
}

TEST_F(DossierTest, AFolderWithSomebodysFilesIsLeftAlone) {
  write(out() / "thesis.doc", "years of work");
  const auto done = audit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
  EXPECT_TRUE(fs::exists(out() / "thesis.doc"));
  fs::remove_all(out());
  audit_or_die();
  write(out() / "notes.txt", "mine");
  EXPECT_FALSE(audit());
  EXPECT_TRUE(fs::exists(out() / "notes.txt"));
}

TEST_F(DossierTest, AFileThatIsNotThePlansOwnIsRefused) {
  replace(folder_ / "plans/p.toml", "profile = \"profiles/p.toml\"\n",
          "profile = \"profiles/p.toml\"\nsha256 = \"" + std::string(64, 'a') + "\"\n");
  const auto done = audit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::conflict);
  EXPECT_NE(done.error().file.find("c.csv"), std::string::npos);
}

TEST_F(DossierTest, StoppingLeavesNothing) {
  std::stop_source source;
  context_.cancel = source.get_token();
  context_.progress = [&](std::string_view, double) { source.request_stop(); };
  const auto done = audit();
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ErrorCode::cancelled);
  EXPECT_FALSE(fs::exists(out()));
}

TEST_F(DossierTest, AManifestThatIsNoneIsAnErrorNotACrash) {
  audit_or_die();
  for (const char* text : {"", "[]", "{", "{\"schema\":\"cotejo.manifest/2\"}",
                           "{\"schema\":\"cotejo.manifest/2\",\"files\":[{\"path\":7}]}", "{\"schema\":3}"}) {
    write(out() / "manifest.json", text);
    const auto report = verify({.dir = out()}, context_);
    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, ErrorCode::file_damaged) << text;
  }
  write(out() / "manifest.json",
        "{\"schema\":\"cotejo.manifest/2\",\"synthetic\":false,\"inputs\":[],\"files\":[{\"path\":\"../../../etc/"
        "passwd\",\"sha256\":\"x\",\"bytes\":1}]}");
  const auto report = verify({.dir = out()}, context_);
  ASSERT_TRUE(report);
  EXPECT_NE(report->problems[0].find("outside"), std::string::npos);
}

}  // namespace
}  // namespace cotejo

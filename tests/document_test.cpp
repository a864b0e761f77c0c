// The document that is filed: made of a dossier with hostile text in it, and read back from what was written.
#include <fmt/format.h>

#include <cstdlib>

#include "cotejo/base/hash.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;

class Document : public testing::Test {
 protected:
  void SetUp() override {
    const auto at = [&](const char* name) { return folder_.path() / name; };
    write_text(
        at("profiles/p.toml"),
        "schema = \"cotejo.profile/1\"\n[source]\ntitle = \"s\"\n[file]\npath = \"c.csv\"\n[count]\nid = \"x/final\"\n"
        "title = \"Final\"\ncontest = \"x/p\"\n[unit]\nname = \"table\"\nkey = \"unit\"\n[columns]\nregistered = "
        "\"n\"\n"
        "null = \"void\"\n[[option]]\nid = \"A\"\nname = \"Ana <b>\"\ncolumn = \"a\"\n[[option]]\nid = \"B\"\nname = "
        "\"Bea\"\ncolumn = \"b\"\n[rule]\nuse = \"plurality\"\n");
    write_text(at("data/c.csv"), "unit,n,void,a,b\n1,100,1,50,40\n2,100,0,45,41\n3,100,2,30,20\n");
    write_text(at("data/o.csv"), "unit\n1\n");
    write_text(
        at("plans/p.toml"),
        "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"Title & <script>alert(1)</script>\"\nseed = 3\ndata = "
        "\"data\"\nauthor = \"The mission\"\ndate = \"2019-12-04\"\n[[question]]\nid = \"q\"\ntext = \"Who won, and "
        "would it be another without the table?\"\nprimary = true\nfindings = [\"count\", "
        "\"strike\"]\n[[input]]\nprofile "
        "= \"profiles/p.toml\"\n[[challenge]]\nid = \"o\"\ncount = \"x/final\"\nfile = \"o.csv\"\nby = \"M\"\nreason = "
        "\"r\"\nsource = \"s\"\n[[finding]]\nid = \"count\"\nmethod = \"count\"\ncount = \"x/final\"\n[[finding]]\nid "
        "= "
        "\"strike\"\nmethod = \"strike\"\ncount = \"x/final\"\nchallenges = [\"o\"]\n");
    const Ran ran = program({"audit", "plans/p.toml", "--out", "out"});
    ASSERT_EQ(ran.code, 0) << ran.err;
    manifest_ = sha256_of(read_text(folder_.path() / "out/manifest.json"));
  }
  Ran program(const std::vector<std::string>& words) const { return run_program(words, folder_.path()); }
  Ran written(const std::string& kind, const std::string& name, const std::string& language = "en") const {
    return program({"report", "out", "--to", kind, "--out", name, "--language", language});
  }
  // What a program prints of a file in the folder.
  std::string printed_by(const std::string& command) const {
    const fs::path out = folder_.path() / "printed";
    EXPECT_EQ(std::system(fmt::format("cd '{}' && {} > '{}'", folder_.path().string(), command, out.string()).c_str()),
              0)
        << command;
    return read_text(out);
  }
  static bool installed(const char* tool) {
    return std::system(fmt::format("command -v {} > /dev/null 2>&1", tool).c_str()) == 0;
  }

  const TemporaryFolder folder_;
  std::string manifest_;
};

const std::vector<std::string> told{"Who won, and would it be another without the table?",
                                    "won, by 24 votes to spare",
                                    "What this report does not show",
                                    "Author, date and signature",
                                    "The mission",
                                    "Annex A. The findings",
                                    "How far each reading is from another outcome",
                                    "Annex C. Words used",
                                    "The smallest place that reports votes: a polling table."};

void expect_all_in(std::string text, const std::vector<std::string>& parts = told) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  while (text.find("  ") != std::string::npos) text.replace(text.find("  "), 2, " ");
  for (const auto& part : parts) EXPECT_NE(text.find(part), std::string::npos) << part;
}

TEST_F(Document, AsHtmlHasRealHeadingsAndTablesAndNothingOfTheDataRuns) {
  ASSERT_EQ(written("html", "d.html").code, 0);
  const std::string html = read_text(folder_.path() / "d.html");
  expect_all_in(html);
  EXPECT_NE(html.find("<h2>1. Who won"), std::string::npos);
  EXPECT_NE(html.find("<th>outcome</th>"), std::string::npos);
  EXPECT_NE(html.find("<img src=\"data:image/svg+xml;base64,"), std::string::npos);
  EXPECT_NE(html.find(manifest_), std::string::npos);
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_NE(html.find("Ana &lt;b> won"), std::string::npos);
  ASSERT_EQ(written("html", "again.html").code, 0);
  EXPECT_EQ(html, read_text(folder_.path() / "again.html"));
}

TEST_F(Document, IsInSpanishWhereItIsAskedFor) {
  ASSERT_EQ(written("html", "d.html", "es").code, 0);
  const std::string html = read_text(folder_.path() / "d.html");
  EXPECT_NE(html.find("<html lang=\"es\">"), std::string::npos);
  expect_all_in(html, {"Lo que este informe no muestra", "Anexo A. Los hallazgos", "4 de diciembre de 2019",
                       "A cuántos votos, papeletas o escaños está el resultado de ser otro."});
  EXPECT_EQ(html.find("What this report does not show"), std::string::npos);
  EXPECT_NE(program({"report", "out", "--to", "html", "--out", "e.html", "--language", "xx"}).code, 0);
}

// Whoever has no jsc may have Node: the document is the same.
TEST_F(Document, IsTheSameFromEitherEngine) {
  if (!installed("jsc") || !installed("node")) GTEST_SKIP() << "jsc or node is not installed";
  ASSERT_EQ(written("html", "d.html").code, 0);
  fs::create_directories(folder_.path() / "bin");
  std::string node = printed_by("command -v node");
  node.pop_back();  // the end of the line
  fs::create_symlink(node, folder_.path() / "bin/node");
  printed_by(fmt::format("PATH='{}' '{}' report out --to html --out node.html", (folder_.path() / "bin").string(),
                         program_path()));
  EXPECT_EQ(read_text(folder_.path() / "d.html"), read_text(folder_.path() / "node.html"));
}

TEST_F(Document, IsNotMadeOfADossierThatDoesNotHoldNorInThePlaceOfAnotherFile) {
  write_text(folder_.path() / "there.html", "mine");
  EXPECT_NE(written("html", "there.html").code, 0);
  EXPECT_EQ(read_text(folder_.path() / "there.html"), "mine");
  write_text(folder_.path() / "out/answers.json", "{}");
  const Ran ran = written("html", "d.html");
  EXPECT_EQ(ran.code, 3) << ran.err;
  EXPECT_NE(ran.err.find("answers.json"), std::string::npos) << ran.err;
  EXPECT_FALSE(fs::exists(folder_.path() / "d.html"));
}

TEST_F(Document, AsPdfHasItsTextAnOutlineAndTheManifestsHashOnEveryPage) {
  if (!installed("weasyprint") || !installed("pdftotext")) GTEST_SKIP() << "weasyprint or pdftotext is not installed";
  const Ran ran = written("pdf", "d.pdf");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string text = printed_by("pdftotext -layout d.pdf -");
  expect_all_in(text);
  std::size_t pages = 0, hashes = 0;
  for (const char c : text) pages += c == '\f';
  for (auto at = text.find("manifest SHA-256 " + manifest_); at != std::string::npos;
       at = text.find("manifest SHA-256 " + manifest_, at + 1))
    ++hashes;
  EXPECT_GE(pages, 4U);
  EXPECT_EQ(hashes, pages);
  std::string close = text;
  std::erase(close, ' ');
  for (std::size_t page = 1; page <= pages; ++page)
    EXPECT_NE(close.find(fmt::format("{}{}/{}\n", manifest_, page, pages)), std::string::npos) << page;
  const std::string raw = read_text(folder_.path() / "d.pdf");
  EXPECT_NE(raw.find("/Outlines"), std::string::npos);
  EXPECT_NE(raw.find("pdfaid:part=\"3\""), std::string::npos);
  EXPECT_NE(printed_by("pdfinfo d.pdf").find("The mission"), std::string::npos) << "the author is in the metadata";
  EXPECT_NE(printed_by("pdfinfo d.pdf").find("Title & <script>"), std::string::npos);
  ASSERT_EQ(written("pdf", "again.pdf").code, 0);
  EXPECT_EQ(raw, read_text(folder_.path() / "again.pdf"));
}

TEST_F(Document, AsDocxHasRealHeadingsAndTables) {
  if (!installed("pandoc") || !installed("rsvg-convert") || !installed("unzip"))
    GTEST_SKIP() << "pandoc, rsvg-convert or unzip is not installed";
  const Ran ran = written("docx", "d.docx");
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string text = printed_by("pandoc --from=docx --to=html --wrap=none d.docx");
  expect_all_in(text);
  EXPECT_NE(text.find("<h1 id="), std::string::npos);
  EXPECT_NE(text.find("<h2 id="), std::string::npos);
  EXPECT_NE(text.find("<table>"), std::string::npos);
  EXPECT_NE(text.find("<th>outcome</th>"), std::string::npos);
  const std::string xml = printed_by("unzip -p d.docx word/document.xml");
  EXPECT_NE(xml.find("descr=\"How far each reading is from another outcome"), std::string::npos) << "its words";
  EXPECT_NE(printed_by("unzip -l d.docx").find(".png"), std::string::npos) << "a picture that Word shows";
  ASSERT_EQ(written("docx", "again.docx").code, 0);
  EXPECT_EQ(read_text(folder_.path() / "d.docx"), read_text(folder_.path() / "again.docx"));
}

}  // namespace
}  // namespace cotejo::test

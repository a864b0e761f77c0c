// docs/first-ten-minutes.md is what it says: every command in its ```console blocks is run in a folder with the two files
// made here, and must print what stands there. COTEJO_UPDATE_GOLDEN rewrites the document; read the difference.
#include <fmt/format.h>

#include <sstream>

#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;

// An invented country's results as a commission might publish them: ISO-8859-1, semicolons, a title, points for
// thousands, a row of totals. 1,200 tables, drawn from a fixed sequence.
std::string results() {
  unsigned state = 2024;
  const auto draw = [&](int below) {
    state = state * 1664525U + 1013904223U;
    return static_cast<int>((state >> 8U) % static_cast<unsigned>(below));
  };
  const auto grouped = [](long long value) {
    auto text = std::to_string(value);
    for (int at = static_cast<int>(text.size()) - 3; at > 0; at -= 3) text.insert(static_cast<std::size_t>(at), ".");
    return text;
  };
  std::string out =
      "Tribunal Electoral;;;;;;;;;;\nResultados definitivos por mesa;;;;;;;;;;\n"
      "Departamento;Municipio;Recinto;Mesa;Inscritos;Uni\xF3n;Frente;Alianza;V\xE1lidos;Blancos;Nulos\n";
  long long sums[7] = {};
  for (int i = 0; i < 1'200; ++i) {
    const int town = i / 30, precinct = i / 6;
    const int a = 350 + draw(700) + (town % 7) * 30, b = 300 + draw(640), c = draw(180), blank = draw(25),
              null = draw(45);
    const int valid = a + b + c, registered = valid + blank + null + 60 + draw(300);
    const int numbers[] = {registered, a, b, c, valid, blank, null};
    out +=
        fmt::format("Departamento {};Ciudad {};Escuela N\xBA {};{}", 1 + town / 8, 1 + town, 1 + precinct, 10'001 + i);
    for (int k = 0; k < 7; ++k) {
      out += ";" + grouped(numbers[k]);
      sums[k] += numbers[k];
    }
    out += "\n";
  }
  out += "Total;;;";
  for (const auto sum : sums) out += ";" + grouped(sum);
  return out + "\n";
}

std::string objected() {
  std::string out = "unit\n";
  for (int i = 0; i < 1'200; i += 25) out += fmt::format("{}\n", 10'001 + i);
  return out;
}

std::vector<std::string> words(const std::string& line) {
  std::vector<std::string> out;
  std::string word;
  bool quoted = false;
  for (const char c : line + " ") {
    if (c == '"')
      quoted = !quoted;
    else if (c == ' ' && !quoted) {
      if (!word.empty()) out.push_back(word);
      word.clear();
    } else {
      word += c;
    }
  }
  return out;
}

// Times, and the head of the case's chain, which holds them, differ from run to run and nothing else does.
std::string without_times(std::string text) {
  for (std::size_t at = 0; at + 20 <= text.size(); ++at)
    if (text[at] == '2' && text[at + 4] == '-' && text[at + 10] == 'T' && text[at + 19] == 'Z')
      text.replace(at, 20, "2026-01-01T00:00:00Z");
  constexpr std::size_t digits = 64;
  const std::string mark = ", head ";
  if (const auto at = text.find(mark); at != std::string::npos && at + mark.size() + digits <= text.size())
    text.replace(at + mark.size(), digits, std::string(digits, 'a'));
  return text;
}

TEST(FirstTenMinutes, TheDocumentIsWhatHappens) {
  const TemporaryFolder folder;
  write_text(folder.path() / "resultados.csv", results());
  write_text(folder.path() / "objected.csv", objected());
  const fs::path document = root() / "docs/first-ten-minutes.md";
  std::istringstream in(read_text(document));
  std::string updated, expected, said;
  std::string file, content;  // of a ```toml NAME block, which is a file that the stranger writes
  bool console = false;
  int commands = 0;
  const auto compare = [&] {
    if (!updating_golden()) {
      EXPECT_EQ(said, expected);
    }
    updated += said;
    said.clear();
    expected.clear();
  };
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("```")) {
      if (console) compare();
      console = line == "```console";
      if (!file.empty()) write_text(folder.path() / file, content);
      file = line.starts_with("```toml ") ? line.substr(8) : std::string();
      content.clear();
      updated += line + "\n";
      continue;
    }
    if (!console) {
      content += line + "\n";
      updated += line + "\n";
      continue;
    }
    if (!line.starts_with("$ ")) {
      expected += line + "\n";
      continue;
    }
    compare();
    updated += line + "\n";
    auto arguments = words(line.substr(2));
    ASSERT_GE(arguments.size(), 2U) << line;
    ASSERT_EQ(arguments[0], "cotejo") << line;
    const Ran ran = run_program({arguments.begin() + 1, arguments.end()}, folder.path());
    EXPECT_EQ(ran.code, 0) << line << "\n" << ran.err;
    said = without_times(ran.err + ran.out);
    ++commands;
  }
  EXPECT_GE(commands, 10);
  if (updating_golden()) write_text(document, updated);
}

}  // namespace
}  // namespace cotejo::test

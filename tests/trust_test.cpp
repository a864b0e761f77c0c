// docs/trust.md against both verifiers: ours, and the Python program that was written from the page.
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "cotejo/base/hash.hpp"
#include "cotejo/base/random.hpp"
#include "cotejo/dossier/dossier.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int tampered_dossiers = 300;

// A dossier's files, altered in memory.
struct Altered {
  std::map<std::string, std::string> files;
  std::map<std::string, std::string> links{};  // name -> target
};

std::map<std::string, std::string> files_of(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      out[entry.path().lexically_relative(folder).generic_string()] = read_text(entry.path());
  return out;
}

// Manifest and SHA256SUMS fit the files again, as somebody would who knows the format.
void make_fit(Altered& a) {
  auto manifest = Json::parse(a.files.at("manifest.json"));
  for (auto& file : manifest["files"]) {
    const auto found = a.files.find(file["path"].get<std::string>());
    if (found == a.files.end()) continue;
    file["sha256"] = sha256_of(found->second);
    file["bytes"] = found->second.size();
  }
  a.files["manifest.json"] = manifest.dump(1) + "\n";
  std::string sums = sha256_of(a.files["manifest.json"]) + "  manifest.json\n";
  for (const auto& file : manifest["files"])
    sums += fmt::format("{}  {}\n", file["sha256"].get<std::string>(), file["path"].get<std::string>());
  a.files["SHA256SUMS"] = sums;
}

void edit_manifest(Altered& a, const std::function<void(Json&)>& change) {
  auto manifest = Json::parse(a.files.at("manifest.json"));
  change(manifest);
  a.files["manifest.json"] = manifest.dump(1) + "\n";
  make_fit(a);
}

using Tamper = std::function<void(Altered&, Stream&)>;

std::string some_file(const Altered& a, Stream& random) {
  auto at = a.files.begin();
  std::advance(at, static_cast<std::ptrdiff_t>(random.uniform() * static_cast<double>(a.files.size())));
  return at->first == "runtime.json" ? "findings.json" : at->first;
}

void flip_a_byte(std::string& text, Stream& random) {
  const auto at = static_cast<std::size_t>(random.uniform() * static_cast<double>(text.size()));
  text[at] = static_cast<char>(text[at] ^ 1);
}

const std::vector<std::pair<std::string, Tamper>>& tampers() {
  static const std::vector<std::pair<std::string, Tamper>> all{
      {"a byte flipped", [](Altered& a, Stream& r) { flip_a_byte(a.files[some_file(a, r)], r); }},
      {"a file cut",
       [](Altered& a, Stream& r) {
         auto& text = a.files[some_file(a, r)];
         text.resize(text.size() / 2);
       }},
      {"a file removed", [](Altered& a, Stream& r) { a.files.erase(some_file(a, r)); }},
      {"a file added", [](Altered& a, Stream&) { a.files["summary.html"] = "<p>The winner is B.</p>"; }},
      {"a file added to the manifest too",
       [](Altered& a, Stream&) {
         a.files["summary.html"] = "<p>The winner is B.</p>";
         edit_manifest(a, [](Json& m) {
           m["files"].push_back({{"path", "summary.html"}, {"sha256", ""}, {"bytes", 0}});
         });
       }},
      {"a link added", [](Altered& a, Stream&) { a.links["more"] = "../../original"; }},
      {"a file replaced by a link to the same content",
       [](Altered& a, Stream&) {
         a.links["plan.toml"] = "../original/plan.toml";
         a.files.erase("plan.toml");
       }},
      {"a file dropped from folder and manifest",
       [](Altered& a, Stream&) {
         a.files.erase("findings/strike.json");
         edit_manifest(a, [](Json& m) {
           auto& files = m["files"];
           for (std::size_t i = 0; i < files.size(); ++i)
             if (files[i]["path"] == "findings/strike.json") files.erase(i--);
         });
       }},
      {"nothing left but a manifest that lists nothing",
       [](Altered& a, Stream&) {
         const auto manifest = a.files["manifest.json"];
         a.files = {{"manifest.json", manifest}, {"runtime.json", a.files["runtime.json"]}};
         edit_manifest(a, [](Json& m) { m["files"] = Json::array(); });
       }},
      {"another seed",
       [](Altered& a, Stream& r) {
         edit_manifest(a, [&](Json& m) { m["seed"] = 1 + static_cast<int>(r.uniform() * 1000); });
       }},
      {"another plan id", [](Altered& a, Stream&) { edit_manifest(a, [](Json& m) { m["plan"]["id"] = "other"; }); }},
      {"another hash of a count",
       [](Altered& a, Stream&) { edit_manifest(a, [](Json& m) { m["counts"][0]["sha256"] = std::string(64, 'a'); }); }},
      {"another number of units",
       [](Altered& a, Stream& r) {
         edit_manifest(a, [&](Json& m) { m["counts"][0]["units"] = 1000 + static_cast<int>(r.uniform() * 1000); });
       }},
      {"another size",
       [](Altered& a, Stream& r) {
         auto manifest = Json::parse(a.files["manifest.json"]);
         auto& file =
             manifest["files"][static_cast<std::size_t>(r.uniform() * static_cast<double>(manifest["files"].size()))];
         file["bytes"] = file["bytes"].get<int>() + 1;
         a.files["manifest.json"] = manifest.dump(1) + "\n";
       }},
      {"a number in findings.json, manifest fitted",
       [](Altered& a, Stream&) {
         auto& text = a.files["findings.json"];
         const auto at = text.find("\"margin_points\"");
         const auto digit = text.find_first_of("123456789", at + 20);
         text[digit] = text[digit] == '9' ? '8' : static_cast<char>(text[digit] + 1);
         make_fit(a);
       }},
      {"a number in a table, manifest fitted",
       [](Altered& a, Stream&) {
         auto& text = a.files["tables/strike.readings.csv"];
         const auto digit = text.find_last_of("123456789");
         text[digit] = text[digit] == '9' ? '8' : static_cast<char>(text[digit] + 1);
         make_fit(a);
       }},
      {"another schema",
       [](Altered& a, Stream&) { edit_manifest(a, [](Json& m) { m["schema"] = "cotejo.manifest/3"; }); }},
      {"a path twice",
       [](Altered& a, Stream&) { edit_manifest(a, [](Json& m) { m["files"].push_back(m["files"][0]); }); }},
      {"a path outside",
       [](Altered& a, Stream&) {
         edit_manifest(a, [](Json& m) { m["files"].push_back({{"path", "../x"}, {"sha256", "x"}, {"bytes", 1}}); });
       }},
      {"two lines of SHA256SUMS exchanged",
       [](Altered& a, Stream&) {
         auto& sums = a.files["SHA256SUMS"];
         const auto first = sums.find('\n') + 1;
         sums = sums.substr(first) + sums.substr(0, first);
       }},
      {"the signature of another manifest",
       [](Altered& a, Stream& r) {
         auto& text = a.files.contains("manifest.json.sig") ? a.files["manifest.json.sig"] : a.files["plan.toml"];
         flip_a_byte(text, r);
       }},
      {"part of the signature removed",
       [](Altered& a, Stream& r) {
         const char* names[] = {"manifest.json.minisig", "manifest.json.sig", "manifest.json.pub"};
         if (a.files.erase(names[static_cast<std::size_t>(r.uniform() * 3)]) == 0) a.files.erase("SHA256SUMS");
       }},
      {"a copy of a profile changed, manifest fitted",
       [](Altered& a, Stream&) {
         a.files["profiles/p.toml"] += "# changed\n";
         make_fit(a);
       }},
      {"a plan changed, manifest fitted",
       [](Altered& a, Stream&) {
         a.files["plan.toml"] += "# changed\n";
         make_fit(a);
       }},
      {"a finding dropped",
       [](Altered& a, Stream&) {
         auto findings = Json::parse(a.files["findings.json"]);
         findings.erase(findings.size() - 1);
         a.files["findings.json"] = findings.dump(1) + "\n";
         make_fit(a);
       }},
      {"the page changed, manifest fitted (found by --rerun or by the signature)",
       [](Altered& a, Stream&) {
         a.files["report.html"] += "<p>The winner is B.</p>";
         make_fit(a);
       }},
      {"a headline changed everywhere (found by --rerun or by the signature)",
       [](Altered& a, Stream&) {
         auto findings = Json::parse(a.files["findings.json"]);
         findings[0]["headline"] = "B won.";
         a.files["findings.json"] = findings.dump(1) + "\n";
         a.files["findings/" + findings[0]["id"].get<std::string>() + ".json"] = findings[0].dump(1) + "\n";
         make_fit(a);
       }},
  };
  return all;
}

void write_plan_and_data(const fs::path& folder) {
  write_text(
      folder / "profiles/p.toml",
      "schema = \"cotejo.profile/1\"\n[source]\ntitle = \"Returns\"\n[file]\npath = \"c.csv\"\n[count]\nid = "
      "\"x/final\"\ntitle = \"Final\"\ncontest = \"x/p\"\n[unit]\nkey = \"unit\"\n[columns]\nregistered = \"n\"\nnull "
      "= "
      "\"void\"\n[[option]]\nid = \"A\"\nname = \"Ana, \\\"la\\\"\"\ncolumn = \"a\"\n[[option]]\nid = \"B\"\nname = "
      "\"=B\"\ncolumn = \"b\"\n[rule]\nuse = \"plurality\"\n");
  write_text(folder / "data/c.csv", "unit,n,void,a,b\n1,100,1,50,40\n2,100,0,45,41\n3,100,2,30,20\n");
  write_text(folder / "data/o.csv", "unit\n1\n3\n");
  write_text(
      folder / "plans/p.toml",
      "schema = \"cotejo.plan/1\"\nid = \"p\"\ntitle = \"P\"\nquestion = \"Q?\"\nseed = 3\ndata = "
      "\"data\"\n[[input]]\nprofile = \"profiles/p.toml\"\n[[challenge]]\nid = \"o\"\ncount = \"x/final\"\nfile = "
      "\"o.csv\"\nby = \"M\"\nreason = \"r\"\nsource = \"s\"\n[[finding]]\nid = \"count\"\nmethod = \"count\"\ncount = "
      "\"x/final\"\n[[finding]]\nid = \"strike\"\nmethod = \"strike\"\ncount = \"x/final\"\nchallenges = "
      "[\"o\"]\n[[finding]]\nid = \"arithmetic\"\nmethod = \"arithmetic\"\ncount = \"x/final\"\n");
}

// The verdict of the Python program on each folder.
std::map<std::string, bool> verdicts_in_python(const fs::path& folder) {
  const std::string driver =
      "import importlib.util, os, sys\n"
      "spec = importlib.util.spec_from_file_location('v', sys.argv[1])\n"
      "v = importlib.util.module_from_spec(spec)\n"
      "spec.loader.exec_module(v)\n"
      "for name in sorted(os.listdir(sys.argv[2])):\n"
      "    try:\n"
      "        v.check(os.path.join(sys.argv[2], name), None)\n"
      "        print(name, 1)\n"
      "    except (v.Fault, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):\n"
      "        print(name, 0)\n";
  write_text(folder / "driver.py", driver);
  const std::string command = fmt::format("python3 '{}' '{}' '{}' > '{}'", (folder / "driver.py").string(),
                                          (root() / "docs/trust/verify_dossier.py").string(),
                                          (folder / "tampered").string(), (folder / "verdicts").string());
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  std::map<std::string, bool> out;
  std::istringstream in(read_text(folder / "verdicts"));
  std::string name;
  bool holds = false;
  while (in >> name >> holds) out[name] = holds;
  return out;
}

TEST(Trust, TwoVerifiersAgreeOn300TamperedDossiersAndNoneHoldsWhenItIsRunAgain) {
  const TemporaryFolder folder;
  const Context context{.seed = 0};
  write_plan_and_data(folder.path());
  ASSERT_TRUE(make_key(folder.path() / "k"));
  std::map<bool, std::map<std::string, std::string>> original;
  for (const bool is_signed : {false, true}) {
    const auto done = audit_into({.plan = folder.path() / "plans/p.toml",
                                  .out = folder.path() / "original",
                                  .key = is_signed ? std::optional(folder.path() / "k") : std::nullopt},
                                 context);
    ASSERT_TRUE(done) << describe(done.error());
    original[is_signed] = files_of(folder.path() / "original");
  }
  std::map<std::string, std::string> what;
  for (int i = 0; i < tampered_dossiers; ++i) {
    const auto& [text, tamper] = tampers()[static_cast<std::size_t>(i) % tampers().size()];
    const bool is_signed = i / static_cast<int>(tampers().size()) % 2 == 1;
    Stream random(20201021, Purpose::planted, static_cast<std::uint64_t>(i), 0);
    Altered altered{original[is_signed]};
    tamper(altered, random);
    const std::string name = fmt::format("{:03}", i);
    what[name] = fmt::format("{}: {}{}", name, text, is_signed ? ", signed" : "");
    for (const auto& [path, content] : altered.files) write_text(folder.path() / "tampered" / name / path, content);
    for (const auto& [path, target] : altered.links)
      fs::create_symlink(target, folder.path() / "tampered" / name / path);
  }
  for (const bool is_signed : {false, true})
    for (const auto& [path, content] : original[is_signed])
      write_text(folder.path() / "tampered" / (is_signed ? "whole-signed" : "whole") / path, content);

  const auto python = verdicts_in_python(folder.path());
  int found_without_rerun = 0;
  for (const auto& [name, text] : what) {
    const auto dir = folder.path() / "tampered" / name;
    const auto report = verify({.dir = dir}, context);
    const bool holds = report && report->problems.empty();
    found_without_rerun += !holds;
    ASSERT_TRUE(python.contains(name));
    EXPECT_EQ(python.at(name), holds) << text;
    const auto again = verify({.dir = dir, .rerun = true, .data = folder.path() / "data"}, context);
    EXPECT_FALSE(again && again->problems.empty()) << text;
  }
  EXPECT_GE(found_without_rerun, tampered_dossiers * 9 / 10);
  for (const char* name : {"whole", "whole-signed"}) {
    const auto report =
        verify({.dir = folder.path() / "tampered" / name, .rerun = true, .data = folder.path() / "data"}, context);
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->problems.empty()) << report->problems.front();
    EXPECT_TRUE(python.at(name));
  }
}

int exit_code(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Output, AFullDiskIsAnErrorAndAStderrThatNobodyReadsIsNone) {
  const TemporaryFolder folder;
  const auto program = program_path();
  for (const char* arguments : {"methods", "methods --json", "methods strike"})
    EXPECT_EQ(exit_code(fmt::format("'{}' {} > /dev/full 2>/dev/null", program, arguments)), 3) << arguments;
  EXPECT_EQ(exit_code(fmt::format("'{}' methods >&- 2>/dev/null", program)), 3) << "stdout closed";
  for (const char* nobody : {"2> /dev/full", "2>&-"}) {
    EXPECT_EQ(exit_code(fmt::format("'{}' methods {} > /dev/null", program, nobody)), 0) << nobody;
    EXPECT_EQ(exit_code(fmt::format("'{}' count '{}' {} > /dev/null", program,
                                    (folder.path() / "missing.cotejo").string(), nobody)),
              3)
        << nobody;
  }
}

// Kills at moments spread over the whole run: the dossier that was there is there, or the new one.
TEST(Trust, AKilledAuditLeavesAWholeDossierAndTheNextOneCleansUp) {
  const char* asked = std::getenv("COTEJO_KILLS");
  const int kills = asked ? std::atoi(asked) : 12;
  const TemporaryFolder folder;
  write_plan_and_data(folder.path());
  const auto out = folder.path() / "out";
  const AuditRequest request{.plan = folder.path() / "plans/p.toml", .out = out};
  ASSERT_TRUE(audit_into(request, {.seed = 0}));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_EQ(run_program({"audit", request.plan.string(), "--out", out.string()}, folder.path()).code, 0);
  const auto whole_run = std::chrono::duration<double>(std::chrono::steady_clock::now() - before);
  Stream random(20191020, Purpose::planted, 1, 0);
  for (int i = 0; i < kills; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      const int null = open("/dev/null", O_WRONLY);
      dup2(null, STDOUT_FILENO);
      dup2(null, STDERR_FILENO);
      const auto plan = request.plan.string(), place = out.string(), program = program_path();
      execl(program.c_str(), "cotejo", "audit", plan.c_str(), "--out", place.c_str(), nullptr);
      _exit(127);
    }
    std::this_thread::sleep_for(1.1 * random.uniform() * whole_run);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto report = verify({.dir = out}, {.seed = 0});
    ASSERT_TRUE(report) << "kill " << i << ": " << describe(report.error());
    ASSERT_TRUE(report->problems.empty()) << "kill " << i << ": " << report->problems[0];
  }
  ASSERT_TRUE(audit_into(request, {.seed = 0}));
  for (const auto& entry : fs::directory_iterator(folder.path()))
    EXPECT_FALSE(entry.path().filename().string().starts_with(".cotejo")) << entry.path();
}

TEST(Trust, OtherProgramsVerifyTheSignature) {
  const TemporaryFolder folder;
  write_plan_and_data(folder.path());
  ASSERT_TRUE(make_key(folder.path() / "k"));
  const auto out = folder.path() / "out";
  ASSERT_TRUE(
      audit_into({.plan = folder.path() / "plans/p.toml", .out = out, .key = folder.path() / "k"}, {.seed = 0}));
  const auto runs = [&](const std::string& command) {
    return std::system(fmt::format("cd '{}' && {} >/dev/null 2>&1", out.string(), command).c_str()) == 0;
  };
  EXPECT_TRUE(runs("sha256sum --strict -c SHA256SUMS"));
  const std::string openssl =
      "openssl pkeyutl -verify -pubin -inkey ../k.pem -rawin -in manifest.json -sigfile manifest.json.sig";
  const std::string minisign = "minisign -Vm manifest.json -p ../k.pub";
  EXPECT_TRUE(runs(openssl));
  EXPECT_TRUE(runs(minisign));
  write_text(out / "manifest.json", read_text(out / "manifest.json") + " ");
  EXPECT_FALSE(runs("sha256sum --strict -c SHA256SUMS"));
  EXPECT_FALSE(runs(openssl));
  EXPECT_FALSE(runs(minisign));
}

}  // namespace
}  // namespace cotejo::test

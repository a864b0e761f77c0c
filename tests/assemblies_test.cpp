// The assemblies typed in data/bodies: the published votes, every row of the reference files recomputed, the plan's dossier.
#include <sstream>

#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/methods/assembly/coalition.hpp"
#include "cotejo/methods/assembly/recount.hpp"
#include "cotejo/methods/assembly/seats.hpp"
#include "cotejo/vote/seats.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

namespace fs = std::filesystem;

const Assembly& oas() {
  static const Assembly a = [] {
    auto read = read_assembly(root() / "data/bodies/oas.toml");
    if (!read) throw std::runtime_error(describe(read.error()));
    return std::move(read->assembly);
  }();
  return a;
}

template <class Request>
Finding must(const Request& request) {
  auto finding = run(oas(), request, Context{});
  if (!finding) {
    ADD_FAILURE() << describe(finding.error());
    return {};
  }
  return std::move(*finding);
}

// Rows of a CSV file by column name.
std::vector<std::map<std::string, std::string>> rows_of(const fs::path& path) {
  auto records = Records::open(path, {});
  if (!records) throw std::runtime_error(describe(records.error()));
  std::vector<std::map<std::string, std::string>> out;
  for (;;) {
    const auto more = records->next();
    if (!more || !*more) return out;
    auto& row = out.emplace_back();
    for (std::size_t i = 0; i < records->header().size(); ++i)
      row[records->header()[i]] = std::string(records->cells()[i]);
  }
}

struct ReadingRow {
  std::int64_t yes = 0, no = 0, needed = 0, slack = 0;
  std::string outcome;
};

std::optional<ReadingRow> reading(const Finding& f, std::string_view name, std::string_view credential) {
  const Table& t = *f.table("readings");
  const auto at = [&](const std::vector<Cell>& row, const char* column) {
    return row[static_cast<std::size_t>(t.column(column))];
  };
  const std::string record = std::get<std::string>(at(t.rows[0], "record"));
  for (const auto& row : t.rows) {
    const auto& c = std::get<std::string>(row[1]);
    const bool same = c == credential || (credential == "counted" && c == "none-contested") ||
                      (credential == "not-counted" && (c == "VE not-counted"));
    if (std::get<std::string>(row[0]) != name || !same || std::get<std::string>(at(row, "record")) != record) continue;
    const auto whole = [&](const char* column) {
      const Cell cell = at(row, column);
      return std::holds_alternative<std::int64_t>(cell) ? std::get<std::int64_t>(cell) : -999;
    };
    return ReadingRow{whole("yes"), whole("no"), whole("needed"), whole("slack_seats"),
                      std::get<std::string>(at(row, "outcome"))};
  }
  return std::nullopt;
}

TEST(Oas, TheResolutionOf21October2020IsAdoptedWithAndWithoutTheContestedVote) {
  const auto f = must(RecountRequest{.roll_call = "GA50-2020-10-21", .of = "35,34,33"});
  EXPECT_EQ(f.answer, Answer::yes) << f.headline;
  const auto with = reading(f, "members", "counted"), without = reading(f, "members", "not-counted");
  ASSERT_TRUE(with && without);
  EXPECT_EQ(with->yes, 21);
  EXPECT_EQ(with->no, 4);
  EXPECT_EQ(with->needed, 18);
  EXPECT_EQ(with->slack, 3);
  EXPECT_EQ(with->outcome, "adopted");
  EXPECT_EQ(without->yes, 20);
  EXPECT_EQ(without->no, 4);
  EXPECT_EQ(without->slack, 2);
  EXPECT_EQ(without->outcome, "adopted");
  EXPECT_EQ(f.estimate("abstain")->value, 9);
  EXPECT_EQ(f.estimate("members")->value, 35);
}

TEST(Oas, WhoWasAMemberOn21October2020) {
  const auto f = must(SeatsRequest{.on = "2020-10-21"});
  EXPECT_EQ(f.estimate("members_least")->value, 34);
  EXPECT_EQ(f.estimate("members_most")->value, 35);
  EXPECT_EQ(f.estimate("good_standing")->value, 34) << "all but Cuba";
  EXPECT_EQ(f.estimate("contested_credentials")->value, 1);
  // Nicaragua left on 19 November 2023.
  EXPECT_EQ(must(SeatsRequest{.on = "2024-07-31"}).estimate("members_most")->value, 34);
  // 21 states in 1962.
  EXPECT_EQ(must(SeatsRequest{.on = "1962-01-31"}).estimate("members_most")->value, 21);
}

TEST(Oas, RemovalNeeds24Of35And23Of34And22Of33) {
  const auto f = must(CoalitionRequest{.motion = "removal", .on = "2020-10-21"});
  EXPECT_EQ(f.estimate("needed")->value, 24);
  EXPECT_EQ(
      f.estimate("declared_for")->value + f.estimate("declared_against")->value + f.estimate("undeclared")->value + 1,
      35)
      << "and Cuba, which cannot vote";
  const Table& t = *f.table("readings");
  std::set<std::pair<std::int64_t, std::int64_t>> thresholds;
  for (const auto& row : t.rows)
    thresholds.insert({std::get<std::int64_t>(row[static_cast<std::size_t>(t.column("denominator"))]),
                       std::get<std::int64_t>(row[static_cast<std::size_t>(t.column("needed"))])});
  EXPECT_TRUE(thresholds.contains({35, 24}));
  EXPECT_TRUE(thresholds.contains({34, 23}));
  EXPECT_TRUE(thresholds.contains({33, 22}));
}

TEST(Oas, DecisionsThatDependOnTheReading) {
  const auto f = must(RecountRequest{.of = "35,34,33"});
  const Table& t = *f.table("decisions");
  std::map<std::string, std::string> answers;
  for (const auto& row : t.rows)
    answers[std::get<std::string>(row[0])] = std::get<std::string>(row[static_cast<std::size_t>(t.column("answer"))]);
  EXPECT_EQ(answers.size(), 27u);
  for (const char* id : {"GA52-2022-10-06", "CP-2024-07-31", "CP1078-2017-04-03"})
    EXPECT_EQ(answers[id], "depends") << id;
  for (const char* id : {"GA50-2020-10-21", "CP1133-2019-08-28", "CP-2020-12-09", "AG2978-2021-11-12"})
    EXPECT_EQ(answers[id], "yes") << id;
  EXPECT_EQ(answers["CP-2019-12-18a"], "no");
}

// The reference files, where they are.
class Reference : public testing::Test {
 protected:
  void SetUp() override { COTEJO_NEEDS_DATA(); }
};

TEST_F(Reference, EveryVoteOfEveryStateIsAsPublished) {
  std::map<std::pair<std::string, std::string>, std::string> published;
  for (auto& row : rows_of(data() / "oas/votes.csv")) published[{row["event_id"], row["country_iso2"]}] = row["option"];
  EXPECT_EQ(published.size(), 627u);
  std::size_t listed = 0;
  for (RollCallIndex r = 0; r < oas().roll_calls.size(); ++r)
    for (MemberIndex m = 0; m < oas().members.size(); ++m) {
      const Ballot ballot = oas().ballot(r, m);
      if (ballot == Ballot::not_member || ballot == Ballot::not_recorded) continue;
      ++listed;
      const auto& key = std::pair{oas().roll_calls[r].id, oas().members[m].id};
      EXPECT_EQ(published[key], to_text(ballot)) << key.first << " " << key.second;
    }
  EXPECT_EQ(listed, published.size());
}

TEST_F(Reference, EveryRowOfTheRuleSensitivityTableIsRecomputed) {
  std::size_t compared = 0;
  for (auto& row : rows_of(data() / "oas/rule_sensitivity.csv")) {
    const std::string id = row["event_id"];
    const auto f = must(RecountRequest{.roll_call = id, .of = "35,34,33"});
    const auto counted = reading(f, "of-35", "counted");
    ASSERT_TRUE(counted) << id;
    EXPECT_EQ(std::to_string(counted->yes), row["yes"]) << id;
    EXPECT_EQ(std::to_string(counted->no), row["no"]) << id;
    const auto passes = [&](const char* name, const char* credential) {
      auto found = reading(f, name, credential);
      if (!found)
        found = reading(f, name, "counted");  // nobody contests the seat on that day: its vote is taken off below
      return found;
    };
    const auto same = [&](const char* column, bool ours) {
      ++compared;
      EXPECT_EQ(ours ? "True" : "False", row[column]) << id << " " << column;
    };
    same("passes_of_35", counted->outcome == "adopted");
    same("passes_of_34", passes("of-34", "counted")->outcome == "adopted");
    same("of_present", passes("present", "counted")->outcome == "adopted");
    same("of_present_and_voting", passes("present-and-voting", "counted")->outcome == "adopted");
    // Without the seat's vote: ours where it is contested; where nobody contested it then, the arithmetic.
    const bool was_yes = row["venezuela_option"] == "yes";
    const auto without33 = reading(f, "of-33", "not-counted");
    const auto plain33 = *passes("of-33", "counted");
    same("without_VE_of_33", without33 ? without33->outcome == "adopted" : plain33.yes - was_yes >= plain33.needed);
    const auto without34 = reading(f, "of-34", "not-counted");
    const auto plain34 = *passes("of-34", "counted");
    same("without_VE_still_18", without34 ? without34->outcome == "adopted" : plain34.yes - was_yes >= plain34.needed);
  }
  EXPECT_EQ(compared, 18u * 6u);
}

TEST_F(Reference, EveryRowOfTheRemovalCoalitionsTableIsRecomputed) {
  const auto f = must(CoalitionRequest{.motion = "removal", .on = "2020-10-21"});
  const Table& t = *f.table("scenarios");
  std::size_t compared = 0;
  for (auto& row : rows_of(data() / "oas/removal_coalitions.csv")) {
    const auto* ours = t.row(row["scenario"].substr(0, 2));
    ASSERT_NE(ours, nullptr) << row["scenario"];
    const auto at = [&](const char* column) { return (*ours)[static_cast<std::size_t>(t.column(column))]; };
    EXPECT_EQ(std::to_string(std::get<std::int64_t>(at("size"))), row["n"]) << row["scenario"];
    EXPECT_EQ(std::get<std::string>(at("members")), row["members"]) << row["scenario"];
    EXPECT_EQ(std::to_string(std::get<std::int64_t>(at("short_of_members"))), row["short_of_24_of_35"])
        << row["scenario"];
    EXPECT_EQ(std::to_string(std::get<std::int64_t>(at("short_of_good_standing"))), row["short_of_23_of_34"])
        << row["scenario"];
    EXPECT_EQ(std::to_string(std::get<std::int64_t>(at("short_without_disputed"))), row["short_of_22_of_33_without_VE"])
        << row["scenario"];
    ++compared;
  }
  EXPECT_EQ(compared, 7u);
}

TEST_F(Reference, EveryRecallAndEliminationMarkIsKept) {
  // Each row of the members' table that says "by recall", and each vote that the completeness column calls so.
  for (auto& row : rows_of(data() / "oas/oas_members.csv")) {
    if (row["source"].find("by recall") == std::string::npos || row["deposited"].empty()) continue;
    const auto member = oas().find_member(row["iso2"]);
    bool marked = false;
    for (const auto& e : oas().events)
      marked = marked || (e.body == "OAS" && e.member == *member && e.kind == EventKind::accession &&
                          e.fact.mark == Mark::recall);
    EXPECT_TRUE(marked) << row["iso2"];
  }
  std::size_t eliminated = 0;
  for (const auto& r : oas().roll_calls)
    for (const auto& mark : r.marks) eliminated += mark.mark == Mark::elimination;
  EXPECT_EQ(eliminated, 11u) << "2 + 2 + 2 named in the completeness column, and 5 abstentions";
}

TEST(OasDossier, ThePlanRunsAndIsRunAgain) {
  TemporaryFolder folder;
  const auto audit = run_program({"audit", (root() / "plans/oas-2020.toml").string(), "--out", "out"}, folder.path());
  ASSERT_EQ(audit.code, 0) << audit.err;
  const auto findings = nlohmann::json::parse(read_text(folder.path() / "out/findings.json"));
  std::set<std::string> ids;
  for (const auto& f : findings) {
    ids.insert(f.at("id").get<std::string>());
    EXPECT_NE(f.at("answer"), "undetermined") << f.at("headline");
    EXPECT_TRUE(says_what_it_means_for_the_outcome(f)) << f.at("id");
  }
  for (const char* id : {"seats-2020-10-21", "recount-ga50", "recount-all", "coalition-removal", "mandate"})
    EXPECT_TRUE(ids.contains(id)) << id;
  const auto answers = nlohmann::json::parse(read_text(folder.path() / "out/answers.json")).at("answers");
  const auto states = [&](const char* question, const char* part) {
    std::string sentence;
    for (const auto& answer : answers)
      if (answer.at("id") == question) sentence = answer.at("sentence");
    EXPECT_NE(sentence.find(part), std::string::npos) << question << ": " << sentence;
  };
  states("adopted",
         "was adopted by 21 to 4 with 9 abstentions; without the contested vote of Venezuela it would also have been "
         "adopted (20 in favour, 18 needed)");
  states("other-decisions", "5 of 27 decisions since 1962 depend on the reading");
  states("other-decisions", "in 1 of them a contested seat alone decides");
  states("removal", "needed 24 of 35 votes: 1 had been declared for it, 16 against");
  const auto verified = run_program({"verify", "out", "--rerun"}, folder.path());
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
}

TEST(OasDossier, ACaseHoldsTheAssemblyOnceAndGivesItBack) {
  TemporaryFolder folder;
  const std::string tables = (root() / "data/bodies/oas.toml").string();
  const auto first = run_program({"import", "oas.cotejo", tables}, folder.path());
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_NE(run_program({"import", "oas.cotejo", tables}, folder.path()).out.find("already there"), std::string::npos);
  const auto listed = nlohmann::json::parse(run_program({"list", "oas.cotejo", "--json"}, folder.path()).out);
  EXPECT_EQ(listed.at("assemblies").at(0).at("sha256"), oas().sha256);
  EXPECT_EQ(listed.at("assemblies").at(0).at("revision"), 1);
  const auto recount = run_program(
      {"run", "oas.cotejo", "recount", "--assembly", "oas", "--roll-call", "GA50-2020-10-21", "--json"}, folder.path());
  ASSERT_EQ(recount.code, 0) << recount.err;
  EXPECT_EQ(estimate(nlohmann::json::parse(recount.out), "slack_seats"), 3);
  EXPECT_EQ(run_program({"check-case", "oas.cotejo"}, folder.path()).code, 0);
  const auto long_csv = run_program({"export", "oas.cotejo", "assembly", "oas", "--out", "-"}, folder.path());
  EXPECT_EQ(long_csv.out, votes_csv(oas()));
  const auto memberships =
      run_program({"export", "oas.cotejo", "assembly", "oas", "--format", "timeline", "--out", "-"}, folder.path());
  EXPECT_EQ(memberships.out, timeline_csv(oas()));
}

}  // namespace
}  // namespace cotejo::test

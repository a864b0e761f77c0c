#include "cotejo/methods/assembly/power.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "cotejo/finding/finding.hpp"
#include "cotejo/intake/assembly_reader.hpp"

namespace cotejo {
namespace {

Assembly made(const std::string& text) {
  auto assembly = parse_assembly(
      "schema = \"cotejo.assembly/1\"\n[assembly]\nid = \"t\"\ntitle = \"Test\"\nsource = \"made here\"\n" + text,
      "test.toml");
  EXPECT_TRUE(assembly) << (assembly ? "" : describe(assembly.error()));
  return assembly ? std::move(*assembly) : Assembly{};
}

std::string members(const std::vector<std::string>& ids) {
  std::string out;
  for (const auto& id : ids) out += "[[member]]\nid = \"" + id + "\"\nname = \"" + id + "\"\n";
  return out;
}

Finding power_of(const Assembly& assembly, const PowerRequest& request = {}) {
  auto finding = run(assembly, request, {});
  EXPECT_TRUE(finding) << (finding ? "" : describe(finding.error()));
  return finding ? std::move(*finding) : Finding{};
}

template <class T>
T cell(const Finding& finding, std::string_view member, std::string_view column) {
  const Table* table = finding.table("power");
  if (!table || !table->row(member) || table->column(column) < 0) {
    ADD_FAILURE() << member << ' ' << column;
    return T{};
  }
  return std::get<T>((*table->row(member))[static_cast<std::size_t>(table->column(column))]);
}

// Shapley & Shubik (1954) for the council of 1965 on: 421/2145 and 4/2145; swings 848, 84, in all 5,080.
TEST(Power, GivesTheSecurityCouncil) {
  std::vector<std::string> ids;
  std::string vetoes;
  for (int i = 0; i < 15; ++i) ids.push_back((i < 5 ? "P" : "E") + std::to_string(i));
  for (int i = 0; i < 5; ++i) vetoes += (i ? ", \"P" : "\"P") + std::to_string(i) + "\"";
  const auto finding = power_of(
      made(members(ids) +
           "[[rule]]\nid = \"r\"\ntitle = \"Nine of fifteen\"\nmajority = \"9/15\"\nof = \"members\"\nveto = [" +
           vetoes + "]\n"));
  EXPECT_EQ(cell<std::string>(finding, "P0", "swings"), "848");
  EXPECT_EQ(cell<std::string>(finding, "E14", "swings"), "84");
  EXPECT_EQ(finding.estimate("total_swings")->value, 5080);
  EXPECT_EQ(cell<std::string>(finding, "P4", "shapley_shubik"), "421/2145");
  EXPECT_EQ(cell<std::string>(finding, "E5", "shapley_shubik"), "4/2145");
  EXPECT_EQ(cell<double>(finding, "P0", "prevent"), 1.0);
}

constexpr const char* community = R"(
[[weight]]
name = "votes"
values = { FR = 4, DE = 4, IT = 4, BE = 2, NL = 2, LU = 1 }
[[rule]]
id = "r"
title = "Twelve of seventeen"
majority = "12/17"
of = "members"
weight = "votes"
)";

// docs/methods/power.md: the European Economic Community of 1958: 10/42, 6/42, 0.
TEST(Power, GivesTheCommunityOf1958WhereOneMemberHasNone) {
  const auto finding = power_of(made(members({"FR", "DE", "IT", "BE", "NL", "LU"}) + community));
  EXPECT_NEAR(cell<double>(finding, "IT", "banzhaf_percent"), 1000.0 / 42, 1e-12);
  EXPECT_NEAR(cell<double>(finding, "BE", "banzhaf_percent"), 600.0 / 42, 1e-12);
  EXPECT_EQ(cell<double>(finding, "LU", "banzhaf_percent"), 0);
  EXPECT_EQ(finding.estimate("total_swings")->value, 42);
}

// A rule with "or": checked against every one of the 2^n sets.
TEST(Power, WorksOutWaysThatAreAlternativesExactly) {
  const std::vector<std::int64_t> people{50, 40, 30, 20, 10, 5, 3};
  const auto assembly = made(members({"A", "B", "C", "D", "E", "F", "G"}) + R"(
[[weight]]
name = "people"
values = { A = 50, B = 40, C = 30, D = 20, E = 10, F = 5, G = 3 }
[[rule]]
id = "double"
title = "Members and people, or all but two members"
[[rule.way]]
name = "double majority"
[[rule.way.majority]]
name = "members"
threshold = "11/20"
[[rule.way.majority]]
name = "people"
threshold = "13/20"
weight = "people"
[[rule.way]]
name = "no blocking minority"
[[rule.way.majority]]
name = "members"
threshold = "5/7"
)");
  const auto finding = power_of(assembly);
  const auto wins = [&](unsigned set) {
    int count = 0;
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < 7; ++i)
      if (set >> i & 1U) ++count, sum += people[i];
    return (count * 20 >= 11 * 7 && sum * 20 >= 13 * 158) || count >= 5;
  };
  std::int64_t winning = 0, total = 0;
  std::vector<std::int64_t> swings(7);
  std::vector<double> shapley(7);
  for (unsigned set = 0; set < 128; ++set) {
    winning += wins(set);
    for (std::size_t i = 0; i < 7; ++i)
      if (!(set >> i & 1U) && !wins(set) && wins(set | 1U << i)) {
        ++swings[i];
        ++total;
        const int s = __builtin_popcount(set);
        shapley[i] += std::tgamma(s + 1) * std::tgamma(7 - s) / std::tgamma(8);
      }
  }
  EXPECT_NEAR(finding.estimate("act")->value, static_cast<double>(winning) / 128, 1e-12);
  for (std::size_t i = 0; i < 7; ++i) {
    const std::string id(1, static_cast<char>('A' + i));
    EXPECT_EQ(cell<std::string>(finding, id, "swings"), std::to_string(swings[i])) << id;
    EXPECT_NEAR(cell<double>(finding, id, "shapley_shubik_percent"), 100 * shapley[i], 1e-9) << id;
    EXPECT_NEAR(cell<double>(finding, id, "banzhaf_percent"),
                100.0 * static_cast<double>(swings[i]) / static_cast<double>(total), 1e-9);
  }
}

// A member whose exit is disputed: 3 of 4 at two thirds with it, 2 of 3 without.
TEST(Power, GivesAnIntervalWhereAMembershipIsDisputed) {
  const auto assembly = made(members({"A", "B", "C", "D"}) + R"(
[[body]]
id = "O"
name = "O"
founded = "1990"
in_force = "1990-01-01"
[[event]]
body = "O"
members = ["A", "B", "C", "D"]
kind = "accession"
date = "1990-01-01"
[[event]]
body = "O"
member = "D"
kind = "denunciation"
date = "2000-01-01"
effective = "2002-01-01"
disputed_by = ["D"]
[[rule]]
id = "r"
body = "O"
title = "Two thirds"
majority = "2/3"
of = "members"
)");
  const auto finding = power_of(assembly, {.body = "O", .on = "2010-01-01"});
  EXPECT_EQ(finding.estimate("members")->value, 4);
  EXPECT_EQ(finding.estimate("needed")->value, 3);
  EXPECT_EQ(finding.estimate("needed")->low, 2.0);
  EXPECT_EQ(cell<double>(finding, "A", "banzhaf_low_percent"), 25);
  EXPECT_NEAR(cell<double>(finding, "A", "banzhaf_high_percent"), 100.0 / 3, 1e-12);
  EXPECT_EQ(cell<double>(finding, "D", "banzhaf_low_percent"), 0);
  EXPECT_EQ(cell<double>(finding, "D", "banzhaf_high_percent"), 25);
}

TEST(Power, GivesUnionsTheirPowerAsOne) {
  const auto assembly =
      made(members({"A", "B", "C"}) + "[[bloc]]\nid = \"b\"\nname = \"b\"\nmembers = [\"A\", \"B\"]\n");
  const auto finding = power_of(assembly, {.majority = ">1/2", .unions = "blocs"});
  // The union of two decides alone: by halves between them, and nothing is left to C.
  EXPECT_NEAR(cell<double>(finding, "A", "owen_percent"), 50, 1e-9);
  EXPECT_NEAR(cell<double>(finding, "C", "owen_percent"), 0, 1e-9);
}

// Two hundred different weights near a sum of 10^6: Banzhaf is one table, Shapley-Shubik a hundred of them.
TEST(Power, LeavesOutWhatWouldTakeTooLongAndSaysSo) {
  std::vector<std::string> ids;
  std::string values;
  for (int i = 0; i < 200; ++i) {
    ids.push_back(fmt::format("m{:03}", i));
    values += fmt::format("{}{} = {}", i ? ", " : "", ids.back(), 4000 + i);
  }
  const auto finding =
      power_of(made(members(ids) + "[[weight]]\nname = \"w\"\nvalues = { " + values +
                    " }\n[[rule]]\nid = \"r\"\ntitle = \"Half\"\nmajority = \"51/100\"\nweight = \"w\"\n"
                    "of = \"members\"\n"));
  EXPECT_GT(cell<double>(finding, "m199", "banzhaf_percent"), cell<double>(finding, "m000", "banzhaf_percent"));
  EXPECT_TRUE(std::holds_alternative<std::monostate>((*finding.table("power")->row(
      "m000"))[static_cast<std::size_t>(finding.table("power")->column("shapley_shubik_percent"))]));
  ASSERT_EQ(finding.caveats.size(), 1U);
  EXPECT_NE(finding.caveats[0].find("Shapley-Shubik is left out"), std::string::npos);
}

TEST(Power, RefusesWhatItCannotMean) {
  const auto assembly = made(members({"A", "B", "C"}));
  const auto code = [&](const PowerRequest& request) {
    const auto finding = run(assembly, request, {});
    EXPECT_FALSE(finding);
    return finding ? ErrorCode::internal : finding.error().code;
  };
  EXPECT_EQ(code({}), ErrorCode::input_insufficient);
  EXPECT_EQ(code({.rule_id = "x"}), ErrorCode::option_invalid);
  EXPECT_EQ(code({.majority = "3/2"}), ErrorCode::option_invalid);
  EXPECT_EQ(code({.majority = "half"}), ErrorCode::option_invalid);
  EXPECT_EQ(code({.majority = "1/2", .weight = "x"}), ErrorCode::option_invalid);
  EXPECT_EQ(code({.majority = "1/2", .unions = "blocs"}), ErrorCode::input_insufficient);
  EXPECT_EQ(code({.on = "tomorrow"}), ErrorCode::option_invalid);
}

}  // namespace
}  // namespace cotejo

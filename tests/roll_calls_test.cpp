// Published roll calls: the 90th US Senate against the published W-NOMINATE, the UN General Assembly as it is.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "cotejo/exchange/roll_calls.hpp"
#include "cotejo/intake/records.hpp"
#include "cotejo/stats/item_response.hpp"
#include "cotejo/stats/nominate.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

const Context two_threads{.seed = 1, .threads = 2};

Assembly must_read(const char* profile) {
  auto assembly = read_roll_calls(root() / "profiles" / profile, data(), {});
  if (!assembly) throw std::runtime_error(describe(assembly.error()));
  return std::move(*assembly);
}

KeptResponses senate_votes(const Assembly& senate) {
  ResponseMatrix all{.subjects = senate.members.size(), .items = senate.roll_calls.size(), .cells = {}};
  for (MemberIndex i = 0; i < all.subjects; ++i)
    for (RollCallIndex j = 0; j < all.items; ++j) {
      const Ballot ballot = senate.ballot(j, i);
      all.cells.push_back(ballot == Ballot::yes || ballot == Ballot::paired_yes ? 1
                          : ballot == Ballot::no || ballot == Ballot::paired_no ? -1
                                                                                : 0);
    }
  return keep_informative(all, 0.025, 20);
}

double order_correlation(const std::vector<double>& a, const std::vector<double>& b) {
  const auto ranks = [](const std::vector<double>& v) {
    std::vector<std::size_t> order(v.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t i, std::size_t k) { return v[i] < v[k]; });
    std::vector<double> out(v.size());
    for (std::size_t r = 0; r < order.size(); ++r) out[order[r]] = static_cast<double>(r);
    return out;
  };
  const auto ra = ranks(a), rb = ranks(b);
  double squares = 0;
  for (std::size_t i = 0; i < ra.size(); ++i) squares += (ra[i] - rb[i]) * (ra[i] - rb[i]);
  const auto n = static_cast<double>(ra.size());
  return 1 - 6 * squares / (n * (n * n - 1));
}

// The published coordinates of one dimension beside ours; members without published ones are left out.
double agreement_with_published(const Assembly& senate, const KeptResponses& kept, const std::vector<double>& ours,
                                std::size_t dimensions, std::size_t k) {
  auto records = Records::open(data() / "../reference/sen90-wnominate.csv", {});
  if (!records) throw std::runtime_error(describe(records.error()));
  std::map<std::string, double> published;
  for (;;) {
    const auto more = records->next();
    if (!more || !*more) break;
    const std::string cell(records->cells()[1 + k]);
    if (cell != "NA") published[std::string(records->cells()[0])] = std::stod(cell);
  }
  std::vector<double> a, b;
  for (std::size_t i = 0; i < kept.subject.size(); ++i)
    if (const auto found = published.find(senate.members[kept.subject[i]].id); found != published.end()) {
      a.push_back(ours[i * dimensions + k]);
      b.push_back(found->second);
    }
  EXPECT_GT(a.size(), 95U);
  return std::abs(order_correlation(a, b));
}

// Published W-NOMINATE: 39,132 of 46,440 votes told right in two dimensions (84.26 %), APRE 0.4758, GMP 0.7062.
TEST(RollCallSets, SenateIsToldAsWellAsByThePublishedNominateAndInTheSameOrder) {
  COTEJO_NEEDS_DATA();
  const auto senate = must_read("us-senate-90.toml");
  EXPECT_EQ(senate.members.size(), 102U);
  EXPECT_EQ(senate.roll_calls.size(), 596U);
  const auto kept = senate_votes(senate);
  EXPECT_EQ(kept.item.size(), 519U);
  EXPECT_EQ(kept.responses.answers(), 46'440U);
  const auto spatial = nominate(kept.responses, {.dimensions = 2}, two_threads);
  ASSERT_TRUE(spatial);
  EXPECT_GE(spatial->fit.right, 39'132U);
  EXPECT_GE(spatial->fit.proportional_reduction, 0.4757532);
  EXPECT_GE(spatial->fit.geometric_mean, 0.7062269);
  if (!std::filesystem::exists(data() / "../reference/sen90-wnominate.csv")) GTEST_SKIP() << "no published coordinates";
  EXPECT_GT(agreement_with_published(senate, kept, spatial->coordinates, 2, 0), 0.98);
  const auto bayes = item_response(kept.responses, {.draws = 250}, two_threads);
  ASSERT_TRUE(bayes);
  EXPECT_GT(agreement_with_published(senate, kept, bayes->mean, 1, 0), 0.98);
}

TEST(RollCallSets, GeneralAssemblyIsReadWholeAndItsAbsencesAreInferred) {
  COTEJO_NEEDS_DATA();
  const auto assembly = must_read("un-general-assembly.toml");
  std::size_t votes = 0;
  for (const auto ballot : assembly.ballots) {
    const auto b = static_cast<Ballot>(ballot);
    votes += b == Ballot::yes || b == Ballot::no || b == Ballot::abstain;
  }
  EXPECT_EQ(votes, 869'937U);
  EXPECT_EQ(assembly.roll_calls.size(), 6'202U);
  ASSERT_FALSE(assembly.caveats.empty());
  EXPECT_NE(assembly.caveats.front().find("inferred"), std::string::npos);
}

}  // namespace
}  // namespace cotejo::test

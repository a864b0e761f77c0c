// The first proposal for each published file against the profile written by hand: the same units, the same rows set aside,
// the same totals. Files that are no counts: the question, or the kind, that is right for them.
#include <gmock/gmock.h>

#include "cotejo/intake/propose.hpp"
#include "cotejo/intake/reader.hpp"
#include "support.hpp"

namespace cotejo::test {
namespace {

using Totals = std::vector<std::int64_t>;

std::int64_t total(std::span<const std::int32_t> column) {
  std::int64_t sum = 0;
  for (const auto value : column) sum += value == missing ? 0 : value;
  return sum;
}

// Of the options, from the largest to the smallest: their order and ids are the writer's choice.
Totals totals_of(const Count& count) {
  Totals options;
  for (std::size_t i = 0; i < count.options(); ++i) options.push_back(total(count.option(i)));
  std::sort(options.rbegin(), options.rend());
  for (const auto* column : {&count.registered, &count.cast, &count.valid, &count.blank, &count.null})
    options.push_back(total(*column));
  options.push_back(static_cast<std::int64_t>(count.units()));
  options.push_back(static_cast<std::int64_t>(count.rejected.size()));
  return options;
}

class ByHand : public testing::TestWithParam<const char*> {};
TEST_P(ByHand, AndTheFirstProposalGiveTheSameTotals) {
  COTEJO_NEEDS_DATA();
  const auto written = read_profile(root() / "profiles" / GetParam());
  ASSERT_TRUE(written) << describe(written.error());
  const auto file = data() / written->path;
  const auto expected = read_count(*written, file, {});
  ASSERT_TRUE(expected) << describe(expected.error());

  const auto proposal = propose(file, {.member = written->format.member}, {});
  ASSERT_TRUE(proposal) << describe(proposal.error());
  for (const auto& question : proposal->questions) FAIL() << question.text;
  const auto parsed = parse_profile(proposal->toml, "proposed.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_count(*parsed, file, {});
  ASSERT_TRUE(count) << describe(count.error());
  auto right = totals_of(*expected);
  if (written->cast.given()) {
    EXPECT_EQ(totals_of(*count), right) << proposal->toml;
    return;
  }
  // Where the writer left ballots cast out, a proposal may have found them: they are valid, blank and null votes together.
  const auto cast = expected->options() + 1;
  const auto found = totals_of(*count);
  if (found[cast] != 0) right[cast] = right[cast + 1] + right[cast + 2] + right[cast + 3];
  EXPECT_EQ(found, right) << proposal->toml;
}
INSTANTIATE_TEST_SUITE_P(Profiles, ByHand,
                         testing::Values("bolivia-2019-computo.toml", "bolivia-2019-trep-1940.toml",
                                         "bolivia-2019-trep-1829.toml", "bolivia-2020-precincts.toml",
                                         "bolivia-2020-partial.toml", "poland-2020-1.toml", "russia-2011.toml",
                                         "russia-2018.toml", "uganda-2016.toml"));

// Added up with pandas: 29,224 tables, NO 2,645,048, SÍ 2,506,562, blank 68,005, null 190,223, cast 5,409,838.
TEST(Proposals, TheReferendumOf2016IsReadWithoutAProfileByHand) {
  COTEJO_NEEDS_DATA();
  const auto file = data() / "bolivia-2016/votos_totales.zip";
  const auto proposal = propose(file, {}, {});
  ASSERT_TRUE(proposal && proposal->questions.empty());
  const auto parsed = parse_profile(proposal->toml, "proposed.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto count = read_count(*parsed, file, {});
  ASSERT_TRUE(count) << describe(count.error());
  EXPECT_EQ(totals_of(*count),
            (Totals{2'645'048, 2'506'562, 6'243'079, 5'409'838, 5'151'610, 68'005, 190'223, 29'224, 0}));
}

struct NoCount {
  const char *file, *option, *says;
};
class NoCounts : public testing::TestWithParam<NoCount> {};
TEST_P(NoCounts, AreAskedAboutWithTheReason) {
  COTEJO_NEEDS_DATA();
  const auto proposal = propose(data() / GetParam().file, {}, {});
  ASSERT_TRUE(proposal) << describe(proposal.error());
  ASSERT_EQ(proposal->questions.size(), 1U) << proposal->toml;
  EXPECT_EQ(proposal->questions[0].option, GetParam().option);
  EXPECT_THAT(proposal->questions[0].text, testing::HasSubstr(GetParam().says));
}
INSTANTIATE_TEST_SUITE_P(
    Files, NoCounts,
    testing::Values(NoCount{"bolivia-2019/trep_evolution.csv", "--option", "only grow from row to row"},
                    NoCount{"bolivia-2019/precinct-codes-national.zip", "--option", "no header speaks of valid"},
                    NoCount{"bolivia-2019/precinct-codes-abroad.csv", "--option", "no header speaks of valid"},
                    NoCount{"bolivia-2019/urb_rural.csv", "--option", "as codes do"},
                    NoCount{"bolivia-2019/challenges/oas-226.csv", "--option", "a list, not a count"},
                    NoCount{"roll-calls/un_votes.zip", "--option", "as in a roll call"},
                    NoCount{"roll-calls/sen90_votes.csv", "--option", "as codes do"},
                    NoCount{"oas/votes.csv", "--option", "as in a roll call"}));

TEST(Proposals, UnitCodesAreACrosswalk) {
  COTEJO_NEEDS_DATA();
  const auto file = data() / "bolivia-2019/unit-codes-and-arrival.zip";
  const auto proposal = propose(file, {}, {});
  ASSERT_TRUE(proposal && proposal->questions.empty());
  const auto parsed = parse_profile(proposal->toml, "proposed.toml");
  ASSERT_TRUE(parsed) << describe(parsed.error());
  const auto crosswalk = read_crosswalk(*parsed, file, {});
  ASSERT_TRUE(crosswalk) << describe(crosswalk.error());
  EXPECT_EQ(crosswalk->rows.size(), 34'017U);
}

}  // namespace
}  // namespace cotejo::test

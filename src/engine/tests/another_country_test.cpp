#include "cotejo/engine/another_country.hpp"

#include <gtest/gtest.h>

namespace cotejo {
namespace {

std::vector<CountEntry> holding(const std::vector<std::string>& ids) {
  std::vector<CountEntry> out;
  for (const auto& id : ids) {
    out.emplace_back();
    out.back().id = CountId{id};
  }
  return out;
}

TEST(AnotherCountry, IsAskedAboutWhenNoCountOfTheCaseIsOfTheSame) {
  EXPECT_NE(another_country(holding({"bo-2019/computo"}), CountId{"pl-2020-1/final"}), "");
  EXPECT_EQ(another_country(holding({"bo-2019/computo"}), CountId{"bo-2020/precincts"}), "");
  EXPECT_EQ(another_country(holding({"bo-2019/computo", "pl-2020-1/final"}), CountId{"pl-2020-2/final"}), "")
      << "it was answered before";
}

TEST(AnotherCountry, IdsWithoutACountryAndEmptyCasesAreNotJudged) {
  EXPECT_EQ(another_country({}, CountId{"bo-2019/computo"}), "");
  EXPECT_EQ(another_country(holding({"demo/official"}), CountId{"bo-2019/computo"}), "");
  EXPECT_EQ(another_country(holding({"bo-2019/computo"}), CountId{"my-count/final"}), "") << "no year, no country";
  EXPECT_EQ(another_country(holding({"bo-2019/computo"}), CountId{"x"}), "");
}

}  // namespace
}  // namespace cotejo

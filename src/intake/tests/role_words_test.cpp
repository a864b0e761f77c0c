// Headers and names in several languages: what they stand for, and that a party named like a column is an option.
#include "cotejo/intake/role_words.hpp"

#include <gtest/gtest.h>

namespace cotejo::test {
namespace {

struct Name {
  const char* text;
  NameKind kind;
};
class Names : public testing::TestWithParam<Name> {};
TEST_P(Names, InAColumnOfOptionsAreUnderstoodOnlyAsAWhole) {
  EXPECT_EQ(name_kind(GetParam().text), GetParam().kind) << GetParam().text;
}
INSTANTIATE_TEST_SUITE_P(
    RoleWords, Names,
    testing::Values(Name{"Registered Voters", NameKind::registered}, Name{"Ballots Cast", NameKind::cast},
                    Name{"Total Ballots", NameKind::cast}, Name{"Over", NameKind::over_votes},
                    Name{"Overvotes", NameKind::over_votes}, Name{"Over Votes", NameKind::over_votes},
                    Name{"Under Votes", NameKind::under_votes}, Name{"Undervote", NameKind::under_votes},
                    Name{"Write-In Totals", NameKind::write_in_total},
                    Name{"Total Write-ins", NameKind::write_in_total}, Name{"Total", NameKind::total},
                    Name{"TOTALS", NameKind::total}, Name{"Votos en blanco", NameKind::blank},
                    Name{"Votos nulos", NameKind::null}, Name{"Blancs", NameKind::blank},
                    Name{"geldige stembiljetten", NameKind::valid}, Name{"opgeroepen kiezers", NameKind::registered},
                    Name{"Schede bianche", NameKind::blank}, Name{"Abstentions", NameKind::abstention},
                    Name{"Overton, Jim", NameKind::option}, Name{"Blank Page", NameKind::option},
                    Name{"Registered Nurses", NameKind::option}, Name{"Alianza PAIS", NameKind::option},
                    Name{"Share Our Wealth", NameKind::option}, Name{"Valid Vote Party", NameKind::option},
                    Name{"Write-In: Scattered", NameKind::option}, Name{"Write-ins", NameKind::option},
                    Name{"Total Change", NameKind::option}));

TEST(RoleWords, OfATotalStandAloneOrInAText) {
  EXPECT_TRUE(is_total_word("TOTALS"));
  EXPECT_TRUE(is_total_word("Subtotal:"));
  EXPECT_FALSE(is_total_word("Upper total"));
  EXPECT_TRUE(has_total_word("Upper total"));
  EXPECT_FALSE(has_total_word("Totality"));
}

TEST(RoleWords, OfAnAnnulmentAndOfAFlag) {
  EXPECT_TRUE(is_annulment_word("Invalidated"));
  EXPECT_TRUE(is_annulment_word("ANULADA"));
  EXPECT_FALSE(is_annulment_word("Validated"));
  EXPECT_TRUE(is_flag_word("TRUE"));
  EXPECT_TRUE(is_flag_word("N"));
  EXPECT_FALSE(is_flag_word("North"));
}

}  // namespace
}  // namespace cotejo::test

#include "cotejo/stats/response_matrix.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace cotejo {
namespace {

ResponseMatrix matrix(std::size_t subjects, std::vector<std::int8_t> cells) {
  return {.subjects = subjects, .items = cells.size() / subjects, .cells = std::move(cells)};
}

TEST(ResponseMatrix, LeavesOutLopsidedItemsFirstAndThenSilentSubjects) {
  const auto all = matrix(4, {1, 1, 0, 1,    //
                              1, 1, 0, -1,   //
                              1, -1, 0, 0,   //
                              1, 0, 0, 0});  // answers the unanimous item only
  const auto kept = keep_informative(all, 0.025, 1);
  EXPECT_EQ(kept.lopsided_items, (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(kept.silent_subjects, (std::vector<std::size_t>{3}));
  EXPECT_EQ(kept.item, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(kept.responses.cells, (std::vector<std::int8_t>{1, 1, 1, -1, -1, 0}));
  EXPECT_EQ(kept.responses.answers(), 5U);
  EXPECT_EQ(keep_informative(all, 0.4, 1).item, (std::vector<std::size_t>{3}));  // 1 of 3 is less than 40 %
}

// Without the last subject, who answers too little, nobody says no to the second item.
TEST(ResponseMatrix, LeavesOutWhatHasNoMinorityAmongThoseWhoAreKept) {
  const auto kept = keep_informative(matrix(3, {1, 1, 1,    //
                                                -1, 1, -1,  //
                                                0, -1, 0}),
                                     0.025, 2);
  EXPECT_EQ(kept.subject, (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(kept.item, (std::vector<std::size_t>{0, 2}));
}

TEST(ResponseMatrix, CountsAgreementOnWhatBothAnswered) {
  const auto agreement = agreement_of(matrix(3, {1, 1, 0, -1,   //
                                                 1, -1, 1, -1,  //
                                                 0, 0, -1, 0}));
  EXPECT_EQ(agreement.both, (std::vector<std::uint32_t>{3, 3, 0, 3, 4, 1, 0, 1, 1}));
  EXPECT_EQ(agreement.alike, (std::vector<std::uint32_t>{3, 2, 0, 2, 4, 0, 0, 0, 1}));
}

// Subjects on a line, every item a cut between two neighbours: the scaling finds the order.
TEST(ResponseMatrix, ScalingFindsTheOrderOfAPerfectScale) {
  constexpr std::size_t n = 70;
  ResponseMatrix line{.subjects = n, .items = n - 1, .cells = {}};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j + 1 < n; ++j) line.cells.push_back(i <= j ? 1 : -1);
  const auto x = scaled_agreement(agreement_of(line), 1);
  double squares = 0;
  for (std::size_t i = 0; i < n; ++i) squares += x[i] * x[i];
  EXPECT_NEAR(squares, n, 1e-6);
  for (std::size_t i = 1; i < n; ++i) EXPECT_GT((x[i] - x[i - 1]) * (x[n - 1] - x[0]), 0) << i;
}

TEST(ResponseMatrix, ScalingGivesNoDimensionToThoseWhoAllAgree) {
  const auto x = scaled_agreement(agreement_of(matrix(3, {1, 1, 1, 1, 1, 1})), 1);
  EXPECT_EQ(x, (std::vector<double>{0, 0, 0}));
}

}  // namespace
}  // namespace cotejo

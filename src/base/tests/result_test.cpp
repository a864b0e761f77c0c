#include "cotejo/base/result.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/base/http_status.hpp"
#include "cotejo/base/units.hpp"

namespace cotejo {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error{.code = ErrorCode::value_invalid, .message = "odd", .value = std::to_string(value)};
  return value / 2;
}
Result<void> must_be_small(int value) {
  if (value > 100) return Error{.code = ErrorCode::conflict, .message = "too large"};
  return {};
}
Result<int> quarter(int value) {
  COTEJO_CHECK(must_be_small(value));
  COTEJO_TRY(first, half(value));
  COTEJO_TRY(second, half(first));
  return second;
}

TEST(Result, HoldsAValueOrAnErrorNeverBoth) {
  ASSERT_TRUE(half(8));
  EXPECT_EQ(*half(8), 4);
  const auto refused = half(7);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::value_invalid);
  EXPECT_EQ(refused.error().value, "7");
}

TEST(Result, TryAndCheckHandOnTheFirstError) {
  EXPECT_EQ(*quarter(12), 3);
  EXPECT_EQ(quarter(6).error().value, "3");  // the second halving
  EXPECT_EQ(quarter(5).error().value, "5");  // the first
  EXPECT_EQ(quarter(104).error().code, ErrorCode::conflict);
}

TEST(Result, MovesWhatCannotBeCopied) {
  const auto make = []() -> Result<std::unique_ptr<int>> { return std::make_unique<int>(7); };
  std::unique_ptr<int> taken = *make();
  ASSERT_NE(taken, nullptr);
  EXPECT_EQ(*taken, 7);
}

// Other programs rely on these names and numbers: a change here is a break, and the list only grows.
TEST(Error, CodesNamesExitCodesAndHttpStatusesAreThePublishedOnes) {
  struct Row {
    ErrorCode code;
    int number;
    const char* name;
    int exit_code, http_status;
  };
  const Row rows[] = {{ErrorCode::file_missing, 1, "file_missing", 3, 404},
                      {ErrorCode::file_damaged, 2, "file_damaged", 3, 422},
                      {ErrorCode::file_write, 3, "file_write", 3, 500},
                      {ErrorCode::column_missing, 4, "column_missing", 3, 422},
                      {ErrorCode::value_invalid, 5, "value_invalid", 3, 422},
                      {ErrorCode::unit_duplicate, 6, "unit_duplicate", 3, 422},
                      {ErrorCode::unit_unknown, 7, "unit_unknown", 3, 404},
                      {ErrorCode::profile_invalid, 8, "profile_invalid", 3, 422},
                      {ErrorCode::plan_invalid, 9, "plan_invalid", 3, 422},
                      {ErrorCode::method_unknown, 10, "method_unknown", 3, 404},
                      {ErrorCode::option_invalid, 11, "option_invalid", 3, 422},
                      {ErrorCode::count_unknown, 12, "count_unknown", 3, 404},
                      {ErrorCode::challenge_invalid, 13, "challenge_invalid", 3, 422},
                      {ErrorCode::case_invalid, 14, "case_invalid", 3, 422},
                      {ErrorCode::conflict, 15, "conflict", 3, 409},
                      {ErrorCode::input_insufficient, 16, "input_insufficient", 3, 422},
                      {ErrorCode::verification_failed, 17, "verification_failed", 3, 422},
                      {ErrorCode::cancelled, 18, "cancelled", 5, 409},
                      {ErrorCode::usage, 19, "usage", 2, 400},
                      {ErrorCode::internal, 20, "internal", 4, 500},
                      {unauthorized, 21, "unauthorized", 3, 401},
                      {forbidden, 22, "forbidden", 3, 403},
                      {too_large, 23, "too_large", 3, 413},
                      {busy, 24, "busy", 3, 429},
                      {path_unknown, 25, "path_unknown", 3, 404}};
  for (const Row& row : rows) {
    EXPECT_EQ(static_cast<int>(row.code), row.number) << row.name;
    EXPECT_EQ(name_of(row.code), row.name);
    EXPECT_EQ(exit_code_of(row.code), row.exit_code) << row.name;
    EXPECT_EQ(http_status_of(row.code), row.http_status) << row.name;
  }
}

TEST(Error, DescribeNamesFileRowColumnValueAndRemedy) {
  const Error error{.code = ErrorCode::value_invalid,
                    .message = "expected a whole number",
                    .file = "acta.csv",
                    .row = 7,
                    .column = "MAS",
                    .value = "12,5",
                    .remedy = "Correct the cell."};
  EXPECT_EQ(describe(error),
            "acta.csv, row 7, column 'MAS': expected a whole number (value: '12,5'). Correct the cell.");
}

TEST(Error, DescribeLeavesOutWhatIsNotKnown) {
  EXPECT_EQ(describe({.code = ErrorCode::usage, .message = "no command"}), "no command");
  EXPECT_EQ(describe({.message = "is empty", .file = "a.zip"}), "a.zip: is empty");
}

TEST(Error, DescribeIsInertWhateverTheDataHold) {
  const std::string evil =
      "a\x1b]0;owned\x07\n\xE2\x80\xAE"
      "b\xff";
  const auto text = describe({.message = evil, .file = evil, .column = evil, .value = evil, .remedy = evil});
  for (const char c : text) EXPECT_GE(static_cast<unsigned char>(c), 0x20) << text;
  EXPECT_EQ(text.find("\xE2\x80\xAE"), std::string::npos) << text;
  EXPECT_EQ(text.find('\xff'), std::string::npos) << text;
}

TEST(ParallelFor, CoversEveryIndexOnceOnAnyNumberOfThreads) {
  for (const unsigned threads : {1U, 2U, 7U})
    for (const std::size_t n : {0UL, 1UL, 3UL, 1000UL, 4097UL}) {
      std::vector<std::atomic<int>> visits(n);
      Context context;
      context.threads = threads;
      EXPECT_TRUE(parallel_for(context, n, "stage", [&](std::size_t i) { ++visits[i]; }));
      for (std::size_t i = 0; i < n; ++i)
        ASSERT_EQ(visits[i], 1) << "index " << i << " of " << n << " on " << threads << " threads";
    }
}

TEST(ParallelFor, StopsSoonWhenCancelledAndSaysSo) {
  for (const unsigned threads : {1U, 4U}) {
    std::stop_source source;
    Context context;
    context.threads = threads;
    context.cancel = source.get_token();
    std::atomic<std::size_t> done = 0;
    constexpr std::size_t n = 100'000;
    EXPECT_FALSE(parallel_for(context, n, "stage", [&](std::size_t) {
      if (++done == 50) source.request_stop();
    }));
    EXPECT_GE(done, 50U);
    EXPECT_LT(done, 50U + 64U) << threads << " threads";  // those under way may end, no new ones begin
  }
}

TEST(ParallelFor, DoesNothingWhenCancelledBefore) {
  std::stop_source source;
  source.request_stop();
  Context context;
  context.cancel = source.get_token();
  bool called = false;
  EXPECT_FALSE(parallel_for(context, 10, "stage", [&](std::size_t) { called = true; }));
  EXPECT_FALSE(called);
  EXPECT_EQ(cancelled_error().code, ErrorCode::cancelled);
}

TEST(ParallelFor, ReportsOneCallAtATimeFromZeroToOne) {
  Context context;
  context.threads = 4;
  std::atomic<int> inside = 0;
  std::vector<double> fractions;
  context.progress = [&](std::string_view stage, double fraction) {
    EXPECT_EQ(++inside, 1) << "two calls at once";
    EXPECT_EQ(stage, "counting");
    fractions.push_back(fraction);
    --inside;
  };
  ASSERT_TRUE(parallel_for(context, 10'000, "counting", [](std::size_t) {}));
  ASSERT_GE(fractions.size(), 100U);
  EXPECT_THAT(fractions, testing::Each(testing::AllOf(testing::Gt(0), testing::Le(1))));
}

TEST(Units, PercentOfNothingIsNotANumber) {
  EXPECT_DOUBLE_EQ(percent_of(1, 8).value, 12.5);
  EXPECT_TRUE(percent_of(1, 0).value != percent_of(1, 0).value);
  EXPECT_DOUBLE_EQ(to_share(to_percent(Share{.25})).value, .25);
}

}  // namespace
}  // namespace cotejo

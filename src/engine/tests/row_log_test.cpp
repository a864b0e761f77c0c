#include "cotejo/engine/row_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>

namespace cotejo {
namespace {

namespace fs = std::filesystem;

const std::string key(64, 'a'), other_key(64, 'b');

class RowLogs : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_); }
  void TearDown() override { fs::remove_all(folder_); }
  // Two calls of 100 rows; stops after so many rows, if any. How many rows were computed, and the sums.
  struct Run {
    std::size_t computed = 0;
    std::optional<std::vector<double>> first, second;
  };
  Run run(std::size_t stop_after, unsigned rank = 0, unsigned ranks = 1) {
    auto log = RowLog::open(path_, key, rank);
    EXPECT_TRUE(log) << describe(log.error());
    std::stop_source stop;
    std::atomic<std::size_t> computed = 0;
    Context context{.seed = 1, .threads = 2, .cancel = stop.get_token()};
    context.rank = rank;
    context.ranks = ranks;
    const auto body = [&](std::size_t i, std::span<double> row) {
      Stream stream(context.seed, Purpose::hold_out, i);
      for (auto& x : row) x = stream.normal();
      if (++computed == stop_after) stop.request_stop();
    };
    Run out;
    out.first = kept_rows_over_ranks(context, &*log, 100, 3, "one", body);
    if (out.first) out.second = kept_rows_over_ranks(context, &*log, 100, 2, "two", body);
    out.computed = computed;
    return out;
  }
  fs::path folder_ = fs::path(testing::TempDir()) / ("rows-" + std::to_string(::getpid()));
  fs::path path_ = folder_ / "rows";
};

TEST_F(RowLogs, AnInterruptedRunGoesOnWithTheSameBits) {
  const Run whole = run(0);
  ASSERT_TRUE(whole.second);
  EXPECT_EQ(whole.computed, 200U);
  remove_rows(path_);
  const Run stopped = run(130);
  EXPECT_FALSE(stopped.second);
  const Run after = run(0);
  EXPECT_EQ(after.computed, 200 - stopped.computed);
  EXPECT_EQ(after.first, whole.first);
  EXPECT_EQ(after.second, whole.second);
}

TEST_F(RowLogs, ARecordCutShortOrDamagedIsComputedAgain) {
  const Run whole = run(0);
  const auto size = fs::file_size(path_);
  fs::resize_file(path_, size - 5);
  const Run cut = run(0);
  EXPECT_EQ(cut.computed, 1U);
  EXPECT_EQ(cut.second, whole.second);
  EXPECT_EQ(fs::file_size(path_), size);
  {
    std::fstream file(path_, std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(static_cast<std::streamoff>(size / 2));
    file.put('x');
  }
  const Run damaged = run(0);
  EXPECT_GT(damaged.computed, 1U);
  EXPECT_EQ(damaged.first, whole.first);
  EXPECT_EQ(damaged.second, whole.second);
}

TEST_F(RowLogs, RowsOfAnotherRunAndForeignFilesAreLeftAlone) {
  run(0);
  const auto size = fs::file_size(path_);
  const auto other = RowLog::open(path_, other_key);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::conflict);
  EXPECT_EQ(fs::file_size(path_), size);
  std::ofstream(folder_ / "notes") << "not rows at all";
  EXPECT_EQ(RowLog::open(folder_ / "notes", key).error().code, ErrorCode::conflict);
  EXPECT_EQ(fs::file_size(folder_ / "notes"), 15U);
  EXPECT_EQ(RowLog::open(folder_ / "absent/rows", key).error().code, ErrorCode::file_write);
}

TEST_F(RowLogs, RowsOfSeveralRanksAreGoneOnFromByOne) {
  run(0, 0, 2);
  run(0, 1, 2);
  EXPECT_TRUE(fs::exists(path_.string() + ".1"));
  EXPECT_EQ(run(0).computed, 0U);
  remove_rows(path_);
  EXPECT_TRUE(fs::is_empty(folder_));
}

}  // namespace
}  // namespace cotejo

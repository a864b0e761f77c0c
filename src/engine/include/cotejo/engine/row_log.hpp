// Rows of a long computation, kept in a file as they are computed, so that a run that was interrupted goes on from them
// with the same bits.
//
// File: a line that says what it is, a line with the key of the run (64 hexadecimal digits: method, inputs, options, seed,
// version), then records (call, width, row, values, check) in the machine's own byte order. Records are only added; one
// that was cut short or damaged, and what follows it, is dropped when the file is opened. Rank r > 0 writes FILE.r and reads
// the others' files too: another number of ranks goes on from the same rows.
// Errors: file_write; conflict (a file that keeps rows of another run, or is none of ours: it is left alone).
// Verified in src/engine/tests/row_log_test.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cotejo/base/result.hpp"
#include "cotejo/base/row_store.hpp"

namespace cotejo {

class RowLog final : public RowStore {
 public:
  static Result<RowLog> open(const std::filesystem::path& path, const std::string& key, unsigned rank = 0);
  RowLog(RowLog&&) noexcept;
  RowLog& operator=(RowLog&&) noexcept;
  ~RowLog() override;

  std::size_t rows_found() const;
  // Why rows are no longer kept (a full disk); the run itself goes on.
  std::optional<Error> problem() const;

  void begin(std::size_t n, std::size_t width, std::span<double> rows, std::span<char> have) override;
  void keep(std::size_t row, std::span<const double> values) override;
  void end() override;

 private:
  struct State;
  explicit RowLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Removes the file, and those of other ranks beside it.
void remove_rows(const std::filesystem::path& path);

}  // namespace cotejo

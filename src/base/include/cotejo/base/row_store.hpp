// Rows of a long computation that outlive it: what rows_over_ranks computes, kept outside, so that a run that was
// interrupted goes on from there. Verified in src/engine/tests/row_log_test.cpp, with the store that is a file.
#pragma once

#include "cotejo/base/context.hpp"

namespace cotejo {

class RowStore {
 public:
  virtual ~RowStore() = default;
  // The next call of kept_rows_over_ranks, of n rows (calls come in the same order in every run): those kept from an
  // earlier run are filled in, and marked in `have`.
  virtual void begin(std::size_t n, std::size_t width, std::span<double> rows, std::span<char> have) = 0;
  virtual void keep(std::size_t row, std::span<const double> values) = 0;  // from any thread
  virtual void end() = 0;                                                  // of the call, whether whole or cancelled
};

// rows_over_ranks (context.hpp) that does not compute again the rows which `store` has; null: all are computed.
std::optional<std::vector<double>> kept_rows_over_ranks(
    const Context& context, RowStore* store, std::size_t n, std::size_t width, std::string_view stage,
    const std::function<void(std::size_t, std::span<double>)>& body);

}  // namespace cotejo

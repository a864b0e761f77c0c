#include "cotejo/base/row_store.hpp"

#include <algorithm>

namespace cotejo {

std::optional<std::vector<double>> kept_rows_over_ranks(
    const Context& context, RowStore* store, std::size_t n, std::size_t width, std::string_view stage,
    const std::function<void(std::size_t, std::span<double>)>& body) {
  if (!store) return rows_over_ranks(context, n, width, stage, body);
  std::vector<double> kept(n * width, 0.0);
  std::vector<char> have(n, 0);
  store->begin(n, width, kept, have);
  auto rows = rows_over_ranks(context, n, width, stage, [&](std::size_t i, std::span<double> row) {
    if (have[i]) {
      std::copy_n(kept.begin() + static_cast<std::ptrdiff_t>(i * width), width, row.begin());
      return;
    }
    body(i, row);
    store->keep(i, row);
  });
  store->end();
  return rows;
}

}  // namespace cotejo

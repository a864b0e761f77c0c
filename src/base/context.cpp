#include "cotejo/base/context.hpp"

#include <tbb/blocked_range.h>
#include <tbb/parallel_for.h>
#include <tbb/task_arena.h>

#include <algorithm>
#include <atomic>
#include <mutex>

namespace cotejo {

Error cancelled_error() {
  return {.code = ErrorCode::cancelled,
          .message = "stopped before the end",
          .remedy = "Nothing was written; run it again."};
}

bool parallel_for(const Context& context, std::size_t n, std::string_view stage,
                  const std::function<void(std::size_t)>& body) {
  std::atomic<std::size_t> done = 0;
  std::mutex reporting;
  const std::size_t step = std::max<std::size_t>(1, n / 200);
  tbb::task_arena arena(static_cast<int>(std::max(1U, context.threads)));
  arena.execute([&] {
    tbb::parallel_for(tbb::blocked_range<std::size_t>(0, n), [&](const auto& range) {
      for (std::size_t i = range.begin(); i != range.end(); ++i) {
        if (context.cancelled()) return;
        body(i);
        const std::size_t so_far = ++done;
        if (context.progress && so_far % step == 0) {
          const std::scoped_lock lock(reporting);
          context.progress(stage, static_cast<double>(so_far) / static_cast<double>(n));
        }
      }
    });
  });
  return !context.cancelled();
}

std::optional<std::vector<double>> rows_over_ranks(const Context& context, std::size_t n, std::size_t width,
                                                   std::string_view stage,
                                                   const std::function<void(std::size_t, std::span<double>)>& body) {
  // One more entry than the rows: how many ranks were cancelled.
  std::vector<double> rows(n * width + 1, 0.0);
  const std::size_t mine = (n + context.ranks - 1 - context.rank) / context.ranks;
  const bool finished = parallel_for(context, mine, stage, [&](std::size_t k) {
    const std::size_t i = context.rank + k * context.ranks;
    body(i, std::span(rows).subspan(i * width, width));
  });
  rows.back() = finished ? 0 : 1;
  if (context.ranks > 1 && context.add_over_ranks) context.add_over_ranks(rows);
  if (rows.back() > 0) return std::nullopt;
  rows.pop_back();
  return rows;
}

}  // namespace cotejo

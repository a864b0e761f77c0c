#include "propose_sums.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace cotejo::proposing {

namespace {

constexpr std::size_t sample_size = 400, busy_size = 5;
constexpr double admitted = 0.6;
constexpr std::size_t most_in_pairs = 120, most_in_triples = 45, most_in_runs = 300, most_in_relations = 160;
constexpr std::size_t most_counted = 120;  // sums that are counted over all rows
constexpr std::size_t most_of_one_total = 16;
constexpr int drawings = 12;

std::int64_t part(std::int32_t value) {
  return value == missing ? 0 : value;
}

// The columns that are not 0 throughout, and the values of a sample of rows: [row][column].
struct Sample {
  std::vector<std::size_t> columns;  // indices of quantities
  std::vector<std::vector<std::int64_t>> rows;
  std::vector<std::vector<bool>> known;
};

// What is below zero is more than a fifth of what is above: neither votes nor corrections of votes.
bool is_difference(const Matrix& matrix, const Quantity& quantity) {
  if (quantity.least >= 0) return false;
  std::int64_t below = 0, above = 0;
  for (const auto row : matrix.rows) {
    const auto value = part(quantity[row]);
    (value < 0 ? below : above) += std::abs(value);
  }
  return below * 5 > above;
}

Sample sample_of(const Matrix& matrix) {
  Sample out;
  for (std::size_t q = 0; q < matrix.quantities.size(); ++q) {
    if (matrix.quantities[q].filled > matrix.quantities[q].zeros && !is_difference(matrix, matrix.quantities[q]))
      out.columns.push_back(q);
  }
  const auto count = std::min(sample_size, matrix.rows.size());
  std::vector<std::pair<std::size_t, std::uint32_t>> order;  // columns that are not zero, row
  for (std::size_t i = 0; i < count; ++i) {
    const auto row = matrix.rows[i * matrix.rows.size() / count];
    std::size_t busy = 0;
    for (const auto q : out.columns) busy += part(matrix.quantities[q][row]) != 0 ? 1U : 0U;
    order.emplace_back(busy, row);
  }
  // The rows with the most columns that are not zero tell sums apart best: they come first.
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [busy, row] : order) {
    auto& values = out.rows.emplace_back();
    auto& known = out.known.emplace_back();
    for (const auto q : out.columns) {
      values.push_back(part(matrix.quantities[q][row]));
      known.push_back(matrix.quantities[q][row] != missing);
    }
  }
  return out;
}

// Collects sums of sampled columns, each once, if they hold in enough of the sample.
class Found {
 public:
  explicit Found(const Sample& sample) : sample_(sample) {}

  bool holds_in_busy_rows(std::size_t total, const std::vector<std::size_t>& parts) const {
    const auto busy = std::min(busy_size, sample_.rows.size());
    std::size_t hits = 0;
    for (std::size_t r = 0; r < busy; ++r) hits += holds(r, total, parts) ? 1U : 0U;
    return hits * 2 > busy;
  }

  void add(std::size_t total, std::vector<std::size_t> parts) {
    std::sort(parts.begin(), parts.end());
    if (!all_.insert({total, parts}).second) return;
    std::size_t rows = 0, good = 0, telling = 0, good_telling = 0;
    for (std::size_t r = 0; r < sample_.rows.size(); ++r) {
      if (!sample_.known[r][total]) continue;
      std::size_t busy = 0;
      for (const auto c : parts) busy += sample_.rows[r][c] != 0 ? 1U : 0U;
      const bool ok = holds(r, total, parts);
      ++rows;
      good += ok ? 1U : 0U;
      telling += busy >= 2 ? 1U : 0U;  // elsewhere one column is a copy of another
      good_telling += busy >= 2 && ok ? 1U : 0U;
    }
    const auto enough = [](std::size_t part, std::size_t of) {
      return static_cast<double>(part) >= admitted * static_cast<double>(of);
    };
    if (telling < std::min<std::size_t>(3, rows) || !enough(good, rows) || !enough(good_telling, telling)) return;
    kept_.push_back({total, std::move(parts), static_cast<double>(good) / static_cast<double>(rows)});
  }

  struct Kept {
    std::size_t total;
    std::vector<std::size_t> parts;
    double share;
  };
  // Those that hold in most rows of the sample first.
  std::vector<Kept> best(std::size_t most) const {
    auto out = kept_;
    std::stable_sort(out.begin(), out.end(), [](const Kept& a, const Kept& b) {
      return a.share != b.share ? a.share > b.share : a.parts.size() > b.parts.size();
    });
    // A total of which many sums hold, as the parts have parts, leaves room for the others.
    std::map<std::size_t, std::size_t> of_total;
    std::erase_if(out, [&](const Kept& kept) { return ++of_total[kept.total] > most_of_one_total; });
    if (out.size() > most) out.resize(most);
    return out;
  }

 private:
  bool holds(std::size_t row, std::size_t total, const std::vector<std::size_t>& parts) const {
    std::int64_t sum = 0;
    for (const auto c : parts) sum += sample_.rows[row][c];
    return sum == sample_.rows[row][total];
  }

  const Sample& sample_;
  std::set<std::pair<std::size_t, std::vector<std::size_t>>> all_;
  std::vector<Kept> kept_;
};

void find_runs(const Sample& sample, Found& found) {
  const auto n = std::min(sample.columns.size(), most_in_runs);
  const auto busy = std::min(busy_size, sample.rows.size());
  std::vector<std::vector<std::int64_t>> prefix;
  for (std::size_t r = 0; r < busy; ++r) {
    auto& sums = prefix.emplace_back(n + 1, 0);
    for (std::size_t k = 0; k < n; ++k) sums[k + 1] = sums[k] + sample.rows[r][k];
  }
  for (std::size_t t = 0; t < n; ++t)
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t j = i + 2; j <= n; ++j) {
        const bool inside = t >= i && t < j;
        if (inside && j - i < 3) continue;
        std::size_t hits = 0;
        for (std::size_t r = 0; r < busy; ++r) {
          const auto total = sample.rows[r][t];
          hits += prefix[r][j] - prefix[r][i] - (inside ? total : 0) == total ? 1U : 0U;
        }
        if (hits * 2 <= busy) continue;
        std::vector<std::size_t> parts;
        for (std::size_t k = i; k < j; ++k)
          if (k != t) parts.push_back(k);
        found.add(t, std::move(parts));
      }
}

void find_pairs_and_triples(const Sample& sample, Found& found) {
  const auto n = sample.columns.size();
  const auto try_all = [&](const std::vector<std::size_t>& parts) {
    for (std::size_t t = 0; t < n; ++t)
      if (std::find(parts.begin(), parts.end(), t) == parts.end() && found.holds_in_busy_rows(t, parts))
        found.add(t, parts);
  };
  if (n <= most_in_pairs)
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = a + 1; b < n; ++b) try_all({a, b});
  if (n <= most_in_triples)
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = a + 1; b < n; ++b)
        for (std::size_t c = b + 1; c < n; ++c) try_all({a, b, c});
}

// ---- exact relations of some rows ----

constexpr std::uint64_t prime = (1ULL << 61U) - 1;
__extension__ typedef unsigned __int128 Wide;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>(static_cast<Wide>(a) * b % prime);
}
std::uint64_t inverse(std::uint64_t a) {
  std::uint64_t out = 1;
  for (std::uint64_t power = prime - 2; power != 0; power >>= 1U) {
    if ((power & 1U) != 0) out = times(out, a);
    a = times(a, a);
  }
  return out;
}

using Rows = std::vector<std::vector<std::uint64_t>>;

// Reduces the rows; returns the pivot column of each row that is left.
std::vector<std::size_t> eliminate(Rows& rows, std::size_t width) {
  std::vector<std::size_t> pivots;
  for (std::size_t c = 0; c < width && pivots.size() < rows.size(); ++c) {
    const auto r = pivots.size();
    auto pivot = r;
    while (pivot < rows.size() && rows[pivot][c] == 0) ++pivot;
    if (pivot == rows.size()) continue;
    std::swap(rows[r], rows[pivot]);
    const auto scale = inverse(rows[r][c]);
    for (auto& value : rows[r]) value = times(value, scale);
    for (std::size_t other = 0; other < rows.size(); ++other) {
      const auto factor = rows[other][c];
      if (other == r || factor == 0) continue;
      for (std::size_t k = c; k < width; ++k)
        rows[other][k] = (rows[other][k] + prime - times(factor, rows[r][k])) % prime;
    }
    pivots.push_back(c);
  }
  return pivots;
}

// The relation of a column without a pivot, if it is "one column is the sum of others".
void take_relation(const Rows& rows, const std::vector<std::size_t>& pivots, const std::vector<std::size_t>& order,
                   std::size_t free, Found& found) {
  std::vector<std::size_t> plus, minus;
  for (std::size_t r = 0; r < pivots.size(); ++r) {
    const auto factor = rows[r][free];
    if (factor == 0) continue;
    if (factor != 1 && factor != prime - 1) return;
    (factor == 1 ? plus : minus).push_back(order[pivots[r]]);
  }
  if (minus.empty() && plus.size() >= 2) return found.add(order[free], std::move(plus));
  if (plus.size() == 1 && !minus.empty()) {
    minus.push_back(order[free]);
    found.add(plus.front(), std::move(minus));
  }
}

void find_relations(const Sample& sample, Found& found) {
  const auto n = sample.columns.size();
  if (n > most_in_relations || n < 3 || sample.rows.size() < n + 2) return;
  // From the smallest to the largest column, so that totals come after their parts.
  std::vector<std::int64_t> sums(n);
  for (const auto& row : sample.rows)
    for (std::size_t c = 0; c < n; ++c) sums[c] += row[c];
  std::vector<std::size_t> order(n);
  for (std::size_t c = 0; c < n; ++c) order[c] = c;
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return sums[a] < sums[b]; });
  std::uint64_t state = 88172645463325252ULL;
  const auto draw = [&](std::size_t below) {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return static_cast<std::size_t>(state % below);
  };
  std::vector<std::size_t> deck(sample.rows.size());
  for (std::size_t i = 0; i < deck.size(); ++i) deck[i] = i;
  const auto hand = std::min(deck.size(), n + 6);
  for (int drawing = 0; drawing < drawings; ++drawing) {
    for (std::size_t i = 0; i < hand; ++i) std::swap(deck[i], deck[i + draw(deck.size() - i)]);
    Rows rows;
    for (std::size_t i = 0; i < hand; ++i) {
      auto& row = rows.emplace_back();
      for (const auto c : order) {
        const auto value = sample.rows[deck[i]][c];
        row.push_back(value >= 0 ? static_cast<std::uint64_t>(value) : prime - static_cast<std::uint64_t>(-value));
      }
    }
    const auto pivots = eliminate(rows, n);
    for (std::size_t c = 0; c < n; ++c)
      if (std::find(pivots.begin(), pivots.end(), c) == pivots.end()) take_relation(rows, pivots, order, c, found);
    if (hand == deck.size()) break;  // all rows are in: another drawing finds the same
  }
}

}  // namespace

void Matrix::summarise() {
  for (auto& quantity : quantities) {
    quantity.sum = 0;
    quantity.filled = quantity.zeros = 0;
    for (const auto row : rows) {
      const auto value = quantity[row];
      if (value == missing) continue;
      quantity.least = quantity.filled == 0 ? value : std::min(quantity.least, value);
      quantity.largest = quantity.filled == 0 ? value : std::max(quantity.largest, value);
      quantity.sum += value;
      ++quantity.filled;
      quantity.zeros += value == 0 ? 1U : 0U;
    }
  }
}

bool Sum::has(std::size_t quantity) const {
  return std::binary_search(parts.begin(), parts.end(), quantity);
}

void count_rows(const Matrix& matrix, Sum& sum) {
  sum.good = sum.rows = sum.with_empty = sum.filled_good = 0;
  for (const auto row : matrix.rows) {
    const auto total = matrix.quantities[sum.total][row];
    if (total == missing) continue;
    std::int64_t parts = 0;
    bool empty = false;
    for (const auto q : sum.parts) {
      const auto value = matrix.quantities[q][row];
      empty = empty || value == missing;
      parts += part(value);
    }
    ++sum.rows;
    sum.with_empty += empty ? 1U : 0U;
    if (parts != total) continue;
    ++sum.good;
    sum.filled_good += empty ? 1U : 0U;
  }
}

// One or two rows prove no sum that the headers do not name: valid votes (or ballots cast) that all columns without a word
// of a form make up.
static std::vector<Sum> sum_of_a_form(const Matrix& matrix) {
  for (const auto role : {Role::valid, Role::cast})
    for (std::size_t total = 0; total < matrix.quantities.size(); ++total) {
      const auto& words = matrix.quantities[total].words;
      if (words.role != role || !words.whole) continue;
      Sum sum{.total = total, .parts = {}};
      for (std::size_t q = 0; q < matrix.quantities.size(); ++q) {
        const auto other = matrix.quantities[q].words.role;
        if (q != total && (other == Role::none || other == Role::candidate || other == Role::votes))
          sum.parts.push_back(q);
      }
      if (sum.parts.size() < 2) continue;
      count_rows(matrix, sum);
      if (sum.good * 100 >= matrix.rows.size() * (matrix.rows.size() < 3 ? 100 : 99)) return {sum};
    }
  return {};
}

std::vector<Sum> find_sums(const Matrix& matrix) {
  std::vector<Sum> out;
  if (matrix.rows.size() < 3) return sum_of_a_form(matrix);
  if (matrix.quantities.size() > most_in_relations) out = sum_of_a_form(matrix);
  const auto sample = sample_of(matrix);
  Found found(sample);
  find_runs(sample, found);
  find_pairs_and_triples(sample, found);
  find_relations(sample, found);
  for (const auto& kept : found.best(most_counted)) {
    auto& sum = out.emplace_back();
    sum.total = sample.columns[kept.total];
    for (const auto c : kept.parts) sum.parts.push_back(sample.columns[c]);
    count_rows(matrix, sum);
  }
  std::erase_if(out, [](const Sum& sum) { return sum.share() < admitted; });
  std::stable_sort(out.begin(), out.end(), [](const Sum& a, const Sum& b) {
    return a.share() != b.share() ? a.share() > b.share() : a.parts.size() > b.parts.size();
  });
  return out;
}

}  // namespace cotejo::proposing

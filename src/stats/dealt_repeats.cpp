#include "cotejo/stats/dealt_repeats.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cotejo/stats/hypergeometric.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_listed = 100'000;

std::int64_t pairs_of(std::int64_t n) {
  return n * (n - 1) / 2;
}

}  // namespace

double chance_of_equal_rows(std::span<const std::int64_t> sums, std::int64_t all, std::int64_t total) {
  const double q = static_cast<double>(total) / static_cast<double>(all);
  const double log_q = std::log(q), log_rest = all > 2 * total ? std::log1p(-2 * q) : 0;
  // The trinomial chance that n of s things fall to the first item, n to the second, the rest elsewhere.
  const auto term = [&](std::int64_t s, std::int64_t n) {
    const std::int64_t rest = s - 2 * n;
    if (all == 2 * total && rest > 0) return 0.0;
    return std::exp(log_factorial(s) - 2 * log_factorial(n) - log_factorial(rest) + 2 * static_cast<double>(n) * log_q +
                    static_cast<double>(rest) * log_rest);
  };
  const auto within = [&](std::int64_t s) {  // the n that matter for s things
    const auto centre = static_cast<double>(s) * q, width = 9 * std::sqrt(centre) + 9;
    return std::pair{std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - width)),
                     std::min(s / 2, static_cast<std::int64_t>(centre + width))};
  };
  std::vector<double> product{1}, next, factor;
  std::int64_t offset = 0, so_far = 0;  // product[i] stands for `offset + i` of the things so far
  for (const std::int64_t s : sums) {
    if (s == 0) continue;
    const auto [low, high] = within(s);
    if (low > high) return 0;
    factor.clear();
    for (std::int64_t n = low; n <= high; ++n) factor.push_back(term(s, n));
    next.assign(product.size() + factor.size() - 1, 0);
    for (std::size_t i = 0; i < product.size(); ++i)
      for (std::size_t j = 0; j < factor.size(); ++j) next[i + j] += product[i] * factor[j];
    offset += low;
    so_far += s;
    const auto [first, last] = within(so_far);
    const auto skip = std::clamp<std::int64_t>(first - offset, 0, static_cast<std::int64_t>(next.size()));
    const auto stop = std::clamp<std::int64_t>(last + 1 - offset, skip, static_cast<std::int64_t>(next.size()));
    product.assign(next.begin() + skip, next.begin() + stop);
    offset += skip;
  }
  const std::int64_t at = total - offset;
  return at < 0 || at >= static_cast<std::int64_t>(product.size())
             ? 0
             : product[static_cast<std::size_t>(at)] / term(all, total);
}

DealtRepeats::DealtRepeats(std::span<const std::int32_t> values, std::size_t columns,
                           std::span<const std::uint32_t> group, std::size_t groups)
    : columns_(columns) {
  const std::size_t n = group.size();
  std::vector<std::int64_t> total(n, 0);
  for (std::size_t c = 0; c < columns; ++c)
    for (std::size_t i = 0; i < n; ++i) total[i] += values[c * n + i];
  // Items by group, by counting; within a group by total.
  std::vector<std::size_t> begin(groups + 1, 0);
  for (std::size_t i = 0; i < n; ++i)
    if (total[i] > 0) ++begin[group[i] + 1];
  std::partial_sum(begin.begin(), begin.end(), begin.begin());
  std::vector<std::uint32_t> order(begin.back());
  {
    std::vector<std::size_t> at(begin.begin(), begin.end() - 1);
    for (std::uint32_t i = 0; i < n; ++i)
      if (total[i] > 0) order[at[group[i]]++] = i;
  }
  for (std::size_t g = 0; g < groups; ++g) {
    const auto first = order.begin() + static_cast<std::ptrdiff_t>(begin[g]),
               last = order.begin() + static_cast<std::ptrdiff_t>(begin[g + 1]);
    if (last - first < 2) continue;
    std::sort(first, last,
              [&](std::uint32_t a, std::uint32_t b) { return total[a] != total[b] ? total[a] < total[b] : a < b; });
    Group made{.begin = totals_.size(), .end = 0, .sums = sums_.size(), .all = 0};
    for (auto a = first; a != last;) {
      auto b = a + 1;
      while (b != last && total[*b] == total[*a]) ++b;
      comparable_ += pairs_of(b - a);
      for (auto i = a; b - a > 1 && i != b; ++i) {
        totals_.push_back(total[*i]);
        for (auto j = i + 1; j != b; ++j) {
          bool same = true;
          for (std::size_t c = 0; same && c < columns; ++c) same = values[c * n + *i] == values[c * n + *j];
          if (!same) continue;
          ++pairs_;
          if (which_.size() < most_listed) which_.emplace_back(*i, *j);
        }
      }
      a = b;
    }
    made.end = totals_.size();
    if (made.end == made.begin) continue;
    sums_.resize(made.sums + columns, 0);
    for (std::size_t c = 0; c < columns; ++c)
      for (auto i = first; i != last; ++i) sums_[made.sums + c] += values[c * n + *i];
    std::sort(sums_.begin() + static_cast<std::ptrdiff_t>(made.sums), sums_.end(), std::greater<>());
    made.all = std::accumulate(sums_.begin() + static_cast<std::ptrdiff_t>(made.sums), sums_.end(), std::int64_t{0});
    groups_.push_back(made);
  }
}

double DealtRepeats::expected(std::int64_t most_total, std::int64_t* left_out) const {
  double out = 0;
  for (const Group& group : groups_) {
    const std::span<const std::int64_t> sums(sums_.data() + group.sums, columns_);
    for (std::size_t a = group.begin; a < group.end;) {
      std::size_t b = a;
      while (b < group.end && totals_[b] == totals_[a]) ++b;
      if (totals_[a] <= most_total)
        out += static_cast<double>(pairs_of(static_cast<std::int64_t>(b - a))) *
               chance_of_equal_rows(sums, group.all, totals_[a]);
      else if (left_out)
        *left_out += static_cast<std::int64_t>(b - a);
      a = b;
    }
  }
  return out;
}

std::int64_t DealtRepeats::deal_group(const Group& group, Stream& stream, Room& room) const {
  const std::size_t items = group.end - group.begin;
  room.remaining.assign(totals_.begin() + static_cast<std::ptrdiff_t>(group.begin),
                        totals_.begin() + static_cast<std::ptrdiff_t>(group.end));
  room.cls.resize(items);
  room.drawn.resize(items);
  room.order.resize(items);
  std::uint32_t classes = 0;
  for (std::size_t i = 0; i < items; ++i) {
    if (i > 0 && room.remaining[i] != room.remaining[i - 1]) ++classes;
    room.cls[i] = classes;
    room.order[i] = static_cast<std::uint32_t>(i);
  }
  std::int64_t pool = group.all;  // things of this column and the next ones, over all items of the group
  for (std::size_t c = 0; c < columns_ && !room.order.empty(); ++c) {
    const std::int64_t of_column = sums_[group.sums + c];
    if (of_column == 0) break;  // columns come by their sums: the rest is empty
    std::int64_t things = pool, marked = of_column;
    for (const std::uint32_t i : room.order) {
      const std::int64_t x = hypergeometric_rng(stream, things, marked, room.remaining[i]);
      things -= room.remaining[i];
      marked -= x;
      room.drawn[i] = static_cast<std::int32_t>(x);
    }
    pool -= of_column;
    for (const std::uint32_t i : room.order) room.remaining[i] -= room.drawn[i];
    // Those still equal to another go on.
    std::sort(room.order.begin(), room.order.end(), [&](std::uint32_t a, std::uint32_t b) {
      return room.cls[a] != room.cls[b]       ? room.cls[a] < room.cls[b]
             : room.drawn[a] != room.drawn[b] ? room.drawn[a] < room.drawn[b]
                                              : a < b;
    });
    room.next.clear();
    std::uint32_t made = 0;
    for (std::size_t a = 0; a < room.order.size();) {
      std::size_t b = a + 1;
      const auto is_same = [&](std::size_t k) {
        return room.cls[room.order[k]] == room.cls[room.order[a]] &&
               room.drawn[room.order[k]] == room.drawn[room.order[a]];
      };
      while (b < room.order.size() && is_same(b)) ++b;
      if (b - a > 1)
        room.next.insert(room.next.end(), room.order.begin() + static_cast<std::ptrdiff_t>(a),
                         room.order.begin() + static_cast<std::ptrdiff_t>(b));
      a = b;
    }
    // Classes are renamed only now: the comparison above needs the old ones.
    std::uint32_t last_class = 0;
    std::int32_t last_drawn = 0;
    for (std::size_t k = 0; k < room.next.size(); ++k) {
      const std::uint32_t i = room.next[k];
      if (k > 0 && (room.cls[i] != last_class || room.drawn[i] != last_drawn)) ++made;
      last_class = room.cls[i];
      last_drawn = room.drawn[i];
      room.cls[i] = made;
    }
    room.order.swap(room.next);
  }
  std::int64_t pairs = 0;
  for (std::size_t a = 0; a < room.order.size();) {
    std::size_t b = a;
    while (b < room.order.size() && room.cls[room.order[b]] == room.cls[room.order[a]]) ++b;
    pairs += pairs_of(static_cast<std::int64_t>(b - a));
    a = b;
  }
  return pairs;
}

std::int64_t DealtRepeats::deal(Stream& stream, Room& room) const {
  std::int64_t pairs = 0;
  for (const Group& group : groups_) pairs += deal_group(group, stream, room);
  return pairs;
}

DealtP dealt_p(const DealtRepeats& repeats, Seed seed, std::uint64_t replicate, std::int64_t dealings,
               std::int64_t enough) {
  DealtP out;
  if (repeats.pairs() == 0) return out;
  DealtRepeats::Room room;
  std::int64_t as_many = 0;
  for (std::int64_t d = 0; d < dealings; ++d) {
    Stream stream(seed, Purpose::permutation_test, replicate, static_cast<std::uint64_t>(d));
    as_many += repeats.deal(stream, room) >= repeats.pairs();
    ++out.dealings;
    if (as_many >= enough) {
      out.p_value = static_cast<double>(as_many) / static_cast<double>(out.dealings);
      return out;
    }
  }
  out.p_value = static_cast<double>(1 + as_many) / static_cast<double>(1 + out.dealings);
  out.at_floor = as_many == 0;
  return out;
}

}  // namespace cotejo

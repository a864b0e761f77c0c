#include "repeated_votes.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace cotejo {

namespace {

// log n!: summed up to a million, by Stirling's series beyond (error below 1e-20 of it).
class LogFactorial {
 public:
  void reach(std::int64_t largest) {
    const auto size = static_cast<std::size_t>(std::min<std::int64_t>(largest, 1'000'000)) + 1;
    while (table_.size() < size) table_.push_back(table_.back() + std::log(static_cast<double>(table_.size())));
  }
  double operator()(std::int64_t n) const {
    if (static_cast<std::size_t>(n) < table_.size()) return table_[static_cast<std::size_t>(n)];
    const auto x = static_cast<double>(n);
    return x * std::log(x) - x + .5 * std::log(2 * std::numbers::pi * x) + 1 / (12 * x);
  }

 private:
  std::vector<double> table_{0.0};
};

// The chance that two units of `total` votes each hold the same votes, when the place's votes (sums per column, of all
// its units) are dealt at random among its units: see arithmetic.hpp. Terms beyond 9 standard deviations (below 1e-17) are
// left out.
double chance_of_repeat(const std::vector<std::int64_t>& sums, std::int64_t all, std::int64_t total,
                        const LogFactorial& log_factorial) {
  const double q = static_cast<double>(total) / static_cast<double>(all);
  const double log_q = std::log(q), log_rest = all > 2 * total ? std::log1p(-2 * q) : 0;
  // The trinomial chance that n of s votes fall to the first unit, n to the second, the rest elsewhere.
  const auto term = [&](std::int64_t s, std::int64_t n) {
    const std::int64_t rest = s - 2 * n;
    if (all == 2 * total && rest > 0) return 0.0;
    return std::exp(log_factorial(s) - 2 * log_factorial(n) - log_factorial(rest) + 2 * static_cast<double>(n) * log_q +
                    static_cast<double>(rest) * log_rest);
  };
  const auto within = [&](std::int64_t s) {  // the n that matter for s votes
    const auto centre = static_cast<double>(s) * q, width = 9 * std::sqrt(centre) + 9;
    return std::pair{std::max<std::int64_t>(0, static_cast<std::int64_t>(centre - width)),
                     std::min(s / 2, static_cast<std::int64_t>(centre + width))};
  };
  std::vector<double> product{1}, next, factor;
  std::int64_t offset = 0, so_far = 0;  // product[i] stands for `offset + i` of the votes so far
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

// The votes of every unit: the options, then blank and null where they are reported.
class Votes {
 public:
  explicit Votes(const Count& count) : total_(count.units()) {
    for (std::size_t i = 0; i < count.options(); ++i) columns_.push_back(count.option(i));
    for (const Column* column : {&count.blank, &count.null})
      if (!column->empty()) columns_.emplace_back(*column);
    for (std::size_t c = 0; c < columns_.size(); ++c)
      for (UnitIndex u = 0; u < total_.size(); ++u) total_[u] += cell(c, u);
  }
  std::int64_t total(UnitIndex unit) const { return total_[unit]; }
  bool same(UnitIndex a, UnitIndex b) const {
    for (std::size_t c = 0; c < columns_.size(); ++c)
      if (cell(c, a) != cell(c, b)) return false;
    return true;
  }
  // Of each column, over the units.
  std::vector<std::int64_t> sums(std::span<const UnitIndex> units) const {
    std::vector<std::int64_t> out(columns_.size());
    for (std::size_t c = 0; c < columns_.size(); ++c)
      for (const UnitIndex unit : units) out[c] += cell(c, unit);
    return out;
  }

 private:
  std::int64_t cell(std::size_t column, UnitIndex unit) const {
    return columns_[column][unit] == missing ? 0 : columns_[column][unit];
  }

  std::vector<std::span<const std::int32_t>> columns_;
  std::vector<std::int64_t> total_;
};

// The units of one place, by their totals.
void compare_place(const Votes& votes, std::span<const UnitIndex> units, LogFactorial& log_factorial,
                   RepeatedVotes& out) {
  const auto sums = votes.sums(units);
  std::int64_t all = 0;
  for (const UnitIndex unit : units) all += votes.total(unit);
  for (std::size_t i = 0; i < units.size();) {  // units with equal totals
    const std::int64_t total = votes.total(units[i]);
    std::size_t last = i + 1;
    while (last < units.size() && votes.total(units[last]) == total) ++last;
    if (total > most_votes_compared) {
      out.left_out += static_cast<std::int64_t>(last - i);
    } else if (const auto equal = static_cast<double>(last - i); equal > 1) {
      log_factorial.reach(all);
      out.expected += equal * (equal - 1) / 2 * chance_of_repeat(sums, all, total, log_factorial);
      for (std::size_t a = i; a < last; ++a)
        for (std::size_t b = a + 1; b < last; ++b) {
          if (!votes.same(units[a], units[b])) continue;
          ++out.pairs;
          if (out.units.size() < 1000) out.units.emplace_back(units[a], units[b]);
        }
    }
    i = last;
  }
}

}  // namespace

RepeatedVotes repeated_votes(const Count& count, const std::vector<PlaceIndex>& place_of) {
  const Votes votes(count);
  std::vector<UnitIndex> order;
  for (UnitIndex u = 0; u < count.units(); ++u)
    if (place_of[u] != no_place && votes.total(u) > 0) order.push_back(u);
  std::sort(order.begin(), order.end(), [&](UnitIndex a, UnitIndex b) {
    if (place_of[a] != place_of[b]) return place_of[a] < place_of[b];
    return votes.total(a) != votes.total(b) ? votes.total(a) < votes.total(b) : a < b;
  });
  RepeatedVotes out;
  LogFactorial log_factorial;
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && place_of[order[end]] == place_of[order[begin]]) ++end;
    compare_place(votes, std::span(order).subspan(begin, end - begin), log_factorial, out);
    begin = end;
  }
  return out;
}

}  // namespace cotejo

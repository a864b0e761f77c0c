#include "removal.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace cotejo::removal {

namespace {

constexpr Wide largest_sum = largest_event_sum;

// ---------------------------------------------------------------------------------------------------------------------
// The smallest set.

// Positive numbers by size, in buckets of at most 1.6 % width: what the largest of them sum to.
class Spectrum {
 public:
  Spectrum() : count_(buckets + 1), sum_(buckets + 1) {}

  static unsigned bucket_of(std::int64_t value) {
    const int top = 63 - std::countl_zero(static_cast<std::uint64_t>(value));
    return top < 6 ? static_cast<unsigned>(value)
                   : (static_cast<unsigned>(top - 5) << 6) + static_cast<unsigned>((value >> (top - 6)) & 63);
  }
  void add(std::int64_t value) {
    if (value <= 0) return;
    const unsigned bucket = bucket_of(value);
    ++count_[bucket];
    sum_[bucket] += value;
  }
  void close() {  // from here on, each bucket holds what lies in it and above
    for (std::size_t b = buckets; b-- > 0;) {
      count_[b] += count_[b + 1];
      sum_[b] += sum_[b + 1];
    }
  }
  Wide total() const { return sum_[0]; }
  std::size_t count_from(std::size_t bucket) const { return count_[bucket]; }
  // The highest bucket such that it and those above sum to `need`, or hold `many`.
  std::size_t bucket_reaching(Wide need) const {
    std::size_t b = buckets - 1;
    while (b > 0 && sum_[b] < need) --b;
    return b;
  }
  std::size_t bucket_holding(std::size_t many) const {
    std::size_t b = buckets - 1;
    while (b > 0 && count_[b] < many) --b;
    return b;
  }
  // No `many` of the numbers sum to more than this.
  Wide at_most(std::size_t many) const {
    if (many >= count_[0]) return total();
    const std::size_t b = bucket_holding(many);
    const std::size_t top = b < 128 ? 0 : (b >> 6) + 5;
    const Wide largest_in_bucket =
        b < 128 ? static_cast<Wide>(b) : (static_cast<Wide>(64 + (b & 63) + 1) << (top - 6)) - 1;
    return sum_[b + 1] + static_cast<Wide>(many - count_[b + 1]) * largest_in_bucket;
  }

 private:
  static constexpr std::size_t buckets = std::size_t{58} * 64;
  std::vector<std::size_t> count_;
  std::vector<std::int64_t> sum_;  // below 2^61
};

void add_scaled(const ColumnView& column, std::int64_t coefficient, std::size_t begin, std::size_t end,
                std::int64_t* out) {
  if (column.narrow.empty()) {
    for (std::size_t i = begin; i < end; ++i) out[i] += coefficient * column.wide[i];
  } else {
    for (std::size_t i = begin; i < end; ++i)
      out[i] += column.narrow[i] == missing ? 0 : coefficient * column.narrow[i];
  }
}

class Solver {
 public:
  Solver(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base, const Pool& pool)
      : rule_(rule),
        contest_(contest),
        all_(all),
        base_(base),
        pool_(pool),
        amount_(amounts_of(all)),
        spectra_(pool.columns.size()),
        score_(pool.size),
        rounds_left_(std::clamp<std::size_t>(8'000'000 / (pool.size + 1), 8, 300)) {}

  Answer solve(const Events& events) {
    std::vector<std::pair<double, const Event*>> by_difficulty;
    for (const Event& event : events.list) {
      double difficulty = 0;
      for (const Condition& condition : event) difficulty = std::max(difficulty, difficulty_of(condition));
      by_difficulty.emplace_back(difficulty, &event);
    }
    std::stable_sort(by_difficulty.begin(), by_difficulty.end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });

    Answer best;
    std::size_t lower = pool_.size + 1;
    for (const auto& [difficulty, event] : by_difficulty) {
      const std::size_t most = best.found.empty() ? pool_.size + 1 : best.found.size();
      if (most == 1) break;
      auto answer = solve(*event, most);
      if (!answer) continue;
      lower = std::min(lower, answer->lower);
      if (answer->found.empty()) continue;
      best.found = std::move(answer->found);
      best.by = std::move(answer->by);
    }
    if (!best.found.empty()) lower = std::min(lower, best.found.size());
    best.lower = events.complete ? lower : 1;
    best.impossible = events.complete && lower > pool_.size;
    return best;
  }

  // Tries sets one by one, smaller ones first, where that settles the matter with few sets.
  void enumerate(Answer& answer, std::int64_t sets_to_try) {
    const std::size_t largest = answer.found.empty() ? pool_.size : answer.found.size() - 1;
    for (; answer.lower <= largest; ++answer.lower) {
      sets_to_try -= sets_of(answer.lower, sets_to_try);
      if (sets_to_try < 0) return;
      std::vector<std::uint32_t> chosen;
      Tally rest = all_;
      if (!try_sets(answer.lower, 0, rest, chosen)) continue;
      answer.found = std::move(chosen);
      answer.by = Form(amount_.size());
      answer.by[ranking(all_)[0]] = 1;
      return;
    }
    answer.impossible = answer.found.empty();
  }

  // Largest contribution first; equal ones in the order of the count.
  void sort(Answer& answer) const {
    const auto by = parts_of({{answer.by, 0}})[0];
    std::vector<std::pair<std::int64_t, std::uint32_t>> members;
    for (const auto member : answer.found) members.emplace_back(-by.of(member), member);
    std::sort(members.begin(), members.end());
    for (std::size_t i = 0; i < members.size(); ++i) answer.found[i] = members[i].second;
  }

  bool changes(std::span<const std::uint32_t> removed) const {
    Tally rest = all_;
    for (const auto member : removed) take(rest, member, 1);
    return changed(rest);
  }

 private:
  bool changed(const Tally& rest) const { return !apply(rule_, contest_, rest).same_as(base_); }

  // The member's votes leave the tally (or come back, with times = -1).
  void take(Tally& tally, std::size_t member, std::int64_t times) const {
    const std::size_t m = tally.options.size();
    for (std::size_t c = 0; c < m; ++c) tally.options[c] -= times * pool_.columns[c][member];
    std::int64_t* const rest[] = {&tally.valid, &tally.cast, &tally.registered, &tally.blank, &tally.null};
    for (std::size_t c = 0; c < std::size(rest); ++c)
      if (!pool_.columns[m + c].empty()) *rest[c] -= times * pool_.columns[m + c][member];
  }

  const Spectrum& spectrum(std::size_t column) {
    auto& entry = spectra_[column];
    if (!entry) {
      entry.emplace();
      const ColumnView& view = pool_.columns[column];
      if (!view.empty())
        for (std::size_t i = 0; i < pool_.size; ++i) entry->add(view[i]);
      entry->close();
    }
    return *entry;
  }

  // No `many` members contribute more than this to the condition.
  Wide reach(const Condition& condition, std::size_t many) {
    Wide sum = 0;
    for (std::size_t c = 0; c < condition.form.size(); ++c)
      if (condition.form[c] > 0)
        sum += condition.form[c] * (many >= pool_.size ? static_cast<Wide>(amount_[c]) : spectrum(c).at_most(many));
    return sum;
  }

  // The share of all that could count for it that must be removed.
  double difficulty_of(const Condition& condition) {
    if (condition.need <= 0) return 0;
    return static_cast<double>(condition.need) / std::max(1.0, static_cast<double>(reach(condition, pool_.size)));
  }

  // The conditions summed with weights: a set that meets all of them meets the sum.
  Condition weighted_sum(const Event& event, const std::vector<double>& weight) {
    std::size_t parts = 0, last = 0;
    double magnitude = 0;
    std::vector<double> scaled(event.size());
    for (std::size_t k = 0; k < event.size(); ++k) {
      if (weight[k] <= 0) continue;
      ++parts;
      last = k;
      double size = 0;
      for (std::size_t c = 0; c < event[k].form.size(); ++c)
        size += std::abs(static_cast<double>(event[k].form[c])) * static_cast<double>(amount_[c]);
      scaled[k] = weight[k] / std::max(1.0, size);
      magnitude += weight[k];
    }
    if (parts == 1) return event[last];
    const double scale = 0x1p60 / magnitude;  // so that no sum over all members passes 2^61
    Condition sum{.form = Form(event[0].form.size()), .need = 0};
    for (std::size_t k = 0; k < event.size(); ++k) {
      const auto factor = static_cast<std::int64_t>(scaled[k] * scale);
      for (std::size_t c = 0; c < sum.form.size(); ++c) sum.form[c] += factor * event[k].form[c];
      sum.need += static_cast<Wide>(factor) * event[k].need;
    }
    return sum;
  }

  void score(const Form& form) {
    constexpr std::size_t block = 4096;
    for (std::size_t begin = 0; begin < pool_.size; begin += block) {
      const std::size_t end = std::min(pool_.size, begin + block);
      std::fill(score_.begin() + static_cast<std::ptrdiff_t>(begin), score_.begin() + static_cast<std::ptrdiff_t>(end),
                0);
      for (std::size_t c = 0; c < form.size(); ++c)
        if (form[c] != 0 && !pool_.columns[c].empty()) add_scaled(pool_.columns[c], form[c], begin, end, score_.data());
    }
  }

  // First those that are needed for sure, in the order of the count; then by score, equal ones in the order of the count.
  struct Selection {
    std::vector<std::uint32_t> order;
    std::size_t enough = 0;  // so many reach the need
  };
  // Nothing when the scores do not reach `need` with fewer than `most` members. Gives `further` more than are needed,
  // where there are.
  std::optional<Selection> largest_first(Wide need, std::size_t most, std::size_t further) const {
    Spectrum all;
    for (const std::int64_t value : score_) all.add(value);
    all.close();
    if (all.total() < need) return std::nullopt;
    const std::size_t reaching = all.bucket_reaching(need);  // all buckets above it are needed
    if (need > 0 && all.count_from(reaching + 1) + 1 >= most) return std::nullopt;
    const std::size_t lowest =
        std::min(reaching, all.bucket_holding(std::min(all.count_from(0), all.count_from(reaching) + further)));
    Selection out;
    std::vector<std::pair<std::int64_t, std::uint32_t>> rest;
    Wide sum = 0;
    for (std::uint32_t i = 0; i < score_.size(); ++i) {
      if (score_[i] <= 0) continue;
      const std::size_t bucket = Spectrum::bucket_of(score_[i]);
      if (bucket > reaching) {
        out.order.push_back(i);
        sum += score_[i];
      } else if (bucket >= lowest) {
        rest.emplace_back(-score_[i], i);
      }
    }
    std::sort(rest.begin(), rest.end());
    out.enough = out.order.size();
    for (const auto& [negative, i] : rest) {
      if (sum < need) {
        ++out.enough;
        sum -= negative;
      } else if (out.order.size() >= out.enough + further) {
        break;
      }
      out.order.push_back(i);
    }
    if (out.enough >= most) return std::nullopt;
    return out;
  }

  // A condition by its few columns.
  struct Parts {
    std::vector<std::pair<const ColumnView*, std::int64_t>> terms;
    Wide need;
    std::int64_t of(std::size_t member) const {
      std::int64_t sum = 0;
      for (const auto& [column, coefficient] : terms) sum += coefficient * (*column)[member];
      return sum;
    }
    Wide of(std::span<const std::uint32_t> members) const {
      Wide sum = 0;
      for (const auto& [column, coefficient] : terms) {
        std::int64_t part = 0;
        for (const auto member : members) part += (*column)[member];
        sum += static_cast<Wide>(coefficient) * part;
      }
      return sum;
    }
  };
  std::vector<Parts> parts_of(const Event& event) const {
    std::vector<Parts> out;
    for (const Condition& condition : event) {
      auto& parts = out.emplace_back();
      parts.need = condition.need;
      for (std::size_t c = 0; c < condition.form.size(); ++c)
        if (condition.form[c] != 0 && !pool_.columns[c].empty())
          parts.terms.emplace_back(&pool_.columns[c], condition.form[c]);
    }
    return out;
  }

  // Bounds for one event; nothing when it cannot happen with fewer than `most` members removed.
  std::optional<Answer> solve(const Event& event, std::size_t most) {
    std::vector<double> weight(event.size());
    std::size_t hardest = 0;
    for (std::size_t k = 0; k < event.size(); ++k) {
      if (event[k].need > 0 && reach(event[k], most - 1) < event[k].need) return std::nullopt;
      if (difficulty_of(event[k]) > difficulty_of(event[hardest])) hardest = k;
    }
    weight[hardest] = 1;
    Answer answer;
    if (event.size() > 1 && rounds_left_ == 0) {
      answer.lower = fewest_reaching(event[hardest]);
      return answer.lower < most ? std::optional(answer) : std::nullopt;
    }
    const auto parts = parts_of(event);
    std::vector<double> step(event.size(), 1.0);  // of the logarithm of the weight; shrinks where the direction turns
    std::vector<bool> was_met(event.size());
    const auto accept = [&](std::vector<std::uint32_t> set, const Form& by) {
      if (!answer.found.empty() && set.size() >= answer.found.size()) return;
      answer.found = std::move(set);
      answer.by = by;
    };
    for (int round = 0; round < 30; ++round) {
      const Condition sum = weighted_sum(event, weight);
      score(sum.form);
      const auto selection = largest_first(sum.need, most, event.size() == 1 ? 0 : 64 + answer.lower / 16);
      if (!selection) return std::nullopt;
      const bool tighter = selection->enough >= answer.lower;
      answer.lower = std::max(answer.lower, selection->enough);
      const auto& order = selection->order;
      if (event.size() == 1) {
        accept(order, sum.form);
        break;
      }
      // How far the set meets each condition, and how many more of the same order it takes to meet all.
      std::size_t taken = selection->enough;
      std::vector<Wide> met;
      for (const Parts& condition : parts) met.push_back(condition.of(std::span(order).first(taken)));
      const auto all_met = [&] {
        for (std::size_t k = 0; k < parts.size(); ++k)
          if (met[k] < parts[k].need) return false;
        return true;
      };
      for (std::size_t k = 0; k < parts.size(); ++k) {
        const bool is_met = met[k] >= parts[k].need;
        if (round > 0) step[k] *= is_met == was_met[k] ? 1.3 : 0.5;
        was_met[k] = is_met;
        if (weight[k] > 0)
          weight[k] *= std::exp(std::clamp(is_met ? -step[k] : step[k], -3.0, 3.0));
        else if (!is_met)
          weight[k] = 1;
      }
      const std::size_t limit = std::min(order.size(), (answer.found.empty() ? most : answer.found.size()) - 1);
      while (taken < limit && !all_met()) {
        for (std::size_t k = 0; k < parts.size(); ++k) met[k] += parts[k].of(order[taken]);
        ++taken;
      }
      if (all_met()) accept({order.begin(), order.begin() + static_cast<std::ptrdiff_t>(taken)}, sum.form);
      if (tighter && answer.found.size() != answer.lower)
        if (auto set = closed_with_one(parts, std::span(order).first(selection->enough - 1)))
          accept(*std::move(set), sum.form);
      if (answer.found.size() == answer.lower || rounds_left_ == 0) break;
      --rounds_left_;
    }
    if (answer.lower >= most) return std::nullopt;
    return answer;
  }

  // These members and one more, where that meets all conditions.
  std::optional<std::vector<std::uint32_t>> closed_with_one(const std::vector<Parts>& conditions,
                                                            std::span<const std::uint32_t> members) const {
    std::vector<Wide> met;
    for (const Parts& condition : conditions) met.push_back(condition.of(members));
    std::vector<bool> taken(pool_.size);
    for (const auto member : members) taken[member] = true;
    for (std::uint32_t i = 0; i < pool_.size; ++i) {
      bool all_met = !taken[i];
      for (std::size_t k = 0; all_met && k < conditions.size(); ++k)
        all_met = met[k] + conditions[k].of(i) >= conditions[k].need;
      if (!all_met) continue;
      std::vector<std::uint32_t> set(members.begin(), members.end());
      set.push_back(i);
      return set;
    }
    return std::nullopt;
  }

  // No fewer members reach the condition's need, judged by the columns alone.
  std::size_t fewest_reaching(const Condition& condition) {
    std::size_t low = 1, high = pool_.size;  // the answer lies within
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      if (reach(condition, middle) < condition.need)
        low = middle + 1;
      else
        high = middle;
    }
    return low;
  }

  // How many sets of this size there are, or `limit` + 1 when more.
  std::int64_t sets_of(std::size_t size, std::int64_t limit) const {
    double sets = 1;
    for (std::size_t k = 0; k < size && sets <= static_cast<double>(limit); ++k)
      sets *= static_cast<double>(pool_.size - k) / static_cast<double>(k + 1);
    return sets > static_cast<double>(limit) ? limit + 1 : std::llround(sets);
  }

  bool try_sets(std::size_t size, std::uint32_t from, Tally& rest, std::vector<std::uint32_t>& chosen) const {
    if (size == 0) return changed(rest);
    for (std::uint32_t i = from; i + size <= pool_.size; ++i) {
      take(rest, i, 1);
      chosen.push_back(i);
      if (try_sets(size - 1, i + 1, rest, chosen)) return true;
      chosen.pop_back();
      take(rest, i, -1);
    }
    return false;
  }

  const Rule& rule_;
  const Contest& contest_;
  const Tally& all_;
  const Outcome& base_;
  const Pool& pool_;
  std::vector<std::int64_t> amount_;
  std::vector<std::optional<Spectrum>> spectra_;
  std::vector<std::int64_t> score_;
  std::size_t rounds_left_;  // for events of several conditions, so that the cost stays linear
};

// The columns of `from`, summed over its members by `group_of`.
void sum_columns(Pool& out, const Pool& from, const std::vector<std::uint32_t>& group_of) {
  out.size = out.place.size();
  out.columns.resize(from.columns.size());
  out.own.reserve(from.columns.size());
  for (std::size_t c = 0; c < from.columns.size(); ++c) {
    const ColumnView& column = from.columns[c];
    if (column.empty()) continue;
    auto& sums = out.own.emplace_back(out.size);
    if (column.narrow.empty()) {
      for (std::size_t i = 0; i < group_of.size(); ++i) sums[group_of[i]] += column.wide[i];
    } else {
      for (std::size_t i = 0; i < group_of.size(); ++i)
        sums[group_of[i]] += column.narrow[i] == missing ? 0 : column.narrow[i];
    }
    out.columns[c].wide = sums;
  }
}

// Groups in the order in which they first come up.
class Grouping {
 public:
  explicit Grouping(std::size_t places) : number_(places + 1, unseen) {}
  std::uint32_t group(PlaceIndex place, Pool& pool) {
    auto& number = number_[place == no_place ? number_.size() - 1 : place];
    if (number == unseen) {
      number = static_cast<std::uint32_t>(pool.place.size());
      pool.place.push_back(place);
    }
    return number;
  }

 private:
  static constexpr std::uint32_t unseen = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> number_;
};

}  // namespace

Pool units_of(const Count& count, const Rule& rule) {
  Pool pool;
  pool.size = count.units();
  pool.own.reserve(2);
  const auto narrow = [&](std::span<const std::int32_t> column) { pool.columns.push_back({.narrow = column}); };
  const auto wide = [&](std::vector<std::int64_t> column) {
    pool.columns.push_back({.wide = pool.own.emplace_back(std::move(column))});
  };
  for (std::size_t i = 0; i < count.options(); ++i) narrow(count.option(i));
  if (!looks_at(rule, {Quantity::valid}))
    narrow({});
  else if (count.valid_basis == ValidBasis::reported &&
           std::find(count.valid.begin(), count.valid.end(), missing) == count.valid.end())
    narrow(count.valid);
  else
    wide(valid_of_units(count));
  if (!looks_at(rule, {Quantity::cast}))
    narrow({});
  else
    wide(cast_of_units(count));
  for (const auto& [quantity, column] : {std::pair{Quantity::registered, &count.registered},
                                         {Quantity::blank, &count.blank},
                                         {Quantity::null, &count.null}})
    narrow(looks_at(rule, {quantity}) ? std::span<const std::int32_t>(*column) : std::span<const std::int32_t>{});
  return pool;
}

Pool places_of(const Count& count, const Pool& units) {
  Pool pool;
  Grouping grouping(count.hierarchy.places().size());
  std::vector<std::uint32_t> group_of(count.units());
  for (std::size_t i = 0; i < group_of.size(); ++i) group_of[i] = grouping.group(count.unit_place[i], pool);
  sum_columns(pool, units, group_of);
  return pool;
}

Pool level_of(const Count& count, const Pool& places, std::uint32_t level) {
  Pool pool;
  Grouping grouping(count.hierarchy.places().size());
  std::vector<std::uint32_t> group_of(places.size);
  for (std::size_t i = 0; i < group_of.size(); ++i)
    group_of[i] =
        grouping.group(places.place[i] == no_place ? no_place : count.hierarchy.ancestor(places.place[i], level), pool);
  sum_columns(pool, places, group_of);
  return pool;
}

Answer smallest(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base, const Events& events,
                const Pool& pool, std::int64_t sets_to_try) {
  Solver solver(rule, contest, all, base, pool);
  Answer answer = solver.solve(events);
  if (!answer.proved()) solver.enumerate(answer, sets_to_try);
  if (!answer.found.empty()) solver.sort(answer);
  assert(answer.found.empty() || solver.changes(answer.found));
  return answer;
}

}  // namespace cotejo::removal

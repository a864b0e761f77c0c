// Of all sums that hold, the one whose parts are the options.
#include <algorithm>
#include <set>

#include "propose_roles.hpp"

namespace cotejo::proposing {

namespace {

constexpr double sure = 0.9;        // a sum that holds in so many rows is one
constexpr double least_points = 5;  // a sum of words of a form, as men + women = registered, has fewer
constexpr double as_good = 1.25;    // points by which two readings differ at least

class OptionsChooser {
 public:
  OptionsChooser(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given)
      : matrix_(matrix), sums_(sums), given_(given) {
    drop_weaker();
    for (const auto& sum : sums_)
      if (sum.share() >= sure) totals_.insert(sum.total);
    coarsen();
  }

  OptionsChoice choose() const {
    OptionsChoice out;
    std::vector<std::pair<double, const Sum*>> ranked;
    for (const auto& sum : sums_)
      if (allowed(sum)) ranked.emplace_back(score(sum), &sum);
    std::stable_sort(ranked.begin(), ranked.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    out.options = parallel_totals();
    if (!out.options.empty()) {
      // A grand total of them is their sum; else they stand for themselves.
      for (const auto& [points, sum] : ranked)
        if (sum->parts == out.options) out.sum = *sum;
      return out;
    }
    std::erase_if(ranked, [&](const auto& pair) { return is_beside_the_votes(*pair.second); });
    if (ranked.empty() || ranked.front().first <= least_points) return out;
    out.sum = *ranked.front().second;
    for (const auto& [points, sum] : ranked) {
      if (points + as_good < ranked.front().first || given_.valid || out.rivals.size() >= 8) break;
      if (points > 8 && apart(*sum, *out.sum) && sum->share() + 0.02 >= out.sum->share() &&
          !is_within(sum->total, out.sum->total) && !is_within(out.sum->total, sum->total) &&
          std::all_of(out.rivals.begin(), out.rivals.end(),
                      [&, sum = sum](const Sum& other) { return apart(*sum, other); }))
        out.rivals.push_back(*sum);
    }
    return out;
  }

 private:
  const Quantity& at(std::size_t q) const { return matrix_.quantities[q]; }

  static bool apart(const Sum& a, const Sum& b) {
    return a.total != b.total && !a.has(b.total) && !b.has(a.total) &&
           std::none_of(a.parts.begin(), a.parts.end(), [&](std::size_t q) { return b.has(q); });
  }

  // It holds in some rows alone, and four other columns without a word of a form are each larger than its total: it holds
  // by chance, between columns of few votes.
  bool is_beside_the_votes(const Sum& sum) const {
    if (sum.share() >= sure || given_.valid) return false;
    std::size_t larger = 0;
    for (std::size_t q = 0; q < matrix_.quantities.size(); ++q)
      larger += !sum.has(q) && at(q).words.role == Role::none && !at(q).words.is_code && at(q).sum > at(sum.total).sum
                    ? 1U
                    : 0U;
    return larger >= 4;
  }

  bool allowed(const Sum& sum) const {
    const auto is_not_option = [&](std::size_t q) {
      return std::find(given_.not_options.begin(), given_.not_options.end(), q) != given_.not_options.end();
    };
    const auto is_difference = [&](std::size_t q) {  // "a = b + diff" holds wherever a leads
      const auto& words = at(q).words;
      return words.role == Role::other && words.whole &&
             (words.words == "diff" || words.words == "difference" || words.words == "margin" ||
              words.words == "swing");
    };
    if (given_.valid && sum.total != *given_.valid) return false;
    return !is_difference(sum.total) && std::none_of(sum.parts.begin(), sum.parts.end(), [&](std::size_t q) {
      return is_not_option(q) || is_difference(q);
    });
  }

  // Of sums that compete (the same parts under several totals, or parts in common under one total) those that hold in the
  // most rows.
  void drop_weaker() {
    const auto competes = [](const Sum& a, const Sum& b) {
      if (a.parts == b.parts) return true;
      if (a.total != b.total) return false;
      std::size_t common = 0;
      for (const auto q : a.parts) common += b.has(q) ? 1U : 0U;
      return common * 2 >= std::min(a.parts.size(), b.parts.size());
    };
    std::vector<Sum> kept;
    for (const auto& sum : sums_)
      if (std::none_of(sums_.begin(), sums_.end(),
                       [&](const Sum& other) { return competes(sum, other) && other.share() > sum.share() + 1e-12; }))
        kept.push_back(sum);
    sums_ = std::move(kept);
  }

  // Where the parts of a sum hold all parts of another, the other's total in their place is a sum as well.
  void coarsen() {
    const auto found = sums_.size();
    std::set<std::pair<std::size_t, std::vector<std::size_t>>> known;
    for (const auto& sum : sums_) known.insert({sum.total, sum.parts});
    for (std::size_t i = 0; i < std::min<std::size_t>(found, 100); ++i) {
      Sum coarse = sums_[i];
      if (coarse.share() < sure) continue;
      bool changed = false;
      for (std::size_t k = 0; k < found; ++k) {
        const auto& inner = sums_[k];
        if (inner.share() < sure || inner.total == coarse.total || coarse.has(inner.total) ||
            inner.parts.size() >= coarse.parts.size() ||
            !std::includes(coarse.parts.begin(), coarse.parts.end(), inner.parts.begin(), inner.parts.end()))
          continue;
        std::erase_if(coarse.parts, [&](std::size_t q) { return inner.has(q); });
        coarse.parts.insert(std::upper_bound(coarse.parts.begin(), coarse.parts.end(), inner.total), inner.total);
        changed = true;
      }
      if (!changed || coarse.parts.size() < 2 || !known.insert({coarse.total, coarse.parts}).second) continue;
      count_rows(matrix_, coarse);
      if (coarse.share() >= sure) sums_.push_back(coarse);
    }
  }

  double points_of_total(const Quantity& total) const {
    const bool strong = form_strength(total) == 2;
    switch (total.words.role) {
      case Role::valid:
        return strong ? 3 : 1.5;
      case Role::cast:
      case Role::votes:
        return strong ? 2 : 1;
      case Role::null:
      case Role::blank:
      case Role::over:
      case Role::under:
      case Role::papers:
      case Role::abstention:
        return strong ? -6 : -2;
      case Role::registered:
        return strong ? -6 : -1;
      case Role::mode:
        return -3;
      default:
        return is_total_word(total.title) ? 2 : 0;
    }
  }

  double points_of_parts(const Sum& sum) const {
    double points = 0;
    std::size_t unnamed = 0;
    for (const auto q : sum.parts) {
      const auto& part = at(q);
      const int strength = form_strength(part);
      if (strength == 0) ++unnamed;
      if (strength == 1) points -= 0.2;
      if (strength < 2) continue;
      const auto role = part.words.role;
      const bool may_stand_among_options =
          role == Role::blank || role == Role::null || role == Role::over || role == Role::under;
      points -= may_stand_among_options ? 0.7 : 3;
    }
    return points + 0.5 * static_cast<double>(std::min<std::size_t>(unnamed, 8));
  }

  // Valid votes in ballots cast: nearly all of them, or the rest is called blank, null and the like.
  bool dominates(std::size_t part, const Sum& sum) const {
    if (at(part).sum * 5 >= at(sum.total).sum * 4) return true;
    return at(part).sum * 5 >= at(sum.total).sum && std::all_of(sum.parts.begin(), sum.parts.end(), [&](std::size_t q) {
             return q == part || form_strength(at(q)) == 2;
           });
  }
  // The same sum with the total of some parts in their place has one dominating part: ballots cast in options and null.
  bool is_a_total_of_valid(const Sum& sum) const {
    return std::any_of(sums_.begin(), sums_.end(), [&](const Sum& inner) {
      if (inner.share() < sure || inner.total == sum.total || sum.has(inner.total) ||
          inner.parts.size() >= sum.parts.size() ||
          !std::includes(sum.parts.begin(), sum.parts.end(), inner.parts.begin(), inner.parts.end()))
        return false;
      Sum coarse{.total = sum.total, .parts = {inner.total}};
      for (const auto q : sum.parts)
        if (!inner.has(q)) coarse.parts.push_back(q);
      return dominates(inner.total, coarse);
    });
  }
  // Some of its parts have a total of their own that holds in more rows.
  bool a_part_holds_better(const Sum& sum) const {
    return std::any_of(sums_.begin(), sums_.end(), [&](const Sum& inner) {
      if (inner.share() <= sum.share() + 1e-12) return false;
      return is_within(inner.total, sum.total) ||
             (inner.parts.size() < sum.parts.size() &&
              std::includes(sum.parts.begin(), sum.parts.end(), inner.parts.begin(), inner.parts.end()));
    });
  }
  // Some sum of `outer` has `inner` as a part.
  bool is_within(std::size_t inner, std::size_t outer) const {
    return std::any_of(sums_.begin(), sums_.end(),
                       [&](const Sum& sum) { return sum.total == outer && sum.has(inner); });
  }
  std::size_t totals_in(const Sum& sum) const {
    return static_cast<std::size_t>(
        std::count_if(sum.parts.begin(), sum.parts.end(), [&](std::size_t q) { return totals_.contains(q); }));
  }

  double score(const Sum& sum) const {
    double points = 10 * sum.share() + points_of_parts(sum) + points_of_total(at(sum.total));
    const auto inner = totals_in(sum);
    if (inner >= 2) points += 1.5;
    if (inner == 1)
      for (const auto q : sum.parts)
        if (totals_.contains(q)) points -= dominates(q, sum) ? 4 : 1;
    if (inner <= 1 && is_a_total_of_valid(sum)) points -= 4;
    if (a_part_holds_better(sum)) points -= 2;
    bool goes_on = false, beside_totals = false;
    for (const auto& outer : sums_) {
      if (outer.share() < sure || !outer.has(sum.total) || sum.has(outer.total)) continue;
      goes_on = goes_on || dominates(sum.total, outer);
      beside_totals = beside_totals || (totals_in(outer) >= 2 && !dominates(sum.total, outer));
    }
    return points + (goes_on ? 2 : 0) - (beside_totals ? 4 : 0);
  }

  // What the titles of a sum have in common: "Ora Peel (RED) / ".
  std::string common_beginning(const Sum& sum) const {
    std::string common = at(sum.total).title;
    for (const auto q : sum.parts) {
      const auto& title = at(q).title;
      const auto differ = std::mismatch(common.begin(), common.end(), title.begin(), title.end());
      common.resize(static_cast<std::size_t>(differ.first - common.begin()));
    }
    return common;
  }

  // The ends of the parts' titles, if they are ways of voting: {"Day", "Mail"}.
  std::set<std::string> modes_of(const Sum& sum, std::size_t beginning) const {
    std::set<std::string> out;
    bool any_mode = false;
    for (const auto q : sum.parts) {
      const auto end = at(q).title.substr(beginning);
      any_mode = any_mode || words_of(end).role == Role::mode;
      out.insert(folded(end));
    }
    return any_mode ? out : std::set<std::string>{};
  }

  // Several totals of the same ways of voting ("Peel / Day" + "Peel / Mail" = "Peel / Total") are the options themselves.
  std::vector<std::size_t> parallel_totals() const {
    std::vector<std::size_t> out;
    std::set<std::string> beginnings, modes;
    for (const auto& sum : sums_) {
      const auto beginning = common_beginning(sum);
      if (sum.share() < sure || beginning.size() < 3 || form_strength(at(sum.total)) > 0) continue;
      const auto own = modes_of(sum, beginning.size());
      if (own.empty() || (!modes.empty() && own != modes) || !beginnings.insert(beginning).second) continue;
      modes = own;
      out.push_back(sum.total);
    }
    std::sort(out.begin(), out.end());
    return out.size() >= 2 ? out : std::vector<std::size_t>{};
  }

  const Matrix& matrix_;
  std::vector<Sum> sums_;
  const GivenRoles& given_;
  std::set<std::size_t> totals_;
};

}  // namespace

OptionsChoice choose_options(const Matrix& matrix, const std::vector<Sum>& sums, const GivenRoles& given) {
  return OptionsChooser(matrix, sums, given).choose();
}

}  // namespace cotejo::proposing

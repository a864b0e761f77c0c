#include "rule_rows.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

namespace cotejo {

namespace {

std::size_t column_of(const Term& term, const Contest& contest, const RowLayout& layout) {
  switch (term.quantity) {
    case Quantity::leader:
      return layout.leader();
    case Quantity::runner_up:
      return layout.runner_up();
    case Quantity::option:
      return static_cast<std::size_t>(contest.index_of(term.option));
    case Quantity::valid:
      return layout.valid();
    case Quantity::cast:
      return layout.cast();
    case Quantity::registered:
      return layout.options + 2;
    case Quantity::blank:
      return layout.options + 3;
    case Quantity::null:
      return layout.null();
    case Quantity::constant:
      break;
  }
  return layout.one();
}

}  // namespace

void write_row(const Tally& tally, std::int64_t* row) {
  row = std::copy(tally.options.begin(), tally.options.end(), row);
  for (const std::int64_t total : {tally.valid, tally.cast, tally.registered, tally.blank, tally.null}) *row++ = total;
}

Tally tally_of_row(const Tally& like, const std::int64_t* row) {
  Tally out = like;
  for (auto& votes : out.options) votes = *row++;
  for (std::int64_t* total : {&out.valid, &out.cast, &out.registered, &out.blank, &out.null}) *total = *row++;
  return out;
}

RuleRows::RuleRows(const Rule& rule, const Contest& contest) : rule_(rule), layout_{contest.options.size()} {
  for (const auto& alternative : rule.alternatives) {
    auto& forms = alternatives_.emplace_back();
    for (const auto& clause : alternative.clauses) {
      Form form{.parts = {}, .denominator = 1, .comparison = clause.comparison};
      for (const auto& term : clause.terms)
        form.denominator = std::lcm(form.denominator, term.coefficient.denominator());
      for (const auto& term : clause.terms)
        form.parts.emplace_back(column_of(term, contest, layout_),
                                term.coefficient.numerator() * (form.denominator / term.coefficient.denominator()));
      forms.push_back(std::move(form));
    }
  }
}

RuleRows::Places RuleRows::places(const std::int64_t* row) const {
  const std::size_t m = layout_.options;
  std::size_t first = 0, second = m;
  for (std::size_t o = 1; o < m; ++o) {
    if (row[o] > row[first]) {
      second = first;
      first = o;
    } else if (second == m || row[o] > row[second]) {
      second = o;
    }
  }
  std::size_t at_second = 0;
  for (std::size_t o = 0; second < m && o < m; ++o) at_second += row[o] == row[second];
  return {first, second, at_second > 1};  // a shared first place is counted there too
}

RuleRows::Judged RuleRows::judge(std::int64_t* row, std::size_t leader) const {
  const std::size_t m = layout_.options;
  row[layout_.one()] = 1;
  std::size_t rival = m;  // nobody
  for (std::size_t o = 0; o < m; ++o)
    if (o != leader && (rival == m || row[o] > row[rival])) rival = o;
  Judged out;
  set_roles(row, leader, rival);
  out.slack = slack(row);
  const auto [first, second, shared] = places(row);
  if (shared) return out;
  set_roles(row, first, second);
  const Verdict verdict = met(row) ? rule_.met : rule_.otherwise;
  std::uint64_t a = m, b = m;
  if (verdict == Verdict::winner) a = first;
  if (verdict == Verdict::runoff) std::tie(a, b) = std::pair(std::min(first, second), std::max(first, second));
  out.outcome = (static_cast<std::uint64_t>(verdict) << 48) | (a << 24) | b;
  return out;
}

std::optional<std::uint64_t> RuleRows::signature(std::int64_t* row) const {
  row[layout_.one()] = 1;
  const auto [first, second, shared] = places(row);
  set_roles(row, first, second);
  std::uint64_t signs = 0;
  int clauses = 0;
  for (const auto& forms : alternatives_)
    for (const auto& form : forms) {
      if (++clauses > 24) return std::nullopt;
      const Slack::Wide value = form.value(row);
      signs = 3 * signs + (value > 0 ? 2U : value == 0 ? 1U : 0U);
    }
  return (signs << 24) | (static_cast<std::uint64_t>(first & 0x7ff) << 12) | ((second & 0x7ff) << 1) |
         (shared ? 1U : 0U);
}

Slack::Wide RuleRows::Form::value(const std::int64_t* row) const {
  Slack::Wide sum = 0;
  for (const auto& [at, coefficient] : parts) sum += Slack::Wide{row[at]} * coefficient;
  return sum;
}

void RuleRows::set_roles(std::int64_t* row, std::size_t first, std::size_t second) const {
  row[layout_.leader()] = row[first];
  row[layout_.runner_up()] = second < layout_.options ? row[second] : 0;
}

bool RuleRows::met(const std::int64_t* row) const {
  return std::any_of(alternatives_.begin(), alternatives_.end(), [&](const auto& forms) {
    return std::all_of(forms.begin(), forms.end(), [&](const Form& form) {
      const Slack::Wide value = form.value(row);
      return value > 0 || (value == 0 && form.comparison == Comparison::at_least);
    });
  });
}

double RuleRows::slack(const std::int64_t* row) const {
  double largest = -HUGE_VAL;
  for (const auto& forms : alternatives_) {
    double smallest = HUGE_VAL;
    for (const auto& form : forms)
      smallest = std::min(smallest, static_cast<double>(form.value(row)) / static_cast<double>(form.denominator));
    largest = std::max(largest, smallest);
  }
  return largest;
}

}  // namespace cotejo

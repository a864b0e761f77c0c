#include "cotejo/vote/outcome_events.hpp"

#include <algorithm>
#include <cstdlib>
#include <numeric>

namespace cotejo {

namespace {

constexpr std::size_t most_events = 4096;

Slack::Wide dot(const Form& form, const std::vector<std::int64_t>& amount) {
  Slack::Wide sum = 0;
  for (std::size_t c = 0; c < form.size(); ++c) sum += static_cast<Slack::Wide>(form[c]) * amount[c];
  return sum;
}

class EventList {
 public:
  EventList(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base)
      : rule_(rule),
        contest_(contest),
        base_(base),
        options_(contest.options.size()),
        amount_(amounts_of(all)),
        order_(ranking(all)) {}

  Events list() {
    if (base_.verdict == Verdict::tie) {
      out_.complete = false;
      for (const auto a : base_.options)
        for (const auto b : base_.options)
          if (a != b) add({no_longer(difference(b, a), Comparison::at_least)});
    } else if (base_.verdict == rule_.met) {
      const bool one_winner = base_.verdict == Verdict::winner;
      if (one_winner) {
        for (const auto rival : rivals_of(order_[0]))
          add({no_longer(difference(order_[0], rival), Comparison::greater)});
        not_met(order_[0], {});
      } else {
        for_every_leader([&](std::size_t leader, const Event& leads) { not_met(leader, leads); });
      }
    } else {
      if (base_.verdict == Verdict::runoff && base_.options.size() == 2)
        for (const auto finalist : base_.options)
          for (const auto other : order_)
            if (other != base_.options[0] && other != base_.options[1])
              add({no_longer(difference(finalist, other), Comparison::greater)});
      if (base_.verdict == Verdict::none && uses_roles()) shared_first_place();
      for_every_leader([&](std::size_t leader, const Event& leads) { met(leader, leads); });
    }
    return std::move(out_);
  }

 private:
  using Wide = Slack::Wide;
  using Disjunction = std::vector<Event>;  // one of them

  bool uses_roles() const { return looks_at(rule_, {Quantity::leader, Quantity::runner_up}); }

  std::vector<std::size_t> rivals_of(std::size_t option) const {
    std::vector<std::size_t> rivals;
    for (const auto other : order_)
      if (other != option) rivals.push_back(other);
    return rivals;
  }

  Form difference(std::size_t a, std::size_t b) const {
    Form form(amount_.size());
    form[a] += 1;
    form[b] -= 1;
    return form;
  }

  // What must be removed so that the form is no longer > 0, or >= 0.
  Requirement no_longer(Form form, Comparison comparison) const {
    const Wide value = dot(form, amount_);
    return {std::move(form), comparison == Comparison::at_least ? value + 1 : value};
  }
  Requirement no_longer(const Form& form, Wide constant, Comparison comparison) const {
    auto out = no_longer(form, comparison);
    out.need += constant;
    return out;
  }
  // What must be removed so that the form is > 0, or >= 0.
  Requirement becomes(Form form, Wide constant, Comparison comparison) const {
    for (auto& coefficient : form) coefficient = -coefficient;
    const Wide value = dot(form, amount_) - constant;
    return {std::move(form), comparison == Comparison::at_least ? value : value + 1};
  }

  // Calls `then` with every option that may lead, and the conditions under which it does; once, without conditions,
  // where the rule does not ask who leads.
  template <class Then>
  void for_every_leader(Then then) {
    if (!uses_roles()) return then(order_[0], Event{});
    for (const auto leader : order_) {
      Event leads;
      for (const auto rival : rivals_of(leader))
        leads.push_back(becomes(difference(leader, rival), 0, Comparison::at_least));
      then(leader, leads);
    }
  }

  void shared_first_place() {
    for (std::size_t i = 0; i < order_.size(); ++i)
      for (std::size_t j = i + 1; j < order_.size(); ++j) {
        Event event{becomes(difference(order_[j], order_[i]), 0, Comparison::at_least)};
        for (const auto rival : rivals_of(order_[i]))
          event.push_back(becomes(difference(order_[i], rival), 0, Comparison::at_least));
        add(std::move(event));
      }
  }

  // The ways in which a clause comes to hold (or fails) when `leader` leads. The runner-up is the strongest rival:
  // where it counts against the clause, the clause holds when it holds against every rival; where it counts for it,
  // when it holds with some rival.
  Disjunction clause_is(bool holding, const Clause& clause, std::size_t leader) const {
    std::int64_t common = 1, of_runner_up = 0;
    for (const auto& term : clause.terms) common = std::lcm(common, term.coefficient.denominator());
    Form form(amount_.size());
    Wide constant = 0;
    for (const auto& term : clause.terms) {
      const std::int64_t c = term.coefficient.numerator() * (common / term.coefficient.denominator());
      switch (term.quantity) {
        case Quantity::leader:
          form[leader] += c;
          break;
        case Quantity::runner_up:
          of_runner_up += c;
          break;
        case Quantity::option:
          form[static_cast<std::size_t>(contest_.index_of(term.option))] += c;
          break;
        case Quantity::valid:
          form[options_] += c;
          break;
        case Quantity::cast:
          form[options_ + 1] += c;
          break;
        case Quantity::registered:
          form[options_ + 2] += c;
          break;
        case Quantity::blank:
          form[options_ + 3] += c;
          break;
        case Quantity::null:
          form[options_ + 4] += c;
          break;
        case Quantity::constant:
          constant += c;
          break;
      }
    }
    Event literals;
    const auto rivals = of_runner_up == 0 ? std::vector<std::size_t>{} : rivals_of(leader);
    const auto literal = [&](const Form& f) {
      return holding ? becomes(f, constant, clause.comparison) : no_longer(f, constant, clause.comparison);
    };
    for (const auto rival : rivals) {
      Form with_rival = form;
      with_rival[rival] += of_runner_up;
      literals.push_back(literal(with_rival));
    }
    if (rivals.empty()) literals.push_back(literal(form));
    if (holding == (of_runner_up < 0)) return {literals};  // all of them
    Disjunction one_each;
    for (auto& condition : literals) one_each.push_back({std::move(condition)});
    return one_each;
  }

  Disjunction both(const Disjunction& a, const Disjunction& b) {
    Disjunction out;
    for (const Event& x : a)
      for (const Event& y : b) {
        if (out.size() >= most_events) {
          out_.complete = false;
          return out;
        }
        out.push_back(x);
        out.back().insert(out.back().end(), y.begin(), y.end());
      }
    return out;
  }

  void not_met(std::size_t leader, const Event& given) {
    Disjunction ways{given};
    for (const auto& alternative : rule_.alternatives) {
      Disjunction fails;
      for (const auto& clause : alternative.clauses)
        for (auto& way : clause_is(false, clause, leader)) fails.push_back(std::move(way));
      ways = both(ways, fails);
    }
    for (auto& way : ways) add(std::move(way));
  }

  void met(std::size_t leader, const Event& given) {
    for (const auto& alternative : rule_.alternatives) {
      Disjunction ways{given};
      for (const auto& clause : alternative.clauses) ways = both(ways, clause_is(true, clause, leader));
      for (auto& way : ways) add(std::move(way));
    }
  }

  void add(Event event) {
    for (const Requirement& condition : event) {
      Wide reach = 0;
      for (std::size_t c = 0; c < condition.form.size(); ++c)
        reach += static_cast<Wide>(std::abs(condition.form[c])) * amount_[c];
      if (reach > largest_event_sum) {
        out_.complete = false;
        return;
      }
    }
    if (out_.list.size() < most_events)
      out_.list.push_back(std::move(event));
    else
      out_.complete = false;
  }

  const Rule& rule_;
  const Contest& contest_;
  const Outcome& base_;
  std::size_t options_;
  std::vector<std::int64_t> amount_;
  std::vector<std::size_t> order_;
  Events out_;
};

}  // namespace

bool looks_at(const Rule& rule, std::initializer_list<Quantity> quantities) {
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses)
      for (const auto& term : clause.terms)
        if (std::find(quantities.begin(), quantities.end(), term.quantity) != quantities.end()) return true;
  return false;
}

std::vector<std::int64_t> amounts_of(const Tally& tally) {
  std::vector<std::int64_t> out = tally.options;
  out.insert(out.end(), {tally.valid, tally.cast, tally.registered, tally.blank, tally.null});
  return out;
}

Events events_that_change(const Rule& rule, const Contest& contest, const Tally& all, const Outcome& base) {
  return EventList(rule, contest, all, base).list();
}

}  // namespace cotejo

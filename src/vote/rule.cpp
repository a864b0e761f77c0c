#include "cotejo/vote/rule.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cstdlib>
#include <numeric>

namespace cotejo {

namespace {

constexpr std::int64_t largest_part = 1'000'000;

Error bad_fraction(std::string_view text) {
  return {.code = ErrorCode::profile_invalid,
          .message = "expected a whole number, a decimal or a fraction with parts of at most 1,000,000",
          .value = std::string(text),
          .remedy = "Write it as in \"2/5\", \"0.4\" or 1."};
}

bool parse_whole(std::string_view text, std::int64_t& out) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), out);
  return status == std::errc{} && end == text.data() + text.size() && out >= -largest_part && out <= largest_part;
}

std::int64_t amount(const Term& term, const Contest& contest, const Tally& tally, std::size_t leader,
                    std::size_t runner_up) {
  const auto votes = [&](std::size_t option) { return option < tally.options.size() ? tally.options[option] : 0; };
  switch (term.quantity) {
    case Quantity::leader:
      return votes(leader);
    case Quantity::runner_up:
      return votes(runner_up);
    case Quantity::option:
      return votes(static_cast<std::size_t>(contest.index_of(term.option)));
    case Quantity::valid:
      return tally.valid;
    case Quantity::cast:
      return tally.cast;
    case Quantity::registered:
      return tally.registered;
    case Quantity::blank:
      return tally.blank;
    case Quantity::null:
      return tally.null;
    case Quantity::constant:
      return 1;
  }
  return 0;
}

bool uses_roles(const Rule& rule) {
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses)
      for (const auto& term : clause.terms)
        if (term.quantity == Quantity::leader || term.quantity == Quantity::runner_up) return true;
  return false;
}

}  // namespace

Result<Rational> parse_rational(std::string_view text) {
  std::int64_t numerator = 0, denominator = 1;
  if (const auto slash = text.find('/'); slash != std::string_view::npos) {
    if (!parse_whole(text.substr(0, slash), numerator) || !parse_whole(text.substr(slash + 1), denominator) ||
        denominator <= 0)
      return bad_fraction(text);
  } else if (const auto point = text.find('.'); point != std::string_view::npos) {
    std::string digits(text);
    digits.erase(point, 1);
    const auto places = text.size() - point - 1;
    if (places == 0 || places > 6 || digits.empty() || !parse_whole(digits, numerator)) return bad_fraction(text);
    for (std::size_t i = 0; i < places; ++i) denominator *= 10;
  } else if (!parse_whole(text, numerator)) {
    return bad_fraction(text);
  }
  return Rational(numerator, denominator);
}

std::string to_text(const Rational& value) {
  return value.denominator() == 1 ? fmt::format("{}", value.numerator())
                                  : fmt::format("{}/{}", value.numerator(), value.denominator());
}

std::string_view to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::winner:
      return "winner";
    case Verdict::runoff:
      return "runoff";
    case Verdict::adopted:
      return "adopted";
    case Verdict::rejected:
      return "rejected";
    case Verdict::none:
      return "none";
    case Verdict::tie:
      return "tie";
  }
  return "none";
}

Rule Rule::plurality() {
  return {.id = "plurality",
          .title = "Most votes",
          .source = {},
          .met = Verdict::winner,
          .otherwise = Verdict::none,
          .alternatives = {
              {"plurality",
               {{"ahead of the second", {{Quantity::leader, 1}, {Quantity::runner_up, -1}}, Comparison::greater}}}}};
}

Rule Rule::majority_with_runoff() {
  return {.id = "majority-runoff",
          .title = "More than half of the valid votes, else a runoff between the first two",
          .source = {},
          .met = Verdict::winner,
          .otherwise = Verdict::runoff,
          .alternatives = {{"absolute majority",
                            {{"more than half of the valid votes",
                              {{Quantity::leader, 1}, {Quantity::valid, Rational(-1, 2)}},
                              Comparison::greater}}}}};
}

Rule Rule::share_and_lead(Rational share, Rational lead) {
  Rule rule = majority_with_runoff();
  const auto percent = [](Rational value) { return fmt::format("{:g}", 100 * boost::rational_cast<double>(value)); };
  rule.id = "share-and-lead";
  rule.title = fmt::format("More than half of the valid votes, or {} % and a lead of {} points; else a runoff",
                           percent(share), percent(lead));
  rule.alternatives.push_back({fmt::format("{} % and {} points", percent(share), percent(lead)),
                               {{fmt::format("{} % of the valid votes", percent(share)),
                                 {{Quantity::leader, 1}, {Quantity::valid, -share}},
                                 Comparison::at_least},
                                {fmt::format("{} points ahead of the second", percent(lead)),
                                 {{Quantity::leader, 1}, {Quantity::runner_up, -1}, {Quantity::valid, -lead}},
                                 Comparison::at_least}}});
  return rule;
}

Rule Rule::referendum(OptionId yes, OptionId no, Rational quorum_of_registered) {
  return {.id = "referendum",
          .title = fmt::format("More yes than no, and a turnout of at least {} of the registered",
                               to_text(quorum_of_registered)),
          .source = {},
          .met = Verdict::adopted,
          .otherwise = Verdict::rejected,
          .alternatives = {{"adoption",
                            {{"more yes than no",
                              {{Quantity::option, 1, std::move(yes)}, {Quantity::option, -1, std::move(no)}},
                              Comparison::greater},
                             {"turnout quorum",
                              {{Quantity::cast, 1}, {Quantity::registered, -quorum_of_registered}},
                              Comparison::at_least}}}}};
}

Result<void> validate(const Rule& rule, const Contest& contest) {
  const auto refuse = [&](std::string message, std::string value) {
    return Error{.code = ErrorCode::profile_invalid,
                 .message = fmt::format("rule '{}': {}", rule.id, message),
                 .value = std::move(value),
                 .remedy = "See docs/formats/rule.md."};
  };
  if (contest.options.empty()) return refuse("the contest has no options", contest.id.text);
  if (rule.alternatives.empty()) return refuse("it has no alternative", "");
  if (rule.met != Verdict::winner && rule.met != Verdict::adopted)
    return refuse("`met` must be winner or adopted", std::string(to_text(rule.met)));
  if (rule.otherwise == Verdict::winner || rule.otherwise == Verdict::adopted || rule.otherwise == Verdict::tie)
    return refuse("`otherwise` must be runoff, rejected or none", std::string(to_text(rule.otherwise)));
  for (const auto& alternative : rule.alternatives) {
    if (alternative.clauses.empty()) return refuse("an alternative has no clause", alternative.name);
    for (const auto& clause : alternative.clauses) {
      if (clause.terms.empty()) return refuse("a clause has no term", clause.name);
      std::int64_t common = 1;
      for (const auto& term : clause.terms) {
        if (term.quantity == Quantity::option && contest.index_of(term.option) < 0)
          return refuse("the contest has no such option", term.option.text);
        const auto& c = term.coefficient;
        if (c.numerator() < -largest_part || c.numerator() > largest_part || c.denominator() > largest_part)
          return refuse("a coefficient has a part over 1,000,000", clause.name);
        common = std::lcm(common, c.denominator());
        if (common > largest_part)
          return refuse("the fractions of a clause have too large a common denominator", clause.name);
      }
    }
  }
  return {};
}

Result<void> validate(const Rule& rule, const Count& count) {
  COTEJO_CHECK(validate(rule, count.contest));
  for (const auto& alternative : rule.alternatives)
    for (const auto& clause : alternative.clauses)
      for (const auto& term : clause.terms) {
        const bool known = term.quantity == Quantity::cast         ? count.knows_cast()
                           : term.quantity == Quantity::registered ? !count.registered.empty()
                           : term.quantity == Quantity::blank      ? !count.blank.empty()
                           : term.quantity == Quantity::null       ? !count.null.empty()
                                                                   : true;
        if (!known)
          return Error{.code = ErrorCode::input_insufficient,
                       .message = fmt::format("rule '{}' looks at a quantity that count '{}' does not report", rule.id,
                                              count.id.text),
                       .value = clause.name,
                       .remedy = "Map its column in the profile, or apply a rule that does without."};
      }
  return {};
}

Slack value_of(const Clause& clause, const Contest& contest, const Tally& tally, std::size_t leader,
               std::size_t runner_up) {
  Slack out;
  for (const auto& term : clause.terms) out.denominator = std::lcm(out.denominator, term.coefficient.denominator());
  for (const auto& term : clause.terms)
    out.numerator += static_cast<Slack::Wide>(amount(term, contest, tally, leader, runner_up)) *
                     term.coefficient.numerator() * (out.denominator / term.coefficient.denominator());
  return out;
}

Outcome apply(const Rule& rule, const Contest& contest, const Tally& tally) {
  assert(validate(rule, contest));
  const auto order = ranking(tally);
  const std::size_t leader = order[0];
  const std::size_t runner_up = order.size() > 1 ? order[1] : contest.options.size();  // past the end: 0 votes

  Outcome out;
  bool met = false, first_alternative = true;
  for (const auto& alternative : rule.alternatives) {
    bool holds = true, first_clause = true, binding_holds = true;
    Slack smallest;
    std::string binding;
    for (const auto& clause : alternative.clauses) {
      ClauseState state{alternative.name, clause.name, value_of(clause, contest, tally, leader, runner_up)};
      state.on_the_edge = state.slack.numerator == 0;
      state.holds = state.slack.numerator > 0 || (state.on_the_edge && clause.comparison == Comparison::at_least);
      holds = holds && state.holds;
      // Of clauses with the same slack, the one that fails binds (zero under a strict comparison).
      if (first_clause || state.slack < smallest || (!state.holds && binding_holds && !(smallest < state.slack))) {
        smallest = state.slack;
        binding_holds = state.holds;
        binding = alternative.name == clause.name ? clause.name : alternative.name + ": " + clause.name;
      }
      first_clause = false;
      out.clauses.push_back(std::move(state));
    }
    // An alternative that holds outranks one with the same slack that does not (zero under a strict comparison).
    if (first_alternative || out.slack < smallest || (holds && !met && !(smallest < out.slack))) {
      out.slack = smallest;
      out.binding = std::move(binding);
    }
    first_alternative = false;
    met = met || holds;
  }

  const auto sharing = [&](std::size_t option) {
    std::vector<std::size_t> tied;
    for (std::size_t i = 0; i < tally.options.size(); ++i)
      if (tally.options[i] == tally.options[option]) tied.push_back(i);
    return tied;
  };
  const auto tie = [&](std::vector<std::size_t> options) {
    out.verdict = Verdict::tie;
    out.options = std::move(options);
  };
  out.verdict = met ? rule.met : rule.otherwise;
  if (out.verdict == Verdict::winner) {
    const auto first = sharing(leader);
    if (first.size() > 1)
      tie(first);
    else
      out.options = {leader};
  } else if (out.verdict == Verdict::runoff) {
    if (order.size() < 2) {
      out.options = {leader};
    } else {
      const auto second = sharing(runner_up);
      const bool leader_is_tied = tally.options[leader] == tally.options[runner_up];
      if (second.size() > (leader_is_tied ? 2U : 1U))
        tie(second);
      else
        out.options = {std::min(leader, runner_up), std::max(leader, runner_up)};
    }
  } else if (out.verdict == Verdict::none && uses_roles(rule)) {
    const auto first = sharing(leader);
    if (first.size() > 1) tie(first);
  }
  return out;
}

std::string describe(const Outcome& outcome, const Contest& contest) {
  std::vector<std::string> names;
  for (const auto option : outcome.options) names.push_back(contest.options[option].id.text);
  const auto verdict = to_text(outcome.verdict);
  return names.empty() ? std::string(verdict) : fmt::format("{}: {}", verdict, fmt::join(names, " and "));
}

}  // namespace cotejo

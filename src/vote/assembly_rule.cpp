#include "cotejo/vote/assembly_rule.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace cotejo {

namespace {

using Sums = std::function<Result<VoteSums>(const std::string& weight)>;

Result<AssemblyDecision> decide_with(const AssemblyRule& rule, const DenominatorReading& reading, const Sums& sums_by,
                                     const std::string& vetoed_by) {
  AssemblyDecision out;
  const auto state = [&](const std::string& way, const RequiredMajority& majority,
                         const DenominatorReading& by) -> Result<MajorityState> {
    COTEJO_TRY(sums, sums_by(majority.weight));
    const Denominator kind = by.of.value_or(majority.denominator);
    const std::int64_t fixed = by.of ? by.fixed : majority.fixed;
    const std::int64_t denominator = sums.denominator(kind, fixed);
    if (denominator <= 0)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = fmt::format("the denominator \"{}\" of the rule '{}' is empty: no member counts in it",
                                          to_text(kind), rule.id),
                   .remedy = "Check the memberships on that day, or read the rule of another denominator."};
    MajorityState s{.way = way, .name = majority.name, .yes = sums.yes, .denominator = denominator};
    if (kind == Denominator::less_parties) s.yes -= sums.party_yes;
    s.needed = needed(majority.threshold, majority.strict, denominator);
    return s;
  };
  // Slack as a share of its denominator, so that seats and people can be compared.
  const auto share = [](const MajorityState& s) {
    return Rational(s.slack(), 1) / Rational(std::max<std::int64_t>(s.denominator, 1));
  };
  std::optional<MajorityState> best;
  bool adopted = rule.ways.empty();
  for (const auto& way : rule.ways) {
    std::optional<MajorityState> worst;
    for (const auto& majority : way.majorities) {
      COTEJO_TRY(s, state(way.name, majority, reading));
      out.majorities.push_back(s);
      if (!worst || share(s) < share(*worst)) worst = s;
    }
    if (!worst) continue;
    adopted = adopted || worst->slack() >= 0;
    if (!best || share(*worst) > share(*best)) best = worst;
  }
  if (best) {
    out.binding = best->name;
    out.needed = best->needed;
    out.slack = best->slack();
  }
  if (!vetoed_by.empty()) {
    adopted = false;
    out.binding = "veto of " + vetoed_by;
  }
  if (rule.consensus) {
    COTEJO_TRY(sums, sums_by(""));
    if (sums.no > 0) {
      adopted = false;
      out.binding = "consensus";
    } else if (!best) {
      out.binding = "consensus";
    }
  }
  for (const auto& quorum : rule.quorum) {
    COTEJO_TRY(sums, sums_by(quorum.weight));
    const auto denominator = sums.denominator(quorum.denominator, quorum.fixed);
    const auto there = sums.denominator(Denominator::present, 0);
    if (there < needed(quorum.threshold, quorum.strict, denominator)) {
      adopted = false;
      out.binding = "quorum";
    }
  }
  out.adopted = adopted;
  return out;
}

}  // namespace

std::int64_t VoteSums::denominator(Denominator kind, std::int64_t fixed) const {
  switch (kind) {
    case Denominator::members:
      return members;
    case Denominator::good_standing:
      return good_standing;
    case Denominator::represented:
      return represented;
    case Denominator::present:
      return yes + no + abstain + present;
    case Denominator::present_and_voting:
      return yes + no;
    case Denominator::less_parties:
      return members - parties;
    case Denominator::fixed:
      return fixed;
  }
  return 0;
}

VoteSums sums_of(const Chamber& chamber, std::span<const std::int64_t> weight) {
  VoteSums out;
  for (std::size_t i = 0; i < chamber.ballots.size(); ++i) {
    const std::int64_t w = weight.empty() ? 1 : weight[i];
    if (chamber.on_roll[i]) {
      out.members += w;
      if (chamber.good_standing[i]) out.good_standing += w;
      if (chamber.represented[i]) out.represented += w;
      if (chamber.party[i]) out.parties += w;
    }
    switch (chamber.ballots[i]) {
      case Ballot::yes:
        out.yes += w;
        if (chamber.party[i]) out.party_yes += w;
        break;
      case Ballot::no:
        out.no += w;
        if (chamber.party[i]) out.party_no += w;
        break;
      case Ballot::abstain:
        out.abstain += w;
        break;
      case Ballot::present:
        out.present += w;
        break;
      case Ballot::absent:
      case Ballot::paired_yes:
      case Ballot::paired_no:
        out.absent += w;
        break;
      case Ballot::not_member:
      case Ballot::not_recorded:
        break;
    }
  }
  return out;
}

std::int64_t needed(const Rational& threshold, bool strict, std::int64_t denominator) {
  using Wide = Slack::Wide;
  const Wide product = Wide{threshold.numerator()} * denominator;
  const Wide by = threshold.denominator();
  const Wide whole = product / by;
  const bool even = whole * by == product;
  return static_cast<std::int64_t>(even && !strict ? whole : whole + 1);
}

std::vector<std::int64_t> weights_on(const Assembly& assembly, std::string_view name, std::int32_t day) {
  std::vector<std::int64_t> out(assembly.members.size());
  std::vector<std::int32_t> since(out.size(), std::numeric_limits<std::int32_t>::min());
  for (const auto& weight : assembly.weights) {
    if (weight.name != name || (weight.from && weight.from.last > day)) continue;
    const auto from = weight.from ? weight.from.last : std::numeric_limits<std::int32_t>::min();
    if (from < since[weight.member]) continue;
    since[weight.member] = from;
    out[weight.member] = weight.value;
  }
  return out;
}

Result<AssemblyDecision> decide(const Assembly& assembly, const AssemblyRule& rule, const Chamber& chamber,
                                std::int32_t day, const DenominatorReading& reading) {
  std::string vetoed_by;
  for (const auto member : rule.veto)
    if (chamber.ballots[member] == Ballot::no && vetoed_by.empty()) vetoed_by = assembly.members[member].id;
  return decide_with(
      rule, reading,
      [&](const std::string& name) -> Result<VoteSums> {
        if (name.empty()) return sums_of(chamber);
        return sums_of(chamber, weights_on(assembly, name, day));
      },
      vetoed_by);
}

Result<AssemblyDecision> decide(const AssemblyRule& rule, const VoteSums& sums, const DenominatorReading& reading) {
  return decide_with(
      rule, reading,
      [&](const std::string& name) -> Result<VoteSums> {
        if (name.empty()) return sums;
        return Error{.code = ErrorCode::input_insufficient,
                     .message = fmt::format("the rule '{}' weighs members by {}, and this vote is known by its totals "
                                            "only",
                                            rule.id, name),
                     .remedy = "A roll call by member is needed."};
      },
      "");
}

}  // namespace cotejo

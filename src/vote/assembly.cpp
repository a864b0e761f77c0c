#include "cotejo/vote/assembly.hpp"

#include <algorithm>
#include <type_traits>

#include "cotejo/base/hash.hpp"

namespace cotejo {

namespace {

template <class T>
const T* by_id(const std::vector<T>& all, std::string_view id) {
  for (const auto& one : all)
    if (one.id == id) return &one;
  return nullptr;
}

template <class T>
std::optional<std::uint32_t> position_of(const std::vector<T>& all, std::string_view id) {
  for (std::size_t i = 0; i < all.size(); ++i)
    if (all[i].id == id) return static_cast<std::uint32_t>(i);
  return std::nullopt;
}

// Every field by name and value, so that no two assemblies that differ can give the same bytes.
struct Hashing {
  Sha256& hash;

  template <class T>
  void operator()(std::string_view name, const T& value) {
    hash.update(name);
    add(value);
  }
  void add(const std::string& value) { hash.update(std::string_view(value)); }
  void add(bool value) { number(value ? 1 : 0); }
  void add(std::int64_t value) { number(value); }
  void add(std::uint32_t value) { number(value); }
  void add(const CivilDate& value) { number(value.first), number(value.last); }
  void add(const Rational& value) { number(value.numerator()), number(value.denominator()); }
  template <class T>
  void add(const std::optional<T>& value) {
    number(value ? 1 : 0);
    if (value) add(*value);
  }
  template <class T>
  void add(const std::vector<T>& values) {
    number(static_cast<std::int64_t>(values.size()));
    for (const auto& value : values) add(value);
  }
  template <class T>
  void add(const T& value) {
    if constexpr (std::is_enum_v<T>)
      hash.update(to_text(value));
    else
      fields(*this, value);
  }
  void number(std::int64_t value) { hash.update(std::string_view(std::to_string(value))); }
};

template <class E, std::size_t n>
using NameList = std::array<std::pair<E, std::string_view>, n>;

}  // namespace

Names<Ballot> names_of(Ballot) {
  static constexpr NameList<Ballot, 9> names{{{Ballot::not_member, "not-member"},
                                              {Ballot::yes, "yes"},
                                              {Ballot::no, "no"},
                                              {Ballot::abstain, "abstain"},
                                              {Ballot::absent, "absent"},
                                              {Ballot::present, "present"},
                                              {Ballot::not_recorded, "not-recorded"},
                                              {Ballot::paired_yes, "paired-yes"},
                                              {Ballot::paired_no, "paired-no"}}};
  return names;
}
Names<Mark> names_of(Mark) {
  static constexpr NameList<Mark, 3> names{
      {{Mark::sourced, "sourced"}, {Mark::recall, "recall"}, {Mark::elimination, "elimination"}}};
  return names;
}
Names<EventKind> names_of(EventKind) {
  static constexpr NameList<EventKind, 10> names{{{EventKind::signature, "signature"},
                                                  {EventKind::accession, "accession"},
                                                  {EventKind::suspension, "suspension"},
                                                  {EventKind::exclusion, "exclusion"},
                                                  {EventKind::inactive, "inactive"},
                                                  {EventKind::vacancy, "vacancy"},
                                                  {EventKind::denunciation, "denunciation"},
                                                  {EventKind::revocation, "revocation"},
                                                  {EventKind::withdrawal, "withdrawal"},
                                                  {EventKind::observation, "observation"}}};
  return names;
}
Names<ConditionState> names_of(ConditionState) {
  static constexpr NameList<ConditionState, 4> names{{{ConditionState::none, "none"},
                                                      {ConditionState::met, "met"},
                                                      {ConditionState::unmet, "unmet"},
                                                      {ConditionState::disputed, "disputed"}}};
  return names;
}
Names<CredentialStatus> names_of(CredentialStatus) {
  static constexpr NameList<CredentialStatus, 2> names{
      {{CredentialStatus::seated, "seated"}, {CredentialStatus::claimant, "claimant"}}};
  return names;
}
Names<VotingMethod> names_of(VotingMethod) {
  static constexpr NameList<VotingMethod, 4> names{{{VotingMethod::recorded, "recorded"},
                                                    {VotingMethod::totals, "totals"},
                                                    {VotingMethod::secret, "secret"},
                                                    {VotingMethod::no_vote, "no-vote"}}};
  return names;
}
Names<Denominator> names_of(Denominator) {
  static constexpr NameList<Denominator, 7> names{{{Denominator::members, "members"},
                                                   {Denominator::good_standing, "good-standing"},
                                                   {Denominator::represented, "represented"},
                                                   {Denominator::present, "present"},
                                                   {Denominator::present_and_voting, "present-and-voting"},
                                                   {Denominator::less_parties, "less-parties"},
                                                   {Denominator::fixed, "fixed"}}};
  return names;
}
Names<Stance> names_of(Stance) {
  static constexpr NameList<Stance, 5> names{{{Stance::in_favour, "for"},
                                              {Stance::leans_in_favour, "leans-for"},
                                              {Stance::neutral, "neutral"},
                                              {Stance::leans_against, "leans-against"},
                                              {Stance::against, "against"}}};
  return names;
}
Names<Submitted> names_of(Submitted) {
  static constexpr NameList<Submitted, 4> names{{{Submitted::yes, "yes"},
                                                 {Submitted::afterwards, "afterwards"},
                                                 {Submitted::no, "no"},
                                                 {Submitted::unknown, "unknown"}}};
  return names;
}

std::optional<MemberIndex> Assembly::find_member(std::string_view member_id) const {
  return position_of(members, member_id);
}
std::optional<RollCallIndex> Assembly::find_roll_call(std::string_view roll_call_id) const {
  return position_of(roll_calls, roll_call_id);
}
const Body* Assembly::find_body(std::string_view body_id) const {
  return by_id(bodies, body_id);
}
const Organ* Assembly::find_organ(std::string_view organ_id) const {
  return by_id(organs, organ_id);
}
const AssemblyRule* Assembly::find_rule(std::string_view rule_id) const {
  return by_id(rules, rule_id);
}
const Credential* Assembly::find_credential(std::string_view credential_id) const {
  return by_id(credentials, credential_id);
}
std::string_view Assembly::body_of(const RollCall& roll_call) const {
  const Organ* organ = find_organ(roll_call.organ);
  return organ ? organ->body : body;
}
const AssemblyRule* Assembly::rule_of(const RollCall& roll_call) const {
  if (!roll_call.rule.empty()) return find_rule(roll_call.rule);
  const Organ* organ = find_organ(roll_call.organ);
  return organ && !organ->rule.empty() ? find_rule(organ->rule) : nullptr;
}

std::string Assembly::content_hash() const {
  Sha256 hash;
  Hashing hashing{hash};
  hashing.add(*this);
  hash.update(std::as_bytes(std::span(ballots)));
  return hash.hex();
}

Assembly as_known(const Assembly& assembly, std::int32_t day) {
  const auto known = [&](const Fact& fact) { return !fact.known_from || fact.known_from.first <= day; };
  // What happened is known from its day on where nothing else is said.
  const auto happened = [&](const CivilDate& date, const Fact& fact) {
    return fact.known_from ? fact.known_from.first <= day : !date || date.first <= day;
  };
  Assembly out = assembly;
  std::erase_if(out.events, [&](const auto& e) { return !happened(e.date, e.fact); });
  std::erase_if(out.credentials, [&](const auto& c) { return !happened(c.from, c.fact); });
  std::erase_if(out.weights, [&](const auto& w) { return !known(w.fact); });
  std::erase_if(out.positions, [&](const auto& p) { return !happened(p.date, p.fact); });
  std::erase_if(out.estimations, [&](const auto& e) { return !happened(e.date, e.fact); });
  std::erase_if(out.acts, [&](const auto& a) { return !happened(a.date, a.fact); });
  out.roll_calls.clear();
  out.ballots.clear();
  for (RollCallIndex i = 0; i < assembly.roll_calls.size(); ++i) {
    RollCall roll_call = assembly.roll_calls[i];
    if (!happened(roll_call.date, roll_call.fact)) continue;
    const auto row = assembly.row(i);
    const std::size_t begin = out.ballots.size();
    out.ballots.insert(out.ballots.end(), row.begin(), row.end());
    for (const auto& version : roll_call.versions)  // not corrected yet: that version is the record
      if (version.superseded_on && version.superseded_on.first > day) {
        for (const auto& change : version.changes)
          out.ballots[begin + change.member] = static_cast<std::int8_t>(change.ballot);
        if (version.totals.yes) roll_call.reported = version.totals;
      }
    std::erase_if(roll_call.versions, [&](const auto& version) {
      return !known(version.fact) || (version.superseded_on && version.superseded_on.first > day);
    });
    out.roll_calls.push_back(std::move(roll_call));
  }
  out.sha256 = out.content_hash();
  return out;
}

}  // namespace cotejo

// An assembly: bodies, who belongs to them and since when, who may vote for each seat, under which rules, and how they
// voted. Plain data, made once by a reader, never changed afterwards.
//
// What a method is given: `run(const Assembly&, const XRequest&, const Context&)`. Members are indices 0..m-1 into
// `members`; a vote is `assembly.ballot(roll_call, member)`, a row of one int8 per member is `assembly.row(roll_call)`.
// A roll-call set of any size lies in one block, roll-call-major: ballots[roll_call * m + member]; sets that have nothing
// but votes (no bodies, events, rules) are assemblies too, and `Ballot::not_member` then says who could not vote.
//
// Facts are kept with their source and with how they are known (`Mark`: from a source, by recall, by elimination), and
// facts that contradict each other are both kept: a membership that is disputed (a denunciation that was revoked, or
// whose conditions were not met), two credentials for a seat, a vote that two sources report differently or that was
// corrected after it was announced (`RecordVersion`). seats.hpp turns them into readings; nothing here chooses.
//
// Two times: `date` is when something held; `Fact::known_from` is since when it could be known (empty: always).
// as_known() gives the assembly as it stood in the books of a day.
//
// `fields()` names every field of every struct once: hashing, the case file and the writers go through it.
// Errors are the readers' (intake/assembly_reader.hpp). Verified in src/vote/tests/assembly_test.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cotejo/base/ids.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/vote/civil_date.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

using AssemblyId = StrongId<struct AssemblyTag>;  // "oas"
using MemberIndex = std::uint32_t;
using RollCallIndex = std::uint32_t;

// How one member voted. `present`: there, without a recorded option; `not_recorded`: entitled, and nobody says.
enum class Ballot : std::int8_t {
  not_member = 0,
  yes = 1,
  no = 2,
  abstain = 3,
  absent = 4,
  present = 5,
  not_recorded = 6,
  paired_yes = 7,
  paired_no = 8,
};

enum class Mark { sourced, recall, elimination };
enum class EventKind {
  signature,     // kept and shown; makes nobody a member
  accession,     // a member from this date
  suspension,    // by the body, until `until`: on the roll, without a vote
  exclusion,     // of the government, until `until`: on the roll, without a vote
  inactive,      // takes no part by its own choice: on the roll, entitled to return
  vacancy,       // nobody holds the seat, until `until`
  denunciation,  // notice received on `date`, takes effect on `effective`, perhaps under `condition`
  revocation,    // of the latest denunciation before it
  withdrawal,    // out from this date, at once
  observation,   // a fact about the membership that changes nothing by itself; kept and shown
};
enum class ConditionState { none, met, unmet, disputed };
enum class CredentialStatus { seated, claimant };
enum class VotingMethod { recorded, totals, secret, no_vote };
enum class Denominator { members, good_standing, represented, present, present_and_voting, less_parties, fixed };
enum class Stance { in_favour, leans_in_favour, neutral, leans_against, against };
enum class Submitted { yes, afterwards, no, unknown };

template <class E>
using Names = std::span<const std::pair<E, std::string_view>>;
Names<Ballot> names_of(Ballot);
Names<Mark> names_of(Mark);
Names<EventKind> names_of(EventKind);
Names<ConditionState> names_of(ConditionState);
Names<CredentialStatus> names_of(CredentialStatus);
Names<VotingMethod> names_of(VotingMethod);
Names<Denominator> names_of(Denominator);
Names<Stance> names_of(Stance);
Names<Submitted> names_of(Submitted);

// The name of a value of one of the enums above.
template <class E>
requires requires(E e) {
  names_of(e);
}
std::string_view to_text(E value) {
  for (const auto& [known, name] : names_of(value))
    if (known == value) return name;
  return "";
}

// Where a fact comes from, and how it is known.
struct Fact {
  std::string source{};
  Mark mark = Mark::sourced;
  CivilDate known_from{};
  std::string note{};
};

struct Member {
  std::string id{}, name{};
  std::string kind{};   // "state", "party", "person"; may be empty
  std::string group{};  // a bloc's or party's label; may be empty
  Fact fact{};
};

struct Body {
  std::string id{}, name{};
  CivilDate founded{}, in_force{}, ended{};
  std::string decision_rule{}, exit_rule{}, suspension_rule{};
  bool of_states = true;
  Fact fact{};
};

// A part of a body that decides; `rule` is what it decides by where a roll call names none.
struct Organ {
  std::string id{}, body{}, name{}, rule{};
  Fact fact{};
};

struct MembershipEvent {
  std::string body{};
  MemberIndex member = 0;
  EventKind kind = EventKind::accession;
  CivilDate date{}, effective{}, until{};
  std::string text{};
  std::string condition{};  // of a denunciation: what must be fulfilled
  ConditionState condition_state = ConditionState::none;
  std::vector<std::string> disputed_by{};  // who denies this fact, or its effect
  Fact fact{};
};

// Who may vote for a seat. `contested_by` non-empty, or a claimant beside it: a reading, not a choice.
struct Credential {
  std::string id{}, body{};
  MemberIndex member = 0;
  std::string holder{}, accredited_by{};
  CredentialStatus status = CredentialStatus::seated;
  CivilDate from{}, until{};
  std::string accepted_by{};
  std::vector<std::string> contested_by{};
  Fact fact{};
};

// A named number of a member, from one date on: "population", "votes". The latest that holds is used.
struct Weight {
  std::string name{};
  MemberIndex member = 0;
  std::int64_t value = 0;
  CivilDate from{};
  Fact fact{};
};

// At least `threshold` of the denominator (more than it, when strict); every member counts 1, or its weight.
struct RequiredMajority {
  std::string name{};
  Rational threshold{1, 2};
  bool strict = false;
  Denominator denominator = Denominator::members;
  std::int64_t fixed = 0;  // for Denominator::fixed
  std::string weight{};    // empty: one each
};

// One way to adopt: all its majorities.
struct AdoptionWay {
  std::string name{};
  std::vector<RequiredMajority> majorities{};
};

struct AssemblyRule {
  std::string id{}, body{}, title{}, subject{}, article{};
  std::vector<AdoptionWay> ways{};         // any of them adopts
  std::vector<MemberIndex> veto{};         // a no of one of these rejects
  bool consensus = false;                  // one no rejects; without a way, nothing else is asked
  std::vector<RequiredMajority> quorum{};  // of those present; none or one
  std::string text{};                      // what the article says, in our words
  Fact fact{};
};

struct Totals {
  std::optional<std::int64_t> yes{}, no{}, abstain{}, absent{};
};

// The same vote as somebody else reports it, or as it stood before it was corrected (`superseded_on`). The ballots of the
// assembly are the record as corrected; the other versions are told by what differs.
struct BallotChange {
  MemberIndex member = 0;
  Ballot ballot = Ballot::not_recorded;
};
struct RecordVersion {
  std::string id{}, text{};  // "announced", "corrected", "other-source"
  std::vector<BallotChange> changes{};
  Totals totals{};
  CivilDate superseded_on{};
  Fact fact{};
};

struct MarkedMember {
  MemberIndex member = 0;
  Mark mark = Mark::recall;
};
struct UsedCredential {
  MemberIndex member = 0;
  std::string credential{};  // the id of a Credential, or what the source calls who voted
};
struct Candidate {
  std::string name{};
  std::int64_t votes = 0;
};

struct RollCall {
  std::string id{};
  CivilDate date{};
  std::string organ{}, document{}, subject{}, rule{}, rule_text{};
  VotingMethod method = VotingMethod::recorded;
  bool complete = true;  // every seat that could vote is listed
  std::string completeness{};
  Totals reported{};
  std::optional<std::int64_t> needed_reported{};
  std::optional<bool> declared_adopted{};
  std::vector<Candidate> candidates{};  // of an election
  std::vector<MemberIndex> parties{};   // to the dispute, for Denominator::less_parties
  std::vector<UsedCredential> credentials{};
  std::vector<MarkedMember> marks{};  // votes known by recall or elimination
  std::vector<RecordVersion> versions{};
  Fact fact{};
};

// A question that the membership could put, and where everybody stands on it.
struct Motion {
  std::string id{}, title{}, organ{}, rule{};
  Fact fact{};
};
struct Position {
  std::string motion{}, who{};
  std::optional<MemberIndex> member{};  // none: a person, a group
  std::string holder{};                 // which government or credential spoke; may be empty
  Stance stance = Stance::neutral;
  CivilDate date{};
  std::string what{};
  Fact fact{};
};
struct Estimation {  // somebody's count of votes
  std::string motion{}, by{};
  std::optional<std::int64_t> in_favour{}, against{}, undeclared{}, needed{}, of{};
  CivilDate date{};
  Fact fact{};
};
struct Bloc {  // members that vote together
  std::string id{}, name{};
  std::vector<MemberIndex> members{};
  Fact fact{};
};
// A set of members told by what they did: the union of everything named.
struct Scenario {
  std::string id{}, motion{}, title{};
  std::vector<std::string> yes_at{}, not_yes_at{};  // roll calls
  std::vector<std::string> without{};  // "in_favour" or "against": members of the organ without this position
  CivilDate without_until{};           // positions taken by then
  std::vector<std::string> also{};     // other scenarios
  std::vector<MemberIndex> plus{};
  Fact fact{};
};

// What an office did, and whether the membership was asked.
struct Act {
  std::string id{};
  CivilDate date{};
  std::string actor{}, organ{}, title{};
  std::string basis{};  // the article or mandate that was stated; empty: none was found
  bool basis_stated = false;
  std::string motivation{};
  Submitted submitted = Submitted::unknown;
  std::string submitted_to{};
  CivilDate submitted_on{};
  std::string decision{};  // the id of a roll call, or words
  std::vector<std::string> objections{};
  Fact fact{};
};

// Two sources that disagree on something that is not one vote; both stay.
struct SourceConflict {
  std::string about{}, field{}, claim_a{}, source_a{}, claim_b{}, source_b{}, assessment{};
};

struct Assembly {
  AssemblyId id{};
  std::string title{}, source{};
  std::string body{};  // the id of the main body
  std::vector<std::string> caveats{};
  std::vector<Member> members{};
  std::vector<Body> bodies{};
  std::vector<Organ> organs{};
  std::vector<MembershipEvent> events{};
  std::vector<Credential> credentials{};
  std::vector<Weight> weights{};
  std::vector<AssemblyRule> rules{};
  std::vector<RollCall> roll_calls{};
  std::vector<std::int8_t> ballots{};  // roll_calls x members
  std::vector<Motion> motions{};
  std::vector<Position> positions{};
  std::vector<Estimation> estimations{};
  std::vector<Bloc> blocs{};
  std::vector<Scenario> scenarios{};
  std::vector<Act> acts{};
  std::vector<SourceConflict> conflicts{};
  std::string sha256{};  // content_hash(), kept by the reader
  int revision = 1;      // of the case that holds it, and how many it has there; not in the hash
  int revisions = 1;

  Ballot ballot(RollCallIndex roll_call, MemberIndex member) const {
    return static_cast<Ballot>(ballots[static_cast<std::size_t>(roll_call) * members.size() + member]);
  }
  std::span<const std::int8_t> row(RollCallIndex roll_call) const {
    return std::span(ballots).subspan(static_cast<std::size_t>(roll_call) * members.size(), members.size());
  }

  std::optional<MemberIndex> find_member(std::string_view member_id) const;
  std::optional<RollCallIndex> find_roll_call(std::string_view roll_call_id) const;
  const Body* find_body(std::string_view body_id) const;
  const Organ* find_organ(std::string_view organ_id) const;
  const AssemblyRule* find_rule(std::string_view rule_id) const;
  const Credential* find_credential(std::string_view credential_id) const;
  // The body of a roll call: its organ's, else the main body ("" when there is none).
  std::string_view body_of(const RollCall& roll_call) const;
  // The rule of a roll call: its own, else its organ's; nullptr when neither is given.
  const AssemblyRule* rule_of(const RollCall& roll_call) const;

  // SHA-256 over every field and every vote.
  std::string content_hash() const;
};

// The assembly as it stood in the books at the end of `day`: facts, versions and roll calls that could not be known yet
// are left out. Roll calls and positions are known from their own date on where nothing else is said.
Assembly as_known(const Assembly& assembly, std::int32_t day);

// ---- every field of every struct, once; v(name, value) --------------------------------------------------------------
template <class S, class T>
concept IsA = std::is_same_v<std::remove_const_t<S>, T>;
template <class V, IsA<Fact> S>
void fields(V& v, S& s) {
  v("source", s.source), v("mark", s.mark), v("known_from", s.known_from), v("note", s.note);
}
template <class V, IsA<Member> S>
void fields(V& v, S& s) {
  v("id", s.id), v("name", s.name), v("kind", s.kind), v("group", s.group), v("fact", s.fact);
}
template <class V, IsA<Body> S>
void fields(V& v, S& s) {
  v("id", s.id), v("name", s.name), v("founded", s.founded), v("in_force", s.in_force), v("ended", s.ended),
      v("decision_rule", s.decision_rule), v("exit_rule", s.exit_rule), v("suspension_rule", s.suspension_rule),
      v("of_states", s.of_states), v("fact", s.fact);
}
template <class V, IsA<Organ> S>
void fields(V& v, S& s) {
  v("id", s.id), v("body", s.body), v("name", s.name), v("rule", s.rule), v("fact", s.fact);
}
template <class V, IsA<MembershipEvent> S>
void fields(V& v, S& s) {
  v("body", s.body), v("member", s.member), v("kind", s.kind), v("date", s.date), v("effective", s.effective),
      v("until", s.until), v("text", s.text), v("condition", s.condition), v("condition_state", s.condition_state),
      v("disputed_by", s.disputed_by), v("fact", s.fact);
}
template <class V, IsA<Credential> S>
void fields(V& v, S& s) {
  v("id", s.id), v("body", s.body), v("member", s.member), v("holder", s.holder), v("accredited_by", s.accredited_by),
      v("status", s.status), v("from", s.from), v("until", s.until), v("accepted_by", s.accepted_by),
      v("contested_by", s.contested_by), v("fact", s.fact);
}
template <class V, IsA<Weight> S>
void fields(V& v, S& s) {
  v("name", s.name), v("member", s.member), v("value", s.value), v("from", s.from), v("fact", s.fact);
}
template <class V, IsA<RequiredMajority> S>
void fields(V& v, S& s) {
  v("name", s.name), v("threshold", s.threshold), v("strict", s.strict), v("denominator", s.denominator),
      v("fixed", s.fixed), v("weight", s.weight);
}
template <class V, IsA<AdoptionWay> S>
void fields(V& v, S& s) {
  v("name", s.name), v("majorities", s.majorities);
}
template <class V, IsA<AssemblyRule> S>
void fields(V& v, S& s) {
  v("id", s.id), v("body", s.body), v("title", s.title), v("subject", s.subject), v("article", s.article),
      v("ways", s.ways), v("veto", s.veto), v("consensus", s.consensus), v("quorum", s.quorum), v("text", s.text),
      v("fact", s.fact);
}
template <class V, IsA<Totals> S>
void fields(V& v, S& s) {
  v("yes", s.yes), v("no", s.no), v("abstain", s.abstain), v("absent", s.absent);
}
template <class V, IsA<BallotChange> S>
void fields(V& v, S& s) {
  v("member", s.member), v("ballot", s.ballot);
}
template <class V, IsA<RecordVersion> S>
void fields(V& v, S& s) {
  v("id", s.id), v("text", s.text), v("changes", s.changes), v("totals", s.totals), v("superseded_on", s.superseded_on),
      v("fact", s.fact);
}
template <class V, IsA<MarkedMember> S>
void fields(V& v, S& s) {
  v("member", s.member), v("mark", s.mark);
}
template <class V, IsA<UsedCredential> S>
void fields(V& v, S& s) {
  v("member", s.member), v("credential", s.credential);
}
template <class V, IsA<Candidate> S>
void fields(V& v, S& s) {
  v("name", s.name), v("votes", s.votes);
}
template <class V, IsA<RollCall> S>
void fields(V& v, S& s) {
  v("id", s.id), v("date", s.date), v("organ", s.organ), v("document", s.document), v("subject", s.subject),
      v("rule", s.rule), v("rule_text", s.rule_text), v("method", s.method), v("complete", s.complete),
      v("completeness", s.completeness), v("reported", s.reported), v("needed_reported", s.needed_reported),
      v("declared_adopted", s.declared_adopted), v("candidates", s.candidates), v("parties", s.parties),
      v("credentials", s.credentials), v("marks", s.marks), v("versions", s.versions), v("fact", s.fact);
}
template <class V, IsA<Motion> S>
void fields(V& v, S& s) {
  v("id", s.id), v("title", s.title), v("organ", s.organ), v("rule", s.rule), v("fact", s.fact);
}
template <class V, IsA<Position> S>
void fields(V& v, S& s) {
  v("motion", s.motion), v("who", s.who), v("member", s.member), v("holder", s.holder), v("stance", s.stance),
      v("date", s.date), v("what", s.what), v("fact", s.fact);
}
template <class V, IsA<Estimation> S>
void fields(V& v, S& s) {
  v("motion", s.motion), v("by", s.by), v("in_favour", s.in_favour), v("against", s.against),
      v("undeclared", s.undeclared), v("needed", s.needed), v("of", s.of), v("date", s.date), v("fact", s.fact);
}
template <class V, IsA<Bloc> S>
void fields(V& v, S& s) {
  v("id", s.id), v("name", s.name), v("members", s.members), v("fact", s.fact);
}
template <class V, IsA<Scenario> S>
void fields(V& v, S& s) {
  v("id", s.id), v("motion", s.motion), v("title", s.title), v("yes_at", s.yes_at), v("not_yes_at", s.not_yes_at),
      v("without", s.without), v("without_until", s.without_until), v("also", s.also), v("plus", s.plus),
      v("fact", s.fact);
}
template <class V, IsA<Act> S>
void fields(V& v, S& s) {
  v("id", s.id), v("date", s.date), v("actor", s.actor), v("organ", s.organ), v("title", s.title), v("basis", s.basis),
      v("basis_stated", s.basis_stated), v("motivation", s.motivation), v("submitted", s.submitted),
      v("submitted_to", s.submitted_to), v("submitted_on", s.submitted_on), v("decision", s.decision),
      v("objections", s.objections), v("fact", s.fact);
}
template <class V, IsA<SourceConflict> S>
void fields(V& v, S& s) {
  v("about", s.about), v("field", s.field), v("claim_a", s.claim_a), v("source_a", s.source_a), v("claim_b", s.claim_b),
      v("source_b", s.source_b), v("assessment", s.assessment);
}
// All but the ballots and the hash.
template <class V, IsA<Assembly> S>
void fields(V& v, S& s) {
  v("id", s.id.text), v("title", s.title), v("source", s.source), v("body", s.body), v("caveats", s.caveats),
      v("members", s.members), v("bodies", s.bodies), v("organs", s.organs), v("events", s.events),
      v("credentials", s.credentials), v("weights", s.weights), v("rules", s.rules), v("roll_calls", s.roll_calls),
      v("motions", s.motions), v("positions", s.positions), v("estimations", s.estimations), v("blocs", s.blocs),
      v("scenarios", s.scenarios), v("acts", s.acts), v("conflicts", s.conflicts);
}

}  // namespace cotejo

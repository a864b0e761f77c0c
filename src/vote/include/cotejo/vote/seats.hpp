// Who belongs to a body on a day, who may vote there, and under which reading of what is disputed.
//
// A member is on the roll from its accession until it is out. A withdrawal is out at once. A denunciation is out on its
// effective date; where it was revoked before, where its condition is not met, or where somebody disputes it, both
// readings stand (`readings`, two or more, that differ in `member`). A date of which only the month or year is known
// gives two readings while that month or year lasts. Suspended, excluded, inactive members and vacant seats stay on the
// roll; `votes` says whether the member could vote.
// Verified in src/vote/tests/assembly_test.cpp.
#pragma once

#include <string>
#include <vector>

#include "cotejo/vote/assembly.hpp"

namespace cotejo {

// One way to read what is disputed about a membership: "took-effect", "revoked", "condition-unmet", ...
struct MembershipReading {
  std::string id, text;
  bool member = false;
};

struct SeatState {
  MemberIndex member = 0;
  std::vector<MembershipReading> readings;  // one, or several that differ
  bool suspended = false, excluded = false, inactive = false, vacant = false;
  std::vector<const MembershipEvent*> because;  // the events that made it so, in time order
  std::vector<const Credential*> credentials;   // that cover the day

  // A member under some reading; under every reading.
  bool perhaps_member() const;
  bool surely_member() const;
  bool contested() const { return perhaps_member() && !surely_member(); }
  // Somebody contests who may vote, or two claim to.
  bool credential_contested() const;
  bool good_standing() const { return !suspended && !excluded && !inactive; }
};

// One entry per member that ever had an event in the body, in the order of `members`.
// Errors: value_invalid when the body did not exist on that day; count_unknown for a body that is not there.
Result<std::vector<SeatState>> seats_on(const Assembly& assembly, std::string_view body, std::int32_t day);

// One member alone; no check of the body.
SeatState seat_on(const Assembly& assembly, std::string_view body, MemberIndex member, std::int32_t day);

// For every member of the assembly: does it belong to the body on that day, under some reading? No check of the body.
std::vector<bool> perhaps_members(const Assembly& assembly, std::string_view body, std::int32_t day);

// "member", "suspended", "excluded", "inactive", "vacant", "contested" or "out", in short.
std::string_view status_of(const SeatState& seat);

// A stretch of time in which a member's status in a body did not change; `until` is the first day after it, or none.
struct MembershipSpan {
  std::string body;
  MemberIndex member = 0;
  CivilDate from, until;
  std::string status, why;
  Mark mark = Mark::sourced;
  std::string source;
};

// Every stretch but those of status "out", by body, member and time.
std::vector<MembershipSpan> timeline(const Assembly& assembly);

}  // namespace cotejo

#include "cotejo/vote/seats.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace cotejo {

namespace {

using Events = std::vector<const MembershipEvent*>;

// The events of every member in a body, each in time order.
std::vector<Events> events_by_member(const Assembly& assembly, std::string_view body) {
  std::vector<Events> out(assembly.members.size());
  for (const auto& event : assembly.events)
    if (event.body == body) out[event.member].push_back(&event);
  for (auto& events : out)
    std::stable_sort(events.begin(), events.end(),
                     [](const auto* a, const auto* b) { return a->date.first < b->date.first; });
  return out;
}

Events events_of(const Assembly& assembly, std::string_view body, MemberIndex member) {
  Events out;
  for (const auto& event : assembly.events)
    if (event.member == member && event.body == body) out.push_back(&event);
  std::stable_sort(out.begin(), out.end(), [](const auto* a, const auto* b) { return a->date.first < b->date.first; });
  return out;
}

void put(std::vector<MembershipReading>& readings, MembershipReading reading) {
  for (const auto& known : readings)
    if (known.id == reading.id && known.member == reading.member) return;
  readings.push_back(std::move(reading));
}

// A reduced date that the day lies in: happened already, or not yet.
std::vector<MembershipReading> either(const std::vector<MembershipReading>& before, const MembershipEvent& event,
                                      bool member_after) {
  std::vector<MembershipReading> out;
  put(out,
      {"already", fmt::format("the {} of {} had happened", to_text(event.kind), to_text(event.date)), member_after});
  for (const auto& reading : before)
    put(out, {"not-yet", fmt::format("the {} of {} had not happened", to_text(event.kind), to_text(event.date)),
              reading.member});
  return out;
}

std::vector<MembershipReading> after_denunciation(const Events& events, std::size_t at, std::int32_t day,
                                                  const std::vector<MembershipReading>& before) {
  const MembershipEvent& notice = *events[at];
  const CivilDate effect = notice.effective ? notice.effective : notice.date;
  if (passed(effect, day) == Passed::no) return before;
  if (passed(effect, day) == Passed::perhaps) return either(before, notice, false);
  const bool was_member = std::any_of(before.begin(), before.end(), [](const auto& r) { return r.member; });
  const MembershipEvent* revocation = nullptr;
  for (std::size_t i = at + 1; i < events.size() && !revocation; ++i)
    if (events[i]->kind == EventKind::revocation) revocation = events[i];
  if (revocation && revocation->date.first > day) revocation = nullptr;

  const MembershipReading out{
      "took-effect", fmt::format("the notice of {} took effect on {}", to_text(notice.date), to_text(effect)), false};
  std::vector<MembershipReading> readings;
  const bool revocation_disputed = revocation && (!revocation->disputed_by.empty() || !notice.disputed_by.empty() ||
                                                  revocation->date.first > effect.first);
  if (revocation && !revocation_disputed)
    return {{"revoked", fmt::format("the notice was revoked on {}", to_text(revocation->date)), was_member}};
  put(readings, out);
  if (revocation)
    put(readings, {"revoked", fmt::format("the notice was revoked on {}", to_text(revocation->date)), was_member});
  if (notice.condition_state == ConditionState::unmet || notice.condition_state == ConditionState::disputed)
    put(readings,
        {"condition-unmet", fmt::format("no exit before its condition is met: {}", notice.condition), was_member});
  if (!notice.disputed_by.empty() && readings.size() == 1)
    put(readings,
        {"disputed", fmt::format("the notice is disputed by {}", fmt::join(notice.disputed_by, ", ")), was_member});
  return readings;
}

// A stretch that has begun and not ended.
bool covers(const CivilDate& from, const CivilDate& until, std::int32_t day) {
  if (passed(from, day) != Passed::yes) return false;
  return !until || until.first > day;
}

SeatState state_of(const Events& events, MemberIndex member, std::int32_t day) {
  SeatState seat{.member = member, .readings = {{"", "", false}}, .because = {}, .credentials = {}};
  for (std::size_t i = 0; i < events.size(); ++i) {
    const MembershipEvent& event = *events[i];
    const Passed done = passed(event.date, day);
    if (done == Passed::no) continue;
    bool counts = true;
    switch (event.kind) {
      case EventKind::accession:
      case EventKind::withdrawal: {
        const bool in = event.kind == EventKind::accession;
        if (done == Passed::perhaps)
          seat.readings = either(seat.readings, event, in);
        else if (event.disputed_by.empty())
          seat.readings = {{in ? "acceded" : "withdrew", event.text, in}};
        else
          put(seat.readings, {in ? "acceded" : "withdrew",
                              fmt::format("the {} of {} counts (disputed by {})", to_text(event.kind),
                                          to_text(event.date), fmt::join(event.disputed_by, ", ")),
                              in});
        break;
      }
      case EventKind::denunciation:
        seat.readings = after_denunciation(events, i, day, seat.readings);
        break;
      case EventKind::suspension:
        seat.suspended = seat.suspended || (counts = covers(event.date, event.until, day));
        break;
      case EventKind::exclusion:
        seat.excluded = seat.excluded || (counts = covers(event.date, event.until, day));
        break;
      case EventKind::inactive:
        seat.inactive = seat.inactive || (counts = covers(event.date, event.until, day));
        break;
      case EventKind::vacancy:
        seat.vacant = seat.vacant || (counts = covers(event.date, event.until, day));
        break;
      case EventKind::signature:
      case EventKind::revocation:
      case EventKind::observation:
        break;
    }
    if (counts) seat.because.push_back(&event);
  }
  return seat;
}

}  // namespace

bool SeatState::perhaps_member() const {
  return std::any_of(readings.begin(), readings.end(), [](const auto& r) { return r.member; });
}
bool SeatState::surely_member() const {
  return std::all_of(readings.begin(), readings.end(), [](const auto& r) { return r.member; });
}
bool SeatState::credential_contested() const {
  return credentials.size() > 1 || std::any_of(credentials.begin(), credentials.end(), [](const Credential* c) {
           return !c->contested_by.empty() || c->status == CredentialStatus::claimant;
         });
}

SeatState seat_on(const Assembly& assembly, std::string_view body, MemberIndex member, std::int32_t day) {
  SeatState seat = state_of(events_of(assembly, body, member), member, day);
  for (const auto& credential : assembly.credentials)
    if (credential.member == member && credential.body == body && covers(credential.from, credential.until, day))
      seat.credentials.push_back(&credential);
  return seat;
}

Result<std::vector<SeatState>> seats_on(const Assembly& assembly, std::string_view body, std::int32_t day) {
  const Body* found = assembly.find_body(body);
  if (!found) {
    std::vector<std::string> names;
    for (const auto& b : assembly.bodies) names.push_back(b.id);
    return Error{
        .code = ErrorCode::count_unknown,
        .message = "the assembly has no such body",
        .value = std::string(body),
        .remedy = names.empty() ? "Its tables name no bodies." : fmt::format("It has: {}.", fmt::join(names, ", "))};
  }
  if (found->founded && day < found->founded.first)
    return Error{.code = ErrorCode::value_invalid,
                 .message = fmt::format("{} did not exist on this day; it was founded on {}", found->name,
                                        to_text(found->founded)),
                 .value = day_text(day),
                 .remedy = "Ask for a later day."};
  if (found->ended && day >= found->ended.first)
    return Error{
        .code = ErrorCode::value_invalid,
        .message = fmt::format("{} did not exist any more; it ended on {}", found->name, to_text(found->ended)),
        .value = day_text(day),
        .remedy = "Ask for an earlier day."};
  const auto by_member = events_by_member(assembly, body);
  std::vector<SeatState> out;
  std::vector<std::size_t> place(by_member.size(), by_member.size());  // of a member in `out`
  for (MemberIndex member = 0; member < by_member.size(); ++member) {
    if (by_member[member].empty()) continue;
    place[member] = out.size();
    out.push_back(state_of(by_member[member], member, day));
  }
  for (const auto& credential : assembly.credentials)
    if (credential.body == body && place[credential.member] < out.size() &&
        covers(credential.from, credential.until, day))
      out[place[credential.member]].credentials.push_back(&credential);
  return out;
}

std::vector<bool> perhaps_members(const Assembly& assembly, std::string_view body, std::int32_t day) {
  const auto by_member = events_by_member(assembly, body);
  std::vector<bool> out(assembly.members.size());
  for (MemberIndex member = 0; member < out.size(); ++member)
    if (!by_member[member].empty()) out[member] = state_of(by_member[member], member, day).perhaps_member();
  return out;
}

std::string_view status_of(const SeatState& seat) {
  if (!seat.perhaps_member()) return "out";
  if (seat.contested()) return "contested";
  if (seat.suspended) return "suspended";
  if (seat.excluded) return "excluded";
  if (seat.vacant) return "vacant";
  if (seat.inactive) return "inactive";
  return "member";
}

std::vector<MembershipSpan> timeline(const Assembly& assembly) {
  std::vector<MembershipSpan> out;
  for (const Body& body : assembly.bodies) {
    const auto by_member = events_by_member(assembly, body.id);
    for (MemberIndex member = 0; member < assembly.members.size(); ++member) {
      const Events& events = by_member[member];
      if (events.empty()) continue;
      std::set<std::int32_t> changes;
      for (const auto* event : events)
        for (const auto* date : {&event->date, &event->effective, &event->until})
          if (*date) changes.insert({date->first, date->last});
      if (body.ended) changes.insert(body.ended.first);
      std::string status = "out", readings;
      for (const auto day : changes) {
        const SeatState seat = state_of(events, member, day);
        const bool over = body.ended && day >= body.ended.first;
        const std::string now(over ? "out" : status_of(seat));
        if (now == status) continue;
        if (status != "out") out.back().until = {day, day};
        status = now;
        if (now == "out") continue;
        const MembershipEvent* cause = seat.because.empty() ? events.front() : seat.because.back();
        CivilDate from{day, day};
        for (const auto* event : events)  // a reduced date stays one
          if (event->date && event->date.first == day && !event->date.is_day()) from = event->date, cause = event;
        out.push_back({body.id, member, from, {}, status, cause->text, cause->fact.mark, cause->fact.source});
      }
    }
  }
  return out;
}

}  // namespace cotejo

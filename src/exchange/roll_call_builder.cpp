#include "roll_call_builder.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace cotejo {

namespace {
constexpr std::size_t most_members = 5'000, most_roll_calls = 100'000, most_votes = 50'000'000, longest_id = 300;

Error too_many(std::string_view file, std::string what, std::size_t most) {
  return {.code = ErrorCode::file_damaged,
          .message = fmt::format("more than {} {}", most, what),
          .file = std::string(file),
          .remedy = "Split the set into periods."};
}

Error bad_id(std::string_view file, std::int64_t row, std::string what, const std::string& id) {
  return {.code = ErrorCode::value_invalid,
          .message = id.empty() ? fmt::format("the {} has no id", what) : fmt::format("the {}'s id is too long", what),
          .file = std::string(file),
          .row = row,
          .value = id.substr(0, 60)};
}
}  // namespace

Result<void> RollCallBuilder::add_roll_call(RollCall given, std::string_view file, std::int64_t row) {
  const std::size_t before = a_.roll_calls.size();
  COTEJO_TRY(index, roll_call(given.id, file, row));
  if (a_.roll_calls.size() == before)
    return Error{.code = ErrorCode::unit_duplicate,
                 .message = "this roll call is listed twice",
                 .file = std::string(file),
                 .row = row,
                 .value = given.id};
  a_.roll_calls[index] = std::move(given);
  return {};
}

Result<void> RollCallBuilder::add_member(std::string id, std::string name, std::string group, std::string_view file,
                                         std::int64_t row) {
  // A member who changed party or chamber stands once per spell: the first name and group are kept.
  const auto index = member(id, name, group, file, row);
  if (!index) return index.error();
  return {};
}

Result<MemberIndex> RollCallBuilder::member(const std::string& id, const std::string& name, const std::string& group,
                                            std::string_view file, std::int64_t row) {
  if (const auto found = members_.find(id); found != members_.end()) return found->second;
  if (id.empty() || id.size() > longest_id) return bad_id(file, row, "member", id);
  if (a_.members.size() == most_members) return too_many(file, "members", most_members);
  const auto index = static_cast<MemberIndex>(a_.members.size());
  a_.members.push_back({.id = id, .name = name.empty() ? id : name, .kind = {}, .group = group, .fact = {}});
  members_.emplace(id, index);
  return index;
}

Result<RollCallIndex> RollCallBuilder::roll_call(const std::string& id, std::string_view file, std::int64_t row) {
  if (const auto found = roll_calls_.find(id); found != roll_calls_.end()) return found->second;
  if (id.empty() || id.size() > longest_id) return bad_id(file, row, "roll call", id);
  if (a_.roll_calls.size() == most_roll_calls) return too_many(file, "roll calls", most_roll_calls);
  const auto index = static_cast<RollCallIndex>(a_.roll_calls.size());
  RollCall made;
  made.id = id;
  a_.roll_calls.push_back(std::move(made));
  roll_calls_.emplace(id, index);
  return index;
}

Result<void> RollCallBuilder::vote(RollCallIndex roll_call, MemberIndex member, Ballot ballot, std::string_view file,
                                   std::int64_t row) {
  if (votes_.size() == most_votes) return too_many(file, "votes", most_votes);
  votes_.push_back({roll_call, member, ballot, row});
  return {};
}

Result<Assembly> RollCallBuilder::finish(Unlisted unlisted, std::string_view file) {
  if (votes_.empty())
    return Error{.code = ErrorCode::file_damaged, .message = "there is no vote in it", .file = std::string(file)};
  const std::size_t m = a_.members.size();
  // In the order of dates; those without one stay where they were mentioned, before the dated ones.
  std::vector<std::size_t> order;
  std::vector<char> voted(a_.roll_calls.size());
  for (const auto& vote : votes_) voted[vote.roll_call] = 1;
  for (std::size_t j = 0; j < voted.size(); ++j)
    if (voted[j]) order.push_back(j);
  const std::size_t silent = voted.size() - order.size();
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) {
    return a_.roll_calls[x].date.first < a_.roll_calls[y].date.first;
  });
  if (order.size() * m > most_votes) return too_many(file, "roll calls x members", most_votes);
  std::vector<std::size_t> place(voted.size());
  std::vector<RollCall> sorted;
  for (std::size_t p = 0; p < order.size(); ++p) {
    place[order[p]] = p;
    sorted.push_back(std::move(a_.roll_calls[order[p]]));
  }
  a_.roll_calls = std::move(sorted);
  constexpr std::int8_t nothing = -1;
  a_.ballots.assign(order.size() * m, nothing);
  std::vector<std::size_t> first(m, order.size()), last(m);
  for (const auto& vote : votes_) {
    const std::size_t p = place[vote.roll_call];
    auto& cell = a_.ballots[p * m + vote.member];
    if (cell != nothing)
      return Error{.code = ErrorCode::unit_duplicate,
                   .message = fmt::format("a second vote of '{}' on the roll call '{}'", a_.members[vote.member].id,
                                          a_.roll_calls[p].id),
                   .file = std::string(file),
                   .row = vote.row,
                   .value = std::string(to_text(vote.ballot)),
                   .remedy = "Two votes for one seat: take one out, or give the two delegates ids of their own."};
    cell = static_cast<std::int8_t>(vote.ballot);
    first[vote.member] = std::min(first[vote.member], p);
    last[vote.member] = std::max(last[vote.member], p);
  }
  std::size_t absent = 0, no_members = 0;
  for (std::size_t p = 0; p < order.size(); ++p)
    for (std::size_t i = 0; i < m; ++i) {
      auto& cell = a_.ballots[p * m + i];
      if (cell != nothing) continue;
      const bool in = unlisted != Unlisted::span || (first[i] <= p && p <= last[i]);
      const Ballot ballot = unlisted == Unlisted::not_recorded ? Ballot::not_recorded
                            : in                               ? Ballot::absent
                                                               : Ballot::not_member;
      cell = static_cast<std::int8_t>(ballot);
      absent += ballot == Ballot::absent;
      no_members += ballot == Ballot::not_member;
    }
  if (unlisted == Unlisted::span)
    a_.caveats.push_back(
        fmt::format("The file lists no absences. A member without a vote is taken to be absent ({} times) between its "
                    "first and its last vote, and no "
                    "member before and after ({} times): inferred, not recorded.",
                    absent, no_members));
  if (unlisted == Unlisted::absent)
    a_.caveats.push_back(
        fmt::format("A member without a vote is taken to be absent ({} times): the file does not say so.", absent));
  if (silent)
    a_.caveats.push_back(fmt::format("{} roll calls that are listed have no votes and were left out.", silent));
  // Organs by what the roll calls name.
  for (const auto& roll_call : a_.roll_calls)
    if (!roll_call.organ.empty() && !a_.find_organ(roll_call.organ)) {
      Organ organ;
      organ.id = organ.name = roll_call.organ;
      a_.organs.push_back(std::move(organ));
    }
  a_.sha256 = a_.content_hash();
  return std::move(a_);
}

}  // namespace cotejo

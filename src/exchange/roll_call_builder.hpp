// Votes as they come, one by one, into an Assembly: members and roll calls get their places by first mention.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "cotejo/base/result.hpp"
#include "cotejo/vote/assembly.hpp"

namespace cotejo {

// What a member is on a roll call that lists no vote of it.
enum class Unlisted {
  not_recorded,
  absent,
  span,  // absent from its first vote to its last, in the order of dates; before and after, no member
};

class RollCallBuilder {
 public:
  // Errors: unit_duplicate.
  Result<void> add_roll_call(RollCall roll_call, std::string_view file, std::int64_t row);
  Result<void> add_member(std::string id, std::string name, std::string group, std::string_view file, std::int64_t row);
  // The place of a member or roll call, new or known. Errors: value_invalid (no id, or one over 300 bytes), file_damaged (bounds).
  Result<MemberIndex> member(const std::string& id, const std::string& name, const std::string& group,
                             std::string_view file, std::int64_t row);
  Result<RollCallIndex> roll_call(const std::string& id, std::string_view file, std::int64_t row);
  // Errors: unit_duplicate, file_damaged.
  Result<void> vote(RollCallIndex roll_call, MemberIndex member, Ballot ballot, std::string_view file,
                    std::int64_t row);
  // Roll calls that nobody voted on are left out and counted in a caveat. Errors: file_damaged (nothing in it; over the bounds).
  Result<Assembly> finish(Unlisted unlisted, std::string_view file);

 private:
  struct Vote {
    RollCallIndex roll_call;
    MemberIndex member;
    Ballot ballot;
    std::int64_t row;
  };
  Assembly a_;
  std::unordered_map<std::string, MemberIndex> members_;
  std::unordered_map<std::string, RollCallIndex> roll_calls_;
  std::vector<Vote> votes_;
};

}  // namespace cotejo

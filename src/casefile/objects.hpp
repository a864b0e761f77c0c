// What has a name in a case, its revisions, and what was done to it: "count", "challenge", "crosswalk", "arrival",
// "assembly", "rule" (its name is its contest's) and "finding".
//
// An object is stored under the name that it was added by, for ever; a rename is an event, and every name that an
// object ever had goes on leading to it. Replacing, retiring, restoring and renaming add a row to object_event.
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cotejo {

inline constexpr std::array<std::string_view, 7> object_kinds{"count",    "challenge", "crosswalk", "arrival",
                                                              "assembly", "rule",      "finding"};

// A table of an object's revisions, with the columns id, name, revision and command whatever the kind.
std::string revisions_of(std::string_view kind);

// "x/final@2" -> {"x/final", 2}; a name without a number has none.
struct NameAndRevision {
  std::string name;
  std::optional<int> revision;
};
NameAndRevision split_revision(std::string_view id);

}  // namespace cotejo

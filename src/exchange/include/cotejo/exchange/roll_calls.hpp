// Sets of roll calls in the formats that archives and parliaments exchange, to and from an Assembly.
//
// By a profile (`schema = "cotejo.roll-calls/1"`, docs/formats/roll-calls.md), layout
//   long      a row per vote (the UN General Assembly set); a second file may tell date, organ, document, subject of each vote
//   wide      a row per member, a column per vote (the Senate CSV pair)
//   voteview  members, votes and rollcalls CSV (cast codes 0 to 9)
//   ord       fixed width: a line per member, one digit per vote from a given column on
// and without one: Popolo JSON (organizations, persons, vote_events with counts and votes), written too, with an object
// `cotejo` beside what Popolo has for whatever it lacks: which marks, sources, versions. docs/formats/roll-calls.md.
// A set that does not list absences (`unlisted = "span"`): a member that cast a vote before and after is taken to be absent, one
// that had not yet, or no more, to be no member. This is inferred, and a caveat says so.
// Bounds: 5,000 members, 100,000 roll calls, 50,000,000 votes, 64 MiB of JSON or fixed width, 64 levels deep.
// Errors: file_missing, file_damaged, profile_invalid, column_missing, value_invalid (a code that the profile does not map; file, row,
// column, value), unit_duplicate (two votes for one seat on one roll call).
// Verified in src/exchange/tests/roll_calls_test.cpp; fuzzed by fuzz/roll_calls.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "cotejo/base/context.hpp"
#include "cotejo/base/result.hpp"
#include "cotejo/vote/assembly.hpp"

namespace cotejo {

// Is this TOML file such a profile? False for whatever cannot be read.
bool is_roll_call_profile(const std::filesystem::path& path);

// `data`: the folder that the profile's paths start from.
Result<Assembly> read_roll_calls(const std::filesystem::path& profile, const std::filesystem::path& data,
                                 const Context& context);

bool looks_like_popolo(std::string_view json);
// Nothing when the file is no JSON with vote events, so that others may try it.
std::optional<Result<Assembly>> read_popolo(const std::filesystem::path& file, const std::string& id,
                                            const std::stop_token& cancel = {});
// `id` names the assembly where the file does not; `file_name` is for errors.
Result<Assembly> parse_popolo(std::string_view json, std::string_view file_name, const std::string& id,
                              const std::stop_token& cancel = {});
std::string popolo_json(const Assembly& assembly);

// The votes of a fixed-width file: `digits` is the first column of the votes, from 1; the name stands at `name_from`.
Result<Assembly> parse_ord(std::string_view text, std::string_view file_name, std::size_t name_from,
                           std::size_t name_length, std::size_t digits);

// What a NOMINATE or Voteview digit means: 1-3 yes (2, 3: paired or announced), 4-6 no, 7, 8 present, 9 absent, 0 no member.
Ballot ballot_of_digit(char digit);

}  // namespace cotejo

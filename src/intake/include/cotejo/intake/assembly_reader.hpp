// Tables of an assembly (TOML, docs/formats/assembly.md) into an Assembly.
//
// One file is one assembly; `include` names further files of the same folder whose bodies and members join it. Votes
// stand in the roll call as lists of members (yes = [...]), or in a long CSV file (`votes = "FILE.csv"`).
// Refused, each with file, row, key, value and remedy: an unknown key, a reference to something that is not there, an id
// given twice, a date that is none or before its body existed, a vote by a non-member (under no reading of its
// membership), two votes for one seat, two seated delegates for one seat at the same time whom nobody contests.
// Kept, and made a reading by the methods: disputed memberships and credentials, versions of a vote, totals that do not
// match the roll call.
// Bounds: 16 MiB a table file, 256 MiB a votes file, 5,000 members, 100,000 roll calls, 50,000,000 votes.
// Errors: file_missing, file_damaged, profile_invalid, value_invalid, unit_unknown, unit_duplicate.
// Verified in src/intake/tests/assembly_reader_test.cpp; fuzzed by fuzz/assembly.cpp.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/vote/assembly.hpp"

namespace cotejo {

struct AssemblyFile {
  std::filesystem::path path;
  std::string sha256;
  std::int64_t bytes = 0;
};

struct AssemblyTables {
  Assembly assembly;                // its sha256 is set
  std::vector<AssemblyFile> files;  // that were read, the named one first
};

// Is this TOML file such a table (`schema = "cotejo.assembly/1"`)? False for whatever cannot be read.
bool is_assembly_table(const std::filesystem::path& path);

Result<AssemblyTables> read_assembly(const std::filesystem::path& path, const Context& context = {});

// The text of one file without includes and votes files; `name` is for errors.
Result<Assembly> parse_assembly(std::string_view text, std::string_view name);

// The tables as other programs read them (RFC 4180): votes (roll_call, date, organ, member, name, option, cast_by, mark,
// source), and the stretches of membership (body, member, name, from, until, status, why, mark, source).
std::string votes_csv(const Assembly& assembly);
std::string timeline_csv(const Assembly& assembly);

}  // namespace cotejo

// Counts in the formats that election offices and archives exchange.
//
// Read: NIST SP 1500-100 version 2 (JSON, ElectionReport), EML 510 (XML, results by reporting unit), OpenElections CSV
// (county, precinct, office, ..., candidate, votes) and Cotejo's own long CSV (unit, places, quantity, value). A file
// may hold several contests: each becomes a count. What a file says and a count has no room for is named in the count's
// caveats, never dropped without a word.
//
// Written: NIST, OpenElections, long CSV; wide CSV is intake's write_count_csv. A count written as NIST and read again
// has the same content_hash() and the same description; the other formats keep every vote.
//
// Errors: file_missing; file_damaged (not of its format, over the bounds: 256 MiB of JSON or XML, 64 levels deep, 100
// contests, 1,000 options; references that lead nowhere or in circles; a unit twice); value_invalid (a number that is no
// whole number from 0 to 2,147,483,647), each with the place in the file. Cost: the file in memory as a tree; 35,000 units
// with nine options as NIST JSON take about two seconds. Verified in src/exchange/tests.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/base/context.hpp"
#include "cotejo/vote/count.hpp"

namespace cotejo {

enum class ExchangeFormat { nist, eml, openelections, long_csv };

std::string_view name_of(ExchangeFormat format);

// The format of a file by its first bytes; nothing when it is none of these, or cannot be read. Errors: cancelled.
Result<std::optional<ExchangeFormat>> exchange_format_of(const std::filesystem::path& file,
                                                         const std::stop_token& cancel = {});

// `prefix` begins the counts' ids ("us-2024"); a file written by this program keeps the ids that it has.
Result<std::vector<Count>> read_exchange(const std::filesystem::path& file, ExchangeFormat format,
                                         const std::string& prefix, const Context& context);

// The same from bytes; `file_name` is for errors.
Result<std::vector<Count>> read_nist(std::string_view json, std::string_view file_name, const std::string& prefix,
                                     const std::stop_token& cancel = {});
Result<std::vector<Count>> read_eml(std::string_view xml, std::string_view file_name, const std::string& prefix,
                                    const std::stop_token& cancel = {});

// `to` is replaced when it is whole. Errors: file_write.
Result<void> write_nist(const Count& count, const std::filesystem::path& to);
Result<void> write_openelections(const Count& count, const std::filesystem::path& to);
Result<void> write_long_csv(const Count& count, const std::filesystem::path& to);

}  // namespace cotejo

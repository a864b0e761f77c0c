// What the formats share.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/exchange/exchange.hpp"

namespace cotejo::exchange {

inline constexpr std::uint64_t largest_file = 256u << 20;
inline constexpr std::size_t most_contests = 100, most_options = 1'000;

// Writes beside `to` and moves there. Errors: file_write.
Result<void> write_whole(const std::filesystem::path& to, const std::function<void(std::ostream&)>& write);

Error damaged(std::string_view file, std::string message, std::string place = {}, std::string value = {});

// A count's columns under their names: registered, cast, valid, blank, null, then fields.
std::vector<std::pair<std::string, Column*>> standard_columns(Count& count);

// Everything of a count but places, keys and columns, as JSON text, and back. Errors of decode: file_damaged.
std::string encode_description(const Count& count);
struct Described {
  Count count;
  std::vector<std::string> columns;  // of standard_columns(), that the count has
  bool coordinates = false, places = false;
};
Result<Described> decode_description(std::string_view json, std::string_view file_name);

// What is wrong with a count that came from a stranger, as a sentence, or nothing: keys twice or empty, columns of other
// lengths, negative numbers.
std::string fault_of(const Count& count);

// Has the header the columns of an OpenElections file?
bool is_openelections(const std::vector<std::string>& header);
Result<std::vector<Count>> read_openelections(const std::filesystem::path& file, const std::string& prefix,
                                              const Context& context);
Result<std::vector<Count>> read_long_csv(const std::filesystem::path& file, const std::string& prefix,
                                         const Context& context);

}  // namespace cotejo::exchange

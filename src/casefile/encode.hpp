// What the case stores as JSON text: a rule, and a count without its rows.
#pragma once

#include <string>

#include "cotejo/vote/count.hpp"
#include "cotejo/vote/rule.hpp"

namespace cotejo {

std::string encode(const Rule& rule);
Rule decode_rule(const std::string& json);

std::string encode_texts(const std::vector<std::string>& texts);
std::vector<std::string> decode_texts(const std::string& json);

// The range of every option of a row that was set aside; "" and nothing stand for one another.
std::string encode_votes(const std::vector<VoteRange>& votes);
std::vector<VoteRange> decode_votes(const std::string& json);

// Everything of a count but places, keys and columns; fields by id and name.
std::string encode_description(const Count& count);
// A count with no units, described so.
Count decode_description(const std::string& json);

}  // namespace cotejo

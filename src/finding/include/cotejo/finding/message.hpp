// A text by its id and typed arguments: what a method says, apart from the language it is said in.
//
// The pattern of an id stands in the catalogues of the rooms (NAME.en.json, NAME.es.json: id -> ICU MessageFormat
// pattern); cotejo/finding/catalogue.hpp renders a message, web/src/lib/messages.ts does so in the pages, from the same files.
// Arguments are numbers, names and further messages, never parts of sentences.
// Verified in src/finding/tests/message_test.cpp.
#pragma once

#include <concepts>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace cotejo {

struct Argument;

// A number in the decimal digits that are shown, "-1234.50": every language shows the same digits with its own marks.
struct Decimal {
  std::string digits;
};
// Rounded once, here, half to even as C++ does. What is not finite is shown as a dash.
Decimal decimal(double value, int decimals);

enum class Join { and_, or_, commas };

struct Message {
  // Defined below, where Argument is complete: a vector of what is not complete can be named, not made.
  Message();
  Message(std::string id);
  Message(std::string id, std::vector<std::pair<std::string, Argument>> arguments);

  std::string id;
  std::vector<std::pair<std::string, Argument>> arguments;
};

// Another message at the beginning of a sentence: its first letter is a capital.
struct Capitalised {
  Message message;
};

// Joined as the language joins a list.
struct List {
  std::vector<Argument> items;
  Join join = Join::and_;
};

// A whole number (`{n, number}` or a plural of the pattern), a decimal number, a name that is shown as it is (or is the
// key of a select), another message, a list.
struct Argument : std::variant<std::int64_t, Decimal, std::string, Message, Capitalised, List> {
  Argument(std::integral auto whole) : variant(static_cast<std::int64_t>(whole)) {}
  Argument(bool) = delete;
  Argument(Decimal decimal) : variant(std::move(decimal)) {}
  Argument(std::string name) : variant(std::move(name)) {}
  Argument(std::string_view name) : variant(std::string(name)) {}
  Argument(const char* name) : variant(std::string(name)) {}
  Argument(Message message) : variant(std::move(message)) {}
  Argument(Capitalised first) : variant(std::move(first)) {}
  Argument(List list) : variant(std::move(list)) {}
};

inline Message::Message() = default;
inline Message::Message(std::string text_id) : id(std::move(text_id)) {}
inline Message::Message(std::string text_id, std::vector<std::pair<std::string, Argument>> with)
    : id(std::move(text_id)), arguments(std::move(with)) {}

// The same id with the same arguments.
bool operator==(const Message& a, const Message& b);

// A list of names.
List list_of(const std::vector<std::string>& names, Join join = Join::and_);

// {"id": "strike.depends", "args": {"units": 226, "margin": {"decimal": "10.0782"}, "leader": "MAS",
//  "outcome": {"id": ..., "args": ...}, "readings": {"list": [...], "join": "commas"}}}; a capital adds "capital": true.
nlohmann::ordered_json to_json(const Message& message);

}  // namespace cotejo

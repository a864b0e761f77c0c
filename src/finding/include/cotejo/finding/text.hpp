// A text of a finding: in English, and the message that it is in every other language.
//
// A text without a message is a name or, of a method that is not converted yet, a sentence: the pages then look for its
// translation by matching the English. Making a text from a sentence goes when the last family is converted.
// Verified in src/finding/tests/message_test.cpp.
#pragma once

#include <fmt/core.h>

#include <memory>
#include <ostream>
#include <string>
#include <string_view>

#include "cotejo/finding/message.hpp"

namespace cotejo {

class Text {
 public:
  Text() = default;
  Text(std::string english) : english_(std::move(english)) {}
  Text(std::string_view english) : english_(english) {}
  Text(const char* english) : english_(english) {}
  Text(Message message);

  const std::string& english() const { return english_; }
  operator const std::string&() const { return english_; }
  operator std::string_view() const { return english_; }
  const Message* message() const { return message_.get(); }  // nullptr: the text is not a message
  // In the language wanted, where the text is a message; else as it is.
  std::string in(std::string_view language) const;

  bool empty() const { return english_.empty(); }
  bool ends_with(std::string_view end) const { return english_.ends_with(end); }
  std::size_t find(std::string_view part) const { return english_.find(part); }

  // What follows it, as it is. A text alone: the sum is no message.
  Text& operator+=(const Text& more);
  // A sentence that follows it, after a blank. Two messages stay one message (`texts.appended`).
  Text& append(const Text& sentence);

  friend bool operator==(const Text& a, const Text& b) { return a.english_ == b.english_; }
  friend std::ostream& operator<<(std::ostream& out, const Text& text) { return out << text.english_; }

 private:
  std::string english_{};
  std::shared_ptr<const Message> message_{};
};

// Within another message: the message, or the text as a name.
Argument argument(const Text& text);

}  // namespace cotejo

template <>
struct fmt::formatter<cotejo::Text> : fmt::formatter<std::string_view> {
  template <class Context>
  auto format(const cotejo::Text& text, Context& context) const {
    return fmt::formatter<std::string_view>::format(text.english(), context);
  }
};

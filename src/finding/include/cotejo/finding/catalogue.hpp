// The patterns of the messages, by language: ICU MessageFormat.
//
// The catalogues lie in the rooms of the methods (src/methods/FAMILY/NAME/NAME.LANGUAGE.json, an object of id -> pattern)
// and are compiled into the program; a language is there as soon as one room has a file of it.
// A message without a pattern in a language is rendered in English. An id that English lacks, and an argument that the
// pattern asks for and the message lacks, are faults of the program: std::logic_error.
// Whole numbers and decimals have the language's marks; names and options are shown as they are.
// Cost: a message without arguments, a look-up; with arguments, tens of microseconds.
// Verified in src/finding/tests/message_test.cpp, and for every room in src/finding/tests/catalogue_test.cpp.
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cotejo/finding/message.hpp"

namespace cotejo {

inline constexpr std::string_view english_language = "en";

class Catalogue {
 public:
  using Patterns = std::map<std::string, std::string, std::less<>>;

  // `json`: the object of a file. Throws std::logic_error for what is not one, and for an id that is there already.
  void add(std::string_view language, std::string_view json);

  const std::map<std::string, Patterns, std::less<>>& languages() const { return languages_; }
  std::string render(const Message& message, std::string_view language = english_language) const;

 private:
  const std::string& pattern(std::string_view id, std::string_view language) const;
  std::map<std::string, Patterns, std::less<>> languages_;
};

// The arguments that a pattern asks for, each as its name and kind: "units plural", "leader", "margin", "n number".
// Throws std::logic_error for a pattern that ICU does not read.
std::set<std::string> arguments_of(std::string_view pattern);

struct CatalogueFile {
  std::string_view name;      // "src/methods/tally/strike/strike.en.json"
  std::string_view language;  // "en"
  std::string_view json;
};
// Those compiled into the program.
std::span<const CatalogueFile> catalogue_files();
const Catalogue& catalogue();

// English first, and every other language that a room has texts in: a file more is a language more.
std::vector<std::string> languages();

// By the program's own catalogue.
std::string render(const Message& message, std::string_view language = english_language);

}  // namespace cotejo

// What the registry and the documents say about a method. Every request struct has `static MethodInfo info()` and
// `static const OptionTable<Request>& table()`; what it needs is told by its members:
//   const Rule* rule; std::vector<const Challenge*> challenges; const Count* other; const Crosswalk* crosswalk;
//   std::vector<const Count*> others; std::vector<const Arrival*> arrivals;
#pragma once

#include <string>
#include <vector>

#include "cotejo/finding/text.hpp"

namespace cotejo {

struct MethodInfo {
  std::string id;      // "strike"
  std::string family;  // "tally"
  Text title;
  Text question;  // one sentence, a person's
  Text assumes;   // what must hold for the answer to mean what it says
  Text cost;      // "linear in units"
  std::vector<std::string> references;
  std::vector<std::string> see_also{};  // methods that answer what this one does not show: "contested-ballots"
};

}  // namespace cotejo

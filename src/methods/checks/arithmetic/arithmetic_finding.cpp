#include "cotejo/methods/checks/arithmetic.hpp"

namespace cotejo {

MethodInfo ArithmeticRequest::info() {
  return {.id = "arithmetic",
          .family = "checks",
          .title = "Does every return add up?",
          .question = "Does every return add up; if not, which do not, and how many votes do they hold?",
          .assumes = "The profile names the protocol's fields rightly.",
          .cost = "linear in units x columns, plus the pairs within precincts",
          .references = {"Challu, C., Seira, E., & Simpser, A. (2020). The quality of vote tallies: causes and "
                         "consequences. American Political Science Review 114:1071.",
                         "Cantu, F. (2019). The fingerprints of fraud: evidence from Mexico's 1988 presidential election. "
                         "American Political Science Review 113:710."}};
}

}  // namespace cotejo

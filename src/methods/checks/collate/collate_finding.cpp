#include "cotejo/methods/checks/collate.hpp"

namespace cotejo {

MethodInfo CollateRequest::info() {
  return {.id = "collate",
          .family = "checks",
          .title = "Two counts, unit by unit",
          .question = "Do two counts of the same election agree, unit by unit, and who gains where they do not?",
          .assumes = "A unit has the same key in both counts, an option the same id.",
          .cost = "linear in units, plus replicates x differing units",
          .references = {"Fisher, R. A. (1935). The Design of Experiments, section 21.",
                         "Dixon, W. J., & Mood, A. M. (1946). The statistical sign test. JASA 41:557."}};
}

}  // namespace cotejo

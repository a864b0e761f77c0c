#include "cotejo/methods/arrival/early_late.hpp"

namespace cotejo {

MethodInfo EarlyLateRequest::info() {
  return {.id = "early-late",
          .family = "arrival",
          .title = "Early and late units of the same precincts",
          .question = "Are the early and the late margins of the precincts that reported on both sides alike?",
          .assumes = "Within a precinct, which units were late was by chance.",
          .cost = "linear in units x replicates",
          .references = {"Newman, G. (2020). Preprint, osf.io/26fme (recipe inferred).",
                         "Galton, F. (1886). Regression towards mediocrity in hereditary stature.",
                         "Smirnov, N. (1948). Annals of Mathematical Statistics 19:279."}};
}

}  // namespace cotejo

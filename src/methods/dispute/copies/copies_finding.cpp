#include "cotejo/methods/dispute/copies.hpp"

namespace cotejo {

MethodInfo CopiesRequest::info() {
  return {.id = "copies",
          .family = "dispute",
          .title = "What a random sample of copies rules out",
          .question =
              "Could returns that a random sample of copies did not show to be altered change the outcome?",
          .assumes = "The checked units are a random sample, and a copy that agrees is of a return that was not altered.",
          .cost = "linear in units",
          .references = {"Wright, T. (1991). Exact Confidence Bounds when Sampling from Small Finite Universes. "
                         "Springer."},
          .see_also = {"collate", "headroom"}};
}

}  // namespace cotejo

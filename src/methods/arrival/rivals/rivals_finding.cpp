#include "cotejo/methods/arrival/rivals.hpp"

namespace cotejo {

MethodInfo RivalsRequest::info() {
  return {.id = "rivals",
          .family = "arrival",
          .title = "Rival analyses of the late count, side by side",
          .question = "What do the rival analyses of the late count say, and which assumption parts them?",
          .assumes = "Each analysis has its own assumption, which stands beside it.",
          .cost = "that of curve, projection, shift, discontinuity and early-late together",
          .references = {"The sources of curve, projection, shift, discontinuity and early-late."}};
}

}  // namespace cotejo

#include "cotejo/methods/arrival/discontinuity.hpp"

namespace cotejo {

MethodInfo DiscontinuityRequest::info() {
  return {
      .id = "discontinuity",
      .family = "arrival",
      .title = "A jump at the cut, among placebo cuts",
      .question = "Does the margin jump at the cut, more than it jumps elsewhere?",
      .assumes = "Without an intervention the margin changes along the order of arrival as it does elsewhere in it.",
      .cost = "linear in units x placebos",
      .references = {
          "Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? Evidence "
          "from "
          "Bolivia. Journal of Politics 84:2202.",
          "Imbens, G., & Kalyanaraman, K. (2012). Review of Economic Studies 79:933.",
          "Ganong, P., & Jaeger, S. (2018). JASA 113:494.",
          "Rosnick, D. (2019). Unnatural Claims in a Natural Experiment. Center for Economic and Policy Research.",
          "Chumacero, R. (2019), on the Bolivian count (by recall)."}};
}

}  // namespace cotejo

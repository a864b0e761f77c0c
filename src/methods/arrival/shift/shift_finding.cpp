#include "cotejo/methods/arrival/shift.hpp"

namespace cotejo {

MethodInfo ShiftRequest::info() {
  return {
      .id = "shift",
      .family = "arrival",
      .title = "Late units against early ones of the same place",
      .question = "Do late units differ once place is held fixed?",
      .assumes =
          "Without an intervention, late units differ from early ones of their place at the cut as they do at other "
          "points of the order of arrival.",
      .cost = "linear in units x (levels + replicates)",
      .references = {"Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? "
                     "Evidence from Bolivia. Journal of Politics 84:2202.",
                     "Ganong, P., & Jaeger, S. (2018). JASA 113:494 (ranking among placebos).",
                     "Escobari, D., & Hoover, G. A. (2024). World Development 173:106407 (recipe inferred).",
                     "Arellano, M. (1987). Oxford Bulletin of Economics and Statistics 49:431.",
                     "Fisher, R. A. (1935). The Design of Experiments, section 21."}};
}

}  // namespace cotejo

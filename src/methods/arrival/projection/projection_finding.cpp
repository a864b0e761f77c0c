#include "cotejo/methods/arrival/projection.hpp"

namespace cotejo {

MethodInfo ProjectionRequest::info() {
  return {
      .id = "projection",
      .family = "arrival",
      .title = "What the early units alone would have predicted",
      .question = "What would the early units alone have predicted for the whole count?",
      .assumes =
          "Late units vote as the early ones of their neighbourhood do; which neighbourhood is what parts the "
          "projections.",
      .cost = "linear in units x (options + draws + hold-outs)",
      .references = {
          "Idrobo, N., Kronick, D., & Rodriguez, F. (2022). Do shifts in late-counted votes signal fraud? Evidence "
          "from Bolivia. "
          "Journal of Politics 84:2202.",
          "Williams, J. R., & Curiel, J. (2020). Analysis of the quick count of the 2019 Bolivia election (recipe "
          "inferred).",
          "CEPR (2019). What happened in Bolivia's 2019 vote count? (the rate projection, without its random part).",
          "Chou, K. C., Willsky, A. S., & Nikoukhah, R. (1994). IEEE Transactions on Automatic Control 39:479."}};
}

}  // namespace cotejo

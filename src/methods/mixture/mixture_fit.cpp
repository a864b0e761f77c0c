#include "mixture_fit.hpp"

namespace cotejo::mixture {

Result<MixtureFit> fit_mixture(const MixtureData& data, const MixturePrior& prior, const ChainPlan& plan,
                               const Context& context, const Mode* like, const RunControl* control,
                               bool weights_alone) {
  const bool alone = context.threads <= 1;
  MixturePosterior posterior(
      data, prior,
      alone ? Blocks(serial_blocks) : [&](std::size_t number, const std::function<void(std::size_t)>& body) {
        parallel_for(Context{.threads = context.threads}, number, "", body);
      });
  context.report(plan.stage, 0);
  MixtureFit out{{}, find_mode(posterior, like)};
  if (context.cancelled()) return cancelled_error();
  const Surrogate picture(posterior, out.mode, context.seed, weights_alone);
  const ChainFactory factory = [&](std::uint64_t chain, const Blocks& blocks) {
    posterior.set_blocks(blocks);
    return mixture_chain(posterior, out.mode, picture, context.seed, chain);
  };
  COTEJO_TRY(draws, run_chains(factory, quantity_names(), data.size(), plan, context, control));
  out.draws = std::move(draws);
  return out;
}

}  // namespace cotejo::mixture

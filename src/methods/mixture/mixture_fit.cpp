#include "mixture_fit.hpp"
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
namespace { double cpu() { timespec t; clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t); return double(t.tv_sec)+1e-9*double(t.tv_nsec);} double wall(){return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();} }

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
  const double c0=cpu(), w0=wall();
  MixtureFit out{{}, find_mode(posterior, like)};
  const double c1=cpu(), w1=wall();
  if (context.cancelled()) return cancelled_error();
  const Surrogate picture(posterior, out.mode, context.seed, weights_alone);
  const double c2=cpu(), w2=wall();
  const ChainFactory factory = [&](std::uint64_t chain, const Blocks& blocks) {
    posterior.set_blocks(blocks);
    return mixture_chain(posterior, out.mode, picture, context.seed, chain);
  };
  COTEJO_TRY(draws, run_chains(factory, quantity_names(), data.size(), plan, context, control));
  out.draws = std::move(draws);
  if (std::getenv("MIXT")) std::fprintf(stderr, "n %zu wa %d mode %.2f/%.2f left %g picture %.2f/%.2f chains %.2f/%.2f iter %zu rhat_votes %.4f end %.1f\n", data.size(), int(weights_alone), c1-c0,w1-w0, out.mode.left, c2-c1,w2-w1, cpu()-c2, wall()-w2, out.draws.iterations, out.draws.diagnostic("votes_in_question").rhat, wall());
  return out;
}

}  // namespace cotejo::mixture

#include "cotejo/stats/sign_test.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>

namespace cotejo {

double sign_test_p(std::int64_t plus, std::int64_t minus) {
  if (plus + minus == 0) return 1;
  const boost::math::binomial_distribution<double> fair(static_cast<double>(plus + minus), 0.5);
  return std::min(1.0, 2 * boost::math::cdf(fair, static_cast<double>(std::min(plus, minus))));
}

}  // namespace cotejo

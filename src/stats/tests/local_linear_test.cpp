#include "cotejo/stats/local_linear.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace cotejo {
namespace {

struct Points {
  std::vector<double> x, y;
};

// The same sample in this test and in the program whose values it holds: a linear congruential generator, sums of
// uniforms as noise, a cubic with a jump of 0.25 at 0.6.
Points sample() {
  std::uint64_t state = 12345;
  const auto uniform = [&] {
    state = (state * 1103515245 + 12345) % 2147483648;
    return static_cast<double>(state) / 2147483648.0;
  };
  Points drawn;
  for (int i = 0; i < 400; ++i) {
    const double a = uniform(), b = uniform(), c = uniform(), d = uniform();
    drawn.x.push_back(a);
    drawn.y.push_back(0.3 * a + 0.8 * a * a - 0.5 * a * a * a + (a >= 0.6 ? 0.25 : 0) + 0.4 * (b + c + d - 1.5));
  }
  std::vector<std::size_t> order(drawn.x.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return drawn.x[a] < drawn.x[b]; });
  Points out;
  for (const auto i : order) {
    out.x.push_back(drawn.x[i]);
    out.y.push_back(drawn.y[i]);
  }
  return out;
}

// Values of a program in another language (numpy's lstsq on the same sample), written from the paper's steps.
TEST(IkBandwidth, IsThatOfAnIndependentProgram) {
  const auto s = sample();
  const auto h = ik_bandwidth({.x = s.x, .y = s.y}, 0.6);
  ASSERT_TRUE(h) << describe(h.error());
  EXPECT_NEAR(*h, 0.39898077826562844, 1e-9);
}

TEST(JumpAt, IsThatOfAnIndependentProgram) {
  const auto s = sample();
  const auto jump = jump_at({.x = s.x, .y = s.y}, 0.6, 0.2);
  ASSERT_TRUE(jump) << describe(jump.error());
  EXPECT_NEAR(jump->jump, 0.18374600626094761, 1e-11);
  EXPECT_NEAR(jump->error, 0.061869062161155175, 1e-11);
  EXPECT_EQ(jump->left, 76U);
  EXPECT_EQ(jump->right, 94U);
}

TEST(IkBandwidth, ScalesWithX) {
  auto s = sample();
  const auto h = ik_bandwidth({.x = s.x, .y = s.y}, 0.6);
  for (auto& x : s.x) x = 1e9 + 86400 * x;
  const auto scaled = ik_bandwidth({.x = s.x, .y = s.y}, 1e9 + 86400 * 0.6);
  ASSERT_TRUE(h);
  ASSERT_TRUE(scaled);
  EXPECT_NEAR(*scaled / 86400, *h, 1e-4);
}

TEST(JumpAt, RefusesTooFewPointsAndTooFewDistinctOnes) {
  const auto s = sample();
  EXPECT_EQ(jump_at({.x = s.x, .y = s.y}, 0.6, 0.005).error().code, ErrorCode::input_insufficient);
  std::vector<double> x(100, 0.0), y(100, 1.0);
  for (std::size_t i = 50; i < 100; ++i) x[i] = 1;
  EXPECT_EQ(jump_at({.x = x, .y = y}, 0.5, 2).error().code, ErrorCode::input_insufficient);
}

}  // namespace
}  // namespace cotejo

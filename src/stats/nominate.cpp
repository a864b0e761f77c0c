#include "cotejo/stats/nominate.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "cotejo/base/random.hpp"
#include "normal_lane.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_dimensions = 6;
constexpr double root_2_pi = 2.50662827463100050;

// log Phi(t), and with it the hazard density / Phi.
struct LogChance {
  double value, hazard;
};
LogChance log_chance(double t) {
  const double a = std::min(std::abs(t), 40.0);
  const double mills = lane::mills_ratio(a);
  if (t < 0) return {std::log(mills / root_2_pi) - 0.5 * a * a, 1 / mills};
  const double density = std::exp(-0.5 * a * a) / root_2_pi, below = 1 - density * mills;
  return {std::log(below), density / below};
}

struct Model {
  std::size_t d;
  double beta;
  std::array<double, most_dimensions> weight{};
};

// exp(-1/2 sum w^2 (x - z)^2)
double nearness(const Model& model, const double* x, const double* z) {
  double sum = 0;
  for (std::size_t k = 0; k < model.d; ++k) {
    const double off = model.weight[k] * (x[k] - z[k]);
    sum += off * off;
  }
  return std::exp(-0.5 * sum);
}

// One answer: its utility and the derivatives that are asked for.
struct Answer {
  const double* x;
  const double* yea;
  const double* nay;
  double sign;
};

using Vector = Eigen::Matrix<double, Eigen::Dynamic, 1, 0, 2 * most_dimensions, 1>;
using Square = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, 0, 2 * most_dimensions, 2 * most_dimensions>;

// What steps need at a point: the log likelihood, its gradient and its (positive) curvature.
struct Local {
  double value = 0;
  Vector gradient;
  Square curvature;
  explicit Local(Eigen::Index n) : gradient(Vector::Zero(n)), curvature(Square::Zero(n, n)) {}
  // t = sign u has chance `chance`; `slope` is the derivative of t.
  void add(double t, const LogChance& chance, const Vector& slope) {
    value += chance.value;
    gradient += chance.hazard * slope;
    curvature += std::max(1e-8, chance.hazard * (chance.hazard + t)) * slope * slope.transpose();
  }
};

// Steps from `at` that raise `value_of`, a few at most; `restrict` puts a proposal back into the bounds.
template <class LocalAt, class ValueAt, class Restrict>
double climb(Vector& at, int steps, const LocalAt& local_at, const ValueAt& value_at, const Restrict& restrict) {
  double damping = 0.01, best = 0;
  bool known = false;
  for (int step = 0; step < steps; ++step) {
    const Local local = local_at(at);
    best = local.value;
    known = true;
    bool moved = false;
    for (int attempt = 0; attempt < 5 && !moved; ++attempt, damping *= 10) {
      Square damped = local.curvature;
      damped.diagonal().array() += damping * (damped.diagonal().array() + 1e-3);
      Vector proposal = at + Vector(damped.ldlt().solve(local.gradient));
      restrict(proposal);
      const double value = value_at(proposal);
      if (value > best + 1e-10 * std::abs(best)) {
        const bool enough = value - best < 1e-5;
        at = proposal;
        best = value;
        moved = true;
        damping = std::max(1e-6, damping / 100);
        if (enough) return best;
      }
    }
    if (!moved) return best;
  }
  return known ? best : value_at(at);
}

void into_ball(double* x, std::size_t d) {
  double square = 0;
  for (std::size_t k = 0; k < d; ++k) square += x[k] * x[k];
  if (square > 1)
    for (std::size_t k = 0; k < d; ++k) x[k] /= std::sqrt(square);
}

class Fit {
 public:
  Fit(const ResponseMatrix& responses, std::vector<double> x, std::size_t d)
      : r_(responses), d_(d), model_{d, 15, {}}, x_(std::move(x)), yea_(r_.items * d), nay_(r_.items * d) {
    model_.weight.fill(0.5);
    for (std::size_t j = 0; j < r_.items; ++j) {
      double yes = 0, no = 0;
      for (std::size_t i = 0; i < r_.subjects; ++i)
        if (const auto cell = r_.at(i, j))
          for (std::size_t k = 0; k < d; ++k) {
            (cell > 0 ? yea_ : nay_)[j * d + k] += x_[i * d + k];
            if (k == 0) (cell > 0 ? yes : no) += 1;
          }
      for (std::size_t k = 0; k < d; ++k) {
        yea_[j * d + k] /= std::max(1.0, yes);
        nay_[j * d + k] /= std::max(1.0, no);
      }
    }
  }

  // One round; the log likelihood after it, or nothing when it was cancelled.
  bool round(const Context& context, double& log_likelihood) {
    if (!parallel_for(context, r_.items, "spatial fit", [&](std::size_t j) { item(j); })) return false;
    if (!parallel_for(context, r_.subjects, "spatial fit", [&](std::size_t i) { subject(i); })) return false;
    log_likelihood = kernel();
    return true;
  }

  const Model& model() const { return model_; }
  const std::vector<double>& x() const { return x_; }
  const std::vector<double>& yea() const { return yea_; }
  const std::vector<double>& nay() const { return nay_; }

  std::vector<double> utilities() const {
    std::vector<double> out(r_.subjects * r_.items);
    for (std::size_t i = 0; i < r_.subjects; ++i)
      for (std::size_t j = 0; j < r_.items; ++j)
        out[i * r_.items + j] =
            model_.beta * (nearness(model_, &x_[i * d_], &yea_[j * d_]) - nearness(model_, &x_[i * d_], &nay_[j * d_]));
    return out;
  }

  // Standard errors of subject i given the items.
  std::vector<double> error(std::size_t i) const {
    double square = 0;
    for (std::size_t k = 0; k < d_; ++k) square += x_[i * d_ + k] * x_[i * d_ + k];
    std::vector<double> out(d_, std::numeric_limits<double>::quiet_NaN());
    if (square > 1 - 1e-9) return out;
    const Local local = at_subject(i, Eigen::Map<const Eigen::VectorXd>(&x_[i * d_], static_cast<Eigen::Index>(d_)));
    const Eigen::MatrixXd covariance = Eigen::MatrixXd(local.curvature).inverse();
    for (std::size_t k = 0; k < d_; ++k)
      out[k] = std::sqrt(covariance(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(k)));
    return out;
  }

 private:
  // parameters of an item: its midpoint, then half the way from yea to nay
  void points(const Vector& at, double* yea, double* nay) const {
    for (std::size_t k = 0; k < d_; ++k) {
      const auto a = static_cast<Eigen::Index>(k), b = static_cast<Eigen::Index>(d_ + k);
      yea[k] = at(a) - at(b);
      nay[k] = at(a) + at(b);
    }
  }
  void item(std::size_t j) {
    double yea[most_dimensions], nay[most_dimensions];
    Vector at(2 * d_);
    for (std::size_t k = 0; k < d_; ++k) {
      at(static_cast<Eigen::Index>(k)) = 0.5 * (yea_[j * d_ + k] + nay_[j * d_ + k]);
      at(static_cast<Eigen::Index>(d_ + k)) = 0.5 * (nay_[j * d_ + k] - yea_[j * d_ + k]);
    }
    const auto local_at = [&](const Vector& v) {
      points(v, yea, nay);
      Local local(v.size());
      Vector slope(v.size());
      for (std::size_t i = 0; i < r_.subjects; ++i) {
        const double sign = r_.at(i, j);
        if (sign == 0) continue;
        const double* x = &x_[i * d_];
        const double by = model_.beta * nearness(model_, x, yea), bn = model_.beta * nearness(model_, x, nay);
        const double t = sign * (by - bn);
        for (std::size_t k = 0; k < d_; ++k) {
          const double w2 = model_.weight[k] * model_.weight[k];
          const double to_yea = by * w2 * (x[k] - yea[k]), to_nay = bn * w2 * (x[k] - nay[k]);
          slope(static_cast<Eigen::Index>(k)) = sign * (to_yea - to_nay);
          slope(static_cast<Eigen::Index>(d_ + k)) = -sign * (to_yea + to_nay);
        }
        local.add(t, log_chance(t), slope);
      }
      return local;
    };
    const auto value_at = [&](const Vector& v) {
      points(v, yea, nay);
      double sum = 0;
      for (std::size_t i = 0; i < r_.subjects; ++i)
        if (const double sign = r_.at(i, j); sign != 0)
          sum +=
              log_chance(sign * model_.beta * (nearness(model_, &x_[i * d_], yea) - nearness(model_, &x_[i * d_], nay)))
                  .value;
      return sum;
    };
    climb(at, 4, local_at, value_at, [&](Vector& v) {
      into_ball(v.data(), d_);
      for (std::size_t k = 0; k < d_; ++k) {  // beyond this the kernel is flat
        double& half = v(static_cast<Eigen::Index>(d_ + k));
        half = std::clamp(half, -3.0, 3.0);
      }
    });
    points(at, &yea_[j * d_], &nay_[j * d_]);
  }

  template <class V>
  Local at_subject(std::size_t i, const V& at) const {
    Local local(at.size());
    Vector slope(at.size());
    for (std::size_t j = 0; j < r_.items; ++j) {
      const double sign = r_.at(i, j);
      if (sign == 0) continue;
      const double *yea = &yea_[j * d_], *nay = &nay_[j * d_];
      const double by = model_.beta * nearness(model_, at.data(), yea),
                   bn = model_.beta * nearness(model_, at.data(), nay);
      const double t = sign * (by - bn);
      for (std::size_t k = 0; k < d_; ++k) {
        const auto a = static_cast<Eigen::Index>(k);
        const double w2 = model_.weight[k] * model_.weight[k];
        slope(a) = sign * w2 * (bn * (at(a) - nay[k]) - by * (at(a) - yea[k]));
      }
      local.add(t, log_chance(t), slope);
    }
    return local;
  }
  void subject(std::size_t i) {
    Vector at = Eigen::Map<const Eigen::VectorXd>(&x_[i * d_], static_cast<Eigen::Index>(d_));
    const auto value_at = [&](const Vector& v) {
      double sum = 0;
      for (std::size_t j = 0; j < r_.items; ++j)
        if (const double sign = r_.at(i, j); sign != 0)
          sum += log_chance(sign * model_.beta *
                            (nearness(model_, v.data(), &yea_[j * d_]) - nearness(model_, v.data(), &nay_[j * d_])))
                     .value;
      return sum;
    };
    climb(
        at, 4, [&](const Vector& v) { return at_subject(i, v); }, value_at,
        [&](Vector& v) { into_ball(v.data(), d_); });
    std::copy_n(at.data(), d_, &x_[i * d_]);
  }

  // beta and the weights, and the log likelihood that they give.
  double kernel() {
    Vector at(d_ + 1);
    at(0) = model_.beta;
    for (std::size_t k = 0; k < d_; ++k) at(static_cast<Eigen::Index>(k + 1)) = model_.weight[k];
    const auto with = [&](const Vector& v) {
      Model model{d_, v(0), {}};
      for (std::size_t k = 0; k < d_; ++k) model.weight[k] = v(static_cast<Eigen::Index>(k + 1));
      return model;
    };
    const auto each = [&](const Vector& v, auto&& use) {
      const Model model = with(v);
      for (std::size_t i = 0; i < r_.subjects; ++i)
        for (std::size_t j = 0; j < r_.items; ++j)
          if (const double sign = r_.at(i, j); sign != 0)
            use(model, Answer{&x_[i * d_], &yea_[j * d_], &nay_[j * d_], sign});
    };
    const auto local_at = [&](const Vector& v) {
      Local local(v.size());
      Vector slope(v.size());
      each(v, [&](const Model& model, const Answer& answer) {
        const double ey = nearness(model, answer.x, answer.yea), en = nearness(model, answer.x, answer.nay);
        slope(0) = answer.sign * (ey - en);
        for (std::size_t k = 0; k < d_; ++k) {
          const double y = answer.x[k] - answer.yea[k], n = answer.x[k] - answer.nay[k];
          slope(static_cast<Eigen::Index>(k + 1)) =
              answer.sign * model.beta * model.weight[k] * (en * n * n - ey * y * y);
        }
        const double t = model.beta * slope(0);
        local.add(t, log_chance(t), slope);
      });
      return local;
    };
    const auto value_at = [&](const Vector& v) {
      double sum = 0;
      each(v, [&](const Model& model, const Answer& a) {
        sum += log_chance(a.sign * model.beta * (nearness(model, a.x, a.yea) - nearness(model, a.x, a.nay))).value;
      });
      return sum;
    };
    const double value = climb(at, 2, local_at, value_at, [](Vector& v) {
      v(0) = std::clamp(v(0), 1.0, 60.0);
      v(1) = 0.5;
      for (Eigen::Index k = 2; k < v.size(); ++k) v(k) = std::clamp(v(k), 0.05, 0.5);
    });
    model_ = with(at);
    return value;
  }

  const ResponseMatrix& r_;
  std::size_t d_;
  Model model_;
  std::vector<double> x_, yea_, nay_;
};

}  // namespace

Result<NominateFit> nominate(const ResponseMatrix& responses, const NominateOptions& options, const Context& context) {
  const std::size_t n = responses.subjects, d = options.dimensions;
  COTEJO_CHECK(check_spatial(responses, d, options.polarity));
  const auto scaled = scaled_agreement(agreement_of(responses), d);
  double farthest = 0;
  for (std::size_t i = 0; i < n; ++i) {
    double square = 0;
    for (std::size_t k = 0; k < d; ++k) square += scaled[i * d + k] * scaled[i * d + k];
    farthest = std::max(farthest, std::sqrt(square));
  }

  NominateFit out;
  out.subjects = n;
  out.items = responses.items;
  out.dimensions = d;
  out.log_likelihood = -std::numeric_limits<double>::infinity();
  for (std::size_t start = 0; start < std::max<std::size_t>(1, options.starts); ++start) {
    Stream stream(context.seed, Purpose::generator, start, options.unit);
    std::vector<double> x(n * d);
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t k = 0; k < d; ++k)
        x[i * d + k] = 0.9 * scaled[i * d + k] / farthest + (start ? 0.3 * stream.normal() : 0);
      into_ball(&x[i * d], d);
    }
    Fit fit(responses, std::move(x), d);
    double last = -std::numeric_limits<double>::infinity(), now = last;
    std::size_t rounds = 0;
    bool converged = false;
    while (rounds < options.rounds && !converged) {
      if (!fit.round(context, now)) return cancelled_error();
      ++rounds;
      converged = now - last < 1e-5 * std::abs(now);
      last = now;
    }
    out.log_likelihoods.push_back(now);
    if (now <= out.log_likelihood) continue;
    out.log_likelihood = now;
    out.coordinates = fit.x();
    out.yea = fit.yea();
    out.nay = fit.nay();
    out.beta = fit.model().beta;
    out.weights.assign(fit.model().weight.begin(), fit.model().weight.begin() + static_cast<std::ptrdiff_t>(d));
    out.rounds = rounds;
    out.converged = converged;
    out.fit = answer_fit(responses, fit.utilities());
    out.error.clear();
    for (std::size_t i = 0; i < n; ++i)
      for (const double value : fit.error(i)) out.error.push_back(value);
  }
  for (std::size_t k = 0; k < d; ++k) {
    std::size_t pole = 0;
    if (k < options.polarity.size())
      pole = options.polarity[k];
    else
      for (std::size_t i = 0; i < n; ++i)
        if (std::abs(out.coordinates[i * d + k]) > std::abs(out.coordinates[pole * d + k])) pole = i;
    if (out.coordinates[pole * d + k] >= 0) continue;
    for (std::size_t i = 0; i < n; ++i) out.coordinates[i * d + k] *= -1;
    for (std::size_t j = 0; j < responses.items; ++j) {
      out.yea[j * d + k] *= -1;
      out.nay[j * d + k] *= -1;
    }
  }
  return out;
}

}  // namespace cotejo

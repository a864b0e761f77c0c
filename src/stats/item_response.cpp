#include "cotejo/stats/item_response.hpp"

#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>

#include "cotejo/base/random.hpp"
#include "cotejo/base/vector_clones.hpp"
#include "cotejo/stats/normal_lanes.hpp"
#include "normal_lane.hpp"

namespace cotejo {

namespace {

constexpr std::size_t lanes = 8;
constexpr std::size_t most_dimensions = 6;

using Matrix = Eigen::MatrixXd;

// ---- loops over the items of one subject; rows are padded to whole lanes with unanswered cells ----

struct Row {
  std::size_t padded;
  std::size_t dimensions;
};

// mean_j = sum_k x_k beta_kj - alpha_j
COTEJO_VECTOR_CLONES
void predict(const Row& row, const double* x, const double* beta, const double* alpha, double* __restrict mean) {
  for (std::size_t j = 0; j < row.padded; ++j) mean[j] = x[0] * beta[j] - alpha[j];
  for (std::size_t k = 1; k < row.dimensions; ++k) {
    const double* beta_k = beta + k * row.padded;
    for (std::size_t j = 0; j < row.padded; ++j) mean[j] += x[k] * beta_k[j];
  }
}

// Adds one subject to every item's sums: z^2, z, then per dimension x z, x, and x_k x_l for l <= k.
COTEJO_VECTOR_CLONES
void add_to_items(const Row& row, const double* x, const double* sign, const double* z, double* __restrict sums) {
  const std::size_t n = row.padded;
  for (std::size_t j = 0; j < n; ++j) {
    sums[j] += z[j] * z[j];
    sums[n + j] += z[j];
  }
  sums += 2 * n;
  for (std::size_t k = 0; k < row.dimensions; ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      const double there = sign[j] * sign[j];
      sums[j] += x[k] * z[j];
      sums[n + j] += there * x[k];
    }
    sums += 2 * n;
    for (std::size_t l = 0; l <= k; ++l, sums += n) {
      const double product = x[k] * x[l];
      for (std::size_t j = 0; j < n; ++j) sums[j] += sign[j] * sign[j] * product;
    }
  }
}

// sum_j log Phi(sign_j (x . beta_j - alpha_j)) over answered cells. Factors are multiplied and the logarithm is taken of 64 of
// them: each is at least 0.005, the squares of the tails being added apart.
COTEJO_VECTOR_CLONES
double log_chance(const Row& row, const double* x, const double* beta, const double* alpha, const double* sign,
                  double* __restrict mean, double* __restrict factor, double* __restrict square) {
  const std::size_t n = row.padded;
  for (std::size_t j = 0; j < n; ++j) mean[j] = x[0] * beta[j] - alpha[j];
  for (std::size_t k = 1; k < row.dimensions; ++k) {
    const double* beta_k = beta + k * n;
    for (std::size_t j = 0; j < n; ++j) mean[j] += x[k] * beta_k[j];
  }
  for (std::size_t j = 0; j < n; ++j) {
    const double t = sign[j] * mean[j], a = t < 0 ? -t : t, half_square = 0.5 * a * a;
    const double ratio = lane::density_at_0 * lane::mills_ratio(a);
    const double tail = ratio * lane::exp_of(half_square > 700 ? -700 : -half_square);
    const double there = sign[j] * sign[j];
    factor[j] = t < 0 ? ratio : 1 - there * tail;
    square[j] = t < 0 ? half_square : 0;
  }
  using Lane = double __attribute__((vector_size(8 * lanes)));
  Lane squares{};
  double sum = 0;
  for (std::size_t j = 0; j < n;) {
    Lane product = {1, 1, 1, 1, 1, 1, 1, 1};
    for (const std::size_t end = j + 64 * lanes; j < end && j < n; j += lanes) {
      Lane f, s;
      std::memcpy(&f, factor + j, sizeof f);
      std::memcpy(&s, square + j, sizeof s);
      product *= f;
      squares += s;
    }
    for (std::size_t l = 0; l < lanes; ++l) sum += lane::log_of(product[l]);
  }
  for (std::size_t l = 0; l < lanes; ++l) sum -= squares[l];
  return sum;
}

constexpr std::size_t sums_of(std::size_t dimensions) {
  return 2 + 2 * dimensions + dimensions * (dimensions + 1) / 2;
}

// Sums over the items of one subject, z being scaled: z^2, z alpha, then per dimension beta_k z, beta_k alpha and
// beta_k beta_l for l <= k, over answered cells. Lanes are added up in the end and in order.
COTEJO_VECTOR_CLONES
void sum_over_items(const Row& row, const double* beta, const double* alpha, const double* scale, const double* sign,
                    const double* z, double* out) {
  using Lane = double __attribute__((vector_size(8 * lanes)));
  const std::size_t n = row.padded;
  const auto total = [](const Lane& lane) {
    double sum = 0;
    for (std::size_t l = 0; l < lanes; ++l) sum += lane[l];
    return sum;
  };
  Lane squares{}, products{};
  for (std::size_t j = 0; j < n; j += lanes) {
    Lane a, g, v;
    std::memcpy(&a, alpha + j, sizeof a);
    std::memcpy(&g, scale + j, sizeof g);
    std::memcpy(&v, z + j, sizeof v);
    v *= g;
    squares += v * v;
    products += v * a;
  }
  *out++ = total(squares);
  *out++ = total(products);
  for (std::size_t k = 0; k < row.dimensions; ++k) {
    const double* beta_k = beta + k * n;
    Lane with_z{}, with_alpha{};
    for (std::size_t j = 0; j < n; j += lanes) {
      Lane b, a, s, g, v;
      std::memcpy(&b, beta_k + j, sizeof b);
      std::memcpy(&a, alpha + j, sizeof a);
      std::memcpy(&s, sign + j, sizeof s);
      std::memcpy(&g, scale + j, sizeof g);
      std::memcpy(&v, z + j, sizeof v);
      with_z += b * g * v;
      with_alpha += s * s * a * b;
    }
    *out++ = total(with_z);
    *out++ = total(with_alpha);
    for (std::size_t l = 0; l <= k; ++l) {
      const double* beta_l = beta + l * n;
      Lane product{};
      for (std::size_t j = 0; j < n; j += lanes) {
        Lane b, c, s;
        std::memcpy(&b, beta_k + j, sizeof b);
        std::memcpy(&c, beta_l + j, sizeof c);
        std::memcpy(&s, sign + j, sizeof s);
        product += s * s * b * c;
      }
      *out++ = total(product);
    }
  }
}

// ---- draws ----

// Words of one stream, taken in blocks.
class Draws {
 public:
  explicit Draws(const Stream& stream) : stream_(stream), normals_(block), words_(block) {}

  std::span<const std::uint64_t> words(std::size_t n) {
    if (words_.size() < n) words_.resize(n);
    const std::span out(words_.data(), n);
    stream_.fill(out);
    return out;
  }
  double uniform() { return stream_.uniform(); }
  double normal() {
    if (used_ == block) {
      stream_.fill(std::span(block_words_));
      normals_from(block_words_, normals_);
      used_ = 0;
    }
    return normals_[used_++];
  }
  // Marsaglia, G., & Tsang, W. W. (2000). ACM TOMS 26:363; shape at least 1/2.
  double gamma(double shape) {
    if (shape < 1) return gamma(shape + 1) * std::pow(1 - stream_.uniform(), 1 / shape);
    const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
    for (;;) {
      const double x = normal(), root = 1 + c * x;
      if (root <= 0) continue;
      const double v = root * root * root, u = 1 - stream_.uniform();
      if (u < 1 - 0.0331 * x * x * x * x || std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) return d * v;
    }
  }

 private:
  static constexpr std::size_t block = 512;
  Stream stream_;
  std::array<std::uint64_t, block> block_words_{};
  std::vector<double> normals_;
  std::vector<std::uint64_t> words_;
  std::size_t used_ = block;
};

// In place: the lower triangle becomes its Cholesky factor.
void factor(double* a, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k <= i; ++k) {
      double sum = a[i * n + k];
      for (std::size_t m = 0; m < k; ++m) sum -= a[i * n + m] * a[k * n + m];
      a[i * n + k] = i == k ? std::sqrt(sum) : sum / a[k * n + k];
    }
}

void solve_lower(const double* l, double* b, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) b[i] -= l[i * n + k] * b[k];
    b[i] /= l[i * n + i];
  }
}

void solve_upper(const double* l, double* b, std::size_t n) {
  for (std::size_t i = n; i-- > 0;) {
    for (std::size_t k = i + 1; k < n; ++k) b[i] -= l[k * n + i] * b[k];
    b[i] /= l[i * n + i];
  }
}

// ---- one chain ----

class Chain {
 public:
  Chain(const ResponseMatrix& responses, const std::vector<double>& sign, const std::vector<double>& answers,
        const Matrix& reference, const ItemResponseOptions& options, Draws draws)
      : n_(responses.subjects),
        d_(options.dimensions),
        row_{(responses.items + lanes - 1) / lanes * lanes, d_},
        items_(responses.items),
        precision_(1 / (options.item_sd * options.item_sd)),
        sign_(sign),
        answers_(answers),
        own_answers_(n_),
        x_(n_ * d_),
        beta_(d_ * row_.padded),
        alpha_(row_.padded),
        scale_(row_.padded, 1.0),
        z_(n_ * row_.padded),
        sums_(sums_of(d_) * row_.padded),
        mean_(row_.padded),
        factor_(row_.padded),
        square_(row_.padded),
        stride_(n_, 0.3),
        draws_(std::move(draws)) {
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t j = 0; j < items_; ++j) own_answers_[i] += std::abs(sign_[i * row_.padded + j]);
    for (std::size_t i = 0; i < n_; ++i)
      for (std::size_t k = 0; k < d_; ++k)
        x_[i * d_ + k] =
            0.7 * reference(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) + 0.7 * draws_.normal();
  }

  void iterate(bool adapt) {
    walk_subjects(adapt);
    std::fill(sums_.begin(), sums_.end(), 0.0);
    const std::size_t width = row_.padded;
    for (std::size_t i = 0; i < n_; ++i) {
      const double* x = &x_[i * d_];
      const double* sign = &sign_[i * width];
      double* z = &z_[i * width];
      predict(row_, x, beta_.data(), alpha_.data(), mean_.data());
      truncated_normals_from(draws_.words(width), mean_, std::span(sign, width), std::span(z, width));
      add_to_items(row_, x, sign, z, sums_.data());
    }
    draw_items();
    draw_subjects();
  }

  Matrix coordinates() const {
    return Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
        x_.data(), static_cast<Eigen::Index>(n_), static_cast<Eigen::Index>(d_));
  }
  // items x dimensions
  Matrix discrimination() const {
    return Eigen::Map<const Matrix>(beta_.data(), static_cast<Eigen::Index>(row_.padded), static_cast<Eigen::Index>(d_))
        .topRows(static_cast<Eigen::Index>(items_));
  }
  Eigen::VectorXd difficulty() const {
    return Eigen::Map<const Eigen::VectorXd>(alpha_.data(), static_cast<Eigen::Index>(items_));
  }

 private:
  // x_i given the items alone: a step of random-walk Metropolis, whose length each subject learns while warming up. Where
  // items discriminate sharply, z ties x_i to its place, and this is what moves it.
  void walk_subjects(bool adapt) {
    double proposed[most_dimensions];
    const std::size_t width = row_.padded;
    for (std::size_t i = 0; i < n_; ++i) {
      double* x = &x_[i * d_];
      const double* sign = &sign_[i * width];
      const auto weigh = [&](const double* at) {
        double squares = 0;
        for (std::size_t k = 0; k < d_; ++k) squares += at[k] * at[k];
        return log_chance(row_, at, beta_.data(), alpha_.data(), sign, mean_.data(), factor_.data(), square_.data()) -
               0.5 * squares;
      };
      const double now = weigh(x);
      for (std::size_t k = 0; k < d_; ++k) proposed[k] = x[k] + stride_[i] * draws_.normal();
      const bool accepted = std::log(1 - draws_.uniform()) < weigh(proposed) - now;
      if (accepted) std::copy_n(proposed, d_, x);
      if (adapt) stride_[i] *= accepted ? 1.2 : 0.9;  // settles where 37 % are accepted
    }
  }

  // (beta_j, alpha_j) given z, after the scale of z_j given z_j alone: scale^2 x rss ~ chi-square of the answers.
  void draw_items() {
    const std::size_t p = d_ + 1, n = row_.padded;
    double a[(most_dimensions + 1) * (most_dimensions + 1)], b[most_dimensions + 1], noise[most_dimensions + 1];
    for (std::size_t j = 0; j < items_; ++j) {
      const double* s = &sums_[j];
      const double squares = s[0], sum_z = s[n];
      s += 2 * n;
      for (std::size_t k = 0; k < d_; ++k) {
        b[k] = s[0];
        a[d_ * p + k] = -s[n];
        s += 2 * n;
        for (std::size_t l = 0; l <= k; ++l, s += n) a[k * p + l] = *s + (k == l ? precision_ : 0);
      }
      b[d_] = -sum_z;
      a[d_ * p + d_] = answers_[j] + precision_;
      factor(a, p);
      solve_lower(a, b, p);
      double rss = squares;
      for (std::size_t k = 0; k < p; ++k) rss -= b[k] * b[k];
      const double scale = std::sqrt(2 * draws_.gamma(answers_[j] / 2) / std::max(rss, 1e-12 * squares));
      for (std::size_t k = 0; k < p; ++k) noise[k] = scale * b[k] + draws_.normal();
      solve_upper(a, noise, p);
      for (std::size_t k = 0; k < d_; ++k) beta_[k * n + j] = noise[k];
      alpha_[j] = noise[d_];
      scale_[j] = scale;
    }
  }

  // x_i given z_i, after the scale g of z_i given z_i alone. With x_i integrated out the density of g is
  // g^(answers - 1) exp(-(square g^2 + 2 cross g) / 2): one Metropolis step from g = 1, proposed from the normal at the mode.
  void draw_subjects() {
    double a[most_dimensions * most_dimensions], with_z[most_dimensions], with_alpha[most_dimensions];
    double sums[sums_of(most_dimensions)];
    for (std::size_t i = 0; i < n_; ++i) {
      sum_over_items(row_, beta_.data(), alpha_.data(), scale_.data(), &sign_[i * row_.padded], &z_[i * row_.padded],
                     sums);
      const double* s = sums + 2;
      for (std::size_t k = 0; k < d_; ++k) {
        with_z[k] = *s++;
        with_alpha[k] = *s++;
        for (std::size_t l = 0; l <= k; ++l) a[k * d_ + l] = *s++ + (k == l ? 1 : 0);
      }
      factor(a, d_);
      solve_lower(a, with_z, d_);
      solve_lower(a, with_alpha, d_);
      double square = sums[0], cross = sums[1];
      for (std::size_t k = 0; k < d_; ++k) {
        square -= with_z[k] * with_z[k];
        cross -= with_z[k] * with_alpha[k];
      }
      const double g = draw_scale(own_answers_[i] - 1, square, cross);
      for (std::size_t k = 0; k < d_; ++k) with_z[k] = g * with_z[k] + with_alpha[k] + draws_.normal();
      solve_upper(a, with_z, d_);
      std::copy_n(with_z, d_, &x_[i * d_]);
    }
  }

  double draw_scale(double power, double square, double cross) {
    const double noise = draws_.normal(), chance = draws_.uniform();
    if (power < 1 || !(square > 0)) return 1;
    const double mode = (std::sqrt(cross * cross + 4 * square * power) - cross) / (2 * square);
    const double spread = 1 / std::sqrt(power / (mode * mode) + square);
    const double proposed = mode + spread * noise;
    if (proposed <= 0) return 1;
    const auto log_weight = [&](double g) {  // density over proposal
      const double off = (g - mode) / spread;
      return power * std::log(g) - 0.5 * square * g * g - cross * g + 0.5 * off * off;
    };
    return std::log(1 - chance) < log_weight(proposed) - log_weight(1) ? proposed : 1;
  }

  std::size_t n_, d_;
  Row row_;
  std::size_t items_;
  double precision_;
  const std::vector<double>&sign_, &answers_;
  std::vector<double> own_answers_;  // of each subject
  std::vector<double> x_, beta_, alpha_, scale_, z_, sums_, mean_, factor_, square_, stride_;
  Draws draws_;
};

// x with mean 0 and covariance I, turned towards the reference; items so that every beta . x - alpha stays.
struct Identified {
  Matrix x, beta;
  Eigen::VectorXd alpha;
};

Identified identify(const Chain& chain, const Matrix& reference) {
  Identified out{chain.coordinates(), chain.discrimination(), chain.difficulty()};
  const Eigen::RowVectorXd mean = out.x.colwise().mean();
  out.x.rowwise() -= mean;
  out.alpha -= out.beta * mean.transpose();
  const Matrix covariance = out.x.transpose() * out.x / static_cast<double>(out.x.rows());
  const Eigen::LLT<Matrix> root(covariance);
  const Matrix lower = root.matrixL();
  out.x = lower.triangularView<Eigen::Lower>().solve(out.x.transpose()).transpose();
  out.beta = out.beta * lower;
  const Eigen::JacobiSVD<Matrix> svd(out.x.transpose() * reference, Eigen::ComputeThinU | Eigen::ComputeThinV);
  const Matrix turn = svd.matrixU() * svd.matrixV().transpose();
  out.x = out.x * turn;
  out.beta = out.beta * turn;
  return out;
}

Error invalid(std::string message, std::string value, std::string remedy) {
  return {.code = ErrorCode::option_invalid,
          .message = std::move(message),
          .value = std::move(value),
          .remedy = std::move(remedy)};
}

Result<void> check(const ResponseMatrix& responses, const ItemResponseOptions& options) {
  COTEJO_CHECK(check_spatial(responses, options.dimensions, options.polarity));
  if (options.chains < 1 || options.chains > 64 || options.draws < 1 || options.thin < 1 || !(options.item_sd > 0) ||
      static_cast<double>(responses.subjects * options.dimensions) * static_cast<double>(options.chains) *
              static_cast<double>(options.draws) >
          0x1p28)
    return invalid("chains, draws, thinning or item_sd are out of range, or the draws kept are too many", "",
                   "Keep fewer draws; raise `thin` instead.");
  return {};
}

}  // namespace

Result<void> check_spatial(const ResponseMatrix& responses, std::size_t dimensions,
                           const std::vector<std::size_t>& polarity) {
  const std::size_t n = responses.subjects, items = responses.items;
  if (n < 3 || items == 0)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = fmt::format(
                     "positions need at least 3 members and one contested roll call; there are {} and {}", n, items),
                 .remedy = "Take a longer period, or leave fewer members out."};
  if (dimensions < 1 || dimensions > most_dimensions)
    return invalid(fmt::format("dimensions are not within 1..{}", most_dimensions), std::to_string(dimensions),
                   "One or two say most of what there is.");
  if (n > 3000 || static_cast<double>(n) * static_cast<double>(items) > 1e8)
    return invalid("positions are found for at most 3,000 members and 100,000,000 members x roll calls",
                   fmt::format("{} x {}", n, items), "Split the series into periods.");
  if (polarity.size() > dimensions)
    return invalid("more members fix the polarity than there are dimensions", std::to_string(polarity.size()),
                   "Name at most one a dimension.");
  for (const std::size_t subject : polarity)
    if (subject >= n)
      return invalid("the polarity names a member beyond the last", std::to_string(subject), "Members count from 0.");
  for (std::size_t j = 0; j < items; ++j) {
    bool answered = false;
    for (std::size_t i = 0; i < n && !answered; ++i) answered = responses.at(i, j) != 0;
    if (!answered) return invalid("an item has no answer", std::to_string(j), "Leave it out.");
  }
  const auto scaled = scaled_agreement(agreement_of(responses), dimensions);
  for (std::size_t k = 0; k < dimensions; ++k) {
    bool spread = false;
    for (std::size_t i = 0; i < n && !spread; ++i) spread = scaled[i * dimensions + k] != 0;
    if (!spread)
      return Error{.code = ErrorCode::input_insufficient,
                   .message = fmt::format("the agreement between members has fewer than {} dimension{}", dimensions,
                                          dimensions == 1 ? "" : "s"),
                   .remedy = dimensions == 1 ? "All members voted alike, or never on the same roll call."
                                             : "Ask for fewer dimensions."};
  }
  return {};
}

Result<ItemResponseFit> item_response(const ResponseMatrix& responses, const ItemResponseOptions& options,
                                      const Context& context) {
  COTEJO_CHECK(check(responses, options));
  const std::size_t n = responses.subjects, d = options.dimensions, items = responses.items;
  const std::size_t padded = (items + lanes - 1) / lanes * lanes;
  const auto start = scaled_agreement(agreement_of(responses), d);
  const Matrix reference = Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>>(
      start.data(), static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(d));
  std::vector<double> sign(n * padded), answers(items);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < items; ++j) {
      sign[i * padded + j] = responses.at(i, j);
      answers[j] += responses.at(i, j) != 0;
    }

  ItemResponseFit out{.subjects = n,
                      .items = items,
                      .dimensions = d,
                      .chains = options.chains,
                      .draws = options.draws,
                      .coordinate_draws = std::vector(n * d, std::vector<double>(options.chains * options.draws)),
                      .mean = {},
                      .sd = {},
                      .discrimination = {},
                      .difficulty = {},
                      .discrimination_sd = {},
                      .difficulty_sd = {}};
  // Per chain: sums of (beta, alpha) and of its outer product, per item.
  const std::size_t p = d + 1, moments = p + p * p;
  std::vector<std::vector<double>> item_sums(options.chains, std::vector<double>(items * moments));
  const bool finished = parallel_for(context, options.chains, "positions", [&](std::size_t c) {
    Chain chain(responses, sign, answers, reference, options,
                Draws(Stream(context.seed, Purpose::posterior_draw, c, options.unit)));
    const std::size_t iterations = options.warmup + options.draws * options.thin;
    for (std::size_t t = 0; t < iterations; ++t) {
      if (context.cancelled()) return;
      chain.iterate(t < options.warmup);
      if (t < options.warmup || (t - options.warmup + 1) % options.thin != 0) continue;
      const auto draw = identify(chain, reference);
      const std::size_t at = c * options.draws + (t - options.warmup) / options.thin;
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t k = 0; k < d; ++k)
          out.coordinate_draws[i * d + k][at] = draw.x(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k));
      for (std::size_t j = 0; j < items; ++j) {
        double* sum = &item_sums[c][j * moments];
        const auto value = [&](std::size_t k) {
          return k == d ? draw.alpha(static_cast<Eigen::Index>(j))
                        : draw.beta(static_cast<Eigen::Index>(j), static_cast<Eigen::Index>(k));
        };
        for (std::size_t k = 0; k < p; ++k) {
          sum[k] += value(k);
          for (std::size_t l = 0; l < p; ++l) sum[p + k * p + l] += value(k) * value(l);
        }
      }
    }
  });
  if (!finished) return cancelled_error();

  const auto kept = static_cast<double>(options.chains * options.draws);
  std::vector<double> sums(items * moments);
  for (const auto& chain : item_sums)
    for (std::size_t k = 0; k < sums.size(); ++k) sums[k] += chain[k] / kept;

  // The one rotation of all draws.
  Matrix strength = Matrix::Zero(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(d));
  for (std::size_t j = 0; j < items; ++j) {
    const Eigen::Map<const Eigen::VectorXd> beta(&sums[j * moments], static_cast<Eigen::Index>(d));
    strength += beta * beta.transpose();
  }
  const Eigen::SelfAdjointEigenSolver<Matrix> axes(strength);
  Matrix turn = axes.eigenvectors().rowwise().reverse();
  Matrix mean = Matrix::Zero(static_cast<Eigen::Index>(n), static_cast<Eigen::Index>(d));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < d; ++k) {
      double sum = 0;
      for (const double value : out.coordinate_draws[i * d + k]) sum += value;
      mean(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = sum / kept;
    }
  mean = (mean * turn).eval();
  for (std::size_t k = 0; k < d; ++k) {
    const auto column = static_cast<Eigen::Index>(k);
    Eigen::Index pole = 0;
    if (k < options.polarity.size())
      pole = static_cast<Eigen::Index>(options.polarity[k]);
    else
      mean.col(column).cwiseAbs().maxCoeff(&pole);
    if (mean(pole, column) < 0) {
      turn.col(column) *= -1;
      mean.col(column) *= -1;
    }
  }
  std::vector<double> turned(d);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t t = 0; t < options.chains * options.draws; ++t) {
      for (std::size_t k = 0; k < d; ++k) {
        turned[k] = 0;
        for (std::size_t l = 0; l < d; ++l)
          turned[k] +=
              out.coordinate_draws[i * d + l][t] * turn(static_cast<Eigen::Index>(l), static_cast<Eigen::Index>(k));
      }
      for (std::size_t k = 0; k < d; ++k) out.coordinate_draws[i * d + k][t] = turned[k];
    }
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = 0; k < d; ++k) {
      const double center = mean(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k));
      double squares = 0;
      for (const double value : out.coordinate_draws[i * d + k]) squares += (value - center) * (value - center);
      out.mean.push_back(center);
      out.sd.push_back(kept > 1 ? std::sqrt(squares / (kept - 1)) : 0);
    }
  Matrix whole = Matrix::Identity(static_cast<Eigen::Index>(p), static_cast<Eigen::Index>(p));
  whole.topLeftCorner(static_cast<Eigen::Index>(d), static_cast<Eigen::Index>(d)) = turn;
  for (std::size_t j = 0; j < items; ++j) {
    const Eigen::Map<const Eigen::VectorXd> first(&sums[j * moments], static_cast<Eigen::Index>(p));
    const Eigen::Map<const Matrix> second(&sums[j * moments + p], static_cast<Eigen::Index>(p),
                                          static_cast<Eigen::Index>(p));
    const Eigen::VectorXd center = whole.transpose() * first;
    const Matrix covariance = whole.transpose() * (second - first * first.transpose()) * whole;
    for (std::size_t k = 0; k < p; ++k) {
      const auto at = static_cast<Eigen::Index>(k);
      const double sd = std::sqrt(std::max(0.0, covariance(at, at)));
      (k == d ? out.difficulty : out.discrimination).push_back(center(at));
      (k == d ? out.difficulty_sd : out.discrimination_sd).push_back(sd);
    }
  }
  return out;
}

AnswerFit answer_fit(const ResponseMatrix& responses, const std::vector<double>& utility) {
  AnswerFit out;
  double log_chance = 0;
  std::size_t minority_errors = 0;
  for (std::size_t j = 0; j < responses.items; ++j) {
    std::size_t yes = 0, no = 0;
    for (std::size_t i = 0; i < responses.subjects; ++i) {
      const auto cell = responses.at(i, j);
      if (cell == 0) continue;
      (cell > 0 ? yes : no) += 1;
      const double u = cell * utility[i * responses.items + j];
      out.right += u > 0;
      log_chance += std::log(std::max(0.5 * std::erfc(-u / std::sqrt(2.0)), 1e-300));
    }
    out.answers += yes + no;
    minority_errors += std::min(yes, no);
  }
  if (out.answers == 0) return out;
  const auto answers = static_cast<double>(out.answers);
  const auto errors = static_cast<double>(out.answers - out.right);
  out.right_share = static_cast<double>(out.right) / answers;
  if (minority_errors > 0)
    out.proportional_reduction = (static_cast<double>(minority_errors) - errors) / static_cast<double>(minority_errors);
  out.geometric_mean = std::exp(log_chance / answers);
  return out;
}

std::vector<double> utilities(const ItemResponseFit& fit) {
  std::vector<double> out(fit.subjects * fit.items);
  for (std::size_t i = 0; i < fit.subjects; ++i)
    for (std::size_t j = 0; j < fit.items; ++j) {
      double u = -fit.difficulty[j];
      for (std::size_t k = 0; k < fit.dimensions; ++k)
        u += fit.discrimination[j * fit.dimensions + k] * fit.mean[i * fit.dimensions + k];
      out[i * fit.items + j] = u;
    }
  return out;
}

}  // namespace cotejo

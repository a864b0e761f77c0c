#include "cotejo/stats/response_matrix.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <bit>
#include <cmath>

namespace cotejo {

std::size_t ResponseMatrix::answers() const {
  return cells.size() - static_cast<std::size_t>(std::count(cells.begin(), cells.end(), 0));
}

KeptResponses keep_informative(const ResponseMatrix& all, double lopsided, std::size_t least_answers) {
  KeptResponses out;
  std::vector<char> here(all.subjects, 1), useful(all.items, 1);
  // Leaving subjects out can leave an item without a minority, and leaving that out a subject with too few answers.
  for (bool first = true, changed = true; changed; first = false) {
    changed = false;
    for (std::size_t j = 0; j < all.items; ++j) {
      if (!useful[j]) continue;
      std::size_t yes = 0, no = 0;
      for (std::size_t i = 0; i < all.subjects; ++i) {
        yes += here[i] && all.at(i, j) > 0;
        no += here[i] && all.at(i, j) < 0;
      }
      const std::size_t minority = std::min(yes, no);
      const bool kept =
          minority > 0 && (!first || static_cast<double>(minority) >= lopsided * static_cast<double>(yes + no));
      if (kept) continue;
      useful[j] = 0;
      changed = true;
    }
    for (std::size_t i = 0; i < all.subjects; ++i) {
      if (!here[i]) continue;
      std::size_t answers = 0;
      for (std::size_t j = 0; j < all.items; ++j) answers += useful[j] && all.at(i, j) != 0;
      if (answers >= std::max<std::size_t>(1, least_answers)) continue;
      here[i] = 0;
      changed = true;
    }
  }
  for (std::size_t j = 0; j < all.items; ++j) (useful[j] ? out.item : out.lopsided_items).push_back(j);
  for (std::size_t i = 0; i < all.subjects; ++i) (here[i] ? out.subject : out.silent_subjects).push_back(i);
  out.responses = {.subjects = out.subject.size(), .items = out.item.size(), .cells = {}};
  out.responses.cells.reserve(out.responses.subjects * out.responses.items);
  for (const std::size_t i : out.subject)
    for (const std::size_t j : out.item) out.responses.cells.push_back(all.at(i, j));
  return out;
}

Agreement agreement_of(const ResponseMatrix& responses) {
  const std::size_t n = responses.subjects, words = (responses.items + 63) / 64;
  std::vector<std::uint64_t> yes(n * words), no(n * words);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < responses.items; ++j) {
      const auto cell = responses.at(i, j);
      const std::uint64_t bit = std::uint64_t{1} << (j % 64);
      if (cell > 0) yes[i * words + j / 64] |= bit;
      if (cell < 0) no[i * words + j / 64] |= bit;
    }
  Agreement out{.subjects = n, .both = std::vector<std::uint32_t>(n * n), .alike = std::vector<std::uint32_t>(n * n)};
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t k = i; k < n; ++k) {
      int both = 0, alike = 0;
      for (std::size_t w = 0; w < words; ++w) {
        const std::uint64_t y1 = yes[i * words + w], n1 = no[i * words + w];
        const std::uint64_t y2 = yes[k * words + w], n2 = no[k * words + w];
        both += std::popcount((y1 | n1) & (y2 | n2));
        alike += std::popcount((y1 & y2) | (n1 & n2));
      }
      out.both[i * n + k] = out.both[k * n + i] = static_cast<std::uint32_t>(both);
      out.alike[i * n + k] = out.alike[k * n + i] = static_cast<std::uint32_t>(alike);
    }
  return out;
}

std::vector<double> scaled_agreement(const Agreement& agreement, std::size_t dimensions) {
  const auto n = static_cast<Eigen::Index>(agreement.subjects);
  const Eigen::Map<const Eigen::Matrix<std::uint32_t, Eigen::Dynamic, Eigen::Dynamic>> alike(agreement.alike.data(), n,
                                                                                             n),
      both(agreement.both.data(), n, n);
  double alike_pairs = 0, both_pairs = 0;
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index k = 0; k < i; ++k) {
      alike_pairs += alike(i, k);
      both_pairs += both(i, k);
    }
  const double usual = both_pairs > 0 ? alike_pairs / both_pairs : 0.5;
  Eigen::MatrixXd square(n, n);
  for (Eigen::Index i = 0; i < n; ++i)
    for (Eigen::Index k = 0; k < n; ++k) {
      const double share = both(i, k) ? static_cast<double>(alike(i, k)) / both(i, k) : usual;
      square(i, k) = i == k ? 0 : (1 - share) * (1 - share);
    }
  const Eigen::RowVectorXd mean = square.colwise().mean();
  square.rowwise() -= mean;
  square.colwise() -= mean.transpose();
  square.array() += mean.mean();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(-0.5 * square);
  std::vector<double> out(agreement.subjects * dimensions);
  for (std::size_t d = 0; d < dimensions; ++d) {
    const Eigen::Index at = n - 1 - static_cast<Eigen::Index>(d);
    if (at < 0 || solver.eigenvalues()(at) < 1e-9) continue;
    const Eigen::VectorXd vector = solver.eigenvectors().col(at);
    Eigen::Index largest = 0;  // an eigenvector has no sign of its own: its largest entry is made positive
    vector.cwiseAbs().maxCoeff(&largest);
    const double scale = std::sqrt(static_cast<double>(n)) * (vector(largest) < 0 ? -1 : 1);
    for (std::size_t i = 0; i < agreement.subjects; ++i)
      out[i * dimensions + d] = vector(static_cast<Eigen::Index>(i)) * scale;
  }
  return out;
}

}  // namespace cotejo

// The slope of y on x among units of the same place, and its t with errors robust to clusters of places.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace cotejo {

struct WithinSlope {
  double slope = NAN, t = NAN, between = NAN;
};

// Entries with NaN are left out. `place` numbers places below `places`.
inline WithinSlope within_slope(const std::vector<double>& x, const std::vector<double>& y,
                                const std::vector<std::uint32_t>& place, std::size_t places) {
  std::vector<double> n(places, 0), mx(places, 0), my(places, 0);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    ++n[place[i]];
    mx[place[i]] += x[i];
    my[place[i]] += y[i];
  }
  double xx = 0, xy = 0;
  for (std::size_t p = 0; p < places; ++p)
    if (n[p] > 0) {
      mx[p] /= n[p];
      my[p] /= n[p];
    }
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    const double dx = x[i] - mx[place[i]];
    xx += dx * dx;
    xy += dx * (y[i] - my[place[i]]);
  }
  WithinSlope out;
  if (!(xx > 0)) return out;
  out.slope = xy / xx;
  std::vector<double> score(places, 0);
  double clusters = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i]) || std::isnan(y[i])) continue;
    const double dx = x[i] - mx[place[i]];
    score[place[i]] += dx * (y[i] - my[place[i]] - out.slope * dx);
  }
  double squares = 0;
  for (std::size_t p = 0; p < places; ++p) {
    squares += score[p] * score[p];
    clusters += n[p] > 1;
  }
  out.t = squares > 0 && clusters > 1 ? out.slope / (std::sqrt(squares * clusters / (clusters - 1)) / xx) : NAN;
  double k = 0, gx = 0, gy = 0, bxx = 0, bxy = 0;
  for (std::size_t p = 0; p < places; ++p)
    if (n[p] > 0) {
      ++k;
      gx += mx[p];
      gy += my[p];
    }
  for (std::size_t p = 0; p < places; ++p)
    if (n[p] > 0) {
      bxx += (mx[p] - gx / k) * (mx[p] - gx / k);
      bxy += (mx[p] - gx / k) * (my[p] - gy / k);
    }
  if (bxx > 0) out.between = bxy / bxx;
  return out;
}

// The votes that the slope (points of share per unit of x) moves in units that it raises above the mean of their place.
inline double votes_above_mean(const WithinSlope& s, const std::vector<double>& x,
                               const std::vector<std::int32_t>& valid, const std::vector<std::uint32_t>& place,
                               std::size_t places) {
  if (std::isnan(s.slope)) return NAN;
  std::vector<double> n(places, 0), mean(places, 0);
  for (std::size_t i = 0; i < x.size(); ++i)
    if (!std::isnan(x[i])) {
      ++n[place[i]];
      mean[place[i]] += x[i];
    }
  double votes = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (std::isnan(x[i])) continue;
    const double points = s.slope * (x[i] - mean[place[i]] / n[place[i]]);
    if (points > 0) votes += valid[i] * points / 100;
  }
  return votes;
}

}  // namespace cotejo

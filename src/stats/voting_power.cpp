#include "cotejo/stats/voting_power.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <boost/multiprecision/cpp_int.hpp>
#include <cmath>
#include <limits>
#include <map>
#include <numbers>
#include <numeric>
#include <optional>
#include <utility>

namespace cotejo {

namespace {
using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
__extension__ typedef unsigned __int128 Wide;

constexpr std::size_t most_members = 1000;
constexpr std::size_t most_members_exact = 127;
constexpr std::size_t most_uncertain = 12;
constexpr std::int64_t most_weight = 1'000'000;

// ---- checks ----

Error invalid(std::string message, std::string value, std::string remedy) {
  return {.code = ErrorCode::option_invalid,
          .message = std::move(message),
          .value = std::move(value),
          .remedy = std::move(remedy)};
}

std::size_t members_of(const VotingGame& game) {
  return game.majorities.front().weights.size();
}

Result<void> check(const VotingGame& game) {
  if (game.majorities.empty() || members_of(game) == 0)
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "voting power needs a majority and at least one member",
                 .remedy = "Give the weights of the members and the quota."};
  const std::size_t n = members_of(game);
  if (n > most_members)
    return invalid(fmt::format("voting power takes at most {} members", most_members), std::to_string(n),
                   "Merge members who always vote together.");
  for (std::size_t j = 0; j < game.majorities.size(); ++j) {
    const auto& [weights, quota] = game.majorities[j];
    if (weights.size() != n)
      return invalid(fmt::format("majority {} has another number of weights than majority 1 ({})", j + 1, n),
                     std::to_string(weights.size()), "Give one weight per member in every majority.");
    std::int64_t sum = 0;
    for (const auto weight : weights) {
      if (weight < 0 || weight > most_weight)
        return invalid(fmt::format("a weight of majority {} is not within 0..{}", j + 1, most_weight),
                       std::to_string(weight), "Correct the weight, or state all weights in larger units.");
      sum += weight;
    }
    if (sum > most_weight)
      return invalid(fmt::format("the weights of majority {} add up to more than {}", j + 1, most_weight),
                     std::to_string(sum), "State weights and quota in larger units.");
    if (quota < 1 || quota > sum)
      return invalid(fmt::format("the quota of majority {} is not within 1..{}, the sum of its weights", j + 1, sum),
                     std::to_string(quota), "Give a quota that all members together meet and nobody's absence does.");
  }
  for (const auto member : game.veto)
    if (member >= n)
      return invalid(fmt::format("a veto names a member beyond the last ({})", n - 1), std::to_string(member),
                     "Members are numbered from 0.");
  if (!game.unions.empty() && game.unions.size() != n)
    return invalid(fmt::format("the unions are not one per member ({})", n), std::to_string(game.unions.size()),
                   "Give every member a union, its own if it stands alone.");
  return {};
}

Error too_much(double operations, double bytes, const VotingOptions& options) {
  return invalid(fmt::format("the tables need {:.2g} operations and {:.2g} bytes, over the limits of {:.2g} and {:.2g}",
                             operations, bytes, options.operations, options.bytes),
                 "", "State the weights in larger units.");
}

// ---- tables of the absent ----

using Weights = std::vector<std::int64_t>;  // one per axis

// Members (or unions) that are alike: what they weigh when absent, and how many there are.
struct Kind {
  Weights weight;
  bool veto = false;
  std::size_t count = 0;
};

// The axes and the members on them. The last axis is the longest and contiguous; `last` is its greatest coordinate r.
struct Layout {
  std::vector<std::int64_t> last;
  std::vector<std::size_t> stride;
  double cells = 1;
  std::optional<std::size_t> size_axis;  // where a coordinate is the number absent
  bool size_added = false;               // and the axis stands for no majority
  std::vector<Weights> weight;           // of each member
  std::vector<char> veto;

  std::size_t row_length() const { return static_cast<std::size_t>(last.back()) + 1; }
  std::size_t rows() const { return static_cast<std::size_t>(cells) / row_length(); }
  std::int64_t coordinate(std::size_t row, std::size_t axis) const {
    return static_cast<std::int64_t>(row * row_length() / stride[axis] % (static_cast<std::size_t>(last[axis]) + 1));
  }
};

struct Axis {
  Weights weight;
  std::int64_t last = 0;
  bool counts = false;
  bool added = false;
};

// One axis of a majority: weights over their common divisor; a majority that can only fail by a veto binds nobody.
Axis axis_of(const Majority& majority, const std::vector<char>& veto) {
  Axis axis{.weight = majority.weights, .last = -majority.quota};
  std::int64_t free = 0, divisor = 0;
  for (std::size_t i = 0; i < veto.size(); ++i) {
    axis.last += majority.weights[i];
    if (veto[i]) axis.weight[i] = 0;
    free += axis.weight[i];
    divisor = std::gcd(divisor, axis.weight[i]);
  }
  if (divisor == 0 || free <= axis.last) {
    axis.last = 0;
    std::fill(axis.weight.begin(), axis.weight.end(), 0);
    return axis;
  }
  axis.last /= divisor;
  axis.counts = true;
  for (std::size_t i = 0; i < veto.size(); ++i) {
    axis.weight[i] /= divisor;
    if (!veto[i] && axis.weight[i] != 1) axis.counts = false;
  }
  return axis;
}

// How many can be absent at most, by every majority's lightest.
std::int64_t most_absent(const std::vector<Axis>& axes, const std::vector<char>& veto) {
  std::int64_t most = std::count(veto.begin(), veto.end(), 0);
  for (const auto& axis : axes) {
    Weights free;
    for (std::size_t i = 0; i < veto.size(); ++i)
      if (!veto[i]) free.push_back(axis.weight[i]);
    std::sort(free.begin(), free.end());
    std::int64_t count = 0, sum = 0;
    for (const auto weight : free) {
      if ((sum += weight) > axis.last) break;
      ++count;
    }
    most = std::min(most, count);
  }
  return most;
}

enum class Sizes { merged, apart };

Layout layout_of(const VotingGame& game, Sizes sizes) {
  Layout layout;
  layout.veto.assign(members_of(game), 0);
  for (const auto member : game.veto) layout.veto[member] = 1;
  std::vector<Axis> axes;
  for (const auto& majority : game.majorities) axes.push_back(axis_of(majority, layout.veto));
  if (sizes == Sizes::apart && std::none_of(axes.begin(), axes.end(), [](const Axis& axis) { return axis.counts; })) {
    Axis axis{.weight = {}, .last = most_absent(axes, layout.veto), .counts = true, .added = true};
    for (const auto veto : layout.veto) axis.weight.push_back(veto ? 0 : 1);
    axes.push_back(std::move(axis));
  }
  std::stable_sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.last < b.last; });
  layout.weight.resize(layout.veto.size());
  for (std::size_t a = 0; a < axes.size(); ++a) {
    if (sizes == Sizes::apart && axes[a].counts) {
      layout.size_axis = a;
      layout.size_added = axes[a].added;
    }
    layout.last.push_back(axes[a].last);
    layout.cells *= static_cast<double>(axes[a].last + 1);
    for (std::size_t i = 0; i < layout.weight.size(); ++i) layout.weight[i].push_back(axes[a].weight[i]);
  }
  layout.stride.assign(axes.size(), 1);
  for (std::size_t a = axes.size() - 1; a > 0; --a)
    layout.stride[a - 1] = layout.stride[a] * (static_cast<std::size_t>(layout.last[a]) + 1);
  return layout;
}

// Members grouped into kinds, and the kind of each.
struct Kinds {
  std::vector<Kind> kinds;
  std::vector<std::size_t> of;
};

Kinds kinds_of(const Layout& layout, std::span<const std::size_t> members) {
  Kinds result;
  std::map<std::pair<char, Weights>, std::size_t> known;
  for (const auto i : members) {
    const auto [place, is_new] = known.try_emplace({layout.veto[i], layout.weight[i]}, result.kinds.size());
    if (is_new) result.kinds.push_back({.weight = layout.weight[i], .veto = layout.veto[i] != 0});
    ++result.kinds[place->second].count;
    result.of.push_back(place->second);
  }
  return result;
}

Kinds kinds_of(const Layout& layout) {
  std::vector<std::size_t> all(layout.veto.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  return kinds_of(layout, all);
}

// Where x - weight lies before x; none if the weight goes beyond the table.
std::optional<std::size_t> offset_of(const Layout& layout, const Weights& weight) {
  std::size_t offset = 0;
  for (std::size_t a = 0; a < weight.size(); ++a) {
    if (weight[a] > layout.last[a]) return std::nullopt;
    offset += static_cast<std::size_t>(weight[a]) * layout.stride[a];
  }
  return offset;
}

bool row_reached(const Layout& layout, std::size_t row, const Weights& weight) {
  for (std::size_t a = 0; a + 1 < weight.size(); ++a)
    if (weight[a] > 0 && layout.coordinate(row, a) < weight[a]) return false;
  return true;
}

// visit(row, begin, end) for the cells from which `kind`, absent too, turns winning into losing.
template <class Visit>
void each_swing(const Layout& layout, const Kind& kind, Visit visit) {
  const std::size_t length = layout.row_length(), rows = layout.rows();
  const std::size_t axes = layout.last.size();
  const auto weight = [&](std::size_t a) { return layout.size_added && layout.size_axis == a ? 0 : kind.weight[a]; };
  for (std::size_t row = 0; row < rows; ++row) {
    bool whole = kind.veto;
    for (std::size_t a = 0; a + 1 < axes && !whole; ++a)
      whole = weight(a) > 0 && layout.coordinate(row, a) > layout.last[a] - weight(a);
    const auto begin = whole ? 0 : std::max<std::int64_t>(0, layout.last.back() - weight(axes - 1) + 1);
    visit(row, static_cast<std::size_t>(begin), length);
  }
}

// ---- exact counts ----

template <class Count>
void put_in(const Layout& layout, const Kind& kind, std::vector<Count>& table) {
  const auto offset = offset_of(layout, kind.weight);
  if (!offset) return;
  const std::size_t length = layout.row_length(), first = static_cast<std::size_t>(kind.weight.back());
  for (std::size_t row = layout.rows(); row-- > 0;) {
    if (!row_reached(layout, row, kind.weight)) continue;
    Count* cell = table.data() + row * length;
    for (std::size_t x = length; x-- > first;) cell[x] = static_cast<Count>(cell[x] + *(cell + x - *offset));
  }
}

// The inverse of put_in, modulo 2^bits and so without loss; a weight of 0 on every axis doubles and cannot come here.
template <class Count>
void take_out(const Layout& layout, const Kind& kind, std::vector<Count>& table) {
  const auto offset = offset_of(layout, kind.weight);
  if (!offset) return;
  const std::size_t length = layout.row_length(), first = static_cast<std::size_t>(kind.weight.back());
  for (std::size_t row = 0; row < layout.rows(); ++row) {
    if (!row_reached(layout, row, kind.weight)) continue;
    Count* cell = table.data() + row * length;
    for (std::size_t x = first; x < length; ++x) cell[x] = static_cast<Count>(cell[x] - *(cell + x - *offset));
  }
}

cpp_int to_integer(Wide count) {
  return (cpp_int(static_cast<std::uint64_t>(count >> 64)) << 64) + static_cast<std::uint64_t>(count);
}

// Per kind, the swings of one member by the number of others absent (all in entry 0 without a size axis); then the
// winning sets in all.
struct Tally {
  std::vector<std::vector<cpp_int>> swings;
  cpp_int winning;
};

template <class Count>
Tally tally(const Layout& layout, const std::vector<Kind>& kinds) {
  std::vector<Count> table(static_cast<std::size_t>(layout.cells), 0);
  table[0] = 1;
  // Dummies without a size axis only double the counts: they are kept as a power of two.
  const auto doubles = [](const Kind& kind) {
    return !kind.veto && std::all_of(kind.weight.begin(), kind.weight.end(), [](auto weight) { return weight == 0; });
  };
  std::size_t doubled = 0;
  for (const auto& kind : kinds) {
    if (kind.veto) continue;
    if (doubles(kind))
      doubled += kind.count;
    else
      for (std::size_t k = 0; k < kind.count; ++k) put_in(layout, kind, table);
  }
  const std::size_t sizes =
      layout.size_axis ? static_cast<std::size_t>(layout.last[*layout.size_axis]) + 1 : std::size_t{1};
  const auto read = [&](const Kind& kind) {
    std::vector<Count> by_size(sizes, 0);
    each_swing(layout, kind, [&](std::size_t row, std::size_t begin, std::size_t end) {
      const Count* cell = table.data() + row * layout.row_length();
      const bool along = layout.size_axis && *layout.size_axis + 1 == layout.last.size();
      const auto across =
          layout.size_axis && !along ? static_cast<std::size_t>(layout.coordinate(row, *layout.size_axis)) : 0;
      for (std::size_t x = begin; x < end; ++x) {
        auto& sum = by_size[along ? x : across];
        sum = static_cast<Count>(sum + cell[x]);
      }
    });
    std::vector<cpp_int> result;
    result.reserve(sizes);
    for (const auto count : by_size) result.push_back(to_integer(count) << doubled);
    return result;
  };
  Tally result;
  for (const auto& count : read({.weight = kinds.front().weight, .veto = true})) result.winning += count;
  for (const auto& kind : kinds) {
    if (kind.veto) {
      result.swings.push_back(read(kind));
    } else if (doubles(kind)) {
      result.swings.emplace_back(sizes, 0);
    } else {
      take_out(layout, kind, table);
      result.swings.push_back(read(kind));
      put_in(layout, kind, table);
    }
  }
  return result;
}

double exact_operations(const Layout& layout, const Kinds& kinds) {
  return layout.cells * static_cast<double>(layout.veto.size() + 3 * kinds.kinds.size() + 1);
}

double exact_bytes(const Layout& layout) {
  return layout.cells * static_cast<double>(layout.veto.size() <= 63 ? sizeof(std::uint64_t) : sizeof(Wide));
}

// Whether to count exactly; an error if that was asked for and cannot be.
Result<bool> goes_exactly(const Layout& layout, const Kinds& kinds, const VotingOptions& options) {
  if (options.arithmetic == VotingArithmetic::floating) return false;
  const bool few = layout.veto.size() <= most_members_exact;
  const double operations = exact_operations(layout, kinds), bytes = exact_bytes(layout);
  if (few && operations <= options.operations && bytes <= options.bytes) return true;
  if (options.arithmetic == VotingArithmetic::automatic) return false;
  if (few) return too_much(operations, bytes, options);
  return invalid(fmt::format("exact counts are kept for at most {} members", most_members_exact),
                 std::to_string(layout.veto.size()), "Ask for floating arithmetic.");
}

Tally exact_tally(const Layout& layout, const std::vector<Kind>& kinds) {
  return layout.veto.size() <= 63 ? tally<std::uint64_t>(layout, kinds) : tally<Wide>(layout, kinds);
}

// ---- floating chances ----

// Members are present with one chance and absent with the other; the weight is that of the node in the integral.
struct Node {
  double present, absent, weight;
};

std::vector<Node> half() {
  return {{0.5, 0.5, 1.0}};
}

// Gauss-Legendre on 0..1, without error for polynomials of the degree given.
std::vector<Node> gauss_legendre(std::size_t degree) {
  using Real = long double;
  const std::size_t count = degree / 2 + 1;
  std::vector<Node> nodes;
  for (std::size_t k = 0; k < count; ++k) {
    Real x = std::cos(std::numbers::pi_v<Real> * (static_cast<Real>(k) + 0.75L) / (static_cast<Real>(count) + 0.5L));
    Real slope = 0;
    for (int round = 0; round < 100; ++round) {
      Real before = 1, value = x;
      for (std::size_t d = 2; d <= count; ++d) {
        const auto order = static_cast<Real>(d);
        const Real next = ((2 * order - 1) * x * value - (order - 1) * before) / order;
        before = std::exchange(value, next);
      }
      slope = static_cast<Real>(count) * (x * value - before) / (x * x - 1);
      const Real step = value / slope;
      x -= step;
      if (std::abs(step) < 1e-18L) break;
    }
    nodes.push_back({static_cast<double>((1 - x) / 2), static_cast<double>((1 + x) / 2),
                     static_cast<double>(1 / ((1 - x * x) * slope * slope))});
  }
  return nodes;
}

using Chances = std::vector<double>;

double sum_of(const double* begin, const double* end) {
  constexpr std::ptrdiff_t block = 256;
  long double total = 0;
  while (begin != end) {
    const double* stop = begin + std::min(block, end - begin);
    total += std::accumulate(begin, stop, 0.0);
    begin = stop;
  }
  return static_cast<double>(total);
}

double swing_chance(const Layout& layout, const Kind& kind, const Chances& table) {
  long double total = 0;
  each_swing(layout, kind, [&](std::size_t row, std::size_t begin, std::size_t end) {
    const double* cell = table.data() + row * layout.row_length();
    total += sum_of(cell + begin, cell + end);
  });
  return static_cast<double>(total);
}

void put_in(const Layout& layout, const Kind& kind, const Node& node, Chances& table) {
  const double present = node.present, absent = node.absent;
  const auto offset = kind.veto ? std::nullopt : offset_of(layout, kind.weight);
  if (!offset) {
    for (auto& cell : table) cell *= present;
    return;
  }
  if (*offset == 0) return;  // a dummy: present + absent = 1
  const std::size_t length = layout.row_length(), weight = static_cast<std::size_t>(kind.weight.back());
  for (std::size_t row = layout.rows(); row-- > 0;) {
    double* cell = table.data() + row * length;
    const std::size_t first = row_reached(layout, row, kind.weight) ? weight : length;
    for (std::size_t x = length; x-- > first;) cell[x] = present * cell[x] + absent * *(cell + x - *offset);
    for (std::size_t x = 0; x < first; ++x) cell[x] *= present;
  }
}

// leaf(k, table) for every kind k, `table` having in it what it had and everyone but one of kind k. Uses up `table`.
template <class Leaf>
void by_halves(const Layout& layout, std::span<const Kind> kinds, const Node& node, Chances& table, const Leaf& leaf,
               std::size_t first = 0) {
  const auto put_all = [&](std::span<const Kind> some, Chances& into) {
    for (const auto& kind : some)
      for (std::size_t k = 0; k < kind.count; ++k) put_in(layout, kind, node, into);
  };
  if (kinds.size() == 1) {
    for (std::size_t k = 1; k < kinds[0].count; ++k) put_in(layout, kinds[0], node, table);
    leaf(first, table);
    return;
  }
  const auto left = kinds.first(kinds.size() / 2), right = kinds.subspan(kinds.size() / 2);
  {
    Chances copy = table;
    put_all(right, copy);
    by_halves(layout, left, node, copy, leaf, first);
  }
  put_all(left, table);
  by_halves(layout, right, node, table, leaf, first + left.size());
}

// Passes over the table that by_halves makes, and tables it holds at once.
double passes(std::span<const Kind> kinds) {
  if (kinds.size() == 1) return static_cast<double>(kinds[0].count);
  double here = 1;
  for (const auto& kind : kinds) here += static_cast<double>(kind.count);
  return here + passes(kinds.first(kinds.size() / 2)) + passes(kinds.subspan(kinds.size() / 2));
}

double tables(std::span<const Kind> kinds) {
  return 1.0 + static_cast<double>(std::bit_width(kinds.size() - 1));
}

Chances empty_table(const Layout& layout) {
  Chances table(static_cast<std::size_t>(layout.cells), 0.0);
  table[0] = 1;
  return table;
}

// Per kind: the integral over the nodes of the chance that one of it swings.
Result<std::vector<double>> swing_chances(const Layout& layout, std::span<const Kind> kinds,
                                          const std::vector<Node>& nodes, const VotingOptions& options) {
  const double operations = layout.cells * passes(kinds) * static_cast<double>(nodes.size());
  const double bytes = layout.cells * sizeof(double) * tables(kinds);
  if (operations > options.operations || bytes > options.bytes) return too_much(operations, bytes, options);
  std::vector<double> chances(kinds.size(), 0.0);
  for (const auto& node : nodes) {
    Chances table = empty_table(layout);
    by_halves(layout, kinds, node, table, [&](std::size_t k, const Chances& others) {
      chances[k] += node.weight * swing_chance(layout, kinds[k], others);
    });
  }
  return chances;
}

// The chance that a set wins and that it loses, each a sum of positive terms.
struct Outcome {
  double win = 0, lose = 0;
};

Outcome outcome_of(const Layout& layout, std::span<const Kind> kinds) {
  Outcome outcome;
  Chances table = empty_table(layout);
  const Node node = half().front();
  for (const auto& kind : kinds)
    for (std::size_t k = 0; k < kind.count; ++k) {
      outcome.lose += node.absent * swing_chance(layout, kind, table);
      put_in(layout, kind, node, table);
    }
  outcome.win = sum_of(table.data(), table.data() + table.size());
  return outcome;
}

// ---- unions ----

// The unions, and those of them that are alike: the same kinds of members, as often.
struct Unions {
  std::vector<std::vector<std::size_t>> members;  // of one union of each kind
  std::vector<Kind> kinds;
  std::vector<std::size_t> of;  // of each member: the kind of its union
};

Unions unions_of(const VotingGame& game, const Layout& layout, const Kinds& kinds) {
  std::map<std::uint32_t, std::vector<std::size_t>> together;
  for (std::size_t i = 0; i < game.unions.size(); ++i) together[game.unions[i]].push_back(i);
  Unions result;
  result.of.resize(game.unions.size());
  std::map<std::vector<std::size_t>, std::size_t> known;
  for (const auto& [label, members] : together) {
    std::vector<std::size_t> signature;
    for (const auto i : members) signature.push_back(kinds.of[i]);
    std::sort(signature.begin(), signature.end());
    const auto [place, is_new] = known.try_emplace(std::move(signature), result.kinds.size());
    if (is_new) {
      Kind kind{.weight = Weights(layout.last.size(), 0)};
      for (const auto i : members) {
        for (std::size_t a = 0; a < kind.weight.size(); ++a) kind.weight[a] += layout.weight[i][a];
        kind.veto = kind.veto || layout.veto[i];
      }
      result.kinds.push_back(std::move(kind));
      result.members.push_back(members);
    }
    ++result.kinds[place->second].count;
    for (const auto i : members) result.of[i] = place->second;
  }
  return result;
}

enum class UnionValue { owen, banzhaf_owen };

Result<std::vector<double>> value_with_unions(const VotingGame& game, UnionValue value, const VotingOptions& options) {
  COTEJO_CHECK(check(game));
  if (game.unions.empty())
    return Error{.code = ErrorCode::input_insufficient,
                 .message = "this value needs a-priori unions",
                 .remedy = "Give every member a union, its own if it stands alone."};
  if (options.arithmetic == VotingArithmetic::exact)
    return invalid("values with unions are floating, not exact", "exact", "Ask for automatic or floating arithmetic.");
  const Layout layout = layout_of(game, Sizes::merged);
  const Kinds kinds = kinds_of(layout);
  const Unions unions = unions_of(game, layout, kinds);

  const auto nodes_for = [&](std::size_t count) {
    return value == UnionValue::owen ? gauss_legendre(count - 1) : half();
  };
  std::size_t union_count = 0;
  for (const auto& kind : unions.kinds) union_count += kind.count;
  const std::vector<Node> outer_nodes = nodes_for(union_count);
  std::vector<std::vector<Node>> inner_nodes;
  std::vector<Kinds> inner;
  double work = passes(unions.kinds), inner_tables = 0;
  for (const auto& members : unions.members) {
    inner.push_back(kinds_of(layout, members));
    inner_nodes.push_back(nodes_for(members.size()));
    work += static_cast<double>(inner_nodes.back().size()) * (1 + passes(inner.back().kinds));
    inner_tables = std::max(inner_tables, tables(inner.back().kinds));
  }
  const double operations = layout.cells * static_cast<double>(outer_nodes.size()) * work;
  const double bytes = layout.cells * sizeof(double) * (tables(unions.kinds) + inner_tables);
  if (operations > options.operations || bytes > options.bytes) return too_much(operations, bytes, options);

  std::vector<std::vector<double>> chances(unions.kinds.size(), std::vector<double>(kinds.kinds.size(), 0.0));
  for (const auto& outer : outer_nodes) {
    Chances start = empty_table(layout);
    by_halves(layout, unions.kinds, outer, start, [&](std::size_t k, const Chances& other_unions) {
      std::vector<std::size_t> global(inner[k].kinds.size());
      for (std::size_t i = 0; i < unions.members[k].size(); ++i)
        global[inner[k].of[i]] = kinds.of[unions.members[k][i]];
      for (const auto& node : inner_nodes[k]) {
        Chances table = other_unions;
        by_halves(layout, inner[k].kinds, node, table, [&](std::size_t h, const Chances& others) {
          chances[k][global[h]] += outer.weight * node.weight * swing_chance(layout, inner[k].kinds[h], others);
        });
      }
    });
  }
  std::vector<double> result;
  for (std::size_t i = 0; i < kinds.of.size(); ++i) result.push_back(chances[unions.of[i]][kinds.of[i]]);
  return result;
}

// ---- uncertain seats ----

bool can_adopt(const VotingGame& game, const std::vector<char>& absent) {
  for (const auto member : game.veto)
    if (absent[member]) return false;
  for (const auto& [weights, quota] : game.majorities) {
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < weights.size(); ++i) sum += absent[i] ? 0 : weights[i];
    if (sum < quota) return false;
  }
  return true;
}

VotingGame without(const VotingGame& game, const std::vector<char>& absent) {
  VotingGame rest;
  std::vector<std::uint32_t> place(absent.size(), 0);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < absent.size(); ++i)
    if (!absent[i]) {
      place[i] = next++;
      if (!game.unions.empty()) rest.unions.push_back(game.unions[i]);
    }
  for (const auto& [weights, quota] : game.majorities) {
    Majority majority{.weights = {}, .quota = quota};
    for (std::size_t i = 0; i < absent.size(); ++i)
      if (!absent[i]) majority.weights.push_back(weights[i]);
    rest.majorities.push_back(std::move(majority));
  }
  for (const auto member : game.veto) rest.veto.push_back(place[member]);
  return rest;
}

void widen(PowerInterval& interval, double value) {
  interval.min = std::min(interval.min, value);
  interval.max = std::max(interval.max, value);
}

// Values of the members present, in order; none: 0 for all.
void widen(std::vector<PowerInterval>& intervals, const std::vector<char>& absent, std::span<const double> values) {
  std::size_t next = 0;
  for (std::size_t i = 0; i < intervals.size(); ++i)
    widen(intervals[i], absent[i] || values.empty() ? 0.0 : values[next++]);
}
}  // namespace

Result<BanzhafPower> banzhaf_power(const VotingGame& game, const VotingOptions& options) {
  COTEJO_CHECK(check(game));
  const Layout layout = layout_of(game, Sizes::merged);
  const Kinds kinds = kinds_of(layout);
  const auto n = static_cast<int>(layout.veto.size());
  COTEJO_TRY(exactly, goes_exactly(layout, kinds, options));
  BanzhafPower power;
  const auto add_member = [&](double swings, double absolute, double prevent, double initiate) {
    power.swings.push_back(swings);
    power.absolute.push_back(absolute);
    power.prevent.push_back(prevent);
    power.initiate.push_back(initiate);
  };
  if (exactly) {
    const Tally counts = exact_tally(layout, kinds.kinds);
    const cpp_int all = cpp_int(1) << n;
    const auto ratio = [](const cpp_int& a, const cpp_int& b) { return cpp_rational(a, b).convert_to<double>(); };
    power.act = ratio(counts.winning, all);
    cpp_int total = 0;
    for (const auto kind : kinds.of) total += counts.swings[kind].front();
    for (const auto kind : kinds.of) {
      const cpp_int& swings = counts.swings[kind].front();
      add_member(swings.convert_to<double>(), ratio(2 * swings, all), ratio(swings, counts.winning),
                 ratio(swings, all - counts.winning));
      power.exact_swings.push_back(swings.str());
      power.normalised.push_back(ratio(swings, total));
    }
    power.total_swings = total.convert_to<double>();
    power.exact_total_swings = total.str();
    return power;
  }
  COTEJO_TRY(chances, swing_chances(layout, kinds.kinds, half(), options));
  const Outcome outcome = outcome_of(layout, kinds.kinds);
  power.act = outcome.win;
  double total = 0;
  for (const auto kind : kinds.of) total += chances[kind];
  for (const auto kind : kinds.of) {
    const double chance = chances[kind];
    add_member(std::ldexp(chance, n - 1), chance, chance / 2 / outcome.win, chance / 2 / outcome.lose);
    power.normalised.push_back(chance / total);
  }
  power.total_swings = std::ldexp(total, n - 1);
  return power;
}

Result<ShapleyShubikPower> shapley_shubik_power(const VotingGame& game, const VotingOptions& options) {
  COTEJO_CHECK(check(game));
  ShapleyShubikPower power;
  {
    const Layout layout = layout_of(game, Sizes::apart);
    const Kinds kinds = kinds_of(layout);
    COTEJO_TRY(exactly, goes_exactly(layout, kinds, options));
    if (exactly) {
      const Tally counts = exact_tally(layout, kinds.kinds);
      const std::size_t n = layout.veto.size();
      std::vector<cpp_int> factorial{1};
      for (std::size_t k = 1; k <= n; ++k) factorial.push_back(factorial.back() * k);
      std::vector<cpp_rational> values;
      for (const auto& swings : counts.swings) {
        cpp_int orders = 0;
        for (std::size_t k = 0; k < swings.size() && k < n; ++k)
          orders += swings[k] * factorial[k] * factorial[n - 1 - k];
        values.emplace_back(orders, factorial[n]);
      }
      for (const auto kind : kinds.of) {
        power.value.push_back(values[kind].convert_to<double>());
        power.exact.push_back(values[kind].str());
      }
      return power;
    }
  }
  const Layout layout = layout_of(game, Sizes::merged);
  const Kinds kinds = kinds_of(layout);
  COTEJO_TRY(values, swing_chances(layout, kinds.kinds, gauss_legendre(layout.veto.size() - 1), options));
  for (const auto kind : kinds.of) power.value.push_back(values[kind]);
  return power;
}

Result<std::vector<double>> owen_value(const VotingGame& game, const VotingOptions& options) {
  return value_with_unions(game, UnionValue::owen, options);
}

Result<std::vector<double>> banzhaf_owen_value(const VotingGame& game, const VotingOptions& options) {
  return value_with_unions(game, UnionValue::banzhaf_owen, options);
}

Result<UncertainPower> uncertain_power(const VotingGame& game, std::span<const std::uint32_t> uncertain,
                                       const VotingOptions& options) {
  COTEJO_CHECK(check(game));
  const std::size_t n = members_of(game);
  if (uncertain.size() > most_uncertain)
    return invalid(fmt::format("at most {} members may be uncertain", most_uncertain), std::to_string(uncertain.size()),
                   "Keep those uncertain who matter most, or merge them.");
  std::vector<char> named(n, 0);
  for (const auto member : uncertain) {
    if (member >= n || named[member])
      return invalid("an uncertain member is unknown or named twice", std::to_string(member),
                     fmt::format("Name each once, from 0 to {}.", n - 1));
    named[member] = 1;
  }
  VotingOptions each = options;
  each.operations = std::ldexp(options.operations, -static_cast<int>(uncertain.size()));

  VotingOptions each_union = each;
  each_union.arithmetic = VotingArithmetic::floating;

  constexpr double infinity = std::numeric_limits<double>::infinity();
  const PowerInterval none{infinity, -infinity};
  UncertainPower power;
  power.patterns = std::int64_t{1} << uncertain.size();
  power.act = none;
  for (auto* intervals :
       {&power.banzhaf_absolute, &power.banzhaf_normalised, &power.prevent, &power.initiate, &power.shapley_shubik})
    intervals->assign(n, none);
  if (!game.unions.empty()) {
    power.owen.assign(n, none);
    power.banzhaf_owen.assign(n, none);
  }
  for (std::int64_t pattern = 0; pattern < power.patterns; ++pattern) {
    std::vector<char> absent(n, 0);
    for (std::size_t k = 0; k < uncertain.size(); ++k) absent[uncertain[k]] = static_cast<char>(pattern >> k & 1);
    BanzhafPower banzhaf;
    ShapleyShubikPower shapley;
    std::vector<double> owen, banzhaf_owen;
    if (can_adopt(game, absent)) {
      const VotingGame rest = without(game, absent);
      COTEJO_TRY(its_banzhaf, banzhaf_power(rest, each));
      COTEJO_TRY(its_shapley, shapley_shubik_power(rest, each));
      banzhaf = std::move(its_banzhaf);
      shapley = std::move(its_shapley);
      if (!game.unions.empty()) {
        COTEJO_TRY(its_owen, owen_value(rest, each_union));
        COTEJO_TRY(its_banzhaf_owen, banzhaf_owen_value(rest, each_union));
        owen = std::move(its_owen);
        banzhaf_owen = std::move(its_banzhaf_owen);
      }
    } else {
      ++power.undecidable;
    }
    widen(power.act, banzhaf.act);
    widen(power.banzhaf_absolute, absent, banzhaf.absolute);
    widen(power.banzhaf_normalised, absent, banzhaf.normalised);
    widen(power.prevent, absent, banzhaf.prevent);
    widen(power.initiate, absent, banzhaf.initiate);
    widen(power.shapley_shubik, absent, shapley.value);
    widen(power.owen, absent, owen);
    widen(power.banzhaf_owen, absent, banzhaf_owen);
  }
  return power;
}

}  // namespace cotejo

// Voting power before any opinion is known: how often does a member's vote decide, and how much can each one block?
//
// S is a set of members who say yes. It wins when w_j(S) >= q_j for every majority j and all of `veto` are in S. The
// member i swings S (i not in S) when S loses and S + i wins; eta_i counts such S, omega counts the winning S.
//   Banzhaf          eta_i / 2^(n-1) (absolute);  eta_i / sum eta (normalised)
//   Coleman          act = omega / 2^n;  prevent_i = eta_i / omega;  initiate_i = eta_i / (2^n - omega)
//   Shapley-Shubik   phi_i = sum over the swings S of  |S|! (n - 1 - |S|)! / n!
//   Owen             the same over the orders in which every a-priori union stays together
//   Banzhaf-Owen     sum over R (other unions, whole) and S (of i's own union) of [i swings R + S] / 2^(m+c-2),
//                    for m unions and c members in the union of i
// How: a set wins when those ABSENT weigh at most r_j = sum w_j - q_j, for every j. So the counting polynomial of the
// absent, the product of (1 + x_1^w_1i x_2^w_2i ...) over the members without veto, is needed up to the powers r_j
// only: one dense table of prod (r_j + 1) cells, after dividing each majority by the common divisor of its weights.
//   exact (n <= 127): integer counts of 64 bits (n <= 63) or 128. A member is taken out by back-substitution, which
//     loses nothing in integers. Shapley-Shubik adds an axis for the number absent, unless a majority is it already.
//   floating: each member is absent with chance 1 - t. phi_i is the integral over t in 0..1 of the chance that i
//     swings (Owen 1972), a polynomial of degree n - 1, so ceil(n / 2) Gauss-Legendre nodes give it but for rounding;
//     t = 1/2 gives Banzhaf. No size x weight table is needed: memory is that of weight alone. Members are left out
//     by halves (products of all others, shared down a binary tree), as back-substitution can multiply rounding
//     errors by (1 - t) / t at each step; by halves nothing is subtracted and relative errors stay within n 2^-52 or
//     so. Doubles hold it all: 2^-1000 and 1000 x 2^999 are in their range.
// Shapes: a majority has one weight per member, in the same order; `veto` and `uncertain` are positions of members;
// `unions` is empty or has one label per member (equal label, same union). Results have one entry per member.
// Ranges: 1..1000 members; weights >= 0 with a sum of at most 1,000,000 per majority; quota 1..sum. Indices are shares
// 0..1, swings are counts. Weight 0 in all majorities and no veto is a dummy. A veto named twice counts once. Unions
// change Owen and Banzhaf-Owen only.
// Uncertain seats: an absent member has power 0 in that pattern and says nothing; the quota stays, it does not shrink
// to those present; an absent veto blocks. Where nothing can be adopted all indices are 0; `undecidable` counts these.
// Errors: input_insufficient (no members, no majority, no unions for Owen), option_invalid (beyond the ranges above,
// lengths that differ, exact asked of more than 127 members or with unions, more than 12 uncertain members, work
// beyond `operations` or `bytes`, found before it starts).
// No seed, no threads. Cost in cells touched, for k kinds of members that differ: exact cells x (n + 3 k), floating
// cells x n x log2(k) and for Shapley-Shubik n / 2 times that; Owen at worst n / 2 times more.
// Does NOT show who decides in fact: every pattern of yes and no is as likely (Banzhaf), or every order (Shapley).
// Rules with "or" (both majorities, or else so many members) are not in it.
// Source: Banzhaf, J. F. (1965). Rutgers Law Review 19:317; Shapley, L. S., & Shubik, M. (1954). APSR 48:787; Coleman,
// J. S. (1971). Control of collectivities and the power of a collectivity to act; Owen, G. (1972). Multilinear
// extensions of games. Management Science 18:64; Owen, G. (1977). Values of games with a priori unions; Owen, G.
// (1981). Modification of the Banzhaf-Coleman index for games with a priori unions; Brams, S. J., & Affuso, P. J.
// (1976). Theory and Decision 7:29 (counting polynomials).
// Verified in src/stats/tests/voting_power_test.cpp against full enumeration.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cotejo/base/result.hpp"

namespace cotejo {

struct Majority {
  std::vector<std::int64_t> weights;
  std::int64_t quota = 0;
};

struct VotingGame {
  std::vector<Majority> majorities;     // all must be met
  std::vector<std::uint32_t> veto{};    // members without whom nothing is adopted
  std::vector<std::uint32_t> unions{};  // label of the a-priori union of each member, or none
};

enum class VotingArithmetic {
  automatic,  // exact where n and the limits allow, else floating
  exact,
  floating,
};

struct VotingOptions {
  VotingArithmetic arithmetic = VotingArithmetic::automatic;
  double operations = 1e10;  // table cells that may be touched, about 2e9 a second
  double bytes = 1 << 30;    // of tables
};

struct BanzhafPower {
  std::vector<double> swings;
  double total_swings = 0;
  std::vector<std::string> exact_swings;  // decimal; empty if floating
  std::string exact_total_swings;
  std::vector<double> absolute;
  std::vector<double> normalised;
  double act = 0;  // Coleman: power of the collectivity
  std::vector<double> prevent;
  std::vector<double> initiate;
};

struct ShapleyShubikPower {
  std::vector<double> value;
  std::vector<std::string> exact;  // "421/2145", in lowest terms; empty if floating
};

struct PowerInterval {
  double min = 0;
  double max = 0;
};

struct UncertainPower {
  std::vector<PowerInterval> banzhaf_absolute;
  std::vector<PowerInterval> banzhaf_normalised;
  std::vector<PowerInterval> prevent;
  std::vector<PowerInterval> initiate;
  std::vector<PowerInterval> shapley_shubik;
  std::vector<PowerInterval> owen;  // empty without unions
  std::vector<PowerInterval> banzhaf_owen;
  PowerInterval act;
  std::int64_t patterns = 0;
  std::int64_t undecidable = 0;  // patterns in which nothing can be adopted
};

Result<BanzhafPower> banzhaf_power(const VotingGame& game, const VotingOptions& options = {});
Result<ShapleyShubikPower> shapley_shubik_power(const VotingGame& game, const VotingOptions& options = {});

// Always floating: `exact` is refused.
Result<std::vector<double>> owen_value(const VotingGame& game, const VotingOptions& options = {});
Result<std::vector<double>> banzhaf_owen_value(const VotingGame& game, const VotingOptions& options = {});

// Over all 2^k patterns of the k <= 12 `uncertain` members; each pattern may use operations / 2^k per index.
Result<UncertainPower> uncertain_power(const VotingGame& game, std::span<const std::uint32_t> uncertain,
                                       const VotingOptions& options = {});

}  // namespace cotejo

#include "cotejo/base/random.hpp"

#include <Random123/threefry.h>

#include <cmath>
#include <numbers>

#include "cotejo/base/vector_clones.hpp"

namespace cotejo {

namespace {
constexpr std::size_t lanes = 8;

using Lanes = std::uint64_t __attribute__((vector_size(8 * lanes)));

// Threefry-4x64-20 of eight counters (first, first + 1, ...) at once.
COTEJO_VECTOR_CLONES
void eight_blocks(const std::uint64_t* key, std::uint64_t first, std::uint64_t* out) {
  constexpr int turns[8][2] = {{14, 16}, {52, 57}, {23, 40}, {5, 37}, {25, 33}, {46, 12}, {58, 22}, {32, 32}};
  const std::uint64_t schedule[5] = {key[0], key[1], key[2], key[3],
                                     0x1BD11BDAA9FC1A22 ^ key[0] ^ key[1] ^ key[2] ^ key[3]};
  Lanes a = {0, 1, 2, 3, 4, 5, 6, 7}, b = {}, c = {}, d = {};
  a += first + schedule[0];
  b += schedule[1];
  c += schedule[2];
  d += schedule[3];
#pragma GCC unroll 20
  for (int round = 0; round < 20; ++round) {
    const int turn_a = turns[round % 8][0], turn_c = turns[round % 8][1];
    Lanes& to_a = round % 2 == 0 ? b : d;
    Lanes& to_c = round % 2 == 0 ? d : b;
    a += to_a;
    to_a = (to_a << turn_a | to_a >> (64 - turn_a)) ^ a;
    c += to_c;
    to_c = (to_c << turn_c | to_c >> (64 - turn_c)) ^ c;
    if (round % 4 == 3) {
      const auto k = static_cast<std::uint64_t>(round / 4 + 1);
      a += schedule[k % 5];
      b += schedule[(k + 1) % 5];
      c += schedule[(k + 2) % 5];
      d += schedule[(k + 3) % 5] + k;
    }
  }
  for (std::size_t l = 0; l < lanes; ++l) {
    out[4 * l] = a[l];
    out[4 * l + 1] = b[l];
    out[4 * l + 2] = c[l];
    out[4 * l + 3] = d[l];
  }
}
}  // namespace

Stream::Stream(Seed seed, Purpose purpose, std::uint64_t replicate, std::uint64_t unit)
    : key_{seed, static_cast<std::uint64_t>(purpose), replicate, unit} {}

Stream::result_type Stream::operator()() {
  if (used_ == 4) {
    r123::Threefry4x64 threefry;
    const r123::Threefry4x64::ctr_type counter = {{counter_++, 0, 0, 0}};
    const r123::Threefry4x64::key_type key = {{key_[0], key_[1], key_[2], key_[3]}};
    const auto out = threefry(counter, key);
    block_ = {out[0], out[1], out[2], out[3]};
    used_ = 0;
  }
  return block_[used_++];
}

void Stream::fill(std::span<std::uint64_t> out) {
  while (used_ != 4 && !out.empty()) {
    out.front() = block_[used_++];
    out = out.subspan(1);
  }
  for (; out.size() >= 4 * lanes; out = out.subspan(4 * lanes), counter_ += lanes)
    eight_blocks(key_.data(), counter_, out.data());
  for (auto& value : out) value = (*this)();
}

double Stream::uniform() {
  return static_cast<double>((*this)() >> 11) * 0x1.0p-53;
}

std::uint64_t Stream::below(std::uint64_t n) {
  // Lemire (2019): the high half of a 128-bit product, rejecting the few low halves that would bias it.
  __extension__ using Wide = unsigned __int128;
  for (;;) {
    const Wide product = static_cast<Wide>((*this)()) * n;
    const auto low = static_cast<std::uint64_t>(product);
    if (low >= n || low >= (0 - n) % n) return static_cast<std::uint64_t>(product >> 64);
  }
}

double Stream::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * std::numbers::pi * uniform());
}

}  // namespace cotejo

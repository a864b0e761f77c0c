#include "cotejo/base/stream_blocks.hpp"

#include <algorithm>

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

StreamBlocks::StreamBlocks(Seed seed, Purpose purpose, std::uint64_t replicate, std::uint64_t unit)
    : key_{seed, static_cast<std::uint64_t>(purpose), replicate, unit} {
  static_assert(block == 4 * lanes);
}

void StreamBlocks::fill(std::span<std::uint64_t> out) {
  while (!out.empty()) {
    if (used_ == block && out.size() >= block) {
      eight_blocks(key_.data(), counter_, out.data());
      counter_ += lanes;
      out = out.subspan(block);
      continue;
    }
    if (used_ == block) {
      eight_blocks(key_.data(), counter_, kept_.data());
      counter_ += lanes;
      used_ = 0;
    }
    const std::size_t n = std::min(out.size(), block - used_);
    std::copy_n(kept_.begin() + static_cast<std::ptrdiff_t>(used_), n, out.begin());
    used_ += n;
    out = out.subspan(n);
  }
}

double StreamBlocks::uniform() {
  std::uint64_t word = 0;
  fill({&word, 1});
  return static_cast<double>(word >> 11) * 0x1.0p-53;
}

}  // namespace cotejo

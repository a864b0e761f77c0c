#include "cotejo/base/random.hpp"

#include <Random123/threefry.h>

#include <cmath>
#include <numbers>

namespace cotejo {

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

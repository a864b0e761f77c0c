// The processes of one `mpirun -n R cotejo ...`: methods compute together, the first one prints and writes.
#pragma once

#include <span>

namespace cotejo::app {

class Ranks {
 public:
  Ranks();   // joins the others when the program was started by mpirun
  ~Ranks();  // leaves them
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  unsigned rank() const { return rank_; }
  unsigned size() const { return size_; }
  bool first() const { return rank_ == 0; }

  // Every entry becomes its sum over all ranks, in every one of them.
  static void add(std::span<double> values);

 private:
  unsigned rank_ = 0, size_ = 1;
};

}  // namespace cotejo::app

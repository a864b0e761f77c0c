#include "ranks.hpp"

#define OMPI_SKIP_MPICXX 1  // the C interface alone
#include <mpi.h>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <limits>

namespace cotejo::app {

namespace {

bool started_by_mpirun() {
  for (const char* name : {"OMPI_COMM_WORLD_SIZE", "PMI_RANK", "PMIX_RANK"})
    if (std::getenv(name)) return true;
  return false;
}

}  // namespace

Ranks::Ranks() {
  if (!started_by_mpirun()) return;
  int provided = 0, rank = 0, size = 1;
  MPI_Init_thread(nullptr, nullptr, MPI_THREAD_FUNNELED, &provided);
  MPI_Comm_rank(MPI_COMM_WORLD, &rank);
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  rank_ = static_cast<unsigned>(rank);
  size_ = static_cast<unsigned>(size);
}

Ranks::~Ranks() {
  int joined = 0;
  MPI_Initialized(&joined);
  if (!joined) return;
  // A rank that ends by an exception takes the others with it: they would wait for its sums for ever.
  if (std::uncaught_exceptions() > 0)
    MPI_Abort(MPI_COMM_WORLD, 4);
  else
    MPI_Finalize();
}

void Ranks::add(std::span<double> values) {
  constexpr std::size_t most = std::numeric_limits<int>::max() / 16;
  for (std::size_t begin = 0; begin < values.size(); begin += most)
    MPI_Allreduce(MPI_IN_PLACE, values.data() + begin, static_cast<int>(std::min(most, values.size() - begin)),
                  MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
}

}  // namespace cotejo::app

// SQLite counts its memory only where it is asked to: counting takes a lock in every allocation of every thread, on which the
// clients of a served case would wait.
#pragma once

namespace cotejo {

// From here on it counts, so that QueryLimits::memory bounds a query. Before the process opens its first case; later it has no
// effect. Verified in src/casefile/tests/query_test.cpp.
void count_query_memory();

}  // namespace cotejo

// `stats` may not reach up to `vote`.
#include "cotejo/stats/sign_test.hpp"
#ifdef FAULT
#include "cotejo/vote/count.hpp"
#endif

// `finding` is plain data: it may not reach across to `vote`.
#include "cotejo/finding/finding.hpp"
#ifdef FAULT
#include "cotejo/vote/count.hpp"
#endif

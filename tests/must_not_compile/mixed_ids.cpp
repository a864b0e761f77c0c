// A challenge's id is not a count's.
#include "cotejo/base/ids.hpp"
cotejo::CountId id() {
#ifdef FAULT
  return cotejo::ChallengeId{"oas-226"};
#else
  return cotejo::CountId{"bo-2019/computo"};
#endif
}

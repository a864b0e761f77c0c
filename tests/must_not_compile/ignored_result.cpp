// An error cannot be dropped by accident (warnings are errors in this test).
#pragma GCC diagnostic error "-Wunused-result"
#include "cotejo/vote/rule.hpp"
void f() {
#ifdef FAULT
  cotejo::parse_rational("2/5");
#else
  (void)cotejo::parse_rational("2/5");
#endif
}

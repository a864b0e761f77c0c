// Every test of the family, each made in the file of its method.
#pragma once

#include "cotejo/methods/forensics/forensic_test.hpp"

namespace cotejo {

ForensicTest last_digit_test();
ForensicTest second_digit_test();
ForensicTest integer_percent_test();
ForensicTest spikes_test();
ForensicTest excess_turnout_test();
ForensicTest turnout_share_test();
ForensicTest outliers_test();
ForensicTest small_units_test();
ForensicTest fingerprint_test();
ForensicTest repeated_returns_test();
ForensicTest share_tails_test();
ForensicTest swing_test();

}  // namespace cotejo

// What `battery` is told and takes.
#include "cotejo/methods/forensics/battery.hpp"
#include "cotejo/methods/forensics/share_tails.hpp"
#include "neighbours.hpp"

namespace cotejo {

MethodInfo BatteryRequest::info() {
  return {.id = "battery",
          .family = "forensics",
          .title = "All forensic tests, their false alarms first",
          .question = "Does any calibrated test disagree with a fair election of these units, and for how many votes?",
          .assumes = "What each test assumes; and that the fair elections resemble this one, which is tested.",
          .cost = "linear in units x (replicates + 3 elections)",
          .references = {"Holm, S. (1979). Scandinavian Journal of Statistics 6:65.",
                         "Benjamini, Y., & Hochberg, Y. (1995). JRSS B 57:289.",
                         "Giacomini, R., Politis, D. N., & White, H. (2013). Econometric Theory 29:567 (one inner "
                         "election per outer one)."}};
}

const OptionTable<BatteryRequest>& BatteryRequest::table() {
  static const OptionTable<BatteryRequest> options = [] {
    OptionTable<BatteryRequest> t;
    add_forensic_options(t);
    add_building_option(t);
    add_neighbour_options(t);
    t.add(&BatteryRequest::elections, {.name = "elections",
                                       .unit = "fair elections",
                                       .text = "How many fair elections the false-alarm rates are measured on.",
                                       .low = 100,
                                       .high = 1e6});
    t.add(&BatteryRequest::inner,
          {.name = "inner",
           .unit = "fair elections",
           .text = "Inner elections per fair election: 1 pools them, more give each its own p-value.",
           .low = 1,
           .high = 10000});
    return t;
  }();
  return options;
}

}  // namespace cotejo

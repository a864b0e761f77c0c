// What `false-alarms` is told and takes.
#include "cotejo/methods/forensics/false_alarms.hpp"
#include "cotejo/methods/forensics/share_tails.hpp"
#include "neighbours.hpp"

namespace cotejo {

MethodInfo FalseAlarmsRequest::info() {
  return {
      .id = "false-alarms",
      .family = "forensics",
      .title = "False alarms and power of the forensic tests",
      .question =
          "How often does each test flag fair elections with these units, and how often planted irregularities?",
      .assumes =
          "The generators are fair, each in its own way; planted irregularities are as simple as they are said to be.",
      .cost = "linear in units x (elections + 5 unlike + 42 planted)",
      .references = {"Giacomini, R., Politis, D. N., & White, H. (2013). Econometric Theory 29:567 (one inner election "
                     "per outer one)."}};
}

const OptionTable<FalseAlarmsRequest>& FalseAlarmsRequest::table() {
  static const OptionTable<FalseAlarmsRequest> options = [] {
    OptionTable<FalseAlarmsRequest> t;
    add_forensic_options(t);
    add_building_option(t);
    add_neighbour_options(t);
    t.add(
        &FalseAlarmsRequest::tests,
        {.name = "tests",
         .unit = "",
         .text =
             "Which tests are measured: those ranked among fair elections (ranked), or those with a null of their own "
             "(own); empty: all.",
         .choices = {"", "ranked", "own"}});
    t.add(&FalseAlarmsRequest::elections,
          {.name = "elections", .unit = "fair elections", .text = "From the fitted model.", .low = 100, .high = 1e6});
    t.add(&FalseAlarmsRequest::unlike, {.name = "unlike",
                                        .unit = "fair elections",
                                        .text = "From each generator that the model does not know; 0: none.",
                                        .low = 0,
                                        .high = 1e6});
    t.add(&FalseAlarmsRequest::planted, {.name = "planted",
                                         .unit = "elections",
                                         .text = "For each kind and dose of planted irregularity; 0: none.",
                                         .low = 0,
                                         .high = 1e6});
    t.add(&FalseAlarmsRequest::inner,
          {.name = "inner",
           .unit = "fair elections",
           .text = "Inner elections per election: 1 pools them, more give each its own p-value.",
           .low = 1,
           .high = 10000});
    return t;
  }();
  return options;
}

}  // namespace cotejo

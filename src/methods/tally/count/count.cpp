#include "cotejo/methods/tally/count.hpp"

#include <algorithm>

#include "cotejo/base/units.hpp"

namespace cotejo {

double CountResult::share_percent(std::size_t option) const {
  return percent_of(static_cast<double>(total.options[option]), static_cast<double>(total.valid)).value;
}

const OptionTable<CountRequest>& CountRequest::table() {
  static const OptionTable<CountRequest> options;
  return options;
}

Result<CountResult> compute(const Count& count, const CountRequest& request, const Context&) {
  if (!request.rule) return needs("a rule", "Give the contest a [rule] in its profile, or name one with --rule.");
  COTEJO_CHECK(validate(*request.rule, count));
  if (count.units() == 0) return needs("at least one unit", "Import a count that has returns.");
  CountResult out;
  out.total = tally(count);
  out.order = ranking(out.total);
  out.outcome = apply(*request.rule, count.contest, out.total);
  const auto votes_of = [&](std::size_t place) {
    return out.order.size() > place ? static_cast<double>(out.total.options[out.order[place]]) : 0;
  };
  out.margin_votes = votes_of(0) - votes_of(1);
  out.margin_points = percent_of(out.margin_votes, static_cast<double>(out.total.valid)).value;
  out.turnout_percent =
      percent_of(static_cast<double>(out.total.cast), static_cast<double>(out.total.registered)).value;
  const auto valid = valid_of_units(count);
  out.units_with_valid_votes = std::count_if(valid.begin(), valid.end(), [](std::int64_t v) { return v > 0; });
  out.places.resize(count.hierarchy.levels().size());
  for (const auto& place : count.hierarchy.places()) ++out.places[place.level];
  return out;
}

}  // namespace cotejo

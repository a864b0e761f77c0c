#include "cotejo/methods/support/support.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace cotejo {

namespace {
template <class Object>
Input input(std::string kind, const Object& object, std::string sha256, std::size_t units) {
  return {.kind = std::move(kind),
          .id = object.id.text,
          .sha256 = std::move(sha256),
          .units = static_cast<std::int64_t>(units),
          .revision = object.revision,
          .revisions = object.revisions};
}
}  // namespace

Input input_of(const Count& count) {
  return input("count", count, count.sha256.empty() ? count.content_hash() : count.sha256, count.units());
}
Input input_of(const Challenge& challenge) {
  return input("challenge", challenge, challenge.content_hash(), challenge.unit_keys.size());
}
Input input_of(const Crosswalk& crosswalk) {
  return input("crosswalk", crosswalk, crosswalk.content_hash(), crosswalk.rows.size());
}
Input input_of(const Arrival& arrival) {
  return input("arrival", arrival, arrival.content_hash(), arrival.units());
}

Finding open_finding(const MethodInfo& info, const Count& count, const Context& context) {
  Finding finding;
  finding.id = finding.method = info.id;
  finding.title = info.title;
  finding.question = info.question;
  finding.references = info.references;
  finding.see_also = info.see_also;
  finding.seed = context.seed;
  add_input(finding, count);
  return finding;
}

void add_input(Finding& finding, const Count& count) {
  finding.inputs.push_back(input_of(count));
  for (const auto& caveat : count.caveats) {
    auto text = fmt::format("{}: {}", count.id.text, caveat);
    if (std::find(finding.caveats.begin(), finding.caveats.end(), text) == finding.caveats.end())
      finding.caveats.push_back(std::move(text));
  }
}

void name_shared_places(Finding& finding, const Contest& contest, const Tally& tally) {
  const auto order = ranking(tally);
  const auto sharing = [&](std::size_t place) {
    std::vector<std::string> names;
    for (std::size_t option = 0; option < contest.options.size(); ++option)
      if (tally.options[option] == tally.options[order[place]]) names.push_back(contest.options[option].id.text);
    return names;
  };
  const auto state = [&](const char* condition, std::size_t place) {
    const auto names = sharing(place);
    if (names.size() < 2) return false;
    finding.conditions.push_back(
        {Message{condition, {{"names", list_of(names, Join::commas)}, {"name", contest.options[order[place]].id.text}}},
         false});
    return true;
  };
  if (!state("support.shared_first", 0) && order.size() > 1) state("support.shared_second", 1);
}

Error needs(std::string_view what, std::string_view remedy) {
  return {.code = ErrorCode::input_insufficient,
          .message = fmt::format("this method needs {}", what),
          .remedy = std::string(remedy)};
}

std::string fixed(double value, int decimals) {
  std::string text = fmt::format("{:.{}f}", value, decimals);
  const auto point = std::min(text.find('.'), text.size());
  for (auto i = static_cast<std::ptrdiff_t>(point) - 3; i > (text[0] == '-' ? 1 : 0); i -= 3)
    text.insert(static_cast<std::size_t>(i), ",");
  return text;
}

}  // namespace cotejo

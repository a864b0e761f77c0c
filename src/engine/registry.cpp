#include "cotejo/engine/registry.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>

#include "cotejo/base/hash.hpp"
#include "cotejo/engine/row_log.hpp"
#include "cotejo/methods/assembly/coalition.hpp"
#include "cotejo/methods/assembly/ideal_points.hpp"
#include "cotejo/methods/assembly/mandate.hpp"
#include "cotejo/methods/assembly/power.hpp"
#include "cotejo/methods/assembly/recount.hpp"
#include "cotejo/methods/assembly/seats.hpp"
#include "cotejo/methods/forensics/battery.hpp"
#include "cotejo/methods/forensics/excess_turnout.hpp"
#include "cotejo/methods/forensics/false_alarms.hpp"
#include "cotejo/methods/forensics/fingerprint.hpp"
#include "cotejo/methods/forensics/integer_percent.hpp"
#include "cotejo/methods/forensics/last_digit.hpp"
#include "cotejo/methods/forensics/outliers.hpp"
#include "cotejo/methods/forensics/repeated_returns.hpp"
#include "cotejo/methods/forensics/second_digit.hpp"
#include "cotejo/methods/forensics/share_tails.hpp"
#include "cotejo/methods/forensics/small_units.hpp"
#include "cotejo/methods/forensics/spikes.hpp"
#include "cotejo/methods/forensics/swing.hpp"
#include "cotejo/methods/forensics/turnout_share.hpp"
#include "cotejo/methods/mixture/mixture.hpp"
#include "cotejo/methods/mixture/mixture_eforensics.hpp"
#include "cotejo/methods/review/controls.hpp"
#include "cotejo/methods/review/next_election.hpp"
#include "cotejo/methods/support/assembly_finding.hpp"
#include "cotejo/methods/support/set_aside.hpp"
#include "cotejo/methods/support/support.hpp"
#include "methods_with_rooms.hpp"

namespace cotejo {

namespace {

Error lacking(std::string_view method, std::string_view what, std::string_view remedy) {
  return {.code = ErrorCode::usage,
          .message = fmt::format("method '{}' needs {}", method, what),
          .remedy = std::string(remedy)};
}

// Data that lack what a method needs are an answer, not a failure (docs/decisions/0005-undetermined.md).
Finding undetermined(const MethodInfo& info, const MethodInputs& inputs, const Error& reason, const Context& context) {
  Finding finding =
      inputs.count ? open_finding(info, *inputs.count, context) : open_finding(info, *inputs.assembly, context);
  for (const Count* other : inputs.others) add_input(finding, *other);
  for (const Arrival* arrival : inputs.arrivals) finding.inputs.push_back(input_of(*arrival));
  for (const Challenge* challenge : inputs.challenges) finding.inputs.push_back(input_of(*challenge));
  finding.answer = Answer::undetermined;
  const std::string why = describe(reason);
  finding.headline = fmt::format("Undetermined: {}{}", why, why.ends_with('.') ? "" : ".");
  finding.conditions.push_back({reason.message, false});
  return finding;
}

// What the rows of a run depend on: the method, what it is run on, its options, the seed and the program.
template <class Request>
std::string key_of_run(const MethodInputs& inputs, const Request& request, const Context& context) {
  Finding finding = open_finding(Request::info(), *inputs.count, context);
  for (const Count* other : inputs.others) add_input(finding, *other);
  for (const Arrival* arrival : inputs.arrivals) finding.inputs.push_back(input_of(*arrival));
  for (const Challenge* challenge : inputs.challenges) finding.inputs.push_back(input_of(*challenge));
  if (inputs.crosswalk) finding.inputs.push_back(input_of(*inputs.crosswalk));
  finding.options = Request::table().values(request);
  finding.seed = context.seed;
  auto json = to_json(finding);
  json.erase("runtime");
  return sha256_of(COTEJO_VERSION + json.dump());
}

// What is given and not taken would be ignored without a word.
Result<void> refuse_surplus(const MethodEntry& method, const MethodInputs& inputs) {
  const std::pair<bool, std::string_view> surplus[] = {
      {inputs.others.size() > (method.takes_others  ? inputs.others.size()
                               : method.takes_other ? 1
                                                    : 0),
       method.takes_other ? "only one second count (--against)" : "no second count (--against)"},
      {!inputs.challenges.empty() && !method.takes_challenges, "no challenge (--challenge)"},
      {!inputs.arrivals.empty() && !method.takes_arrivals, "no arrival (--arrival)"},
      {inputs.crosswalk != nullptr && !method.takes_crosswalk, "no crosswalk (--crosswalk)"}};
  for (const auto& [given, what] : surplus)
    if (given)
      return Error{
          .code = ErrorCode::usage,
          .message = fmt::format("method '{}' takes {}", method.info.id, what),
          .remedy = fmt::format("Leave it out; `cotejo methods {}` lists what the method takes.", method.info.id)};
  return {};
}

// A register has units and voters and no votes: no method's count, and taken beside one only where it is asked for.
Result<void> refuse_registers(std::string_view method, const MethodInputs& inputs, bool takes_register) {
  const auto refused = [&](const Count& count, std::string_view remedy) {
    return Error{
        .code = ErrorCode::usage,
        .message = fmt::format("method '{}' needs votes, and '{}' is a register of units", method, count.id.text),
        .value = count.id.text,
        .remedy = std::string(remedy)};
  };
  if (inputs.count && inputs.count->options() == 0)
    return refused(*inputs.count, "Name a count of votes with --count; a register goes beside it, in parallel-tally.");
  std::size_t registers = 0;
  for (const Count* other : inputs.others)
    if (other->options() == 0 && (!takes_register || ++registers > 1))
      return refused(*other, takes_register ? "Name one register." : "Leave it out.");
  return {};
}

// Every finding on a count carries what was set aside of it, whichever the face.
void show_set_aside(Finding& finding, const MethodInputs& inputs) {
  if (inputs.count == nullptr) return;
  cotejo::show_set_aside(finding, *inputs.count, inputs.rule);
  for (const Count* other : inputs.others) {
    if (other->id == inputs.count->id && other->sha256 == inputs.count->sha256) continue;
    cotejo::show_set_aside(finding, *other, other->contest.id == inputs.count->contest.id ? inputs.rule : nullptr);
  }
}

// What a method takes is told by the members of its request.
template <class Request>
MethodEntry entry() {
  MethodEntry out;
  out.info = Request::info();
  out.options = Request::table().infos();
  out.takes_rule = requires(Request r) {
    r.rule;
  };
  out.takes_challenges = requires(Request r) {
    r.challenges;
  }
  || requires(Request r) {
    r.within;
  };
  out.needs_challenges = requires(Request r) {
    r.challenges;
  };
  out.takes_other = requires(Request r) {
    r.other;
  };
  out.takes_others = requires(Request r) {
    r.others;
  };
  out.takes_arrivals = requires(Request r) {
    r.arrivals;
  };
  out.takes_control = requires(Request r) {
    r.control;
  };
  out.keeps_rows = requires(Request r) {
    r.kept;
  };
  out.takes_crosswalk = requires(Request r) {
    r.crosswalk;
  };
  constexpr bool of_assembly = requires(const Assembly& a, const Request& r, const Context& c) {
    cotejo::run(a, r, c);
  };
  out.takes_assembly = of_assembly;
  out.run = [method = out](const MethodInputs& inputs, const OptionTexts& options,
                           const Context& context) -> Result<Finding> {
    COTEJO_CHECK(refuse_surplus(method, inputs));
    constexpr bool takes_register = requires(Request r) {
      r.expected;
    };
    COTEJO_CHECK(refuse_registers(Request::info().id, inputs, takes_register));
    if (of_assembly && !inputs.assembly)
      return lacking(Request::info().id, "an assembly",
                     "Name one with --assembly; `cotejo list CASE` shows those there are.");
    if (!of_assembly && !inputs.count)
      return lacking(Request::info().id, "a count", "Name one with --count; `cotejo list CASE` shows those there are.");
    if (requires(Request r) { r.challenges; } && inputs.challenges.empty())
      return lacking(Request::info().id, "a challenge",
                     "Name one with --challenge; `cotejo list CASE` shows those there are.");
    if (requires(Request r) { r.other; } && inputs.others.empty())
      return lacking(Request::info().id, "a second count",
                     "Name it with --against; `cotejo list CASE` shows those there are.");
    Request request;
    if constexpr (requires { request.rule; }) request.rule = inputs.rule;
    if constexpr (requires { request.challenges; }) request.challenges = inputs.challenges;
    if constexpr (requires { request.within; }) request.within = inputs.challenges;
    if constexpr (requires { request.other; }) request.other = inputs.others.at(0);
    if constexpr (requires { request.others; }) request.others = inputs.others;
    if constexpr (takes_register)
      for (const Count* other : inputs.others)
        if (other->options() == 0) request.expected = other, std::erase(request.others, other);
    if constexpr (requires { request.arrivals; }) request.arrivals = inputs.arrivals;
    if constexpr (requires { request.control; }) request.control = inputs.control;
    if constexpr (requires { request.kept_findings; }) request.kept_findings = inputs.kept_findings;
    if constexpr (requires { request.crosswalk; }) request.crosswalk = inputs.crosswalk;
    for (const auto& [name, value] : options) COTEJO_CHECK(Request::table().set(request, name, value));
    const auto begin = std::chrono::steady_clock::now();
    std::optional<RowLog> log;
    if constexpr (requires { request.kept; }) {
      if (!inputs.resume.empty()) {
        COTEJO_TRY(opened, RowLog::open(inputs.resume, key_of_run(inputs, request, context), context.rank));
        log.emplace(std::move(opened));
        if (log->rows_found() > 0)
          context.report(fmt::format("going on from {} rows in {}", log->rows_found(), inputs.resume.string()), 0);
        request.kept = &*log;
      }
    }
    auto finding = [&] {
      if constexpr (of_assembly)
        return cotejo::run(*inputs.assembly, request, context);
      else if constexpr (requires { request.kept_findings; })
        return run_once(*inputs.count, request, context, Looks::at_everything);
      else
        return cotejo::run(*inputs.count, request, context);
    }();
    if (log && log->problem() && !finding && finding.error().code == ErrorCode::cancelled) return *log->problem();
    if (!finding && finding.error().code == ErrorCode::input_insufficient)
      finding = undetermined(Request::info(), inputs, finding.error(), context);
    if (!finding) return finding;
    show_set_aside(*finding, inputs);
    if (!finding->for_outcome)
      finding->for_outcome = ForOutcome::unknown;  // nothing that it found bears on the outcome
    finding->options = Request::table().values(request);
    finding->runtime = {std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(),
                        context.threads, context.ranks};
    return finding;
  };
  return out;
}

template <class... Requests>
void add_entries(std::vector<MethodEntry>& registry, Methods<Requests...>) {
  (registry.push_back(entry<Requests>()), ...);
}

// The methods that have no room yet (src/methods/FAMILY/NAME): they are added here by hand.
std::vector<MethodEntry> entries_by_hand() {
  return {
      entry<ControlsRequest>(),     entry<NextElectionRequest>(),
      entry<BatteryRequest>(),      entry<LastDigitRequest>(),
      entry<SecondDigitRequest>(),  entry<IntegerPercentRequest>(),
      entry<SpikesRequest>(),       entry<ExcessTurnoutRequest>(),
      entry<TurnoutShareRequest>(), entry<OutliersRequest>(),
      entry<SmallUnitsRequest>(),   entry<FingerprintRequest>(),
      entry<FalseAlarmsRequest>(),  entry<RepeatedReturnsRequest>(),
      entry<ShareTailsRequest>(),   entry<SwingRequest>(),
      entry<SeatsRequest>(),        entry<RecountRequest>(),
      entry<CoalitionRequest>(),    entry<MandateRequest>(),
      entry<MixtureRequest>(),      entry<MixtureEforensicsRequest>(),
      entry<PowerRequest>(),        entry<IdealPointsRequest>(),
  };
}

}  // namespace

const std::vector<MethodEntry>& methods() {
  static const std::vector<MethodEntry> registry = [] {
    std::vector<MethodEntry> all;
    add_entries(all, MethodsWithRooms{});
    for (auto& method : entries_by_hand()) all.push_back(std::move(method));
    return all;
  }();
  return registry;
}

Result<const MethodEntry*> find_method(std::string_view id) {
  std::vector<std::string> ids;
  for (const auto& method : methods()) {
    if (method.info.id == id) return &method;
    ids.push_back(method.info.id);
  }
  const auto near = nearest_name(id, ids);
  return Error{.code = ErrorCode::method_unknown,
               .message = "no such method",
               .value = std::string(id),
               .remedy = near.empty() ? fmt::format("Methods: {}.", fmt::join(ids, ", "))
                                      : fmt::format("Did you mean '{}'? `cotejo methods` lists them.", near)};
}

}  // namespace cotejo

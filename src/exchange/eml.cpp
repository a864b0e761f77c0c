// EML 510, read: each contest of a Count document becomes a count, one unit per ReportingUnitVotes.
//
// Votes are those of the candidates where a selection names one, else of the affiliations; where both are there, the
// affiliations are the options (a candidate's votes are part of its affiliation's) and a caveat says so.
#include <fmt/format.h>

#include <charconv>
#include <limits>
#include <map>
#include <pugixml.hpp>

#include "cotejo/base/plural.hpp"
#include "cotejo/base/text.hpp"
#include "cotejo/intake/slug.hpp"
#include "parts.hpp"

namespace cotejo {

namespace {

using namespace exchange;
using Node = pugi::xml_node;

struct Wrong {
  std::string message, place, value;
};

// Names without their namespace's prefix: publishers choose it.
std::string_view local(const Node& node) {
  const std::string_view name = node.name();
  const auto colon = name.rfind(':');
  return colon == std::string_view::npos ? name : name.substr(colon + 1);
}
Node child(const Node& node, std::string_view name) {
  for (const auto& one : node.children())
    if (local(one) == name) return one;
  return {};
}
std::string text_of(const Node& node) {
  return std::string(trimmed(node.child_value()));
}

std::int32_t number_of(const Node& node, std::string_view place) {
  const auto text = text_of(node);
  std::int32_t value = 0;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status != std::errc{} || end != text.data() + text.size() || value < 0)
    throw Wrong{"expected a whole number from 0 to 2,147,483,647", std::string(place), text};
  return value;
}

// What one ReportingUnitVotes, or TotalVotes, states.
struct Stated {
  std::map<std::string, std::int32_t> options, numbers;
};

struct Naming {
  std::map<std::string, std::string> names;  // of options, by id in the document
  std::vector<std::string> order;
  bool affiliations = false, candidates = false;
};

std::string id_of(const Node& identifier) {
  const std::string id = identifier.attribute("Id").value();
  return id.empty() ? text_of(identifier) : id;
}

// "a:ID" of the affiliation or "c:AFFILIATION/ID" of the candidate that a selection is about.
void look(const Node& block, Naming& naming) {
  std::string affiliation;
  for (const auto& selection : block.children()) {
    if (local(selection) != "Selection") continue;
    const auto party = child(selection, "AffiliationIdentifier");
    const auto candidate = child(selection, "Candidate");
    std::string key, name;
    if (party) {
      affiliation = id_of(party);
      key = "a:" + affiliation;
      name = text_of(child(party, "RegisteredName"));
      naming.affiliations = true;
    } else if (candidate) {
      const auto identifier = child(candidate, "CandidateIdentifier");
      const std::string id =
          identifier.attribute("Id") ? identifier.attribute("Id").value() : identifier.attribute("ShortCode").value();
      key = "c:" + affiliation + "/" + id;
      name = text_of(child(identifier, "CandidateName"));
      naming.candidates = true;
    } else {
      const auto option = child(selection, "ReferendumOptionIdentifier");
      if (!option) continue;
      key = "o:" + id_of(option);
      name = text_of(option);
    }
    if (naming.names.size() > most_options * 10) throw Wrong{"too many selections", "Selection", {}};
    if (naming.names.emplace(key, name.empty() ? key.substr(2) : name).second) naming.order.push_back(key);
  }
}

Stated read_block(const Node& block) {
  Stated out;
  std::string affiliation;
  for (const auto& node : block.children()) {
    const auto name = local(node);
    if (name == "Selection") {
      const auto party = child(node, "AffiliationIdentifier");
      const auto candidate = child(node, "Candidate");
      std::string key;
      if (party) {
        affiliation = id_of(party);
        key = "a:" + affiliation;
      } else if (candidate) {
        const auto identifier = child(candidate, "CandidateIdentifier");
        key = "c:" + affiliation + "/" +
              (identifier.attribute("Id") ? identifier.attribute("Id").value()
                                          : identifier.attribute("ShortCode").value());
      } else if (const auto option = child(node, "ReferendumOptionIdentifier")) {
        key = "o:" + id_of(option);
      } else {
        continue;
      }
      const auto votes = child(node, "ValidVotes");
      if (!votes) throw Wrong{"a selection has no ValidVotes", "Selection", key};
      if (!out.options.emplace(key, number_of(votes, "ValidVotes")).second)
        throw Wrong{"a selection is there twice", "Selection", key};
    } else if (name == "Cast" || name == "TotalCounted") {
      out.numbers[std::string(name)] = number_of(node, name);
    } else if (name == "RejectedVotes" || name == "UncountedVotes") {
      const std::string reason = node.attribute("ReasonCode").value();
      out.numbers[fmt::format("{} {}", name == "RejectedVotes" ? "rejected" : "uncounted",
                              reason.empty() ? "other" : reason)] = number_of(node, name);
    }
  }
  return out;
}

Count read_contest(const Node& election, const Node& contest, const std::string& prefix, UniqueIds& ids) {
  const auto identifier = child(contest, "ContestIdentifier");
  const auto election_id = child(election, "ElectionIdentifier");
  const auto election_name = text_of(child(election_id, "ElectionName"));
  auto name = text_of(child(identifier, "ContestName"));
  if (name.empty()) name = election_name.empty() ? "contest" : election_name;
  Count count;
  count.id = CountId{prefix + "/" + ids.of(name, "contest")};
  count.title = name;
  count.contest = {ContestId{count.id.text + "-contest"}, election_name.empty() ? name : election_name, {}};
  count.date = text_of(child(election_id, "ElectionDate"));
  count.source = "EML 510 document" + (election_name.empty() ? std::string() : "; " + election_name);
  count.official = true;
  count.unit_name = "reporting unit";

  Naming naming;
  const Node votes =
      child(contest, "TotalVotes") || child(contest, "ReportingUnitVotes") ? contest : child(contest, "CountMetrics");
  std::vector<Node> blocks;
  for (const auto& node : votes.children()) {
    if (local(node) == "TotalVotes") look(node, naming);
    if (local(node) == "ReportingUnitVotes") blocks.push_back(node);
  }
  if (blocks.empty()) throw Wrong{"the contest has no ReportingUnitVotes", "Contest", name};
  for (const auto& block : blocks) look(block, naming);

  const char kind = naming.affiliations ? 'a' : naming.candidates ? 'c' : 'o';
  if (naming.affiliations && naming.candidates)
    count.caveats.push_back("The options are the affiliations; the votes of their candidates are not read.");
  UniqueIds option_ids;
  std::vector<std::string> keys;
  for (const auto& key : naming.order)
    if (key[0] == kind) {
      keys.push_back(key);
      count.contest.options.push_back({OptionId{option_ids.of(naming.names[key], "option")}, naming.names[key]});
    }
  if (keys.empty() || keys.size() > most_options)
    throw Wrong{fmt::format("a contest has 1 to {} selections", most_options), "Contest", name};

  std::vector<Stated> stated;
  std::map<std::string, std::string> columns;  // name -> the count's column
  std::map<std::string, std::size_t> times;
  for (const auto& block : blocks) {
    const auto unit = child(block, "ReportingUnitIdentifier");
    auto key = id_of(unit);
    if (key.empty()) throw Wrong{"a reporting unit has no identifier", "ReportingUnitIdentifier", {}};
    if (++times[key] > 1) throw Wrong{"a reporting unit is there twice", "ReportingUnitIdentifier", key};
    count.unit_keys.push_back(key);
    stated.push_back(read_block(block));
    for (const auto& [number, value] : stated.back().numbers) columns[number];
  }
  const auto n = count.units();
  count.votes.assign(n * keys.size(), 0);
  std::size_t absent = 0;
  for (std::size_t o = 0; o < keys.size(); ++o)
    for (std::size_t u = 0; u < n; ++u) {
      const auto found = stated[u].options.find(keys[o]);
      if (found == stated[u].options.end())
        ++absent;
      else
        count.votes[o * n + u] = found->second;
    }
  if (absent > 0)
    count.caveats.push_back(fmt::format("{} numbers of votes are not in the document and are read as 0.",
                                        with_thousands(static_cast<long long>(absent))));
  for (const auto& [number, unused] : columns) {
    Column column(n, missing);
    for (std::size_t u = 0; u < n; ++u)
      if (const auto found = stated[u].numbers.find(number); found != stated[u].numbers.end())
        column[u] = found->second;
    // "Cast" is the number of people called to vote in the Dutch profile of the standard; "TotalCounted" the valid votes.
    if (number == "Cast")
      count.registered = std::move(column);
    else if (number == "TotalCounted")
      count.valid = std::move(column);
    else if (number == "rejected blanco" || number == "rejected blank")
      count.blank = std::move(column);
    else if (number == "rejected ongeldig" || number == "rejected invalid")
      count.null = std::move(column);
    else
      count.fields.push_back({option_ids.of(number, "field"), number, std::move(column)});
  }

  if (const auto total = child(votes, "TotalVotes")) {
    const auto whole = read_block(total);
    for (std::size_t o = 0; o < keys.size(); ++o) {
      const auto found = whole.options.find(keys[o]);
      if (found == whole.options.end()) continue;
      std::int64_t sum = 0;
      for (const auto value : count.option(o)) sum += value;
      if (sum != found->second)
        count.caveats.push_back(fmt::format("The document states {} for '{}' in all; its reporting units have {}.",
                                            counted(found->second, "vote"), printable(count.contest.options[o].name),
                                            with_thousands(sum)));
    }
  }
  count.sha256 = count.content_hash();
  return count;
}

// pugixml builds a tree without recursion and expands no entities of a document's own; what walks the tree may be
// recursive, and every element and attribute takes some 50 bytes. Both are bounded by the marks that make them.
std::string too_much_in(std::string_view xml) {
  constexpr std::size_t deepest_xml = 100'000, most_parts = 12'000'000;
  std::size_t depth = 0, parts = 0;
  for (std::size_t i = 0; i + 1 < xml.size(); ++i) {
    if (xml[i] == '=' || xml[i] == '<') ++parts;
    if (xml[i] == '<' && xml[i + 1] == '/')
      depth -= depth > 0 ? 1U : 0U;
    else if (xml[i] == '<' && xml[i + 1] != '!' && xml[i + 1] != '?')
      ++depth;
    else if (xml[i] == '/' && xml[i + 1] == '>')
      depth -= depth > 0 ? 1U : 0U;
    if (depth > deepest_xml) return "the XML is too deep";
    if (parts > most_parts)
      return fmt::format("the XML has more than {} elements and attributes", with_thousands(most_parts));
  }
  return {};
}

}  // namespace

Result<std::vector<Count>> read_eml(std::string_view xml, std::string_view file_name, const std::string& prefix,
                                    const std::stop_token& cancel) {
  if (const auto fault = too_much_in(xml); !fault.empty()) return damaged(file_name, fault);
  if (cancel.stop_requested()) return cancelled_error();
  pugi::xml_document document;
  const auto parsed =
      document.load_buffer(xml.data(), xml.size(), pugi::parse_default & ~pugi::parse_doctype, pugi::encoding_auto);
  if (!parsed) {
    const auto line =
        1 + std::count(xml.begin(),
                       xml.begin() + std::min<std::ptrdiff_t>(parsed.offset, static_cast<std::ptrdiff_t>(xml.size())),
                       '\n');
    auto error = damaged(file_name, fmt::format("this is not XML, or it is cut short: {}", parsed.description()));
    error.row = line;
    return error;
  }
  const Node root = document.document_element();
  if (local(root) != "EML" || !std::string_view(root.attribute("Id").value()).starts_with("510"))
    return damaged(file_name, "this is XML, and no EML document of type 510 (counts)", "EML",
                   root.attribute("Id").value());
  try {
    std::vector<Count> out;
    UniqueIds ids;
    const auto election = child(child(root, "Count"), "Election");
    const auto contests = child(election, "Contests");
    for (const auto& contest : contests.children()) {
      if (local(contest) != "Contest") continue;
      if (cancel.stop_requested()) return cancelled_error();
      if (out.size() == most_contests) throw Wrong{fmt::format("more than {} contests", most_contests), "Contests", {}};
      out.push_back(read_contest(election, contest, prefix, ids));
    }
    if (out.empty()) throw Wrong{"the document has no contest", "Count/Election/Contests", {}};
    for (const auto& count : out)
      if (const auto fault = fault_of(count); !fault.empty()) throw Wrong{fault, "Contest", count.title};
    return out;
  } catch (const Wrong& wrong) {
    return damaged(file_name, wrong.message, wrong.place, wrong.value);
  }
}

}  // namespace cotejo

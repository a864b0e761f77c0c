#include "cotejo/engine/case_plan.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include "cotejo/base/hash.hpp"
#include "cotejo/engine/plan.hpp"
#include "cotejo/intake/assembly_reader.hpp"
#include "cotejo/intake/profile.hpp"
#include "cotejo/intake/reader.hpp"
#include "cotejo/intake/writer.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

// A TOML basic string.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\u{:04X}", static_cast<unsigned char>(c));
    else
      out += c;
  }
  return out + '"';
}

std::string list_in_quotes(const std::vector<std::string>& texts) {
  std::vector<std::string> out;
  for (const auto& text : texts) out.push_back(in_quotes(text));
  return fmt::format("[{}]", fmt::join(out, ", "));
}

std::string_view name_of(Quantity quantity) {
  switch (quantity) {
    case Quantity::leader:
      return "leader";
    case Quantity::runner_up:
      return "runner_up";
    case Quantity::option:
      return "option";
    case Quantity::valid:
      return "valid";
    case Quantity::cast:
      return "cast";
    case Quantity::registered:
      return "registered";
    case Quantity::blank:
      return "blank";
    case Quantity::null:
      return "null";
    case Quantity::constant:
      break;
  }
  return "constant";
}

// [NAME] in its long form (docs/formats/rule.md).
std::string rule_toml(const Rule& rule, const std::string& name) {
  std::string out =
      fmt::format("[{}]\nid        = {}\ntitle     = {}\n", name, in_quotes(rule.id), in_quotes(rule.title));
  if (!rule.source.empty()) out += fmt::format("source    = {}\n", in_quotes(rule.source));
  out +=
      fmt::format("met       = {}\notherwise = {}\n", in_quotes(to_text(rule.met)), in_quotes(to_text(rule.otherwise)));
  for (const auto& alternative : rule.alternatives) {
    out += fmt::format("[[{}.alternative]]\nname = {}\n", name, in_quotes(alternative.name));
    for (const auto& clause : alternative.clauses) {
      std::vector<std::string> terms;
      for (const auto& term : clause.terms) {
        std::string quantity(name_of(term.quantity));
        if (term.quantity == Quantity::option) quantity = in_quotes("option:" + term.option.text);
        terms.push_back(fmt::format("{} = {}", quantity, in_quotes(to_text(term.coefficient))));
      }
      out += fmt::format("[[{}.alternative.clause]]\nname  = {}\nis    = \"{}\"\nterms = {{ {} }}\n", name,
                         in_quotes(clause.name),
                         clause.comparison == Comparison::greater ? ">" : ">=", fmt::join(terms, ", "));
    }
  }
  return out + "\n";
}

// Nothing where there is one revision.
template <class Object>
std::string revision_toml(const Object& object) {
  return object.revisions == 1 ? std::string()
                               : fmt::format("revision = {}\nrevisions = {}\n", object.revision, object.revisions);
}

std::string safe_name(const std::string& path) {
  std::string out;
  for (const char c : fs::path(path).filename().string())
    out += (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' ? c : '_';
  return out.empty() || out[0] == '.' ? "file" + out : out;
}

Error cannot_write(const fs::path& path) {
  return {.code = ErrorCode::file_write,
          .message = "the file cannot be written",
          .file = path.string(),
          .remedy = "Check the folder, its permissions and the free space."};
}

class PlanWriter {
 public:
  PlanWriter(const CaseFile& file, const std::vector<fs::path>& places, const fs::path& folder, const Context& context)
      : file_(file), places_(places), folder_(folder), context_(context) {}

  Result<CasePlan> write(const CasePlanRequest& request) {
    CasePlan out;
    std::string head = fmt::format(
        "schema   = \"cotejo.plan/1\"\nid       = {}\ntitle    = {}\nquestion = {}\nseed     = {}\ndata     = "
        "\".\"\n\n",
        in_quotes(request.id), in_quotes(request.title), in_quotes(request.question), request.seed);
    std::error_code failed;
    for (const char* sub : {"profiles", "data", "challenges"}) {
      fs::create_directory(folder_ / sub, failed);
      if (failed) return cannot_write(folder_ / sub);
    }
    std::string asked;
    for (const auto& finding : request.findings) {
      if (context_.cancelled()) return cancelled_error();
      COTEJO_TRY(text, ask(finding));
      asked += text;
    }
    out.toml = head + inputs_ + rules_ + challenges_ + asked;
    COTEJO_CHECK(put(folder_ / "plan.toml", out.toml));
    // What was written is what the reader of plans takes.
    COTEJO_TRY(plan, read_plan(folder_ / "plan.toml"));
    (void)plan;
    out.notes = notes_;
    return out;
  }

 private:
  Result<std::string> ask(const CasePlanRequest::Asked& finding) {
    RunRequest run = finding.run;
    COTEJO_TRY(method, find_method(run.method));
    COTEJO_CHECK(check_inputs(*method, run));
    COTEJO_TRY(subject, method->takes_assembly ? assembly_asked(run.assembly) : count_asked(run.count));
    std::string out = fmt::format("[[finding]]\nid         = {}\nmethod     = {}\n{}\n", in_quotes(finding.id),
                                  in_quotes(run.method), subject);
    if (!run.challenges.empty()) {
      for (const auto& id : run.challenges) COTEJO_CHECK(need_challenge(id));
      out += fmt::format("challenges = {}\n", list_in_quotes(run.challenges));
    }
    if (!run.against.empty()) {
      std::vector<std::string> ids;
      for (const auto& id : run.against) {
        COTEJO_TRY(other, need_count(id));
        ids.push_back(other);
      }
      out += fmt::format("against    = {}\n", list_in_quotes(ids));
    }
    if (!run.arrivals.empty()) {
      for (const auto& id : run.arrivals) COTEJO_CHECK(need_published("arrival", id));
      out += fmt::format("arrivals   = {}\n", list_in_quotes(run.arrivals));
    }
    if (!run.crosswalk.empty()) {
      COTEJO_CHECK(need_published("crosswalk", run.crosswalk));
      out += fmt::format("crosswalk  = {}\n", in_quotes(run.crosswalk));
    }
    if (!finding.required) out += "required   = false\n";
    if (!run.options.empty()) {
      std::vector<std::string> options;
      COTEJO_CHECK(check_options(*method, run.options));
      for (const auto& [name, value] : run.options)
        options.push_back(fmt::format("{} = {}", in_quotes(name), in_quotes(value)));
      out += fmt::format("options    = {{ {} }}\n", fmt::join(options, ", "));
    }
    return out + "\n";
  }

  // The line that names the count, or the assembly; the only one of the case where none is named.
  Result<std::string> count_asked(std::string id) {
    if (id.empty()) {
      COTEJO_TRY(only, default_count(file_));
      id = only;
    }
    COTEJO_TRY(count, need_count(id));
    return fmt::format("count      = {}", in_quotes(count));
  }
  Result<std::string> assembly_asked(std::string id) {
    if (id.empty()) {
      COTEJO_TRY(only, default_assembly(file_));
      id = only;
    }
    COTEJO_TRY(assembly, need_assembly(id));
    return fmt::format("assembly   = {}", in_quotes(assembly));
  }

  // The count's id without a revision. The plan has the latest content: that is what the case shows.
  Result<std::string> need_count(const std::string& id) {
    COTEJO_TRY(count, file_.load_count(id));
    const std::string name = count.id.text;
    if (const auto known = counts_.find(name); known != counts_.end()) {
      if (known->second == count.sha256) return name;
      return two_revisions("count", id);
    }
    counts_.emplace(name, count.sha256);
    COTEJO_TRY(origin, file_.origin_of("count", id));
    bool published = false;
    if (!origin.corrected) {
      COTEJO_TRY(found, published_input(
                            origin.file,
                            [&](const Profile& profile, const fs::path& data) -> Result<bool> {
                              COTEJO_TRY(read, read_count(profile, data, context_));
                              // A count that was renamed in the case is another than its profile's to a plan.
                              return read.sha256 == count.sha256 && read.id == count.id;
                            },
                            revision_toml(count)));
      published = found;
    }
    if (!published) COTEJO_CHECK(write_out(count, origin));
    COTEJO_TRY(rule, file_.load_rule(count.contest.id));
    if (rule && contests_.insert(count.contest.id.text).second)
      rules_ += rule_toml(*rule, fmt::format("rule.{}", in_quotes(count.contest.id.text)));
    return name;
  }

  // The assembly's id without a revision. Its tables, and the files that they include, are copied under their own names,
  // by which they include each other, into a folder of the assembly.
  Result<std::string> need_assembly(const std::string& id) {
    COTEJO_TRY(assembly, file_.load_assembly(id));
    const std::string name = assembly.id.text;
    if (const auto known = assemblies_.find(name); known != assemblies_.end()) {
      if (known->second == assembly.sha256) return name;
      return two_revisions("assembly", id);
    }
    assemblies_.emplace(name, assembly.sha256);
    COTEJO_TRY(origin, file_.origin_of("assembly", id));
    COTEJO_TRY(tables, published_tables(assembly, origin.file));
    const std::string folder = "bodies/" + safe_name(name);
    std::error_code failed;
    fs::create_directories(folder_ / folder, failed);
    if (failed) return cannot_write(folder_ / folder);
    for (const auto& table : tables.files) {
      const std::string copied = folder + "/" + table.path.filename().string();
      fs::copy_file(table.path, folder_ / copied, failed);
      if (failed) return cannot_write(folder_ / copied);
      notes_.push_back(fmt::format("{} is the published file {} (SHA-256 {}).", copied, table.path.filename().string(),
                                   table.sha256));
    }
    inputs_ +=
        fmt::format("[[input]]\nassembly = {}\nsha256   = \"{}\"\n\n",
                    in_quotes(folder + "/" + tables.files.at(0).path.filename().string()), tables.files.at(0).sha256);
    return name;
  }

  // The tables that the assembly was imported from, read again.
  Result<AssemblyTables> published_tables(const Assembly& assembly, const SourceFile& source) const {
    const std::string& name = assembly.id.text;
    const auto path = find(source.name, source.sha256);
    if (!path)
      return Error{.code = ErrorCode::file_missing,
                   .message = fmt::format("the file of the assembly '{}' is not where it was imported from", name),
                   .file = source.name,
                   .remedy = "Put it and the files that it includes back, unchanged, or beside the case."};
    if (!is_assembly_table(*path))
      return Error{.code = ErrorCode::plan_invalid,
                   .message = fmt::format("the assembly '{}' was not imported from tables (TOML), and a plan reads no "
                                          "other format of assemblies",
                                          name),
                   .file = source.name,
                   .value = name,
                   .remedy = "Write its tables (docs/formats/assembly.md) and import them."};
    COTEJO_TRY(tables, read_assembly(*path, context_));
    if (tables.assembly.id != assembly.id) return renamed("assembly", name, tables.assembly.id.text);
    if (tables.assembly.sha256 != assembly.sha256)
      return Error{.code = ErrorCode::conflict,
                   .message = fmt::format("the tables of the assembly '{}' are not read as the case has it", name),
                   .file = path->string(),
                   .remedy = "Put the files that they include back, unchanged, or import the tables anew."};
    return tables;
  }

  static Error two_revisions(std::string_view kind, const std::string& id) {
    return {.code = ErrorCode::plan_invalid,
            .message = fmt::format("a plan cannot ask two revisions of one {}", kind),
            .value = id,
            .remedy = "Leave the revision out."};
  }
  static Error renamed(std::string_view kind, const std::string& id, const std::string& known_as) {
    return {.code = ErrorCode::plan_invalid,
            .message = fmt::format("the {} '{}' was renamed in the case; a plan reads it from its file, as '{}'", kind,
                                   id, known_as),
            .value = id,
            .remedy = fmt::format("Give it that id again: cotejo rename CASE {} {} {}.", kind, id, known_as)};
  }

  Result<void> need_published(const std::string& kind, const std::string& id) {
    if (!others_.insert(kind + " " + id).second) return {};
    COTEJO_TRY(origin, file_.origin_of(kind, id));
    COTEJO_TRY(revision, revision_of(kind, id));
    std::string known_as = id;
    COTEJO_TRY(found, published_input(
                          origin.file,
                          [&](const Profile& profile, const fs::path&) -> Result<bool> {
                            known_as = kind == "crosswalk" ? profile.crosswalk_id.text : profile.arrival.id.text;
                            return known_as == id;
                          },
                          revision));
    if (found) return {};
    if (known_as != id) return renamed(kind, id, known_as);
    return Error{
        .code = ErrorCode::file_missing,
        .message = fmt::format("the file or the profile of the {} '{}' is not where it was imported from", kind, id),
        .file = origin.file.name,
        .remedy = "Put both back, unchanged, or beside the case."};
  }

  Result<std::string> revision_of(const std::string& kind, const std::string& id) {
    if (kind == "crosswalk") {
      COTEJO_TRY(crosswalk, file_.load_crosswalk(id));
      return revision_toml(crosswalk);
    }
    COTEJO_TRY(arrival, file_.load_arrival(id));
    return revision_toml(arrival);
  }

  Result<void> need_challenge(const std::string& id) {
    if (!others_.insert("challenge " + id).second) return {};
    COTEJO_TRY(challenge, file_.load_challenge(id));
    COTEJO_TRY(count, need_count(challenge.count.text));
    const std::string path = fmt::format("challenges/{}.csv", safe_name(challenge.id.text));
    COTEJO_CHECK(write_unit_list(challenge.unit_keys, folder_ / path));
    COTEJO_TRY(sha256, sha256_of_file(folder_ / path));
    challenges_ += fmt::format(
        "[[challenge]]\nid     = {}\ncount  = {}\nfile   = {}\nsha256 = \"{}\"\nby     = {}\nreason = {}\nsource = "
        "{}\n{}\n",
        in_quotes(challenge.id.text), in_quotes(count), in_quotes(path), sha256, in_quotes(challenge.by),
        in_quotes(challenge.reason), in_quotes(challenge.source), revision_toml(challenge));
    return {};
  }

  // A file with this hash, as it was named or by its last name.
  std::optional<fs::path> find(const std::string& name, const std::string& sha256) const {
    std::vector<fs::path> candidates{name};
    for (const auto& place : places_) {
      candidates.push_back(place / name);
      candidates.push_back(place / fs::path(name).filename());
    }
    for (const auto& path : candidates) {
      std::error_code ignored;
      if (!fs::is_regular_file(path, ignored)) continue;
      if (const auto found = sha256_of_file(path); found && *found == sha256) return path;
    }
    return std::nullopt;
  }

  // A file's copy in the folder under a name that no other file has.
  Result<std::string> copy(const std::string& sub, const fs::path& from, const std::string& sha256) {
    std::string path = sub + "/" + safe_name(from.string());
    if (const auto known = copies_.find(path); known != copies_.end() && known->second != sha256)
      path = fmt::format("{}/{}-{}", sub, sha256.substr(0, 8), safe_name(from.string()));
    if (!copies_.emplace(path, sha256).second) return path;
    std::error_code failed;
    fs::copy_file(from, folder_ / path, failed);
    if (failed) return cannot_write(folder_ / path);
    return path;
  }

  // Adds the published file as an [[input]]; false when it, or its profile, is not there as it was, or does not read as
  // the case has it.
  template <class Same>
  Result<bool> published_input(const SourceFile& source, const Same& is_same, const std::string& revision) {
    if (source.profile_name.empty() || is_database(source.name)) return false;
    const auto data = find(source.name, source.sha256);
    const auto profile_path = find(source.profile_name, source.profile_sha256);
    if (!data || !profile_path) return false;
    COTEJO_TRY(profile, read_profile(*profile_path));
    COTEJO_TRY(same, is_same(profile, *data));
    if (!same) return false;
    COTEJO_TRY(profile_copy, copy("profiles", *profile_path, source.profile_sha256));
    COTEJO_TRY(data_copy, copy("data", *data, source.sha256));
    inputs_ += fmt::format("[[input]]\nprofile = {}\npath    = {}\nsha256  = \"{}\"\n{}\n", in_quotes(profile_copy),
                           in_quotes(data_copy), source.sha256, revision);
    notes_.push_back(fmt::format("{} is the published file {} (SHA-256 {}).", data_copy,
                                 fs::path(source.name).filename().string(), source.sha256));
    return true;
  }

  // The count as the case has it, as a file of ours.
  Result<void> write_out(const Count& count, const Origin& origin) {
    std::string id = count.id.text;
    std::replace(id.begin(), id.end(), '/', '-');
    const std::string stem = fmt::format("{}-{}", safe_name(id), count.sha256.substr(0, 8));
    const std::string data = "data/" + stem + ".csv", profile = "profiles/" + stem + ".toml";
    COTEJO_CHECK(write_count_csv(count, folder_ / data));
    COTEJO_CHECK(put(folder_ / profile, profile_of(count, data)));
    COTEJO_TRY(parsed, read_profile(folder_ / profile));
    COTEJO_TRY(read, read_count(parsed, folder_ / data, context_));
    if (read.sha256 != count.sha256)
      return Error{
          .code = ErrorCode::conflict,
          .message = fmt::format("the count '{}', written out of the case, is not read back the same", count.id.text),
          .file = data,
          .remedy = "Put the published file and its profile back to where they were imported from."};
    COTEJO_TRY(sha256, sha256_of_file(folder_ / data));
    inputs_ += fmt::format("[[input]]\nprofile = {}\nsha256  = \"{}\"\n{}\n", in_quotes(profile), sha256,
                           revision_toml(count));
    notes_.push_back(
        fmt::format("{} was written out of the case{}: {} (imported from {}, SHA-256 {}). Rows set aside at the import "
                    "are not in it.",
                    data, origin.corrected ? " with its corrections" : "",
                    origin.corrected ? "a corrected count is in no published file"
                                     : "the published file or its profile is not where it was",
                    fs::path(origin.file.name).filename().string(), origin.file.sha256));
    return {};
  }

  Result<void> put(const fs::path& path, const std::string& text) {
    std::ofstream out(path, std::ios::binary);
    out << text;
    if (!out.flush()) return cannot_write(path);
    return {};
  }

  const CaseFile& file_;
  const std::vector<fs::path>& places_;
  const fs::path& folder_;
  const Context& context_;
  std::string inputs_, rules_, challenges_;
  std::vector<std::string> notes_;
  std::map<std::string, std::string> counts_, assemblies_, copies_;  // id -> content, and path -> hash
  std::set<std::string> contests_, others_;
};

std::string_view sign_of(Relation relation) {
  return relation == Relation::equal ? "=" : relation == Relation::at_most ? "<=" : ">=";
}

}  // namespace

std::string profile_of(const Count& count, const std::string& path) {
  const auto line = [](std::string_view key, std::string_view text) {
    return text.empty() ? std::string() : fmt::format("{} = {}\n", key, in_quotes(text));
  };
  std::string out = fmt::format("schema = \"cotejo.profile/1\"\nkind = \"{}\"\n\n[source]\ntitle = {}\n",
                                count.options() == 0 ? "register" : "count",
                                in_quotes(count.source.empty() ? "written out of a case" : count.source));
  if (!count.caveats.empty()) out += fmt::format("caveats = {}\n", list_in_quotes(count.caveats));
  out += fmt::format("\n[file]\npath = {}\n", in_quotes(path));
  const std::pair<const char*, const Column*> standard[] = {{"registered", &count.registered},
                                                            {"cast", &count.cast},
                                                            {"valid", &count.valid},
                                                            {"blank", &count.blank},
                                                            {"null", &count.null}};
  std::vector<std::string> may_be_empty;
  const auto note = [&](const std::string& name, const Column& column) {
    if (std::find(column.begin(), column.end(), missing) != column.end()) may_be_empty.push_back(name);
  };
  for (const auto& [name, column] : standard) note(name, *column);
  for (const auto& field : count.fields) note(field.id, field.values);
  if (!may_be_empty.empty()) out += fmt::format("optional = {}\n", list_in_quotes(may_be_empty));
  out += fmt::format("\n[count]\nid = {}\ncontest = {}\n", in_quotes(count.id.text), in_quotes(count.contest.id.text));
  out += line("title", count.title) + line("contest_title", count.contest.title) + line("date", count.date) +
         line("as_of", count.as_of) + line("snapshot_of", count.snapshot_of.text);
  out += fmt::format("official = {}\nvalid = \"{}\"\n\n[unit]\nname = {}\nkey = \"unit\"\n", count.official,
                     count.valid_basis == ValidBasis::reported ? "reported" : "sum", in_quotes(count.unit_name));
  if (!count.unit_place.empty())
    for (std::size_t level = 0; level < count.hierarchy.levels().size(); ++level) {
      const auto& name = count.hierarchy.levels()[level];
      const bool codes = std::any_of(count.hierarchy.places().begin(), count.hierarchy.places().end(),
                                     [&](const Place& p) { return p.level == level && !p.code.empty(); });
      out += fmt::format("\n[[place]]\nlevel = {0}\nname = {0}\n", in_quotes(name));
      if (codes) out += fmt::format("code = {}\n", in_quotes(name + "_code"));
    }
  out += "\n[columns]\n";
  for (const auto& [name, column] : standard)
    if (!column->empty()) out += fmt::format("{0} = \"{0}\"\n", name);
  if (!count.latitude.empty() && !count.longitude.empty())
    out += "latitude = \"latitude\"\nlongitude = \"longitude\"\n";
  for (const auto& option : count.contest.options)
    out += fmt::format("\n[[option]]\nid = {0}\nname = {1}\ncolumn = {0}\n", in_quotes(option.id.text),
                       in_quotes(option.name));
  for (const auto& field : count.fields)
    out += fmt::format("\n[[field]]\nid = {0}\nname = {1}\ncolumn = {0}\n", in_quotes(field.id), in_quotes(field.name));
  for (const auto& check : count.checks)
    out += fmt::format("\n[[check]]\nid = {}\nleft = {}\nis = \"{}\"\nright = {}\n{}", in_quotes(check.id),
                       list_in_quotes(check.left), sign_of(check.relation), list_in_quotes(check.right),
                       line("text", check.text));
  return out;
}

Result<CasePlan> write_case_plan(const CaseFile& file, const CasePlanRequest& request,
                                 const std::vector<fs::path>& places, const fs::path& folder, const Context& context) {
  return PlanWriter(file, places, folder, context).write(request);
}

}  // namespace cotejo

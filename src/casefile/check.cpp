// Whether a case is as it was stored.
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "chain.hpp"
#include "cotejo/base/plural.hpp"
#include "encode.hpp"
#include "rows.hpp"
#include "schema.hpp"
#include "state.hpp"

namespace cotejo {

namespace {

constexpr std::size_t most_problems = 100;

// One finding of what is wrong does not hide the others: each part runs on its own.
class Check {
 public:
  Check(const CaseFile& file, SQLite::Database& db, int version, std::function<Views()> views)
      : file_(&file), db_(&db), version_(version), views_(std::move(views)) {}

  CaseCheck run() {
    part("the file's pages and indexes", [&] { integrity(); });
    part("tables, indexes and views: the case's own and no other", [&] { schema(); });
    part("the kind of every value against its column's", [&] { kinds(); });
    part("references between tables", [&] { references(); });
    if (version_ >= first_chained_schema)
      part("the chain: every row of every command against its link", [&] { chain(); });
    for (const char* table : {"count", "challenge", "crosswalk"})
      part(fmt::format("the revisions of every {}", table), [&] { revisions(table); });
    part("the rows of every revision of every count against its hash", [&] { counts(); });
    part("challenges and crosswalks against their hashes", [&] { lists(); });
    if (version_ >= 3)
      part("arrivals: revisions, and rows against their hashes", [&] {
        revisions("arrival");
        arrivals();
      });
    if (version_ >= 4)
      part("assemblies: revisions, and what they hold against their hashes", [&] {
        revisions("assembly");
        assemblies();
      });
    if (version_ >= 2) part("every correction against the revision before it", [&] { corrections(); });
    part("the findings' JSON", [&] { findings(); });
    clock();
    if (out_.problems.size() > most_problems) {
      const auto more = out_.problems.size() - most_problems;
      out_.problems.resize(most_problems);
      out_.problems.push_back(fmt::format("and {} more", more));
    }
    return std::move(out_);
  }

 private:
  template <class Work>
  void part(std::string what, Work work) {
    try {
      work();
    } catch (const std::exception& e) {
      out_.problems.push_back(fmt::format("{}: {}", what, e.what()));
    }
    out_.checked.push_back(std::move(what));
  }
  void problem(std::string text) { out_.problems.push_back(std::move(text)); }

  void schema() {
    const Views views = views_();
    for (auto& text : foreign_schema(*db_, version_, &views)) problem(std::move(text));
  }

  void integrity() {
    SQLite::Statement query(*db_, "PRAGMA integrity_check");
    while (query.executeStep())
      if (const auto text = query.getColumn(0).getString(); text != "ok") problem("the file: " + text);
  }

  // Hashes are taken of what the program reads, and it reads '7' and x'37' as 7; another reader of the file does not.
  void kinds() {
    SQLite::Statement tables(*db_, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    while (tables.executeStep()) {
      const auto table = tables.getColumn(0).getString();
      std::string other;
      SQLite::Statement columns(*db_, "SELECT name, lower(type) FROM pragma_table_info(?) WHERE type <> ''");
      columns.bind(1, table);
      while (columns.executeStep())
        other += fmt::format(" WHEN typeof({0}) NOT IN ('{1}', 'null') THEN '{2}'",
                             quoted_name(columns.getColumn(0).getString()), columns.getColumn(1).getString(),
                             columns.getColumn(0).getString());
      if (other.empty()) continue;
      SQLite::Statement found(*db_, fmt::format("SELECT CASE{} END AS other FROM {} WHERE other IS NOT NULL LIMIT 1",
                                                other, quoted_name(table)));
      if (found.executeStep())
        problem(fmt::format("table {}, column {}: a value of another kind than the column's", table,
                            found.getColumn(0).getString()));
    }
  }

  void references() {
    SQLite::Statement query(*db_, "PRAGMA foreign_key_check");
    while (query.executeStep())
      problem(fmt::format("table {}, row {}: it refers to a row of {} that is not there",
                          query.getColumn(0).getString(), query.getColumn(1).getInt64(),
                          query.getColumn(2).getString()));
  }

  void revisions(const std::string& table) {
    SQLite::Statement query(*db_,
                            "SELECT name, count(*), min(revision), max(revision) FROM " + table + " GROUP BY name");
    while (query.executeStep())
      if (query.getColumn(2).getInt() != 1 || query.getColumn(3).getInt() != query.getColumn(1).getInt())
        problem(fmt::format("{} '{}': {} revisions, numbered {} to {}", table, query.getColumn(0).getString(),
                            query.getColumn(1).getInt(), query.getColumn(2).getInt(), query.getColumn(3).getInt()));
  }

  void counts() {
    SQLite::Statement query(*db_,
                            "SELECT name, revision, units, rejected, (SELECT count(*) FROM rejected_row WHERE count = "
                            "c.id AND \"column\" <> '@total'), sha256 FROM count c ORDER BY id");
    while (query.executeStep()) {
      const std::string id = fmt::format("{}@{}", query.getColumn(0).getString(), query.getColumn(1).getInt());
      const auto count = file_->load_count(id);
      if (!count) {
        problem(fmt::format("count '{}': {}", id, count.error().message));
        continue;
      }
      if (static_cast<std::int64_t>(count->units()) != query.getColumn(2).getInt64())
        problem(fmt::format("count '{}': {}, {} stated", id, counted(count->units(), "unit"),
                            query.getColumn(2).getInt64()));
      if (count->sha256 != query.getColumn(5).getString())
        problem(fmt::format("count '{}': its two hashes differ", id));
      if (query.getColumn(3).getInt64() != query.getColumn(4).getInt64())
        problem(fmt::format("count '{}': stated {} set aside, there {}", id,
                            counted(query.getColumn(3).getInt64(), "row"), query.getColumn(4).getInt64()));
    }
  }

  void lists() {
    SQLite::Statement challenges(*db_, "SELECT name, revision, sha256 FROM challenge");
    while (challenges.executeStep()) {
      const auto id = fmt::format("{}@{}", challenges.getColumn(0).getString(), challenges.getColumn(1).getInt());
      const auto challenge = file_->load_challenge(id);
      if (!challenge)  // loading compares it
        problem(fmt::format("challenge '{}' does not match its hash", id));
    }
    SQLite::Statement crosswalks(*db_, "SELECT name, revision, sha256 FROM crosswalk");
    while (crosswalks.executeStep()) {
      const auto id = fmt::format("{}@{}", crosswalks.getColumn(0).getString(), crosswalks.getColumn(1).getInt());
      const auto crosswalk = file_->load_crosswalk(id);
      if (!crosswalk)  // loading compares it
        problem(fmt::format("crosswalk '{}' does not match its hash", id));
    }
  }

  void arrivals() {
    SQLite::Statement query(*db_, "SELECT name, revision, sha256 FROM arrival");
    while (query.executeStep()) {
      const auto id = fmt::format("{}@{}", query.getColumn(0).getString(), query.getColumn(1).getInt());
      const auto arrival = file_->load_arrival(id);
      if (!arrival)  // loading compares it
        problem(fmt::format("arrival '{}' does not match its hash", id));
    }
  }

  void assemblies() {
    SQLite::Statement query(*db_, "SELECT name, revision, sha256 FROM assembly");
    while (query.executeStep()) {
      const auto id = fmt::format("{}@{}", query.getColumn(0).getString(), query.getColumn(1).getInt());
      const auto assembly = file_->load_assembly(id);
      if (!assembly || assembly->sha256 != query.getColumn(2).getString())
        problem(fmt::format("assembly '{}' does not match its hash", id));
    }
  }

  // A corrected revision is the one before it with the cells that its corrections name, and nothing else.
  void corrections() {
    SQLite::Statement query(
        *db_,
        "SELECT c.id, c.name, c.revision, b.revision, b.name FROM count c JOIN count b ON b.id = c.base ORDER BY c.id");
    while (query.executeStep()) {
      const std::string name = query.getColumn(1).getString();
      const auto id = fmt::format("{}@{}", name, query.getColumn(2).getInt());
      const auto before =
          file_->load_count(fmt::format("{}@{}", query.getColumn(4).getString(), query.getColumn(3).getInt()));
      auto after = file_->load_count(id);
      if (!before || !after) continue;  // named already
      const UnitLookup lookup(*before);
      SQLite::Statement cells(*db_, "SELECT unit, field, old, new FROM correction WHERE count = ?");
      cells.bind(1, query.getColumn(0).getInt64());
      std::size_t corrected = 0;
      while (cells.executeStep()) {
        ++corrected;
        const std::string field = cells.getColumn(1).getString();
        const auto unit = lookup.find(cells.getColumn(0).getString());
        const auto is = [&](const Count& count, int column) {
          const auto values = count.column(field);
          const std::int32_t stated = cells.getColumn(column).isNull() ? missing : cells.getColumn(column).getInt();
          return unit && !values.empty() && values[*unit] == stated;
        };
        if (!is(*before, 2) || !is(*after, 3))
          problem(fmt::format("count '{}': the correction of '{}' in unit '{}' is not what its revisions hold", id,
                              field, cells.getColumn(0).getString()));
      }
      std::size_t different = 0;
      const auto add = [&](std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
        for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) different += a[i] != b[i] ? 1U : 0U;
      };
      add(before->votes, after->votes);
      Count earlier = *before;
      const auto columns = columns_of(earlier), others = columns_of(*after);
      for (std::size_t i = 0; i < std::min(columns.size(), others.size()); ++i)
        add(*columns[i].second, *others[i].second);
      if (different != corrected)
        problem(fmt::format("count '{}': {} {} from the revision before, {} stated", id, counted(different, "cell"),
                            different == 1 ? "differs" : "differ", counted(corrected, "correction")));
    }
  }

  void findings() {
    SQLite::Statement query(*db_, "SELECT name, json FROM finding");
    while (query.executeStep())
      if (!nlohmann::json::accept(query.getColumn(1).getString()))
        problem(fmt::format("finding '{}': it is not JSON", query.getColumn(0).getString()));
  }

  // What each count, rule, challenge, ... was when its command ended, names, reasons and texts included.
  void chain() {
    auto found = check_chain(*db_);
    for (auto& text : found.problems) problem(std::move(text));
    out_.chain = {found.commands, found.head};
    out_.heads = std::move(found.heads);
    SQLite::Statement migration(*db_,
                                "SELECT id FROM command WHERE text GLOB 'migrate from schema [1-4] to *' LIMIT 1");
    if (migration.executeStep() && migration.getColumn(0).getInt64() > 1)
      out_.notes.push_back(
          fmt::format("the links of commands 1 to {} were made when the case was migrated: they hold what it held then",
                      migration.getColumn(0).getInt64() - 1));
  }

  // A clock that was set back is no fault of the case; the order of commands is that of their numbers.
  void clock() {
    SQLite::Statement query(*db_, "SELECT id, at FROM command ORDER BY id");
    std::string last;
    while (query.executeStep()) {
      const auto at = query.getColumn(1).getString();
      if (at < last)
        out_.notes.push_back(
            fmt::format("command {} has the time {}, earlier than {} of a command before it: the clock was set back",
                        query.getColumn(0).getInt64(), at, last));
      last = std::max(last, at);
    }
  }

  const CaseFile* file_;
  SQLite::Database* db_;
  int version_;
  std::function<Views()> views_;
  CaseCheck out_;
};

}  // namespace

Result<CaseCheck> CaseFile::check() const {
  const State& s = *state_;
  return s.guarded([&]() -> Result<CaseCheck> {
    const SQLite::Transaction same_state(*s.db);  // whatever is written meanwhile
    return Check(*this, *s.db, s.version, [&s] { return s.expected_views(); }).run();
  });
}

}  // namespace cotejo

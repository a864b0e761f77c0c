#include "chain.hpp"

#include <fmt/format.h>

#include <bit>
#include <memory>
#include <optional>

#include "cotejo/base/hash.hpp"
#include "rows.hpp"

namespace cotejo {

namespace {

// A table under the chain: which columns (those of the schema that added it: a column that a later schema adds is hashed
// from that schema's links on), whose rows belong to which command, and by what they are numbered.
struct ChainedTable {
  const char *name, *columns, *from, *command, *number, *order;
  int since = first_chained_schema;
};

constexpr std::array<ChainedTable, chained_tables> tables{{
    {"command", "t.id, t.at, t.text", "command t", "t.id", "t.id", "t.id"},
    {"source_file", "t.id, t.name, t.sha256, t.bytes, t.profile_name, t.profile_sha256, t.command", "source_file t",
     "t.command", "t.id", "t.id"},
    {"rule", "t.id, t.contest, t.json, t.command", "rule t", "t.command", "t.id", "t.id"},
    {"count",
     "t.id, t.name, t.revision, t.sha256, t.contest, t.title, t.unit_name, t.snapshot_of, t.as_of, t.official, "
     "t.units, t.rejected, t.description, t.source_file, t.command, t.base, t.set_aside_accepted",
     "count t", "t.command", "t.id", "t.id"},
    {"rejected_row", "t.count, t.file, t.row, t.\"column\", t.value, t.reason, t.text, t.votes",
     "rejected_row t LEFT JOIN count c ON c.id = t.count", "c.command", "t.rowid", "t.rowid"},
    {"unreadable_cell", "t.count, t.unit, t.field, t.value, t.reason, t.row",
     "unreadable_cell t LEFT JOIN count c ON c.id = t.count", "c.command", "t.rowid", "t.rowid"},
    {"correction", "t.id, t.count, t.unit, t.field, t.old, t.new, t.by, t.reason, t.source, t.command", "correction t",
     "t.command", "t.id", "t.id"},
    {"challenge", "t.id, t.name, t.revision, t.count, t.by, t.reason, t.source, t.sha256, t.source_file, t.command",
     "challenge t", "t.command", "t.id", "t.id"},
    {"challenge_unit", "t.challenge, t.position, t.unit",
     "challenge_unit t LEFT JOIN challenge c ON c.id = t.challenge", "c.command", "t.challenge",
     "t.challenge, t.position"},
    {"crosswalk", "t.id, t.name, t.revision, t.sha256, t.source, t.source_file, t.command", "crosswalk t", "t.command",
     "t.id", "t.id"},
    {"arrival", "t.id, t.name, t.revision, t.sha256, t.title, t.kind, t.source, t.caveats, t.source_file, t.command",
     "arrival t", "t.command", "t.id", "t.id"},
    {"assembly",
     "t.id, t.name, t.revision, t.sha256, t.title, t.members, t.bodies, t.roll_calls, t.description, t.source_file, "
     "t.command",
     "assembly t", "t.command", "t.id", "t.id"},
    {"finding", "t.id, t.name, t.method, t.answer, t.headline, t.json, t.command", "finding t", "t.command", "t.id",
     "t.id"},
    {"object_event", "t.id, t.kind, t.name, t.event, t.revision, t.new_name, t.by, t.reason, t.command",
     "object_event t", "t.command", "t.id", "t.id"},
    {"note", "t.id, t.count, t.revision, t.unit, t.kind, t.by, t.text, t.command", "note t", "t.command", "t.id",
     "t.id", 6},
}};

std::string zeros() {
  return std::string(64, '0');
}

std::string select(const ChainedTable& table, std::optional<std::int64_t> behind = {}) {
  return fmt::format("SELECT {}, {} FROM {} {} ORDER BY {}", table.command, table.columns, table.from,
                     behind ? fmt::format("WHERE {} > {}", table.number, *behind) : "", table.order);
}

class LinkHash {
 public:
  explicit LinkHash(std::string_view head) {
    add("cotejo.link/5\n");
    add(head);
    add("\n");
  }
  // The row that `rows` stands on, without its first column (the command).
  void add_row(const ChainedTable& table, const Rows& rows) {
    text_.clear();
    auto out = std::back_inserter(text_);
    fmt::format_to(out, "{}\n{}\n", table.name, rows.columns() - 1);
    for (int i = 1; i < rows.columns(); ++i) switch (rows.type(i)) {
        case SQLITE_NULL:
          text_ += "n\n";
          break;
        case SQLITE_INTEGER:
          fmt::format_to(out, "i{}\n", rows.whole(i));
          break;
        case SQLITE_FLOAT:
          fmt::format_to(out, "r{:016x}\n", std::bit_cast<std::uint64_t>(rows.real(i)));
          break;
        default: {
          const bool is_text = rows.type(i) == SQLITE_TEXT;
          const auto bytes = is_text ? rows.text(i) : rows.blob(i);
          fmt::format_to(out, "{}{}:", is_text ? 't' : 'b', bytes.size());
          text_ += bytes;
          text_ += '\n';
        }
      }
    add(text_);
  }
  std::string hex() { return hash_.hex(); }

 private:
  void add(std::string_view bytes) { hash_.update(std::as_bytes(std::span(bytes))); }
  Sha256 hash_;
  std::string text_;
};

// Every chained table at once, each at its next row; commands come in order.
class Walk {
 public:
  explicit Walk(SQLite::Database& db) {
    const int schema = db.execAndGet("PRAGMA user_version").getInt();
    for (const auto& table : tables) {
      if (schema < table.since) continue;
      auto& cursor = cursors_.emplace_back(Cursor{&table, std::make_unique<Rows>(db.getHandle(), select(table))});
      cursor.there = cursor.rows->next();
    }
  }
  std::string link(std::string_view head, std::int64_t command) {
    LinkHash hash(head);
    for (auto& c : cursors_)
      for (; c.there && !c.rows->is_null(0) && c.rows->whole(0) == command; c.there = c.rows->next())
        hash.add_row(*c.table, *c.rows);
    return hash.hex();
  }
  // Tables with rows that no command was found for.
  std::vector<std::string> left() const {
    std::vector<std::string> out;
    for (const auto& c : cursors_)
      if (c.there) out.emplace_back(c.table->name);
    return out;
  }

 private:
  struct Cursor {
    const ChainedTable* table;
    std::unique_ptr<Rows> rows;
    bool there = false;
  };
  std::vector<Cursor> cursors_;
};

void insert_link(SQLite::Database& db, std::int64_t command, const std::string& head) {
  SQLite::Statement insert(db, "INSERT INTO link (command, schema, head) VALUES (?, 5, ?)");
  insert.bind(1, command);
  insert.bind(2, head);
  insert.exec();
}

}  // namespace

ChainMarks chain_marks(SQLite::Database& db) {
  ChainMarks out{};
  for (std::size_t i = 0; i < tables.size(); ++i)
    out[i] = db.execAndGet(fmt::format("SELECT coalesce(max({}), 0) FROM {} t", tables[i].number, tables[i].name))
                 .getInt64();
  return out;
}

std::string stored_head(SQLite::Database& db) {
  SQLite::Statement last(db, "SELECT head FROM link ORDER BY command DESC LIMIT 1");
  return last.executeStep() ? last.getColumn(0).getString() : zeros();
}

void add_link(SQLite::Database& db, std::int64_t command, const ChainMarks& before) {
  LinkHash hash(stored_head(db));
  for (std::size_t i = 0; i < tables.size(); ++i) {
    Rows rows(db.getHandle(), select(tables[i], before[i]));
    while (rows.next()) hash.add_row(tables[i], rows);
  }
  insert_link(db, command, hash.hex());
}

void add_links(SQLite::Database& db) {
  std::vector<std::int64_t> commands;
  for (SQLite::Statement all(db, "SELECT id FROM command ORDER BY id"); all.executeStep();)
    commands.push_back(all.getColumn(0).getInt64());
  std::vector<std::string> heads;
  {
    Walk walk(db);
    std::string head = zeros();
    for (const auto command : commands) heads.push_back(head = walk.link(head, command));
  }
  for (std::size_t i = 0; i < commands.size(); ++i) insert_link(db, commands[i], heads[i]);
}

ChainCheck check_chain(SQLite::Database& db) {
  ChainCheck out;
  std::vector<std::string>& problems = out.problems;
  Walk walk(db);
  std::string head = zeros();
  std::size_t broken = 0;
  // The links behind a broken one are held against the head that is stored, so that each is judged by its own rows.
  SQLite::Statement links(db, R"sql(
      SELECT c.id, c.at, c.text, l.head, l.schema FROM command c LEFT JOIN link l ON l.command = c.id
      UNION ALL SELECT l.command, NULL, NULL, l.head, l.schema FROM link l WHERE l.command NOT IN (SELECT id FROM command)
      ORDER BY 1)sql");
  for (std::int64_t expected = 1; links.executeStep(); ++expected) {
    const auto command = links.getColumn(0).getInt64();
    const std::string named = links.getColumn(1).isNull()
                                  ? fmt::format("command {}", command)
                                  : fmt::format("command {} ('{}', {})", command, links.getColumn(2).getString(),
                                                links.getColumn(1).getString());
    const std::string stored = links.getColumn(3).getString();
    out.head = walk.link(head, command);
    std::string fault;
    if (command != expected)
      fault = fmt::format("commands {} to {} are gone", expected, command - 1);
    else if (links.getColumn(1).isNull())
      fault = "the command is gone and its link is there";
    else if (stored.empty())
      fault = "the command has no link";
    else if (out.head != stored || links.getColumn(4).getInt() != first_chained_schema)
      fault = "its rows are not those that its link was made over";
    if (!fault.empty() && broken++ == 0) problems.push_back(fmt::format("the chain breaks at {}: {}", named, fault));
    expected = command;
    head = stored;
    out.heads.emplace_back(command, stored);
    ++out.commands;
  }
  if (broken > 1) problems.push_back(fmt::format("{} links of {} are broken", broken, out.commands));
  for (const auto& table : walk.left())
    problems.push_back(fmt::format("the table {} has rows that belong to no command, or not in their order", table));
  if (out.commands == 0) out.head = zeros();
  return out;
}

}  // namespace cotejo

// Tables in SQLite files. The first byte says what the rest is: 0 to 127 statements, which a plain connection runs (for a
// while) to make the file; else the file itself. Whatever the schema, nothing but cells comes out.
#include <sqlite3.h>

#include "cotejo/intake/records.hpp"
#include "fuzz.hpp"

namespace {

void make_database(const std::filesystem::path& file, const std::string& statements) {
  std::filesystem::remove(file);
  sqlite3* database = nullptr;
  if (sqlite3_open(file.c_str(), &database) == SQLITE_OK) {
    int left = 200;  // times 1,000 steps
    sqlite3_progress_handler(
        database, 1'000, [](void* steps) { return --*static_cast<int*>(steps) < 0 ? 1 : 0; }, &left);
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH, 1 << 20);
    sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_exec(database, "PRAGMA synchronous = OFF; PRAGMA writable_schema = ON;", nullptr, nullptr, nullptr);
    sqlite3_exec(database, statements.c_str(), nullptr, nullptr, nullptr);
  }
  sqlite3_close(database);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cotejo;
  if (size < 2) return 0;
  const auto rest = fuzz::text_of(data + 1, size - 1);
  const auto file = fuzz::folder().path() / "table.db";
  if (data[0] < 128)
    make_database(file, std::string(rest));
  else
    fuzz::folder().write("table.db", rest);
  for (const char* table : {"", "v"}) {
    auto records = Records::open(file, {.member = {}, .table = table});
    if (!records) {
      fuzz::check(records.error());
      continue;
    }
    for (int i = 0; i < 10'000; ++i) {
      const auto more = records->next();
      if (!more) fuzz::check(more.error());
      if (!more || !*more) break;
      if (records->fault()) continue;
      fuzz::require(records->cells().size() == records->header().size(), "a row without a fault has a cell per column");
      for (const auto cell : records->cells()) fuzz::require(is_utf8(cell), "a cell without a fault is UTF-8");
    }
  }
  return 0;
}

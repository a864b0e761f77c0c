// Tables in SQLite files. The first byte says what the rest is: 0 to 127 statements, which a plain connection runs (for a
// while) to make the file; else the file itself. Whatever the schema, nothing but cells comes out.
#include <sqlite3.h>

#include "rows.hpp"

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
  for (const char* table : {"", "v"}) fuzz::check_rows(file, {.member = {}, .table = table});
  return 0;
}

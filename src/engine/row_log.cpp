#include "cotejo/engine/row_log.hpp"

#include <fmt/format.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "cotejo/base/regular_file.hpp"

namespace cotejo {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view first_line = "cotejo rows 1\n";
constexpr std::size_t key_size = 64, head_size = first_line.size() + key_size + 1;
constexpr unsigned most_ranks = 4096;
constexpr std::uint64_t largest_log = 4ULL << 30;
constexpr std::size_t most_waiting = std::size_t{1} << 20;  // bytes, before they are written
constexpr auto longest_wait = std::chrono::milliseconds(500);

struct RecordHead {
  std::uint64_t call, width, row;
};

fs::path of_rank(const fs::path& path, unsigned rank) {
  return rank == 0 ? path : fs::path(path.string() + "." + std::to_string(rank));
}

// Fowler, Noll & Vo's hash: detects a record that was cut short, not one that was forged.
std::uint64_t check_of(std::string_view bytes) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : bytes) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

template <class T>
void append(std::string& to, const T& value) {
  to.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

struct RowLog::State {
  fs::path path;
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<double>> rows;  // by call and row
  std::ofstream out;
  std::mutex lock;
  std::string waiting;
  std::chrono::steady_clock::time_point written = std::chrono::steady_clock::now();
  std::uint64_t call = 0;
  std::optional<Error> problem;

  // Takes in the records of a file; how many of its bytes hold whole ones. Nothing when the file is of another run.
  std::optional<std::size_t> read(const std::string& bytes, const std::string& key) {
    if (bytes.size() < head_size)
      return first_line.starts_with(std::string_view(bytes).substr(0, first_line.size()))
                 ? std::optional<std::size_t>(0)
                 : std::nullopt;
    if (!bytes.starts_with(first_line) || bytes.compare(first_line.size(), key_size, key) != 0) return std::nullopt;
    std::size_t at = head_size;
    for (;;) {
      RecordHead head;
      if (bytes.size() - at < sizeof head) return at;
      std::memcpy(&head, bytes.data() + at, sizeof head);
      const std::size_t left = bytes.size() - at - sizeof head;
      if (left < sizeof(std::uint64_t) || head.width > (left - sizeof(std::uint64_t)) / sizeof(double)) return at;
      const std::size_t size = sizeof head + head.width * sizeof(double);
      std::uint64_t check = 0;
      std::memcpy(&check, bytes.data() + at + size, sizeof check);
      if (check != check_of(std::string_view(bytes).substr(at, size))) return at;
      std::vector<double> values(head.width);
      std::memcpy(values.data(), bytes.data() + at + sizeof head, head.width * sizeof(double));
      rows.insert_or_assign({head.call, head.row}, std::move(values));
      at += size + sizeof check;
    }
  }

  void write() {
    if (waiting.empty() || problem) return;
    out.write(waiting.data(), static_cast<std::streamsize>(waiting.size()));
    if (!out.flush())
      problem = Error{.code = ErrorCode::file_write,
                      .message = "rows can no longer be kept",
                      .file = path.string(),
                      .remedy = "Check the free space; the run can be resumed from the rows written before."};
    waiting.clear();
    written = std::chrono::steady_clock::now();
  }
};

RowLog::RowLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowLog::RowLog(RowLog&&) noexcept = default;
RowLog& RowLog::operator=(RowLog&&) noexcept = default;
RowLog::~RowLog() {
  if (state_) state_->write();
}

Result<RowLog> RowLog::open(const fs::path& path, const std::string& key, unsigned rank) {
  auto state = std::make_unique<State>();
  state->path = of_rank(path, rank);
  std::size_t whole = 0;
  for (unsigned r = 0; r < most_ranks; ++r) {
    if (!fs::exists(of_rank(path, r))) {
      if (r > rank) break;
      continue;
    }
    COTEJO_TRY(bytes, read_regular(of_rank(path, r), largest_log));
    const auto good = state->read(bytes, key);
    if (!good)
      return Error{.code = ErrorCode::conflict,
                   .message = "the file keeps rows of another run (method, inputs, options, seed or version differ)",
                   .file = of_rank(path, r).string(),
                   .remedy = "Name another file, or remove it."};
    if (r == rank) whole = *good;
  }
  std::error_code failed;
  if (whole == 0) {
    state->out.open(state->path, std::ios::binary | std::ios::trunc);
    state->out << first_line << key << '\n';
  } else {
    fs::resize_file(state->path, whole, failed);
    state->out.open(state->path, std::ios::binary | std::ios::app);
  }
  if (failed || !state->out.flush())
    return Error{.code = ErrorCode::file_write,
                 .message = "the file for rows cannot be written",
                 .file = state->path.string(),
                 .remedy = "Check the folder and the free space."};
  return RowLog(std::move(state));
}

std::size_t RowLog::rows_found() const {
  return state_->rows.size();
}

std::optional<Error> RowLog::problem() const {
  const std::scoped_lock lock(state_->lock);
  return state_->problem;
}

void RowLog::begin(std::size_t n, std::size_t width, std::span<double> rows, std::span<char> have) {
  for (auto at = state_->rows.lower_bound({state_->call, 0}); at != state_->rows.end(); ++at) {
    const auto& [call, row] = at->first;
    if (call != state_->call) break;
    if (row >= n || at->second.size() != width) continue;
    std::copy(at->second.begin(), at->second.end(), rows.begin() + static_cast<std::ptrdiff_t>(row * width));
    have[row] = 1;
  }
}

void RowLog::keep(std::size_t row, std::span<const double> values) {
  std::string record;
  append(record, RecordHead{state_->call, values.size(), row});
  record.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  append(record, check_of(record));
  const std::scoped_lock lock(state_->lock);
  state_->waiting += record;
  if (state_->waiting.size() > most_waiting || std::chrono::steady_clock::now() - state_->written > longest_wait)
    state_->write();
}

void RowLog::end() {
  const std::scoped_lock lock(state_->lock);
  state_->write();
  ++state_->call;
}

void remove_rows(const fs::path& path) {
  std::error_code ignored;
  for (unsigned r = 0; r < most_ranks; ++r)
    if (!fs::remove(of_rank(path, r), ignored) && r > 0) break;
}

}  // namespace cotejo

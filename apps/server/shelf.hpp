// The case as the server holds it: counts loaded once and shared, never changed; reading on connections that one thread
// has at a time; one writer.
//
// Another program may write to the case meanwhile: every request asks the case for the latest revision, and a new one
// is loaded when it is first asked for. Those that were asked for last stay in memory, as many as fit into `most_bytes`
// (one always does).
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cotejo/casefile/casefile.hpp"
#include "cotejo/engine/case_run.hpp"
#include "cotejo/vote/tally.hpp"

namespace cotejo::server {

struct Defect {
  std::string field, value, rule;
};

// One revision of one count, and what is looked up in it.
class Shelved {
 public:
  Shelved(std::shared_ptr<const Count> count, int revision, std::optional<Rule> rule);

  const Count& count() const { return *count_; }
  std::shared_ptr<const Count> shared() const { return count_; }
  int revision() const { return revision_; }
  const std::optional<Rule>& rule() const { return rule_; }
  std::optional<UnitIndex> find(std::string_view key) const { return lookup_.find(key); }
  const std::vector<std::int64_t>& valid() const { return valid_; }
  const std::vector<std::int64_t>& cast() const { return cast_; }  // 0 unless the count knows it

  const std::vector<PlaceIndex>& children(PlaceIndex place) const;  // no_place: the top
  const Tally& total(PlaceIndex place) const;                       // of everything in it
  std::size_t own_units(PlaceIndex place) const;
  Tally total_of(const std::vector<UnitIndex>& units) const;

  // The table `defects` of the method `arithmetic`, by unit; run when it is first asked for. Errors: the method's.
  Result<const std::vector<Defect>*> defects(std::string_view key, const Context& context) const;

  // What `draw` gives for these two columns; drawn once and kept, for the last few.
  Result<std::string> picture(const std::string& x, const std::string& y,
                              const std::function<Result<std::string>()>& draw) const;

 private:
  void add(Tally& tally, UnitIndex unit) const;

  std::shared_ptr<const Count> count_;
  int revision_;
  std::optional<Rule> rule_;
  UnitLookup lookup_;
  std::vector<std::int64_t> valid_, cast_;
  std::vector<std::vector<PlaceIndex>> children_;  // the last one: the top
  std::vector<Tally> totals_;
  std::vector<std::size_t> own_units_;
  mutable std::mutex defects_mutex_;
  mutable bool defects_known_ = false;
  mutable std::unordered_map<std::string, std::vector<Defect>> defects_;
  mutable std::mutex pictures_mutex_;
  mutable std::map<std::pair<std::string, std::string>, std::string> pictures_;
};

class Shelf {
 public:
  static constexpr std::size_t most_bytes = 2u << 30;

  Shelf(std::filesystem::path path, bool read_only) : path_(std::move(path)), read_only_(read_only) {}

  const std::filesystem::path& path() const { return path_; }
  bool read_only() const { return read_only_; }

  // Runs `work` with a connection that no other thread has meanwhile.
  template <class T>
  Result<T> read(const std::function<Result<T>(const CaseFile&)>& work) {
    COTEJO_TRY(connection, borrow());
    auto out = work(connection);
    give_back(std::move(connection));
    return out;
  }

  // One transaction. Errors: forbidden (served read-only).
  Result<void> write(std::string_view command, const std::function<Result<void>(CaseFile&)>& work);

  // Whether the case names this file as something that was imported; true where that cannot be read.
  bool names_source(const std::filesystem::path& file);

  // "ID" (the latest revision) or "ID@REVISION".
  Result<std::shared_ptr<const Shelved>> count(const CaseFile& file, const std::string& id);
  Result<std::shared_ptr<const Shelved>> count(const std::string& id);

  // Loads what the case holds in advance, as much as fits; returns when `stop` is set, after the count that is being loaded.
  // What cannot be loaded is skipped here; the request that needs it gets the error.
  void warm_up(const Context& context, const std::atomic<bool>& stop);

 private:
  struct Slot {
    std::mutex mutex;
    std::shared_ptr<const Shelved> shelved;
    std::uint64_t used = 0;
    std::size_t bytes = 0;  // under slots_mutex_
  };
  void make_room(const Slot& newest, std::size_t bytes);
  Result<CaseFile> borrow();
  void give_back(CaseFile connection);

  std::filesystem::path path_;
  bool read_only_;
  std::mutex connections_mutex_, slots_mutex_, writer_;
  std::vector<CaseFile> connections_;
  std::map<std::string, std::shared_ptr<Slot>> slots_;
  std::uint64_t uses_ = 0;
};

}  // namespace cotejo::server

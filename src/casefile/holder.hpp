// Who is writing to a case: a note beside it (CASE.holder) that counts only while its lock is held; the note of a process
// that was killed is ignored.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace cotejo {

class HolderNote {
 public:
  // Writes the note and locks it; a folder that cannot be written to has none.
  HolderNote(const std::filesystem::path& case_path, std::string_view command, std::string_view since);
  ~HolderNote();
  HolderNote(const HolderNote&) = delete;
  HolderNote& operator=(const HolderNote&) = delete;

 private:
  std::filesystem::path path_;
  int file_ = -1;
};

// "process 123 on HOST (import, since 2020-...)", or "another process" when there is no note with a living owner.
std::string holder_of(const std::filesystem::path& case_path);

}  // namespace cotejo

#include "holder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>

#include "cotejo/base/text.hpp"

namespace cotejo {

namespace {

std::filesystem::path note_of(const std::filesystem::path& case_path) {
  return case_path.string() + ".holder";
}

}  // namespace

HolderNote::HolderNote(const std::filesystem::path& case_path, std::string_view command, std::string_view since)
    : path_(note_of(case_path)) {
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (file_ < 0) return;
  if (flock(file_, LOCK_EX | LOCK_NB) != 0) {  // someone reads it just now; a case without a note is held all the same
    close(file_);
    file_ = -1;
    return;
  }
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  const std::string text =
      fmt::format("process {} on {} ({}, since {})", getpid(), host.data(), printable(command, 100), since);
  const bool written =
      ftruncate(file_, 0) == 0 && write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written && ftruncate(file_, 0) != 0) unlink(path_.c_str());  // on a full disk: no note rather than half of one
}

HolderNote::~HolderNote() {
  if (file_ < 0) return;
  unlink(path_.c_str());
  close(file_);
}

std::string holder_of(const std::filesystem::path& case_path) {
  const std::string nobody = "another process";
  const int file = open(note_of(case_path).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (file < 0) return nobody;
  const bool alive = flock(file, LOCK_SH | LOCK_NB) != 0;
  std::array<char, 500> text{};
  const auto got = read(file, text.data(), text.size());
  close(file);
  return alive && got > 0 ? printable(std::string_view(text.data(), static_cast<std::size_t>(got)), 300) : nobody;
}

}  // namespace cotejo

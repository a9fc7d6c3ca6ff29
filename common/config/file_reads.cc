#include "common/config/file_reads.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace common::config {

struct FileReads::Shared {
  struct File {
    bool is_being_read = false;
    bool is_wanted_again = false;
    std::optional<Result<std::string>> content{};
  };

  explicit Shared(Read how) : read(std::move(how)) {}

  void ReadUntilNobodyAsks(const std::string& path);
  /// With the lock held.
  [[nodiscard]] bool HasEnded(const std::string& path) const {
    const auto found = files.find(path);
    return found != files.end() && found->second.content;
  }

  const Read read;
  std::mutex mutex;  ///< Guards the next.
  std::map<std::string, File> files;
  std::condition_variable ended;
};

void FileReads::Shared::ReadUntilNobodyAsks(const std::string& path) {
  bool is_wanted = true;
  while (is_wanted) {
    Result<std::string> content = Error{Remedy::kReject, "file", "no memory"};
    try {
      content = read(path);
    } catch (...) {  // NOLINT(bugprone-empty-catch): nothing here may need memory.
    }
    const std::lock_guard lock(mutex);
    File& file = files.find(path)->second;
    is_wanted = std::exchange(file.is_wanted_again, false);
    if (is_wanted) continue;
    file.is_being_read = false;
    file.content = std::move(content);
    ended.notify_all();
  }
}

FileReads::FileReads(Read read) : shared_(std::make_shared<Shared>(std::move(read))) {}

void FileReads::Begin(const std::string& path) {
  const std::lock_guard lock(shared_->mutex);
  Shared::File& file = shared_->files[path];
  file.content.reset();
  if (file.is_being_read) {
    file.is_wanted_again = true;
    return;
  }
  try {
    std::thread([shared = shared_, path] { shared->ReadUntilNobodyAsks(path); }).detach();
    file.is_being_read = true;
  } catch (const std::system_error& error) {
    file.content = Error{Remedy::kReject, "file",
                         "the file " + path + " cannot be read: no thread: " + error.what()};
  }
}

bool FileReads::AwaitAny(std::span<const std::string> paths, Deadline deadline) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->ended.wait_until(lock, deadline.at(), [&] {
    return std::ranges::any_of(paths,
                               [&](const std::string& path) { return shared_->HasEnded(path); });
  });
}

bool FileReads::HasEnded(const std::string& path) const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->HasEnded(path);
}

std::optional<Result<std::string>> FileReads::Find(const std::string& path) const {
  const std::lock_guard lock(shared_->mutex);
  const auto found = shared_->files.find(path);
  if (found == shared_->files.end()) return std::nullopt;
  return found->second.content;
}

void FileReads::Forget() {
  const std::lock_guard lock(shared_->mutex);
  for (auto& [path, file] : shared_->files) file.content.reset();
}

}  // namespace common::config

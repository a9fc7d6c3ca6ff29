#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

namespace ingest {

/// A file system for SQLite, on top of the real one, that fails on request and can lose its power.
///
/// Written data is visible immediately but on the disk only after a sync. A failed sync forgets its
/// data: they remain visible, the next sync has nothing to do, and a power cut loses them. Linux
/// behaves like this since 4.13.
///
/// Threads: any.
class FaultyDisk {
 public:
  enum class Kind { kOpen, kRead, kWrite, kTruncate, kSync, kDelete };
  struct Call {
    Kind kind = Kind::kRead;
    bool is_log = false;      ///< The write-ahead log, not the table's file.
    int opening = 0;          ///< Counts the files that were opened, from 1.
    int number = 0;           ///< Counts all calls that change something, from 1.
    std::int64_t offset = 0;  ///< Of a read.
  };
  enum class DiskFault {
    kNone,
    kFull,        ///< ENOSPC.
    kError,       ///< EIO.
    kNoMemory,    ///< Only for a read; a write succeeds.
    kHalf,        ///< Only for a write: writes the first half, then ENOSPC.
    kDie,         ///< SIGKILL to this process, before anything is done.
    kDieHalfway,  ///< Only for a write: after its first half.
  };
  using Rule = std::function<DiskFault(const Call&)>;

  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  /// For SpoolDatabase::Options::vfs.
  [[nodiscard]] const std::string& name() const { return name_; }

  void SetRule(Rule rule);
  /// Makes every call of this kind fail like this.
  void Fail(Kind kind, DiskFault fault);
  void Mend() { SetRule({}); }

  /// The number of calls so far that change something.
  [[nodiscard]] int changes() const;
  /// The number of files opened so far.
  [[nodiscard]] int openings() const;

  /// Resets every file to its content on the disk. No file may be open.
  void CutPower();

 private:
  struct Image {
    std::map<std::int64_t, std::string> pages{};  ///< The content on the disk.
    std::int64_t size = 0;
    std::set<std::int64_t> dirty{};
  };
  friend struct FaultyFile;
  friend struct FaultyCalls;

  DiskFault Ask(Kind kind, bool is_log, int opening = 0, std::int64_t offset = 0);
  void Opened(const std::string& path);
  void Written(const std::string& path, std::int64_t offset, int size);
  void Synced(const std::string& path, bool is_done);

  std::string name_;
  std::unique_ptr<sqlite3_vfs> vfs_;
  mutable std::mutex mutex_;
  Rule rule_;
  int changes_ = 0;
  int openings_ = 0;
  std::map<std::string, Image> images_;
};

}  // namespace ingest
